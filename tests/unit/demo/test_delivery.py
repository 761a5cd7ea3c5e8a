"""Changes, links and planted faults are worked out row by row."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from almoner.demo.chance import Chance
from almoner.demo.delivery import changes, links_of
from almoner.demo.faults import EXPECTED, plant
from almoner.demo.layout import Layout, Plant


def layout(**more: object) -> Layout:
    """Make a layout of three columns."""
    values: dict[str, object] = {
        "source": "fire", "dataset": "visits", "title": "Visits", "file": "v_{month}.csv", "format": "csv",
        "delivery": "delta", "key": ("ref", "line"),
        "columns": dict.fromkeys(("ref", "line", "text", "act"), ""),
        "people": {"": "one", "#B": "two"}, "action": "act", "actions": ("N", "C", "X"),
    }  # fmt: skip
    return Layout(**(values | more))  # type: ignore[arg-type]


def rows(*values: tuple[str, str | None, int, int]) -> pl.DataFrame:
    """Make a table: reference, text, person, other person."""
    names = {"ref": pl.String, "text": pl.String, "_person": pl.Int64, "_person#B": pl.Int64}
    return pl.DataFrame(values, schema=names, orient="row").with_columns(pl.lit("1").alias("line"))


def test_changes_are_inserts_updates_and_deletes() -> None:
    before = rows(("a", "x", 1, -1), ("b", "x", 2, -1), ("c", None, 3, -1), ("d", "x", 4, -1))
    after = rows(("a", "x", 1, -1), ("b", "y", 2, -1), ("c", "now", 3, -1), ("e", None, 5, -1))
    made = changes(layout(), before, after)
    assert sorted(made.select("ref", "act", "text").rows()) == [
        ("b", "C", "y"), ("c", "C", "now"), ("d", "X", "x"), ("e", "N", None),
    ]  # fmt: skip


def test_an_unchanged_table_has_no_changes() -> None:
    table = rows(("a", None, 1, -1))
    assert changes(layout(), table, table).is_empty()


def test_links_name_each_record_with_its_slot_and_months() -> None:
    first = rows(("a", "x", 1, 2), ("b", "x", -1, -1))
    second = rows(("a", "x", 1, -1), ("b", "x", 7, -1))
    made = links_of(layout(), (first, second)).select("record_id", "person", "from_month", "to_month").rows()
    assert made == [
        ("a/1", 1, "2026-03", "2026-04"),
        ("a/1#B", 2, "2026-03", "2026-03"),
        ("b/1", 7, "2026-04", "2026-04"),
    ]  # fmt: skip


def test_what_was_appended_stands_for_ever() -> None:
    made = links_of(layout(delivery="append"), (rows(("a", "x", 1, -1)), rows(("b", "x", 2, -1))))
    assert made["to_month"].to_list() == ["2026-04", "2026-04"]


def sound(count: int = 30) -> pl.DataFrame:
    """Make a table without faults."""
    table = rows(*((f"r{i:02d}", f"t{i}", i, -1) for i in range(count)))
    return table.with_columns(pl.lit("N").alias("act")).select("ref", "line", "text", "act", "_person", "_person#B")


def planted(kind: str, column: str = "text") -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Plant one fault and say where."""
    frame, found = plant(sound(), layout(plants=(Plant(kind, column),)), 0, "f", Chance(1, "p"))
    return frame, [(one.position, one.fault) for one in found]


@pytest.mark.parametrize("kind", sorted(set(EXPECTED) - {"footer"}))
def test_a_fault_is_reported_where_it_is_and_no_sound_record_is_lost(kind: str) -> None:
    frame, found = planted(kind)
    assert found and all(fault == kind for _, fault in found)
    marked = [position + 1 for position, mark in enumerate(frame["_fault"]) if mark]
    assert marked == [position for position, _ in found]
    assert sorted(frame.filter(pl.col("_person") >= 0)["_person"].to_list()) == list(range(30))


def test_duplicates_share_a_key_that_no_other_record_has() -> None:
    frame, found = planted("duplicate_key")
    pair = frame[[position - 1 for position, _ in found]]
    assert len(pair) == 2 and pair["ref"].n_unique() == 1 and pair["text"].n_unique() == 2
    assert frame.filter(pl.col("ref") == pair["ref"][0]).height == 2


def test_a_repeated_row_is_the_second_of_two_alike() -> None:
    frame, found = planted("duplicate_row")
    at = found[0][0] - 1
    assert frame.select("ref", "line", "text", "act").row(at) == frame.select("ref", "line", "text", "act").row(at - 1)


@pytest.mark.parametrize(
    ("dates", "text"), [("yyyymmdd", "20260231"), ("dd.mm.yyyy", "31.02.2026"), ("Excel", "31/02/2026")]
)
def test_the_impossible_date_is_in_the_files_own_form(dates: str, text: str) -> None:
    frame, _ = plant(sound(), layout(dates=dates, plants=(Plant("not_a_date", "text"),)), 0, "f", Chance(1, "p"))
    assert frame.filter(pl.col("_fault") == "not_a_date")["text"].to_list() == [text]


def test_short_tables_and_other_months_get_no_fault() -> None:
    one = layout(plants=(Plant("formula", "text", (1,)),))
    assert plant(sound(9), one, 1, "f", Chance(1, "p"))[1] == []
    assert plant(sound(), one, 0, "f", Chance(1, "p"))[1] == []
    assert len(plant(sound(), one, 1, "f", Chance(1, "p"))[1]) == 1


def test_first_records_are_left_alone() -> None:
    for seed in range(20):
        frame, _ = plant(sound(10), layout(plants=(Plant("extra_field"),)), 0, "f", Chance(seed, "p"))
        assert frame["_fault"][0] is None
        assert np.isin("extra_field", frame["_fault"].to_list())
