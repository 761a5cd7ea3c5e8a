"""Periods: whole ones only, the oldest first."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from almoner.counting.spans import Span, spans_ending, window

DAY = dt.date


@pytest.mark.parametrize(
    ("as_of", "every", "number", "names", "first", "last"),
    [
        (DAY(2026, 4, 30), "month", 2, ["2026-03", "2026-04"], DAY(2026, 3, 1), DAY(2026, 4, 30)),
        (DAY(2026, 4, 29), "month", 2, ["2026-02", "2026-03"], DAY(2026, 2, 1), DAY(2026, 3, 31)),
        (DAY(2026, 4, 30), "quarter", 2, ["2025-Q4", "2026-Q1"], DAY(2025, 10, 1), DAY(2026, 3, 31)),
        (DAY(2026, 3, 31), "quarter", 1, ["2026-Q1"], DAY(2026, 1, 1), DAY(2026, 3, 31)),
        (DAY(2026, 12, 31), "year", 2, ["2025", "2026"], DAY(2025, 1, 1), DAY(2026, 12, 31)),
        (DAY(2026, 12, 30), "year", 1, ["2025"], DAY(2025, 1, 1), DAY(2025, 12, 31)),
        (DAY(2026, 4, 30), "financial_year", 2, ["2024-25", "2025-26"], DAY(2024, 4, 1), DAY(2026, 3, 31)),
        (DAY(2026, 3, 30), "financial_year", 1, ["2024-25"], DAY(2024, 4, 1), DAY(2025, 3, 31)),
    ],
)
def test_periods_are_whole_and_over(as_of: dt.date, every: str, number: int, names: list[str], first, last):
    spans = spans_ending(as_of, every, number)
    assert [span.name for span in spans] == names
    assert (spans[0].starts_on, spans[-1].ends_on) == (first, last)
    for one, other in itertools.pairwise(spans):
        assert other.starts_on - one.ends_on == dt.timedelta(days=1)


def test_a_window_ends_on_the_day_and_has_a_start_only_with_months():
    assert window(DAY(2026, 4, 30), 12) == Span("now", DAY(2025, 5, 1), DAY(2026, 4, 30))
    assert window(DAY(2026, 4, 30), 12).bounded and not window(DAY(2026, 4, 30), None).bounded
