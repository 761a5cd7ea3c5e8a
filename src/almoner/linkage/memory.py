"""What a run of linkage leaves for the next, so that a delivery costs what it changes and not what is held.

Mentions, nodes, scored pairs and blocking keys are only ever added to; numbers are never used twice, and what no
longer stands is named in `dead`. The smaller tables are written anew each time. It holds what the sources hold, so it
is kept, guarded and disposed of as identity is: where a record is disposed of, the next run writes all of it anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa

from almoner.linkage.comparisons import COMPARISONS
from almoner.linkage.features import IDENTIFIERS, PROFILE
from almoner.linkage.shapes import MENTIONS, Ages, Decision, LinkSettings
from almoner.linkage.steps import read_table

FORMAT = "almoner linkage memory 1"

_TEXTS = pa.list_(pa.string())
_NODE = pa.schema(
    [
        ("node", pa.int32()),
        *((name, pa.string()) for name in ("forename", "initial")),
        ("forename_roots", _TEXTS),
        *((name, pa.string()) for name in ("middle", "middle_initial")),
        ("middle_roots", _TEXTS),
        ("surname", pa.string()),
        ("surnames", _TEXTS),
        ("suffix", pa.string()),
        ("dob", pa.date32()),
        ("birth_year", pa.int16()),
        ("dob_heaped", pa.bool_()),
        *((name, pa.string()) for name in ("sex", *IDENTIFIERS, "local_id", "phone", "email")),
        *((name, pa.string()) for name in ("place", "building", "door", "flat", "postcode", "outward")),
        ("mentions", pa.int32()),
        ("is_kin", pa.bool_()),
        ("housemates", pa.list_(pa.uint64())),
        ("profile", pa.uint64()),
    ]
)

MEMORY: dict[str, pa.Schema] = {
    "mention": pa.schema(
        [
            *MENTIONS,
            ("mention", pa.int32()),
            ("node", pa.int32()),
            ("text", pa.int32()),
            ("is_latest", pa.bool_()),
            ("is_apart", pa.bool_()),
            ("print", pa.uint64()),
        ]
    ),
    "node": _NODE,
    "edge": pa.schema(
        [
            ("l", pa.int32()),
            ("r", pa.int32()),
            ("weight", pa.float64()),
            ("one_address", pa.bool_()),
            ("is_rule", pa.bool_()),
            ("grade", pa.string()),
            *((name, pa.bool_()) for name in ("identified", "certain", "named", "full_named", "renamed")),
            *((f"gamma_{each.name}", pa.int8()) for each in COMPARISONS),
        ]
    ),
    "block": pa.schema([("key", pa.uint64()), ("node", pa.int32())]),
    "dead": pa.schema([("kind", pa.string()), ("id", pa.int32())]),
    "text": pa.schema(
        [
            ("text", pa.int32()),
            ("place", pa.string()),
            *((name, pa.string()) for name in ("uprn", "postcode", "flat", "house_number", "street", "address")),
            ("times", pa.int32()),
        ]
    ),
    "place": pa.schema([("place", pa.string()), ("address_id", pa.string())]),
    "person_of": pa.schema([("node", pa.int32()), ("person_id", pa.string())]),
    "frequency": pa.schema([("column", pa.string()), ("value", pa.string()), ("share", pa.float64())]),
    "heaped": pa.schema([("dob", pa.date32())]),
    "usual_sex": pa.schema([("forename", pa.string()), ("sex", pa.string())]),
    "about": pa.schema([("about", pa.string())]),
}
"""What is remembered: tables, columns and types. Each row of `mention`, `node` and `edge` is as the run had it.

