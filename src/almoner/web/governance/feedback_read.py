"""What readers said of the public pages."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.pages import PAGES, Visit, page, right
from almoner.web.rendering import render

MOST = 200


@page("governance/feedback/", need=right("notice"), purpose="Reading what people say of the public pages",
      audit="feedback.read", personal=True)  # fmt: skip
def feedback_read(visit: Visit) -> HttpResponse:
    """List feedback, newest first."""
    found = visit.site.reports.feedback(MOST)
    visit.workspace.note("feedback.read", read=len(found))
    return render(visit, "governance/feedback.html", title="Feedback", feedback=found, pages=PAGES)
