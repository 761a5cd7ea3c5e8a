"""Keyed draws depend on the id alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.demo.chance import Chance, blank_where, choices, either


def test_a_draw_does_not_depend_on_order_or_company() -> None:
    chance, ids = Chance(5, "tax"), np.arange(1000)
    backwards = chance.uniform(ids[::-1], "typo")[::-1]
    assert np.array_equal(chance.uniform(ids, "typo"), backwards)
    assert chance.uniform(ids[17:18], "typo")[0] == backwards[17]


def test_draws_differ_by_seed_label_and_salt() -> None:
    ids = np.arange(50)
    drawn = [
        tuple(Chance(seed, label).uniform(ids, salt))
        for seed, label, salt in ((1, "a", "x"), (2, "a", "x"), (1, "b", "x"), (1, "a", "y"))
    ]
    assert len(set(drawn)) == 4


def test_draws_are_even() -> None:
    drawn = Chance(1, "even").uniform(np.arange(20_000), "x")
    assert 0 <= drawn.min() < 0.001 and 0.999 < drawn.max() < 1
    assert np.histogram(drawn, 10, (0, 1))[0].min() > 1850


@given(st.integers(1, 6), st.integers(0, 2**32))
def test_shuffled_numbers_are_never_the_same(digits: int, seed: int) -> None:
    ids = np.arange(min(10**digits, 3000))
    numbers = Chance(seed, "refs").shuffled(ids, "x", digits)
    assert len(np.unique(numbers)) == len(ids)
    assert numbers.min() >= 0 and numbers.max() < 10**digits


def test_shuffled_numbers_are_in_no_order() -> None:
    numbers = Chance(1, "refs").shuffled(np.arange(5000), "x", 7)
    assert len(np.unique(np.diff(numbers))) > 4900


@pytest.mark.parametrize(("weights", "share"), [(None, 0.5), ([9.0, 1.0], 0.9)])
def test_pick_keeps_to_the_weights(weights: list[float] | None, share: float) -> None:
    picked = Chance(1, "pick").pick(np.arange(20_000), "x", ["a", "b"], weights)
    assert abs((picked == "a").mean() - share) < 0.02


def test_days_lie_within_their_bounds() -> None:
    first, last = np.datetime64("2026-04-01"), np.datetime64("2026-04-03")
    days = Chance(1, "days").day(np.arange(500), "x", first, last)
    assert set(days.tolist()) == set(np.arange(first, last + 1).tolist())


def test_blanks_and_choices_by_row() -> None:
    flags = np.array([True, False])
    values = choices(["a", "b"])
    assert blank_where(values, flags).tolist() == [None, "b"] and values.tolist() == ["a", "b"]
    assert either(flags, "Y", None).tolist() == ["Y", None]
    assert either(flags, values, "z").tolist() == ["a", "z"]
