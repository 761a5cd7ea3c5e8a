"""Whom workers follow, kept in Django's ORM: who it is, why, and what was known when they last looked, all sealed.

Must never write a person's id in plain, nor anything of them at all: what was known is kept as keyed digests.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, transaction

from almoner.kernel.errors import Busy, NotFound
from almoner.records.models import CaseloadEntry
from almoner.records.sealing import Seal


@dataclass(frozen=True)
class Followed:
    """Somebody whom a worker follows. seen: what was known when they last looked, as digests."""

    id: str
    actor: str
    person_id: str
    reason: str
    added_at: dt.datetime
    looked_at: dt.datetime
    seen: dict[str, Any] = field(default_factory=dict)


class OrmCaseloads:
    """The caseloads of one workspace, opened with its key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._seal = Seal(key)

    def digest(self, text: str) -> str:
        """Digest what was known of somebody, so that it can be compared and not read."""
        return hmac.new(self._key, f"seen|{text}".encode(), "sha256").hexdigest()[:32]

    def add(self, actor: str, person_id: str, reason: str, seen: dict[str, Any], at: dt.datetime) -> Followed:
        """Let a worker follow somebody. Raises: Busy where they do already."""
        made = Followed(f"C{secrets.token_hex(6)}", actor, person_id, reason, at, at, seen)
        try:
            with transaction.atomic():
                CaseloadEntry.objects.create(
                    entry_id=made.id, actor=actor, about=self._about(person_id), sealed=self._closed(made),
                    added_at=at, looked_at=at,
                )  # fmt: skip
        except IntegrityError:
            raise Busy("This person is on your caseload already.", todo="Look at your caseload.") from None
        return made

    def of(self, actor: str) -> list[Followed]:
        """List whom a worker follows, the newest first."""
        return [self._followed(row) for row in CaseloadEntry.objects.filter(actor=actor).order_by("-added_at")]

    def find(self, actor: str, person_id: str) -> Followed | None:
        """Find somebody on a worker's caseload."""
        row = CaseloadEntry.objects.filter(actor=actor, about=self._about(person_id)).first()
        return self._followed(row) if row else None

    def everybody(self) -> list[tuple[str, str]]:
        """List (worker, person id), for whoever reviews access."""
        return [(row.actor, self._followed(row).person_id) for row in CaseloadEntry.objects.all()]

    def looked(self, followed: Followed, seen: dict[str, Any], at: dt.datetime) -> None:
        """Note what was known when the worker looked."""
        new = replace(followed, seen=seen, looked_at=at)
        CaseloadEntry.objects.filter(entry_id=followed.id).update(sealed=self._closed(new), looked_at=at)

    def remove(self, actor: str, entry_id: str) -> Followed:
        """Let a worker follow somebody no more. Raises: NotFound where it is not theirs."""
        row = CaseloadEntry.objects.filter(actor=actor, entry_id=entry_id).first()
        if row is None:
            raise NotFound("This person is not on your caseload.", todo="Look at your caseload.")
        found = self._followed(row)
        row.delete()
        return found

    def forget(self, persons: Sequence[str]) -> int:
        """Take persons off every caseload. Out: how many entries."""
        about = [self._about(person) for person in persons]
        return int(CaseloadEntry.objects.filter(about__in=about).delete()[0])

    def _about(self, person_id: str) -> str:
        return hmac.new(self._key, f"about|{person_id}".encode(), "sha256").hexdigest()

    def _closed(self, followed: Followed) -> str:
        document = {"person": followed.person_id, "reason": followed.reason, "seen": followed.seen}
        return self._seal.close(document, f"caseload|{followed.id}|{followed.actor}".encode())

    def _followed(self, row: CaseloadEntry) -> Followed:
        bound = f"caseload|{row.entry_id}|{row.actor}".encode()
        document = self._seal.open(row.sealed, bound, what="A caseload", where=f"entry {row.entry_id}")
        return Followed(
            row.entry_id, row.actor, document["person"], document["reason"], row.added_at, row.looked_at,
            document["seen"],
        )  # fmt: skip
