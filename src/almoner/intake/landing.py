"""Lands one delivery: reads, checks, standardises, splits by tier, encrypts. Whole, or not at all.

Rows in = rows accepted + rows in quarantine, always. Nothing exists for readers before the catalogue commits, so a
crash at any point leaves the workspace as it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.intake.anonymity import AnonymityWatch
from almoner.intake.declaration import declaration_digest
from almoner.intake.discovery import Found
from almoner.intake.duplicates import Duplicates, KeyWatch
from almoner.intake.keeping_out import KeepingOut
from almoner.intake.lots import Lot, ahead, lots
from almoner.intake.opening import open_reader
from almoner.intake.plan import make_plan
from almoner.intake.readers import BadRecord
from almoner.intake.splitting import Splitter
from almoner.intake.working import ROW_CONTENT_HASH, ROW_FAULT, ROW_KEY_HASH, ROW_POSITION, Workshop
from almoner.kernel.errors import AlmonerError, ResourceExhausted
from almoner.kernel.tables import QUARANTINE
from almoner.registry.registry import Registry
from almoner.store.barred import Barred, DisposedRecords
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry
from almoner.store.lake import Batchwise, Lake

READ_BLOCK = 1 << 20
KEPT_OUT = "kept_out"


@dataclass(frozen=True)
class Landed:
    """What became of a delivery."""

    entry: DeliveryEntry
    status: str
    """landed, corrected (other files), declared anew (the same files, read by another declaration) or unchanged."""

    @property
    def kept_out(self) -> int:
        """How many rows and people that were disposed of the files held: these files may not be kept."""
        return self.entry.quality.get(KEPT_OUT, 0)


def digest_of(found: Found) -> str:
    """Compute the digest of a delivery's files: their order by name, and their bytes."""
    digest = hashlib.sha256()
    for file in sorted(found.files, key=lambda each: each.shown):
        with file.path.open("rb") as stream:
            while block := stream.read(READ_BLOCK):
                digest.update(block)
        digest.update(b"\x00file\x00")
    return digest.hexdigest()


class Landing:
    """Lands deliveries into one lake."""

    def __init__(
        self, registry: Registry, lake: Lake, workshop: Workshop, disposed: DisposedRecords, today: dt.date
    ) -> None:
        self._registry = registry
        self._lake = lake
        self._workshop = workshop
        self._disposed = disposed
        self._today = today

    def land(self, found: Found) -> Landed:
        """Land a delivery, or say that it has landed before; where its declaration has changed since, land it anew.

        Raises: DeliveryRefused, ResourceExhausted; nothing of the delivery stays then.
        """
        earlier = [e for e in self._lake.catalogue.deliveries(found.dataset.full_name, superseded=True)
                   if e.delivery == found.name]  # fmt: skip
        with ThreadPoolExecutor(1, thread_name_prefix="digest") as worker:
            digest = worker.submit(digest_of, found)  # of a first delivery it is known when its rows are
            declared = declaration_digest(self._registry, found.dataset)
            sent = [entry for entry in earlier if entry.sent_on == found.sent_on]
            before = max(sent, key=lambda entry: entry.version, default=None)
            same = before if before is not None and before.digest == _known(digest) else None
            if same is not None and (same.superseded_by is not None or same.columns_digest == declared or _gone(same)):
                return Landed(same, "unchanged")
            number = self._lake.catalogue.next_number()
            run = _Run(self._registry, self._lake, self._workshop, found, number)
            run.keep_out(self._disposed.barred(found.dataset.full_name), self._today)
            entry = run.carry_out(digest, declared, version=len(earlier) + 1)
        replaced = [entry.number for entry in earlier if entry.superseded_by is None]
        self._lake.catalogue.commit_delivery(entry, replaces=replaced)
        return Landed(entry, "declared anew" if same else "corrected" if replaced else "landed")


