"""Groups anew whoever the changes touch: the people of changed nodes, and those whom a changed node may be.

Everybody who is grouped anew is grouped from their pairs, as a whole run would; whoever else is weakly like one of them
is grouped with them, so that a name at an address still goes to nobody where two would fit.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from almoner.linkage.features import NODE_COLUMNS, mark_decided
from almoner.linkage.increment.population import lay_out, nodes_of, recall
from almoner.linkage.memory import ALIVE_EDGES, MEMORY, Memory
from almoner.linkage.shapes import Decision
from almoner.linkage.steps import drop_tables, read_table, store_table

_EDGE = ", ".join(name for name in MEMORY["edge"].names if name not in ("l", "r"))


def lay_out_touched(engine: duckdb.DuckDBPyConnection, memory: Memory, decisions: list[Decision]) -> None:
    """Lay out everybody who is to be grouped anew, as a whole run would find them.

    In: tables edge (of new nodes), node_new, changed, dead_node. Out: tables mention, mention_place, place,
    node, node_of_mention, edge, decided, usual_sex, with nodes numbered 0, 1, …; kept_edge: the edges of new nodes by
    their lasting numbers; lasting (node, lasting): the number of each node in the memory; regrouped (person_id): who
    they were.
    """
    engine.execute("CREATE OR REPLACE TEMP TABLE kept_edge AS SELECT * FROM edge")
    people = _people_of(engine, memory, "SELECT l AS node FROM edge UNION SELECT node FROM dead_node")
    # A record that names nobody is nobody's node until somebody bears its number.
    near = read_table(engine, "SELECT DISTINCT l AS node FROM edge ANTI JOIN node_new ON node_new.node = l")
    nodes = pa.concat_tables([_nodes_of_people(memory, people), near])
    store_table(engine, "touched", nodes)
    edges = _edges_at(engine, memory)
    store_table(engine, "near_edge", edges)
    rivals = _people_of(
        engine,
        memory,
        """SELECT CASE WHEN l IN (SELECT node FROM touched) THEN r ELSE l END AS node FROM near_edge
           WHERE grade = 'weak' AND (l IN (SELECT node FROM touched)) <> (r IN (SELECT node FROM touched))""",
    )
    more = _nodes_of_people(memory, rivals)
    if more.num_rows:
        store_table(engine, "touched", pa.concat_tables([nodes, more]))
        store_table(engine, "near_edge", _edges_at(engine, memory))
    store_table(engine, "regrouped", pa.concat_tables([people, rivals]))
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE touched AS
           SELECT DISTINCT node FROM touched ANTI JOIN dead_node USING (node)"""
    )
    recall(engine, memory, "SELECT node FROM touched", "touched_rows")
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE population AS
        SELECT * FROM touched_rows
        UNION ALL BY NAME SELECT * EXCLUDE (mention, node), node AS node_was FROM changed
        """
    )
    lay_out(engine, "population")
    _number_nodes(engine, memory)
    mark_decided(engine, decisions)
    store_table(engine, "usual_sex", memory.ask('SELECT forename, sex FROM "memory.usual_sex"'))
    drop_tables(engine, "population", "touched_rows", "near_edge", "touched")


def _people_of(engine: duckdb.DuckDBPyConnection, memory: Memory, nodes: str) -> pa.Table:
    return memory.ask(
        'SELECT DISTINCT person_id FROM "memory.person_of" SEMI JOIN wanted USING (node)',
        wanted=read_table(engine, f"SELECT DISTINCT node FROM ({nodes})"),
    )


def _nodes_of_people(memory: Memory, people: pa.Table) -> pa.Table:
    return memory.ask('SELECT node FROM "memory.person_of" SEMI JOIN people USING (person_id)', people=people)


def _edges_at(engine: duckdb.DuckDBPyConnection, memory: Memory) -> pa.Table:
    """Give the remembered edges that touch a touched node."""
    return memory.ask(
        f"SELECT * FROM {ALIVE_EDGES} WHERE l IN (SELECT node FROM touched) OR r IN (SELECT node FROM touched)",
        touched=read_table(engine, "SELECT node FROM touched"),
    )


def _number_nodes(engine: duckdb.DuckDBPyConnection, memory: Memory) -> None:
    """Number the nodes in the order of their first mention, and their edges alike.

    In: table laid, of which node_was is the lasting number.
    """
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE lasting AS
        SELECT CAST(row_number() OVER (ORDER BY min(mention)) - 1 AS INTEGER) AS node, node_was AS lasting
        FROM laid WHERE node_was IS NOT NULL GROUP BY node_was
        """
    )
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE node_of_mention AS
        SELECT mention, n.node FROM laid JOIN lasting n ON n.lasting = node_was
        """
    )
    columns = ", ".join(NODE_COLUMNS)
    unchanged = "SELECT lasting AS node FROM lasting ANTI JOIN node_new ON node_new.node = lasting"
    store_table(engine, "held", nodes_of(engine, memory, unchanged))
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE node AS
        SELECT h.* REPLACE (n.node AS node)
        FROM (SELECT * FROM held UNION ALL SELECT {columns} FROM node_new) h JOIN lasting n ON n.lasting = h.node
        ORDER BY n.node
        """
    )
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE edge AS
        SELECT least(a.node, b.node) AS l, greatest(a.node, b.node) AS r, {_EDGE}
        FROM (SELECT * FROM kept_edge UNION ALL SELECT * FROM near_edge) e
        JOIN lasting a ON a.lasting = e.l JOIN lasting b ON b.lasting = e.r
        ORDER BY 1, 2
        """
    )
    engine.execute("DROP TABLE held")
