"""Financial years, quarters, periods, and the date in London."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.kernel.errors import UsageError
from almoner.kernel.periods import calendar_quarter, financial_quarter, financial_year, parse_period, today


@pytest.mark.parametrize(
    ("day", "year", "quarter"),
    [
        (dt.date(2025, 3, 31), "2024-25", 4),
        (dt.date(2025, 4, 1), "2025-26", 1),
        (dt.date(2025, 6, 30), "2025-26", 1),
        (dt.date(2025, 7, 1), "2025-26", 2),
        (dt.date(2025, 12, 31), "2025-26", 3),
        (dt.date(2026, 1, 1), "2025-26", 4),
        (dt.date(1999, 4, 1), "1999-00", 1),
    ],
)
def test_financial_year_and_quarter(day: dt.date, year: str, quarter: int) -> None:
    assert financial_year(day) == year
    assert financial_quarter(day) == quarter


@pytest.mark.parametrize(("month", "quarter"), [(1, 1), (3, 1), (4, 2), (9, 3), (12, 4)])
def test_calendar_quarter(month: int, quarter: int) -> None:
    assert calendar_quarter(dt.date(2025, month, 15)) == quarter


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-03", "2026-03-01", "2026-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-12", "2025-12-01", "2025-12-31"),
        ("2025-26", "2025-04-01", "2026-03-31"),
        ("1999-00", "1999-04-01", "2000-03-31"),
        ("2025-26 Q1", "2025-04-01", "2025-06-30"),
        ("2025-26 Q4", "2026-01-01", "2026-03-31"),
        ("2010-11 Q3", "2010-10-01", "2010-12-31"),
        ("2010-11", "2010-11-01", "2010-11-30"),  # could be both: a month
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-03-14", "2026-03-14", "2026-03-14"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    assert parse_period(text) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2025-27", "2026-3", "26-03", "March 2026", "2026-02-30", "2025-26 Q5", "2026-03 Q1", "0000",
     "9999-00", "2026-03-01x", "٢٠٢٦"],
)  # fmt: skip
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(UsageError):
        parse_period(text)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)))
def test_a_day_lies_in_its_financial_quarter_and_year(day: dt.date) -> None:
    year = financial_year(day)
    first, last = parse_period(f"{year} Q{financial_quarter(day)}")
    assert first <= day <= last
    assert financial_year(first) == financial_year(last) == year


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC), dt.date(2026, 7, 2)),  # summer time
        (dt.datetime(2026, 1, 1, 23, 30, tzinfo=dt.UTC), dt.date(2026, 1, 1)),
        (dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=5))), dt.date(2026, 3, 28)),
    ],
)
def test_today_in_london(instant: dt.datetime, day: dt.date) -> None:
    assert today(instant) == day


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        today(dt.datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is tested
    assert abs((today() - dt.datetime.now(tz=dt.UTC).date()).days) <= 1
