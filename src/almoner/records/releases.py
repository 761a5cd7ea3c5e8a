"""Releases and their ledger, kept in Django's ORM: implements `release.ports.ReleaseBook`.

Content and ledger hold true counts, and the records database is not encrypted: both are sealed, each bound to its
release, so that none can be put in another's place. Must never remove or change a table of the ledger.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import fields

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from almoner.kernel.errors import Busy, KeyMissing, NotFound
from almoner.methods.disclosure.released import ReleaseTable
from almoner.records.leases import held
from almoner.records.models import AnswerRecord, LedgerCode, LedgerTable, ReleaseRecord, ReleaseStep
from almoner.release.codes import Members
from almoner.release.draft import Draft, draft_of_text
from almoner.release.packing import pack, unpack
from almoner.release.ports import Answer, Release, Step

NONCE_BYTES = 12
"""Source: NIST SP 800-38D: a random nonce of 96 bits."""
LEASE = "release"
_KEPT = [each.name for each in fields(Release) if each.name not in ("id", "editors")]


class OrmReleases:
    """The releases of one workspace, opened with its key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def alone(self) -> AbstractContextManager[None]:
        """Hold the releases."""
        return held(LEASE)

    def keep(self, release: Release, step: Step, draft: Draft | None = None) -> None:
        """Keep a release with what happened to it, and its content where that is new."""
        with transaction.atomic():
            self._save(release, step, draft)

    def enter(self, release: Release, step: Step, tables: Sequence[ReleaseTable]) -> None:
        """Keep a release as published, with its cells."""
        with transaction.atomic():
            self._save(release, step, None)
            for table in tables:
                sealed = self._seal(pack(table), f"ledger|{release.id}|{table.population}")
                LedgerTable.objects.create(
                    release_id=release.id, population=table.population, cells=len(table), sealed=sealed
                )

    def answer(self, answer: Answer, tables: Sequence[ReleaseTable]) -> None:
        """Keep an answer, with its cells."""
        with transaction.atomic():
            AnswerRecord.objects.create(
                answer_id=answer.id, actor=answer.actor, at=answer.at, cells=answer.cells, digest=answer.digest
            )
            for table in tables:
                sealed = self._seal(pack(table), f"ledger|{answer.id}|{table.population}")
                LedgerTable.objects.create(
                    answer_id=answer.id, population=table.population, cells=len(table), sealed=sealed
                )

    def find(self, release_id: str) -> Release | None:
        """Find a release."""
        row = ReleaseRecord.objects.filter(release_id=release_id).defer("sealed").first()
        return None if row is None else _release(row)

    def releases(self) -> list[Release]:
        """List the releases, newest first."""
        return [_release(row) for row in ReleaseRecord.objects.defer("sealed").order_by("-made_at", "release_id")]

    def draft_of(self, release_id: str) -> Draft:
        """Give the content of a release."""
        row = ReleaseRecord.objects.filter(release_id=release_id).first()
        if row is None:
            raise NotFound("There is no such release.")
        return draft_of_text(zlib.decompress(self._open(row.sealed, f"draft|{release_id}")).decode())

    def steps(self, release_id: str) -> list[Step]:
        """List what happened to a release, oldest first."""
        rows = ReleaseStep.objects.filter(release_id=release_id).order_by("id")
        return [Step(row.action, row.state, row.actor, row.at, row.digest, row.reason) for row in rows]

    def ledger(self, populations: Sequence[str]) -> list[ReleaseTable]:
        """Give every table ever released of some populations, withdrawn or not, and every answer about them."""
        rows = LedgerTable.objects.filter(population__in=list(populations)).order_by("id")
        return [
            unpack(self._open(row.sealed, f"ledger|{row.release_id or row.answer_id}|{row.population}")) for row in rows
        ]

    def members(self) -> Members:
        """Give what the codes are made of."""
        found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for row in LedgerCode.objects.all():
            found[row.dimension][row.code] = frozenset(json.loads(zlib.decompress(row.parts)))
        return found

    def keep_members(self, members: Members) -> None:
        """Keep what codes are made of."""
        rows = [
            LedgerCode(dimension=dimension, code=code, parts=zlib.compress(json.dumps(sorted(parts)).encode()))
            for dimension, codes in members.items()
            for code, parts in codes.items()
        ]
        LedgerCode.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["dimension", "code"], update_fields=["parts"], batch_size=500
        )

    def _save(self, release: Release, step: Step, draft: Draft | None) -> None:
        """Save the row of this version, if the one before it is still there."""
        values = {name: getattr(release, name) for name in _KEPT} | {"editors": list(release.editors)}
        if draft is not None:
            values["sealed"] = self._seal(zlib.compress(draft.text().encode()), f"draft|{release.id}")
        if release.version == 1:
            ReleaseRecord.objects.create(release_id=release.id, **values)
        elif not ReleaseRecord.objects.filter(release_id=release.id, version=release.version - 1).update(**values):
            raise Busy(
                "The release was changed meanwhile.", where=f"release {release.id}", todo="Look at it, and try again."
            )
        ReleaseStep.objects.create(
            release_id=release.id, action=step.action, state=step.state, actor=step.actor, at=step.at,
            digest=step.digest, reason=step.reason,
        )  # fmt: skip

    def _seal(self, content: bytes, bound: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, bound.encode())

    def _open(self, sealed: bytes, bound: str) -> bytes:
        sealed = bytes(sealed)
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound.encode())
        except InvalidTag as error:
            raise KeyMissing(
                "What a release holds can't be opened.",
                where=bound.split("|")[1],
                why="It was written under another master key, or the records were altered.",
                todo="Give the workspace's own master key, or restore the records from a backup.",
            ) from error


def _release(row: ReleaseRecord) -> Release:
    values = {name: getattr(row, name) for name in _KEPT}
    return Release(id=row.release_id, editors=tuple(row.editors), **values)
