"""Finds who shares a key, by the hashes of what nodes say: the part of blocking that meets millions of values.

Should two different texts hash alike, a pair more is scored and no harm is done; who is at one address is told by
the place itself. It must never read a text: only hashes leave the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from almoner.linkage.steps import read_table

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Keyed = tuple[Hashes, Ints]
"""Keys and, for each, the place of the node that has it. A node has a key once."""

UNSAID = np.uint64(0)
"""What stands for the hash of a text that a node doesn't say."""

_SPREAD, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


def pack(left: NDArray[Any], right: NDArray[Any]) -> Ints:
    """Give each pair of nodes as one number, by which pairs sort by left and then by right."""
    pairs: Ints = left.astype(np.int64) << 32 | right.astype(np.int64)
    return pairs


def each_once(numbers: Ints) -> Ints:
    """Give numbers in order, each once; sorting is faster than numpy's way by hashing, which keeps no order."""
    numbers = np.sort(numbers)
    return numbers[np.r_[True, numbers[1:] != numbers[:-1]]] if len(numbers) else numbers


class Said:
    """What the nodes say that a key may be made of, hashed."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, texts: Mapping[str, str]) -> None:
        """Read it. In: table node; the SQL of each text by its name."""
        hashes = ", ".join(f"if({sql} IS NULL, 0, hash({sql})) AS {name}" for name, sql in texts.items())
        table = read_table(engine, f"SELECT node, {hashes} FROM node")
        self._texts: dict[str, Hashes] = {name: table[name].to_numpy() for name in texts}
        self.nodes = table["node"].to_numpy().astype(np.int64)
        self._place_of = np.zeros(int(self.nodes.max(initial=-1)) + 1, dtype=np.int64)
        self._place_of[self.nodes] = np.arange(len(self.nodes))
        homes = read_table(engine, "SELECT place FROM node")["place"].combine_chunks().dictionary_encode()
        self._homes = homes.indices.fill_null(-1).to_numpy()
        roots = self._listed(engine, "forename_roots", "text")
        surnames = self._listed(engine, "surnames", "text")
        short = self._listed(engine, "surnames", "left(text, 5)")
        names = _both(surnames, roots, len(self.nodes))
        mates = self._listed(engine, "housemates", "text")
        self._lists = {
            "any_name": either(roots, short),
            "full_name": names,
            "name_and_mate": _both(names, mates, len(self.nodes)),
        }

    def one_address(self, left: Ints, right: Ints) -> NDArray[np.bool_]:
        """Say of pairs of nodes whether they are at one place."""
        ours, theirs = self._homes[self._place_of[left]], self._homes[self._place_of[right]]
        found: NDArray[np.bool_] = (ours >= 0) & (ours == theirs)
        return found

    def keys(self, of: tuple[str, ...], among: Ints | None = None) -> Keyed:
        """Give the keys that are made of some parts, of all nodes or of those at some places."""
        texts = [self._texts[part] for part in of if part in self._texts]
        said = np.logical_and.reduce([np.ones(len(self.nodes), dtype=np.bool_), *(text != UNSAID for text in texts)])
        if among is not None:
            chosen = np.zeros(len(said), dtype=np.bool_)
            chosen[among] = True
            said &= chosen
        if of[-1] not in self._lists:
            at = np.flatnonzero(said)
            return mixed(texts)[at], at
        ends, owner = self._lists[of[-1]]
        kept = said[owner]
        ends, owner = ends[kept], owner[kept]
        return mixed([mixed(texts)[owner], ends]) if texts else ends, owner

    def pairs(self, one: Ints, other: Ints) -> Ints:
        """Give pairs of places as pairs of nodes, packed."""
        ours, theirs = self.nodes[one], self.nodes[other]
        return pack(np.minimum(ours, theirs), np.maximum(ours, theirs))

    def _listed(self, engine: duckdb.DuckDBPyConnection, column: str, sql: str) -> Keyed:
        table = read_table(
            engine, f"SELECT node, hash({sql}) AS hash FROM (SELECT node, unnest({column}) AS text FROM node)"
        )
        return table["hash"].to_numpy(), self._place_of[table["node"].to_numpy()]


def mixed(parts: Sequence[Hashes]) -> Hashes:
    """Make one hash of several, in order."""
    mixed = parts[0]
    for part in parts[1:]:
        mixed = (mixed ^ (mixed >> _STEP)) * _SPREAD + part
    return mixed


def either(one: Keyed, other: Keyed) -> Keyed:
    """Give what nodes have in either list, once."""
    keys, owner = np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))
    _, first = np.unique(mixed([owner.astype(np.uint64) * _SPREAD, keys]), return_index=True)
    return keys[first], owner[first]


def _both(one: Keyed, other: Keyed, nodes: int) -> Keyed:
    """Give each two things of which a node has the one in one list and the other in the other."""
    ours, theirs = np.bincount(one[1], minlength=nodes), np.bincount(other[1], minlength=nodes)
    owner = np.repeat(np.arange(nodes), ours * theirs)
    rank = np.arange(len(owner)) - np.repeat(_starts(ours * theirs), ours * theirs)
    among = theirs[owner]
    first, second = _starts(ours)[owner] + rank // among, _starts(theirs)[owner] + rank % among
    return mixed([one[0][first], other[0][second]]), owner


def _starts(counts: Ints) -> Ints:
    starts: Ints = np.cumsum(counts) - counts
    return starts


def pairs_within(given: Keyed, limit: int) -> tuple[tuple[Ints, Ints], Ints]:
    """Pair the nodes that share a key which at most so many share.

    Out: the pairs, as places of the one and the other; the places of the nodes whose key more than so many share.
    """
    keys, owner = given
    order = np.argsort(keys)
    keys, owner = keys[order], owner[order]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, dtype=np.int64)
    size = np.diff(np.r_[first, len(keys)])
    after = np.repeat(first + size, size) - np.arange(len(keys)) - 1
    crowd = np.repeat(size > limit, size)
    here = np.flatnonzero((after > 0) & ~crowd)
    one, other = [], []
    for step in range(1, limit):
        one.append(owner[here])
        other.append(owner[here + step])
        here = here[after[here] > step]
        if not len(here):
            break
    return (np.concatenate(one or [here]), np.concatenate(other or [here])), each_once(owner[crowd])
