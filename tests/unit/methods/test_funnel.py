"""Control limits of funnels, against the laws that they come from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from almoner.kernel.errors import CalculationError
from almoner.methods.funnel import (
    CONTROL,
    WARNING,
    Place,
    overdispersion,
    placed,
    proportion_limits,
    rate_limits,
)
from almoner.methods.rates import byar_interval, difference_interval, ratio_to, wilson_interval

SIZES = np.array([20, 100, 500, 5000])


@pytest.mark.parametrize("confidence", [WARNING, CONTROL])
def test_exact_limits_hold_what_they_say(confidence: float):
    low, high = proportion_limits(0.3, SIZES, confidence)
    tail = (1 - confidence) / 2
    for n, lowest, highest in zip(SIZES, low, high, strict=True):
        law = stats.binom(n, 0.3)
        assert law.cdf(np.floor(lowest * n) - 1) < tail <= law.cdf(np.ceil(lowest * n))
        assert law.cdf(np.floor(highest * n) - 1) < 1 - tail <= law.cdf(np.ceil(highest * n))


def test_wilson_limits_are_those_whose_interval_just_holds_the_average():
    low, high = proportion_limits(0.3, [200], WARNING, "wilson")
    assert wilson_interval(low * 200, [200])[1][0] == pytest.approx(0.3)
    assert wilson_interval(high * 200, [200])[0][0] == pytest.approx(0.3)


def test_byars_limits_are_those_whose_interval_just_holds_the_average():
    low, high = rate_limits(12.0, [2000], 1000, WARNING, "byar")
    assert byar_interval(low * 2)[1][0] == pytest.approx(24, rel=1e-6)
    assert byar_interval(high * 2)[0][0] == pytest.approx(24, rel=1e-6)


def test_exact_and_approximate_limits_agree_where_there_are_many():
    for exact, near in zip(
        proportion_limits(0.4, [50_000]), proportion_limits(0.4, [50_000], method="wilson"), strict=True
    ):
        assert exact[0] == pytest.approx(near[0], rel=1e-3)
    for exact, near in zip(rate_limits(0.1, [50_000]), rate_limits(0.1, [50_000], method="byar"), strict=True):
        assert exact[0] == pytest.approx(near[0], rel=1e-2)


def test_limits_narrow_as_areas_grow_and_998_lies_outside_95():
    for limits in (
        lambda level: proportion_limits(0.2, SIZES, level),
        lambda level: rate_limits(50, SIZES, 1000, level),
    ):
        (low, high), (lowest, highest) = limits(WARNING), limits(CONTROL)
        assert np.all(np.diff(high - low) < 0)
        assert np.all(lowest <= low) and np.all(high <= highest)


def test_nobody_at_risk_has_no_limits():
    assert np.isnan(proportion_limits(0.2, [0])).all() and np.isnan(rate_limits(2, [0])).all()


def test_an_average_of_nothing():
    assert proportion_limits(0.0, [50])[1][0] == 0 and rate_limits(0.0, [50])[1][0] == 0
    assert rate_limits(0.0, [50], method="byar")[1][0] == 0


@pytest.mark.parametrize("call", [lambda: proportion_limits(1.2, [5]), lambda: rate_limits(-1, [5])])
def test_impossible_averages_are_refused(call):
    with pytest.raises(CalculationError):
        call()


def test_each_place_in_the_funnel():
    inner = (np.full(6, 40.0), np.full(6, 60.0))
    outer = (np.full(6, 30.0), np.full(6, 70.0))
    got = placed([50, 60, 61, 71, 35, 20], inner, outer)
    assert got == [Place.INSIDE, Place.INSIDE, Place.ABOVE_95, Place.ABOVE_998, Place.BELOW_95, Place.BELOW_998]
    assert placed([np.nan], (np.array([1.0]), np.array([2.0])), (np.array([0.0]), np.array([3.0]))) == [Place.UNKNOWN]


def test_chance_alone_is_not_overdispersed_and_real_differences_are():
    chance = np.random.default_rng(1)
    alike = chance.normal(10, 1, 200)
    assert not overdispersion(alike, 10, np.ones(200)).found
    assert overdispersion(chance.normal(10, 3, 200), 10, np.ones(200)).found
    assert np.isnan(overdispersion([1.0], 1, [1.0]).factor)


def test_one_extreme_area_alone_is_not_overdispersion():
    values = np.tile([9.5, 10.5], 20)
    values[0] = 100
    assert not overdispersion(values, 10, np.ones(40)).found


def test_newcombes_published_difference():
    """Newcombe (1998), table II, method 10: 56/70 − 48/80 gives 0.0524 to 0.3339; 9/10 − 3/10 gives 0.1705 to 0.8090."""
    for one, other, low, high in (((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090)):
        difference, (lower, upper) = difference_interval(*one, *other)
        assert difference == pytest.approx(one[0] / one[1] - other[0] / other[1])
        assert (lower, upper) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_ratio_to_nothing_is_none():
    ratio, (low, high) = ratio_to([0, 2], [3, 3], [1, 1], [5, 5])
    assert np.isnan(ratio[0]) and (ratio[1], low[1], high[1]) == (1.5, 0.5, 2.5)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_difference_with_itself_holds_zero(trials: int, other_trials: int, data: st.DataObject):
    count = data.draw(st.integers(0, trials))
    other = data.draw(st.integers(0, other_trials))
    difference, (lower, upper) = difference_interval(count, trials, other, other_trials)
    back, (back_lower, back_upper) = difference_interval(other, other_trials, count, trials)
    assert lower <= difference + 1e-12 and difference <= upper + 1e-12
    assert (back, back_lower, back_upper) == (pytest.approx(-difference), pytest.approx(-upper), pytest.approx(-lower))
