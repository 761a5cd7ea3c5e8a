"""The index of people: all that somebody may be found by, as compact arrays that load at once and stay in memory.

It holds numbers as digests, and what the views of one purpose show; it decides nothing about who may look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almoner.single_view.compact import Array, Groups, Ints, Texts
from almoner.single_view.likenesses import NearTexts, Vocabulary
from almoner.single_view.search_steps import ROLES

_JOINED = ROLES["forename"] | ROLES["surname"] | ROLES["known_as"] | ROLES["previous_surname"]
"""Names of several words that are also looked for as one: MARY JANE and MARYJANE."""
_TEXTS = ("ids", "forenames", "surnames", "words", "addresses", "postcodes", "streets", "houses", "flats", "datasets")


class SearchIndex:
    """Who can be found, by what. Arrays are named as they are kept."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = dict(arrays)
        texts = {name: Texts(arrays[f"{name}.at"], arrays[f"{name}.letters"]) for name in _TEXTS}  # type: ignore[arg-type]
        self.ids, self.forenames, self.surnames = texts["ids"], texts["forenames"], texts["surnames"]
        self.addresses, self.datasets = texts["addresses"], texts["datasets"].all()
        self.vocabulary = Vocabulary(texts["words"].all())
        self.postcodes = NearTexts(texts["postcodes"].all())
        self.streets = NearTexts(texts["streets"].all())
        self.houses, self.flats = texts["houses"].all(), texts["flats"].all()
        self._groups: dict[str, Groups] = {}

    def __getitem__(self, name: str) -> Any:
        return self._arrays[name]

    @property
    def people(self) -> int:
        """How many can be found."""
        return len(self.ids)

    def arrays(self) -> Mapping[str, Array]:
        """Give all that it is made of."""
        return self._arrays

    def groups(self, name: str, count: int) -> Groups:
        """Give the groups of an array that is sorted: by whom, by which word, by which address."""
        if name not in self._groups:
            self._groups[name] = Groups.of(self._arrays[name], count)
        return self._groups[name]

    @cached_property
    def names_of(self) -> Groups:
        """The names of each person: places in `name.word` and `name.role`."""
        return self.groups("name.person", self.people)

    @cached_property
    def bearers_of(self) -> Groups:
        """The bearers of each word: places in `bearer.person` and `bearer.role`."""
        return self.groups("bearer.word", len(self.vocabulary.words))

    @cached_property
    def births_of(self) -> Groups:
        """The birthdays of each person: places in `birth.day`."""
        return self.groups("birth.person", self.people)

    @cached_property
    def homes_of(self) -> Groups:
        """The homes of each person: places in `home.address` and `home.current`."""
        return self.groups("home.person", self.people)

    @cached_property
    def residents_of(self) -> Groups:
        """The residents of each address: places in `resident.person`."""
        return self.groups("resident.address", len(self.addresses))

    def person_of(self, person_id: str) -> int | None:
        """Give the number of a person's id; ids are sorted."""
        low, high = 0, self.people
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.ids.get(middle) < person_id else (low, middle)
        return low if low < self.people and self.ids.get(low) == person_id else None

    def with_number(self, number: str) -> Ints:
        """Give who has a number, written KIND:NUMBER."""
        digest = np.uint64(digest_of(number))
        first, last = np.searchsorted(self["number.digest"], [digest, digest + np.uint64(1)])
        return np.asarray(self["number.person"][first:last], np.int32)


def digest_of(number: str) -> int:
    """Give the digest of a number as the engine's `md5_number_lower` does: the last eight bytes, the least first."""
    return int.from_bytes(hashlib.md5(number.encode(), usedforsecurity=False).digest()[8:], "little")


# ── making it ────────────────────────────────────────────────────────────────────────────────────────────────────


def make_arrays(tables: Mapping[str, pa.Table]) -> dict[str, Array]:
    """Make the arrays of an index from the tables of `search_steps`."""
    people = tables["people"]
    texts = {
        "ids": people["person_id"],
        "forenames": people["forename"],
        "surnames": people["surname"],
        "datasets": tables["datasets"]["dataset"],
    }
    arrays: dict[str, Array] = {
        "person.born": _days(people["date_of_birth"]),
        "person.sex": pc.fill_null(pc.index_in(people["sex"], pa.array(["", "F", "M"])), 0).to_numpy().astype(np.uint8),
        "person.withheld": people["withheld"].to_numpy().astype(np.uint8),
    }
    words, named = _names(tables["names"])
    texts["words"] = words
    arrays |= named
    births = _sorted(tables["births"], "person", "day")
    arrays |= {"birth.person": births["person"], "birth.day": births["day"]}
    by_day = np.argsort(births["day"], kind="stable")
    arrays |= {"day.day": births["day"][by_day], "day.person": births["person"][by_day]}
    numbers = tables["numbers"].sort_by("number")
    arrays |= {"number.digest": numbers["number"].to_numpy(), "number.person": numbers["person"].to_numpy()}
    placed, homes = _homes(tables["homes"], tables["addresses"])
    arrays |= homes
    for name, column in (texts | placed).items():
        held = Texts.of(column)
        arrays |= {f"{name}.at": held.at, f"{name}.letters": held.letters}
    return arrays


