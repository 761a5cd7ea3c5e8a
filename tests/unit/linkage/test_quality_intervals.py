"""Intervals of one proportion and of several together: against known answers, and against thousands of drawn samples."""

from __future__ import annotations

import numpy as np
import pytest

from almoner.linkage.quality_intervals import Estimate, harmonic_mean, mean, proportion, share_of_two
from almoner.methods.rates import wilson_interval

DRAWS = 1500
NEAR_ENOUGH = (0.93, 0.999)
"""How often a 95% interval may cover over so many draws of strata near 1, where whole numbers make it uneven."""


def test_a_proportion_has_wilsons_interval_of_its_units() -> None:
    found = proportion(45, 50, 50)
    low, high = wilson_interval([45], [50])
    assert (found.value, found.n) == (0.9, 50)
    assert (found.low, found.high) == pytest.approx((low[0], high[0]))


def test_pairs_of_few_people_give_a_wider_interval_than_their_number() -> None:
    many, few = proportion(900, 1000, 1000), proportion(900, 1000, 50)
    assert many.value == few.value
    assert few.low < many.low and few.high > many.high


@pytest.mark.parametrize("make", [lambda: proportion(0, 0, 0), lambda: mean([]), lambda: harmonic_mean([])])
def test_nothing_has_no_estimate(make: object) -> None:
    with pytest.raises(ValueError, match="nothing"):
        make()  # type: ignore[operator]


def test_one_stratum_is_itself() -> None:
    only = proportion(45, 50, 50)
    for found in (mean([(7, only)]), harmonic_mean([(7, only)])):
        assert (found.value, found.low, found.high) == pytest.approx((only.value, only.low, only.high))


def test_a_stratum_without_weight_counts_for_nothing() -> None:
    only, other = proportion(45, 50, 50), Estimate(0.1, 0.0, 1.0, 3)
    assert mean([(7, only), (0, other)]) == mean([(7, only)])
    assert harmonic_mean([(7, only), (0, other)]) == harmonic_mean([(7, only)])


def test_recall_is_all_found_over_all_that_are_true() -> None:
    found = harmonic_mean([(90, Estimate(0.9, 0.8, 0.95, 100)), (10, Estimate(0.5, 0.4, 0.6, 20))])
    assert found.value == pytest.approx(100 / (90 / 0.9 + 10 / 0.5))


def test_a_share_of_two_amounts() -> None:
    found = share_of_two((90.0, 80.0, 95.0), (10.0, 5.0, 20.0), 30)
    assert found.value == pytest.approx(0.9)
    assert 0.7 < found.low < 0.9 < found.high < 0.97
    assert share_of_two((90.0, 80.0, 95.0), (0.0, 0.0, 0.0), 30) == Estimate(1.0, 1.0, 1.0, 30)


@pytest.mark.parametrize(
    ("shares", "sizes", "weights"), [((0.99, 0.9, 0.6), (150, 80, 30), (500, 200, 40)), ((0.8, 0.3), (60, 60), (1, 1))]
)
def test_means_cover_the_truth_as_often_as_they_say(
    shares: tuple[float, ...], sizes: tuple[int, ...], weights: tuple[float, ...]
) -> None:
    random = np.random.default_rng(20260501)
    true = sum(w * s for w, s in zip(weights, shares, strict=True)) / sum(weights)
    true_recall = sum(weights) / sum(w / s for w, s in zip(weights, shares, strict=True))
    covered = recalled = 0
    for _ in range(DRAWS):
        drawn = [int(random.binomial(n, s)) for n, s in zip(sizes, shares, strict=True)]
        parts = [(w, proportion(max(x, 0), n, n)) for w, x, n in zip(weights, drawn, sizes, strict=True)]
        plain, found = mean(parts), harmonic_mean(parts)
        covered += plain.low <= true <= plain.high
        recalled += found.low <= true_recall <= found.high
    assert NEAR_ENOUGH[0] <= covered / DRAWS <= NEAR_ENOUGH[1]
    assert NEAR_ENOUGH[0] <= recalled / DRAWS <= NEAR_ENOUGH[1]
