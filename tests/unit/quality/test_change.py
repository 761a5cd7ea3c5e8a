"""How a figure changes: what is withheld, what is a gap, when it is better or worse."""

from __future__ import annotations

import datetime as dt

import pytest

from almoner.methods.cells import Marker
from almoner.methods.spc import Signal
from almoner.quality.arrivals import Kept
from almoner.quality.change import count_cell, current, met_percent, series_of


def kept(month: int, missed: int, tested: int = 1000, *, version: int = 1, definition: str = "") -> Kept:
    """Make the figure of a month's delivery."""
    year, number = 2025 + (month - 1) // 12, (month - 1) % 12 + 1
    day = dt.date(year, number, 28)
    return Kept(month * 10 + version, "a.b", f"{year}-{number:02d}", day, day, day, version, "complete:x", missed,
                tested, definition)  # fmt: skip


@pytest.mark.parametrize(
    ("missed", "tested", "marker", "value"),
    [
        (0, 1000, "", 100.0),
        (5, 1000, "", 99.5),
        (1, 1000, "[c]", None),
        (4, 1000, "[c]", None),
        (998, 1000, "[c]", None),  # two that met it: who they are would be told
        (1000, 1000, "", 0.0),
        (0, 2, "[c]", None),  # two rows
        (2, 2, "[c]", None),
        (0, 0, "[z]", None),
    ],
)
def test_small_numbers_are_withheld_and_nothing_is_not_zero(
    missed: int, tested: int, marker: str, value: float | None
) -> None:
    percent, count = met_percent(missed, tested, 4), count_cell(missed, tested, 4)
    assert (str(percent.marker), percent.value) == (marker, value)
    assert str(count.marker) == marker
    assert count.value == (None if marker else missed)


def test_for_those_who_mend_nothing_is_withheld() -> None:
    assert met_percent(1, 4, None).value == 75


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    figures = [kept(1, 500), kept(2, 400), kept(1, 10, version=2)]
    assert [(each.delivery, each.missed) for each in current(figures)] == [("2025-01", 10), ("2025-02", 400)]


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [((100, 1000), (20, 1000), "better"), ((20, 1000), (100, 1000), "worse"), ((20, 1000), (25, 1000), "no clear change"),
     ((1, 2), (2, 2), "no clear change")],
)  # fmt: skip
def test_two_deliveries_differ_where_their_intervals_lie_apart(
    before: tuple[int, int], now: tuple[int, int], direction: str
) -> None:
    assert series_of([kept(1, *before), kept(2, *now)], 4).direction == direction


def test_another_wording_of_a_rule_is_not_compared() -> None:
    assert series_of([kept(1, 10, definition="a"), kept(2, 900, definition="b")], 4).direction == "not comparable"


def test_an_empty_delivery_is_not_compared() -> None:
    assert series_of([kept(1, 10), kept(2, 0, 0)], 4).direction == "not comparable"


def test_a_fall_beyond_the_limits_is_a_signal() -> None:
    steady = [kept(month, 50 + month % 3) for month in range(1, 12)]
    series = series_of([*steady, kept(12, 300)], 4)
    assert series.direction == "worse"
    assert series.signal == Signal.OUTSIDE
    assert series_of(steady, 4).signal == ""


def test_a_withheld_figure_is_a_gap_in_the_chart() -> None:
    figures = [kept(month, 2 if month == 5 else 60) for month in range(1, 10)]
    series = series_of(figures, 4)
    assert series.chart is not None
    assert [value != value for value in series.chart.values] == [month == 5 for month in range(1, 10)]
    assert series.points[4].met.marker is Marker.SUPPRESSED


def test_a_new_wording_starts_a_new_stretch() -> None:
    figures = [kept(month, 100, definition="a") for month in range(1, 8)]
    figures += [kept(month, 500, definition="b") for month in range(8, 15)]
    series = series_of(figures, 4)
    assert series.chart is not None
    assert list(series.chart.step) == [0] * 7 + [1] * 7
    assert not any(series.chart.signals)
