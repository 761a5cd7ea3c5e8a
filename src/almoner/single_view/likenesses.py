"""Which of the names that people bear a typed one may mean: the same, another form, a letter or two wrong, an initial.

Compared are different names, not people: a million people bear fewer than a hundred thousand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from enum import IntEnum
from functools import cached_property, lru_cache

import numpy as np
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


class Vocabulary:
    """All different words of names, sorted."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        lengths = np.fromiter(map(len, words), np.int32, len(words))
        self._of_length: dict[int, tuple[list[str], Ints]] = {}
        for length in np.unique(lengths):
            places = np.flatnonzero(lengths == length).astype(np.int32)
            self._of_length[int(length)] = ([words[int(place)] for place in places], places)

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
        places: dict[Like, list[Ints]] = {Like.CLOSE: [], Like.FAR: []}
        for length in range(len(word) - most, len(word) + most + 1):
            if most and length in self._of_length and length > 1:
                words, where = self._of_length[length]
                edits = process.cdist([word], words, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
                places[Like.CLOSE].append(where[edits == 1])
                places[Like.FAR].append(where[edits == 2] if most > 1 else where[:0])
        return {likeness: np.concatenate(each) for likeness, each in places.items() if each}

    def _places(self, words: Sequence[str]) -> Ints:
        known = {place for word in words if (place := self.place(word)) is not None}
        return np.array(sorted(known), np.int32)

    def _beginning(self, letter: str) -> Ints:
        first, last = bisect_left(self.words, letter), bisect_left(self.words, letter + "~")
        return np.arange(first, last, dtype=np.int32)


class NearTexts:
    """Texts of any kind, such as streets, among which a mistyped one is looked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    @cached_property
    def _place(self) -> dict[str, int]:
        return {text: place for place, text in enumerate(self.texts)}

    def like(self, text: str, edits: int) -> tuple[Ints, Ints]:
        """Give the places of texts with no more letters wrong, and how many are."""
        distances = process.cdist([text], self.texts, scorer=OSA.distance, score_cutoff=edits, dtype=np.uint8)[0]
        places = np.flatnonzero(distances <= edits).astype(np.int32)
        return places, distances[places].astype(np.int32)


@lru_cache(maxsize=1)
def _members() -> dict[str, set[str]]:
    """Give, for each group of forms, its names."""
    found: dict[str, set[str]] = {}
    for name, roots in variant_groups().items():
        for root in roots:
            found.setdefault(root, {root}).add(name)
    return found