def _days(column: pa.ChunkedArray) -> Array:
    parts = (pc.multiply(pc.year(column), 10_000), pc.multiply(pc.month(column), 100), pc.day(column))
    return pc.fill_null(pc.add(pc.add(parts[0], parts[1]), parts[2]), 0).to_numpy().astype(np.int32)


def _sorted(table: pa.Table, *columns: str) -> dict[str, Array]:
    order = table.select(columns).sort_by([(name, "ascending") for name in columns])
    return {name: order[name].to_numpy() for name in columns}


def _names(table: pa.Table) -> tuple[pa.Array, dict[str, Array]]:
    """Take names apart into words: who bears each, and as what."""
    whole = table["name"].combine_chunks()
    split = pc.split_pattern(whole, " ")
    parent = pc.list_parent_indices(split).to_numpy()
    person, role = table["person"].to_numpy(), table["role"].to_numpy()
    several = np.flatnonzero((pc.list_value_length(split).to_numpy() > 1) & ((role & _JOINED) > 0))
    joined = pc.replace_substring(whole.take(pa.array(several)), " ", "")
    coded = pa.concat_arrays([pc.list_flatten(split), joined]).dictionary_encode()
    order = pc.sort_indices(coded.dictionary).to_numpy()
    words = coded.dictionary.take(pa.array(order))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    word = rank[coded.indices.to_numpy()] if len(coded) else np.empty(0, np.int32)
    entry = np.concatenate([parent, several])
    key = person[entry].astype(np.int64) * max(len(order), 1) + word
    sorting = np.argsort(key, kind="stable")
    key, roles = key[sorting], role[entry][sorting]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.empty(0, np.int64)
    told = np.bitwise_or.reduceat(roles, first) if len(key) else roles
    bearer = (key[first] // max(len(order), 1)).astype(np.int32)
    borne = (key[first] % max(len(order), 1)).astype(np.int32)
    by_word = np.argsort(borne, kind="stable")
    return words, {
        "name.person": bearer, "name.word": borne, "name.role": told,
        "bearer.word": borne[by_word], "bearer.person": bearer[by_word], "bearer.role": told[by_word],
    }  # fmt: skip


def _homes(homes: pa.Table, addresses: pa.Table) -> tuple[dict[str, pa.Array], dict[str, Array]]:
    addresses = addresses.sort_by("address_id")
    coded = {
        name: _coded(addresses[column])
        for name, column in (
            ("postcodes", "postcode"), ("streets", "street"), ("houses", "house_number"), ("flats", "flat"),
        )
    }  # fmt: skip
    place = pc.index_in(homes["address_id"], addresses["address_id"].combine_chunks()).to_numpy().astype(np.int32)
    person, current = homes["person"].to_numpy(), homes["is_current"].to_numpy().astype(np.uint8)
    order = np.lexsort((place, person))
    person, place, current = person[order], place[order], current[order]
    by_address = np.argsort(place, kind="stable")
    arrays = {
        "home.person": person, "home.address": place, "home.current": current,
        "resident.address": place[by_address], "resident.person": person[by_address],
        "address.postcode": coded["postcodes"][1], "address.street": coded["streets"][1],
        "address.house": coded["houses"][1], "address.flat": coded["flats"][1],
    }  # fmt: skip
    for name in ("postcode", "street"):
        codes = arrays[f"address.{name}"]
        by_code = np.argsort(codes, kind="stable").astype(np.int32)
        arrays |= {f"{name}.code": codes[by_code], f"{name}.address": by_code}
    return {"addresses": addresses["address"], **{name: words for name, (words, _) in coded.items()}}, arrays


def _coded(column: pa.ChunkedArray) -> tuple[pa.Array, Array]:
    """Number different texts in their order; NULL is -1."""
    encoded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order) + 1, np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    rank[-1] = -1
    codes = pc.fill_null(encoded.indices, len(order)).to_numpy()
    return encoded.dictionary.take(pa.array(order)), rank[codes]
