"""Council time: financial years, months as sources write them, quarters, and which day it is in London.

It must never take the day from the machine's own time zone: at half past midnight in July a server on UTC still has
yesterday. Working days and statutory clocks do not belong here: they need a calendar of holidays.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from zoneinfo import ZoneInfo

from almoner.kernel.errors import UsageError

LONDON = ZoneInfo("Europe/London")

FINANCIAL_YEAR_STARTS = (4, 1)
"""Month and day. Source: Local Government Act 1972 s246 and Interpretation Act 1978 Schedule 1, "financial year"."""


def today(now: dt.datetime | None = None) -> dt.date:
    """Give the date in London; `now` must know its time zone."""
    if now is None:
        now = dt.datetime.now(tz=LONDON)
    if now.tzinfo is None:
        raise ValueError("a time without a zone has no date in London")
    return now.astimezone(LONDON).date()


def financial_year(day: dt.date) -> str:
    """Name the financial year of a day: '2025-26' from 1 April 2025 to 31 March 2026."""
    start = day.year if (day.month, day.day) >= FINANCIAL_YEAR_STARTS else day.year - 1
    return f"{start}-{(start + 1) % 100:02d}"


def financial_quarter(day: dt.date) -> int:
    """Give the quarter of the financial year: 1 is April to June."""
    return (day.month - 4) % 12 // 3 + 1


def calendar_quarter(day: dt.date) -> int:
    """Give the quarter of the calendar year: 1 is January to March."""
    return (day.month - 1) // 3 + 1


def parse_period(text: str) -> tuple[dt.date, dt.date]:
    """Give the first and the last day of a period.

    In: '2026-03' (month), '2025-26' (financial year), '2025-26 Q4' (its quarter), '2026' (calendar year) or
    '2026-03-14' (day). What could be both, '2000-01' to '2011-12', is a month.
    Raises: UsageError when the text is none of these.
    """
    try:
        return _period(text)
    except ValueError:
        raise UsageError(
            "This is not a period.",
            why="A figure must say which days it covers.",
            todo="Write 2026-03, 2025-26, 2025-26 Q4, 2026 or 2026-03-14.",
        ) from None


def _period(text: str) -> tuple[dt.date, dt.date]:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        day = dt.date.fromisoformat(text)
        return day, day
    parts = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?: Q([1-4]))?)?", text)
    if parts is None:
        raise ValueError("no known form")
    year = int(parts[1])
    if parts[2] is None:
        return _months(year, 1, 12)
    second = int(parts[2])
    if parts[3] is None and 1 <= second <= 12:
        return _months(year, second, 1)
    if second != (year + 1) % 100:
        raise ValueError("the second year does not follow the first")
    return _months(year, 4 + 3 * (int(parts[3]) - 1), 3) if parts[3] else _months(year, 4, 12)


def _months(year: int, month: int, count: int) -> tuple[dt.date, dt.date]:
    """Give first and last day of `count` months from a month, which may lie past December."""
    last = month + count - 1
    first = dt.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    end_year, end_month = year + (last - 1) // 12, (last - 1) % 12 + 1
    return first, dt.date(end_year, end_month, calendar.monthrange(end_year, end_month)[1])
