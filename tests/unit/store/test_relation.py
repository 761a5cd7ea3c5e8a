"""A relation is rows and nothing else: no connection hides in it."""

from __future__ import annotations

import gc

import pyarrow as pa
import pytest

from almoner.store.relation import Relation

SCHEMA = pa.schema([("id", pa.int64())])


def relation(*batches: list[int]) -> Relation:
    """Make a relation."""
    return Relation(SCHEMA, iter([pa.record_batch([pa.array(ids)], schema=SCHEMA) for ids in batches]), event=7)


def test_rows_can_be_taken_in_each_way() -> None:
    assert relation([1, 2], [3]).columns == ("id",)
    assert relation([1, 2], [3]).count() == 3
    assert relation([1, 2], [3]).rows() == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert relation([], [3]).one() == {"id": 3}
    assert relation().one() is None
    assert relation().to_arrow().schema == SCHEMA
    assert relation([1]).event == 7


def test_rows_are_taken_once() -> None:
    found = relation([1, 2])
    assert found.count() == 2
    assert found.rows() == []


def test_nothing_else_can_be_reached() -> None:
    found = relation([1])
    assert {name for name in dir(found) if not name.startswith("_")} == {
        "batches", "columns", "count", "event", "one", "rows", "to_arrow",
    }  # fmt: skip
    with pytest.raises(AttributeError):
        found.connection = 1  # type: ignore[attr-defined]
    assert not [held for held in gc.get_referents(found) if type(held).__module__.startswith(("duckdb", "_duckdb"))]
