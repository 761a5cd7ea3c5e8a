"""The lake: deliveries and spine as encrypted files that the catalogue names. Hands out views, never paths."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.dataset as ds

from almoner.kernel.errors import LakeError
from almoner.kernel.tables import PERSONS, PLACES, QUARANTINE, ROWS, SPINE
from almoner.registry.datasets import Dataset
from almoner.registry.layout import tier_schemas
from almoner.registry.registry import Registry
from almoner.store.arrays import table_arrays
from almoner.store.catalogue import BuiltEntry, Catalogue, DeliveryEntry, PartFile, SpineEntry, memory_part
from almoner.store.encrypted_parquet import ROW_GROUP_ROWS, EncryptedParquet, PartWriter
from almoner.store.sealed_book import SealedBook

_FIXED = {"rows": ROWS, "persons": PERSONS, "places": PLACES, "quarantine": QUARANTINE}
_LOCKS = {"rows": "identity", "persons": "identity", "places": "identity", "quarantine": "quarantine"}
_CODED = (
    "action",
    "slot",
    "sex",
    "code",
    "reason",
    "file",
    "dataset",
    "decided_by",
    "kind",
    "evidence",
    "standing",
    "relation",
    "conflict",
    "role",
)


BUILT = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("datasets", pa.list_(pa.string()), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)
"""Figures as they are kept: a part, the datasets that it was counted from, and what it says."""
BUILT_LOCK = "spine"

MOST_REMAINS = 16
"""One interrupted first delivery leaves fewer files than this; more are somebody's records."""


MOST_ROWS = 8 * ROW_GROUP_ROWS
"""Rows in a file: whoever is disposed of costs the writing of one file of each part, however large the delivery."""


class Batchwise:
    """The open parts of one thing being written (a delivery or a spine): all of it is kept, or none.

    A part that grows long goes on in a further file.
    """

    def __init__(self, lake: Lake, folder: str) -> None:
        self._lake = lake
        self._folder = folder
        self._writers: dict[str, PartWriter] = {}
        self._full: dict[str, list[PartFile]] = {}

    def write(self, part: str, table: pa.Table, lock: str, *, coded: Sequence[str] = ()) -> None:
        """Append rows to a part, opening it with the table's schema."""
        schema = table.schema
        while True:
            if part not in self._writers:
                self._writers[part] = self._open(part, schema, lock, coded)
            room = MOST_ROWS - self._writers[part].rows
            self._writers[part].write(table.slice(0, room) if table.num_rows > room else table)
            if table.num_rows <= room:
                return
            self._full.setdefault(part, []).append(self._closed(part, self._writers.pop(part)))
            table = table.slice(room)

    def _open(self, part: str, schema: pa.Schema, lock: str, coded: Sequence[str]) -> PartWriter:
        path = self._lake.folder / self._folder / f"{part}-{secrets.token_hex(8)}.parquet"
        known = [name for name in (*_CODED, *coded) if name in schema.names]
        return self._lake.parquet.writer(path, schema, lock, coded=known)

    def _closed(self, part: str, writer: PartWriter) -> PartFile:
        size = writer.close()
        return PartFile(part, str(writer.path.relative_to(self._lake.folder)), writer.rows, size)

    def finish(self) -> tuple[PartFile, ...]:
        """Make every part durable. They exist for readers only once the catalogue names them."""
        return tuple(
            file
            for part, writer in self._writers.items()
            for file in (*self._full.get(part, ()), self._closed(part, writer))
        )

    def discard(self) -> None:
        """Remove finished parts that others have taken the place of."""
        for path in self._paths():
            path.unlink(missing_ok=True)

    def _paths(self) -> Iterator[Path]:
        yield from (writer.path for writer in self._writers.values())
        yield from (self._lake.folder / file.path for files in self._full.values() for file in files)

    def abandon(self) -> None:
        """Undo everything."""
        for writer in self._writers.values():
            writer.abandon()
        self.discard()
        folder = self._lake.folder / self._folder
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


