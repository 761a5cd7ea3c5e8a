"""For the front line's programs: find one person, say why, read the record. The rules of the pages hold, each of them.

A person is named by a handle of the session, never by an id; what is looked for stands in a document, never in an
address. Emergencies and mistakes are for the pages: a person reads there what follows from them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from pydantic import Field

from almoner.kernel.errors import AccessRefused, UsageError
from almoner.single_view.dates import read_born
from almoner.single_view.finding import Wanted
from almoner.web.api.routes import route, visit_of
from almoner.web.api.shapes import Shape
from almoner.web.front_line.handles import Opening, close, find, handle_for
from almoner.web.front_line.reasons import PURPOSE, offered, reason_of
from almoner.web.front_line.record import handles_of, open_for
from almoner.web.front_line.search import kept_of
from almoner.web.pages import Visit, serves
from almoner.wiring.looking_up import look_for, look_up, look_up_household

NEED = serves(PURPOSE)


class Reasons(Shape):
    """The reasons to choose from, by their numbers from 0."""

    reasons: list[str]


class Reason(Shape):
    """Why somebody looks: the number of a reason, or 'other' with words of their own."""

    reason: str = Field(default="other", max_length=20, description="The number of a declared reason, or 'other'.")
    words: str = Field(default="", max_length=300, description="Words of one's own.")


class Sought(Reason):
    """Whom to look for, and why. One of the five is enough, several are better."""

    name: str = Field(default="", max_length=200)
    born: str = Field(default="", max_length=200, description="A day, a month or a year, such as 1987-03-21.")
    address: str = Field(default="", max_length=200)
    postcode: str = Field(default="", max_length=200)
    number: str = Field(default="", max_length=200, description="An NHS, National Insurance or other number.")


class Named(Shape):
    """Somebody, by their handle: it means something in this session only."""

    handle: str
    forename: str | None
    surname: str | None
    date_of_birth: dt.date | None


class Candidate(Named):
    """Somebody who may be meant. withheld: where they live must not become known."""

    sex: str | None
    postcode: str | None
    address: str | None
    withheld: bool
    likeness: float
    matched: str


class Found(Shape):
    """Who may be meant, the likeliest first. Nobody is not 'not involved'."""

    people: list[Candidate]


class Opened(Shape):
    """A record that may be read, until when."""

    handle: str
    purpose: str
    expires_at: dt.datetime


class Relation(Named):
    """Somebody to whom services state a relation. of_them: the person of the record is it to them."""

    kind: str
    of_them: bool
    source: str


class Relative(Named):
    """Somebody of the same family."""

    relation: str
    role: str | None
    source: str
    same_home: bool | None


class Fact(Shape):
    """A fact with what one must know to trust it."""

    kind: str
    what: str
    detail: str | None
    source: str
    dataset: str
    from_on: dt.date | None
    to_on: dt.date | None
    as_of: dt.date | None
    professional: str | None
    match_probability: float | None


class CoverageEntry(Shape):
    """What a dataset can say of the person, and up to which day."""

    source: str
    dataset: str
    title: str
    state: str
    to: dt.date | None
    note: str


class Happened(Shape):
    """What happened to a record."""

    kind: str
    other: str
    happened_on: dt.date


class Record(Shape):
    """What is known of one person. 'No record' is not 'no involvement': see coverage."""

    handle: str
    reason: str
    emergency: bool
    forename: str | None
    surname: str | None
    date_of_birth: dt.date | None
    sex: str | None
    address: str | None
    postcode: str | None
    last_seen_on: dt.date | None
    withheld: bool
    household: list[Named]
    relations: list[Relation]
    family: list[Relative]
    history: list[Happened]
    facts: list[Fact]
    coverage: list[CoverageEntry]
    left_out: list[str]


class Day(Shape):
    """A day."""

    on: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="Such as 2026-03-27.", max_length=10)


class Household(Shape):
    """Who lived together on a day, as far as it is known and may be shown."""

    handle: str
    on: dt.date
    state: str
    address: str | None
    postcode: str | None
    members: list[Named]


class Closed(Shape):
    """A record that is closed: a reason opens it again."""

    handle: str
    open: bool


@route("reasons", need=NEED, purpose="Seeing which reasons there are to look", answers=Reasons)
def api_reasons(request: HttpRequest) -> dict[str, object]:
    """List the reasons that are declared; where there are none, people write their own."""
    return {"reasons": list(offered(visit_of(request)))}


@route("people/search", need=NEED, purpose="Finding one person", audit="find", answers=Found, post=True, personal=True)
def api_search(request: HttpRequest, sought: Sought) -> dict[str, object]:
    """Look for a person: a few candidates, never a list to browse."""
    visit = visit_of(request)
    reason = _reason(visit, sought)
    if not any((sought.name, sought.born, sought.address, sought.postcode, sought.number)):
        raise UsageError("Nothing is said of whom to look for.", todo="Give a name, or anything else that you know.")
    given = {name: getattr(sought, name).replace("\x00", "").strip() for name in _SOUGHT}
    born = read_born(given["born"]) if given["born"] else None
    wanted = Wanted(given["name"], born, given["postcode"], given["address"], given["number"])
    found = [kept_of(each) for each in look_for(visit.workspace, wanted, PURPOSE, reason)]
    return {
        "people": [
            {**{k: v for k, v in each.items() if k not in ("person_id", "date_of_birth")},
             "date_of_birth": each["date_of_birth"] or None, "handle": handle_for(visit, each["person_id"])}
            for each in found
        ]
    }  # fmt: skip


_SOUGHT = ("name", "born", "address", "postcode", "number")


@route("people/<str:handle>/open", need=NEED, purpose="Saying why a record is opened", audit="permit.issue",
       answers=Opened, post=True, personal=True)  # fmt: skip
def api_open(request: HttpRequest, handle: str, why: Reason) -> dict[str, object]:
    """Say why a record is needed; the permit that the role gives for that is issued."""
    visit = visit_of(request)
    opening = find(visit, handle)
    permit = open_for(visit, opening, _reason(visit, why))
    return {"handle": handle, "purpose": permit.purpose, "expires_at": permit.expires_at}


@route("people/<str:handle>", need=NEED, purpose="Seeing what is known of one person", audit="run", answers=Record,
       personal=True)  # fmt: skip
def api_record(request: HttpRequest, handle: str) -> dict[str, object]:
    """Give the record, once a reason has opened it."""
    visit = visit_of(request)
    opening = _opened(visit, handle)
    view = look_up(visit.workspace, opening.person_id, opening.purpose, opening.reason, opening.permit_id)
    handles, who = handles_of(visit, view), view.identity
    return {
        "handle": handle, "reason": opening.reason, "emergency": opening.emergency, "withheld": view.withheld,
        **{name: who[name] for name in ("forename", "surname", "date_of_birth", "sex", "address", "postcode")},
        "last_seen_on": None if view.withheld else who["last_seen_on"],
        **{part: [_named(each, handles) for each in getattr(view, part)] for part in ("household", "relations",
                                                                                      "family")},
        "history": [
            {"kind": each["kind"], "other": handles[each["other_person_id"]], "happened_on": each["happened_on"]}
            for each in view.history
        ],
        "facts": [fact for facts in view.services.values() for fact in facts],
        "coverage": view.coverage, "left_out": view.left_out,
    }  # fmt: skip


@route("people/<str:handle>/household", need=NEED, purpose="Seeing with whom somebody lived on a day", audit="run",
       answers=Household, post=True, personal=True)  # fmt: skip
def api_household(request: HttpRequest, handle: str, day: Day) -> dict[str, object]:
    """Give the household on a day."""
    visit = visit_of(request)
    opening = _opened(visit, handle)
    try:
        on = dt.date.fromisoformat(day.on)
    except ValueError as error:
        raise UsageError("There is no such day.", todo="Write it like 2026-03-27.") from error
    shown = look_up_household(
        visit.workspace, opening.person_id, on, opening.purpose, opening.reason, opening.permit_id
    )
    handles = {each["person_id"]: handle_for(visit, each["person_id"]) for each in shown.members}
    return {
        "handle": handle, "on": shown.on, "state": shown.state, "address": shown.address, "postcode": shown.postcode,
        "members": [_named(each, handles) for each in shown.members],
    }  # fmt: skip


@route("people/<str:handle>/close", need=NEED, purpose="Closing a record", answers=Closed, post=True, personal=True)
def api_close(request: HttpRequest, handle: str) -> dict[str, object]:
    """Close a record."""
    visit = visit_of(request)
    close(visit, find(visit, handle).handle)
    return {"handle": handle, "open": False}


def _opened(visit: Visit, handle: str) -> Opening:
    opening = find(visit, handle)
    if opening.permit_id is None:
        raise AccessRefused(
            "This record is not open.", why="A reason comes first, and is logged.", todo="Send why to its 'open'."
        )
    return opening


def _reason(visit: Visit, why: Reason) -> str:
    reason, errors = reason_of(visit, why.reason, why.words.replace("\x00", "").strip())
    if errors:
        raise UsageError("Why this is needed is not said.", todo=next(iter(errors.values())))
    return reason


def _named(row: dict[str, Any], handles: dict[str, str]) -> dict[str, Any]:
    return {"handle": handles[row["person_id"]], **{k: v for k, v in row.items() if k != "person_id"}}
