"""XmR charts by the rules of NHS England's Making Data Count: limits, special-cause signals and assurance.

Pure arrays: a value that was not received is NaN, and is a gap. No range spans it, no run or trend goes across
it. Nothing here may fill a gap, round or hide a value: callers give the values that may be shown.

Source: NHS England, "Making data count: strengthening your decisions" (2019, revised 2023).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from almoner.kernel.errors import CalculationError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Good = Literal["high", "low", "none"]

LIMIT = 2.66
"""Limits lie this many average moving ranges from the mean: 3 / 1.128 (d2 of two points). Source: Wheeler (1993)."""

RANGE_LIMIT = 3.267
"""A moving range this many times the average is left out of the average, once. Source: Wheeler (1993), D4."""

RUN_LENGTH = 7
"""Points on one side of the mean, or rising or falling, that are a signal."""

FEW_POINTS = 12
"""With fewer points the limits are provisional. Source: NHS England, "Making data count" (2023)."""

_TINY = 1e-9
"""What counts as equal, in parts of the values' size: a mean of tenths is not exactly a tenth."""


class Signal(StrEnum):
    """What makes a point a special cause, in the order in which the rules are asked."""

    NONE = ""
    OUTSIDE = "outside the limits"
    TREND = "seven rising or falling"
    NEAR_LIMIT = "two of three near a limit"
    RUN = "seven on one side of the mean"


class Variation(StrEnum):
    """What the newest point says of the process: the icon of variation."""

    COMMON = "common cause"
    IMPROVEMENT_HIGH = "improvement, high"
    IMPROVEMENT_LOW = "improvement, low"
    CONCERN_HIGH = "concern, high"
    CONCERN_LOW = "concern, low"
    NEUTRAL_HIGH = "special cause, high"
    NEUTRAL_LOW = "special cause, low"
    UNKNOWN = "not enough data"


class Assurance(StrEnum):
    """Whether the process can be relied on to meet its target: the icon of assurance."""

    PASS = "consistently meets the target"  # noqa: S105 — a verdict, not a password  # nosec B105
    FAIL = "consistently fails the target"
    INCONSISTENT = "may or may not meet the target"
    NONE = "no target, or no direction of good"
    UNKNOWN = "not enough data"


@dataclass(frozen=True)
class Xmr:
    """An XmR chart: arrays as long as the series.

    step: the number of the stretch between step changes; mean, lower, upper: of that stretch.
    ranges: moving ranges, NaN at the first point of a stretch and beside a gap.
    signals, directions: the signal of each point, and +1 upwards, -1 downwards, 0 none.
    """

    values: FloatArray
    step: IntArray
    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    ranges: FloatArray
    signals: tuple[Signal, ...]
    directions: IntArray

    def provisional(self) -> bool:
        """Say whether the newest stretch is too short for limits to be relied on."""
        newest = self.step == self.step[-1] if len(self.step) else self.step > 0
        return int(np.isfinite(self.values[newest]).sum()) < FEW_POINTS


def xmr(values: ArrayLike, steps_at: Sequence[int] = ()) -> Xmr:
    """Make an XmR chart, with limits of its own after each declared step change.

    In: values: in order of time, NaN for a gap; steps_at: positions of the first points after a step change.
    Raises: CalculationError for a step outside the series or values that are not one series.
    Source: NHS England, Making Data Count; Wheeler, Understanding Variation (1993).
    """
    y = np.asarray(values, dtype=np.float64)
    if y.ndim != 1 or np.isinf(y).any():
        raise CalculationError("An XmR chart needs one series of finite values.", why="Its ranges would not be finite.")
    if any(not 0 <= at < len(y) for at in steps_at):
        raise CalculationError("A step change lies outside the series.", todo="Give the position of a point.")
    firsts = np.zeros(len(y), dtype=np.int64)
    firsts[[at for at in steps_at if at > 0]] = 1
    step = np.cumsum(firsts)
    mean, lower, upper, ranges = (np.full(len(y), np.nan) for _ in range(4))
    directions = np.zeros(len(y), dtype=np.int64)
    signals: list[Signal] = [Signal.NONE] * len(y)
    for number in np.unique(step):
        here = np.flatnonzero(step == number)
        ranges[here] = moving_ranges(y[here])
        mean[here], lower[here], upper[here] = limits(y[here])
        kinds, ways = signals_of(y[here], mean[here[0]], lower[here[0]], upper[here[0]])
        directions[here] = ways
        for position, kind in zip(here, kinds, strict=True):
            signals[position] = kind
    return Xmr(y, step, mean, lower, upper, ranges, tuple(signals), directions)


def moving_ranges(values: ArrayLike) -> FloatArray:
    """Give the distance of each point from the one before; NaN for the first and beside a gap."""
    y = np.asarray(values, dtype=np.float64)
    return np.concatenate([np.full(min(1, len(y)), np.nan), np.abs(np.diff(y))])


def limits(values: ArrayLike) -> tuple[float, float, float]:
    """Give mean, lower and upper limit of one stretch; NaN limits where there is no range to go by.

    Ranges of 3.267 times their average or more are left out of the average, once.
    """
    y = np.asarray(values, dtype=np.float64)
    known = y[np.isfinite(y)]
    if not len(known):
        return np.nan, np.nan, np.nan
    mean = float(known.mean())
    ranges = moving_ranges(y)
    ranges = ranges[np.isfinite(ranges)]
    if not len(ranges):
        return mean, np.nan, np.nan
    average = float(ranges.mean())
    if average > 0:
        average = float(ranges[ranges < RANGE_LIMIT * average].mean())
    return mean, mean - LIMIT * average, mean + LIMIT * average


