"""Shows that a count stays uncertain by finding other counts that would have been published just the same.

People are moved between a few neighbouring atoms (areas, periods, categories at their finest); every published figure
that would notice must have room for it. Each such move is a set of counts that the attacker cannot tell from the
truth, whatever sums there are: so it never needs to see more of the ledger than the figures that would notice. Where no
move is found nothing is said: another neighbourhood may have one.

Source: moves between tables with the same margins: Diaconis and Sturmfels, Annals of Statistics 26 (1998).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from almoner.methods.disclosure.ledger import Cells, Nodes
from almoner.methods.disclosure.lines import blocks_of
from almoner.methods.disclosure.programme import extremes
from almoner.methods.disclosure.sums import BoolArray, FloatArray, IndexArray

NEIGHBOURS = (1, 2, 4)
"""How many neighbours a move takes in along each dimension: first few, then more."""


PARTNERS = 4
"""How many blocks of the first dimension are tried as the one that people are moved from or to."""


class Moves:
    """Looks for moves around one count after another."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._axes = [_Axis(nodes, cells.located[:, axis]) for axis, nodes in enumerate(cells.space.nodes)]
        keys = cells.space.key(cells.located)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def wide(self, place: Sequence[int], width: float) -> bool:
        """Say whether moves show that a count may take values that lie `width` apart.

        In: place: the set of the count in each dimension.
        """
        for partner in range(PARTNERS):
            near = self._near(place, width, partner)
            for number in NEIGHBOURS if partner == 0 else NEIGHBOURS[:1]:
                if self._width(place, [order[: number + 1] for order in near], width) >= width - 1e-6:
                    return True
        return False

    def _near(self, place: Sequence[int], width: float, partner: int) -> list[IndexArray]:
        """Order the blocks of each dimension: first the count's own, then those with room, the nearest first.

        Room is looked for where the blocks chosen before, of other dimensions, meet: there a move takes place.
        In: partner: which block of the first dimension comes second.
        """
        orders = [axis.around(node) for axis, node in zip(self._axes, place, strict=True)]
        meeting = np.array([[axis.nodes_of_blocks[order[0]] for axis, order in zip(self._axes, orders, strict=True)]])
        for dimension, (axis, order) in enumerate(zip(self._axes, orders, strict=True)):
            located = np.repeat(meeting, len(order), axis=0)
            located[:, dimension] = np.tile(axis.nodes_of_blocks[order], len(meeting))
            at, found = self._find(located)
            # Into a piece that no release shows people can be moved, but not out of it: half as good.
            room = np.where(found, self._cells.high[at] - self._cells.low[at], width / 2)
            room = np.minimum(room, 4 * width).reshape(len(meeting), -1)
            room[:, 0] = np.inf
            # First where the count itself is, then where all that was chosen meets; the nearest among equals.
            order = order[np.lexsort((np.arange(len(order)), -room.min(axis=0), -room[0]))]
            if dimension == 0:
                order = np.concatenate([order[:1], np.roll(order[1:], -partner)])
            orders[dimension] = order
            if len(order) > 1:
                beside = meeting.copy()
                beside[:, dimension] = axis.nodes_of_blocks[orders[dimension][1]]
                meeting = np.vstack([meeting, beside])
        return orders

    def _find(self, located: NDArray[np.int64]) -> tuple[IndexArray, BoolArray]:
        """Look cells up by their sets. Out: the cell, where there is one."""
        keys = self._cells.space.key(located)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return self._order[at], self._keys[at] == keys

    def _width(self, place: Sequence[int], chosen: Sequence[IndexArray], width: float) -> float:
        """Compute how far the count can be moved up and down within one neighbourhood."""
        nodes, patterns = zip(*(a.noticing(c) for a, c in zip(self._axes, chosen, strict=True)), strict=True)
        cells, pattern_of_cell = self._noticing(nodes, patterns)
        shapes = [np.unique(pattern, axis=0, return_inverse=True) for pattern in patterns]
        rows = _rows([shape[0] for shape in shapes])
        numbers = np.ravel_multi_index(
            tuple(shape[1].ravel()[column] for shape, column in zip(shapes, pattern_of_cell, strict=True)),
            tuple(len(shape[0]) for shape in shapes),
        )
        down, up = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
        np.maximum.at(down, numbers, self._cells.low[cells] - self._cells.exact[cells])
        np.minimum.at(up, numbers, self._cells.high[cells] - self._cells.exact[cells])
        noticed = np.isfinite(down)
        target = _rows(
            [axis.inside(node, blocks)[None, :] for axis, node, blocks in zip(self._axes, place, chosen, strict=True)]
        )[0]
        # An atom that no release shows has nobody in it for all that is known: nobody can be taken out.
        atoms = np.meshgrid(
            *(axis.nodes_of_blocks[blocks] for axis, blocks in zip(self._axes, chosen, strict=True)), indexing="ij"
        )
        shown = self._find(np.column_stack([part.ravel() for part in atoms]))[1]
        least = np.where(shown, -np.inf, 0.0)
        lowest, highest = extremes(target, rows[noticed], (down[noticed], up[noticed]), least, width)
        return highest - lowest

    def _noticing(
        self, nodes: Sequence[IndexArray], patterns: Sequence[BoolArray]
    ) -> tuple[IndexArray, list[IndexArray]]:
        """Find the published cells whose count a move could change, and their pattern in each dimension."""
        grid = np.meshgrid(*(np.arange(len(numbers)) for numbers in nodes), indexing="ij")
        columns = [part.ravel() for part in grid]
        located = np.column_stack([numbers[column] for numbers, column in zip(nodes, columns, strict=True)])
        at, found = self._find(located)
        return at[found], [column[found] for column in columns]


