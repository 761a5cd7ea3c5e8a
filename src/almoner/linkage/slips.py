"""Finds, among many pairs of texts, those that are one slip apart: a letter added, lost, changed, or two swapped.

It says what `damerau_levenshtein(one, other) = 1` says, many times as fast: two texts are one slip apart where all but
the slip is a common beginning and a common end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_AT_ONCE = 32768


class Texts:
    """Texts as rows of bytes, as the engine counts slips, read from either end."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Lay the texts out."""
        written = [text.encode() for text in texts]
        self._size = np.array([len(text) for text in written], dtype=np.int64)
        self._width = int(self._size.max(initial=0)) + 1
        self._onwards = self._rows(written)
        self._backwards = self._rows([text[::-1] for text in written])

    def one_slip(self, one: Ints, other: Ints) -> NDArray[np.bool_]:
        """Say of pairs of texts, given by their places, whether they are one slip apart."""
        found = np.zeros(len(one), dtype=np.bool_)
        near = np.flatnonzero(np.abs(self._size[one] - self._size[other]) <= 1)
        for start in range(0, len(near), _AT_ONCE):
            part = near[start : start + _AT_ONCE]
            found[part] = self._near(one[part], other[part])
        return found

    def _near(self, one: Ints, other: Ints) -> NDArray[np.bool_]:
        ours, theirs = self._size[one], self._size[other]
        short = np.minimum(ours, theirs)
        begins = self._in_common(self._onwards, one, other, short)
        rest = short - begins - self._in_common(self._backwards, one, other, short)
        here, after = begins, np.minimum(begins + 1, self._width - 1)
        crossed = (self._onwards[one, here] == self._onwards[other, after]) & (
            self._onwards[one, after] == self._onwards[other, here]
        )
        found: NDArray[np.bool_] = np.where(ours != theirs, rest <= 0, (rest == 1) | ((rest == 2) & crossed))
        return found

    def _in_common(self, rows: NDArray[np.uint8], one: Ints, other: Ints, most: Ints) -> Ints:
        """Count the bytes with which both begin."""
        differ = rows[one] != rows[other]
        differ[:, -1] = True  # a row ends with a byte that is no text's
        common: Ints = np.minimum(differ.argmax(axis=1), most)
        return common

    def _rows(self, written: list[bytes]) -> NDArray[np.uint8]:
        return np.array(written, dtype=f"S{self._width}").view(np.uint8).reshape(len(written), self._width)
