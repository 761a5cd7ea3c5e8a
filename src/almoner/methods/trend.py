"""Recent trends by the method of OHID's Fingertips: is a series rising or falling over its last five points?

Pure arrays. A trend is tested, never projected, and a series with a gap among its last five points has none.

Source: OHID, "Fingertips technical guidance: recent trends" (2023); the last five points, a regression weighted
by the standard errors of the points, and a test at 0.2%.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from almoner.kernel.errors import CalculationError

FloatArray = NDArray[np.float64]
Transform = Literal["none", "log", "logit"]
Good = Literal["high", "low", "none"]

POINTS = 5
"""A recent trend is over this many points."""

SIGNIFICANT = float(stats.chi2.ppf(0.998, 1))
"""χ² with one degree of freedom must be above this, 9.5495: one chance in 500."""

_TESTED: dict[str, tuple[Transform, float]] = {
    "percent": ("logit", 100.0),
    "per_1000": ("log", 1.0),
    "count": ("log", 1.0),
}
"""Unit → on which scale its trend is tested, and what its values are divided by first; others: as they are."""

_WIDTH = 3.92
"""A 95% interval is this many standard errors wide (2 × 1.96)."""


class Direction(StrEnum):
    """What became of a series."""

    RISING = "increasing"
    FALLING = "decreasing"
    STEADY = "no significant change"
    UNKNOWN = "cannot be calculated"


@dataclass(frozen=True)
class Trend:
    """A tested trend: slope by period on the scale of the test, and its χ²."""

    direction: Direction
    slope: float = float("nan")
    chi_square: float = float("nan")

    def words(self, good: Good) -> str:
        """Say it with what is good: 'increasing and getting worse'."""
        if self.direction not in (Direction.RISING, Direction.FALLING) or good == "none":
            return str(self.direction)
        better = (self.direction is Direction.RISING) == (good == "high")
        return f"{self.direction} and getting {'better' if better else 'worse'}"


def recent_trend(values: ArrayLike, lower: ArrayLike, upper: ArrayLike, transform: Transform = "none") -> Trend:
    """Test the trend of the last five points.

    In: values with their 95% intervals, in order of time and evenly spaced; transform: "logit" for proportions
        (from 0 to 1), "log" for rates, "none" for what is on an additive scale.
    Out: Direction.UNKNOWN for fewer points, a gap, an interval of no width, or a value that can't be transformed.
    """
    columns = [np.asarray(each, dtype=np.float64)[-POINTS:] for each in (values, lower, upper)]
    if len({len(each) for each in columns}) != 1:
        raise CalculationError("Values and their intervals differ in length.", why="Each value needs its interval.")
    if len(columns[0]) < POINTS:
        return Trend(Direction.UNKNOWN)
    y, low, high = (_transformed(each, transform) for each in columns)
    errors = (high - low) / _WIDTH
    if not (np.isfinite(y).all() and np.isfinite(errors).all() and (errors > 0).all()):
        return Trend(Direction.UNKNOWN)
    weights = errors**-2.0
    slope, variance = weighted_slope(y, weights)
    chi_square = slope**2 / variance
    if chi_square <= SIGNIFICANT or not _holds_without_any(y, weights, slope):
        return Trend(Direction.STEADY, slope, chi_square)
    return Trend(Direction.RISING if slope > 0 else Direction.FALLING, slope, chi_square)


def trend_in_unit(unit: str, values: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> Trend:
    """Test the recent trend of figures in a unit of the registry: shares as logits, rates and counts as logarithms."""
    transform, scale = _TESTED.get(unit, ("none", 1.0))
    y, low, high = (np.asarray(each, dtype=np.float64) / scale for each in (values, lower, upper))
    return recent_trend(y, low, high, transform)


def weighted_slope(y: FloatArray, weights: FloatArray, x: FloatArray | None = None) -> tuple[float, float]:
    """Give the slope of a weighted regression, and its variance where the weights are 1 / SE²."""
    at = np.arange(len(y), dtype=np.float64) if x is None else x
    middle = float((weights * at).sum() / weights.sum())
    spread = float((weights * (at - middle) ** 2).sum())
    return float((weights * (at - middle) * y).sum() / spread), 1 / spread


def _holds_without_any(y: FloatArray, weights: FloatArray, slope: float) -> bool:
    """Say whether the slope keeps its sign when each point is left out: no single point makes the trend."""
    at = np.arange(len(y), dtype=np.float64)
    for left_out in range(len(y)):
        kept = at != left_out
        # A slope of nothing but rounding has no sign to keep.
        if weighted_slope(y[kept], weights[kept], at[kept])[0] * slope <= 1e-9 * slope**2:
            return False
    return True


def _transformed(values: FloatArray, transform: Transform) -> FloatArray:
    if transform == "none":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        if transform == "log":
            return np.asarray(np.log(np.where(values > 0, values, np.nan)))
        inside = np.where((values > 0) & (values < 1), values, np.nan)
        return np.asarray(np.log(inside / (1 - inside)))
