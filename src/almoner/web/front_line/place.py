"""The place where somebody lives now: who is registered there, and what is stated of the place itself."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.front_line.handles import Opening, handle_for
from almoner.web.front_line.opened import on_open_record
from almoner.web.front_line.reasons import PURPOSE
from almoner.web.pages import Visit, page, serves
from almoner.web.rendering import render
from almoner.wiring.looking_up import look_up_place


@page("people/<str:handle>/place/", need=serves(PURPOSE), purpose="Seeing what is known of where somebody lives",
      audit="run", personal=True)  # fmt: skip
@on_open_record
def place(visit: Visit, opening: Opening) -> HttpResponse:
    """Show the place."""
    view = look_up_place(visit.workspace, opening.person_id, opening.purpose, opening.reason, opening.permit_id)
    return render(
        visit, "front_line/place.html", title="Place", view=view, opening=opening,
        handles={each.person_id: handle_for(visit, each.person_id) for each in view.registered},
        named=visit.session.get("titles", {}).get(opening.handle, {}),
    )  # fmt: skip
