"""What became of a figure over the last five periods is told from what is shown, and only where it can be told."""

from __future__ import annotations

import datetime as dt

import pytest

from almoner.counting.spans import spans_ending
from almoner.methods.cells import Cell
from almoner.profiles.figures import TrendPoint
from almoner.profiles.trends import direction_of
from almoner.registry.measures import Indicator

SPANS = spans_ending(dt.date(2026, 4, 30), "year", 6)


def _indicator(good: str = "low") -> Indicator:
    return Indicator.model_validate(
        {"name": "x", "title": "X", "topic": "T", "unit": "percent", "good": good, "geographies": ["ward"],
         "definition": "D", "numerator": {"fact": "residents"}, "denominator": {"fact": "residents"}}
    )  # fmt: skip


def _points(values: list[float | None], otherwise: int = 0) -> list[TrendPoint]:
    return [
        TrendPoint(span, Cell.suppressed()) if value is None
        else TrendPoint(span, Cell.rounded(value, 1), value - 1, value + 1, comparable=number >= otherwise)
        for number, (span, value) in enumerate(zip(SPANS, values, strict=True))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([10, 12, 15, 18, 21, 24], "increasing and getting worse"),
        ([24, 21, 18, 15, 12, 10], "decreasing and getting better"),
        ([15, 15.2, 14.9, 15.1, 15, 15], "no significant change"),
        ([10, 12, 15, None, 21, 24], ""),
    ],
)
def test_a_trend_is_told_in_words(values: list[float | None], words: str) -> None:
    assert direction_of(_indicator(), _points(values)) == words


def test_periods_that_were_counted_otherwise_are_no_part_of_a_trend() -> None:
    rising: list[float | None] = [10, 12, 15, 18, 21, 24]
    assert direction_of(_indicator(), _points(rising, otherwise=1)) != ""
    assert direction_of(_indicator(), _points(rising, otherwise=2)) == "", "four points are too few"
    assert direction_of(_indicator(), []) == ""


def test_neither_direction_is_better_where_nobody_says_so() -> None:
    assert direction_of(_indicator("none"), _points([10, 12, 15, 18, 21, 24])) == "increasing"
