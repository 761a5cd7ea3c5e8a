"""Why: two kinds of reproducible randomness. A stream draws the population once; a keyed draw decides what
happens to one record by the record's number alone, so that the same slip stands in March's file and in
April's.

Must never use Python's own hash(), the clock or global random state: one seed gives one borough,
everywhere.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Text = NDArray[np.object_]
"""Strings; a blank is None."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def _number_of(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "little")


def stream(seed: int, label: str) -> np.random.Generator:
    """Open the stream of random numbers that belongs to `label`."""
    return np.random.default_rng(np.random.SeedSequence([seed, _number_of(label)]))


class Chance:
    """Draws that depend on a seed, a label, a salt and an id, and on nothing else: not on order, not on
    time.
    """

    def __init__(self, seed: int, label: str) -> None:
        self._seed = seed
        self._label = label

    def bits(self, ids: NDArray[Any], salt: str) -> NDArray[np.uint64]:
        """Give 64 random bits for each id (splitmix64)."""
        base = np.uint64(_number_of(f"{self._seed}/{self._label}/{salt}"))
        with np.errstate(over="ignore"):
            z = (ids.astype(np.uint64) + np.uint64(1)) * _GOLDEN + base
            z = (z ^ (z >> np.uint64(30))) * _MIX_A
            z = (z ^ (z >> np.uint64(27))) * _MIX_B
            return z ^ (z >> np.uint64(31))

    def uniform(self, ids: NDArray[Any], salt: str) -> NDArray[np.float64]:
        """Give a number in [0, 1) for each id."""
        return (self.bits(ids, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def happens(self, ids: NDArray[Any], salt: str, rate: float | NDArray[np.float64]) -> Flags:
        """Say for each id whether something with this rate happens."""
        return np.asarray(self.uniform(ids, salt) < rate)

    def whole(self, ids: NDArray[Any], salt: str, below: int) -> Ints:
        """Give a whole number from 0 to below - 1 for each id."""
        return np.minimum((self.uniform(ids, salt) * below).astype(np.int64), below - 1)

    def pick(self, ids: NDArray[Any], salt: str, values: list[Any], weights: list[float] | None = None) -> Text:
        """Choose one of the values for each id."""
        share = np.cumsum(np.asarray(weights if weights else [1.0] * len(values)))
        index = np.searchsorted(share / share[-1], self.uniform(ids, salt), side="right")
        return choices(values)[np.minimum(index, len(values) - 1)]

    def shuffled(self, ids: Ints, salt: str, digits: int) -> Ints:
        """Give each id below 10**digits a number of so many digits, no two the same and in no order.

        Two halves are shifted by what the other half draws, four times over; each shift can be undone, so
        that different ids stay different.
        """
        low = 10 ** (digits // 2)
        high = 10**digits // low
        left, right = ids // low % high, ids % low
        for turn in range(4):
            left = (left + self.whole(right, f"{salt} {turn} left", high)) % high
            right = (right + self.whole(left, f"{salt} {turn} right", low)) % low
        return np.asarray(left * low + right)

    def day(self, ids: NDArray[Any], salt: str, first: Days | np.datetime64, last: Days | np.datetime64) -> Days:
        """Give a day from first to last, both included, for each id."""
        span = np.maximum((last - first).astype("timedelta64[D]").astype(np.int64) + 1, 1)
        offset = (self.uniform(ids, salt) * span).astype(np.int64)
        return (first + offset.astype("timedelta64[D]")).astype("datetime64[D]")


def choices(values: list[Any]) -> Text:
    """Make an array of objects that can be indexed."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def either(flags: Flags, true: Any, false: Any) -> Text:
    """Choose, row by row, between two values or two arrays, either of which may be missing."""
    return np.where(flags, np.asarray(true, dtype=object), np.asarray(false, dtype=object))


def blank_where(values: Text, blank: Flags) -> Text:
    """Give a copy in which the flagged values are missing."""
    out = values.copy()
    out[blank] = None
    return out
