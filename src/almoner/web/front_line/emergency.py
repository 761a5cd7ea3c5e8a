"""Break-glass: wider sight of one person in an emergency, at once, for a few hours; and what follows from it."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.granting import EMERGENCY_HOURS, LEAST_REASON
from almoner.kernel.errors import NotFound
from almoner.web.front_line.handles import close, find, open_with
from almoner.web.front_line.opened import note_opened
from almoner.web.front_line.reasons import PURPOSE
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import render

EMERGENCY = "emergency"
"""The purpose under which the glass is broken."""


@page("people/<str:handle>/emergency/", need=serves(PURPOSE), purpose="Protecting somebody in an emergency",
      audit="break_glass.open", forms=True, personal=True)  # fmt: skip
def emergency(visit: Visit, handle: str) -> HttpResponse:
    """Say what follows from emergency access; give it."""
    opening = find(visit, handle)
    words, error = visit.field("words", 1000), ""
    if visit.posted and len(words) < LEAST_REASON:
        error = "Say what the danger is, and why nothing less will do"
    elif visit.posted and visit.field("understood") != "yes":
        error = "Confirm that you understand what follows"
    elif visit.posted:
        permit, _case = visit.workspace.permits.break_glass(visit.visitor.actor, opening.person_id, words, EMERGENCY)
        open_with(visit, handle, permit.id, EMERGENCY, words, emergency=True)
        note_opened(visit, handle)
        return go_to("record", handle=handle)
    return render(
        visit, "front_line/emergency.html", title="Emergency access", opening=opening, words=words, error=error,
        hours=EMERGENCY_HOURS, named=visit.session.get("titles", {}).get(handle, {}), status=400 if error else 200,
    )  # fmt: skip


@page("emergency-access/", need=serves(PURPOSE), purpose="Seeing what became of one's own emergency access",
      forms=True)  # fmt: skip
def own_emergencies(visit: Visit) -> HttpResponse:
    """List a worker's own uses of break-glass with their reviews; end one that is still in force."""
    records, actor = visit.workspace.records, visit.visitor.actor
    cases = [case for case in records.cases() if case.actor == actor]
    permits = {permit.id: permit for permit in records.permits(actor) if permit.break_glass}
    if visit.posted:
        chosen = visit.field("permit")
        if chosen not in permits:
            raise NotFound("There is no such emergency access of yours.")
        visit.workspace.permits.revoke(chosen, actor)
        for handle, each in list(visit.session.get("handles", {}).items()):
            if each.get("permit_id") == chosen:
                close(visit, handle)
        return go_to("own_emergencies")
    return render(
        visit, "front_line/own_emergencies.html", title="Your emergency access", cases=cases, permits=permits,
        now=visit.site.now,
    )  # fmt: skip
