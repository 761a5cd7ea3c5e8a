"""Finds the sums between figures that differ in more than one dimension at once, which no single line holds.

The yearly count of a whole place is the sum of its wards' monthly counts, though no table may show a ward's year or the
place's month. Such counts come in as unpublished pieces: a figure is cut along the first dimension as finely as any
figure that overlaps it, these pieces along the second, and so on. In that order every sum among published boxes
follows from sums along lines. It may cut more finely than there is need for, never less.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

import numpy as np

from almoner.methods.disclosure.ledger import Cells
from almoner.methods.disclosure.lines import blocks_of
from almoner.methods.disclosure.sums import IndexArray

Line = tuple[int, int]
"""A dimension, and the key of a line along it."""


class Grid:
    """Says how finely a line has to be cut, and which other lines have to be cut for its sake."""

    def __init__(self, cells: Cells) -> None:
        self._masks = [nodes.masks for nodes in cells.space.nodes]
        # The last dimension needs no cut of its own: what is left to compare there lies on one line.
        self._kinds = [_Kinds(cells, dimension) for dimension in range(cells.located.shape[1] - 1)]
        self._given: list[set[int]] = [set() for _ in self._kinds]
        self._near: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
        self._whole: dict[tuple[int, tuple[int, ...], int], bool] = {}

    def sets(self, dimension: int, place: Sequence[int]) -> tuple[int, ...]:
        """Give the sets by which the line through a place has to be cut, beside those that lie on it."""
        if dimension >= len(self._kinds) or not self._finest_before(dimension, place):
            return ()
        kinds = self._kinds[dimension]
        return kinds.sets_of(self._near_kinds(dimension, place))

    def beside(self, dimension: int, place: Sequence[int]) -> list[Line]:
        """Give the lines along a dimension that have to be cut and overlap the one through this place, each once."""
        if dimension >= len(self._kinds):
            return []
        kinds, given = self._kinds[dimension], self._given[dimension]
        fresh = [kind for kind in self._near_kinds(dimension, place) if kind not in given]
        given.update(fresh)
        return [(dimension, key) for kind in fresh if kinds.is_cut(kind) for key in kinds.lines[kind]]

    def cuts(self, dimension: int, place: Sequence[int]) -> bool:
        """Say whether a single count has to be cut along a dimension."""
        mask = self._masks[dimension][place[dimension]]
        return any(0 != mask & other != mask for other in self.sets(dimension, place))

    def _near_kinds(self, dimension: int, place: Sequence[int]) -> tuple[int, ...]:
        rest = (*place[:dimension], -1, *place[dimension + 1 :])
        found = self._near.get((dimension, rest))
        if found is None:
            masks = [self._masks[other][node] if node >= 0 else -1 for other, node in enumerate(rest)]
            found = self._near[dimension, rest] = self._kinds[dimension].overlapping(masks)
        return found

    def _finest_before(self, dimension: int, place: Sequence[int]) -> bool:
        """Say whether nothing cuts a place along the dimensions before this one."""
        for before in range(dimension):
            near, node = self._near_kinds(before, place), place[before]
            whole = self._whole.get((before, near, node))
            if whole is None:
                mask = self._masks[before][node]
                whole = not any(0 != mask & other != mask for other in self._kinds[before].sets_of(near))
                self._whole[before, near, node] = whole
            if not whole:
                return False
        return True


class _Kinds:
    """The lines along one dimension, by the sets that lie on them: full tables give few kinds."""

    def __init__(self, cells: Cells, dimension: int) -> None:
        self._masks = cells.space.nodes[dimension].masks
        keys = cells.space.key(cells.located, dimension)
        order = np.lexsort((cells.located[:, dimension], keys))
        starts = np.flatnonzero(np.concatenate([[True], np.diff(keys[order]) != 0]))
        numbers: dict[bytes, int] = {}
        self._nodes: list[tuple[int, ...]] = []
        self.lines: list[list[int]] = []
        others: list[list[int]] = []
        for part in np.split(order, starts[1:]):
            on_line = cells.located[part, dimension]
            kind = numbers.setdefault(on_line.tobytes(), len(numbers))
            if kind == len(self._nodes):
                self._nodes.append(tuple(map(int, on_line)))
                self.lines.append([])
                others.append([])
            self.lines[kind].append(int(keys[part[0]]))
            others[kind].append(int(part[0]))
        self._around = [self._union(cells, dimension, np.array(rows)) for rows in others]
        self._sets: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._cut: dict[int, bool] = {}

    def _union(self, cells: Cells, dimension: int, rows: IndexArray) -> list[int]:
        """Give what the lines of a kind cover in each other dimension, taken together."""
        return [
            -1
            if other == dimension
            else reduce(or_, (nodes.masks[number] for number in np.unique(cells.located[rows, other])))
            for other, nodes in enumerate(cells.space.nodes)
        ]

    def overlapping(self, masks: Sequence[int]) -> tuple[int, ...]:
        """Give the kinds of line that overlap some sets in every other dimension."""
        return tuple(
            kind
            for kind, around in enumerate(self._around)
            if all(mask & other for mask, other in zip(masks, around, strict=True))
        )

    def sets_of(self, kinds: tuple[int, ...]) -> tuple[int, ...]:
        """Give all sets that lie on lines of some kinds."""
        found = self._sets.get(kinds)
        if found is None:
            nodes = dict.fromkeys(node for kind in kinds for node in self._nodes[kind])
            found = self._sets[kinds] = tuple(self._masks[node] for node in nodes)
        return found

    def is_cut(self, kind: int) -> bool:
        """Say whether lines of a kind lack one of the smallest pieces that they, or what overlaps them, tell apart."""
        if kind not in self._cut:
            own = [self._masks[node] for node in self._nodes[kind]]
            union = reduce(or_, own)
            near = [mask & union for mask in self.sets_of(self.overlapping(self._around[kind])) if mask & union]
            self._cut[kind] = not set(blocks_of([*own, *near])) <= set(own)
        return self._cut[kind]
