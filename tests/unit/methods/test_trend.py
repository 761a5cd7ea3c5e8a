"""Recent trends, against the definition and against an unweighted regression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from almoner.kernel.errors import CalculationError
from almoner.methods.rates import rate_interval, wilson_interval
from almoner.methods.trend import SIGNIFICANT, Direction, recent_trend, weighted_slope


def around(values, half=0.1):
    values = np.asarray(values, dtype=float)
    return values, values - half, values + half


def test_the_published_threshold():
    assert pytest.approx(9.5495, abs=5e-5) == SIGNIFICANT


def test_a_clear_rise_and_a_clear_fall():
    assert recent_trend(*around([1, 2, 3, 4, 5])).direction is Direction.RISING
    assert recent_trend(*around([5, 4, 3, 2, 1])).direction is Direction.FALLING


def test_noise_is_no_trend():
    assert recent_trend(*around([1, 2, 1, 2, 1], half=2)).direction is Direction.STEADY


def test_only_the_last_five_points_count():
    assert recent_trend(*around([9, 8, 7, 6, 5, 1, 2, 3, 4, 5])).direction is Direction.RISING


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [1, 2, np.nan, 4, 5], []], ids=["four points", "a gap", "none"])
def test_what_cannot_be_calculated(values):
    assert recent_trend(*around(values)).direction is Direction.UNKNOWN


def test_an_interval_of_no_width_weighs_without_end_and_is_refused():
    assert recent_trend(*around([1, 2, 3, 4, 5], half=0)).direction is Direction.UNKNOWN


def test_one_point_alone_makes_no_trend():
    """The slope is far above the threshold, but turns its sign without the last point."""
    values = [3.0, 2.9, 2.8, 2.7, 9.0]
    found = recent_trend(*around(values))
    assert found.chi_square > SIGNIFICANT and found.direction is Direction.STEADY


def test_zero_has_no_logarithm():
    values, lower, upper = around([0, 1, 2, 3, 4], half=0.5)
    assert recent_trend(values, lower, upper, "log").direction is Direction.UNKNOWN
    assert recent_trend(values / 4, lower / 4, upper / 4, "logit").direction is Direction.UNKNOWN


def test_proportions_and_rates_on_their_own_scales():
    counts, people = np.array([100, 130, 160, 190, 220]), np.full(5, 1000)
    assert recent_trend(counts / people, *wilson_interval(counts, people), "logit").direction is Direction.RISING
    low, high = rate_interval(counts, people)
    assert recent_trend(counts, low, high, "log").direction is Direction.RISING


def test_what_is_good_decides_the_words():
    rise = recent_trend(*around([1, 2, 3, 4, 5]))
    assert rise.words("high") == "increasing and getting better"
    assert rise.words("low") == "increasing and getting worse"
    assert rise.words("none") == "increasing"


def test_values_without_their_intervals_are_refused():
    with pytest.raises(CalculationError):
        recent_trend([1, 2, 3, 4, 5], [0, 1], [2, 3, 4, 5, 6])


@given(st.lists(st.floats(-100, 100), min_size=5, max_size=5))
def test_equal_weights_give_the_slope_of_an_ordinary_regression(values):
    slope, variance = weighted_slope(np.array(values), np.full(5, 4.0))
    assert slope == pytest.approx(stats.linregress(range(5), values).slope, abs=1e-9)
    assert variance == pytest.approx(1 / (4.0 * 10))


@given(st.lists(st.floats(0.1, 100), min_size=5, max_size=5), st.floats(0.01, 3))
def test_a_series_turned_round_has_the_opposite_trend(values, half):
    forward, backward = recent_trend(*around(values, half)), recent_trend(*around(values[::-1], half))
    assert forward.chi_square == pytest.approx(backward.chi_square, rel=1e-6, abs=1e-9)
    turned = {Direction.RISING: Direction.FALLING, Direction.FALLING: Direction.RISING}
    assert backward.direction is turned.get(forward.direction, forward.direction)
