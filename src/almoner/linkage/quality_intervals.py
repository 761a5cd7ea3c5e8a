"""Proportions with their intervals, and how intervals of independent proportions make one of a whole.

A proportion without an interval can't be made here. Pure arithmetic; nothing here may know what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

from almoner.methods.rates import wilson_interval

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with the limits of its interval, and how many independent units (people, decisions) stand behind it."""

    value: float
    low: float
    high: float
    n: int


def proportion(successes: float, trials: float, units: int) -> Estimate:
    """Give a proportion with Wilson's interval.

    In: pairs that are right, pairs in all, and how many independent units they come from: the pairs of one person
    stand or fall together, so the interval is as wide as that many trials would make it.
    Raises: ValueError where there is nothing to divide by.
    """
    if trials <= 0 or units <= 0:
        raise ValueError("a proportion of nothing")
    value = successes / trials
    low, high = wilson_interval([value * units], [units], CONFIDENCE)
    return Estimate(value, min(float(low[0]), value), max(float(high[0]), value), units)


def mean(parts: Sequence[tuple[float, Estimate]]) -> Estimate:
    """Give the weighted mean of independent estimates; the weights are known and need not add up to 1.

    Raises: ValueError where no weight is above 0.
    Source: variance estimates recovered from the limits (MOVER): Newcombe 1998; Zou and Donner 2008.
    """
    whole = sum(weight for weight, _ in parts)
    if whole <= 0:
        raise ValueError("a mean of nothing")
    shares = [(weight / whole, part) for weight, part in parts if weight > 0]
    value = sum(share * part.value for share, part in shares)
    below = sqrt(sum((share * (part.value - part.low)) ** 2 for share, part in shares))
    above = sqrt(sum((share * (part.high - part.value)) ** 2 for share, part in shares))
    return Estimate(value, max(value - below, 0.0), min(value + above, 1.0), sum(part.n for _, part in shares))


def harmonic_mean(parts: Sequence[tuple[float, Estimate]]) -> Estimate:
    """Give found ÷ true over strata of which the number *found* is known and the share found is estimated.

    In: (found, share of the true that was found) of each stratum. Out: all found ÷ the sum of found ÷ share.
    Raises: ValueError where nothing was found anywhere.
    Source: as `mean`, over the reciprocals.
    """
    shares = [(weight, part) for weight, part in parts if weight > 0]
    if not shares:
        raise ValueError("a mean of nothing")
    whole = sum(weight for weight, _ in shares)
    value = sum(weight / whole * _over(part.value) for weight, part in shares)
    more = sqrt(sum((weight / whole * _apart(_over(part.low), _over(part.value))) ** 2 for weight, part in shares))
    less = sqrt(sum((weight / whole * _apart(_over(part.value), _over(part.high))) ** 2 for weight, part in shares))
    return Estimate(_over(value), _over(value + more), _over(max(value - less, 1.0)), sum(p.n for _, p in shares))


def share_of_two(one: tuple[float, float, float], other: tuple[float, float, float], n: int) -> Estimate:
    """Give one ÷ (one + other) of two independent amounts.

    In: (value, low, high) of each, none below 0. Raises: ValueError where both are 0.
    Source: the ratio of two recovered variances (MOVER-R): Donner and Zou 2012.
    """
    (a, a_low, a_high), (b, b_low, b_high) = one, other
    if a + b <= 0:
        raise ValueError("a share of nothing")
    if a <= 0:
        return Estimate(0.0, 0.0, a_high / (a_high + b_low) if a_high + b_low else 1.0, n)
    low = _ratio_limit(b, b_low, b_high, a, a_low, a_high, upper=False)
    high = _ratio_limit(b, b_low, b_high, a, a_low, a_high, upper=True)
    return Estimate(a / (a + b), 1 / (1 + high), 1 / (1 + low), n)


def _ratio_limit(t1: float, l1: float, u1: float, t2: float, l2: float, u2: float, *, upper: bool) -> float:
    """Give a limit of t1 ÷ t2."""
    near, far = (u1, l2) if upper else (l1, u2)
    below = far * (2 * t2 - far)
    if below <= 0:
        return inf if upper else 0.0
    root = sqrt(max((t1 * t2) ** 2 - near * far * (2 * t1 - near) * (2 * t2 - far), 0.0))
    return max((t1 * t2 + (root if upper else -root)) / below, 0.0)


def _over(value: float) -> float:
    return inf if value <= 0 else 0.0 if value == inf else 1.0 / value


def _apart(high: float, low: float) -> float:
    return 0.0 if high == low else high - low
