"""Finds rows of one delivery that share a key, in a fixed small memory: 24 bytes a row, not the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Positions = frozenset[int]


@dataclass(frozen=True)
class Duplicates:
    """Positions of rows that can't stand: copies of an earlier row, and rows that contradict one another."""

    copies: Positions
    conflicts: Positions

    @property
    def all(self) -> Positions:
        """Give every position that is not to be accepted."""
        return self.copies | self.conflicts


class KeyWatch:
    """Gathers a hash of key and of content for each row; says at the end which rows share a key."""

    def __init__(self) -> None:
        self._positions: list[npt.NDArray[np.int64]] = []
        self._keys: list[npt.NDArray[np.uint64]] = []
        self._contents: list[npt.NDArray[np.uint64]] = []

    def add(
        self, positions: npt.NDArray[np.int64], keys: npt.NDArray[np.uint64], contents: npt.NDArray[np.uint64]
    ) -> None:
        """Note a batch of rows."""
        self._positions.append(positions)
        self._keys.append(keys)
        self._contents.append(contents)

    def duplicates(self) -> Duplicates:
        """Compare: of rows alike in key and content the first stands; rows alike in key alone all fall.

        64-bit hashes: two different keys among ten million collide with a chance of about 3 in a million, and the
        rows would then be in quarantine, shown and re-admittable, not lost.
        """
        if not self._keys:
            return Duplicates(frozenset(), frozenset())
        keys, contents = np.concatenate(self._keys), np.concatenate(self._contents)
        ordered = np.sort(keys)
        repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not repeated.size:
            return Duplicates(frozenset(), frozenset())
        positions = np.concatenate(self._positions)
        chosen = np.flatnonzero(np.isin(keys, repeated))
        return _judge(positions[chosen], keys[chosen], contents[chosen])


def _judge(
    positions: npt.NDArray[np.int64], keys: npt.NDArray[np.uint64], contents: npt.NDArray[np.uint64]
) -> Duplicates:
    groups: dict[int, list[tuple[int, int]]] = {}
    for position, key, content in zip(positions.tolist(), keys.tolist(), contents.tolist(), strict=True):
        groups.setdefault(key, []).append((position, content))
    copies, conflicts = set[int](), set[int]()
    for members in groups.values():
        members.sort()
        if len({content for _, content in members}) == 1:
            copies.update(position for position, _ in members[1:])
        else:
            conflicts.update(position for position, _ in members)
    return Duplicates(frozenset(copies), frozenset(conflicts))
