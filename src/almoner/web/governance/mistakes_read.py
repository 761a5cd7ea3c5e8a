"""Mistakes that workers have reported: answered here, and sent on to the source."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.kernel.errors import UsageError
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.mistakes import ANSWERS, KINDS, answer_mistake, reported_mistakes


@page("governance/mistakes/", need=right("quarantine"), purpose="Putting mistakes right", audit="mistake.list",
      forms=True, personal=True)  # fmt: skip
def mistakes_read(visit: Visit) -> HttpResponse:
    """List reported mistakes; take what became of one."""
    error = ""
    if visit.posted:
        try:
            answer_mistake(visit.workspace, visit.field("report"), visit.field("state"), visit.field("answer", 1000))
            return go_to("mistakes_read")
        except UsageError as fault:
            error = fault.message
    found = reported_mistakes(visit.workspace)
    return render(
        visit, "governance/mistakes.html", title="Reported mistakes", mistakes=found, kinds=KINDS, answers=ANSWERS,
        error=error, status=400 if error else 200,
    )  # fmt: skip
