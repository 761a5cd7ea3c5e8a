"""Who has to be reminded of what: cases that are overdue or soon due, and questions that nobody has answered. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from almoner.registry.requests import RequestRules
from almoner.requests.casework.cases import Case, Mark
from almoner.requests.casework.machine import machine
from almoner.requests.clocks.calendars import EVERYWHERE, Calendar
from almoner.requests.clocks.deadlines import nations_of
from almoner.requests.clocks.declared import clock

Urgency = Literal["overdue", "today", "soon", "may lapse"]


@dataclass(frozen=True)
class Reminder:
    """One thing to remind somebody of. working_days: left; below nought, past."""

    case: Case
    urgency: Urgency
    to: str
    working_days: int


def reminders(
    cases: Sequence[Case], marks: Mapping[str, Sequence[Mark]], rules: RequestRules, today: dt.date
) -> list[Reminder]:
    """List what somebody has to be reminded of, the most overdue first."""
    calendar = Calendar(rules.bank_holiday)
    found = [each for case in cases if (each := _of(case, marks.get(case.id, ()), rules, calendar, today)) is not None]
    return sorted(found, key=lambda each: (each.working_days, each.case.id))


def _of(case: Case, marks: Sequence[Mark], rules: RequestRules, calendar: Calendar, today: dt.date) -> Reminder | None:
    to = case.assigned_to or case.opened_by
    if case.state.startswith("waiting_") and case.due_on is None:
        asked = [mark.on for mark in marks if machine().find(mark.action).asks]
        if not asked:
            return None
        own: frozenset[str] = frozenset({rules.nation})
        until = calendar.working_days_later(asked[-1], rules.lapse_working_days, own)
        left = calendar.working_days_until(today, until, own)
        return Reminder(case, "may lapse", to, left) if left < 0 else None
    if case.due_on is None:
        return None
    nations = (
        EVERYWHERE if case.kind in ("foi", "eir") else nations_of(clock(machine().kind[case.kind].clock), rules.nation)
    )
    left = calendar.working_days_until(today, case.due_on, nations)
    if today > case.due_on:
        return Reminder(case, "overdue", to, min(left, -1))
    if today == case.due_on:
        return Reminder(case, "today", to, 0)
    return Reminder(case, "soon", to, left) if left <= max(rules.remind_working_days, default=0) else None
