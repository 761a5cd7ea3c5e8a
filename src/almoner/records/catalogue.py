"""The catalogue, kept in Django's ORM: implements `store.catalogue.Catalogue`.

What every read through the gate asks is written as SQL here: the ORM takes several times longer to write a query than
the database to answer it. Nothing is remembered between two questions, since another process may write at any time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from almoner.records.leases import held
from almoner.records.models import BuiltFigures, Counter, Delivery, LakeFile, ServingSnapshot, Spine
from almoner.store.catalogue import BuiltEntry, DeliveryEntry, PartFile, SnapshotEntry, SpineEntry


class OrmCatalogue:
    """Deliveries, files, spine versions and leases of one workspace."""

    def next_number(self) -> int:
        """Reserve a delivery number, never to be used again."""
        with transaction.atomic():
            Counter.objects.get_or_create(name="delivery")
            Counter.objects.filter(name="delivery").update(value=F("value") + 1)
            return int(Counter.objects.get(name="delivery").value)

    def deliveries(self, dataset: str | None = None, *, superseded: bool = False) -> list[DeliveryEntry]:
        """List landed deliveries, oldest first; those replaced by a correction only if asked for."""
        wanted = "TRUE" if superseded else "superseded_by IS NULL"
        values = [] if dataset is None else [dataset]
        if values:
            wanted += " AND dataset = %s"
        rows = list(Delivery.objects.raw(f"SELECT * FROM {_DELIVERY} WHERE {wanted} ORDER BY number", values))
        files = _files_of([row.number for row in rows])
        return [_entry(row, files[row.number]) for row in rows]

    def commit_delivery(self, entry: DeliveryEntry, *, replaces: Sequence[int] = ()) -> None:
        """Make a delivery exist, and the corrected ones it replaces no longer current, in one transaction."""
        with transaction.atomic():
            Delivery.objects.filter(number__in=list(replaces)).update(superseded_by=entry.number)
            row = Delivery.objects.create(
                number=entry.number,
                dataset=entry.dataset,
                delivery=entry.delivery,
                kind=entry.kind,
                as_of=entry.as_of,
                sent_on=entry.sent_on,
                digest=entry.digest,
                columns_digest=entry.columns_digest,
                rows_in=entry.rows_in,
                accepted=entry.accepted,
                quarantined=entry.quarantined,
                disposed=entry.disposed,
                quality=entry.quality,
                header=list(entry.header),
                version=entry.version,
            )
            _write_files(row, entry.files)

    def replace_files(
        self, number: int, files: Sequence[PartFile], accepted: int, quarantined: int, disposed: int = 0
    ) -> None:
        """Give a delivery other files and counts, in one transaction."""
        with transaction.atomic():
            row = Delivery.objects.select_for_update().get(number=number)
            row.files.all().delete()
            _write_files(row, files)
            row.accepted, row.quarantined, row.disposed = accepted, quarantined, disposed
            row.save(update_fields=["accepted", "quarantined", "disposed"])

    def spine(self) -> SpineEntry | None:
        """Give the present version of the spine."""
        row = Spine.objects.order_by("-number").first()
        if row is None:
            return None
        files = tuple(PartFile(**file) for file in row.files)
        return SpineEntry(row.number, files, row.deliveries_digest, row.metrics, row.made_at)

    def commit_spine(self, entry: SpineEntry) -> None:
        """Make a version of the spine the present one; earlier versions are gone for readers."""
        with transaction.atomic():
            Spine.objects.filter(number__lt=entry.number).delete()
            Spine.objects.create(
                number=entry.number,
                files=[asdict(file) for file in entry.files],
                deliveries_digest=entry.deliveries_digest,
                metrics=entry.metrics,
            )

    def snapshot(self) -> SnapshotEntry | None:
        """Give what the single view reads now."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT number, spine, files, told, made_at FROM {_SNAPSHOT} ORDER BY number DESC LIMIT 1")
            found = cursor.fetchone()
        if found is None:
            return None
        number, spine, files, told, made_at = found
        parts = tuple(PartFile(**file) for file in _document(files))
        return SnapshotEntry(number, spine, parts, _document(told), _instant(made_at))

    def publish_snapshot(self, entry: SnapshotEntry) -> None:
        """Let the single view read this from now on; earlier ones are gone for who begins to read."""
        with transaction.atomic():
            ServingSnapshot.objects.all().delete()
            ServingSnapshot.objects.create(
                number=entry.number, spine=entry.spine, files=[asdict(file) for file in entry.files], told=entry.told
            )

    def forget_snapshot(self) -> None:
        """Name nothing any more that the single view reads: until the next is made, it reads the views."""
        ServingSnapshot.objects.all().delete()

    def built(self, kind: str) -> BuiltEntry | None:
        """Give what was built last of a kind."""
        row = BuiltFigures.objects.filter(kind=kind).first()
        if row is None:
            return None
        file = PartFile(**row.file)
        return BuiltEntry(row.kind, row.purpose, row.project, row.made_by, row.as_of, row.made_at, file)

    def built_purposes(self) -> frozenset[str]:
        """Name the purposes for which what is kept was built."""
        return frozenset(BuiltFigures.objects.exclude(purpose="").values_list("purpose", flat=True))

    def forget_built(self) -> int:
        """Name nothing of what was built any more. Out: how many kinds there were."""
        return int(BuiltFigures.objects.all().delete()[0])

    def commit_built(self, entries: Sequence[BuiltEntry]) -> None:
        """Make what was built exist, in the place of what was built before of the same kinds, in one transaction."""
        with transaction.atomic():
            for entry in entries:
                told = {name: value for name, value in vars(entry).items() if name not in ("kind", "file")}
                BuiltFigures.objects.update_or_create(kind=entry.kind, defaults={**told, "file": asdict(entry.file)})

    def known_paths(self) -> set[str]:
        """Give every path that the catalogue names."""
        spine, snapshot = self.spine(), self.snapshot()
        return {
            *(file["path"] for file in BuiltFigures.objects.values_list("file", flat=True)),
            *LakeFile.objects.values_list("path", flat=True),
            *(file.path for entry in (spine, snapshot) if entry is not None for file in entry.files),
        }

    def lease(self, name: str) -> AbstractContextManager[None]:
        """Hold a lease while writing; Busy if another live process holds it."""
        return held(name)


