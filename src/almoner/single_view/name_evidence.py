"""What a name weighs: each word against all the names of each person, forenames as forenames or the two swapped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log2

import numpy as np
import numpy.typing as npt

from almoner.single_view.compact import Floats, Ints
from almoner.single_view.likenesses import FORENAMES_ONLY, SHARE, Like
from almoner.single_view.search_index import SearchIndex
from almoner.single_view.search_steps import ROLES

FIRST = ROLES["forename"] | ROLES["middle_names"] | ROLES["known_as"]
LAST = ROLES["surname"] | ROLES["previous_surname"]
MISSED = -5.0
"""Weight of a word that is none of somebody's names."""
SWAPPED = 1.5
"""What it costs that forename and surname stand the other way round."""
ONLY_MIDDLE = 1.0
"""What it costs that a first word is a middle name."""
IMAGINARY = 20_000
"""People added to those there are, so that few people make no name common or rare. As in linkage."""
USUAL = 0.2
"""How many of them bear any one name."""

AGREED = {Like.SAME: 1.0, Like.FORM: 0.9, Like.CLOSE: 0.8, Like.INITIAL: 0.7, Like.FAR: 0.6}
"""How much of a word that was asked is theirs."""

_TOLD = {
    Like.SAME: "same",
    Like.FORM: "another form of the name",
    Like.CLOSE: "close",
    Like.INITIAL: "initial",
    Like.FAR: "somewhat close",
}


def rarity(share: float, bearers: int, people: int) -> float:
    """Weigh an agreement: how often it is true of who is meant, against how many others it is true of."""
    return log2(share * (people + IMAGINARY) / (bearers + USUAL))


@dataclass(frozen=True)
class NameFound:
    """What a name is worth for one person: weight, how many words agree, whether any was missed, and all in words."""

    weight: float
    agreed: float
    missed: bool
    words: tuple[str, ...]


class Word:
    """One typed word: which words people bear are like it, and what each likeness weighs."""

    def __init__(self, index: SearchIndex, word: str) -> None:
        self._index = index
        self.like = index.vocabulary.like(word)
        self.weight: dict[Like, float] = {}
        bearers = 0
        for likeness in sorted(self.like):
            bearers += int(index.bearers_of.sizes(self.like[likeness]).sum())
            self.weight[likeness] = rarity(SHARE[likeness], bearers, index.people) - MISSED

    @cached_property
    def likeness_of(self) -> dict[int, Like]:
        """The likeness of each word that is like it."""
        return {int(place): likeness for likeness, places in self.like.items() for place in places}

    def spread(self) -> tuple[Floats, Floats]:
        """Give for each person what the word weighs as a forename, and as a surname, above a miss."""
        index = self._index
        first, last = (np.zeros(index.people, np.float32) for _ in range(2))
        for likeness in sorted(self.weight, key=self.weight.__getitem__):
            weight = self.weight[likeness]
            if weight <= 0:
                continue
            person, role = self.bearers(likeness)
            first[person[(role & FIRST) > 0]] = weight
            if likeness not in FORENAMES_ONLY:
                last[person[(role & LAST) > 0]] = weight
        return first, last

    def found(self) -> list[Ints]:
        """Give whom the word finds. An initial finds nobody by itself."""
        kinds = [each for each in self.like if each is not Like.INITIAL and self.weight[each] > 0]
        return [self.bearers(likeness)[0] for likeness in kinds]

    def bearers(self, likeness: Like) -> tuple[Ints, Ints]:
        index, places = self._index, self.like[likeness]
        if (
            len(places) > 1 and int(places[-1]) - int(places[0]) == len(places) - 1
        ):  # a run of words: all with an initial
            span = slice(index.bearers_of.at[places[0]], index.bearers_of.at[places[-1] + 1])
            return index["bearer.person"][span], index["bearer.role"][span]
        _, where = index.bearers_of.members(places)
        return index["bearer.person"][where], index["bearer.role"][where]


