"""Finds the pairs worth comparing: nodes that share a key, and never more pairs than the keys' limits allow.

A key that too many nodes share (a care home, a default date, a switchboard's number) makes way for a narrower
key, and where that is too wide as well the pairs are given up and counted: the number of pairs stays linear
in the number of nodes whatever the input.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from almoner.linkage.features import IDENTIFIERS
from almoner.linkage.shapes import LinkSettings
from almoner.linkage.steps import drop_tables, read_number


@dataclass(frozen=True)
class Key:
    """A blocking key: its name, the SQL of a list of texts over a node, and the narrower key that relieves
    it."""

    name: str
    sql: str
    narrower: str = ""
    is_address: bool = False


_NAMES = "list_distinct(list_concat(forename_roots, list_transform(surnames, lambda s: left(s, 5))))"
_FULL_NAMES = "flatten(list_transform(surnames, lambda s: list_transform(forename_roots, lambda f: s || '|' || f)))"

KEYS: tuple[Key, ...] = (
    Key("address", "[place]", "[place || '|' || left(surname, 4), place || '|' || forename]", is_address=True),
    Key(
        "building",
        "[building || '|' || left(surname, 4)]",
        "[building || '|' || surname || '|' || forename]",
    ),
    Key("door_and_name", f"list_transform({_FULL_NAMES}, lambda t: door || '|' || t)"),
    Key("postcode_and_name", f"list_transform({_FULL_NAMES}, lambda t: postcode || '|' || t)"),
    *(Key(column, f"[{column}]") for column in IDENTIFIERS),
    Key("local_id", "[local_id]"),
    Key("phone", "[phone]"),
    Key("email", "[email]"),
    Key(
        "birth_and_name",
        f"list_transform({_NAMES}, lambda t: CAST(dob AS VARCHAR) || '|' || t)",
        f"list_transform({_FULL_NAMES}, lambda t: CAST(dob AS VARCHAR) || '|' || t)",
    ),
    Key("birth_and_postcode", "[CAST(dob AS VARCHAR) || '|' || postcode]"),
    Key("name_and_year", f"list_transform({_FULL_NAMES}, lambda t: birth_year || '|' || t)"),
    Key(
        "name_and_housemate",
        f"flatten(list_transform({_FULL_NAMES}, lambda t: list_transform(housemates, lambda h: t || '|' || h)))",
    ),
    Key("name_and_day", f"list_transform({_FULL_NAMES}, lambda t: strftime(dob, '%m%d') || '|' || t)"),
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
    once, l < r. Where the settings say that the run is to be remembered, also tables block (key, node): every key that
    is within its limit; and crowded_key (key): those that are not.
    """
    engine.execute("CREATE OR REPLACE TEMP TABLE block (key UBIGINT, node INTEGER)")
    engine.execute("CREATE OR REPLACE TEMP TABLE single (key UBIGINT, node INTEGER)")
    engine.execute("CREATE OR REPLACE TEMP TABLE crowded_key (key UBIGINT)")
    given_up: dict[str, int] = {}
    for key in KEYS:
        lost = _add_blocks(engine, "node", key.name, key.sql, limit_of(key, settings), settings.remember)
        if lost and key.narrower:
            engine.execute("CREATE OR REPLACE TEMP TABLE crowd AS SELECT * FROM node SEMI JOIN crowded USING (node)")
            lost = _add_blocks(engine, "crowd", narrow(key), key.narrower, settings.block_limit, settings.remember)
            engine.execute("DROP TABLE crowd")
        if lost:
            given_up[key.name] = lost
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE pair AS
        WITH versions AS (
            SELECT DISTINCT dataset, record_id, node
            FROM mention JOIN node_of_mention USING (mention)
            QUALIFY count(*) OVER (PARTITION BY dataset, record_id) BETWEEN 2 AND {MOST_VERSIONS}
        ), found AS (
            SELECT DISTINCT a.node AS l, b.node AS r, false AS same_record
            FROM block a JOIN block b ON a.key = b.key AND a.node < b.node
            UNION ALL
            SELECT DISTINCT a.node, b.node, true
            FROM versions a JOIN versions b USING (dataset, record_id) WHERE a.node < b.node
        )
        SELECT p.l, p.r, p.same_record, coalesce(a.place = b.place, false) AS one_address
        FROM (SELECT l, r, bool_or(same_record) AS same_record FROM found GROUP BY l, r) p
        JOIN node a ON a.node = p.l
        JOIN node b ON b.node = p.r
        """
    )
    engine.execute("INSERT INTO block SELECT * FROM single")
    drop_tables(engine, "crowded", "single", *(() if settings.remember else ("block", "crowded_key")))
    return Blocked(read_number(engine, "SELECT count(*) FROM pair"), given_up)


def limit_of(key: Key, settings: LinkSettings) -> int:
    """Give the most nodes that a key may bring together."""
    return settings.address_limit if key.is_address else settings.block_limit


def narrow(key: Key) -> str:
    """Name the narrower key of a key."""
    return key.name + "+"


def keyed_sql(nodes: str, name: str, sql: str) -> str:
    """Write the SELECT that gives the keys of the nodes of a table: key, node."""
    return f"""
        SELECT hash('{name}', text) AS key, node FROM (SELECT node, unnest(list_distinct({sql})) AS text FROM {nodes})
        WHERE text IS NOT NULL
    """


def _add_blocks(engine: duckdb.DuckDBPyConnection, nodes: str, name: str, sql: str, limit: int, remember: bool) -> int:
    """Add the blocks of a key that are within the limit; keep the nodes of the others in `crowded`, count
    them."""
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE keyed AS
        SELECT key, node, count(*) OVER (PARTITION BY key) AS nodes FROM ({keyed_sql(nodes, name, sql)})
        """
    )
    engine.execute("INSERT INTO block SELECT key, node FROM keyed WHERE nodes BETWEEN 2 AND ?", [limit])
    engine.execute("CREATE OR REPLACE TEMP TABLE crowded AS SELECT DISTINCT node FROM keyed WHERE nodes > ?", [limit])
    if remember:
        engine.execute("INSERT INTO single SELECT key, node FROM keyed WHERE nodes = 1")
        engine.execute("INSERT INTO crowded_key SELECT DISTINCT key FROM keyed WHERE nodes > ?", [limit])
    engine.execute("DROP TABLE keyed")
    return read_number(engine, "SELECT count(*) FROM crowded")