class Lake:
    """Files of one workspace."""

    def __init__(self, folder: Path, parquet: EncryptedParquet, catalogue: Catalogue, registry: Registry) -> None:
        self.folder = folder
        self.parquet = parquet
        self.catalogue = catalogue
        self._registry = registry

    def delivery_parts(self, number: int) -> Batchwise:
        """Start writing a delivery's parts."""
        return Batchwise(self, f"deliveries/{number:08d}")

    def spine_parts(self, number: int) -> Batchwise:
        """Start writing a version of the spine."""
        return Batchwise(self, f"spine/{number:08d}")

    @staticmethod
    def lock_of(part: str) -> str:
        """Name the key under which a part is encrypted."""
        return _LOCKS.get(part, part)

    def part(self, entries: Iterable[DeliveryEntry], part: str, dataset: Dataset) -> ds.Dataset | pa.Table:
        """Open one part of some deliveries of a dataset as a single view."""
        schema = _FIXED.get(part) or tier_schemas(self._registry, dataset)[part]  # type: ignore[index]
        files = [file for entry in entries for file in entry.parts(part)]
        if not files:
            return schema.empty_table()
        return self.parquet.dataset([self.folder / file.path for file in files], schema, self.lock_of(part))

    def reopen(self, file: PartFile, dataset: Dataset) -> Iterator[pa.RecordBatch]:
        """Stream a part that was just written, in its order."""
        schema = _FIXED.get(file.part) or tier_schemas(self._registry, dataset)[file.part]  # type: ignore[index]
        yield from self.parquet.dataset([self.folder / file.path], schema, self.lock_of(file.part)).to_batches()

    def spine_table(self, entry: SpineEntry | None, table: str) -> ds.Dataset | pa.Table:
        """Open a table of a version of the spine; an empty table where there is none yet."""
        schema = SPINE[table]
        files = [file for file in entry.files if file.part == table] if entry else []
        if not files:
            return schema.empty_table()
        return self.parquet.dataset([self.folder / file.path for file in files], schema, "spine")

    def memory_table(self, entry: SpineEntry | None, table: str) -> ds.Dataset:
        """Open a table of what the last run of linkage left for the next.

        Raises: LakeError where it left none.
        """
        files = [file for file in entry.files if file.part == memory_part(table)] if entry else []
        if not files:
            raise LakeError("Linkage left nothing for the next run.", where=table, todo="Run 'almoner link --rebuild'.")
        paths = [self.folder / file.path for file in files]
        return self.parquet.dataset(paths, self.parquet.schema(paths[0], "spine"), "spine")

    def index(self, file: PartFile) -> dict[str, npt.NDArray[np.generic]] | None:
        """Open an index of the snapshot; None where another snapshot has just taken its place.

        Raises: LakeError where it can't be read.
        """
        try:
            return table_arrays(self.parquet.groups(self.folder / file.path, "spine"))
        except LakeError:
            if self._named(file):
                raise
            return None

    def book(self, file: PartFile) -> SealedBook | None:
        """Open a book of the snapshot; None where another snapshot has just taken its place.

        Raises: LakeError where it can't be read.
        """
        path = self.folder / file.path
        try:
            return SealedBook(path, self.parquet.file_key(path, "spine"), encrypt=self.parquet.encrypts)
        except LakeError:
            if self._named(file):
                raise
            return None

    def is_whole(self, file: PartFile) -> bool:
        """Say whether a file is there and as long as it was; reads nothing of it."""
        path = self.folder / file.path
        return path.is_file() and path.stat().st_size == file.size

    def _named(self, file: PartFile) -> bool:
        """Whether the catalogue still names a file of the snapshot."""
        entry = self.catalogue.snapshot()
        return entry is not None and file in entry.files

    def built_parts(self, entry: BuiltEntry) -> dict[str, dict[str, Any]] | None:
        """Open figures that were kept: part → its columns; None where others have just replaced them."""
        path = self.folder / entry.file.path
        try:
            rows = self.parquet.read(path, BUILT_LOCK).to_pylist()
        except LakeError:
            if path.is_file():
                raise
            return None  # swept away since the catalogue was read
        return {row["name"]: row for row in rows}

    def write_built(self, kind: str, parts: Sequence[Mapping[str, Any]]) -> PartFile:
        """Write figures to keep; they exist for readers once the catalogue names them. Under the lease 'built'."""
        path = self.folder / "built" / kind / f"{kind}-{secrets.token_hex(8)}.parquet"
        writer = self.parquet.writer(path, BUILT, BUILT_LOCK)
        try:
            writer.write(pa.Table.from_pylist(list(parts), schema=BUILT))
            size = writer.close()
        except BaseException:
            writer.abandon()
            raise
        return PartFile(f"built:{kind}", str(path.relative_to(self.folder)), writer.rows, size)

    def sweep(self, kind: Literal["deliveries", "spine", "serving", "built"]) -> int:
        """Remove files of one kind that the catalogue does not name: remains of a crash.

        Call it under the lease of those who write that kind: another's files may be about to be named.
        """
        if not self.folder.is_dir():
            return 0
        known = self.catalogue.known_paths()
        held = [path for path in (self.folder / kind).rglob("*.*") if path.is_file()]
        if not known and len(held) > MOST_REMAINS:
            raise LakeError(
                "The catalogue names no file, but the lake holds many.",
                where=str(self.folder),
                why="These are another catalogue's files: sweeping them away would lose the council's records.",
                todo="Check DATABASE_URL: it must name the database with which this workspace was filled.",
            )
        removed = 0
        for path in held:
            if str(path.relative_to(self.folder)) not in known:
                path.unlink()
                removed += 1
        for folder in sorted((self.folder / kind).glob("*"), reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                shutil.rmtree(folder)
        return removed
