"""Does what a patient stranger with a computer would do: deduces hidden counts from everything that was published.

For each hidden or rounded count two linear programmes give the lowest and the highest value that agree with all
sums and all published statements. Counts that are known part the problem into pieces that have nothing to do with
one another; each piece is loaded once, and each further question starts from the last answer.

What the attacker is taken to know: every published figure, how it was rounded or perturbed, that a suppressed count
is not zero, and every sum. Not: who was counted, nor what other bodies publish unless it is stated as a release. A
linear programme allows fractions: its range can only be wider than that of whole numbers, and `integers=True` closes
this (slower). No answer here may exclude the true count.

Source: Hundepool et al., Statistical Disclosure Control (2012), section 4.3.3 (the audit of suppressed tables);
Fischetti and Salazar, Management Science 47 (2001).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse import csgraph

from almoner.methods.disclosure.programme import Programme, contradiction
from almoner.methods.disclosure.sums import TOLERANCE, Bounds, FloatArray, IndexArray, Sums, propagate

LARGEST_PIECE = 1500
"""Pieces with more unknowns than this are first looked at in neighbourhoods."""

LARGEST_SOLVED = 4_000
"""Pieces with more unknowns than this are not solved as a whole."""

_FRUITLESS_LOOKS = 2
_FEW = 12
"""How often looking about for many counts may bring little, and how many are asked for one by one from the start."""

_NEIGHBOURHOODS = (30, 300)
"""How many unknowns a neighbourhood holds: first few, then more."""


@dataclass(frozen=True)
class Piece:
    """Unknown counts that sums tie together, and these sums; nothing else is tied to them."""

    unknown: IndexArray
    sums: IndexArray


def pieces_of(sums: Sums, low: FloatArray, high: FloatArray) -> Iterator[Piece]:
    """Part the unknown counts into pieces that no sum connects."""
    open_entry = (high - low > TOLERANCE)[sums.cells]
    cells, rows = sums.cells[open_entry], sums.rows[open_entry]
    if not len(cells):
        return
    size = len(low) + len(sums.rests)
    graph = sparse.coo_matrix((np.ones(len(cells)), (cells, len(low) + rows)), shape=(size, size))
    labels = csgraph.connected_components(graph, directed=False)[1]
    members = np.unique(np.concatenate([cells, len(low) + rows]))
    members = members[np.argsort(labels[members], kind="stable")]
    for part in np.split(members, np.flatnonzero(np.diff(labels[members])) + 1):
        yield Piece(part[part < len(low)], part[part >= len(low)] - len(low))


def deduce(
    sums: Sums, low: ArrayLike, high: ArrayLike, wanted: Sequence[int] | None = None, *, integers: bool = False
) -> Bounds:
    """Compute the range of every count that agrees with all that is published.

    In: low, high: what the publication itself says of each count; wanted: indexes (default: all that are unknown).
    Out: lowest and highest value by count, inf where there is no limit; what was not wanted only by propagation.
    Raises: FiguresContradict if no counts at all agree with what is published.
    """
    said_low, said_high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    lowest, highest = propagate(sums, said_low, said_high)
    if np.any(lowest > highest + TOLERANCE):
        raise contradiction()
    asked = np.zeros(len(lowest), dtype=bool)
    asked[slice(None) if wanted is None else list(wanted)] = True
    for piece in pieces_of(sums, lowest, highest):
        targets = piece.unknown[asked[piece.unknown]]
        if len(targets):
            programme = Programme(sums, piece.sums, piece.unknown, lowest, highest, integers=integers)
            for cell in targets:
                lowest[cell], highest[cell] = programme.range_of(int(cell))
    return lowest, highest


def too_narrow(
    sums: Sums,
    low: FloatArray,
    high: FloatArray,
    truth: FloatArray,
    wanted: IndexArray,
    width: float,
    *,
    doubtful: bool = True,
    shown_wide: Callable[[int], bool] | None = None,
) -> dict[int, tuple[float, float]]:
    """Find the counts that can be narrowed down to less than `width`.

    In: truth: the true counts, NaN where not known; those known must agree with the sums and the bounds. shown_wide:
        says of a count that it is known by other means to stay uncertain; asked before a large piece is solved.
        doubtful: give also the counts of pieces too large to be solved that are not shown to stay uncertain.
    Out: the range of each such count, by index, or what is known of it.
    Raises: FiguresContradict if no counts at all agree with what is published.
    """
    sums = sums.open_part(low, high)
    lowest, highest = propagate(sums, low, high)
    if np.any(lowest > highest + TOLERANCE):
        raise contradiction()
    # The truth agrees with everything that was published, so each count is seen to be able to take that value.
    seen = Seen(np.where(np.isnan(truth), np.inf, truth), np.where(np.isnan(truth), -np.inf, truth))
    surely = highest[wanted] - lowest[wanted] < width - TOLERANCE
    narrow = {int(cell): (float(lowest[cell]), float(highest[cell])) for cell in wanted[surely]}
    asked = np.zeros(len(low), dtype=bool)
    asked[wanted[~surely]] = True
    near: Neighbours | None = None
    for piece in pieces_of(sums, lowest, highest):
        rest = piece.unknown[asked[piece.unknown]]
        if len(piece.unknown) > LARGEST_PIECE and len(rest):
            near = near or Neighbours(sums, lowest, highest)
            rest = _undecided(near, rest, width, narrow, shown_wide)
        if len(piece.unknown) > LARGEST_SOLVED:
            if doubtful:
                narrow |= {int(cell): (float(lowest[cell]), float(highest[cell])) for cell in rest}
        elif len(rest):
            programme = Programme(sums, piece.sums, piece.unknown, lowest, highest)
            narrow |= _narrow_in(programme, rest, seen, width)
    return narrow


def _undecided(
    near: Neighbours,
    wanted: IndexArray,
    width: float,
    narrow: dict[int, tuple[float, float]],
    shown_wide: Callable[[int], bool] | None,
) -> IndexArray:
    """Decide by few neighbours what can be; enter what is narrow, give back what is still open."""
    left = []
    for cell in map(int, wanted):
        if shown_wide is not None and shown_wide(cell):
            continue
        for size in _NEIGHBOURHOODS:
            found = near.surely_narrow(cell, size, width)
            if found is not None:
                narrow[cell] = found
                break
        else:
            left.append(cell)
    return np.array(left, dtype=np.intp)


@dataclass(frozen=True)
class Seen:
    """The lowest and the highest value that each count was seen to be able to take."""

    low: FloatArray
    high: FloatArray

    def note(self, cells: IndexArray, values: FloatArray) -> None:
        """Take in one set of counts that agrees with everything published."""
        self.low[cells] = np.minimum(self.low[cells], values)
        self.high[cells] = np.maximum(self.high[cells], values)

    def wide(self, cell: int, width: float) -> bool:
        """Say whether a count is seen to range widely enough."""
        return bool(self.high[cell] - self.low[cell] >= width - TOLERANCE)


def _narrow_in(programme: Programme, wanted: IndexArray, seen: Seen, width: float) -> dict[int, tuple[float, float]]:
    """Ask for the extremes of each count that earlier answers leave open."""
    narrow = {}
    _look_about(programme, wanted, seen, width)
    for cell in map(int, wanted):
        if seen.wide(cell, width):
            continue
        highest = programme.extreme(cell, highest=True)
        seen.note(programme.unknown, programme.point)
        if highest - seen.low[cell] >= width - TOLERANCE:
            continue
        lowest = programme.extreme(cell, highest=False)
        seen.note(programme.unknown, programme.point)
        if highest - lowest < width - TOLERANCE:
            narrow[cell] = (lowest, highest)
    return narrow


def _look_about(programme: Programme, wanted: IndexArray, seen: Seen, width: float) -> None:
    """Move many counts at once to where they can be, up and down at random: most are seen to be wide after a few."""
    random = np.random.default_rng(len(wanted))
    fruitless = 0
    while fruitless < _FRUITLESS_LOOKS:
        still = np.array([cell for cell in map(int, wanted) if not seen.wide(cell, width)], dtype=np.intp)
        if len(still) < _FEW:
            return
        signs = random.choice([-1.0, 1.0], len(still))
        for direction in (signs, -signs):
            programme.push(still, direction)
            seen.note(programme.unknown, programme.point)
        left = sum(not seen.wide(int(cell), width) for cell in still)
        fruitless = fruitless + 1 if left > 0.9 * len(still) else 0


class Neighbours:
    """Finds the counts near another one, over sums."""

    def __init__(self, sums: Sums, low: FloatArray, high: FloatArray) -> None:
        self._sums, self._low, self._high = sums, low, high
        by_cell = np.argsort(sums.cells, kind="stable")
        self._rows = sums.rows[by_cell]
        self._row_starts = np.searchsorted(sums.cells[by_cell], np.arange(len(low) + 1))
        self._open = high - low > TOLERANCE

    def surely_narrow(self, cell: int, size: int, width: float) -> tuple[float, float] | None:
        """Narrow a count down by the sums around it alone; None if they don't suffice."""
        _, rows = self.around(cell, size)
        entries = np.unique(self._sums.take(rows).cells)
        programme = Programme(self._sums, rows, entries[self._open[entries]], self._low, self._high)
        lowest, highest = programme.range_of(cell)
        return (lowest, highest) if highest - lowest < width - TOLERANCE else None

    def around(self, cell: int, size: int) -> tuple[IndexArray, IndexArray]:
        """Walk outwards over sums until enough unknowns are in. Out: the unknowns; the sums walked over."""
        found, rows, queue = {cell}, set[int](), [cell]
        position = 0
        while position < len(queue):
            at = queue[position]
            position += 1
            for row in map(int, self._rows[self._row_starts[at] : self._row_starts[at + 1]]):
                if row in rows:
                    continue
                rows.add(row)
                entries = self._sums.cells[self._sums.starts[row] : self._sums.starts[row + 1]]
                for other in map(int, entries[self._open[entries]]):
                    if other not in found and len(found) < size:
                        found.add(other)
                        queue.append(other)
        return np.array(sorted(found), dtype=np.intp), np.array(sorted(rows), dtype=np.intp)
