"""The attacker finds out what can be found out, never more than that, and never excludes the truth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almoner.kernel.errors import FiguresContradict
from almoner.methods.disclosure.attacker import deduce, too_narrow
from almoner.methods.disclosure.sums import Group, propagate, sums_of

TABLE = st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=2, max_size=3)


def _table(inner: list[list[int]]) -> tuple[np.ndarray, list[Group]]:
    """A table with row totals and column totals, and the whole."""
    table = np.array(inner)
    height, width = table.shape
    counts = [*table.ravel(), *table.sum(axis=1), *table.sum(axis=0), table.sum()]
    rows = [Group(height * width + r, tuple(range(r * width, (r + 1) * width))) for r in range(height)]
    first = height * width + height
    columns = [Group(first + c, tuple(range(c, height * width, width))) for c in range(width)]
    return np.array(counts, dtype=float), [*rows, *columns, Group(first + width, tuple(range(height * width, first)))]


@settings(max_examples=60, deadline=None)
@given(TABLE, st.data())
def test_the_truth_is_never_excluded(inner, data):
    counts, groups = _table(inner)
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts))))
    blur = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(counts), max_size=len(counts))))
    low = np.where(hidden, 0.0, np.maximum(counts - blur, 0))
    high = np.where(hidden, np.inf, counts + blur)
    lowest, highest = deduce(sums_of(groups), low, high)
    assert np.all(lowest <= counts) and np.all(counts <= highest)
    loose_low, loose_high = propagate(sums_of(groups), low, high)
    assert np.all(loose_low <= lowest + 1e-6) and np.all(loose_high >= highest - 1e-6)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=2, max_size=2))
def test_whole_numbers_are_tried_out_one_by_one(inner):
    """Margins are known, the inside is not: every table with these margins is counted up."""
    counts, groups = _table(inner)
    low, high = counts.copy(), counts.copy()
    low[:4], high[:4] = 0, np.inf
    lowest, highest = deduce(sums_of(groups), low, high, integers=True)
    table = np.array(inner)
    fitting = [
        t
        for t in product(range(7), repeat=4)
        if np.array_equal(np.reshape(t, (2, 2)).sum(0), table.sum(0))
        and np.array_equal(np.reshape(t, (2, 2)).sum(1), table.sum(1))
    ]
    assert lowest[:4].tolist() == np.min(fitting, axis=0).tolist()
    assert highest[:4].tolist() == np.max(fitting, axis=0).tolist()


def test_a_count_without_a_limit_is_said_to_have_none():
    low, high = deduce(sums_of([Group(0, (1, 2))]), [1, 1, 5], [np.inf, np.inf, 5])
    assert (low.tolist(), high.tolist()) == ([6, 1, 5], [np.inf, np.inf, 5])


def test_figures_that_can_not_all_be_true_are_a_contradiction():
    with pytest.raises(FiguresContradict):
        deduce(sums_of([Group(0, (1, 2))]), [3, 2, 2], [3, 2, 2])


def test_subtraction_that_needs_two_sums_at_once_is_found():
    """Propagation sees one sum at a time and learns nothing here; both together give the count away."""
    # a + b = 10, b + c = 11, a + c = 9: no single sum narrows a, b, c to one value.
    groups = [Group(3, (0, 1)), Group(4, (1, 2)), Group(5, (0, 2))]
    low = np.array([0, 0, 0, 10, 11, 9.0])
    high = np.array([np.inf, np.inf, np.inf, 10, 11, 9])
    loose = propagate(sums_of(groups), low, high)
    assert np.all(loose[1][:3] - loose[0][:3] > 5)
    assert [end[:3].tolist() for end in deduce(sums_of(groups), low, high)] == [[4, 6, 5], [4, 6, 5]]


def test_too_narrow_gives_the_ranges_of_what_is_too_narrow_only():
    groups = [Group(0, (1, 2)), Group(3, (4, 5))]
    low = np.array([7, 1, 1, 100, 1, 1.0])
    high = np.array([7, np.inf, np.inf, 100, np.inf, np.inf])
    truth = np.array([7, 3, 4, 100, 40, 60.0])
    found = too_narrow(sums_of(groups), low, high, truth, np.array([1, 2, 4, 5]), 6.0)
    assert found == {1: (1.0, 6.0), 2: (1.0, 6.0)}
