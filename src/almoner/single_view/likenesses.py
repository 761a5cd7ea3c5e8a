"""Which of the names that people bear a typed one may mean: the same, another form, a letter or two wrong, an initial.

Compared are different names, not people: a million people bear fewer than a hundred thousand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from almoner.linkage.variants import roots_of, variant_groups
from almoner.single_view.compact import Ints


class Like(IntEnum):
    """How a name is like another; the lower the liker."""

    SAME = 0
    FORM = 1
    CLOSE = 2
    INITIAL = 3
    FAR = 4


SHARE = {Like.SAME: 0.88, Like.FORM: 0.06, Like.CLOSE: 0.06, Like.INITIAL: 0.05, Like.FAR: 0.012}
"""How often who is meant bears a name that is so like the typed one. By judgement; the bench measures the ranking."""
FORENAMES_ONLY = frozenset({Like.FORM, Like.INITIAL})
"""Surnames have no short forms."""
LEAST_LETTERS = {1: 3, 2: 6}
"""How many letters a name must have for so many of them to be wrong."""


class NearTexts:
    """Texts of any kind, among which a mistyped one is looked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._texts = np.array(texts, dtype=object)
        self._lengths = np.fromiter(map(len, texts), np.int16, len(texts))
        self._letters = _letters_in(texts)

    def near(self, text: str, edits: int) -> tuple[Ints, Ints]:
        """Give the places of texts with no more letters wrong, missing, too many or changed about; and how many are.

        An edit takes away at most one of the letters that occur and adds at most one, so few texts need be compared.
        """
        asked = _letters_in([text])[0]
        gone, come = np.bitwise_count(asked & ~self._letters), np.bitwise_count(self._letters & ~asked)
        likely = np.flatnonzero((gone <= edits) & (come <= edits) & (np.abs(self._lengths - len(text)) <= edits))
        if not len(likely):
            return np.empty(0, np.int32), np.empty(0, np.int32)
        chosen = self._texts[likely].tolist()
        distances = process.cdist([text], chosen, scorer=OSA.distance, score_cutoff=edits, dtype=np.uint8)[0]
        within = distances <= edits
        return likely[within].astype(np.int32), distances[within].astype(np.int32)


def _letters_in(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Give for each text which of A to Z and 0 to 9 occur in it, a bit for each."""
    joined = "".join(texts).encode("ascii", "replace")
    letters = np.frombuffer(joined, np.uint8).astype(np.uint64)
    bits = np.left_shift(np.uint64(1), letters & np.uint64(63))
    at = np.cumsum([0, *map(len, texts)])[:-1]
    found = np.zeros(len(texts), np.uint64)
    held = np.fromiter(map(len, texts), np.int64, len(texts)) > 0
    if held.any():
        found[held] = np.bitwise_or.reduceat(bits, at[held])
    return found


class Vocabulary(NearTexts):
    """All different words of names, sorted."""

    words: Sequence[str]

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)
        self.words = words

    def place(self, word: str) -> int | None:
        """Give the place of a word, if somebody bears it."""
        at = bisect_left(self.words, word)
        return at if at < len(self.words) and self.words[at] == word else None

    def like(self, word: str) -> dict[Like, Ints]:
        """Give the places of all words that a typed one may mean, each under its nearest likeness."""
        found = {Like.SAME: self._places([word])}
        if len(word) == 1:
            found[Like.INITIAL] = self._beginning(word)
            return found
        found[Like.FORM] = self._places([name for root in roots_of(word) for name in _members().get(root, ())])
        found[Like.INITIAL] = self._places([word[0]])
        found |= self._near(word)
        told = np.empty(0, np.int32)
        for likeness in sorted(found):
            found[likeness] = np.setdiff1d(found[likeness], told)
            told = np.union1d(told, found[likeness]).astype(np.int32)
        return {likeness: places for likeness, places in found.items() if len(places)}

    def _near(self, word: str) -> dict[Like, Ints]:
        """Find words with a letter or two wrong, missing, too many, or changed about."""
        most = max((edits for edits, least in LEAST_LETTERS.items() if len(word) >= least), default=0)
        places, edits = self.near(word, most)
        return {Like.CLOSE: places[edits == 1], Like.FAR: places[edits == 2]}

    def _places(self, words: Sequence[str]) -> Ints:
        known = {place for word in words if (place := self.place(word)) is not None}
        return np.array(sorted(known), np.int32)

    def _beginning(self, letter: str) -> Ints:
        first, last = bisect_left(self.words, letter), bisect_left(self.words, letter + "~")
        return np.arange(first, last, dtype=np.int32)


@lru_cache(maxsize=1)
def _members() -> dict[str, set[str]]:
    """Give, for each group of forms, its names."""
    found: dict[str, set[str]] = {}
    for name, roots in variant_groups().items():
        for root in roots:
            found.setdefault(root, {root}).add(name)
    return found
