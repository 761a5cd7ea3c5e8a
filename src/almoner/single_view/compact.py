"""Texts and groups as plain arrays: a million of them take the room of their letters, and load at once.

Nothing here knows what the numbers mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Texts:
    """Many texts: where each ends, and the letters of all."""

    at: npt.NDArray[np.int64]
    letters: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Texts:
        """Take a column of texts; NULL becomes empty."""
        texts = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        texts = pa.array(texts, pa.large_string()) if not pa.types.is_large_string(texts.type) else texts
        texts = texts.fill_null("")
        _, ends, letters = texts.buffers()
        at = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
        held = np.frombuffer(letters, np.uint8) if letters is not None else np.empty(0, np.uint8)
        return cls(at - at[0], held[at[0] : at[-1]])

    def __len__(self) -> int:
        return len(self.at) - 1

    def get(self, number: int) -> str:
        """Give one text."""
        return bytes(self.letters[self.at[number] : self.at[number + 1]]).decode()

    def all(self) -> list[str]:
        """Give all of them."""
        buffers = [None, pa.py_buffer(self.at), pa.py_buffer(self.letters)]
        return list(pa.Array.from_buffers(pa.large_string(), len(self), buffers).to_pylist())


@dataclass(frozen=True)
class Groups:
    """For each number from 0, the places of its members in arrays that are sorted by it."""

    at: npt.NDArray[np.int64]

    @classmethod
    def of(cls, keys: Array, count: int) -> Groups:
        """Group keys that are sorted."""
        return cls(np.searchsorted(keys, np.arange(count + 1)).astype(np.int64))

    def sizes(self, numbers: Array) -> npt.NDArray[np.int64]:
        """Say how many members each has."""
        return self.at[numbers + 1] - self.at[numbers]

    def members(self, numbers: Array) -> tuple[Ints, npt.NDArray[np.int64]]:
        """Give, for several numbers, the position of each in the list given, and the place of each member."""
        starts, sizes = self.at[numbers], self.sizes(numbers)
        owner = np.repeat(np.arange(len(numbers), dtype=np.int32), sizes)
        before = np.cumsum(sizes) - sizes
        return owner, np.arange(len(owner), dtype=np.int64) + np.repeat(starts - before, sizes)

    def best(self, numbers: Array, values_of: npt.NDArray[np.float32], default: float) -> Floats:
        """Give for each number the greatest value among its members, in arrays sorted by number; else the default.

        In: values_of = one value for each member, in the order of `members`.
        """
        sizes = self.sizes(numbers)
        found = np.full(len(numbers), default, np.float32)
        held = np.flatnonzero(sizes)
        if len(held):
            starts = (np.cumsum(sizes) - sizes)[held]
            found[held] = np.maximum.reduceat(values_of, starts)
        return found
