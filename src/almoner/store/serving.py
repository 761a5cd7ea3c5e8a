"""A snapshot for the single view being made: its indexes and books, which exist for readers all at once or not at all.

Must never alter a file that was published: whoever reads the one before finishes on it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from almoner.store.arrays import SCHEMA, Arrays, arrays_table
from almoner.store.catalogue import PartFile, SnapshotEntry
from almoner.store.lake import Lake
from almoner.store.sealed_book import BookWriter


class Publishing:
    """One snapshot that is being made. Make it under the lease 'serving'."""

    def __init__(self, lake: Lake, spine: int, keeping: Sequence[PartFile] = ()) -> None:
        """Begin. In: spine = the version that it is made from; keeping = files of the present one that stay."""
        self._lake = lake
        self._spine = spine
        self._number = lake.catalogue.next_number()
        self._files = list(keeping)
        self._written: list[PartFile] = []

    def index(self, part: str, arrays: Arrays) -> None:
        """Write an index."""
        path = self._lake.folder / "serving" / f"{self._number:08d}" / f"{_plain(part)}.parquet"
        writer = self._lake.parquet.writer(path, SCHEMA, "spine")
        try:
            for each, array in arrays.items():  # a row group each: read one by one, they need no room twice
                writer.write(arrays_table({each: array}))
            size = writer.close()
        except BaseException:
            writer.abandon()
            raise
        self._add(part, str(path.relative_to(self._lake.folder)), writer.rows, size)

    def book(self, part: str) -> BookWriter:
        """Begin a book; give it to `keep` when all of it is written, or abandon it."""
        path = self._lake.folder / "serving" / f"{self._number:08d}" / f"{_plain(part)}.book"
        return BookWriter(path, self._lake.parquet.file_key(path, "spine"), encrypt=self._lake.parquet.encrypts)

    def keep(self, part: str, writer: BookWriter, told: Mapping[str, Any]) -> None:
        """Finish a book."""
        size = writer.close(told)
        self._add(part, str(writer.path.relative_to(self._lake.folder)), writer.documents, size)

    def publish(self, told: dict[str, Any]) -> SnapshotEntry:
        """Let the single view read it, in the place of the one before."""
        entry = SnapshotEntry(self._number, self._spine, tuple(self._files), told)
        self._lake.catalogue.publish_snapshot(entry)
        self._written.clear()
        self._lake.sweep("serving")
        return entry

    def abandon(self) -> None:
        """Undo everything that was not published."""
        for file in self._written:
            (self._lake.folder / file.path).unlink(missing_ok=True)

    def _add(self, part: str, path: str, rows: int, size: int) -> None:
        file = PartFile(part, path, rows, size)
        self._files.append(file)
        self._written.append(file)


def _plain(part: str) -> str:
    """Give a part's name as a file's, with something random: no two files ever have one name, so one key."""
    return f"{part.replace(':', '-')}-{secrets.token_hex(8)}"
