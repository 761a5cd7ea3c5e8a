"""Finds what changed since the last run: records that say something else, records that are gone, and records that were
only sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from almoner.linkage.features import number_mentions
from almoner.linkage.memory import ALIVE_MENTIONS, PRINT_SQL, SENT_AGAIN, Memory
from almoner.linkage.shapes import RecordKey, as_mentions
from almoner.linkage.steps import read_number, read_table, store_table

_NTH = """row_number() OVER (
    PARTITION BY dataset, record_id, print ORDER BY version DESC NULLS LAST, row_id DESC
) AS nth"""
"""A record may say the same at two times, with something else between."""


@dataclass(frozen=True)
class Changes:
    """How much changed. opened: mentions that are new or say something else; closed: mentions that no longer stand;
    refreshed: mentions sent again as they were. disposed: whether anything that was held no longer is."""

    opened: int
    closed: int
    refreshed: int
    disposed: bool


def find_changes(
    engine: duckdb.DuckDBPyConnection,
    fresh: pa.Table,
    whole: frozenset[str],
    decided: Sequence[RecordKey],
    memory: Memory,
) -> Changes:
    """Compare what is held now with what is remembered.

    In: fresh, shaped as shapes.MENTIONS: every version of each record that it names; whole: the datasets of which it
    names every record, so that a record it lacks is gone; decided: records whose decisions changed.
    Out: tables opened and refreshed (MENTIONS, is_latest, is_apart, print; refreshed also was, node and text, as
    remembered), closed (mention, node, text, dataset, record_id) and record_changed (dataset, record_id).
    """
    number_mentions(engine, as_mentions(fresh))
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT * EXCLUDE (mention), mention AS place_in_fresh,
               {_NTH}
        FROM (SELECT *, {PRINT_SQL} AS print FROM mention)
        """
    )
    store_table(engine, "known", _known(engine, whole, memory))
    _compare(engine, decided)
    return Changes(
        read_number(engine, "SELECT count(*) FROM opened"),
        read_number(engine, "SELECT count(*) FROM closed"),
        read_number(engine, "SELECT count(*) FROM refreshed"),
        read_number(engine, _DISPOSED) > 0,
    )


_DISPOSED = """
    SELECT count(*) FROM difference d JOIN known k ON k.mention = d.mention
    ANTI JOIN fresh f ON f.dataset = k.dataset AND f.record_id = k.record_id AND f.row_id = k.row_id
    WHERE d.place_in_fresh IS NULL
"""
"""Rows that are held no longer. That a row now tells something else, such as another's address, disposes of nothing."""


def _known(engine: duckdb.DuckDBPyConnection, whole: frozenset[str], memory: Memory) -> pa.Table:
    store_table(engine, "whole", pa.table({"dataset": pa.array(sorted(whole), pa.string())}))
    partly = read_table(engine, "SELECT DISTINCT dataset, record_id FROM fresh ANTI JOIN whole USING (dataset)")
    found = f"""
        SELECT mention, node, text, dataset, record_id, is_latest, print, {", ".join(SENT_AGAIN)},
               {_NTH}
        FROM {ALIVE_MENTIONS}
    """
    tables = []
    if whole:
        named = read_table(engine, "SELECT dataset FROM whole")
        tables.append(memory.ask(f"{found} SEMI JOIN whole USING (dataset)", whole=named))
    if partly.num_rows:
        tables.append(memory.ask(f"{found} SEMI JOIN partly USING (dataset, record_id)", partly=partly))
    return pa.concat_tables(tables) if tables else memory.ask(f"{found} WHERE FALSE")


def _again(side: str) -> str:
    return f"({', '.join(f'{side}.{name}' for name in SENT_AGAIN)})"


def _compare(engine: duckdb.DuckDBPyConnection, decided: Sequence[RecordKey]) -> None:
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE difference AS
        SELECT dataset, record_id, f.place_in_fresh, k.mention,
               f.place_in_fresh IS NULL OR k.mention IS NULL OR f.is_latest <> k.is_latest
               OR (coalesce(f.snapshot_unique, false) AND f.is_live IS DISTINCT FROM k.is_live) AS is_other,
               {_again("f")} IS DISTINCT FROM {_again("k")} AS is_again
        FROM fresh f FULL JOIN known k USING (dataset, record_id, print, nth)
        """
    )
    keys = pa.table(
        {
            "dataset": pa.array([key[0] for key in decided], pa.string()),
            "record_id": pa.array([key[1] for key in decided], pa.string()),
        }
    )
    store_table(engine, "decided_anew", keys)
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE record_changed AS
        SELECT DISTINCT dataset, record_id FROM difference WHERE is_other
        """
    )
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE opened AS SELECT * FROM fresh SEMI JOIN record_changed USING (dataset, record_id)"
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE closed AS
        SELECT mention, node, text, dataset, record_id FROM known SEMI JOIN record_changed USING (dataset, record_id)
        """
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE refreshed AS
        SELECT f.*, k.mention AS was, k.node, k.text
        FROM difference c JOIN fresh f USING (place_in_fresh) JOIN known k ON k.mention = c.mention
        ANTI JOIN record_changed r ON r.dataset = f.dataset AND r.record_id = f.record_id
        WHERE c.is_again
        """
    )
