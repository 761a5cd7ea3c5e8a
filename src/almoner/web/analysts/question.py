"""A question as an address holds it: indicators, areas, periods, breakdown. No person can be named in one.

Nothing is decided here: what can be asked, and what may be told, the layers below say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.http import QueryDict

from almoner.counting.plans import PLACE
from almoner.counting.spans import Every
from almoner.kernel.errors import UsageError
from almoner.kernel.periods import parse_period
from almoner.profiles.queries import Query
from almoner.web.analysts.places import Places

if TYPE_CHECKING:
    from almoner.records.drawn_areas import KeptArea

EVERY = {
    "": "The newest figure", "month": "Months", "quarter": "Quarters", "year": "Calendar years",
    "financial_year": "Financial years",
}  # fmt: skip
COARSER = {"month": "quarter", "quarter": "year"}
MOST_INDICATORS, MOST_AREAS = 30, 400
ALL_OF = "every:"
Errors = dict[str, str]


@dataclass(frozen=True)
class Question:
    """What was ticked and typed. where: 'place', 'every:GEOGRAPHY', 'chosen' (areas) or 'drawn'."""

    indicators: tuple[str, ...] = ()
    where: str = PLACE
    areas: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    every: str = ""
    first: str = ""
    last: str = ""
    by: str = ""
    compare: bool = False

    def text(self) -> str:
        """Write it as an address holds it: what is not used is left out."""
        pairs = [("indicator", name) for name in self.indicators]
        pairs.append(("where", self.where))
        pairs += [("area", each) for each in self.areas if self.where == "chosen"]
        pairs += [("drawn", each) for each in self.drawn if self.where == "drawn"]
        times = (("every", self.every), ("from", self.first), ("to", self.last)) if self.every else ()
        pairs += [(name, value) for name, value in (*times, ("by", self.by)) if value]
        return urlencode([*pairs, *([("compare", PLACE)] if self.compare else [])])


def question_of(given: QueryDict) -> Question:
    """Read a question from an address, whatever stands there."""

    def several(name: str, most: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each[:80] for each in given.getlist(name) if each))[: most + 1]

    def one(name: str) -> str:
        return str(given.get(name, "")).strip()[:80].replace("\x00", "")

    return Question(
        several("indicator", MOST_INDICATORS), one("where") or PLACE, several("area", MOST_AREAS),
        several("drawn", MOST_AREAS), one("every"), one("from"), one("to"), one("by"), one("compare") == PLACE,
    )  # fmt: skip


def query_of(question: Question, places: Places, kept: Sequence[KeptArea]) -> tuple[Query | None, Errors]:
    """Make the query of a question. Out: none, and what is wrong by field, where it is not one."""
    errors: Errors = {}
    if not question.indicators:
        errors["indicator"] = "Select at least one indicator"
    elif len(question.indicators) > MOST_INDICATORS:
        errors["indicator"] = f"Select at most {MOST_INDICATORS} indicators"
    if question.every not in EVERY:
        errors["every"] = "Select one of these kinds of period"
    areas = _areas(question, places, errors)
    drawn = [each.area for each in kept if question.where == "drawn" and each.id in question.drawn]
    if question.where == "drawn" and len(drawn) != len(question.drawn):
        errors["where"] = "One of these areas is no longer among yours. Select your areas again"
    elif question.where == "drawn" and not drawn:
        errors["where"] = "Select at least one of your areas, or draw one"
    first, last = _day(question.first, 0, "from", errors), _day(question.last, 1, "to", errors)
    if errors:
        return None, errors
    every = cast(Every, question.every) if question.every else None
    if every is None:
        first = last = None
    return Query(
        question.indicators, areas, tuple(drawn), every, first, last, question.by or None, question.compare
    ), {}  # fmt: skip


def _areas(question: Question, places: Places, errors: Errors) -> tuple[tuple[str, str], ...]:
    of = places.areas.of
    if question.where.startswith(ALL_OF):
        geography = question.where.removeprefix(ALL_OF)
        if geography not in of:
            errors["where"] = "Select one of these kinds of area"
        return tuple((area.geography, area.code) for area in of.get(geography, ()))
    if question.where == "chosen":
        split = [each.partition(":") for each in question.areas]
        if not split or len(split) > MOST_AREAS:
            errors["where"] = f"Select at least one area, and at most {MOST_AREAS}"
        return tuple((geography, code) for geography, _, code in split)
    if question.where not in (PLACE, "drawn"):
        errors["where"] = "Select which areas you ask about"
    return ()


def _day(text: str, end: int, field: str, errors: Errors) -> dt.date | None:
    if not text:
        return None
    try:
        return parse_period(text)[end]
    except UsageError as error:
        errors[field] = f"{error.message} {error.todo}".strip()
        return None


def coarser(question: Question, places: Places) -> list[tuple[str, str]]:
    """Give questions that tell less of anybody, and so are likelier to be answered: words and the question's text."""
    found = []
    if question.by:
        found.append(("Without the breakdown", replace(question, by="")))
    if question.where.startswith(ALL_OF):
        order = places.areas.coarse_to_fine()
        at = order.index(question.where.removeprefix(ALL_OF)) if question.where.removeprefix(ALL_OF) in order else 0
        if at:
            wider = places.areas.geographies[order[at - 1]]
            found.append((f"By larger areas: {wider.plural}", replace(question, where=ALL_OF + wider.name)))
    if question.every in COARSER:
        longer = COARSER[question.every]
        found.append((f"By longer periods: {EVERY[longer].lower()}", replace(question, every=longer)))
    if question.where != PLACE:
        found.append((f"For {places.areas.place} as a whole", replace(question, where=PLACE)))
    return [(words, each.text()) for words, each in found]


def in_words(question: Question, query: Query, places: Places, titles: dict[str, str]) -> list[tuple[str, str]]:
    """Say a question as people read it: heading and words."""
    known = {(area.geography, area.code): area.name for listed in places.areas.of.values() for area in listed}
    if question.where.startswith(ALL_OF):
        where = f"All areas of this kind: {places.areas.title(question.where.removeprefix(ALL_OF))}"
    elif question.where == PLACE:
        where = places.areas.place
    else:
        named = [known.get(key, key[1]) for key in query.areas] + [area.title for area in query.drawn]
        where = ", ".join(named)
    if question.compare and question.where != PLACE:
        where += f"; beside it {places.areas.place} as a whole"
    when = EVERY[question.every]
    if question.every:
        when += f" from {question.first}" if question.first else ", the newest that is over"
        when += f" to {question.last}" if question.last else ""
    rows = [("Indicators", "; ".join(titles[name] for name in query.indicators)), ("Areas", where), ("When", when)]
    return rows
