"""Collects the sums that tie new cells to all that was ever released, as far as they reach and no further.

From each new cell its lines are followed; from each cell there whose count nobody knows exactly, the lines of that
cell, and so on. Cells that are known end the walk: nothing passes through a number that everybody has. Pieces that no
release shows (blocks) come in as unpublished counts. If more cells are tied together than may be opened, the attacker
is told those further out exactly: that can make a release look worse than it is, never better.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.grid import Grid, Line
from almoner.methods.disclosure.ledger import Cells
from almoner.methods.disclosure.lines import Split, split_line
from almoner.methods.disclosure.sums import TOLERANCE, BoolArray, FloatArray, IndexArray, Sums

MOST_OPENED = 40_000
"""Cells of which it is asked what they are tied to."""

MOST_BLOCKS = 300_000
"""Unpublished pieces: beyond this a release overlaps with earlier ones in too many ways to be judged."""


@dataclass(frozen=True)
class Entanglement:
    """The counts that new cells are tied to, and the sums over them.

    cells: the published cells, in the order of the counts; after them come the blocks, which no release shows.
    places: the set of each count in each dimension. told: counts that the attacker is told, being too far away.
    """

    sums: Sums
    cells: IndexArray
    places: tuple[tuple[int, ...], ...]
    low: FloatArray
    high: FloatArray
    exact: FloatArray
    told: BoolArray

    @property
    def published(self) -> int:
        """Say how many of the counts are published cells."""
        return len(self.cells)


def entangle(
    cells: Cells, start: IndexArray, most_opened: int = MOST_OPENED, *, all_sums: bool = False
) -> Entanglement:
    """Collect what some cells are tied to.

    In: all_sums: keep sums in which everything is known too, for some of it may be said less exactly later.
    Raises: CalculationError if overlaps leave too many unpublished pieces.
    """
    walk = _Walk(cells, most_opened, Grid(cells))
    walk.open(start)
    while walk.queue:
        walk.follow()
    return walk.result(all_sums)


@dataclass
class _Walk:
    """The state of a walk over lines. Counts are numbered as met; blocks carry their sets as key."""

    cells: Cells
    most_opened: int
    grid: Grid
    queue: dict[Line, None] = field(default_factory=dict)
    met: dict[int, int] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)
    blocks: dict[tuple[int, ...], int] = field(default_factory=dict)
    blocks_on: dict[Line, list[int]] = field(default_factory=lambda: defaultdict(list))
    places: list[tuple[int, ...]] = field(default_factory=list)
    sums: dict[Line, tuple[IndexArray, Split]] = field(default_factory=dict)
    splits: dict[tuple[int, bytes, tuple[int, ...]], Split] = field(default_factory=dict)

    def open(self, cells: IndexArray) -> None:
        """Follow all lines of these published cells."""
        space = self.cells.space
        fresh = np.array([cell for cell in map(int, cells) if cell not in self.opened], dtype=np.intp)
        fresh = fresh[: max(0, self.most_opened - len(self.opened))]
        self.opened.update(map(int, fresh))
        for cell in fresh:
            self._meet(int(cell))
        located = self.cells.located[fresh]
        for dimension in range(located.shape[1]):
            for key in np.unique(space.key(located, dimension)):
                self._enqueue((dimension, int(key)))

    def _enqueue(self, line: Line) -> None:
        if line not in self.sums:
            self.queue[line] = None

    def follow(self) -> None:
        """Follow all lines in the queue, and put those in it that this brings up."""
        lines, self.queue = list(self.queue), {}
        reached: list[IndexArray] = []
        for dimension, key in lines:
            reached.append(self._sum_up((dimension, key), self.cells.on_line(dimension, key)))
        found = np.unique(np.concatenate(reached))
        unknown = self.cells.high[found] - self.cells.low[found] > TOLERANCE
        self.open(found[unknown])

    def _sum_up(self, line: Line, members: IndexArray) -> IndexArray:
        """Write down the sums of a line. Out: its published cells that stand in one; the others tell nothing here."""
        dimension = line[0]
        others = self.blocks_on[line]
        place = tuple(map(int, self.cells.located[members[0]])) if len(members) else self.places[others[0]]
        for beside in self.grid.beside(dimension, place):
            self._enqueue(beside)
        numbers = np.array(
            [*self.cells.located[members, dimension], *(self.places[count][dimension] for count in others)]
        )
        order = np.argsort(numbers)
        split = self._split(dimension, numbers[order], self.grid.sets(dimension, place))
        tied = {int(order[at]) for at in np.unique(split.places) if at < len(order)}
        counts = [self._meet(int(cell)) if at in tied else -1 for at, cell in enumerate(members)] + others
        all_counts = [counts[at] for at in order]
        for mask in split.blocks:
            node = self.cells.space.nodes[dimension].of_mask(mask)
            all_counts.append(self._block((*place[:dimension], node, *place[dimension + 1 :]), dimension))
        self.sums[line] = (np.array(all_counts, dtype=np.intp), split)
        return members[[at in tied for at in range(len(members))]]

    def _split(self, dimension: int, numbers: IndexArray, finer: tuple[int, ...]) -> Split:
        key = (dimension, numbers.tobytes(), finer)
        if key not in self.splits:
            nodes = self.cells.space.nodes[dimension]
            self.splits[key] = split_line(
                [nodes.masks[number] for number in numbers], [nodes.families[number] for number in numbers], finer
            )
        return self.splits[key]

    def _meet(self, cell: int) -> int:
        count = self.met.get(cell)
        if count is None:
            count = self.met[cell] = len(self.places)
            self.places.append(tuple(map(int, self.cells.located[cell])))
        return count

    def _block(self, place: tuple[int, ...], dimension: int) -> int:
        """Give the number of a piece that no release shows; a new one is looked for on its other lines."""
        count = self.blocks.get(place)
        if count is not None:
            return count
        if len(self.blocks) >= MOST_BLOCKS:
            raise CalculationError(
                "The release overlaps with earlier ones in too many ways to be judged.",
                todo="Publish fewer breakdowns at once, or cut by areas and periods that were used before.",
            )
        count = self.blocks[place] = len(self.places)
        self.places.append(place)
        for other in range(len(place)):
            line = (other, self.cells.space.key_of(place, other))
            self.blocks_on[line].append(count)
            if other == dimension:
                continue
            together = len(self.blocks_on[line]) > 1 or len(self.cells.on_line(*line)) > 0
            if together or self.grid.cuts(other, place):
                self.sums.pop(line, None)
                self.queue[line] = None
        return count

    def result(self, all_sums: bool) -> Entanglement:
        """Put the counts in order, published ones first, and the sums that hold something unknown together."""
        met = np.array(list(self.met), dtype=np.intp)
        rank = np.empty(len(self.places), dtype=np.intp)
        rank[np.array(list(self.met.values()), dtype=np.intp)] = np.arange(len(met))
        rank[np.array(list(self.blocks.values()), dtype=np.intp)] = len(met) + np.arange(len(self.blocks))
        places: list[tuple[int, ...]] = [()] * len(self.places)
        for count, place in enumerate(self.places):
            places[rank[count]] = place
        unseen = np.full(len(self.blocks), np.nan)
        low = np.concatenate([self.cells.low[met], np.zeros(len(self.blocks))])
        high = np.concatenate([self.cells.high[met], np.full(len(self.blocks), np.inf)])
        exact = np.concatenate([self.cells.exact[met], unseen])
        told = np.concatenate([~np.isin(met, np.array(list(self.opened))), np.zeros(len(self.blocks), dtype=bool)])
        told &= high - low > TOLERANCE
        sums = _settled(self._all_sums(rank), exact)
        if not all_sums:
            unknown = np.bincount(sums.rows, (high - low > TOLERANCE)[sums.cells], minlength=len(sums.rests))
            sums = sums.take(np.flatnonzero(unknown))
        return Entanglement(sums, met, tuple(places), low, high, exact, told)

    def _all_sums(self, rank: IndexArray) -> Sums:
        filled = [(rank[counts], split) for counts, split in self.sums.values() if len(split.places)]
        if not filled:
            return Sums(np.zeros(1, dtype=np.intp), np.array([], dtype=np.intp), np.array([]), np.array([]))
        sizes = np.concatenate([np.diff(split.starts) for _, split in filled])
        return Sums(
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp),
            np.concatenate([counts[split.places] for counts, split in filled]),
            np.concatenate([split.signs for _, split in filled]),
            np.zeros(len(sizes)),
        )


def _settled(sums: Sums, exact: FloatArray) -> Sums:
    """Let each sum of published counts come to what it truly comes to.

    Where records changed between two releases, a total is not the sum of its parts any more: the attacker is taken to
    know by how much, which is more than anybody does.
    """
    residuals = sums.residuals(exact)
    return Sums(sums.starts, sums.cells, sums.signs, np.where(np.isnan(residuals), 0.0, residuals))
