"""Makes the nodes of what changed, and scores them against everybody they might be.

A node whose mentions changed, or that a changed mention now equals, is made anew and gets a new number: what was known
of the old number is dead.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from almoner.linkage.blocking import KEY_TEXTS, KEYS, MOST_VERSIONS, keyed, limit_of
from almoner.linkage.features import NODE_COLUMNS, build_nodes, tell_features
from almoner.linkage.increment.company import see_company
from almoner.linkage.increment.population import lay_out, nodes_of, opened_rows, recall
from almoner.linkage.memory import ALIVE_BLOCKS, ALIVE_MENTIONS, ALIVE_NODES, PROFILE_SQL, Memory, numbers
from almoner.linkage.model import Models
from almoner.linkage.score import score_pairs
from almoner.linkage.settled import Ints
from almoner.linkage.shapes import Decision, LinkSettings
from almoner.linkage.sharing import Said
from almoner.linkage.steps import drop_tables, read_number, read_table, store_table


def make_nodes(
    engine: duckdb.DuckDBPyConnection, memory: Memory, decisions: list[Decision], moved: Ints, next_node: int
) -> int:
    """Make the nodes of what changed.

    In: tables opened, closed, refreshed, decided_anew, text_now, text_of; moved: ways of writing whose place changed.
    Out: how many nodes were made; tables dead_node (node), changed (mention rows, was, node: the new number),
    node_new (NODE_COLUMNS, profile).
    """
    opened_rows(engine)
    heaped = memory.ask('SELECT dob FROM "memory.heaped"')
    _find_dead(engine, memory, moved, heaped)
    recall(engine, memory, "SELECT node FROM dead_node", "reopened")
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE population AS SELECT * FROM opened_rows UNION ALL BY NAME SELECT * FROM reopened"
    )
    lay_out(engine, "population")
    build_nodes(engine, decisions, heaped)
    _see_kin(engine, memory)
    see_company(engine, memory, "node")
    engine.execute(
        """
        UPDATE node SET housemates = (
            SELECT m.housemates FROM moved_with m
            WHERE m.place = node.place AND m.surname = node.surname AND m.forename = node.forename
        )
        """
    )
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE node_new AS
        SELECT * REPLACE (CAST(node + {next_node} AS INTEGER) AS node), {PROFILE_SQL} AS profile FROM node
        """
    )
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE changed AS
        SELECT m.*, p.text, l.was, CAST(n.node + {next_node} AS INTEGER) AS node
        FROM mention m JOIN mention_place p USING (mention) JOIN laid l USING (mention)
        LEFT JOIN node_of_mention n USING (mention)
        """
    )
    drop_tables(engine, "population", "reopened", "opened_rows")
    return read_number(engine, "SELECT count(*) FROM node_new")


def _find_dead(engine: duckdb.DuckDBPyConnection, memory: Memory, moved: Ints, heaped: pa.Table) -> None:
    """Find the nodes to be made anew: their mentions changed, moved or were decided about, a changed mention says the
    same, or whether they have kin of their name changes."""
    lay_out(engine, "opened_rows")
    tell_features(engine, heaped)
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE said AS SELECT place, surname, initial, {PROFILE_SQL} AS profile FROM feature"
    )
    alike = memory.ask(
        f"SELECT node FROM {ALIVE_NODES} SEMI JOIN said USING (profile)",
        said=read_table(engine, "SELECT DISTINCT profile FROM said"),
    )
    decided = memory.ask(
        f"SELECT node FROM {ALIVE_MENTIONS} SEMI JOIN decided USING (dataset, record_id)",
        decided=read_table(engine, "SELECT * FROM decided_anew"),
    )
    elsewhere = memory.ask(
        f"SELECT node FROM {ALIVE_MENTIONS} SEMI JOIN moved USING (text)", moved=numbers("text", moved)
    )
    store_table(engine, "dead_node", pa.concat_tables([alike, decided, elsewhere]))
    engine.execute("INSERT INTO dead_node SELECT node FROM closed")
    family = memory.ask(
        f"""SELECT node, place, surname, initial, is_kin FROM {ALIVE_NODES}
            SEMI JOIN families USING (place, surname)""",
        families=read_table(
            engine, "SELECT DISTINCT place, surname FROM said WHERE place IS NOT NULL AND surname IS NOT NULL"
        ),
    )
    store_table(engine, "family", family)
    engine.execute(
        """
        INSERT INTO dead_node
        SELECT f.node FROM family f JOIN (
            SELECT place, surname, min(initial) <> max(initial) AS is_kin FROM (
                SELECT place, surname, initial FROM said
                UNION ALL SELECT place, surname, initial FROM family WHERE node NOT IN (SELECT node FROM dead_node)
            ) GROUP BY place, surname
        ) n USING (place, surname) WHERE f.is_kin <> coalesce(n.is_kin, false)
        """
    )
    engine.execute("CREATE OR REPLACE TEMP TABLE told_now AS SELECT * FROM feature")
    see_company(engine, memory, "told_now")
    engine.execute(
        """
        INSERT INTO dead_node SELECT n.node FROM near_company n LEFT JOIN moved_with m USING (place, surname, forename)
        WHERE n.housemates IS DISTINCT FROM m.housemates
        """
    )
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE dead_node AS
           SELECT DISTINCT node FROM dead_node WHERE node IS NOT NULL ORDER BY node"""
    )


