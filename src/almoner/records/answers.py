"""People's answers about records, kept in Django's ORM: implements `governance.ports.Answers`.

The records database is not encrypted, and a source's own reference can be somebody's number or name. So which two
records an answer is about, and why, is kept under encryption; the pair is found again by a keyed digest. Must never
write either in plain, and never change or remove an answer.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence

from django.db import transaction

from almoner.governance.ports import Answer, RecordKey
from almoner.records.models import ReviewAnswer
from almoner.records.sealing import Seal


class OrmAnswers:
    """The answers of one workspace, opened with its keys."""

    def __init__(self, sealing_key: bytes, pair_key: bytes) -> None:
        self._seal = Seal(sealing_key)
        self._pair_key = pair_key

    def pair_of(self, one: RecordKey, other: RecordKey) -> str:
        """Give the keyed digest under which two records are known, in whatever order."""
        text = json.dumps(sorted((one, other)))
        return hmac.new(self._pair_key, text.encode(), "sha256").hexdigest()

    def keep(self, answers: Sequence[Answer]) -> None:
        """Keep answers: all of them or, in a crash, none."""
        with transaction.atomic():
            ReviewAnswer.objects.bulk_create(self._row(answer) for answer in answers)

    def answers(self) -> list[Answer]:
        """List every answer, oldest first.

        Raises: KeyMissing where one was written under another key, or altered.
        """
        return [self._answer(row) for row in ReviewAnswer.objects.order_by("made_at", "id")]

    def _row(self, answer: Answer) -> ReviewAnswer:
        row = ReviewAnswer(
            act=answer.act,
            pair=answer.pair,
            verdict=answer.verdict,
            kind=answer.kind,
            actor=answer.actor,
            made_at=answer.made_at,
        )
        row.sealed = self._seal.close({"records": [answer.left, answer.right], "reason": answer.reason}, _bound(row))
        return row

    def _answer(self, row: ReviewAnswer) -> Answer:
        document = self._seal.open(row.sealed, _bound(row), what="A review decision", where=f"decision {row.act}")
        (left, right) = (tuple(each) for each in document["records"])
        return Answer(
            act=row.act,
            pair=row.pair,
            left=left,
            right=right,
            verdict=row.verdict,
            kind=row.kind,
            actor=row.actor,
            reason=document["reason"],
            made_at=row.made_at,
        )


def _bound(row: ReviewAnswer) -> bytes:
    """What an answer is bound to: who altered the verdict or the name beside it would be found out."""
    return "|".join((row.act, row.pair, row.verdict, row.kind, row.actor)).encode()
