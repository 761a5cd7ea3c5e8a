"""A second, slow and obvious reckoning of due dates, which knows nothing of the product's rules, lists or code.

Its bank holidays come from another library; its lengths stand in the code; it makes lists of days and takes one of them.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence

import holidays

Day = dt.date
Asking = tuple[str, Day, Day | None]
"""What was asked for, when, and when it came."""
PARTS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern_ireland": "NIR"}
WRONG_IN_THE_LIBRARY = {"scotland": {Day(2006, 11, 30)}}
"""St Andrew's Day became a bank holiday by an Act of January 2007."""

WORKING_DAYS = {"foi": 20, "eir": 20, "foi_review": 20, "eir_review": 40, "eir_fee": 60, "ask_for_review": 40}
LONGER_WORKING_DAYS = {"foi": 40, "eir": 40, "foi_review": 40}
MONTHS = {"subject_access": 1, "right": 1, "foi_fee": 3}
LONGER_MONTHS = {"subject_access": 3, "right": 3}
RESTARTS = {
    "foi": {"clarification"}, "eir": {"clarification"}, "subject_access": {"identity", "fee"}, "right": {"identity", "fee"},
}  # fmt: skip
STOPS = {"foi": {"fee"}, "eir": {"fee"}, "subject_access": {"clarification"}}


@functools.cache
def bank_holidays(nation: str) -> frozenset[Day]:
    """List the bank holidays of a nation."""
    found = holidays.UK(subdiv=PARTS[nation], years=range(2005, 2051))
    return frozenset(found) - WRONG_IN_THE_LIBRARY.get(nation, set())


@functools.cache
def works(day: Day, nation: str) -> bool:
    """Say whether people work on a day in a nation, or, for 'any', in all four."""
    nations = PARTS if nation == "any" else [nation]
    return day.strftime("%a") not in ("Sat", "Sun") and not any(day in bank_holidays(each) for each in nations)


ALL_DAYS = [Day(2005, 1, 1) + dt.timedelta(days=n) for n in range(12_000)]


def days_after(day: Day) -> Iterator[Day]:
    """Give the days after a day."""
    place = (day - ALL_DAYS[0]).days + 1
    return iter(ALL_DAYS[place : place + 900])


def nth(count: int, days: Iterable[Day]) -> Day:
    """Take one of some days: the first is 1."""
    return next(itertools.islice(days, count - 1, None))


def months_later(day: Day, count: int) -> Day:
    """Give the same day of a later month, or the last that there is."""
    year, month, wanted = day.year, day.month, day.day
    for _ in range(count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    while True:
        try:
            return Day(year, month, wanted)
        except ValueError:
            wanted -= 1


def ends(kind: str, start: Day, waited: set[Day], longer: bool, nation: str) -> Day:
    """Say when a clock ends that starts on a day and leaves out the days of waiting."""
    if kind in WORKING_DAYS:
        length = (LONGER_WORKING_DAYS if longer else WORKING_DAYS)[kind]
        return nth(length, (day for day in days_after(start) if works(day, "any") and day not in waited))
    if kind == "complaint_acknowledgement":
        return nth(30, [start, *days_after(start)])
    if kind == "appeal":
        end = nth(28, days_after(start))
    else:
        length = (LONGER_MONTHS if longer else MONTHS)[kind]
        calendar_days = (months_later(start, length) - start).days
        end = nth(calendar_days, (day for day in days_after(start) if day not in waited))
    if kind == "foi_fee":
        return end
    return next(day for day in itertools.chain([end], days_after(end)) if works(day, nation) and day not in waited)


def due(
    kind: str, received: Day, asked: Sequence[Asking] = (), extended: Day | None = None, nation: str = "england"
) -> Day | None:
    """Say when something is due; None while we wait."""
    start, waited, open_ = received, set[Day](), False
    end = ends(kind, start, waited, False, nation)
    for what, on, came in sorted(asked, key=lambda each: each[1]):
        if on > end or what not in RESTARTS.get(kind, set()) | STOPS.get(kind, set()):
            continue
        if came is None:
            open_ = True
        elif what in RESTARTS[kind]:
            start = came if came > start else start
        else:
            waited |= {on, came} | {day for day in days_after(on) if day < came}
        end = ends(kind, start, waited, False, nation)
    if extended is not None and extended <= end and kind in {**LONGER_WORKING_DAYS, **LONGER_MONTHS}:
        end = ends(kind, start, waited, True, nation)
    return None if open_ else end
