"""The clocks of a case, from what happened to it: when it is due, and in words why. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from almoner.registry.requests import RequestRules
from almoner.requests.casework.cases import Case, Mark
from almoner.requests.casework.machine import Kind, machine
from almoner.requests.clocks.calendars import Calendar
from almoner.requests.clocks.deadlines import deadline
from almoner.requests.clocks.history import Asked, History
from almoner.requests.clocks.wording import day_words

NOT_DUE = ("answered", "closed", "withdrawn", "lapsed", "disposed")


@dataclass(frozen=True)
class Due:
    """When the next thing is due, why then, and what came too late to matter. first_limit: extend until then."""

    on: dt.date | None
    words: str
    first_limit: dt.date | None = None
    without_effect: tuple[str, ...] = ()


def history_of(received_on: dt.date, marks: Sequence[Mark]) -> History:
    """Give the history of a case as its clock needs it."""
    asked: list[Asked] = []
    extended_on = None
    for mark in marks:
        wanted = machine().find(mark.action).asks
        if wanted is not None:
            asked.append(Asked(wanted, mark.on))
        elif mark.action == "resume" and asked:
            asked[-1] = Asked(asked[-1].what, asked[-1].asked_on, mark.on)
        elif mark.action == "extend":
            extended_on = mark.on
    return History(received_on, tuple(asked), extended_on)


def due_of(case: Case, marks: Sequence[Mark], rules: RequestRules) -> Due:
    """Say when the next thing about a case is due."""
    if case.state in NOT_DUE:
        return Due(None, "Nothing is due.")
    kind = machine().kind[case.kind]
    calendar = Calendar(rules.bank_holiday)
    if case.state in ("reviewed", "at_regulator"):
        return _ordered(marks) if case.state == "reviewed" else _regulator(marks)
    if case.state == "in_review":
        return _review(kind, marks, calendar, rules)
    if case.kind == "complaint" and case.acknowledged_on is not None:
        on = case.received_on + dt.timedelta(days=rules.complaint_target_days)
        return Due(on, f"Without undue delay; the council’s own target is {day_words(on)}.")
    found = deadline(kind.clock, history_of(case.received_on, marks), calendar, rules.nation)
    return Due(found.due_on, found.words, found.first_limit, found.without_effect)


def _review(kind: Kind, marks: Sequence[Mark], calendar: Calendar, rules: RequestRules) -> Due:
    if not kind.review_clock:
        return Due(None, "A review under data protection law is due without undue delay.")
    asked_on = next(mark.on for mark in reversed(marks) if mark.action == "review")
    found = deadline(kind.review_clock, History(asked_on), calendar, rules.nation)
    return Due(found.due_on, found.words)


def _ordered(marks: Sequence[Mark]) -> Due:
    """Say by when we have to do what the Regulator has ordered, unless it is done."""
    last = next((each for each in reversed(marks) if each.action in ("ruled", "supplement")), None)
    wanted = last.facts.get("act_by") if last is not None else None
    if not isinstance(wanted, str):
        return Due(None, "Nothing is due.")
    on = dt.date.fromisoformat(wanted)
    return Due(on, f"The Regulator has ordered us to act by {day_words(on)}.")


def _regulator(marks: Sequence[Mark]) -> Due:
    mark = next(each for each in reversed(marks) if each.action == "regulator")
    wanted = mark.facts.get("reply_by")
    if not isinstance(wanted, str):
        return Due(None, "The Regulator has named no day.")
    on = dt.date.fromisoformat(wanted)
    return Due(on, f"The Regulator wants our reply by {day_words(on)}.")
