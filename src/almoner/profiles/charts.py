"""Draws one figure per table row: a dot with its interval, or a bar, beside the numbers that it shows.

The table is the chart's own data table, so the drawing itself is hidden from screen readers. Rows stay in
the order that they are given in; nothing here may sort by value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from almoner.profiles.figures import Figure
from almoner.profiles.wording import tick_text

_MARGIN = 4.0
"""Per cent of the width kept free at either end, so that dots and labels are not cut off."""


@dataclass(frozen=True)
class Scale:
    """A horizontal scale with round ends: where on the width, in per cent, a value lies."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> float:
        """Give the position of a value; values beyond the ends lie on them."""
        share = (value - self.low) / (self.high - self.low)
        return _MARGIN + min(max(share, 0.0), 1.0) * (100 - 2 * _MARGIN)

    def ticks(self) -> list[float]:
        """Give the values at which the scale is marked."""
        count = round((self.high - self.low) / self.step)
        return [self.low + number * self.step for number in range(count + 1)]


def scale_of(figures: Sequence[Figure]) -> Scale:
    """Choose a scale that holds zero, every figure and every interval, with about four steps."""
    numbers = [
        number
        for figure in figures
        for number in (figure.value.value, figure.lower, figure.upper)
        if number is not None
    ]
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    low, high = min(low, 0.0), max(high, 0.0)
    step = _round_step(((high - low) or 1.0) / 4)
    start = math.floor(low / step) * step
    return Scale(start, start + step * max(1, math.ceil((high - start) / step - 1e-9)), step)


def axis(scale: Scale, unit: str) -> Markup:
    """Draw the scale for the head of the column: its ends and, where there is room, its middle."""
    ticks = scale.ticks()
    shown = [ticks[0], ticks[-1]] if len(ticks) % 2 == 0 else [ticks[0], ticks[len(ticks) // 2], ticks[-1]]
    anchors = ["start", "middle", "end"] if len(shown) == 3 else ["start", "end"]
    texts = Markup("").join(
        Markup('<text x="{:.1f}%" y="12" text-anchor="{}">{}</text>').format(
            scale.at(tick), anchor, tick_text(tick, unit)
        )
        for tick, anchor in zip(shown, anchors, strict=True)
    )
    return Markup('<svg class="axis" width="100%" height="16" aria-hidden="true" focusable="false">{}</svg>').format(
        texts
    )


def row_plot(figure: Figure, scale: Scale, reference: float | None) -> Markup:
    """Draw one row: a dot with its interval, a bar where there is no interval, nothing if withheld."""
    parts = []
    if reference is not None:
        x = scale.at(reference)
        parts.append(Markup('<line class="ref" x1="{0:.1f}%" x2="{0:.1f}%" y1="0" y2="22"/>').format(x))
    value = figure.value.value
    if value is not None and figure.lower is not None and figure.upper is not None:
        low, high = scale.at(figure.lower), scale.at(figure.upper)
        parts.append(Markup('<line class="ci" x1="{:.1f}%" x2="{:.1f}%" y1="11" y2="11"/>').format(low, high))
        parts.append(Markup('<circle class="pt" cx="{:.1f}%" cy="11" r="4.5"/>').format(scale.at(value)))
    elif value is not None:
        start, end = sorted((scale.at(0.0), scale.at(value)))
        bar = Markup('<rect class="bar" x="{:.1f}%" y="5" width="{:.1f}%" height="12"/>')
        parts.append(bar.format(start, end - start))
    return Markup('<svg class="plot" width="100%" height="22" aria-hidden="true" focusable="false">{}</svg>').format(
        Markup("").join(parts)
    )


def _round_step(size: float) -> float:
    """Round a step up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= size * (1 - 1e-9))
