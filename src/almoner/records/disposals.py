"""The journal of disposals, the ledger of what may not come back, and legal holds: implements `disposal.ports`.

What a disposal takes away is sealed until it is done and then forgotten; the ledger holds keyed references alone. Must
never remove a reference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction

from almoner.disposal.ports import Disposal, Hold, State
from almoner.disposal.work import Work, packed, unpacked
from almoner.kernel.errors import NotFound, UsageError
from almoner.records.models import DisposalRecord, DisposedRecord, LegalHold
from almoner.records.sealing import Seal
from almoner.store.barred import Barred, Reference, Referrer

_AT_ONCE = 5_000


class OrmDisposals:
    """The disposals and holds of one workspace, opened with its keys."""

    def __init__(self, sealing_key: bytes, referrer: Referrer) -> None:
        self._seal = Seal(sealing_key)
        self._referrer = referrer

    # ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────

    def barred(self, dataset: str) -> Barred | None:
        """Give what of a dataset may not come back; None where nothing was disposed of."""
        rows = DisposedRecord.objects.filter(dataset=dataset).values_list("slot", "bucket", "reference")
        found = [Reference(dataset, *each) for each in rows.iterator(_AT_ONCE)]
        return Barred(self._referrer, dataset, found) if found else None

    def references(self) -> Iterator[tuple[str, Reference]]:
        """Give every reference of the ledger with the disposal that it comes from."""
        rows = DisposedRecord.objects.order_by("id").values_list(
            "disposal_id", "dataset", "slot", "bucket", "reference"
        )
        for disposal, *reference in rows.iterator(_AT_ONCE):
            yield disposal, Reference(*reference)

    def known(self) -> frozenset[str]:
        """Name every disposal that the ledger knows."""
        return known_disposals()

    def enter(self, disposal: Disposal, references: Iterable[Reference]) -> None:
        """Enter a disposal of an earlier state of the workspace, as begun, with its references."""
        self.begin(disposal, Work(references=tuple(references)))

    # ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self, disposal: Disposal, work: Work) -> None:
        """Write a disposal down with its work, whole or not at all; where it is under way, its references as well."""
        with transaction.atomic():
            DisposalRecord.objects.create(
                disposal_id=disposal.id, kind=disposal.kind, subject=disposal.subject, action=disposal.action,
                state=disposal.state, made_by=disposal.made_by, made_at=disposal.made_at, rows=disposal.rows,
                people=disposal.people, approved_by=disposal.approved_by, approved_at=disposal.approved_at,
                sealed=self._closed(disposal.id, work),
            )  # fmt: skip
            if disposal.state == "doing":
                self._bar(disposal.id, work)

    def approve(self, disposal_id: str, by: str, at: dt.datetime) -> None:
        """Let a disposal that waited go on. Raises: UsageError where it does not wait."""
        with transaction.atomic():
            self._waiting(disposal_id).update(state="approved", approved_by=by, approved_at=at)

    def start(self, disposal_id: str, work: Work) -> None:
        """Begin a disposal that was approved, with its work as it is now."""
        with transaction.atomic():
            DisposalRecord.objects.filter(disposal_id=disposal_id, state="approved").update(
                state="doing", sealed=self._closed(disposal_id, work)
            )
            self._bar(disposal_id, work)

    def decline(self, disposal_id: str, by: str, at: dt.datetime) -> None:
        """Give a disposal up; what it would have taken away is forgotten."""
        with transaction.atomic():
            self._waiting(disposal_id).update(state="declined", approved_by=by, approved_at=at, sealed=b"")

    def work_of(self, disposal_id: str) -> Work:
        """Give the work of a disposal."""
        row = DisposalRecord.objects.get(disposal_id=disposal_id)
        where = f"disposal {disposal_id}"
        return unpacked(self._seal.open_bytes(bytes(row.sealed), disposal_id.encode(), what="A disposal", where=where))

    def note(self, disposal_id: str, step: str, told: dict[str, Any]) -> None:
        """Note that a step was carried out."""
        with transaction.atomic():
            row = DisposalRecord.objects.select_for_update().get(disposal_id=disposal_id)
            row.done = [*row.done, step]
            row.told = {**row.told, step: told}
            row.save(update_fields=["done", "told"])

    def finish(self, disposal_id: str, at: dt.datetime) -> None:
        """Note that all was carried out, and forget the work."""
        DisposalRecord.objects.filter(disposal_id=disposal_id).update(state="done", finished_at=at, sealed=b"")

    def disposals(self, state: State | None = None) -> list[Disposal]:
        """List disposals, oldest first."""
        rows = DisposalRecord.objects.order_by("made_at", "disposal_id")
        return [_disposal(row) for row in (rows.filter(state=state) if state else rows)]

    def _waiting(self, disposal_id: str) -> Any:
        rows = DisposalRecord.objects.filter(disposal_id=disposal_id, state="awaiting")
        if not rows.exists():
            raise UsageError("No such disposal waits for approval.", todo="See: almoner retention list")
        return rows

    def _bar(self, disposal_id: str, work: Work) -> None:
        made = (
            DisposedRecord(
                disposal_id=disposal_id, dataset=each.dataset, slot=each.slot, bucket=each.bucket,
                reference=each.reference,
            )
            for each in work.references
        )  # fmt: skip
        while lot := list(islice(made, _AT_ONCE)):
            DisposedRecord.objects.bulk_create(lot)

    def _closed(self, disposal_id: str, work: Work) -> bytes:
        return self._seal.close_bytes(packed(work), disposal_id.encode())

    # ── holds ────────────────────────────────────────────────────────────────────────────────────────────────────

    def place(self, hold: Hold) -> None:
        """Keep a hold."""
        LegalHold.objects.create(
            hold_id=hold.id, kind=hold.kind, made_by=hold.made_by, made_at=hold.made_at, until=hold.until,
            sealed=self._hold_closed(hold),
        )  # fmt: skip

    def release(self, hold_id: str, by: str, at: dt.datetime, because: str) -> None:
        """Release a hold. Raises: NotFound."""
        with transaction.atomic():
            row = LegalHold.objects.select_for_update().filter(hold_id=hold_id, released_at__isnull=True).first()
            if row is None:
                raise NotFound("No such hold is on.", todo="See: almoner retention list")
            hold = self._hold(row)
            row.released_by, row.released_at = by, at
            row.sealed = self._hold_closed(Hold(**{**vars(hold), "released_because": because}))
            row.save(update_fields=["released_by", "released_at", "sealed"])

    def holds(self) -> list[Hold]:
        """List holds, newest first, those that were released too."""
        return [self._hold(row) for row in LegalHold.objects.order_by("-made_at", "hold_id")]

    def _hold_closed(self, hold: Hold) -> str:
        document = {"target": hold.target, "reason": hold.reason, "released_because": hold.released_because}
        return self._seal.close(document, f"hold|{hold.id}|{hold.kind}".encode())

    def _hold(self, row: LegalHold) -> Hold:
        bound = f"hold|{row.hold_id}|{row.kind}".encode()
        told = self._seal.open(row.sealed, bound, what="A legal hold", where=f"hold {row.hold_id}")
        return Hold(
            row.hold_id, row.kind, told["target"], told["reason"], row.made_by, row.made_at, row.until,
            row.released_by, row.released_at, told["released_because"],
        )  # fmt: skip


def known_disposals() -> frozenset[str]:
    """Name every disposal that the ledger knows."""
    return frozenset(DisposalRecord.objects.values_list("disposal_id", flat=True))


def _disposal(row: DisposalRecord) -> Disposal:
    return Disposal(
        row.disposal_id, row.kind, row.subject, row.action, row.state, row.made_by, row.made_at, row.rows, row.people,
        row.approved_by, row.approved_at, tuple(row.done), row.told, row.finished_at,
    )  # fmt: skip
