"""Which rows are current, as a table: deliveries on the left, the keys that are left on the right."""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa
import pytest

from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry
from almoner.store.current import current_deliveries, current_rows_sql, whole

Sent = tuple[str, str]
"""Kind of delivery, and its rows as key+action: 'aI bU cD'."""


def entry(number: int, kind: str, month: int) -> DeliveryEntry:
    """Make an entry."""
    return DeliveryEntry(number, "s.d", f"2026-{month:02d}", kind, dt.date(2026, month, 1), None, "", 0, 0, 0)


STORIES: list[tuple[str, list[Sent], str]] = [
    ("a snapshot stands as it is", [("snapshot", "aI bI")], "a1 b1"),
    ("a later snapshot takes its place", [("snapshot", "aI bI"), ("snapshot", "bI cI")], "b2 c2"),
    ("a delta adds, changes and deletes", [("snapshot", "aI bI cI"), ("delta", "bU cD dI")], "a1 b2 d2"),
    ("deltas alone", [("delta", "aI bI"), ("delta", "aU"), ("delta", "bD")], "a2"),
    ("what was deleted may come again", [("delta", "aI"), ("delta", "aD"), ("delta", "aI")], "a3"),
    ("a deletion of what was never there", [("delta", "zD aI")], "a1"),
    ("additions stay", [("append", "aI"), ("append", "bI")], "a1 b2"),
    ("a snapshot forgets the deltas before it", [("delta", "aI"), ("snapshot", "bI"), ("delta", "cI")], "b2 c3"),
    ("an update of what nobody knows is kept", [("snapshot", "aI"), ("delta", "bU")], "a1 b2"),
    ("nothing at all", [("snapshot", "")], ""),
]


@pytest.mark.parametrize(("sent", "left"), [story[1:] for story in STORIES], ids=[story[0] for story in STORIES])
def test_the_last_word_about_a_key_counts(sent: list[Sent], left: str) -> None:
    entries = [entry(number, kind, number) for number, (kind, _) in enumerate(sent, start=1)]
    rows = [
        ((number << ROW_ID_SHIFT) + position, word[0], word[1])
        for number, (_, words) in enumerate(sent, start=1)
        for position, word in enumerate(words.split(), start=1)
    ]
    current = current_deliveries(entries)
    table = pa.table(
        {name: pa.array([row[i] for row in rows], kind) for i, (name, kind) in enumerate(
            {"row_id": pa.int64(), "record_key": pa.string(), "action": pa.string()}.items())}
    )  # fmt: skip
    connection = duckdb.connect()
    connection.register("r", table)
    found = connection.execute(current_rows_sql("r", current)).fetchall()
    assert sorted(f"{key}{row_id >> ROW_ID_SHIFT}" for row_id, key in found) == left.split()


def test_deliveries_are_ordered_by_their_day_and_not_by_their_arrival() -> None:
    late = entry(1, "snapshot", 10)
    early = entry(2, "snapshot", 9)
    assert current_deliveries([late, early]) == [late]
    assert current_deliveries([]) == []


@pytest.mark.parametrize(
    ("kinds", "known"),
    [([], True), (["snapshot"], True), (["delta"], False), (["append"], False), (["snapshot", "delta"], False)],
)
def test_only_a_lone_snapshot_needs_no_look(kinds: list[str], known: bool) -> None:
    assert whole([entry(number, kind, number) for number, kind in enumerate(kinds, start=1)]) is known
