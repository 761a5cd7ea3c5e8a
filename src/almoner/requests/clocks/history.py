"""What happened to a request as far as its clock goes, and one run of a clock over it. Values, without rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from almoner.requests.clocks.calendars import Holiday
from almoner.requests.clocks.declared import Clock, Event


@dataclass(frozen=True)
class Asked:
    """Something that somebody was asked for. answered_on: None while nothing has come."""

    what: Event
    asked_on: dt.date
    answered_on: dt.date | None = None


@dataclass(frozen=True)
class History:
    """What happened to a request. extended_on: when the requester was told of the extension."""

    received_on: dt.date
    asked: tuple[Asked, ...] = ()
    extended_on: dt.date | None = None


@dataclass(frozen=True)
class Run:
    """One run of a clock.

    nominal: where it would end if nothing were left out. counted_to: the last day that was counted. ends_on: that day,
    or the working day to which it moves. holidays: those that were not counted, or on which it would have ended.
    """

    clock: Clock
    started_on: dt.date
    pauses: tuple[Asked, ...] = ()
    nominal: dt.date | None = None
    counted_to: dt.date | None = None
    ends_on: dt.date | None = None
    holidays: tuple[Holiday, ...] = ()
