"""Funnel plots: how far areas may lie from the average of all of them by chance alone, given their size.

Pure arrays. A funnel asks whether an area differs from the whole by more than chance; it ranks nothing.

Source: Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from almoner.kernel.errors import CalculationError
from almoner.methods.rates import byar_interval

FloatArray = NDArray[np.float64]
Bounds = tuple[FloatArray, FloatArray]

WARNING, CONTROL = 0.95, 0.998
"""The two pairs of limits: about two and three standard deviations."""

WINSORISED = 0.1
"""The share of extreme values at either end that are drawn in before overdispersion is judged. Source: as above."""


class Place(StrEnum):
    """Where an area lies."""

    INSIDE = "within the limits"
    ABOVE_95 = "above the 95% limit"
    BELOW_95 = "below the 95% limit"
    ABOVE_998 = "above the 99.8% limit"
    BELOW_998 = "below the 99.8% limit"
    UNKNOWN = "not compared"


@dataclass(frozen=True)
class Overdispersion:
    """How much more areas differ than chance lets them: φ is 1 where chance explains all."""

    factor: float
    found: bool


def proportion_limits(
    average: float, trials: ArrayLike, confidence: float = CONTROL, method: Literal["exact", "wilson"] = "exact"
) -> Bounds:
    """Give the limits for proportions of so many trials around an average.

    "exact": interpolated binomial quantiles; "wilson": the proportion whose score interval just holds the average.
    Out: NaN where there are no trials. Raises: CalculationError for an average outside 0 to 1.
    """
    if not 0 <= average <= 1:
        raise CalculationError("An average proportion lies between 0 and 1.", todo="Divide percentages by 100.")
    n = np.asarray(trials, dtype=np.float64)
    tail = (1 - confidence) / 2
    safe = np.where(n > 0, n, np.nan)
    if method == "wilson":
        half = stats.norm.ppf(1 - tail) * np.sqrt(average * (1 - average) / safe)
        return np.maximum(average - half, 0.0), np.minimum(average + half, 1.0)
    counts = [_interpolated(stats.binom(np.round(safe), average), level) for level in (tail, 1 - tail)]
    return counts[0] / safe, np.minimum(counts[1] / safe, 1.0)


def rate_limits(
    average: float, at_risk: ArrayLike, per: float = 1.0, confidence: float = CONTROL,
    method: Literal["exact", "byar"] = "exact",
) -> Bounds:  # fmt: skip
    """Give the limits for rates in populations of so many around an average rate, both `per` so many people.

    "exact": interpolated Poisson quantiles; "byar": the rate whose Byar's interval just holds the average.
    Out: NaN where nobody is at risk. Raises: CalculationError for a negative average.
    """
    if average < 0:
        raise CalculationError("An average rate can't be negative.")
    n = np.asarray(at_risk, dtype=np.float64)
    safe = np.where(n > 0, n, np.nan)
    expected = safe * average / per
    tail = (1 - confidence) / 2
    if method == "byar":
        found = [np.array([_touching(each, side, confidence) for each in np.ravel(expected)]) for side in (1, 0)]
        low, high = (each.reshape(expected.shape) for each in found)
    else:
        low, high = (_interpolated(stats.poisson(expected), level) for level in (tail, 1 - tail))
    return low / safe * per, high / safe * per


def placed(values: ArrayLike, inner: Bounds, outer: Bounds) -> list[Place]:
    """Say where each value lies; on a limit is within it."""
    found = []
    for value, low, high, lowest, highest in zip(np.asarray(values, float), *inner, *outer, strict=True):
        if np.isnan([value, low, high, lowest, highest]).any():
            found.append(Place.UNKNOWN)
        elif value > highest or value < lowest:
            found.append(Place.ABOVE_998 if value > highest else Place.BELOW_998)
        elif value > high or value < low:
            found.append(Place.ABOVE_95 if value > high else Place.BELOW_95)
        else:
            found.append(Place.INSIDE)
    return found


def overdispersion(values: ArrayLike, average: float, variances: ArrayLike) -> Overdispersion:
    """Judge whether areas differ by more than chance: the mean of squared z, extremes drawn in.

    In: variances: of each value, if chance were all. Out: found where φ exceeds 1 by two standard errors.
    """
    y, v = np.asarray(values, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (y - average) / np.sqrt(v)
    z = z[np.isfinite(z)]
    if len(z) < 2:
        return Overdispersion(float("nan"), False)
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    factor = float((np.clip(z, low, high) ** 2).mean())
    return Overdispersion(factor, factor > 1 + 2 * float(np.sqrt(2 / len(z))))


def _interpolated(law: object, level: float) -> FloatArray:
    """Give the quantile of a law of counts, interpolated between the counts on either side of the level."""
    count = np.asarray(law.ppf(level), dtype=np.float64)  # type: ignore[attr-defined]
    above, below = law.cdf(count), law.cdf(count - 1)  # type: ignore[attr-defined]
    with np.errstate(divide="ignore", invalid="ignore"):
        back = np.where(above > below, (above - level) / (above - below), 0.0)
    return np.asarray(np.maximum(count - back, 0.0))


def _touching(expected: float, side: int, confidence: float) -> float:
    """Find the count whose Byar's upper (1) or lower (0) limit is the expected one; 0 where none is so small."""
    if not np.isfinite(expected) or expected <= 0:
        return float("nan") if not np.isfinite(expected) else 0.0

    def miss(count: float) -> float:
        return float(np.nan_to_num(byar_interval([count], confidence)[side][0])) - expected

    if miss(1e-9) >= 0:
        return 0.0
    return float(optimize.brentq(miss, 1e-9, 4 * expected + 100))