def signals_of(values: ArrayLike, mean: float, lower: float, upper: float) -> tuple[tuple[Signal, ...], IntArray]:
    """Find the signal of each point of one stretch, the first rule that applies, and its direction.

    Limits of NaN give only the signals that need none: trends, and runs beside the mean.
    """
    y = np.asarray(values, dtype=np.float64)
    found = [Signal.NONE] * len(y)
    ways = np.zeros(len(y), dtype=np.int64)
    near = (upper - mean) * 2 / 3
    rules = (
        (Signal.OUTSIDE, _beyond(y, lower, upper)),
        (Signal.TREND, _trends(y)),
        (Signal.NEAR_LIMIT, _two_of_three(_beyond(y, mean - near, mean + near), np.isfinite(y))),
        (Signal.RUN, _runs(_beyond(y, mean, mean))),
    )
    for signal, direction in rules:
        for position in np.flatnonzero((direction != 0) & (ways == 0)):
            found[position], ways[position] = signal, direction[position]
    return tuple(found), ways


def variation(chart: Xmr, good: Good) -> Variation:
    """Say what the newest received point is: common cause, improvement, concern, or neither where no way is good."""
    known = np.flatnonzero(np.isfinite(chart.values))
    if not len(known) or not np.isfinite(chart.lower[known[-1]]):
        return Variation.UNKNOWN
    return judged(int(chart.directions[known[-1]]), good)


def judged(direction: int, good: Good) -> Variation:
    """Judge a special cause by the direction that is good."""
    if direction == 0:
        return Variation.COMMON
    if good == "none":
        return Variation.NEUTRAL_HIGH if direction > 0 else Variation.NEUTRAL_LOW
    if direction > 0:
        return Variation.IMPROVEMENT_HIGH if good == "high" else Variation.CONCERN_HIGH
    return Variation.IMPROVEMENT_LOW if good == "low" else Variation.CONCERN_LOW


def assurance(chart: Xmr, target: float | None, good: Good) -> Assurance:
    """Say whether the newest limits lie wholly on the right, or the wrong, side of the target.

    A target on a limit is neither: the process may still go either way.
    """
    if target is None or good == "none" or np.isnan(target):
        return Assurance.NONE
    known = np.flatnonzero(np.isfinite(chart.values))
    if not len(known) or not np.isfinite(chart.lower[known[-1]]):
        return Assurance.UNKNOWN
    lower, upper = float(chart.lower[known[-1]]), float(chart.upper[known[-1]])
    if _less(target, lower):
        return Assurance.PASS if good == "high" else Assurance.FAIL
    if _less(upper, target):
        return Assurance.FAIL if good == "high" else Assurance.PASS
    return Assurance.INCONSISTENT


def _less(one: float, other: float) -> bool:
    return other - one > _TINY * max(abs(one), abs(other))


def _beyond(y: FloatArray, lower: float, upper: float) -> IntArray:
    """Give +1 for points above `upper`, -1 below `lower`, else 0; gaps and unknown limits give 0."""
    scale = np.maximum(np.abs(y), max(abs(lower), abs(upper)))
    with np.errstate(invalid="ignore"):
        above = y - upper > _TINY * scale
        below = lower - y > _TINY * scale
    return above.astype(np.int64) - below.astype(np.int64)


def _trends(y: FloatArray) -> IntArray:
    """Mark every point of seven or more in a row of which each is above, or below, the one before."""
    ways = np.zeros(len(y), dtype=np.int64)
    rises = np.array([_way(one, other) for one, other in pairwise(y)], dtype=np.int64)
    for way, first, last in _stretches(rises):
        if way and last - first + 2 >= RUN_LENGTH:
            # The point at which a trend turns belongs to both; the newer trend is what it tells of.
            ways[first : last + 2] = way
    return ways


def _way(one: float, other: float) -> int:
    if np.isnan(one) or np.isnan(other):
        return 0
    return int(_less(one, other)) - int(_less(other, one))


def _two_of_three(near: IntArray, known: NDArray[np.bool_]) -> IntArray:
    """Mark the points near a limit where two of three successive points are near the same one."""
    ways = np.zeros(len(near), dtype=np.int64)
    for first in range(len(near) - 2):
        if not known[first : first + 3].all():
            continue
        window = near[first : first + 3]
        for way in (1, -1):
            if (window == way).sum() >= 2:
                ways[first : first + 3][window == way] = way
    return ways


def _runs(sides: IntArray) -> IntArray:
    """Mark every point of seven or more in a row on one side of the mean."""
    ways = np.zeros(len(sides), dtype=np.int64)
    for way, first, last in _stretches(sides):
        if way and last - first + 1 >= RUN_LENGTH:
            ways[first : last + 1] = way
    return ways


def _stretches(ways: IntArray) -> Iterator[tuple[int, int, int]]:
    """Yield each stretch of equal numbers: the number, and its first and last position."""
    first = 0
    for position in range(1, len(ways) + 1):
        if position == len(ways) or ways[position] != ways[first]:
            yield int(ways[first]), first, position - 1
            first = position