`print` says whether a record says the same as before; `profile` whether two nodes do. `about` is one row of JSON.
"""

ADDED_TO = ("mention", "node", "edge", "block", "dead")
"""Tables to which a run adds; the others it writes anew."""

SENT_AGAIN = ("row_id", "as_of", "version", "is_live", "party_of", "told_from", "told_until")
"""What may change when a record is only sent again."""

_PRINT = ", ".join(name for name in MENTIONS.names if name not in SENT_AGAIN)
PRINT_SQL = f"hash({_PRINT})"
PROFILE_SQL = f"hash({PROFILE})"


def _alive(table: str, *ends: str, kind: str = "node") -> str:
    gone = f"""(SELECT id FROM "memory.dead" WHERE kind = '{kind}')"""
    anti = " ".join(f"ANTI JOIN {gone} AS gone_{end} ON gone_{end}.id = {end}" for end in ends)
    return f'(SELECT * FROM "memory.{table}" {anti})'


ALIVE_MENTIONS = _alive("mention", "mention", kind="mention")
ALIVE_NODES = _alive("node", "node")
ALIVE_EDGES = _alive("edge", "l", "r")
ALIVE_BLOCKS = _alive("block", "node")
"""What is remembered and stands, as SQL to select from."""


class Memory(Protocol):
    """What is remembered, wherever it is kept."""

    def ask(self, sql: str, **given: pa.Table) -> pa.Table:
        """Answer a SELECT over "memory.<table>" and the tables given by name."""


class MemoryTables:
    """What is remembered, as tables in hand: for one process, and where nothing may be kept."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = dict(tables)
        self._engine = duckdb.connect(":memory:", config={"threads": 2})
        for name, schema in MEMORY.items():
            self._engine.register(f"memory.{name}", self._tables.get(name, schema.empty_table()))

    def ask(self, sql: str, **given: pa.Table) -> pa.Table:
        """Answer a SELECT over "memory.<table>" and the tables given by name."""
        for name, table in given.items():
            self._engine.register(name, table)
        return self._engine.sql(sql).to_arrow_table()

    def after(self, remembered: Mapping[str, pa.Table]) -> MemoryTables:
        """Give the memory after one more run."""
        if json.loads(remembered["about"]["about"][0].as_py())["is_whole"]:
            return MemoryTables(remembered)
        added = {
            name: pa.concat_tables([self._tables[name], remembered[name]]) if name in ADDED_TO else remembered[name]
            for name in MEMORY
        }
        return MemoryTables(added)


def remember(
    engine: duckdb.DuckDBPyConnection, settings: LinkSettings, ages: Ages, model_json: str, decisions: list[Decision]
) -> dict[str, pa.Table]:
    """Give what a whole run leaves.

    In: the tables of the run: mention, node, node_of_mention, mention_place, written_place, edge, block, dob_heaped,
    usual_sex, tf_forename, tf_surname, tf_dob, place_id, mention_person. Out: every table of MEMORY.
    """
    sql = {
        "mention": f"""SELECT m.*, n.node, p.text, {PRINT_SQL} AS print FROM mention m
                       LEFT JOIN node_of_mention n USING (mention) JOIN mention_place p USING (mention)""",
        "node": f"SELECT *, {PROFILE_SQL} AS profile FROM node",
        "edge": "SELECT * FROM edge",
        "block": "SELECT key, node FROM block",
        "text": "SELECT * FROM written_place",
        "place": "SELECT place, address_id FROM place_id",
        "person_of": """SELECT node, min(person_id) AS person_id
                        FROM node_of_mention JOIN mention_person USING (mention) GROUP BY node""",
        "frequency": frequencies_sql(),
        "heaped": "SELECT dob FROM dob_heaped",
        "usual_sex": "SELECT forename, sex FROM usual_sex",
    }
    tables = {name: fitted(name, read_table(engine, each)) for name, each in sql.items()}
    tables["dead"] = MEMORY["dead"].empty_table()
    tables["about"] = about_table(
        is_whole=True,
        next={name: tables[name].num_rows for name in ("mention", "node", "text")},
        held=tables["mention"].num_rows,
        today=str(engine.execute("SELECT max(as_of) FROM mention").fetchall()[0][0] or ""),
        changed=0,
        ages=[sorted(ages.adults), sorted(ages.children)],
        limits=[settings.block_limit, settings.address_limit],
        decisions=[[*each.left, *each.right, each.verdict] for each in decisions],
        model=model_json,
    )
    return tables


def frequencies_sql() -> str:
    """Write the SELECT of how common each value is: column, value, share."""
    return " UNION ALL ".join(
        f"SELECT '{name}' AS column, CAST({name} AS VARCHAR) AS value, tf_{name} AS share FROM tf_{name}"
        for name in ("forename", "surname", "dob")
    )


def fitted(name: str, table: pa.Table) -> pa.Table:
    """Give a remembered table its columns and types in order."""
    return table.select(MEMORY[name].names).cast(MEMORY[name])


def about_table(**said: Any) -> pa.Table:
    """Give the one row that says what a memory is. See `About`."""
    return pa.table({"about": [json.dumps({"format": FORMAT, "engine": duckdb.__version__, **said})]})


def about(memory: Memory) -> dict[str, Any] | None:
    """Read what a memory says of itself: None where there is none, or another version's.

    Out: is_whole, next (number of mention, node, text), held (mentions), changed (mentions since the last whole run),
    today (the day of the latest delivery), ages (datasets of adults, of children), limits, decisions, model.
    """
    rows = memory.ask('SELECT about FROM "memory.about"')["about"].to_pylist()
    if len(rows) != 1:
        return None
    said: dict[str, Any] = json.loads(rows[0])
    return said if (said.get("format"), said.get("engine")) == (FORMAT, duckdb.__version__) else None


def numbers(name: str, values: Any) -> pa.Table:
    """Give a table of one column of node, mention or text numbers."""
    return pa.table({name: pa.array(np.asarray(values, dtype=np.int32), pa.int32())})
