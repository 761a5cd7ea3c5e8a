"""Finds the pairs worth comparing: nodes that share a key, and never more pairs than the keys' limits allow.

A key that too many nodes share (a care home, a default date, a switchboard's number) makes way for a narrower
key, and where that is too wide as well the pairs are given up and counted: the number of pairs stays linear
in the number of nodes whatever the input.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

import duckdb
import numpy as np
import pyarrow as pa

from almoner.linkage.features import IDENTIFIERS
from almoner.linkage.shapes import LinkSettings
from almoner.linkage.sharing import Ints, Keyed, Said, each_once, either, mixed, pack, pairs_within
from almoner.linkage.steps import read_table

KEY_TEXTS = {
    **{name: name for name in ("place", "building", "door", "postcode", "forename", "surname")},
    **{name: name for name in (*IDENTIFIERS, "local_id", "phone", "email")},
    "surname_start": "left(surname, 4)",
    "birthday": "CAST(dob AS VARCHAR)",
    "birth_year": "CAST(birth_year AS VARCHAR)",
    "month_and_day": "strftime(dob, '%m%d')",
}
"""What a key may be made of: a text that a node says."""

_SHORT_SURNAMES = "list_transform(surnames, lambda s: left(s, 5))"
_FULL_NAMES = "flatten(list_transform(surnames, lambda s: list_transform(forename_roots, lambda f: s || '|' || f)))"
_LISTS = {
    "any_name": f"list_distinct(list_concat(forename_roots, {_SHORT_SURNAMES}))",
    "full_name": _FULL_NAMES,
    "name_and_mate": f"""
        flatten(list_transform({_FULL_NAMES}, lambda n: list_transform(housemates, lambda h: n || '|' || h)))
    """,
}
"""What a key may end with: each of several texts that a node says."""


@dataclass(frozen=True)
class Key:
    """A blocking key: its name, what it is made of, and the narrower keys that relieve it."""

    name: str
    of: tuple[str, ...]
    narrower_of: tuple[tuple[str, ...], ...] = ()
    is_address: bool = False

    @property
    def sql(self) -> str:
        """The SQL of the list of texts that a node has for the key."""
        return _key_sql(self.of)

    @property
    def narrower(self) -> str:
        """The SQL of the list of texts that a node has for the narrower keys; empty where there are none."""
        lists = [_key_sql(of) for of in self.narrower_of]
        return f"list_concat({', '.join(lists)})" if len(lists) > 1 else "".join(lists)


def _key_sql(of: tuple[str, ...]) -> str:
    texts = " || '|' || ".join(KEY_TEXTS[part] for part in of if part in KEY_TEXTS)
    if of[-1] in _LISTS:
        return f"list_transform({_LISTS[of[-1]]}, lambda t: {texts} || '|' || t)" if texts else _LISTS[of[-1]]
    return f"[{texts}]"


KEYS: tuple[Key, ...] = (
    Key("address", ("place",), (("place", "surname_start"), ("place", "forename")), is_address=True),
    Key("building", ("building", "surname_start"), (("building", "surname", "forename"),)),
    Key("door_and_name", ("door", "full_name")),
    Key("postcode_and_name", ("postcode", "full_name")),
    *(Key(column, (column,)) for column in (*IDENTIFIERS, "local_id", "phone", "email")),
    Key("birth_and_name", ("birthday", "any_name"), (("birthday", "full_name"),)),
    Key("birth_and_postcode", ("birthday", "postcode")),
    Key("name_and_year", ("birth_year", "full_name")),
    Key("name_and_housemate", ("name_and_mate",)),
    Key("name_and_day", ("month_and_day", "full_name")),
)


MOST_VERSIONS = 20
"""A record that said more different things than this is not compared with itself."""


@dataclass(frozen=True)
class Blocked:
    """How many pairs blocking found, and how many nodes of which keys it gave up."""

    pairs: int
    given_up: dict[str, int]


def find_pairs(engine: duckdb.DuckDBPyConnection, settings: LinkSettings) -> Blocked:
    """Find the pairs to score.

    In: tables node, mention, node_of_mention. Out: table pair (l, r, same_record, one_address), each pair
    once, l < r. Where the settings say that the run is to be remembered, also table block (key, node): every key.
    """
    said = Said(engine, KEY_TEXTS)
    with ThreadPoolExecutor(settings.threads) as workers:
        shared = list(workers.map(lambda key: _share(said, key, settings), KEYS))
    given_up = {key.name: len(crowded) for key, (_, crowded) in zip(KEYS, shared, strict=True) if len(crowded)}
    if settings.remember:
        list_keys(engine, said)
    versions = _pairs_of_versions(engine)
    every = each_once(np.concatenate((*(pairs for pairs, _ in shared), versions)))
    same_record = np.zeros(len(every), dtype=np.bool_)
    same_record[np.searchsorted(every, versions)] = True
    left, right = every >> 32, every & 0xFFFFFFFF
    table = {
        "l": pa.array(left, pa.int32()),
        "r": pa.array(right, pa.int32()),
        "same_record": pa.array(same_record),
        "one_address": pa.array(said.one_address(left, right)),
    }
    engine.register("given", pa.table(table))
    engine.execute("CREATE OR REPLACE TEMP TABLE pair AS SELECT * FROM given")
    engine.unregister("given")
    return Blocked(len(every), given_up)


def list_keys(engine: duckdb.DuckDBPyConnection, said: Said) -> None:
    """List all the keys of all nodes, the narrower ones too. Out: table block (key, node)."""
    engine.execute("CREATE OR REPLACE TEMP TABLE block (key UBIGINT, node INTEGER)")
    for keys, nodes in (
        each for place in range(len(KEYS)) for each in (keyed(said, place), keyed(said, place, narrow=True))
    ):
        engine.register("given", pa.table({"key": keys, "node": pa.array(nodes, pa.int32())}))
        engine.execute("INSERT INTO block SELECT key, node FROM given")
        engine.unregister("given")


def keyed(said: Said, place: int, *, narrow: bool = False) -> Keyed:
    """Give the keys of one kind, and the node of each; the same text gives the same key in every run."""
    key = KEYS[place]
    if narrow and not key.narrower_of:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    keys, owner = reduce(either, (said.keys(of) for of in (key.narrower_of if narrow else (key.of,))))
    salt = np.full(len(keys), 2 * place + narrow, dtype=np.uint64)
    return mixed([keys, salt]), said.nodes[owner]


def limit_of(key: Key, settings: LinkSettings) -> int:
    """Give the most nodes that a key may bring together."""
    return settings.address_limit if key.is_address else settings.block_limit


def _share(said: Said, key: Key, settings: LinkSettings) -> tuple[Ints, Ints]:
    """Give the pairs that share a key, or the narrower ones where too many share it; and who shares too wide a key."""
    pairs, crowded = pairs_within(said.keys(key.of), limit_of(key, settings))
    found = said.pairs(*pairs)
    if len(crowded) and key.narrower_of:
        narrower = reduce(either, (said.keys(of, crowded) for of in key.narrower_of))
        pairs, crowded = pairs_within(narrower, settings.block_limit)
        found = np.concatenate((found, said.pairs(*pairs)))
    return each_once(found), crowded


def _pairs_of_versions(engine: duckdb.DuckDBPyConnection) -> Ints:
    """Give the pairs of nodes that are versions of one record, unless it has too many."""
    table = read_table(
        engine,
        f"""
        WITH versions AS (
            SELECT DISTINCT dataset, record_id, node
            FROM mention JOIN node_of_mention USING (mention)
            SEMI JOIN (SELECT dataset, record_id FROM mention WHERE NOT is_latest) USING (dataset, record_id)
            QUALIFY count(*) OVER (PARTITION BY dataset, record_id) BETWEEN 2 AND {MOST_VERSIONS}
        )
        SELECT DISTINCT a.node AS l, b.node AS r
        FROM versions a JOIN versions b USING (dataset, record_id) WHERE a.node < b.node
        """,
    )
    return pack(table["l"].to_numpy(), table["r"].to_numpy())
