"""Reviews of break-glass: each use is looked at by a second person, who says whether it was justified."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.audit import EventFilter
from almoner.governance.granting import LEAST_REASON
from almoner.kernel.errors import NotFound
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render

NEED = right("break_glass_review")
FINDINGS = {"justified": "Justified", "not justified": "Not justified", "more": "Not clear: taken further"}


@page("governance/emergencies/", need=NEED, purpose="Reviewing uses of break-glass", audit="break_glass.list")
def emergencies(visit: Visit) -> HttpResponse:
    """List the uses of break-glass, those that await a review first."""
    visit.workspace.note("break_glass.list")
    cases = visit.workspace.records.cases()
    return render(
        visit, "governance/emergencies.html", title="Emergency access", cases=cases, actor=visit.visitor.actor
    )


@page("governance/emergencies/<str:case_id>/", need=NEED, purpose="Reviewing a use of break-glass",
      audit="break_glass.read", forms=True, personal=True)  # fmt: skip
def emergency_case(visit: Visit, case_id: str) -> HttpResponse:
    """Show a use of break-glass with its reason and what was read under it; take the review."""
    workspace = visit.workspace
    case = next((each for each in workspace.records.cases() if each.id == case_id), None)
    permit = workspace.records.permit(case.permit_id) if case else None
    if case is None or permit is None:
        raise NotFound("There is no such use of break-glass.")
    finding, words, errors = visit.field("finding"), visit.field("words", 1000), {}
    if visit.posted:
        if finding not in FINDINGS:
            errors["finding"] = "Select what you found"
        if len(words) < LEAST_REASON:
            errors["words"] = "Say why, and what follows"
        if not errors:
            workspace.permits.review_emergency(case_id, visit.visitor.actor, f"{FINDINGS[finding]}: {words}")
            return go_to("emergencies")
    workspace.note("break_glass.read", subjects=permit.subjects, case=case.id)
    events = list(workspace.audit.events(EventFilter(permit_id=permit.id)))
    registry = workspace.registry
    named = {name for each in events for name in each.event.datasets}
    read = [f"{registry.source_of(d).title}: {d.title}" for d in registry.datasets() if d.full_name in named]
    return render(
        visit, "governance/emergency_case.html", title="Review of emergency access", case=case, permit=permit,
        events=events, read=read, findings=FINDINGS, finding=finding, words=words, errors=errors,
        status=400 if errors else 200, own=case.actor == visit.visitor.actor,
    )  # fmt: skip
