"""Drawings of one figure: what is shown is drawn, what is withheld is not, and colour never stands alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.charts.rows import Drawn, Spread, mark, row_plot, spine_row
from almoner.charts.scales import scale_around, scale_over


@given(st.lists(st.floats(-1e4, 1e6).map(lambda number: round(number, 4)), max_size=30))  # as figures are shown
def test_a_scale_has_room_for_everything_and_for_zero(values: list[float]):
    scale = scale_over(values)
    assert scale.low <= min([0.0, *values]) and scale.high >= max([0.0, *values])
    assert 2 <= len(scale.ticks()) <= 7
    assert all(0 <= scale.at(value) <= 100 for value in values)


@given(st.lists(st.floats(50, 60), min_size=1, max_size=30))
def test_a_scale_of_a_line_may_start_above_zero(values: list[float]):
    scale = scale_over(values, from_zero=False)
    assert 0 < scale.low <= min(values) <= max(values) <= scale.high + 1e-9


@given(st.floats(-100, 100), st.lists(st.floats(-1e3, 1e3), max_size=9))
def test_the_comparator_stands_in_the_middle(middle: float, values: list[float]):
    scale = scale_around(middle, values)
    assert scale.at(middle) == pytest.approx(50)
    assert all(scale.low - 1e-9 <= value <= scale.high + 1e-9 for value in values)


def test_a_row_is_a_dot_with_its_interval_or_a_bar_or_nothing():
    scale = scale_over([8.0, 10.0, 12.0])
    drawn = row_plot(Drawn(10.0, 8.0, 12.0), scale, None)
    assert 'class="pt"' in drawn and 'class="ci"' in drawn and 'class="bar"' not in drawn
    assert 'class="bar"' in row_plot(Drawn(10.0), scale, None)
    assert _classes(row_plot(Drawn(None), scale, None)) == {"plot"}


def test_a_spine_row_without_a_figure_shows_the_range_and_the_comparator_alone():
    scale, spread = scale_around(5.0, [1.0, 8.0]), Spread(1.0, 3.0, 6.0, 8.0)
    assert _classes(spine_row(Drawn(None), spread, scale, 5.0)) == {"plot spread", "range", "half", "spine"}
    shown = spine_row(Drawn(7.0, 6.0, 8.0, "higher"), spread, scale, 5.0)
    assert _classes(shown) >= {"ci", "pt higher"}


def test_a_mark_differs_in_shape_and_points_where_the_figure_lies():
    up, down = mark(10, 11, "worse", above=True), mark(10, 11, "better", above=False)
    assert "polygon" in up and "polygon" in down and "0,-6" in up and "0,6" in down
    assert "circle" in mark(10, 11, "similar", above=True)
    assert "circle" in mark(10, 11, "not compared", above=True)


def _classes(drawing: str) -> set[str]:
    return set(re.findall(r'class="([^"]+)"', drawing))
