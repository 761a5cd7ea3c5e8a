"""Lays out chosen mentions as a run would find them: numbered, with their places, as tables `mention` and the like."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from almoner.linkage.features import NODE_COLUMNS
from almoner.linkage.increment.places import describe_places
from almoner.linkage.memory import ALIVE_MENTIONS, ALIVE_NODES, SENT_AGAIN, Memory
from almoner.linkage.shapes import MENTIONS
from almoner.linkage.steps import read_table, store_table

COLUMNS = (*MENTIONS.names, "is_latest", "is_apart", "print", "text")
"""What is known of each mention that is laid out; beside it `was`, its number in the memory, and `node_was`."""

_AGAIN = (*SENT_AGAIN, "is_apart")
"""What a mention that was only sent again takes from the new row."""


def recall(engine: duckdb.DuckDBPyConnection, memory: Memory, nodes: str, table: str) -> None:
    """Bring the mentions of some nodes back from the memory, as they were last sent, into a table of COLUMNS.

    In: nodes: SQL that gives them (node); tables closed and refreshed: who is closed is not brought back.
    """
    wanted = read_table(engine, f"SELECT DISTINCT node FROM ({nodes}) WHERE node IS NOT NULL")
    found = memory.ask(
        f"""SELECT {", ".join(name for name in COLUMNS)}, mention AS was, node AS node_was
            FROM {ALIVE_MENTIONS} SEMI JOIN wanted USING (node)""",
        wanted=wanted,
    )
    store_table(engine, "recalled", found)
    again = ", ".join(f"CASE WHEN f.was IS NULL THEN r.{name} ELSE f.{name} END AS {name}" for name in _AGAIN)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT r.* REPLACE ({again})
        FROM recalled r LEFT JOIN refreshed f ON f.was = r.was
        WHERE r.was NOT IN (SELECT mention FROM closed)
        """
    )
    engine.execute("DROP TABLE recalled")


def nodes_of(engine: duckdb.DuckDBPyConnection, memory: Memory, nodes: str) -> pa.Table:
    """Give some nodes of the memory (NODE_COLUMNS). In: nodes: SQL that gives them (node)."""
    return memory.ask(
        f"SELECT {', '.join(NODE_COLUMNS)} FROM {ALIVE_NODES} SEMI JOIN wanted USING (node)",
        wanted=read_table(engine, nodes),
    )


def lay_out(engine: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Lay out the mentions of a table.

    In: rows: a table of COLUMNS, was and node_was; table text_now. Out: tables mention, mention_place, place, and laid
    (mention, was, node_was).
    """
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE numbered AS
        SELECT CAST(row_number() OVER (ORDER BY dataset, record_id, version, row_id, slot) - 1 AS INTEGER) AS mention, *
        FROM {rows}
        """
    )
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE mention AS
            SELECT mention, {", ".join(MENTIONS.names)}, is_latest, is_apart, print FROM numbered"""
    )
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE mention_place AS
           SELECT mention, t.place, text FROM numbered LEFT JOIN text_now t USING (text)"""
    )
    engine.execute("CREATE OR REPLACE TEMP TABLE laid AS SELECT mention, was, node_was FROM numbered")
    describe_places(engine, "SELECT place FROM mention_place")
    engine.execute("DROP TABLE numbered")


def opened_rows(engine: duckdb.DuckDBPyConnection) -> None:
    """Give the opened mentions as table opened_rows, shaped as COLUMNS, was and node_was."""
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE opened_rows AS
        SELECT {", ".join(COLUMNS)}, CAST(NULL AS INTEGER) AS was, CAST(NULL AS INTEGER) AS node_was
        FROM opened LEFT JOIN text_of USING (place_in_fresh)
        """
    )
