"""Says what a run that joined only what changed adds to the memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from almoner.linkage.increment.changes import Changes
from almoner.linkage.memory import (
    ADDED_TO,
    ALIVE_BLOCKS,
    ALIVE_EDGES,
    ALIVE_MENTIONS,
    ALIVE_NODES,
    MEMORY,
    Memory,
    about_table,
    fitted,
)
from almoner.linkage.shapes import MENTIONS, Decision
from almoner.linkage.steps import read_number, read_table, store_table

_ALIVE = {"mention": ALIVE_MENTIONS, "node": ALIVE_NODES, "edge": ALIVE_EDGES, "block": ALIVE_BLOCKS}

_SAID = ", ".join(MENTIONS.names)


def remember_changes(
    engine: duckdb.DuckDBPyConnection,
    memory: Memory,
    changes: Changes,
    said: dict[str, Any],
    decisions: Sequence[Decision],
    made: int,
    today: date | None,
) -> dict[str, pa.Table]:
    """Give what is to be added to the memory and, of the small tables, all.

    In: the tables of `nodes`, `regroup` and `splice`; made: how many nodes were. Out: every table of MEMORY. Where
    something is no longer held, all of it anew without what is dead: what was disposed of may not stay here.
    """
    first = said["next"]["mention"]
    _mentions(engine, first)
    store_table(engine, "person_known", memory.ask('SELECT * FROM "memory.person_of"'))
    tables = {name: fitted(name, read_table(engine, sql)) for name, sql in _ADDED.items()}
    for name in ("frequency", "heaped", "usual_sex"):
        tables[name] = memory.ask(f'SELECT * FROM "memory.{name}"')
    if changes.disposed:
        tables |= _without_the_dead(memory, tables)
    texts = read_number(engine, "SELECT coalesce(max(text) + 1, 0) FROM text_now")
    tables["about"] = about_table(
        **{name: said[name] for name in ("ages", "limits", "model", "held")},
        is_whole=changes.disposed,
        today=str(today or ""),
        next={
            "mention": first + read_number(engine, "SELECT count(*) FROM mention_new"),
            "node": said["next"]["node"] + made,
            "text": max(texts, said["next"]["text"]),
        },
        changed=said["changed"] + changes.opened + changes.closed,
        decisions=[[*each.left, *each.right, each.verdict] for each in decisions],
    )
    return tables


_ADDED = {
    "mention": f"SELECT {', '.join(MEMORY['mention'].names)} FROM mention_new",
    "node": "SELECT * FROM node_new",
    "edge": "SELECT * FROM kept_edge",
    "block": "SELECT * FROM block_new",
    "dead": """
        SELECT 'node' AS kind, node AS id FROM dead_node
        UNION ALL SELECT 'mention', mention FROM closed
        UNION ALL SELECT 'mention', was FROM mention_new WHERE was IS NOT NULL
    """,
    "text": "SELECT text, place, uprn, postcode, flat, house_number, street, address, times FROM text_now",
    "place": "SELECT * FROM place_id",
    "person_of": """
        SELECT * FROM person_known ANTI JOIN dead_node USING (node) ANTI JOIN regrouped USING (person_id)
        UNION ALL
        SELECT lasting, min(person_id)
        FROM lasting JOIN node_of_mention USING (node) JOIN mention_person USING (mention) GROUP BY lasting
    """,
}
"""What a run adds to the memory and, of the tables that are written anew, all."""


def _mentions(engine: duckdb.DuckDBPyConnection, first: int) -> None:
    """Number the mentions that were made anew or sent again. Out: table mention_new (columns of MEMORY, was)."""
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE mention_new AS
        SELECT * REPLACE (CAST({first} + row_number() OVER () - 1 AS INTEGER) AS mention) FROM (
            SELECT 0 AS mention, {_SAID}, node, text, is_latest, is_apart, print, was FROM changed
            UNION ALL BY NAME
            SELECT 0 AS mention, {_SAID}, node, text, is_latest, is_apart, print, was FROM refreshed
            WHERE was NOT IN (SELECT was FROM changed WHERE was IS NOT NULL)
        )
        """
    )


def _without_the_dead(memory: Memory, added: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Give the tables that are added to, whole: what is alive of them and what is added."""
    dead = added["dead"]
    tables = {}
    for name, alive in _ALIVE.items():
        ends = ("l", "r") if name == "edge" else ("mention",) if name == "mention" else ("node",)
        gone = " ".join(
            f"ANTI JOIN (SELECT id AS {end} FROM dead WHERE kind = '{'mention' if end == 'mention' else 'node'}')"
            f" USING ({end})"
            for end in ends
        )
        before = memory.ask(f"SELECT * FROM {alive} {gone}", dead=dead)
        tables[name] = pa.concat_tables([fitted(name, before), added[name]])
    tables["dead"] = MEMORY["dead"].empty_table()
    assert set(tables) == set(ADDED_TO)
    return tables | {"frequency": _still_borne(added["frequency"], tables["node"])}


def _still_borne(frequency: pa.Table, node: pa.Table) -> pa.Table:
    """Give how common those names and birthdays are that somebody still bears: a rare one tells of who is gone."""
    borne = {name: set(node[name].cast(pa.string()).to_pylist()) for name in set(frequency["column"].to_pylist())}
    pairs = zip(frequency["column"].to_pylist(), frequency["value"].to_pylist(), strict=True)
    return frequency.filter(pa.array([value in borne[name] for name, value in pairs], pa.bool_()))