def _write_files(row: Delivery, files: Sequence[PartFile]) -> None:
    LakeFile.objects.bulk_create(LakeFile(delivery=row, **asdict(file)) for file in files)


_DELIVERY, _FILE = Delivery._meta.db_table, LakeFile._meta.db_table
_SNAPSHOT = ServingSnapshot._meta.db_table


def _document(kept: Any) -> Any:
    """Read a JSON column as a plain cursor gives it: SQLite as text, PostgreSQL as text or as a document."""
    return json.loads(kept) if isinstance(kept, str) else kept


def _instant(kept: Any) -> dt.datetime:
    found: dt.datetime = dt.datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _files_of(numbers: Sequence[int]) -> dict[int, list[PartFile]]:
    """Give the files of deliveries by number; also of one that a correction has replaced since it was listed."""
    files: dict[int, list[PartFile]] = {number: [] for number in numbers}
    if files:
        listed = ", ".join(str(int(number)) for number in numbers)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT delivery_id, part, path, rows, size FROM {_FILE} WHERE delivery_id IN ({listed}) ORDER BY id"
            )
            for number, *file in cursor.fetchall():
                files[number].append(PartFile(*file))
    return files


def _entry(row: Delivery, files: Sequence[PartFile]) -> DeliveryEntry:
    return DeliveryEntry(
        number=row.number,
        dataset=row.dataset,
        delivery=row.delivery,
        kind=row.kind,
        as_of=row.as_of,
        sent_on=row.sent_on,
        digest=row.digest,
        rows_in=row.rows_in,
        accepted=row.accepted,
        quarantined=row.quarantined,
        disposed=row.disposed,
        quality=row.quality,
        files=tuple(files),
        superseded_by=row.superseded_by,
        landed_at=row.landed_at,
        version=row.version,
        columns_digest=row.columns_digest,
        header=tuple(row.header),
    )
