"""How a figure changes from delivery to delivery: an XmR chart, and whether it got better or worse.

A figure that was withheld or not measured is a gap. A new wording of an expectation starts a new stretch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from almoner.methods.cells import Cell
from almoner.methods.rates import wilson_interval
from almoner.methods.spc import Variation, Xmr, variation, xmr
from almoner.quality.arrivals import Kept

Direction = Literal["better", "worse", "no clear change", "not comparable"]
ENOUGH_FOR_LIMITS = 6
"""Points below which an XmR chart has limits too wide or too chancy to show a signal."""


@dataclass(frozen=True)
class Point:
    """A figure of one delivery: the per cent that met it, or why that is not shown."""

    delivery: str
    as_of: dt.date
    met: Cell
    missed: int
    tested: int
    definition: str = ""


@dataclass(frozen=True)
class Series:
    """A figure over deliveries, oldest first."""

    points: tuple[Point, ...]
    chart: Xmr | None
    direction: Direction
    variation: Variation = Variation.UNKNOWN

    @property
    def signal(self) -> str:
        """Name the signal of the newest point, if it has one."""
        return str(self.chart.signals[-1]) if self.chart is not None and self.chart.signals else ""


def met_percent(missed: int, tested: int, small: int | None) -> Cell:
    """Give the per cent that met what was expected; withheld where few are tested, missed, or met it.

    In: small: the largest count that is withheld; None where counts may be shown.
    """
    if not tested:
        return Cell.not_applicable("no row that it is about")
    if small is not None and any(0 < count <= small for count in (missed, tested, tested - missed)):
        return Cell.suppressed()
    return Cell(100 * (tested - missed) / tested)


def count_cell(count: int, tested: int, small: int | None) -> Cell:
    """Give a count of rows that missed it; withheld where the per cent is."""
    return Cell(float(count)) if met_percent(count, tested, small).value is not None else met_percent(0, 0, None) if (
        not tested
    ) else Cell.suppressed()  # fmt: skip


def current(figures: Sequence[Kept]) -> list[Kept]:
    """Keep of each delivery its newest version, oldest delivery first."""
    newest: dict[str, Kept] = {}
    for each in figures:
        before = newest.get(each.delivery)
        if before is None or (each.version, each.number) >= (before.version, before.number):
            newest[each.delivery] = each
    return sorted(newest.values(), key=lambda each: (each.as_of, each.number))


def series_of(figures: Sequence[Kept], small: int | None) -> Series:
    """Make the series of one measure. In: its figures, of every version of every delivery."""
    points = tuple(
        Point(k.delivery, k.as_of, met_percent(k.missed, k.tested, small), k.missed, k.tested, k.definition)
        for k in current(figures)
    )
    values = np.array([np.nan if p.met.value is None else p.met.value for p in points], dtype=np.float64)
    if np.isfinite(values).sum() < ENOUGH_FOR_LIMITS:
        return Series(points, None, _direction(points))
    steps = [i for i in range(1, len(points)) if points[i].definition != points[i - 1].definition]
    chart = xmr(values, steps)
    how = variation(chart, "high")
    told: Mapping[Variation, Direction] = {
        Variation.IMPROVEMENT_HIGH: "better", Variation.CONCERN_LOW: "worse", Variation.COMMON: "no clear change",
    }  # fmt: skip
    return Series(points, chart, told.get(how, _direction(points)), how)


def _direction(points: Sequence[Point]) -> Direction:
    """Compare the newest delivery with the one before: clear where their 95% intervals lie apart."""
    known = [point for point in points if point.tested]
    if len(known) < 2 or known[-1] is not points[-1] or known[-1].definition != known[-2].definition:
        return "not comparable"
    met = [known[-2].tested - known[-2].missed, known[-1].tested - known[-1].missed]
    lower, upper = wilson_interval(met, [known[-2].tested, known[-1].tested])
    if lower[1] > upper[0]:
        return "better"
    return "worse" if upper[1] < lower[0] else "no clear change"
