"""Extracts, kept in Django's ORM: implements `sharing.ports.ShareBook`.

Why, of whom and whatever anybody wrote is sealed under the extract's own key. That somebody was in one stands under a
keyed digest of the pseudonym that the recipient was given: without the keys nobody can tell who it was, and once
nothing is held of a person the digest is replaced by one that leads to nobody.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count

from almoner.governance.shared import recipient_scope
from almoner.kernel.errors import Busy, KeyMissing
from almoner.records.models import SharedPerson, ShareRecord, ShareStep
from almoner.records.sealing import Seal
from almoner.sharing.extracts import Share, Step, Words
from almoner.store.case_keys import CaseKeys

_AT_ONCE = 5_000
_KEPT = [each.name for each in fields(Share) if each.name not in ("id", "fields")]


class OrmShares:
    """The extracts of one workspace, opened with its keys.

    In: log_key: under which people stand in the log; pseudonyms: gives people's pseudonyms under the key of a scope.
    """

    def __init__(self, keys: CaseKeys, log_key: bytes, pseudonyms: Callable[[str, Sequence[str]], list[str]]) -> None:
        self._keys, self._log_key, self._pseudonyms = keys, log_key, pseudonyms

    def begin(self, share: Share, words: Words, step: Step, people: Iterable[str] = ()) -> None:
        """Keep a new extract, its key first."""
        seal = Seal(self._keys.make(share.id))
        document = {"reason": words.reason, "subject": words.subject}
        with transaction.atomic():
            ShareRecord.objects.create(
                share_id=share.id, sealed=seal.close(document, _bound(share.id)), **_values(share)
            )
            self._add_step(share, step, seal)
            self._add_people(share, people)

    def keep(self, share: Share, step: Step, people: Iterable[str] = ()) -> None:
        """Keep an extract, what happened to it and whom it holds, if nobody else has changed it. Raises: Busy."""
        seal = self._seal(share.id)
        with transaction.atomic():
            rows = ShareRecord.objects.filter(share_id=share.id, version=share.version - 1)
            if not rows.update(**_values(share)):
                raise Busy(
                    "The extract was changed meanwhile.", where=f"extract {share.id}", todo="Look at it, and try again."
                )
            self._add_step(share, step, seal)
            self._add_people(share, people)

    def find(self, share_id: str) -> Share | None:
        """Find an extract."""
        row = ShareRecord.objects.filter(share_id=share_id).defer("sealed").first()
        return None if row is None else _share(row)

    def shares(self) -> list[Share]:
        """List extracts, the newest first."""
        return [_share(row) for row in ShareRecord.objects.defer("sealed").order_by("-requested_at", "share_id")]

    def words(self, share_id: str) -> Words:
        """Open what was written when it was asked for. Raises: KeyMissing where that was destroyed."""
        row = ShareRecord.objects.get(share_id=share_id)
        seal = self._seal(share_id)
        if not row.sealed or seal is None:
            raise KeyMissing("What was written of this extract was destroyed.", where=f"extract {share_id}")
        told = seal.open(row.sealed, _bound(share_id), what="An extract", where=f"extract {share_id}")
        return Words(told["reason"], told["subject"])

    def steps(self, share_id: str) -> list[Step]:
        """Open what happened to an extract, the oldest first."""
        rows = list(ShareStep.objects.filter(share_id=share_id).order_by("number"))
        seal = self._seal(share_id) if any(row.sealed for row in rows) else None
        found = []
        for row in rows:
            words = ""
            if row.sealed and seal is not None:
                bound = _bound(share_id, row.number)
                words = seal.open(row.sealed, bound, what="A step of an extract", where=f"extract {share_id}")["words"]
            found.append(Step(row.number, row.action, row.state, row.actor, row.at, row.facts, words))
        return found

    # ── who was in them ──────────────────────────────────────────────────────────────────────────────────────────

    def disclosed(self, persons: Sequence[tuple[str, bool]]) -> list[tuple[Share, bool]]:
        """List the extracts that held a person, the newest first, each with whether it surely held these records.

        In: the ids under which the person is or was known, each with whether it was surely the same person's.
        """
        found: dict[str, bool] = {}
        for person, sure in persons:
            rows = SharedPerson.objects.filter(about__in=self._abouts([person])).values_list("share_id", flat=True)
            found.update({share: sure or found.get(share, False) for share in rows})
        shares = ShareRecord.objects.filter(share_id__in=list(found)).defer("sealed").order_by("-sent_at", "share_id")
        return [(_share(row), found[row.share_id]) for row in shares]

    def held_of(self, persons: Sequence[str]) -> list[tuple[str, str]]:
        """List what recipients still hold of any of these persons, as (recipient, extract)."""
        found: set[str] = set()
        for start in range(0, len(persons), _AT_ONCE):
            abouts = self._abouts(list(persons[start : start + _AT_ONCE]))
            found |= set(SharedPerson.objects.filter(about__in=abouts).values_list("share_id", flat=True))
        rows = ShareRecord.objects.filter(share_id__in=list(found), confirmed_at__isnull=True)
        return sorted(rows.values_list("recipient", "share_id"))

    def people_in(self) -> dict[str, int]:
        """Count whom each extract that was sent holds, by the log."""
        rows = SharedPerson.objects.values("share_id").annotate(held=Count("id")).order_by()
        return {row["share_id"]: row["held"] for row in rows}

    def forget(self, persons: Sequence[str]) -> int:
        """Let the log lead to these persons no longer, and destroy what was written of emergencies about them.

        That an extract went out, when, to whom and about how many stays. Out: how many entries.
        """
        gone, found = sorted(set(persons)), 0
        for start in range(0, len(gone), _AT_ONCE):
            abouts = self._abouts(gone[start : start + _AT_ONCE])
            about_them = list(SharedPerson.objects.filter(about__in=abouts))
            for row in about_them:
                row.about = "gone:" + secrets.token_hex(28)
            SharedPerson.objects.bulk_update(about_them, ["about"], batch_size=_AT_ONCE)
            found += len(about_them)
        return found + sum(self._forget_words(row.share_id) for row in self._emergencies(set(gone)))

    def _emergencies(self, gone: set[str]) -> list[ShareRecord]:
        rows = ShareRecord.objects.filter(kind="emergency").exclude(sealed="")
        return [row for row in rows if self.words(row.share_id).subject in gone]

    def _forget_words(self, share_id: str) -> int:
        """Take the words out, then destroy their key: killed in between, the words are gone already."""
        ShareStep.objects.filter(share_id=share_id).update(sealed="")
        ShareRecord.objects.filter(share_id=share_id).update(sealed="")
        self._keys.destroy(share_id)
        return 1

    def _abouts(self, persons: Sequence[str]) -> list[str]:
        scopes = {recipient_scope(*each) for each in ShareRecord.objects.values_list("recipient", "project").distinct()}
        return [
            self._about(scope, pseudonym)
            for scope in sorted(scopes)
            for pseudonym in self._pseudonyms(scope, persons)
        ]  # fmt: skip

    def _about(self, scope: str, pseudonym: str) -> str:
        return hmac.digest(self._log_key, f"{scope}|{pseudonym}".encode(), "sha256").hex()

    def _add_people(self, share: Share, people: Iterable[str]) -> None:
        scope = recipient_scope(share.recipient, share.project)
        made = (SharedPerson(share_id=share.id, about=self._about(scope, each)) for each in people)
        while lot := list(islice(made, _AT_ONCE)):
            SharedPerson.objects.bulk_create(lot, ignore_conflicts=True)

    def _add_step(self, share: Share, step: Step, seal: Seal | None) -> None:
        sealed = "" if seal is None else seal.close({"words": step.words}, _bound(share.id, step.number))
        try:
            ShareStep.objects.create(
                share_id=share.id, number=step.number, action=step.action, state=step.state, actor=step.actor,
                at=step.at, facts=dict(step.facts), sealed=sealed,
            )  # fmt: skip
        except IntegrityError as error:
            raise Busy(
                "The extract was changed meanwhile.", where=f"extract {share.id}", todo="Look at it, and try again."
            ) from error

    def _seal(self, share_id: str) -> Seal | None:
        """Give what opens an extract's words; None where they were destroyed."""
        if not ShareRecord.objects.filter(share_id=share_id).exclude(sealed="").exists():
            return None
        return Seal(self._keys.key(share_id))


def _values(share: Share) -> dict[str, Any]:
    kept = {name: getattr(share, name) for name in _KEPT}
    return {**kept, "fields": {name: list(columns) for name, columns in share.fields.items()}}


def _share(row: ShareRecord) -> Share:
    values: dict[str, Any] = {name: getattr(row, name) for name in _KEPT}
    return Share(row.share_id, fields={name: tuple(columns) for name, columns in row.fields.items()}, **values)


def _bound(share_id: str, number: int | None = None) -> bytes:
    return f"extract|{share_id}|{'' if number is None else number}".encode()
