"""Sees again with whom people moved, where somebody came, left or changed: those who did not change included."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from almoner.linkage.features import MATE, MOVED_WITH_STEP
from almoner.linkage.memory import ALIVE_NODES, Memory
from almoner.linkage.steps import read_table, run_steps, store_table

_SAID = "node, place, surname, forename, dob, dob_heaped, housemates"


def see_company(engine: duckdb.DuckDBPyConnection, memory: Memory, said: str) -> None:
    """Say who moved with whom among the people whom a change may touch.

    In: said: a table of what changed nodes say (place, surname, forename, dob, dob_heaped); table dead_node. Out:
    tables moved_with, of every address at which a touched person is to be found; and near_company (node, place,
    surname, forename, housemates): the remembered nodes there, as they were.
    """
    homes = read_table(engine, f"SELECT DISTINCT place FROM {said} WHERE place IS NOT NULL")
    mates = read_table(
        engine, f"SELECT DISTINCT {MATE} AS mate FROM {said} WHERE dob IS NOT NULL AND forename IS NOT NULL"
    )
    others = _known_as(memory, mates)
    homes = _each_once(homes.column("place"), others.column("place"))
    here = memory.ask(f"SELECT {_SAID} FROM {ALIVE_NODES} SEMI JOIN homes USING (place)", homes=homes)
    store_table(engine, "near_company", here)
    mates = read_table(engine, f"SELECT DISTINCT {MATE} AS mate FROM near_company WHERE dob IS NOT NULL")
    elsewhere = _known_as(memory, mates)
    beyond = memory.ask(
        f"SELECT {_SAID} FROM {ALIVE_NODES} SEMI JOIN homes USING (place)",
        homes=_each_once(elsewhere.column("place"), homes.column("place")),
    )
    engine.register("beyond", beyond)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE feature AS
        SELECT place, surname, forename, dob, dob_heaped FROM {said}
        UNION ALL SELECT place, surname, forename, dob, dob_heaped FROM beyond ANTI JOIN dead_node USING (node)
        """
    )
    engine.unregister("beyond")
    run_steps(engine, (MOVED_WITH_STEP,))


def _known_as(memory: Memory, mates: pa.Table) -> pa.Table:
    """Give the addresses at which people of a name and birthday are to be found. Out: place."""
    return memory.ask(
        f"""SELECT DISTINCT place FROM (SELECT place, {MATE} AS mate FROM {ALIVE_NODES} WHERE dob IS NOT NULL)
            SEMI JOIN mates USING (mate) WHERE place IS NOT NULL""",
        mates=mates,
    )


def _each_once(*columns: pa.ChunkedArray) -> pa.Table:
    every = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    return pa.table({"place": every.unique()})
