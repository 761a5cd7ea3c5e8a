"""The pairs that share a key by its hash are those that share a text by its SQL."""

from __future__ import annotations

import duckdb
import pytest

from almoner.linkage import LinkSettings
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.blocking import KEYS, find_pairs
from almoner.linkage.features import build_nodes, number_mentions
from almoner.linkage.shapes import as_mentions
from almoner.linkage.steps import open_engine
from tests.unit.linkage.borough import Borough


@pytest.mark.parametrize("limit", [100, 6])
def test_pairs_are_those_that_share_a_text(limit: int) -> None:
    """With few allowed, some keys make way for narrower ones, and some nodes are given up."""
    settings = LinkSettings(block_limit=limit, address_limit=limit)
    with open_engine(settings) as engine:
        number_mentions(engine, as_mentions(Borough(300, seed=5).table()))
        resolve_addresses(engine)
        build_nodes(engine, ())
        blocked = find_pairs(engine, settings)
        found = set(engine.execute("SELECT l, r FROM pair WHERE NOT same_record").fetchall())
        given_up = {}
        expected: set[tuple[int, int]] = set()
        for key in KEYS:
            pairs, crowded = _by_text(engine, key.sql, "node", limit)
            expected |= pairs
            if crowded and key.narrower:
                engine.execute(
                    "CREATE OR REPLACE TEMP TABLE crowd AS SELECT * FROM node SEMI JOIN crowded USING (node)"
                )
                pairs, crowded = _by_text(engine, key.narrower, "crowd", limit)
                expected |= pairs
            if crowded:
                given_up[key.name] = crowded
        versions = set(engine.execute("SELECT l, r FROM pair WHERE same_record").fetchall())
    assert len(expected) > 500
    assert found == expected - versions
    assert blocked.given_up == given_up
    assert bool(given_up) == (limit == 6)


def _by_text(engine: duckdb.DuckDBPyConnection, sql: str, nodes: str, limit: int) -> tuple[set[tuple[int, int]], int]:
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE said AS SELECT *, count(*) OVER (PARTITION BY text) AS nodes FROM "
        f"(SELECT node, unnest(list_distinct({sql})) AS text FROM {nodes}) WHERE text IS NOT NULL"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE crowded AS SELECT DISTINCT node FROM said WHERE nodes > {limit}")
    pairs = engine.execute(
        f"SELECT a.node, b.node FROM said a JOIN said b USING (text) WHERE a.node < b.node AND a.nodes <= {limit}"
    ).fetchall()
    return set(pairs), len(engine.execute("SELECT node FROM crowded").fetchall())
