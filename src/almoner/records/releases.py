"""Releases and their ledger, kept in Django's ORM: implements `release.ports.ReleaseBook`.

Content and ledger hold true counts, and the records database is not encrypted: both are sealed, each bound to its
release, so that none can be put in another's place. Must never remove or change a table of the ledger.
"""

from __future__ import annotations

import hmac
import json
import zlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import fields, replace

from django.db import transaction

from almoner.kernel.errors import Busy, NotFound
from almoner.methods.disclosure.released import ReleaseTable
from almoner.records.leases import held
from almoner.records.models import AnswerRecord, LedgerCode, LedgerTable, ReleaseRecord, ReleaseStep
from almoner.records.sealing import Seal
from almoner.release.codes import Members
from almoner.release.draft import Draft, draft_of_text
from almoner.release.packing import pack, unpack
from almoner.release.ports import Answer, Mention, Release, Step

LEASE = "release"
_KEPT = [each.name for each in fields(Release) if each.name not in ("id", "editors")]


class OrmReleases:
    """The releases of one workspace, opened with its keys."""

    def __init__(self, sealing_key: bytes, digest_key: bytes) -> None:
        self._seal = Seal(sealing_key)
        self._digest_key = digest_key

    def alone(self) -> AbstractContextManager[None]:
        """Hold the releases."""
        return held(LEASE)

    def keep(self, release: Release, step: Step, draft: Draft | None = None) -> None:
        """Keep a release with what happened to it, and its content where that is new."""
        with transaction.atomic():
            self._save(release, step, draft)

    def destroy(self, release: Release, step: Step) -> None:
        """Keep a release without what it held."""
        with transaction.atomic():
            self._save(release, step, None)
            ReleaseRecord.objects.filter(release_id=release.id).update(sealed=b"")

    def enter(self, release: Release, step: Step, tables: Sequence[ReleaseTable]) -> None:
        """Keep a release as published, with its cells."""
        with transaction.atomic():
            self._save(release, step, None)
            for table in tables:
                sealed = self._seal.close_bytes(pack(table), _beside_table(release.id, table.population))
                LedgerTable.objects.create(
                    release_id=release.id, population=table.population, cells=len(table), sealed=sealed
                )

    def answer(self, answer: Answer, tables: Sequence[ReleaseTable], given: str) -> None:
        """Keep an answer, with its cells and what was shown."""
        shown = self._seal.close_bytes(zlib.compress(given.encode()), _beside_given(answer.id, answer.actor))
        with transaction.atomic():
            AnswerRecord.objects.create(
                answer_id=answer.id, actor=answer.actor, at=answer.at, cells=answer.cells, digest=answer.digest,
                sealed=shown,
            )  # fmt: skip
            for table in tables:
                sealed = self._seal.close_bytes(pack(table), _beside_table(answer.id, table.population))
                LedgerTable.objects.create(
                    answer_id=answer.id, population=table.population, cells=len(table), sealed=sealed
                )

    def answers(self, actor: str | None = None) -> list[Answer]:
        """List the answers, newest first."""
        rows = AnswerRecord.objects.defer("sealed").order_by("-at", "answer_id")
        rows = rows.filter(actor=actor) if actor is not None else rows
        return [Answer(row.answer_id, row.actor, row.at, row.cells, row.digest) for row in rows]

    def given(self, answer_id: str) -> str:
        """Give what was shown of an answer."""
        row = AnswerRecord.objects.filter(answer_id=answer_id).first()
        if row is None or not row.sealed:
            raise NotFound("What this answer said was not kept.", todo="Ask again: it is checked anew.")
        bound = _beside_given(answer_id, row.actor)
        return zlib.decompress(self._open(row.sealed, answer_id, bound)).decode()

    def mentions(self, populations: Sequence[str]) -> list[Mention]:
        """Say who speaks of some populations. Opens nothing."""
        rows = LedgerTable.objects.filter(population__in=list(populations)).select_related("release", "answer")
        found: dict[str, Mention] = {}
        for row in rows.defer("sealed", "release__sealed", "answer__sealed").order_by("-id"):
            if row.release is not None:
                made = Mention(row.release_id, row.release.title, row.release.released_at, row.cells)
            else:
                made = Mention(row.answer_id, "", row.answer.at, row.cells, row.answer.actor)
            before = found.get(made.name)
            found[made.name] = made if before is None else replace(made, cells=before.cells + made.cells)
        return list(found.values())

    def was_answered(self, answer_id: str) -> bool:
        """Say whether a question was answered under this name."""
        return AnswerRecord.objects.filter(answer_id=answer_id).exists()

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
        if not row.sealed:
            raise NotFound("What this release held was destroyed.", where=f"release {release_id}")
        return draft_of_text(zlib.decompress(self._open(row.sealed, release_id, _beside_draft(release_id))).decode())

    def digest(self, content: str) -> str:
        """Give the digest of secret content, under a key: a plain one would let anybody try out what was withheld."""
        return hmac.new(self._digest_key, content.encode(), "sha256").hexdigest()

    def steps(self, release_id: str) -> list[Step]:
        """List what happened to a release, oldest first."""
        rows = ReleaseStep.objects.filter(release_id=release_id).order_by("id")
        return [Step(row.action, row.state, row.actor, row.at, row.digest, row.reason) for row in rows]

    def ledger(self, populations: Sequence[str]) -> list[ReleaseTable]:
        """Give every table ever released of some populations, withdrawn or not, and every answer about them."""
        rows = LedgerTable.objects.filter(population__in=list(populations)).order_by("id")
        opened = []
        for row in rows:
            name = row.release_id or row.answer_id
            opened.append(unpack(self._open(row.sealed, name, _beside_table(name, row.population))))
        return opened

    def populations(self) -> list[str]:
        """Name the populations of which figures were ever released."""
        return sorted(LedgerTable.objects.values_list("population", flat=True).distinct())

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
            values["sealed"] = self._seal.close_bytes(zlib.compress(draft.text().encode()), _beside_draft(release.id))
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

    def _open(self, sealed: bytes, release_id: str, bound: bytes) -> bytes:
        where = f"release {release_id}"
        return self._seal.open_bytes(bytes(sealed), bound, what="What a release holds", where=where)


def _beside_draft(release_id: str) -> bytes:
    return f"draft|{release_id}".encode()


def _beside_given(answer_id: str, actor: str) -> bytes:
    return f"given|{answer_id}|{actor}".encode()


def _beside_table(release_id: str, population: str) -> bytes:
    return f"ledger|{release_id}|{population}".encode()


def _release(row: ReleaseRecord) -> Release:
    values = {name: getattr(row, name) for name in _KEPT}
    return Release(id=row.release_id, editors=tuple(row.editors), **values)
