"""Contest one fact of a record: by the worker, or by the person through the worker. Governance decides about it."""

from __future__ import annotations

import hashlib

from django.http import HttpResponse

from almoner.kernel.errors import NotFound, UsageError
from almoner.single_view.person import PersonView, ShownFact
from almoner.web.front_line.handles import Opening
from almoner.web.front_line.opened import on_open_record
from almoner.web.front_line.reasons import LEAST_WORDS, PURPOSE
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import render
from almoner.wiring.contesting import Contestable, contestable
from almoner.wiring.looking_up import look_up
from almoner.wiring.mistakes import contest, contested_marks

BY = {"person": "The person says that it is wrong", "worker": "I know or believe that it is wrong"}
"""Who contests a fact, as the form asks."""


def tokens_of(visit: Visit, handle: str, view: PersonView) -> tuple[dict[str | ShownFact, str], set[str | ShownFact]]:
    """Give what an address says instead of each fact, good for this session; and which facts are contested."""
    facts = contestable(visit.workspace, view)
    marks = contested_marks(visit.workspace, view.identity["person_id"])
    tokens = {shown: _token(handle, each) for shown, each in facts.items()}
    return tokens, {shown for shown, each in facts.items() if each.mark in marks}


@page("people/<str:handle>/contest/<str:fact>/", need=serves(PURPOSE), purpose="Contesting a fact of a record",
      audit="mistake.report", forms=True, personal=True)  # fmt: skip
@on_open_record
def contest_fact(visit: Visit, opening: Opening, fact: str) -> HttpResponse:
    """Ask who contests the fact, and what it should be; keep that."""
    view = look_up(visit.workspace, opening.person_id, opening.purpose, opening.reason, opening.permit_id)
    meant = next((each for each in contestable(visit.workspace, view).values() if _token(opening.handle, each) == fact),
                 None)  # fmt: skip
    if meant is None:
        raise NotFound(
            "This fact is no longer shown as it was.", why="Its source may have changed it.", todo="Look again."
        )
    errors: dict[str, str] = {}
    by, should_be, words = visit.field("by"), visit.field("should_be", 300), visit.field("words", 2000)
    if visit.posted:
        if by not in BY:
            errors["by"] = "Select who says that it is wrong"
        if not should_be:
            errors["should_be"] = "Say what it should be; where it should not be there at all, say so"
        if len(words) < LEAST_WORDS:
            errors["words"] = "Say how you know, in at least 10 characters"
        if not errors:
            try:
                contest(visit.workspace, opening.person_id, meant, by, should_be, words)
                return go_to("mistake_taken")
            except UsageError as error:
                errors["by"] = f"{error.message} {error.todo}"
    return render(
        visit, "front_line/contest.html", title="Contest a fact", opening=opening, fact=meant, errors=errors,
        choices=BY, by=by, should_be=should_be, words=words, status=400 if errors else 200,
        named=visit.session.get("titles", {}).get(opening.handle, {}),
    )  # fmt: skip


def _token(handle: str, fact: Contestable) -> str:
    return hashlib.sha256(f"{handle}|{fact.mark}".encode()).hexdigest()[:20]
