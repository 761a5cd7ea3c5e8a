"""Whether deliveries come when they were agreed: due, received, days late, missed; and how old the newest data is.

The supplier's own day (in the file's name) counts where there is one, else the day it was taken in.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from almoner.quality.arrivals import Arrival
from almoner.registry.datasets import Dataset

State = Literal["on time", "late", "missed", "not due yet", "no day agreed", "day not known"]
_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
_DAYS = {"daily": 1, "weekly": 7}
MOST_PERIODS = 60
"""Periods looked back on: five years of months."""


@dataclass(frozen=True)
class Due:
    """One period's delivery. late: days after it was due; None where there is no such day or it has not come."""

    ends_on: dt.date
    due_on: dt.date | None
    received_on: dt.date | None
    state: State
    late: int | None = None


@dataclass(frozen=True)
class Punctuality:
    """How a dataset's deliveries come. age_days: of the newest data; reason: why nothing is due, where nothing is."""

    cadence: str
    periods: tuple[Due, ...] = ()
    newest: dt.date | None = None
    age_days: int | None = None
    reason: str = ""

    @property
    def judged(self) -> tuple[Due, ...]:
        """Give the periods whose delivery was due."""
        return tuple(each for each in self.periods if each.state in ("on time", "late", "missed"))

    @property
    def missed(self) -> int:
        """Count the deliveries that were late or never came."""
        return sum(each.state != "on time" for each in self.judged)


def punctuality(dataset: Dataset, arrivals: Sequence[Arrival], today: dt.date) -> Punctuality:
    """Compare what came with what was agreed. In: every delivery of the dataset, replaced ones too."""
    newest = max((each.as_of for each in arrivals), default=None)
    age = (today - newest).days if newest is not None else None
    if dataset.open:
        return Punctuality(dataset.cadence, newest=newest, age_days=age, reason="open data is fetched, not delivered")
    if dataset.cadence == "once":
        return Punctuality(dataset.cadence, newest=newest, age_days=age, reason="it comes once")
    if newest is None:
        return Punctuality(dataset.cadence, reason="nothing has ever been received")
    days = next((each.within_days for each in dataset.expectations.values() if each.within_days is not None), None)
    since = next((each.since for each in dataset.expectations.values() if each.since is not None), None)
    first = min(each.as_of for each in arrivals)
    ends = [end for end in _ends(dataset.cadence, first, today) if since is None or end >= since]
    came = _received(arrivals, ends, dataset.cadence)
    periods = tuple(_due(end, came.get(end), days, today, newest) for end in ends[-MOST_PERIODS:])
    return Punctuality(dataset.cadence, periods, newest, age)


def _due(end: dt.date, received: dt.date | None, days: int | None, today: dt.date, newest: dt.date) -> Due:
    due_on = end + dt.timedelta(days=days) if days is not None else None
    if received is not None:
        if received > today:  # looking back: the file tells no day, and it was taken in later
            return Due(end, due_on, None, "day not known")
        if due_on is None:
            return Due(end, None, received, "no day agreed")
        late = max((received - due_on).days, 0)
        return Due(end, due_on, received, "late" if late else "on time", late)
    if due_on is None:  # a later period has come, and this one has not
        return Due(end, None, None, "missed" if end < newest else "not due yet")
    return Due(end, due_on, None, "missed" if today > due_on else "not due yet")


def _received(arrivals: Sequence[Arrival], ends: Sequence[dt.date], cadence: str) -> dict[dt.date, dt.date]:
    """Say when the first delivery of each period came: a correction later on does not make it late."""
    found: dict[dt.date, dt.date] = {}
    for each in arrivals:
        period = next((end for end in ends if end >= each.as_of), None)
        if period is None or not _within(period, each.as_of, cadence):
            continue
        came = each.sent_on or each.landed_on
        found[period] = min(came, found.get(period, came))
    return found


def _within(end: dt.date, day: dt.date, cadence: str) -> bool:
    """Say whether a day lies in the period that ends on another day."""
    if cadence in _DAYS:
        return (end - day).days < _DAYS[cadence]
    return (end.year * 12 + end.month) - (day.year * 12 + day.month) < _MONTHS[cadence]


def _ends(cadence: str, first: dt.date, today: dt.date) -> Iterator[dt.date]:
    """Yield the last days of the periods from the one that holds a day to the last that has ended."""
    if cadence in _DAYS:
        step = dt.timedelta(days=_DAYS[cadence])
        end = first
        while end <= today:
            yield end
            end += step
        return
    months = _MONTHS[cadence]
    number = first.year * 12 + (first.month - 1) // months * months + months - 1
    while (end := _month_end(number)) <= today:
        yield end
        number += months


def _month_end(number: int) -> dt.date:
    year, month = divmod(number, 12)
    return dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
