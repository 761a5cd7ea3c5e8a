"""Works out the places of changed mentions, and which addresses are now taken for others than before."""

from __future__ import annotations

import duckdb
import numpy as np

from almoner.linkage.addresses import PLACE_STEP, RESOLVING_STEPS, WRITTEN
from almoner.linkage.memory import Memory
from almoner.linkage.settled import Ints
from almoner.linkage.steps import drop_tables, run_steps, store_table

_WAY = f"hash({WRITTEN})"
"""One number for a way of writing a place, so that ways are compared at once, those left out included."""

_NEAR = (
    ("postcode", "house_number"),
    ("house_number", "street"),
)
"""What two ways of writing a place share where one may decide about the other."""


def place_texts(engine: duckdb.DuckDBPyConnection, memory: Memory, next_text: int) -> Ints:
    """Give each way of writing a place its place, as it is after the changes.

    In: tables opened and closed. Out: the numbers of the ways that now are another place than before; tables text_now
    (text, place, the columns of addresses.WRITTEN, times, way), place_touched (place) and text_of (place_in_fresh,
    text): the way in which each opened mention writes its place.
    """
    store_table(engine, "known_text", memory.ask(f'SELECT *, {_WAY} AS way FROM "memory.text"'))
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE written_now AS
        SELECT place_in_fresh, {_WAY} AS way, {WRITTEN} FROM (
            SELECT place_in_fresh, uprn, postcode, flat, house_number, coalesce(street, address) AS street, address
            FROM opened
            WHERE uprn IS NOT NULL OR coalesce(street, address) IS NOT NULL
               OR (postcode IS NOT NULL AND house_number IS NOT NULL)
        )
        """
    )
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE more AS
        SELECT way, CAST(sum(n) AS INTEGER) AS n, {", ".join(f"any_value({name}) AS {name}" for name in _COLUMNS)}
        FROM (
            SELECT way, 1 AS n, {WRITTEN} FROM written_now
            UNION ALL
            SELECT t.way, -1, {", ".join("t." + name for name in _COLUMNS)}
            FROM closed c JOIN known_text t USING (text)
        ) GROUP BY way
        """
    )
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE text_now AS
        SELECT k.text, k.place, {", ".join("k." + name for name in _COLUMNS)}, k.times + coalesce(m.n, 0) AS times, way,
               m.way IS NOT NULL AS touched
        FROM known_text k LEFT JOIN more m USING (way)
        UNION ALL
        SELECT CAST({next_text} + row_number() OVER (ORDER BY way) - 1 AS INTEGER), NULL, {WRITTEN}, n, way, true
        FROM more ANTI JOIN known_text USING (way)
        """
    )
    moved = _resolve_touched(engine)
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE text_of AS
        SELECT place_in_fresh, text FROM written_now JOIN text_now USING (way)
        """
    )
    drop_tables(engine, "known_text", "more", "written_now")
    return moved


_COLUMNS = WRITTEN.split(", ")


def _resolve_touched(engine: duckdb.DuckDBPyConnection) -> Ints:
    """Resolve the touched texts and those that they may decide about, among all that may decide about these."""
    engine.execute("CREATE OR REPLACE TEMP TABLE ring_0 AS SELECT * FROM text_now WHERE touched")
    for ring in (1, 2):
        near = " UNION ".join(
            f"SELECT text FROM text_now SEMI JOIN ring_{ring - 1} USING ({', '.join(each)})" for each in _NEAR
        )
        same = f"""SELECT text FROM text_now
                   WHERE hash(postcode, flat, house_number, street) IN
                         (SELECT hash(postcode, flat, house_number, street) FROM ring_{ring - 1})"""
        engine.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE ring_{ring} AS
            SELECT * FROM text_now WHERE text IN ({near} UNION {same})
            """
        )
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE address_written AS SELECT text, {WRITTEN}, times FROM ring_2 WHERE times > 0"
    )
    run_steps(engine, RESOLVING_STEPS)
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE resolved AS
        SELECT text, w.place, r.place AS before
        FROM written_place w JOIN (SELECT text, place FROM ring_1) r USING (text)
        """
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE place_touched AS
        SELECT place FROM resolved WHERE place IS NOT NULL
        UNION SELECT place FROM ring_1 WHERE place IS NOT NULL
        """
    )
    moved = engine.execute(
        "SELECT text FROM resolved WHERE before IS NOT NULL AND place IS DISTINCT FROM before"
    ).fetchnumpy()["text"]
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE text_now AS
        SELECT text, CASE WHEN r.text IS NOT NULL THEN r.place ELSE t.place END AS place, {WRITTEN}, times, way
        FROM text_now t LEFT JOIN resolved r USING (text) WHERE times > 0
        """.replace("SELECT text,", "SELECT t.text,", 1)
    )
    drop_tables(engine, "ring_0", "ring_1", "ring_2", "address_written", "resolved", "written_place")
    return np.asarray(moved, dtype=np.int64)


def describe_places(engine: duckdb.DuckDBPyConnection, wanted: str) -> None:
    """Say what places are called. In: table text_now; wanted: SQL that gives them (place). Out: table place."""
    engine.execute(f"CREATE OR REPLACE TEMP TABLE written_place AS SELECT * FROM text_now WHERE place IN ({wanted})")
    run_steps(engine, (PLACE_STEP,))
    drop_tables(engine, "written_place")
