"""Finds out which published figures a deduction rests on, so that a finding can name releases and a repair cells.

Every bound that one sum at a time gives is written down with the sum it came from; what takes several sums at once is
read off the solution of the linear programme. Both lead back to what the publications themselves say. A reason may be
one too many, never one too few: without any of them the deduction must fall.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from almoner.methods.disclosure.attacker import LARGEST_SOLVED, Neighbours, Piece, pieces_of
from almoner.methods.disclosure.entanglement import Entanglement
from almoner.methods.disclosure.programme import Programme
from almoner.methods.disclosure.sums import TOLERANCE, Conclusion, FloatArray, IndexArray, propagate

_WITHIN = 300
"""How many unknowns are looked at in pieces that are too large to be solved."""

LOW, HIGH = 0, 1
Bound = tuple[int, int]
"""A count, and which of its bounds."""


class Reasons:
    """Answers for one entanglement and what is said of its counts."""

    def __init__(self, tied: Entanglement, low: FloatArray, high: FloatArray, width: float) -> None:
        self._tied, self._width = tied, width
        self._drawn: dict[Bound, list[tuple[int, int]]] = defaultdict(list)
        conclusions: list[Conclusion] = []
        self._low, self._high = propagate(tied.sums, low, high, conclusions)
        for sweep, conclusion in enumerate(conclusions):
            for side, (cells, rows) in enumerate(conclusion):
                for cell, row in zip(cells.tolist(), rows.tolist(), strict=True):
                    self._drawn[cell, side].append((sweep, row))
        self._last = len(conclusions)
        self._near: Neighbours | None = None
        self._pieces: dict[int, Piece] | None = None
        self._programmes: dict[int, Programme] = {}

    def of(self, count: int) -> IndexArray:
        """Give the published counts that, taken together, narrow this one down."""
        ends = [(count, LOW), (count, HIGH)]
        if self._high[count] - self._low[count] >= self._width - TOLERANCE:
            ends = self._solved(count)
        found = self._lead_back(ends)
        return np.array(sorted(cell for cell in found if cell < self._tied.published), dtype=np.intp)

    def _lead_back(self, bounds: list[Bound]) -> set[int]:
        """Follow bounds to the statements that they come from."""
        sums, found = self._tied.sums, set[int]()
        queue = [(cell, side, self._last) for cell, side in bounds]
        seen = set[tuple[int, int, int]]()
        while queue:
            cell, side, before = queue.pop()
            drawn = next((step for step in reversed(self._drawn.get((cell, side), [])) if step[0] < before), None)
            if drawn is None:
                found.add(cell)
                continue
            sweep, row = drawn
            if (cell, side, sweep) in seen:
                continue
            seen.add((cell, side, sweep))
            entries = slice(sums.starts[row], sums.starts[row + 1])
            cells, signs = sums.cells[entries].tolist(), sums.signs[entries].tolist()
            own = signs[cells.index(cell)]
            # A lower bound of a total rests on its parts' lower ones, and on the upper ones of its fellow parts.
            queue += [
                (other, side if sign != own else 1 - side, sweep)
                for other, sign in zip(cells, signs, strict=True)
                if other != cell
            ]
        return found

    def _solved(self, count: int) -> list[Bound]:
        """Give the bounds that the extremes of a count rest on."""
        programme = self._programme(count)
        found: list[Bound] = []
        for highest in (True, False):
            programme.extreme(count, highest=highest)
            at_bounds, rows = programme.reasons()
            point = dict(zip(programme.unknown.tolist(), programme.point.tolist(), strict=True))
            for cell in at_bounds.tolist():
                near_low = abs(point[cell] - self._low[cell]) <= abs(point[cell] - self._high[cell])
                found.append((cell, LOW if near_low else HIGH))
            for cell in np.unique(self._tied.sums.take(rows).cells).tolist():
                if cell not in point:
                    found += [(cell, LOW), (cell, HIGH)]
        return found

    def _programme(self, count: int) -> Programme:
        """Load the piece that a count lies in; of a very large one only the sums near it."""
        if self._pieces is None:
            self._pieces = {}
            for piece in pieces_of(self._tied.sums, self._low, self._high):
                self._pieces |= dict.fromkeys(piece.unknown.tolist(), piece)
        piece = self._pieces[count]
        if len(piece.unknown) > LARGEST_SOLVED:
            return self._nearby(count)
        first = int(piece.unknown[0])
        if first not in self._programmes:
            self._programmes[first] = Programme(self._tied.sums, piece.sums, piece.unknown, self._low, self._high)
        return self._programmes[first]

    def _nearby(self, count: int) -> Programme:
        """Load the sums near a count that hold nothing further away: enough to see why it is known."""
        self._near = self._near or Neighbours(self._tied.sums, self._low, self._high)
        unknown, rows = self._near.around(count, _WITHIN)
        is_open = self._high - self._low > TOLERANCE
        part = self._tied.sums.take(rows)
        inside = np.isin(part.cells, unknown) | ~is_open[part.cells]
        whole = np.bincount(part.rows, ~inside, minlength=len(rows)) == 0
        return Programme(self._tied.sums, rows[whole], unknown, self._low, self._high)
