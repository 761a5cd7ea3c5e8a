"""Estimates m, u and the prior together from counted agreement patterns, by expectation maximisation.

Splink's own estimation fails where u is free and a level separates perfectly (its u becomes nought). Here
every level keeps a few imaginary pairs that agree as it starts, so no probability can vanish and little data
moves little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS, ENOUGH = 200, 1e-6
IMAGINARY_PAIRS = 5.0
"""How many pairs of each kind each comparison is assumed to have been seen for before training."""

Floats = NDArray[np.float64]


@dataclass
class Estimate:
    """What was estimated: for each comparison m and u by level (the last level first), and the prior."""

    m: list[Floats]
    u: list[Floats]
    prior: float


def estimate(patterns: NDArray[np.int64], counts: Floats, start: Estimate, fixed: Sequence[bool]) -> Estimate:
    """Estimate m, u and the prior.

    In: patterns, one row per agreement pattern and one column per comparison, holding its level (0 the last,
    -1 unknown); how many pairs have each; where to start; which comparisons are known and stay. Out: the
    estimate.
    """
    m, u, prior = [each.copy() for each in start.m], [each.copy() for each in start.u], start.prior
    for _ in range(ROUNDS):
        odds = np.log(prior / (1 - prior)) + sum(
            _log_ratio(patterns[:, place], m[place], u[place]) for place in range(len(m))
        )
        match = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        before, prior = prior, float(np.clip((match * counts).sum() / counts.sum(), 0.01, 0.9))
        change = abs(prior - before)
        for place, stays in enumerate(fixed):
            if not stays:
                levels = patterns[:, place]
                old = m[place]
                m[place] = _shares(levels, match * counts, start.m[place])
                u[place] = _shares(levels, (1 - match) * counts, start.u[place])
                change = max(change, float(np.abs(m[place] - old).max()))
        if change < ENOUGH:
            break
    return Estimate(m, u, prior)


def _log_ratio(levels: NDArray[np.int64], m: Floats, u: Floats) -> Floats:
    ratio: Floats = np.append(np.log(m / u), 0.0)
    return ratio[levels]  # an unknown level, -1, takes the nought at the end


def _shares(levels: NDArray[np.int64], weights: Floats, start: Floats) -> Floats:
    known = levels >= 0
    seen = np.bincount(levels[known], weights=weights[known], minlength=len(start)) + IMAGINARY_PAIRS * start
    shares: Floats = seen / seen.sum()
    return shares
