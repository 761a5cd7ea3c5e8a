"""Which rows a declared condition keeps, as a table: facts and relationships mean the same by it."""

from __future__ import annotations

import duckdb
import pytest

from almoner.facts.conditions import where_sql
from almoner.registry.datasets import Where

VALUES = ("A", "B", "O'C", None)
CONDITIONS: list[tuple[str, list[Where], set[str | None]]] = [
    ("none", [], set(VALUES)),
    ("one of", [Where(column="x", values=("A", "O'C"))], {"A", "O'C"}),
    ("none of, and what is missing is none of them", [Where(column="x", not_values=("A", "O'C"))], {"B", None}),
    ("filled", [Where(column="x", filled=True)], {"A", "B", "O'C"}),
    ("empty", [Where(column="x", filled=False)], {None}),
    ("two", [Where(column="x", not_values=("A",)), Where(column="x", filled=True)], {"B", "O'C"}),
    ("compared as text", [Where(column="n", values=("1",))], {"A"}),
]


@pytest.mark.parametrize(
    ("conditions", "kept"), [each[1:] for each in CONDITIONS], ids=[each[0] for each in CONDITIONS]
)
def test_a_condition_keeps_its_rows(conditions: list[Where], kept: set[str | None]) -> None:
    rows = "(SELECT unnest($values::VARCHAR[]) AS x, generate_subscripts($values, 1) AS n)"
    with duckdb.connect() as engine:
        found = engine.execute(f"SELECT x FROM {rows} AS d{where_sql(conditions)}", {"values": list(VALUES)}).fetchall()
    assert {value for (value,) in found} == kept