class _Axis:
    """One dimension: its blocks (the finest pieces that published cells tell apart) and the sets that hold them."""

    def __init__(self, nodes: Nodes, used: NDArray[np.int64]) -> None:
        self._nodes = nodes
        self._used = np.unique(used)
        self._blocks = blocks_of([nodes.masks[number] for number in self._used])
        self._near: dict[int, IndexArray] = {}

    @cached_property
    def _holds(self) -> BoolArray:
        """Say which used set holds which block."""
        masks = [self._nodes.masks[number] for number in self._used]
        return np.array([[bool(mask & block) for block in self._blocks] for mask in masks], dtype=bool)

    def inside(self, node: int, blocks: IndexArray) -> BoolArray:
        """Say which blocks lie in a set."""
        mask = self._nodes.masks[node]
        return np.array([bool(mask & self._blocks[block]) for block in blocks], dtype=bool)

    @cached_property
    def nodes_of_blocks(self) -> IndexArray:
        """Give the number of each block as a set."""
        return np.array([self._nodes.of_mask(block) for block in self._blocks], dtype=np.intp)

    def around(self, node: int) -> IndexArray:
        """Order the blocks: one of a set itself, then those that the fewest sets tell apart from it."""
        if node not in self._near:
            inside = self.inside(node, np.arange(len(self._blocks)))
            # The block that the fewest other sets hold is noticed least when it changes.
            own = int(np.argmin(np.where(inside, self._holds.sum(axis=0), len(self._used) + 1)))
            apart = (self._holds != self._holds[:, [own]]).sum(axis=0) + 0.5 * inside
            apart[own] = -1
            self._near[node] = np.argsort(apart, kind="stable")
        return self._near[node]

    def noticing(self, blocks: IndexArray) -> tuple[IndexArray, BoolArray]:
        """Give the sets that hold any of these blocks, and which."""
        held = self._holds[:, blocks]
        some = held.any(axis=1)
        return self._used[some], held[some]


def _rows(patterns: Sequence[BoolArray]) -> FloatArray:
    """Multiply out patterns by dimension. Out: combinations of patterns × atoms."""
    return np.array([_outer(combination) for combination in product(*patterns)], dtype=np.float64)


def _outer(parts: Sequence[BoolArray]) -> BoolArray:
    result = np.ones(1, dtype=bool)
    for part in parts:
        result = np.outer(result, part).ravel()
    return result
