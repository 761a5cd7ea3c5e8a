"""Rounds counts so that no published figure is exact, and says what a rounded figure still tells.

Each way of rounding has its inverse: the range of true counts behind a published figure, which is what the attacker
is taken to know. Controlled rounding keeps the sums of a table true. A rounded figure must never fall outside its
own range.

Source: as named at each function.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.programme import cheapest_steps
from almoner.methods.disclosure.sums import Bounds, FloatArray, Group, sums_of

MIDPOINT_BASE = 6
"""Source: OpenSAFELY, "Statistical disclosure control", rounding to midpoint 6 (documentation, 2024)."""


def round_to(values: ArrayLike, base: int) -> FloatArray:
    """Round to the nearest multiple of `base`, halves upwards.

    Source: Ofqual, "Rounding policy for statistical publications" (2025): 26 is shown as 25.
    """
    result: FloatArray = np.floor(np.asarray(values, dtype=np.float64) / base + 0.5) * base
    return result


def round_above(values: ArrayLike, base: int, threshold: int) -> FloatArray:
    """Round to the nearest multiple of `base`; NaN for counts from 1 to `threshold`, which are withheld.

    Source: NHS Digital, "Disclosure control methodology for Hospital Episode Statistics" (2018): 1 to 7 withheld,
    others to the nearest 5.
    """
    counts = np.asarray(values, dtype=np.float64)
    return np.where((counts > 0) & (counts <= threshold), np.nan, round_to(counts, base))


def range_of_rounded(published: ArrayLike, base: int, threshold: int = 0, *, zero_is_zero: bool = True) -> Bounds:
    """Give the true counts that may stand behind figures rounded to the nearest multiple of `base`.

    In: threshold: counts from 1 to this were withheld, so none stands behind a figure; zero_is_zero: a published 0
        is a true 0 (else what rounds to 0 was published as 0).
    """
    shown = np.asarray(published, dtype=np.float64)
    low = np.maximum(np.ceil(shown - base / 2), 0.0)
    low = np.where(shown > 0, np.maximum(low, threshold + 1.0), low)
    high = np.ceil(shown + base / 2) - 1
    return low, np.where((shown == 0) & zero_is_zero, 0.0, high)


def round_to_midpoint(values: ArrayLike, base: int = MIDPOINT_BASE) -> FloatArray:
    """Round up to a multiple of `base`, then down by half of it: 1 to 6 become 3, 7 to 12 become 9; 0 stays.

    Source: OpenSAFELY, as `MIDPOINT_BASE`.
    """
    counts = np.asarray(values, dtype=np.float64)
    result: FloatArray = np.ceil(counts / base) * base - (base // 2) * (counts != 0)
    return result


def range_of_midpoint(published: ArrayLike, base: int = MIDPOINT_BASE) -> Bounds:
    """Give the true counts that may stand behind figures rounded to the midpoint."""
    shown = np.asarray(published, dtype=np.float64)
    top = np.where(shown == 0, 0.0, shown + base // 2)
    return np.where(shown == 0, 0.0, top - base + 1), top


def round_controlled(values: ArrayLike, groups: Sequence[Group], base: int) -> FloatArray:
    """Round every count to a neighbouring multiple of `base` such that all sums stay true.

    Multiples stay as they are. Of all such roundings one with the smallest distance from the counts is chosen.
    In: counts, and the sums among them, which must hold.
    Raises: CalculationError where the sums do not hold, or no such rounding exists (three linked dimensions).
    Source: Salazar-González, Mathematical Programming 105 (2006); zero-restricted controlled rounding.
    """
    counts = np.asarray(values, dtype=np.float64)
    floor = np.floor(counts / base)
    over = counts / base - floor
    for group in groups:
        if counts[group.total] != counts[list(group.parts)].sum():
            raise CalculationError("A total is not the sum of its parts.", why="Its rounding can't be either.")
    # Rounding up is 1 − over away from the count, rounding down is over: the difference decides.
    sums = sums_of(groups)
    ups = cheapest_steps(1 - 2 * over, (over > 0).astype(np.float64), sums, -sums.residuals(floor))
    if ups is None:
        raise CalculationError("No rounding keeps all sums.", todo="Round without control, or fewer linked tables.")
    result: FloatArray = (floor + ups) * base
    return result


def count_behind_rate(published: float, decimals: int, per: float, denominator: tuple[float, float]) -> Bounds:
    """Give the counts that may stand behind a published rate or percentage of a known denominator.

    In: per: 100 for a percentage, 1000 for a rate per 1,000; denominator: its lowest and highest possible value.
    Out: lowest and highest count, as arrays of one.
    """
    half = 0.5 * 10.0**-decimals
    low = np.ceil(max(published - half, 0.0) / per * denominator[0] - 1e-9)
    high = np.floor((published + half) / per * denominator[1] + 1e-9)
    return np.array([low]), np.array([high])
