"""Scales with round ends: where a value lies along a width or a height. Made of shown numbers only."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_MARGIN = 4.0
"""Per cent of the width kept free at either end, so that dots and labels are not cut off."""

_STEPS = 4


@dataclass(frozen=True)
class Scale:
    """A scale from low to high: `at` gives the position in per cent of the width."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        """Give how far along the scale a value is, from 0 to 1; values beyond the ends lie on them."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def at(self, value: float) -> float:
        """Give the position of a value in per cent, with a margin at either end."""
        return _MARGIN + self.share(value) * (100 - 2 * _MARGIN)

    def ticks(self) -> list[float]:
        """Give the values at which the scale is marked."""
        count = round((self.high - self.low) / self.step)
        return [self.low + number * self.step for number in range(count + 1)]


def scale_over(numbers: Iterable[float | None], *, from_zero: bool = True) -> Scale:
    """Choose a scale that holds all numbers (None is passed over), with about four steps.

    In: from_zero: also hold zero. Lengths of bars need it; lines over time may do without.
    """
    listed = [number for number in numbers if number is not None]
    low, high = min(listed, default=0.0), max(listed, default=0.0)
    if from_zero or not listed:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        high = low + (abs(low) / 2 or 1.0)
    step = _round_step((high - low) / _STEPS)
    start = math.floor(low / step) * step
    return Scale(start, start + step * max(1, math.ceil((high - start) / step - 1e-9)), step)


def scale_around(middle: float, numbers: Iterable[float | None]) -> Scale:
    """Make a scale with a value in its middle that holds all numbers: for charts whose rows share a centre line."""
    reach = max((abs(number - middle) for number in numbers if number is not None), default=0.0)
    reach = reach or abs(middle) / 2 or 1.0
    return Scale(middle - reach, middle + reach, reach)


def _round_step(size: float) -> float:
    """Round a step up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= size * (1 - 1e-9))
