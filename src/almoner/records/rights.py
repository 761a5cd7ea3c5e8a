"""Keeps people's rights in force, and the letters to those who hold their data: implements the ports of both.

Whose right it is, what a correction says and every letter is sealed; kinds, purposes and days stand in plain. Must
never change what a right says: one that is not right is lifted, and another carried out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from almoner.governance.in_force import Anchor, Correction, FieldChange, RightInForce
from almoner.kernel.errors import NotFound
from almoner.records.models import Counter, RightLetter, RightRecord
from almoner.records.sealing import Seal
from almoner.requests.rights.recipients import Letter

VERSION = "rights"
"""The counter that grows with every change of what is in force."""


class OrmRights:
    """The rights of one workspace, opened with its key."""

    def __init__(self, sealing_key: bytes) -> None:
        self._seal = Seal(sealing_key)

    def version(self) -> int:
        """Give a number that grows with every change."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT value FROM {Counter._meta.db_table} WHERE name = %s", [VERSION])
            found = cursor.fetchone()
        return int(found[0]) if found else 0

    def rights(self, *, lifted: bool = False) -> list[RightInForce]:
        """List the rights in force, oldest first; those that were lifted too where asked."""
        rows = RightRecord.objects.order_by("made_at", "right_id")
        return [self._right(row) for row in (rows if lifted else rows.filter(lifted_at__isnull=True))]

    def keep(self, right: RightInForce) -> None:
        """Keep a right: it holds from the next read on."""
        with transaction.atomic():
            RightRecord.objects.create(
                right_id=right.id, kind=right.kind, purposes=list(right.purposes), case_id=right.case_id,
                dataset=right.correction.dataset if right.correction else "", made_by=right.made_by,
                made_at=right.made_at, sealed=self._closed(right),
            )  # fmt: skip
            self._changed()

    def lift(self, right_id: str, by: str, at: dt.datetime, because: str) -> None:
        """Lift a right. Raises: NotFound where it is not in force."""
        with transaction.atomic():
            row = RightRecord.objects.select_for_update().filter(right_id=right_id, lifted_at__isnull=True).first()
            if row is None:
                raise NotFound("No such right is in force.", todo="See: almoner rights in-force")
            right = replace(self._right(row), lifted_because=because)
            row.lifted_by, row.lifted_at, row.sealed = by, at, self._closed(right)
            row.save(update_fields=["lifted_by", "lifted_at", "sealed"])
            self._changed()

    def forget(self, persons: Sequence[str], records: Sequence[tuple[str, str]]) -> int:
        """Forget the rights of persons who are gone, and corrections of records that are. Out: how many."""
        gone, keys = set(persons), set(records)
        dropped = 0
        with transaction.atomic():
            for row in RightRecord.objects.all() if gone or keys else ():
                right = self._right(row)
                left = tuple(each for each in right.records if (each.dataset, each.record_id) not in keys)
                if right.person_id in gone or (right.correction is not None and not left):
                    row.delete()
                    dropped += 1
                elif left != right.records:
                    row.sealed = self._closed(replace(right, records=left, correction=_without(right, left)))
                    row.save(update_fields=["sealed"])
                    dropped += 1
            if dropped:
                self._changed()
        return dropped

    # ── letters ──────────────────────────────────────────────────────────────────────────────────────────────────

    def draft(self, letter: Letter) -> None:
        """Keep a letter."""
        RightLetter.objects.create(
            letter_id=letter.id, right_id=letter.right_id, case_id=letter.case_id, recipient=letter.recipient,
            drafted_by=letter.drafted_by, drafted_at=letter.drafted_at,
            sealed=self._seal.close({"title": letter.title, "text": letter.text}, _bound_letter(letter.id)),
        )  # fmt: skip

    def letters(self, right_id: str = "") -> list[Letter]:
        """List letters, of one right or all, oldest first."""
        rows = RightLetter.objects.order_by("drafted_at", "letter_id")
        return [self._letter(row) for row in (rows.filter(right_id=right_id) if right_id else rows)]

    def sent(self, letter_id: str, by: str, on: dt.date) -> None:
        """Note that a letter went out: its words are forgotten. Raises: NotFound where it waits not."""
        with transaction.atomic():
            row = RightLetter.objects.select_for_update().filter(letter_id=letter_id, sent_on__isnull=True).first()
            if row is None:
                raise NotFound("No such letter waits to be sent.", todo="See: almoner rights recipients RIGHT")
            row.sent_by, row.sent_on, row.sealed = by, on, ""
            row.save(update_fields=["sent_by", "sent_on", "sealed"])

    def _letter(self, row: RightLetter) -> Letter:
        told: dict[str, Any] = {"title": "", "text": ""}
        if row.sealed:
            told = self._seal.open(
                row.sealed, _bound_letter(row.letter_id), what="A letter", where=f"letter {row.letter_id}"
            )
        return Letter(
            row.letter_id, row.right_id, row.case_id, row.recipient, told["title"], told["text"], row.drafted_by,
            row.drafted_at, row.sent_by, row.sent_on,
        )  # fmt: skip

    # ── sealing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _changed(self) -> None:
        Counter.objects.get_or_create(name=VERSION)
        Counter.objects.filter(name=VERSION).update(value=F("value") + 1)

    def _closed(self, right: RightInForce) -> str:
        told = {
            "person": right.person_id, "reason": right.reason, "lifted_because": right.lifted_because,
            "records": [asdict(each) for each in right.records],
            "correction": asdict(right.correction) if right.correction else None,
        }  # fmt: skip
        return self._seal.close(told, _bound(right.id, right.kind, right.purposes))

    def _right(self, row: RightRecord) -> RightInForce:
        bound = _bound(row.right_id, row.kind, row.purposes)
        told = self._seal.open(row.sealed, bound, what="A person's right", where=f"right {row.right_id}")
        return RightInForce(
            row.right_id, row.kind, told["person"], row.case_id, row.made_by, row.made_at, told["reason"],
            tuple(row.purposes), tuple(Anchor(**each) for each in told["records"]), _correction(told["correction"]),
            row.lifted_by, row.lifted_at, told["lifted_because"],
        )  # fmt: skip


def _without(right: RightInForce, left: Sequence[Anchor]) -> Correction | None:
    """Leave out of a correction what it says of people who are gone."""
    if right.correction is None:
        return None
    slots = {"", *(each.slot for each in left)}
    return replace(right.correction, fields=tuple(each for each in right.correction.fields if each.slot in slots))


def _correction(told: dict[str, Any] | None) -> Correction | None:
    if told is None:
        return None
    return Correction(**{**told, "fields": tuple(FieldChange(**each) for each in told["fields"])})


def _bound(right_id: str, kind: str, purposes: Sequence[str]) -> bytes:
    return f"right|{right_id}|{kind}|{','.join(purposes)}".encode()


def _bound_letter(letter_id: str) -> bytes:
    return f"right letter|{letter_id}".encode()
