"""Sharing in an emergency: what is held of one person goes to a recipient at once, and a second person reviews it."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.granting import LEAST_REASON
from almoner.web.front_line.handles import Opening
from almoner.web.front_line.opened import on_open_record
from almoner.web.governance.sharing import file_answer
from almoner.web.pages import Visit, page, right
from almoner.web.rendering import render
from almoner.wiring.sharing import emergency_office_of

LONGEST = 1000


@page("people/<str:handle>/share/", need=right("share_emergency"), purpose="Sharing to protect somebody at once",
      audit="share.emergency", forms=True, personal=True, fresh=True)  # fmt: skip
@on_open_record
def share_urgently(visit: Visit, opening: Opening) -> HttpResponse:
    """Say what goes to whom and what follows; give out the file that only the recipient can open."""
    registry = visit.workspace.registry
    urgent = {each.name: each for each in registry.sharing.values() if each.kind == "emergency"}
    chosen, words, errors = visit.field("sharing"), visit.field("words", LONGEST), {}
    if visit.posted:
        if chosen not in urgent:
            errors["sharing"] = "Select to whom it goes"
        if len(words) < LEAST_REASON:
            errors["words"] = "Say what the danger or the duty is, and why it can't wait"
        if visit.field("understood") != "yes":
            errors["understood"] = "Confirm that you understand what follows"
        if not errors:
            return file_answer(emergency_office_of(visit.workspace).emergency(chosen, opening.person_id, words))
    return render(
        visit, "front_line/share.html", title="Share in an emergency", opening=opening, registry=registry,
        urgent={name: f"{registry.recipient[each.recipient].title}: {each.title}" for name, each in urgent.items()},
        chosen=chosen, words=words, errors=errors, status=400 if errors else 200,
        named=visit.session.get("titles", {}).get(opening.handle, {}),
    )  # fmt: skip
