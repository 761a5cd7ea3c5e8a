"""Ranks people by how well they answer: each thing that agrees weighs by how few others it is true of.

Weights are log2 odds, as in linkage: a rare surname says more than a common one, a close one less than the same. It
must never say more than a few people: who answers alike with too many others is not shown at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
import pyarrow as pa

from almoner.single_view.compact import Floats, Ints
from almoner.single_view.evidence import Evidence, gather
from almoner.single_view.likenesses import Like
from almoner.single_view.name_evidence import IMAGINARY, NameEvidence
from almoner.single_view.search_index import SearchIndex
from almoner.single_view.wanted import Asked

ALIKE = 2.0
"""Bits within which people answer alike."""
MARGIN = 8.0
"""Bits behind the best beyond which nobody is shown."""
DOUBTFUL = -3.6
"""Least log2 odds, against everybody else, of somebody whom something asked contradicts. -3.3 is one in ten."""
LOOKED_AT = 14
"""How many more of the likeliest than are shown are looked at closely, name by name."""

SCHEMA = pa.schema(
    [
        ("person_id", pa.string()),
        ("forename", pa.string()),
        ("surname", pa.string()),
        ("date_of_birth", pa.date32()),
        ("sex", pa.string()),
        ("postcode", pa.string()),
        ("address", pa.string()),
        ("withheld", pa.bool_()),
        ("likeness", pa.float64()),
        ("matched", pa.string()),
    ]
)


@dataclass(frozen=True)
class Ranked:
    """One who answers: what it weighs, whether anything contradicts, how much agrees, and what, in words."""

    person: int
    weight: float
    contradicted: bool
    likeness: float
    words: tuple[str, ...]


def rank(index: SearchIndex, asked: Asked, *, limit: int, hidden: Collection[str], only: Collection[str]) -> pa.Table:
    """Give who is meant, the likeliest first: at most `limit`, or one more where too many answer alike."""
    words = _names_among(index, asked)
    names = NameEvidence(index, words) if words else None
    evidence = gather(index, asked)
    people = _people(index, asked, names, evidence)
    people = _permitted(index, people, hidden, only)
    if not len(people):
        return SCHEMA.empty_table()
    doubtful = DOUBTFUL + log2(index.people + IMAGINARY)
    closely = _closely(people, names, evidence, looked_at=LOOKED_AT + limit, doubtful=doubtful)
    if not closely:
        return SCHEMA.empty_table()
    if _too_many(closely, limit):
        return _table(index, closely[: limit + 1])
    shown = [
        each
        for each in closely
        if each.weight >= closely[0].weight - MARGIN and (not each.contradicted or each.weight >= doubtful)
    ]
    return _table(index, shown[:limit])


def _names_among(index: SearchIndex, asked: Asked) -> tuple[str, ...]:
    """Leave out, beside a whole address, words that are nobody's name: of the town or the suburb."""
    if not (asked.house and asked.street):
        return asked.words
    return tuple(word for word in asked.words if set(index.vocabulary.like(word)) - {Like.INITIAL, Like.FAR})


def _people(index: SearchIndex, asked: Asked, names: NameEvidence | None, evidence: list[Evidence]) -> Ints:
    """Give everybody who may be meant: by name, by number, by a whole birthday, by a house."""
    found = [each.people for each in evidence]
    if (person := index.person_of(asked.person_id) if asked.person_id else None) is not None:
        found.append(np.array([person], np.int32))
    others = np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)
    if names is None:
        return others
    return names.people(others)


def _permitted(index: SearchIndex, people: Ints, hidden: Collection[str], only: Collection[str]) -> Ints:
    if only:
        people = np.intersect1d(people, _numbers(index, only))
    return np.setdiff1d(people, _numbers(index, hidden), assume_unique=True) if hidden else people


def _numbers(index: SearchIndex, ids: Collection[str]) -> Ints:
    return np.array([n for each in ids if (n := index.person_of(each)) is not None], np.int32)


def _greatest(weights: Floats, people: Ints, count: int) -> Ints:
    """Give the places of the greatest weights; of equal ones, the lowest number first: the order never changes."""
    if len(weights) > count:
        least = np.partition(weights, len(weights) - count)[len(weights) - count]
        above = np.flatnonzero(weights > least)
        return np.concatenate([above, np.flatnonzero(weights == least)[: count - len(above)]]).astype(np.int32)
    return np.arange(len(people), dtype=np.int32)


def _closely(
    people: Ints, names: NameEvidence | None, evidence: list[Evidence], *, looked_at: int, doubtful: float
) -> list[Ranked]:
    """Weigh the likeliest exactly, the greatest first; of equal ones, the lowest number.

    Who misses a word of the name, and can't make up for it by all the rest, is not looked at.
    """
    rough = np.zeros(len(people), np.float32)
    if names is not None:
        rough, misses = names.weights(people)
        worth = ~misses | (rough + sum(each.most for each in evidence) >= doubtful)
        people, rough = people[worth], rough[worth]
    besides = [each.weights(people) for each in evidence]
    best = _greatest(sum(besides, rough), people, looked_at)
    ranked = []
    for place in best.tolist():
        told = [each.told(float(weights[place])) for each, weights in zip(evidence, besides, strict=True)]
        agreed = [min(max(float(w[place]) / each.most, 0.0), 1.0) for each, w in zip(evidence, besides, strict=True)]
        weight, words, against = float(sum(each[place] for each in besides)), [], any(each for _, each in told)
        if names is not None:
            found = names.closely(int(people[place]), float(rough[place]))
            weight, words, against = weight + found.weight, list(found.words), against or found.missed
            agreed += [found.agreed / names.asked] * names.asked
        words += [word for word, _ in told if word]
        likeness = sum(agreed) / len(agreed) if agreed else 1.0
        ranked.append(Ranked(int(people[place]), weight, against, likeness, tuple(words)))
    return sorted(ranked, key=lambda each: (-each.weight, each.person))


def _too_many(ranked: list[Ranked], limit: int) -> bool:
    """Whether more people answer alike than may be shown, and nothing tells the best of them from the others."""
    if len(ranked) <= limit or ranked[0].contradicted:
        return False
    return sum(not each.contradicted and each.weight >= ranked[0].weight - ALIKE for each in ranked) > limit


def _table(index: SearchIndex, ranked: list[Ranked]) -> pa.Table:
    return pa.Table.from_pylist([_shown(index, each) for each in ranked], schema=SCHEMA)


def _shown(index: SearchIndex, ranked: Ranked) -> dict[str, object]:
    person = ranked.person
    withheld = bool(index["person.withheld"][person])
    home = None if withheld else _home(index, person)
    born = int(index["person.born"][person])
    return {
        "person_id": index.ids.get(person),
        "forename": index.forenames.get(person) or None,
        "surname": index.surnames.get(person) or None,
        "date_of_birth": dt.date(born // 10_000, born // 100 % 100, born % 100) if born else None,
        "sex": (None, "F", "M")[int(index["person.sex"][person])],
        "postcode": _text(index.postcodes.texts, index["address.postcode"][home]) if home is not None else None,
        "address": (index.addresses.get(home) or None) if home is not None else None,
        "withheld": withheld,
        "likeness": round(ranked.likeness, 3),
        "matched": ", ".join(ranked.words),
    }


def _home(index: SearchIndex, person: int) -> int | None:
    """Give where somebody lives now."""
    _, places = index.homes_of.members(np.array([person]))
    current = [int(index["home.address"][place]) for place in places if index["home.current"][place]]
    return current[0] if current else None


def _text(texts: Sequence[str], code: int) -> str | None:
    return texts[code] if code >= 0 else None