class _Run:
    """The work on one delivery."""

    def __init__(self, registry: Registry, lake: Lake, workshop: Workshop, found: Found, number: int) -> None:
        self._lake = lake
        self._found = found
        self._number = number
        self._registry = registry
        self._plan = plan = make_plan(registry, found.dataset, found.feed, found.as_of)
        self._working = workshop.start(plan)
        self._faults = [kind for kinds in plan.faults.values() for kind in kinds]
        self._splitter = Splitter(registry, found.dataset, plan, number)
        self._watch = KeyWatch()
        self._anonymity = AnonymityWatch(found.dataset) if found.dataset.anonymised else None
        self._quality: Counter[str] = Counter()
        self._quarantined = 0
        self._rows_in = 0
        self._header: tuple[str, ...] = ()
        self._out: KeepingOut | None = None

    def keep_out(self, barred: Barred | None, today: dt.date) -> None:
        """Leave out what was disposed of."""
        if barred is not None:
            self._out = KeepingOut(self._registry, self._found.dataset, self._plan, barred, today)

    def carry_out(self, digest: Future[str], declared: str, *, version: int) -> DeliveryEntry:
        """Do all of it. Out: the entry to commit."""
        parts = self._lake.delivery_parts(self._number)
        try:
            self._stream(parts)
            duplicates = self._watch.duplicates()
            if duplicates.all:
                parts = self._without_duplicates(parts, duplicates)
            if self._anonymity is not None:
                self._anonymity.check()
            known = _known(digest)
            files = parts.finish()
        except BaseException as error:
            parts.abandon()
            if isinstance(error, OSError) and not isinstance(error, AlmonerError):
                raise _unreadable(error) from error
            raise
        disposed = self._out.rows if self._out is not None else 0
        if self._out is not None and disposed + self._out.people:
            self._quality[KEPT_OUT] = disposed + self._out.people
        accepted = self._rows_in - self._quarantined - disposed
        return DeliveryEntry(
            number=self._number,
            dataset=self._found.dataset.full_name,
            delivery=self._found.name,
            kind=self._found.feed.delivery,
            as_of=self._found.as_of,
            sent_on=self._found.sent_on,
            digest=known,
            columns_digest=declared,
            rows_in=self._rows_in,
            accepted=accepted,
            quarantined=self._quarantined,
            disposed=disposed,
            quality=dict(sorted(self._quality.items())),
            files=files,
            version=version,
            header=self._header,
        )

    def _stream(self, parts: Batchwise) -> None:
        """Read, work and write at once: while one lot is written, the next is worked, and the one after it read."""
        pending: list[Future[None]] = []
        with ThreadPoolExecutor(2) as writers:
            for file in self._found.files:
                reader = open_reader(self._found.dataset, self._found.feed, file.path)
                self._header = tuple(getattr(reader, "header", ()))
                for lot, done in ahead(self._worked(ahead(lots(reader, self._rows_in)))):
                    self._quarantine_unread(parts, file.shown, lot)
                    if done is None:
                        continue
                    tables = self._parts_of(parts, file.shown, lot, done)
                    _wait_for(pending)
                    pending = [
                        writers.submit(parts.write, part, table, self._lake.lock_of(part), coded=self._splitter.coded)
                        for part, table in tables.items()
                    ]
                self._rows_in += reader.rows_in
            _wait_for(pending)

    def _worked(self, each: Iterable[Lot]) -> Iterator[tuple[Lot, pa.Table | None]]:
        """Work lots; None for one without a row that could be read."""
        for lot in each:
            if self._anonymity is not None and len(lot.positions):
                self._anonymity.look(lot.table)
            yield lot, self._working.lot(lot.table, lot.positions) if len(lot.positions) else None

    def _parts_of(self, parts: Batchwise, shown: str, lot: Lot, done: pa.Table) -> dict[str, pa.Table]:
        if self._out is not None:
            done = self._out.applied(done)
        faults = done.column(ROW_FAULT).to_numpy()
        if (faults >= 0).any():
            self._quarantine_faulty(parts, shown, lot, done.column(ROW_POSITION).to_numpy(), faults)
            done = done.filter(pa.array(faults < 0))
        self._watch.add(
            done.column(ROW_POSITION).to_numpy(),
            done.column(ROW_KEY_HASH).to_numpy(),
            done.column(ROW_CONTENT_HASH).to_numpy(),
        )
        self._quality.update(self._splitter.quality(done))
        return self._splitter.split(done)

    def _quarantine_unread(self, parts: Batchwise, shown: str, lot: Lot) -> None:
        rows = [(position, shown, bad.column, bad.code, bad.message, bad.raw) for position, bad in lot.bad]
        if rows:
            self._to_quarantine(parts, rows)

    def _quarantine_faulty(
        self,
        parts: Batchwise,
        shown: str,
        lot: Lot,
        stands: npt.NDArray[np.int64],
        faults: npt.NDArray[np.int32],
    ) -> None:
        rows = []
        for place in np.flatnonzero(faults >= 0).tolist():
            fault, position = self._faults[faults[place]], int(stands[place])
            row = int(np.searchsorted(lot.positions, position))  # of the lot as it was read
            rows.append((position, shown, fault.column, fault.code, fault.reason, lot.raw(row)))
        self._to_quarantine(parts, rows)

    def _to_quarantine(self, parts: Batchwise, rows: Sequence[tuple[int, str, str | None, str, str, bytes]]) -> None:
        gone = self._out.unread([row[5] for row in rows]) if self._out is not None else set()
        rows = [row for place, row in enumerate(rows) if place not in gone]
        if not rows:
            return
        arrays = [
            pa.array(values, type=field.type) for values, field in zip(zip(*rows, strict=True), QUARANTINE, strict=True)
        ]
        parts.write("quarantine", pa.table(arrays, schema=QUARANTINE), self._lake.lock_of("quarantine"))
        self._quarantined += len(rows)
        self._quality.update(f"quarantined:{row[3]}" for row in rows)
        self._quality.update(f"fault:{row[2]}:{row[3]}" for row in rows if row[2])

    def _without_duplicates(self, parts: Batchwise, duplicates: Duplicates) -> Batchwise:
        """Write the parts again without the rows that can't stand; those go to quarantine with their bytes."""
        self._quarantine_duplicates(parts, duplicates)
        written = parts.finish()
        again = self._lake.delivery_parts(self._number)
        gone = pa.array(sorted((self._number << ROW_ID_SHIFT) + position for position in duplicates.all), pa.int64())
        try:
            for file in written:
                for batch in self._lake.reopen(file, self._found.dataset):
                    table = pa.Table.from_batches([batch])
                    if file.part != "quarantine":
                        table = table.filter(pc.invert(pc.is_in(table.column("row_id"), gone)))
                    again.write(file.part, table, self._lake.lock_of(file.part), coded=self._splitter.coded)
        except BaseException:
            again.abandon()
            raise
        parts.discard()
        return again

    def _quarantine_duplicates(self, parts: Batchwise, duplicates: Duplicates) -> None:
        """Read the files a second time, as far as needed, for the bytes of the rows."""
        key = "+".join(self._found.dataset.key)
        offset = 0
        for file in self._found.files:
            reader = open_reader(self._found.dataset, self._found.feed, file.path)
            for item in reader.read():
                if isinstance(item, BadRecord):
                    continue
                numbers = item.positions.to_numpy() + offset
                rows = []
                for index in np.flatnonzero(np.isin(numbers, list(duplicates.all))).tolist():
                    position = int(numbers[index])
                    copied = position in duplicates.copies
                    code = "duplicate_row" if copied else "duplicate_key"
                    reason = _SAME if copied else _CONTRADICTS
                    rows.append((position, file.shown, key, code, reason, item.raw(index)))
                if rows:
                    self._to_quarantine(parts, rows)
            offset += reader.rows_in


def _gone(entry: DeliveryEntry) -> bool:
    """Whether a delivery was disposed of as a whole: another declaration does not bring it back."""
    return entry.disposed > 0 and not entry.files


def _known(digest: Future[str]) -> str:
    try:
        return digest.result()
    except OSError as error:
        raise _unreadable(error) from error


def _wait_for(pending: list[Future[None]]) -> None:
    for future in pending:
        future.result()


_SAME = "the same row stands earlier in the delivery"
_CONTRADICTS = "other rows of the delivery have this key and differ: none can be told right"


def _unreadable(error: OSError) -> ResourceExhausted:
    return ResourceExhausted(
        "The delivery could not be read or written to the end.",
        why=f"{type(error).__name__}: {error.strerror or 'input or output failed'}.",
        todo="Check the disk and the inbox; nothing of the delivery was landed, so run intake again.",
    )
