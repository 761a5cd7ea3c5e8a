"""Holds the sums that anybody knows to be true of counts, and draws the first conclusions from them.

Every relation between published figures is kept in one form: total − parts = rest, each count between a lowest and a
highest value. Conclusions drawn here are those of one sum at a time; they are always true, but not all there are (see
`attacker`). A conclusion must never exclude the true count.

Source: Fréchet bounds and their iteration: Dobra and Fienberg, PNAS 97 (2000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.intp]
Bounds = tuple[FloatArray, FloatArray]
Conclusion = tuple[tuple[IndexArray, IndexArray], tuple[IndexArray, IndexArray]]
"""What one round over all sums has found: counts and the sums they came from, for lower and for upper bounds."""

TOLERANCE = 1e-6
"""Counts are whole: two bounds closer than this are the same."""

_SWEEPS = 60
"""How often all sums are gone over: in nested tables two or three sweeps find everything."""


@dataclass(frozen=True)
class Group:
    """A sum that anybody can do: the count at `total` is what the counts at `parts` come to."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Sums:
    """Many sums over one array of counts, in compressed rows.

    starts: where each sum begins in `cells` and `signs`, and the end; signs: +1 for a total, −1 for a part.
    rests: what total less parts comes to (not 0 where something known lies outside the parts).
    """

    starts: IndexArray
    cells: IndexArray
    signs: FloatArray
    rests: FloatArray

    @property
    def rows(self) -> IndexArray:
        """Give the sum that each entry belongs to."""
        return np.repeat(np.arange(len(self.rests)), np.diff(self.starts))

    def take(self, chosen: IndexArray) -> Sums:
        """Keep some of the sums."""
        sizes = np.diff(self.starts)[chosen]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
        entries = np.arange(starts[-1]) + np.repeat(self.starts[chosen] - starts[:-1], sizes)
        return Sums(starts, self.cells[entries], self.signs[entries], self.rests[chosen])

    def open_part(self, low: FloatArray, high: FloatArray) -> Sums:
        """Keep the counts that are not known, the known ones taken into the rests, and the sums that hold any."""
        unknown = (high - low > TOLERANCE)[self.cells]
        known = np.where(unknown, 0.0, self.signs * low[self.cells])
        rests = self.rests - np.bincount(self.rows, known, minlength=len(self.rests))
        sizes = np.bincount(self.rows[unknown], minlength=len(self.rests))
        kept = sizes > 0
        starts = np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.intp)
        return Sums(starts, self.cells[unknown], self.signs[unknown], rests[kept])

    def residuals(self, values: FloatArray) -> FloatArray:
        """Say by how much each sum fails for these counts."""
        return np.bincount(self.rows, self.signs * values[self.cells], minlength=len(self.rests)) - self.rests


def sums_of(groups: Sequence[Group], values: ArrayLike | None = None) -> Sums:
    """Put groups into one structure.

    In: values, the true counts: whatever of a total lies outside its parts is then taken as known.
    """
    sizes = [1 + len(group.parts) for group in groups]
    cells = np.array([index for group in groups for index in (group.total, *group.parts)], dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    signs = np.full(len(cells), -1.0)
    signs[starts[:-1]] = 1.0
    sums = Sums(starts, cells, signs, np.zeros(len(groups)))
    if values is None:
        return sums
    return Sums(starts, cells, signs, sums.residuals(np.asarray(values, dtype=np.float64)))


def propagate(sums: Sums, low: FloatArray, high: FloatArray, conclusions: list[Conclusion] | None = None) -> Bounds:
    """Narrow every count down as far as the sums, taken one at a time and again, can.

    In: lowest and highest value of each count, inf where nothing is known; conclusions: a list to write into which sum
        gave which bound, round by round.
    Out: new bounds, never wider. Where the statements contradict one another a lowest value exceeds its highest.
    """
    low, high = low.copy(), high.copy()
    rows, count = sums.rows, len(sums.rests)
    for _ in range(_SWEEPS):
        width = float(np.sum(np.minimum(high - low, 1e12)))
        found = _sweep(sums, rows, count, low, high, traced=conclusions is not None)
        if conclusions is not None and found is not None:
            conclusions.append(found)
        if width - float(np.sum(np.minimum(high - low, 1e12))) < TOLERANCE or np.any(low > high + TOLERANCE):
            break
    return low, high


def _sweep(
    sums: Sums, rows: IndexArray, count: int, low: FloatArray, high: FloatArray, *, traced: bool
) -> Conclusion | None:
    """Draw from every sum what it says of each of its counts."""
    adds = sums.signs > 0
    least = np.where(adds, low[sums.cells], -high[sums.cells])
    most = np.where(adds, high[sums.cells], -low[sums.cells])
    others_least = _without_each(least, rows, count, -np.inf)
    others_most = _without_each(most, rows, count, np.inf)
    rest = sums.rests[rows]
    at_least, at_most = rest - others_most, rest - others_least
    lower, upper = np.where(adds, at_least, -at_most), np.where(adds, at_most, -at_least)
    before = (low.copy(), high.copy()) if traced else None
    np.maximum.at(low, sums.cells, lower)
    np.minimum.at(high, sums.cells, upper)
    if before is None:
        return None
    raised = (lower > before[0][sums.cells] + TOLERANCE) & (lower >= low[sums.cells])
    lowered = (upper < before[1][sums.cells] - TOLERANCE) & (upper <= high[sums.cells])
    return (sums.cells[raised], rows[raised]), (sums.cells[lowered], rows[lowered])


def _without_each(values: FloatArray, rows: IndexArray, count: int, unbounded: float) -> FloatArray:
    """Sum each row without the entry itself, keeping infinities apart: inf − inf says nothing."""
    endless = np.isinf(values)
    finite = np.where(endless, 0.0, values)
    total = np.bincount(rows, finite, minlength=count)[rows] - finite
    others = np.bincount(rows, endless, minlength=count)[rows] - endless
    result: FloatArray = np.where(others > 0, unbounded, total)
    return result
