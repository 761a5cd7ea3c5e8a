"""A person's record: opened for a reason, under a permit, and logged. What may be shown is decided below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from almoner.governance.permit import Permit
from almoner.single_view.person import Coverage, PersonView, ShownFact
from almoner.web.front_line.caseload import CHANGES
from almoner.web.front_line.contesting import tokens_of
from almoner.web.front_line.handles import Opening, close, find, handle_for, open_with
from almoner.web.front_line.opened import happened_meanwhile, note_opened, on_open_record
from almoner.web.front_line.reasons import PURPOSE, offered, read_reason
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import render
from almoner.wiring.caseload import is_followed, looked_at
from almoner.wiring.looking_up import look_up


@page(
    "people/<str:handle>/open/", need=serves(PURPOSE), purpose="Saying why a record is opened", audit="permit.issue",
    forms=True, personal=True,
)  # fmt: skip
def open_record(visit: Visit, handle: str) -> HttpResponse:
    """Ask why the record is needed; issue the permit that the role gives for that."""
    opening = find(visit, handle)
    before = _latest_search(visit)
    if not visit.posted:
        return _reasons(visit, opening, {}, before.get("reason", ""), before.get("words", ""))
    reason, errors = read_reason(visit)
    if errors:
        return _reasons(visit, opening, errors, visit.field("reason"), visit.field("words", 300))
    open_for(visit, opening, reason)
    return go_to("record", handle=handle)


def open_for(visit: Visit, opening: Opening, reason: str) -> Permit:
    """Open a record for a reason: under the permit that the visitor's role gives for it."""
    permit = visit.workspace.permits.standing(visit.visitor.actor, PURPOSE, reason, subjects=(opening.person_id,))
    open_with(visit, opening.handle, permit.id, PURPOSE, reason)
    note_opened(visit, opening.handle)
    return permit


@page("people/<str:handle>/", need=serves(PURPOSE), purpose="Seeing what is known of one person", audit="run",
      personal=True)  # fmt: skip
@on_open_record
def record(visit: Visit, opening: Opening) -> HttpResponse:
    """Show the record, and what has happened to it since it was opened."""
    workspace, handle = visit.workspace, opening.handle
    view = look_up(workspace, opening.person_id, opening.purpose, opening.reason, opening.permit_id)
    permit = workspace.records.permit(str(opening.permit_id))
    _there, happened = happened_meanwhile(visit, opening)
    tokens, contested = tokens_of(visit, handle, view)
    titles, named = visit.session.get("titles", {}), _named(view)
    if titles.get(handle) != named:  # a session is written, durably, only where something is new
        visit.session["titles"] = {**titles, handle: named}
    return render(
        visit, "front_line/record.html", title="Person record", view=view, opening=opening,
        permit=permit, now=_lasting(view), before=_past(view), happened=happened, tokens=tokens, contested=contested,
        unsent=visit.session.pop("unsent", "") == handle, followed=is_followed(workspace, opening.person_id),
        new=looked_at(workspace, opening.person_id, permit) if permit else [], change_words=CHANGES,
        coverage=_coverage(view),
        events=_timeline(view), attributes=[fact for fact in _facts(view) if fact.kind == "attribute"],
        handles=handles_of(visit, view, happened), today=visit.site.now.date(),
    )  # fmt: skip


@page("people/<str:handle>/close/", need=serves(PURPOSE), purpose="Closing a record", only_forms=True, personal=True)
def close_record(visit: Visit, handle: str) -> HttpResponse:
    """Close a record: to open it again a reason is asked for anew."""
    close(visit, find(visit, handle).handle)
    return go_to("search")


def _reasons(visit: Visit, opening: Opening, errors: dict[str, str], chosen: str, words: str) -> HttpResponse:
    return render(
        visit, "front_line/open.html", title="Why do you need this record?", opening=opening, errors=errors,
        reasons=offered(visit), chosen=chosen, words=words, status=400 if errors else 200,
    )  # fmt: skip


def _latest_search(visit: Visit) -> dict[str, Any]:
    searches = visit.session.get("searches", {})
    return next(reversed(searches.values()), {}) if searches else {}


def _named(view: PersonView) -> dict[str, str]:
    """Keep what the pages beside the record head themselves with."""
    who = view.identity
    born = who["date_of_birth"]
    return {
        "name": f"{who['forename'] or '?'} {who['surname'] or '?'}", "born": born.isoformat() if born else "",
        "withheld": "yes" if view.withheld else "",
    }  # fmt: skip


def handles_of(visit: Visit, view: PersonView, happened: Sequence[dict[str, Any]] = ()) -> dict[str, str]:
    """Give a handle to everybody whom the record names."""
    people = [*view.household, *view.relations, *view.family]
    gone = [{"person_id": each["other_person_id"]} for each in (*view.history, *happened)]
    return {each["person_id"]: handle_for(visit, each["person_id"]) for each in (*people, *gone)}


def _coverage(view: PersonView) -> list[Coverage]:
    """Put what says something of the person first."""
    order = ("held", "uncertain", "not held", "held, none", "not shown")
    return sorted(view.coverage, key=lambda each: (order.index(each.state), each.source, each.title))


def _facts(view: PersonView) -> list[ShownFact]:
    """Give every fact that is shown, of whatever source."""
    return [fact for facts in view.services.values() for fact in facts]


def _involvements(view: PersonView) -> list[ShownFact]:
    facts = (fact for fact in _facts(view) if fact.kind == "involvement")
    return sorted(facts, key=lambda fact: (fact.from_on or dt.date.min, fact.what), reverse=True)


def _lasting(view: PersonView) -> list[ShownFact]:
    """List the services that go on: without an end, or with one after the day that the source knew."""
    return [f for f in _involvements(view) if f.to_on is None or (f.as_of is not None and f.to_on > f.as_of)]


def _past(view: PersonView) -> list[ShownFact]:
    """List the services that have ended."""
    lasting = _lasting(view)
    return [fact for fact in _involvements(view) if fact not in lasting]


def _timeline(view: PersonView) -> list[tuple[dt.date, str, ShownFact]]:
    """Put what happened in order, the newest first: (day, what happened, the fact)."""
    found: list[tuple[dt.date, str, ShownFact]] = []
    for fact in _facts(view):
        if fact.kind == "event" and fact.from_on:
            found.append((fact.from_on, fact.what, fact))
        elif fact.kind == "involvement":
            if fact.from_on:
                found.append((fact.from_on, f"{fact.what}: began", fact))
            if fact.to_on:
                found.append((fact.to_on, f"{fact.what}: ended", fact))
    return sorted(found, key=lambda each: (each[0], each[1]), reverse=True)
