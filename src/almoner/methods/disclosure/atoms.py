"""Cuts everything that figures of a population are about into the smallest pieces that they tell apart, and no further.

Whatever sums there are among published figures follow from this: each figure is the sum of its atoms, and no atom holds
fewer than nobody. It needs one unknown for each combination of pieces, so it serves where these are not too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from almoner.methods.disclosure.ledger import Nodes, Space
from almoner.methods.disclosure.lines import blocks_of
from almoner.methods.disclosure.sums import IndexArray


class Atoms:
    """The atoms of some cells, in one order."""

    def __init__(self, space: Space, located: NDArray[np.int64]) -> None:
        self._nodes = space.nodes
        self.blocks = tuple(_blocks(nodes, np.unique(located[:, axis])) for axis, nodes in enumerate(space.nodes))
        self.shape = tuple(map(len, self.blocks))
        self._inside: list[dict[int, IndexArray]] = [{} for _ in self.blocks]
        self._rows: dict[tuple[int, ...], IndexArray] = {}

    @property
    def size(self) -> int:
        """Say how many atoms there are."""
        return int(np.prod([float(length) for length in self.shape]))

    def rows(self, places: Sequence[Sequence[int]]) -> sparse.csr_array:
        """Say which atoms lie in some boxes. In: the sets of each box. Out: boxes × atoms, of ones."""
        found = [self._row(tuple(place)) for place in places]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in found])]).astype(np.int32)
        entries = np.concatenate([np.array([], dtype=np.int32), *found]).astype(np.int32)
        return sparse.csr_array((np.ones(len(entries)), entries, starts), shape=(len(found), self.size))

    def moved(self, earlier: Atoms) -> IndexArray:
        """Give for each atom of an earlier cut the one here that all it holds is put into; −1 where there is none."""
        maps = []
        for before, now in zip(earlier.blocks, self.blocks, strict=True):
            maps.append(
                np.array([next((n for n, block in enumerate(now) if block & (old & -old)), -1) for old in before])
            )
        grid = [part.ravel() for part in np.meshgrid(*maps, indexing="ij")]
        lost = reduce(np.logical_or, [part < 0 for part in grid])
        target = np.ravel_multi_index([np.maximum(part, 0) for part in grid], self.shape)
        return np.where(lost, -1, target).astype(np.intp)

    def _row(self, place: tuple[int, ...]) -> IndexArray:
        row = self._rows.get(place)
        if row is None:
            row = np.zeros(1, dtype=np.intp)
            for axis, node in enumerate(place):
                row = np.add.outer(row * self.shape[axis], self._of(axis, node)).ravel()
            self._rows[place] = row
        return row

    def _of(self, axis: int, node: int) -> IndexArray:
        found = self._inside[axis].get(node)
        if found is None:
            mask = self._nodes[axis].masks[node]
            found = np.array([n for n, block in enumerate(self.blocks[axis]) if mask & block], dtype=np.intp)
            self._inside[axis][node] = found
        return found


def _blocks(nodes: Nodes, used: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(sorted(blocks_of([nodes.masks[number] for number in used]), key=lambda block: block & -block))
