"""The notice that stands, and where what is held or done has come apart from it."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.noticing import notice_drift as drift_of
from almoner.wiring.noticing import write_notice


@page("governance/notice/", need=right("notice"), purpose="Checking that the notice is true", audit="notice.check",
      forms=True)  # fmt: skip
def notice_drift(visit: Visit) -> HttpResponse:
    """Show the drift; build the notice's files anew where that is asked for."""
    if visit.posted:
        write_notice(visit.workspace, None)
        return go_to("notice_drift")
    found = drift_of(visit.workspace)
    errors = sum(each.severity == "error" for each in found)
    return render(visit, "governance/notice.html", title="Notice and drift", found=found, errors=errors)
