"""Every permit in force, and those that await a grant: who may read for what, until when."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.kernel.errors import NotFound, UsageError
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render

MOST = 200


@page("governance/permits/", need=right("grant"), purpose="Seeing which permits are in force, granting and revoking",
      audit="permit.list", forms=True, personal=True)  # fmt: skip
def permits_in_force(visit: Visit) -> HttpResponse:
    """List permits by who holds them and for what; grant one, or take one back. Whom a permit is about is not shown."""
    workspace, do, error = visit.workspace, visit.field("do"), ""
    if visit.posted and do in ("grant", "revoke"):
        act = workspace.permits.grant if do == "grant" else workspace.permits.revoke
        try:
            act(visit.field("permit", 40), visit.visitor.actor)
            return go_to("permits_in_force")
        except (UsageError, NotFound) as fault:  # somebody else was quicker
            error = fault.message
    actor, purpose = visit.field("actor", 150), visit.field("purpose", 60)
    workspace.note("permit.list", limit=MOST)
    found = workspace.records.permits_open(visit.site.now, actor or None, purpose or None, MOST)
    requested = [each for each in found if each.state == "requested"]
    registry = workspace.registry
    return render(
        visit, "governance/permits.html", title="Permits", requested=requested,
        standing=[each for each in found if each.state == "granted"], most=MOST, number=len(found), registry=registry,
        purposes={"": "Any", **{name: each.title for name, each in sorted(registry.purpose.items())}},
        actor=actor, purpose=purpose, error=error, status=409 if error else 200,
    )  # fmt: skip
