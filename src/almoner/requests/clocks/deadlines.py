"""When something is due, and why then. Pure: everything that happened is given, and nothing is read or kept.

What comes too late changes nothing: a question that is asked after the due date neither stops nor restarts a clock.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from almoner.kernel.errors import UsageError
from almoner.requests.clocks.calendars import EVERYWHERE, Calendar, Holiday
from almoner.requests.clocks.declared import Clock, Event, clock
from almoner.requests.clocks.history import Asked, History, Run
from almoner.requests.clocks.wording import day_words, explained

LONGEST_DAYS = 3660
"""Ten years of walking from day to day: a clock that runs on longer has a fault."""
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Deadline:
    """When it is due and why then.

    due_on: None while it stands still. first_limit: the day it would be due without an extension; an extension has to
    be notified by then. waits_for: what has been asked for. without_effect: what came too late, or stops no such clock.
    """

    clock: Clock
    started_on: dt.date
    due_on: dt.date | None
    first_limit: dt.date | None
    waits_for: tuple[Event, ...]
    without_effect: tuple[str, ...]
    words: str

    def is_over(self, day: dt.date) -> bool:
        """Say whether the due date has passed."""
        return self.due_on is not None and day > self.due_on


def deadline(name: str, history: History, calendar: Calendar, nation: str = "england") -> Deadline:
    """Reckon when a request is due.

    In: name: of a clock; nation: whose bank holidays count where the clock goes by the council's own.
    Raises: UsageError for events in an impossible order.
    """
    first = clock(name)
    _check(history)
    without: list[str] = []
    run = _finished(Run(first, history.received_on), calendar, nation)
    waiting: list[Event] = []
    for asked in sorted(history.asked, key=lambda each: each.asked_on):
        if asked.what not in (*first.restarts, *first.pauses):
            without.append(f"Asking for {asked.what} does not stop this clock.")
        elif run.ends_on is not None and asked.asked_on > run.ends_on:
            without.append(f"We asked for {asked.what} on {day_words(asked.asked_on)}, after it was due.")
        elif asked.answered_on is None:
            waiting.append(asked.what)
        else:
            run = _finished(_after(run, asked), calendar, nation)
    limit = None if waiting else run.ends_on
    if history.extended_on is not None:
        run = _extended(run, history.extended_on, calendar, nation, without)
    due_on = None if waiting else run.ends_on
    words = explained(run, due_on, waiting)
    return Deadline(run.clock, run.started_on, due_on, limit, tuple(waiting), tuple(without), words)


def _check(history: History) -> None:
    days = [(history.received_on, each.asked_on, each.answered_on or each.asked_on) for each in history.asked]
    extended_on = history.extended_on or history.received_on
    for first, second, third in (*days, (history.received_on, extended_on, extended_on)):
        if not first <= second <= third:
            raise UsageError(
                "What was asked and answered is not in the order of time.",
                why="A request is received, then we ask, then somebody answers.",
                todo="Check the dates that were typed.",
            )


def _after(run: Run, asked: Asked) -> Run:
    """Give the run after an answer: counted anew from it, or without the days of waiting."""
    assert asked.answered_on is not None
    if asked.what in run.clock.restarts:
        return Run(run.clock, max(run.started_on, asked.answered_on), run.pauses)
    return replace(run, pauses=(*run.pauses, asked))


def _extended(run: Run, on: dt.date, calendar: Calendar, nation: str, without: list[str]) -> Run:
    if not run.clock.extended:
        without.append("This clock can't be extended.")
    elif run.ends_on is not None and on > run.ends_on:
        without.append(f"The extension was notified on {day_words(on)}, after it was due.")
    else:
        return _finished(Run(clock(run.clock.extended), run.started_on, run.pauses), calendar, nation)
    return run


def nations_of(clock: Clock, nation: str) -> frozenset[str]:
    """Give the nations whose bank holidays matter to a clock."""
    return EVERYWHERE if clock.calendar == "any_part" else frozenset({nation})


def _finished(run: Run, calendar: Calendar, nation: str) -> Run:
    """Reckon where a run ends."""
    nations = nations_of(run.clock, nation)
    if run.clock.counts == "working_days":
        return _by_working_days(run, calendar, nations)
    nominal = _nominal(run)
    left = (nominal - run.started_on).days
    day = run.started_on
    while left:
        day = _following(run, day)
        left -= not _is_paused(day, run.pauses)
    end = day
    if run.clock.rolls:
        while _is_paused(end, run.pauses) or not calendar.is_working_day(end, nations):
            end = _following(run, end)
    kept = tuple(each for each in calendar.holidays_on(day, nations)) if end != day else ()
    return replace(run, nominal=nominal, counted_to=day, ends_on=end, holidays=kept)


def _nominal(run: Run) -> dt.date:
    """Give the last day of months or days without pauses: the corresponding date, else the last of that month."""
    if run.clock.counts == "months":
        return add_months(run.started_on, run.clock.length)
    return run.started_on + dt.timedelta(days=run.clock.length - (run.clock.first_day == "receipt"))


def add_months(day: dt.date, count: int) -> dt.date:
    """Give the corresponding date some months on; where that month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return dt.date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _by_working_days(run: Run, calendar: Calendar, nations: frozenset[str]) -> Run:
    day, left, met = run.started_on, run.clock.length, list[Holiday]()
    if run.clock.first_day == "receipt" and _counts(run, day, calendar, nations):
        left -= 1
    while left:
        day = _following(run, day)
        if _counts(run, day, calendar, nations):
            left -= 1
        elif day.weekday() < 5 and not _is_paused(day, run.pauses):
            met += calendar.holidays_on(day, nations)
    return replace(run, nominal=day, counted_to=day, ends_on=day, holidays=tuple(met))


def _counts(run: Run, day: dt.date, calendar: Calendar, nations: frozenset[str]) -> bool:
    return calendar.is_working_day(day, nations) and not _is_paused(day, run.pauses)


def _following(run: Run, day: dt.date) -> dt.date:
    if (day - run.started_on).days > LONGEST_DAYS:
        raise UsageError("This clock would run for ten years.", todo="Check the dates of what was asked and answered.")
    return day + ONE_DAY


def _is_paused(day: dt.date, pauses: Sequence[Asked]) -> bool:
    return any(each.asked_on <= day <= (each.answered_on or day) for each in pauses)
