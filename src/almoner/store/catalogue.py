"""The port to the catalogue: which files exist for readers. `records` implements it.

A file exists only when the catalogue row that names it has committed; whatever else lies in the lake is the remains
of a crash and is swept away by the next writer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

ROW_ID_SHIFT = 32
"""row_id = delivery number × 2**32 + position in the file."""


@dataclass(frozen=True)
class PartFile:
    """A file of the lake: what part of what it holds, relative to the lake's folder."""

    part: str
    path: str
    rows: int
    size: int


@dataclass(frozen=True)
class DeliveryEntry:
    """One landed delivery of one dataset."""

    number: int
    dataset: str
    delivery: str
    """Its name within the dataset: the period 'YYYY-MM', or the day it was sent."""
    kind: str
    """snapshot, delta or append."""
    as_of: dt.date
    sent_on: dt.date | None
    digest: str
    rows_in: int
    accepted: int
    quarantined: int
    quality: dict[str, int] = field(default_factory=dict)
    """Counts of what standardisation found: 'placeholder_date:dob' → 12."""
    files: tuple[PartFile, ...] = ()
    superseded_by: int | None = None
    landed_at: dt.datetime | None = None
    version: int = 1
    columns_digest: str = ""
    header: tuple[str, ...] = ()
    """The column names of a delimited file in its order, so that a quarantined record can be read again."""
    disposed: int = 0
    """Rows that are held no longer, or were never taken in again: rows_in = accepted + quarantined + disposed."""

    def parts(self, name: str) -> tuple[PartFile, ...]:
        """Give the files of a part, in the order of their rows; none where the delivery does not have it."""
        return tuple(file for file in self.files if file.part == name)


def memory_part(table: str) -> str:
    """Name the part of a spine that holds a table of linkage's memory."""
    return f"memory.{table}"


@dataclass(frozen=True)
class SpineEntry:
    """One version of the spine."""

    number: int
    files: tuple[PartFile, ...]
    deliveries_digest: str
    metrics: dict[str, float]
    made_at: dt.datetime | None = None


@dataclass(frozen=True)
class SnapshotEntry:
    """What the single view reads: the files made from one version of the spine, all of them or none.

    told: what is said of it to whoever looks after it; nothing of anybody.
    """

    number: int
    spine: int
    files: tuple[PartFile, ...]
    told: dict[str, Any] = field(default_factory=dict)
    made_at: dt.datetime | None = None

    def part(self, name: str) -> PartFile | None:
        """Give the file of a part, if the snapshot has it."""
        return next((file for file in self.files if file.part == name), None)


@dataclass(frozen=True)
class BuiltEntry:
    """Figures that were worked out and kept: what kind, for which purpose and project, by whom, of what day.

    purpose: empty for what is about deliveries and no person.
    """

    kind: str
    purpose: str
    project: str
    made_by: str
    as_of: dt.date
    made_at: dt.datetime
    file: PartFile


class Catalogue(Protocol):
    """What the store asks of the records."""

    def next_number(self) -> int:
        """Reserve a delivery number, never to be used again."""

    def deliveries(self, dataset: str | None = None, *, superseded: bool = False) -> list[DeliveryEntry]:
        """List landed deliveries, oldest first; those replaced by a correction only if asked for."""

    def commit_delivery(self, entry: DeliveryEntry, *, replaces: Sequence[int] = ()) -> None:
        """Make a delivery exist, and the corrected ones it replaces no longer current, in one transaction."""

    def replace_files(
        self, number: int, files: Sequence[PartFile], accepted: int, quarantined: int, disposed: int = 0
    ) -> None:
        """Give a delivery other files and counts (rows re-admitted or disposed of), in one transaction."""

    def spine(self) -> SpineEntry | None:
        """Give the present version of the spine."""

    def commit_spine(self, entry: SpineEntry) -> None:
        """Make a version of the spine the present one."""

    def snapshot(self) -> SnapshotEntry | None:
        """Give what the single view reads now."""

    def publish_snapshot(self, entry: SnapshotEntry) -> None:
        """Let the single view read this from now on; earlier ones are gone for who begins to read."""

    def forget_snapshot(self) -> None:
        """Name nothing any more that the single view reads: until the next is made, it reads the views."""

    def built(self, kind: str) -> BuiltEntry | None:
        """Give what was built last of a kind."""

    def built_purposes(self) -> frozenset[str]:
        """Name the purposes for which what is kept was built."""

    def forget_built(self) -> int:
        """Name nothing of what was built any more. Out: how many kinds there were."""

    def commit_built(self, entries: Sequence[BuiltEntry]) -> None:
        """Make what was built exist, in the place of what was built before of the same kinds, in one transaction."""

    def known_paths(self) -> set[str]:
        """Give every path that the catalogue names."""

    def lease(self, name: str) -> AbstractContextManager[None]:
        """Hold a lease while writing; Busy if another live process holds it."""
