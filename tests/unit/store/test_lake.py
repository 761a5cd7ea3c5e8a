"""The lake: a file exists when the catalogue names it, and what is left of a crash is swept away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pyarrow as pa
import pytest

from almoner.kernel.errors import LakeError
from almoner.kernel.tables import PERSONS, ROWS, SPINE
from almoner.registry.layout import tier_schemas
from almoner.store.catalogue import DeliveryEntry, PartFile, SpineEntry
from almoner.store.encrypted_parquet import EncryptedParquet
from almoner.store.keys import LOCK_NAMES, KeyRing
from almoner.store.lake import MOST_REMAINS, Lake
from tests.workspace_builder import declared

RING = KeyRing(bytes(32), {name: bytes([number]) * 32 for number, name in enumerate(LOCK_NAMES, start=1)})
ROWS_TABLE = pa.table({"row_id": [1, 2], "record_key": ["a", "b"], "action": ["I", "I"]}, schema=ROWS)
DATASET = declared().dataset("housing.tenancies")


class Names:
    """A catalogue that knows what it was told."""

    def __init__(self) -> None:
        self.entries: list[DeliveryEntry] = []
        self.last: SpineEntry | None = None

    def next_number(self) -> int:
        return 1

    def deliveries(self, dataset: str | None = None, *, superseded: bool = False) -> list[DeliveryEntry]:
        return self.entries

    def commit_delivery(self, entry: DeliveryEntry, *, replaces: Sequence[int] = ()) -> None:
        self.entries.append(entry)

    def replace_files(
        self, number: int, files: Sequence[PartFile], accepted: int, quarantined: int, disposed: int = 0
    ) -> None:
        raise NotImplementedError

    def spine(self) -> SpineEntry | None:
        return self.last

    def commit_spine(self, entry: SpineEntry) -> None:
        self.last = entry

    def known_paths(self) -> set[str]:
        known = [file.path for entry in self.entries for file in entry.files]
        return {*known, *(file.path for file in (self.last.files if self.last else ()))}

    def lease(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake", EncryptedParquet(RING), Names(), declared())


def entry(files: tuple[PartFile, ...]) -> DeliveryEntry:
    """Make the catalogue's entry of a delivery."""
    return DeliveryEntry(
        1, DATASET.full_name, "2026-09", "snapshot", dt.date(2026, 9, 30), None, "d", 2, 2, 0, files=files
    )


def test_parts_come_back_as_they_went_in(lake: Lake) -> None:
    parts = lake.delivery_parts(1)
    parts.write("rows", ROWS_TABLE, lake.lock_of("rows"))
    parts.write("rows", ROWS_TABLE, lake.lock_of("rows"))
    (file,) = parts.finish()
    assert (file.part, file.rows) == ("rows", 4)
    assert lake.part([entry((file,))], "rows", DATASET).to_table().equals(pa.concat_tables([ROWS_TABLE] * 2))  # type: ignore[union-attr]
    assert pa.Table.from_batches(list(lake.reopen(file, DATASET))).num_rows == 4


def test_a_part_that_is_not_there_is_empty(lake: Lake) -> None:
    for part, schema in {"persons": PERSONS, **tier_schemas(declared(), DATASET)}.items():
        assert lake.part([entry(())], part, DATASET).schema == schema
        assert lake.part([], part, DATASET).num_rows == 0  # type: ignore[union-attr]
    for table, schema in SPINE.items():
        assert lake.spine_table(None, table).schema == schema


def test_every_part_has_the_lock_of_what_it_holds(lake: Lake) -> None:
    locks = {
        part: lake.lock_of(part)
        for part in ("rows", "persons", "places", "quarantine", "identity", "general", "special", "criminal")
    }
    assert locks == {
        "rows": "identity", "persons": "identity", "places": "identity", "quarantine": "quarantine",
        "identity": "identity", "general": "general", "special": "special", "criminal": "criminal",
    }  # fmt: skip
    assert set(locks.values()) <= set(LOCK_NAMES)


def test_what_is_given_up_leaves_no_file_and_no_folder(lake: Lake) -> None:
    parts = lake.delivery_parts(1)
    parts.write("rows", ROWS_TABLE, "identity")
    parts.abandon()
    assert list((lake.folder / "deliveries").iterdir()) == []


def test_the_sweep_takes_what_the_catalogue_does_not_name(lake: Lake) -> None:
    kept, left = lake.delivery_parts(1), lake.delivery_parts(2)
    for parts in (kept, left):
        parts.write("rows", ROWS_TABLE, "identity")
        parts.write("persons", PERSONS.empty_table(), "identity")
    files = kept.finish()
    left.finish()
    lake.catalogue.commit_delivery(entry(files))
    spine = lake.spine_parts(3)
    spine.write("protected", SPINE["protected"].empty_table(), "spine")
    lake.catalogue.commit_spine(SpineEntry(3, spine.finish(), "d", {}))
    lost = lake.spine_parts(4)
    lost.write("protected", SPINE["protected"].empty_table(), "spine")
    lost.finish()
    assert lake.sweep("deliveries") == 2
    assert lake.sweep("spine") == 1
    assert {
        path.relative_to(lake.folder).as_posix() for path in lake.folder.rglob("*.parquet")
    } == lake.catalogue.known_paths()
    assert not (lake.folder / "deliveries" / "00000002").exists()
    assert lake.sweep("deliveries") == 0


def test_files_of_another_catalogue_are_never_swept_away(lake: Lake) -> None:
    """A workspace that is opened with another DATABASE_URL knows none of them."""
    parts = lake.delivery_parts(1)
    for number in range(MOST_REMAINS + 1):
        parts.write(f"rows{number}", ROWS_TABLE, "identity")
    parts.finish()
    with pytest.raises(LakeError, match="names no file"):
        lake.sweep("deliveries")
    assert len(list(lake.folder.rglob("*.parquet"))) == MOST_REMAINS + 1


def test_a_lake_that_is_not_there_has_nothing_to_sweep(lake: Lake) -> None:
    assert lake.sweep("deliveries") == 0


def test_names_of_files_are_never_used_twice(lake: Lake) -> None:
    names = set()
    for _ in range(2):
        parts = lake.delivery_parts(1)
        parts.write("rows", ROWS_TABLE, "identity")
        names.add(parts.finish()[0].path)
    assert len(names) == 2


def test_a_file_that_is_named_and_gone_is_an_error(lake: Lake) -> None:
    parts = lake.delivery_parts(1)
    parts.write("rows", ROWS_TABLE, "identity")
    files = parts.finish()
    (lake.folder / files[0].path).unlink()
    with pytest.raises(LakeError, match="missing"):
        lake.part([entry(files)], "rows", DATASET)


def test_only_the_owner_enters_the_lakes_folders(lake: Lake) -> None:
    parts = lake.delivery_parts(1)
    parts.write("rows", ROWS_TABLE, "identity")
    parts.finish()
    folders = [lake.folder, *(path for path in lake.folder.rglob("*") if path.is_dir())]
    assert [oct(path.stat().st_mode & 0o077) for path in folders] == ["0o0"] * len(folders)
