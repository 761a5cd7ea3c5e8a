"""Says which numbers must be hidden for their own sake: small counts, and sums of money that one payer makes up.

Three rules: the threshold for counts, dominance (n, k) and p% for amounts. Each also says how wide the range must stay
to which anybody can narrow a hidden number down. They know one number at a time: what gives a hidden number away
is hidden by `secondary`.

Source: Government Statistical Service, "Disclosure control for tables produced from administrative sources" (2014);
Hundepool et al., Statistical Disclosure Control (2012), section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.sums import BoolArray, FloatArray

LARGEST_SMALL_COUNT = 4
"""Counts from 1 to this are withheld."""

ROUNDING_BASE = 5
"""Published counts are rounded to the nearest multiple of this."""


@dataclass(frozen=True)
class SmallNumberRule:
    """How small numbers are treated.

    width: how wide the range must be to which an attacker can narrow a withheld small count.
    """

    largest_small: int = LARGEST_SMALL_COUNT
    base: int = ROUNDING_BASE
    width: int = LARGEST_SMALL_COUNT


RULE = SmallNumberRule()


@dataclass(frozen=True)
class DominanceRule:
    """An amount is hidden if its `n` largest contributors make up more than `k` percent of it."""

    n: int = 2
    k: float = 85.0


@dataclass(frozen=True)
class PercentRule:
    """An amount is hidden if its second contributor could estimate the first to within `p` percent."""

    p: float = 10.0


def is_small(counts: ArrayLike, rule: SmallNumberRule = RULE) -> BoolArray:
    """Say which counts are small: from 1 to the threshold, never 0."""
    values = np.asarray(counts, dtype=np.float64)
    result: BoolArray = (values > 0) & (values <= rule.largest_small)
    return result


def is_dominated(contributions: Sequence[float], rule: DominanceRule) -> bool:
    """Say whether a few contributors make up too much of an amount.

    In: what each contributor gave; negative amounts count by their size.
    """
    sizes = _largest_first(contributions)
    total = float(sizes.sum())
    return total > 0 and float(sizes[: rule.n].sum()) > rule.k / 100 * total


def is_estimable(contributions: Sequence[float], rule: PercentRule) -> bool:
    """Say whether the second largest contributor could estimate the largest too closely, by subtracting their own.

    An amount of a single contributor always is.
    """
    return _remainder_missing(contributions, rule) > 0


def protection_needed(contributions: Sequence[float], rule: PercentRule) -> float:
    """Compute by how much the published amount must stay uncertain upwards, and as much downwards; 0 if it is safe.

    Source: Hundepool et al. (2012), table 4.2.
    """
    return max(0.0, _remainder_missing(contributions, rule))


def _remainder_missing(contributions: Sequence[float], rule: PercentRule) -> float:
    sizes = _largest_first(contributions)
    if not sizes.sum() > 0:
        return 0.0
    return rule.p / 100 * float(sizes[0]) - float(sizes[2:].sum())


def _largest_first(contributions: Sequence[float]) -> FloatArray:
    sizes = np.abs(np.asarray(contributions, dtype=np.float64))
    if np.any(np.isnan(sizes)):
        raise CalculationError("A contribution is missing.", why="It can't be told from 0.")
    return np.sort(sizes)[::-1]
