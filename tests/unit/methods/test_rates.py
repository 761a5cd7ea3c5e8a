"""Intervals and rates against published answers, and against slow second implementations."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from almoner.methods import rates


def test_the_published_answers_are_met(shared_data: Path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(shared_data / "data" / "statistics" / "testdata_Byars_Wilson.xlsx")
    cases = [row for row in list(book.active.iter_rows(values_only=True))[1:] if row[5]]
    assert len(cases) >= 12
    for x, n, low, high, level, method in cases:
        confidence = float(level.rstrip("%")) / 100
        if method == "Wilson":
            got = rates.wilson_interval([x], [n], confidence)
        else:
            got = rates.byar_interval([x], confidence)
        assert got[1][0] == pytest.approx(high, rel=1e-12)
        if low is None:
            assert math.isnan(got[0][0]), "the published lower limit does not exist"
        else:
            assert got[0][0] == pytest.approx(low, rel=1e-12)


def test_counts_below_ten_have_exact_limits_and_from_ten_byars():
    low, high = rates.count_interval([9, 10])
    exact, byar = rates.exact_interval([9]), rates.byar_interval([10])
    assert (low[0], high[0]) == (exact[0][0], exact[1][0])
    assert (low[1], high[1]) == (byar[0][0], byar[1][0])
    assert rates.byar_interval([9])[0][0] != low[0]


@pytest.mark.parametrize("count", [0, 1, 3, 9])
def test_exact_limits_leave_the_right_tails(count: int):
    low, high = rates.exact_interval([count])
    assert stats.poisson.cdf(count, high[0]) == pytest.approx(0.025, rel=1e-9)
    if count:
        assert stats.poisson.sf(count - 1, low[0]) == pytest.approx(0.025, rel=1e-9)
    else:
        assert low[0] == 0


def test_a_rate_of_nobody_is_no_rate():
    assert np.isnan(rates.rate([0, 5], [0, 0])).all()
    assert np.isnan(rates.wilson_interval([0], [0])).all()


def test_more_cases_than_people_is_no_proportion():
    assert np.isnan(rates.wilson_interval([6], [5])).all()


def test_rates_are_per_thousand():
    assert rates.rate([5, 30], [1000, 1500]).tolist() == [5.0, 20.0]
    low, high = rates.rate_interval([65], [2000])
    assert low[0] == pytest.approx(50.163187710459454 / 2)
    assert high[0] == pytest.approx(82.84913854593984 / 2)


@given(st.integers(0, 500), st.integers(1, 500), st.sampled_from([0.8, 0.95, 0.998]))
def test_wilson_solves_its_own_equation(x: int, extra: int, level: float):
    n = x + extra
    z = stats.norm.ppf(1 - (1 - level) / 2)
    for bound in (interval[0] for interval in rates.wilson_interval([x], [n], level)):
        assert abs(x / n - bound) == pytest.approx(z * math.sqrt(bound * (1 - bound) / n), abs=1e-9)


@given(st.integers(1, 100_000))
def test_an_interval_holds_its_count(count: int):
    low, high = rates.count_interval([count])
    assert low[0] < count < high[0]
