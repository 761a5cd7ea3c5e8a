"""Statements to everybody: how to ask for one's data, how to complain, and how accessible the service is."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.notice.wording_law import ACKNOWLEDGE_DAYS, REGULATOR, REGULATOR_COMPLAINTS, REGULATOR_TELEPHONE
from almoner.web.pages import EVERYBODY, Visit, page
from almoner.web.rendering import render


@page("your-data/", need=EVERYBODY, purpose="Saying how to ask for one's own data")
def your_data(visit: Visit) -> HttpResponse:
    """Say how to ask for one's data, and for its correction."""
    return render(visit, "public/your_data.html", title="Ask for the information we hold about you")


@page("complaints/", need=EVERYBODY, purpose="Saying how to complain")
def complaints(visit: Visit) -> HttpResponse:
    """Say how to complain, here and to the regulator."""
    return render(
        visit, "public/complaints.html", title="Complain about how we use your information",
        days=ACKNOWLEDGE_DAYS, regulator=REGULATOR, regulator_page=REGULATOR_COMPLAINTS,
        regulator_telephone=REGULATOR_TELEPHONE,
    )  # fmt: skip


@page("accessibility/", need=EVERYBODY, purpose="Saying how accessible the service is")
def accessibility(visit: Visit) -> HttpResponse:
    """Show the accessibility statement."""
    return render(visit, "public/accessibility.html", title="Accessibility statement")
