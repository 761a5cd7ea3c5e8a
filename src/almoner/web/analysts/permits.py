"""One's own permits: what is in force and until when, asking for one, giving one back."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.granting import LEAST_REASON
from almoner.kernel.errors import AccessRefused, UsageError
from almoner.registry.governing import Purpose
from almoner.web.pages import SIGNED_IN, Visit, go_to, page
from almoner.web.rendering import render

MOST = 100
NO_PROJECT = "none"


@page("account/permits/", need=SIGNED_IN, purpose="Seeing, asking for and giving back one's own permits",
      audit="permit.request", forms=True)  # fmt: skip
def own_permits(visit: Visit) -> HttpResponse:
    """List the visitor's permits; ask for one, or give one back."""
    workspace, errors = visit.workspace, {}
    if visit.posted and visit.field("do") == "revoke":
        found = workspace.records.permit(visit.field("permit", 40))
        if found is not None and found.actor == visit.visitor.actor:
            workspace.permits.revoke(found.id, visit.visitor.actor)
        return go_to("own_permits")
    purposes = _requestable(visit)
    if visit.posted:
        errors = _request(visit, purposes)
        if not errors:
            return go_to("own_permits")
    registry, now = workspace.registry, visit.site.now
    listed = workspace.records.permits_open(now, visit.visitor.actor, None, MOST)
    projects = {name: each.title for name, each in registry.project.items() if each.purpose in purposes}
    return render(
        visit, "analysts/permits.html", title="Your permits", permits=listed, most=MOST, registry=registry,
        purposes={name: each.title for name, each in purposes.items()}, projects={NO_PROJECT: "None", **projects},
        errors=errors, purpose=visit.field("purpose"), project=visit.field("project") or NO_PROJECT,
        reason=visit.field("reason", 500), status=400 if errors else 200,
    )  # fmt: skip


def _requestable(visit: Visit) -> dict[str, Purpose]:
    """Give the purposes for which a permit is asked for here: not those about one person, who are opened one by one."""
    declared = visit.workspace.registry.purpose
    return {name: declared[name] for name in sorted(visit.visitor.purposes) if declared[name].scope != "one_person"}


def _request(visit: Visit, purposes: dict[str, Purpose]) -> dict[str, str]:
    purpose, project, reason = visit.field("purpose"), visit.field("project"), visit.field("reason", 500)
    errors = {}
    if purpose not in purposes:
        errors["purpose"] = "Select what the permit is for"
    if len(reason) < LEAST_REASON:
        errors["reason"] = f"Say why you need it, in at least {LEAST_REASON} characters"
    if errors:
        return errors
    try:
        named = None if project in ("", NO_PROJECT) else project
        visit.workspace.permits.request(visit.visitor.actor, purpose, reason, project=named)
    except (UsageError, AccessRefused) as error:
        if purpose not in visit.visitor.purposes:
            raise
        return {"project": f"{error.message} {error.why}".strip()}
    return {}