def _see_kin(engine: duckdb.DuckDBPyConnection, memory: Memory) -> None:
    """Say of the new nodes whether they have kin of their name at their address, those who did not change included."""
    families = read_table(
        engine, "SELECT DISTINCT place, surname FROM node WHERE place IS NOT NULL AND surname IS NOT NULL"
    )
    family = memory.ask(
        f"SELECT node, place, surname, initial FROM {ALIVE_NODES} SEMI JOIN families USING (place, surname)",
        families=families,
    )
    store_table(engine, "family", family)
    engine.execute(
        """
        UPDATE node SET is_kin = n.is_kin FROM (
            SELECT place, surname, coalesce(min(initial) <> max(initial), false) AS is_kin FROM (
                SELECT place, surname, initial FROM node
                UNION ALL SELECT place, surname, initial FROM family WHERE node NOT IN (SELECT node FROM dead_node)
            ) GROUP BY place, surname
        ) n WHERE n.place = node.place AND n.surname = node.surname
        """
    )
    engine.execute("DROP TABLE family")


def score_new(engine: duckdb.DuckDBPyConnection, memory: Memory, models: Models, settings: LinkSettings) -> int:
    """Score the new nodes against each other and against those who did not change.

    In: tables node_new, changed, dead_node. Out: how many pairs were compared; tables edge (of new nodes) and block_new
    (key, node: their keys).
    """
    engine.execute(f"CREATE OR REPLACE TEMP TABLE node AS SELECT {', '.join(NODE_COLUMNS)} FROM node_new")
    _find_keys(engine, memory, settings)
    _find_pairs(engine, memory)
    unchanged = "SELECT DISTINCT l AS node FROM candidate ANTI JOIN node_new ON node_new.node = l"
    store_table(engine, "node", nodes_of(engine, memory, unchanged))
    engine.execute(f"INSERT INTO node SELECT {', '.join(NODE_COLUMNS)} FROM node_new")
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE pair AS
        SELECT c.l, c.r, bool_or(c.same_record) AS same_record, coalesce(any_value(a.place) = any_value(b.place), false)
               AS one_address
        FROM candidate c JOIN node a ON a.node = c.l JOIN node b ON b.node = c.r GROUP BY c.l, c.r
        """
    )
    _recall_frequencies(engine, memory)
    score_pairs(engine, models, settings)
    return read_number(engine, "SELECT count(*) FROM pair")


def _find_keys(engine: duckdb.DuckDBPyConnection, memory: Memory, settings: LinkSettings) -> None:
    """Find the keys of the new nodes and who else has them, within the limits.

    In: table node: the new nodes. Out: tables block_new (every key of the new nodes), block (those that count) and
    block_other (who else has these).
    """
    store_table(engine, "keyed", _keyed(engine, settings))
    keys = read_table(engine, "SELECT DISTINCT key FROM keyed")
    held = memory.ask(f"SELECT key, node FROM {ALIVE_BLOCKS} SEMI JOIN keys USING (key)", keys=keys)
    store_table(engine, "held", held)
    engine.execute("CREATE OR REPLACE TEMP TABLE held AS SELECT * FROM held ANTI JOIN dead_node USING (node)")
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE too_many AS
        SELECT k.key FROM (SELECT key, any_value(most) AS most, count(*) AS n FROM keyed GROUP BY key) k
        LEFT JOIN (SELECT key, count(*) AS n FROM held GROUP BY key) h USING (key)
        WHERE k.n + coalesce(h.n, 0) > k.most
        """
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE block AS
        SELECT key, node FROM keyed k
        WHERE key NOT IN (SELECT key FROM too_many) AND (NOT is_narrow OR (node, place) IN (
            SELECT (node, place) FROM keyed SEMI JOIN too_many USING (key) WHERE NOT is_narrow
        ))
        """
    )
    engine.execute("CREATE OR REPLACE TEMP TABLE block_other AS SELECT key, node FROM held SEMI JOIN block USING (key)")
    engine.execute("CREATE OR REPLACE TEMP TABLE block_new AS SELECT key, node FROM keyed")
    drop_tables(engine, "keyed", "held", "too_many")


def _keyed(engine: duckdb.DuckDBPyConnection, settings: LinkSettings) -> pa.Table:
    """Give every key of the nodes: key, node, most, place and is_narrow of the kind of key. In: table node."""
    said = Said(engine, KEY_TEXTS)
    tables = []
    for place, key in enumerate(KEYS):
        for narrow, most in ((False, limit_of(key, settings)), (True, settings.block_limit)):
            keys, nodes = keyed(said, place, narrow=narrow)
            columns = {
                "key": pa.array(keys, pa.uint64()),
                "node": pa.array(nodes, pa.int32()),
                "most": pa.array(np.full(len(keys), most), pa.int32()),
                "place": pa.array(np.full(len(keys), place), pa.int32()),
                "is_narrow": pa.array(np.full(len(keys), narrow), pa.bool_()),
            }
            tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def _find_pairs(engine: duckdb.DuckDBPyConnection, memory: Memory) -> None:
    """Find the pairs of which one node is new: by a key, or as two things that one record said."""
    versions = memory.ask(
        f"SELECT DISTINCT dataset, record_id, node FROM {ALIVE_MENTIONS} SEMI JOIN wanted USING (dataset, record_id)",
        wanted=read_table(engine, "SELECT DISTINCT dataset, record_id FROM changed"),
    )
    store_table(engine, "version", versions)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE candidate AS
        WITH every AS (SELECT key, node FROM block UNION ALL SELECT key, node FROM block_other),
        told AS (
            SELECT DISTINCT dataset, record_id, node FROM changed WHERE node IS NOT NULL
        ), versions AS (
            SELECT * FROM (
                SELECT * FROM told
                UNION SELECT dataset, record_id, node FROM version
                WHERE node IS NOT NULL AND node NOT IN (SELECT node FROM dead_node)
            ) QUALIFY count(*) OVER (PARTITION BY dataset, record_id) BETWEEN 2 AND {MOST_VERSIONS}
        )
        SELECT DISTINCT least(a.node, b.node) AS l, greatest(a.node, b.node) AS r, false AS same_record
        FROM block a JOIN every b ON a.key = b.key AND a.node <> b.node
        UNION ALL
        SELECT DISTINCT least(a.node, b.node), greatest(a.node, b.node), true
        FROM told a JOIN versions b USING (dataset, record_id) WHERE a.node <> b.node
        """
    )
    drop_tables(engine, "version", "block_other")


def _recall_frequencies(engine: duckdb.DuckDBPyConnection, memory: Memory) -> None:
    """Bring back how common names and birthdays were at the last whole run; what is new since is as rare as any."""
    for name, kind in (("forename", "VARCHAR"), ("surname", "VARCHAR"), ("dob", "DATE")):
        values = read_table(
            engine, f"SELECT DISTINCT CAST({name} AS VARCHAR) AS value FROM node WHERE {name} IS NOT NULL"
        )
        shares = memory.ask(
            f"""
            WITH known AS (SELECT value, share FROM "memory.frequency" WHERE "column" = '{name}')
            SELECT value, coalesce(share, (SELECT min(share) FROM known)) AS share
            FROM wanted LEFT JOIN known USING (value)
            """,
            wanted=values,
        )
        store_table(engine, "shares", shares)
        engine.execute(
            f"""CREATE OR REPLACE TEMP TABLE tf_{name} AS
                SELECT CAST(value AS {kind}) AS {name}, share AS tf_{name} FROM shares"""
        )
    engine.execute("DROP TABLE shares")
