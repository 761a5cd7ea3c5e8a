"""Estimation: it finds what generated the patterns, and no probability vanishes."""

from __future__ import annotations

import numpy as np
import pytest

from almoner.linkage.em import Estimate, estimate

TRUE_M = [np.array([0.05, 0.15, 0.8]), np.array([0.1, 0.9]), np.array([0.02, 0.98])]
TRUE_U = [np.array([0.9, 0.08, 0.02]), np.array([0.7, 0.3]), np.array([0.95, 0.05])]
START = Estimate(
    [np.array([0.2, 0.2, 0.6]), np.array([0.2, 0.8]), np.array([0.2, 0.8])],
    [np.array([0.7, 0.2, 0.1]), np.array([0.6, 0.4]), np.array([0.7, 0.3])],
    0.5,
)


def patterns(pairs: int, prior: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    match = generator.random(pairs) < prior
    columns = [
        np.where(match, generator.choice(len(m), pairs, p=m), generator.choice(len(u), pairs, p=u))
        for m, u in zip(TRUE_M, TRUE_U, strict=True)
    ]
    columns[1] = np.where(generator.random(pairs) < 0.3, -1, columns[1])
    rows, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    return rows.astype(np.int64), counts.astype(np.float64)


def test_it_finds_the_probabilities_that_made_the_patterns() -> None:
    found = estimate(*patterns(200_000, 0.3, 5), START, [False] * 3)
    assert found.prior == pytest.approx(0.3, abs=0.01)
    for got, true in zip(found.m + found.u, TRUE_M + TRUE_U, strict=True):
        assert got == pytest.approx(true, abs=0.02)


def test_a_known_comparison_stays_as_it_is() -> None:
    found = estimate(*patterns(2_000, 0.3, 5), START, [True, False, False])
    assert found.m[0] is not START.m[0]
    assert (found.m[0] == START.m[0]).all() and (found.u[0] == START.u[0]).all()


def test_perfectly_parted_patterns_leave_no_probability_at_nought() -> None:
    rows, counts = np.array([[2, 1, 1], [0, 0, 0]]), np.array([500.0, 500.0])
    found = estimate(rows, counts, START, [False] * 3)
    assert min(each.min() for each in found.m + found.u) > 0
    assert all(each.sum() == pytest.approx(1) for each in found.m + found.u)