class NameEvidence:
    """A whole name, as typed: forenames first, or the other way round."""

    def __init__(self, index: SearchIndex, words: tuple[str, ...]) -> None:
        self.asked = len(words)
        self._index = index
        self._words = [Word(index, word) for word in words]
        places = (index.vocabulary.place("".join(pair)) for pair in pairwise(words))
        self._joined = {number: place for number, place in enumerate(places) if place is not None}

    def people(self, others: Ints) -> Ints:
        """Give everybody of whom some word is true, and others, in order."""
        found = np.zeros(self._index.people, bool)
        for word in self._words:
            for person in word.found():
                found[person] = True
        for place in self._joined.values():
            found[self._index["bearer.person"][self._span(place)]] = True
        found[others] = True
        return np.flatnonzero(found).astype(np.int32)

    @cached_property
    def _spreads(self) -> list[tuple[Floats, Floats]]:
        spreads = [word.spread() for word in self._words]
        for number, place in self._joined.items():
            self._add_joined(spreads, number, place)
        return spreads

    def weights(self, people: Ints) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Weigh the name for these people, the better way round; and say who misses a word of it."""
        each = [(first[people], last[people]) for first, last in self._spreads]
        missed = np.float32(MISSED * len(self._words))
        if len(each) == 1:
            return np.maximum(*each[0]) + missed, np.maximum(*each[0]) == 0
        middle = sum((np.maximum(*pair) for pair in each[1:-1]), np.zeros(len(people), np.float32))
        straight = each[0][0] + each[-1][1]
        swapped = each[0][1] + each[-1][0]
        both = (each[0][1] > 0) & (each[-1][0] > 0)
        misses = np.logical_or.reduce([np.maximum(*pair) == 0 for pair in each])
        best = np.maximum(straight, swapped - np.where(both, SWAPPED, 0).astype(np.float32))
        return best + middle + missed, misses

    def _span(self, place: int) -> slice:
        return slice(self._index.bearers_of.at[place], self._index.bearers_of.at[place + 1])

    def _add_joined(self, spreads: list[tuple[Floats, Floats]], number: int, place: int) -> None:
        """Let two words that somebody writes as one count as both: ANNE MARIE is ANNEMARIE."""
        span = self._span(place)
        person, role = self._index["bearer.person"][span], self._index["bearer.role"][span]
        half = rarity(SHARE[Like.SAME], len(person), self._index.people) / 2 - MISSED
        for one in (number, number + 1):
            for kind, wanted in ((0, FIRST), (1, LAST)):
                named = person[(role & wanted) > 0]
                spreads[one][kind][named] = np.maximum(spreads[one][kind][named], half)

    def closely(self, person: int, rough: float) -> NameFound:
        """Weigh the name for one person, no name of theirs counted twice. In: rough = what `weights` gave."""
        index, words = self._index, self._words
        places = slice(index.names_of.at[person], index.names_of.at[person + 1])
        borne = list(zip(index["name.word"][places].tolist(), index["name.role"][places].tolist(), strict=True))
        ways = [self._matched(borne, swapped=False)]
        if len(words) > 1:
            ways.append(self._matched(borne, swapped=True))
        weight, found = max(ways, key=lambda way: way[0])
        swapped = len(ways) > 1 and ways[1][0] > ways[0][0]
        joined = self._told_joined(borne, found) if len(found) < len(words) and rough > weight else {}
        told = []
        for position in range(len(words)):
            role, likeness = found.get(position, (0, None))
            told.append((self._part(position, role, swapped=swapped), likeness))
        agreed = sum(AGREED[likeness] for _, likeness in found.values()) + len(joined)
        sentence = _in_words(told, joined)
        if joined:
            return NameFound(rough, agreed, len(found) + len(joined) < len(words), (*sentence, *set(joined.values())))
        return NameFound(weight, agreed, len(found) < len(words), (*sentence, *(["names swapped"] if swapped else [])))

    def _part(self, position: int, role: int, *, swapped: bool) -> str:
        if role:
            return "forename" if role & FIRST and not (role & LAST and position == len(self._words) - 1) else "surname"
        last = 0 if swapped else len(self._words) - 1
        return "surname" if position == last else "forename"

    def _told_joined(self, borne: list[tuple[int, int]], found: dict[int, tuple[int, Like]]) -> dict[int, str]:
        known = {word for word, _ in borne}
        told: dict[int, str] = {}
        for number, place in self._joined.items():
            if place in known:
                told |= {one: "written as one word" for one in (number, number + 1) if one not in found}
        return told

    def _matched(self, borne: list[tuple[int, int]], *, swapped: bool) -> tuple[float, dict[int, tuple[int, Like]]]:
        """Give each typed word the name that weighs most, the weightiest first, and no name to two."""
        offers = []
        for position, word in enumerate(self._words):
            for number, (known, role) in enumerate(borne):
                likeness = word.likeness_of.get(known)
                if likeness is not None and (weight := self._offer(position, role, likeness, swapped=swapped)) > 0:
                    offers.append((weight, -position, -number, role, likeness))
        total, last = MISSED * len(self._words), 0 if swapped else len(self._words) - 1
        used: set[tuple[int, bool]] = set()
        found: dict[int, tuple[int, Like]] = {}
        for weight, position, number, role, likeness in sorted(offers, reverse=True):
            as_both = bool(role & FIRST and role & LAST)  # THOMAS THOMAS bears it twice
            name = (-number, as_both and -position == last)
            if -position not in found and name not in used:
                found[-position] = (role, likeness)
                used.add(name)
                total += weight
        return total - (SWAPPED if swapped and len(found) > 1 else 0), found

    def _offer(self, position: int, role: int, likeness: Like, *, swapped: bool) -> float:
        """Weigh a likeness for a word at its place, as forename or surname; 0 where it can't be."""
        last, count = 0 if swapped else len(self._words) - 1, len(self._words)
        weight = self._words[position].weight[likeness]
        as_last = bool(role & LAST) and likeness not in FORENAMES_ONLY
        as_first = bool(role & FIRST)
        inner = 0 < position < count - 1
        if count == 1 or inner:
            return weight if as_last or as_first else 0.0
        if position == last:
            return weight if as_last else 0.0
        only_middle = role & FIRST == ROLES["middle_names"]
        return (weight - ONLY_MIDDLE if only_middle else weight) if as_first else 0.0


def _in_words(told: list[tuple[str, Like | None]], joined: dict[int, str]) -> list[str]:
    """Say of forename and surname what was found, each saying once."""
    said = [
        f"{part} {_TOLD[likeness] if likeness is not None else 'different'}"
        for position, (part, likeness) in enumerate(told)
        if position not in joined
    ]
    return list(dict.fromkeys(said))
