"""The periods that figures are for: whole months, quarters and years, and the window up to a day."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

from almoner.counting.plans import months_before
from almoner.kernel.periods import calendar_quarter, financial_year

Every = Literal["month", "quarter", "year", "financial_year"]

BEGINNING = dt.date(1, 1, 1)
"""The start of a span that has none: everything up to its end."""

NOW = "now"
"""The name of the span of a headline figure."""

_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12, "financial_year": 12}
_FIRST_MONTH = {"month": 1, "quarter": 1, "year": 1, "financial_year": 4}


@dataclass(frozen=True)
class Span:
    """Days that a figure is about, first and last included. name: '2026-04', '2026-Q1', '2026' or '2025-26'."""

    name: str
    starts_on: dt.date
    ends_on: dt.date

    @property
    def bounded(self) -> bool:
        """Say whether the span has a start."""
        return self.starts_on > BEGINNING


def window(as_of: dt.date, months: int | None, name: str = NOW) -> Span:
    """Give the last so many months up to a day; without a number, everything up to it."""
    start = months_before(as_of, months) + dt.timedelta(days=1) if months else BEGINNING
    return Span(name, start, as_of)


def spans_ending(as_of: dt.date, every: Every, number: int) -> tuple[Span, ...]:
    """Give the last whole periods that are over on a day, the oldest first."""
    length = _MONTHS[every]
    # Months are counted from year 0, so that a period starts where the count has the right remainder.
    after = (as_of + dt.timedelta(days=1)).year * 12 + (as_of + dt.timedelta(days=1)).month - 1
    end = after - (after - (_FIRST_MONTH[every] - 1)) % length
    return tuple(_span(every, end - length * back, length) for back in range(number, 0, -1))


def _span(every: Every, start: int, length: int) -> Span:
    first = dt.date(start // 12, start % 12 + 1, 1)
    year, month = divmod(start + length - 1, 12)
    last = dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    names = {
        "month": f"{first:%Y-%m}",
        "quarter": f"{first.year}-Q{calendar_quarter(first)}",
        "year": str(first.year),
        "financial_year": financial_year(first),
    }
    return Span(names[every], first, last)
