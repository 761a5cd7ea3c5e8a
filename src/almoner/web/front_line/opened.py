"""What every page of an open record does first: whether it is open, and whether the person still is who they were.

Records are joined anew while pages are open: people are merged and split, and some are no longer held. The next click
says so, and what was typed about somebody who is no more is not taken.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from almoner.kernel.errors import NotFound
from almoner.web.front_line.handles import Opening, close, find, handle_for, note_joined
from almoner.web.pages import Visit, go_to
from almoner.web.rendering import render
from almoner.wiring.caseload import is_followed
from almoner.wiring.looking_up import happened_to, joined_now

View = Callable[..., HttpResponse]
"""Takes the visit, the opening and what else stands in the address."""
RECORD = "record"


def on_open_record(view: View) -> Callable[..., HttpResponse]:
    """Let a page answer where its record is open, and the person is still who they were when it was opened."""

    @functools.wraps(view)
    def answered(visit: Visit, handle: str, **named: str) -> HttpResponse:
        opening = find(visit, handle)
        if opening.permit_id is None:
            return go_to("open_record", handle=handle)
        try:
            if visit.page.name != RECORD and _has_changed(visit, opening):
                return go_to(RECORD, handle=handle)
            return view(visit, opening, **named)
        except NotFound as error:
            if error.became is None:
                raise
            return _gone(visit, opening, error.became)

    return answered


def note_opened(visit: Visit, handle: str) -> None:
    """Note how things stand with a person whose record is being opened, so that it is seen when that changes."""
    opening = find(visit, handle)
    _there, happened = happened_to(visit.workspace, opening.person_id, opening.permit_id)
    note_joined(visit, handle, joined_now(visit.workspace), map(_name, happened))


def happened_meanwhile(visit: Visit, opening: Opening) -> tuple[bool, list[dict[str, Any]]]:
    """Say whether the person is still there, and what has happened to them since their record was last seen.

    It is looked at only where records were joined anew meanwhile; it is told once.
    """
    number = joined_now(visit.workspace)
    if opening.joined == number:
        return True, []
    there, every = happened_to(visit.workspace, opening.person_id, opening.permit_id)
    known = opening.happened if opening.joined else tuple(map(_name, every))  # opened by a program: nothing was noted
    new = [each for each in every if _name(each) not in known]
    if visit.page.name == RECORD or (there and not new):
        note_joined(visit, opening.handle, number, map(_name, every))
    return there, new


def _name(happened: dict[str, Any]) -> str:
    return f"{happened['kind']}|{happened['other_person_id']}"


def _has_changed(visit: Visit, opening: Opening) -> bool:
    if happened_meanwhile(visit, opening) == (True, []):
        return False
    if visit.posted:
        visit.session["unsent"] = opening.handle
    return True


def _gone(visit: Visit, opening: Opening, became: tuple[str, ...]) -> HttpResponse:
    close(visit, opening.handle)
    visit.session.get("titles", {}).pop(opening.handle, None)
    visit.session.modified = True
    return render(
        visit, "front_line/gone.html", title="This record is no longer there", status=404,
        handles=[handle_for(visit, other) for other in became],
        followed=is_followed(visit.workspace, opening.person_id),
    )  # fmt: skip
