"""Files are written anew only where they hold what goes, and a long part goes on in a further file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from almoner.kernel.tables import ROWS
from almoner.registry.registry import Registry
from almoner.store import lake as lakes
from almoner.store.encrypted_parquet import EncryptedParquet, without_unused
from almoner.store.lake import Lake
from almoner.store.rewriting import among, may_hold, rewritten, row_ids, without_rows
from tests.unit.store.test_lake import RING, Names
from tests.workspace_builder import declared

REGISTRY: Registry = declared()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Give an empty lake whose files are short."""
    monkeypatch.setattr(lakes, "MOST_ROWS", 4)
    return Lake(tmp_path / "lake", EncryptedParquet(RING), Names(), REGISTRY)


def rows(first: int, count: int) -> pa.Table:
    """Make rows."""
    numbers = range(first, first + count)
    return pa.table(
        {"row_id": list(numbers), "record_key": [f"k{n}" for n in numbers], "action": ["I"] * count}, schema=ROWS
    )


def test_a_long_part_goes_on_in_further_files(lake: Lake) -> None:
    parts = lake.delivery_parts(1)
    for first in (0, 3, 6):
        parts.write("rows", rows(first, 3), "identity")
    files = parts.finish()
    assert [file.rows for file in files] == [4, 4, 1]
    held = [lake.parquet.read(lake.folder / file.path, "identity").column("row_id").to_pylist() for file in files]
    assert held == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]
    parts.discard()
    assert not list(lake.folder.rglob("*.parquet"))


def test_one_call_can_fill_several_files_and_giving_up_leaves_none(lake: Lake) -> None:
    parts = lake.delivery_parts(1)
    parts.write("rows", rows(0, 11), "identity")
    assert len(list(lake.folder.rglob("*.parquet"))) == 3
    parts.abandon()
    assert not list(lake.folder.rglob("*.parquet"))


def test_only_files_that_hold_a_row_are_written_anew(lake: Lake) -> None:
    parts = lake.delivery_parts(1)
    parts.write("rows", rows(0, 9), "identity")
    first, second, third = parts.finish()
    gone = row_ids([5, 5, 100])
    assert [may_hold(lake, file, "identity", gone) for file in (first, second, third)] == [False, True, False]
    made = rewritten(lake, second, "identity", "deliveries/00000001", without_rows(gone))
    assert made is not None and made != second
    assert lake.parquet.read(lake.folder / made.path, "identity").column("row_id").to_pylist() == [4, 6, 7]
    assert (lake.folder / second.path).is_file(), "the old file goes when the catalogue no longer names it"
    assert rewritten(lake, third, "identity", "deliveries/00000001", without_rows(gone)) is third
    assert rewritten(lake, third, "identity", "deliveries/00000001", without_rows(row_ids([8]))) is None
    assert len(list(lake.folder.rglob("*.parquet"))) == 4


def test_numbers_are_found_among_others() -> None:
    column = pa.chunked_array([[5, 1], [9]])
    assert among(column, row_ids([9, 5])).tolist() == [True, False, True]
    assert among(column, row_ids([])).tolist() == [False, False, False]


def test_a_dictionary_keeps_only_texts_that_stand_in_the_rows() -> None:
    table = pa.table({"name": pa.array(["here", "gone", None, "here"]).dictionary_encode(), "n": [1, 2, 3, 4]})
    left = without_unused(table.filter(pa.array([True, False, True, True])))
    assert left.column("name").to_pylist() == ["here", None, "here"]
    assert left.column("name").chunk(0).dictionary.to_pylist() == ["here"]
    assert without_unused(table) is table
    assert without_unused(table.slice(2, 1)).column("name").to_pylist() == [None]
