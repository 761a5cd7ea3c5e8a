"""What readers and workers tell: feedback on pages and reports of mistakes, kept in Django's ORM.

The words are sealed: what somebody types may name somebody. Must never write them, or whose record is meant, in plain.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Literal

from almoner.kernel.errors import Busy, NotFound
from almoner.records.models import MistakeReport, PageFeedback
from almoner.records.sealing import Seal

MistakeState = Literal["reported", "with source", "closed"]


@dataclass(frozen=True)
class Feedback:
    """What a reader said of a page."""

    page: str
    helpful: bool
    words: str
    made_at: dt.datetime


@dataclass(frozen=True)
class Mistake:
    """A mistake that a worker has reported, and what became of it."""

    id: str
    kind: str
    dataset: str
    person_id: str
    words: str
    state: MistakeState
    reported_by: str
    reported_at: dt.datetime
    handled_by: str | None = None
    handled_at: dt.datetime | None = None
    answer: str = ""


class OrmReports:
    """Feedback and mistakes of one workspace, opened with its key."""

    def __init__(self, key: bytes) -> None:
        self._seal = Seal(key)

    def keep_feedback(self, page: str, helpful: bool, words: str, made_at: dt.datetime) -> None:
        """Keep what a reader said of a page."""
        sealed = self._seal.close({"words": words}, f"feedback|{page}".encode())
        PageFeedback.objects.create(page=page, helpful=helpful, sealed=sealed, made_at=made_at)

    def count_feedback(self, since: dt.datetime) -> int:
        """Count what readers have said since an instant."""
        return PageFeedback.objects.filter(made_at__gt=since).count()

    def feedback(self, limit: int) -> list[Feedback]:
        """List what readers said, newest first."""
        found = []
        for row in PageFeedback.objects.order_by("-made_at")[:limit]:
            bound = f"feedback|{row.page}".encode()
            document = self._seal.open(row.sealed, bound, what="Feedback", where="the records")
            found.append(Feedback(row.page, row.helpful, document["words"], row.made_at))
        return found

    def report(self, kind: str, dataset: str, person_id: str, words: str, actor: str, at: dt.datetime) -> Mistake:
        """Keep a report of a mistake."""
        made = Mistake(f"M{secrets.token_hex(6)}", kind, dataset, person_id, words, "reported", actor, at)
        MistakeReport.objects.create(
            report_id=made.id, kind=kind, dataset=dataset, state=made.state, reported_by=actor, reported_at=at,
            sealed=self._closed(made),
        )  # fmt: skip
        return made

    def mistakes(self, reported_by: str | None = None) -> list[Mistake]:
        """List the reports, the oldest open ones first; somebody's own where they are named."""
        rows = MistakeReport.objects.order_by("handled_at", "reported_at")
        return [self._mistake(row) for row in (rows.filter(reported_by=reported_by) if reported_by else rows)]

    def handle(self, report_id: str, state: MistakeState, answer: str, actor: str, at: dt.datetime) -> Mistake:
        """Say what became of a report. Raises: NotFound, Busy where somebody else did so meanwhile."""
        row = MistakeReport.objects.filter(report_id=report_id).first()
        if row is None:
            raise NotFound("There is no such report.")
        old = self._mistake(row)
        new = Mistake(**{**vars(old), "state": state, "answer": answer, "handled_by": actor, "handled_at": at})
        changed = MistakeReport.objects.filter(report_id=report_id, state=old.state, handled_at=old.handled_at).update(
            state=state, handled_by=actor, handled_at=at, sealed=self._closed(new)
        )
        if not changed:
            raise Busy("Somebody else has answered this report meanwhile.", todo="Look at it again.")
        return new

    def _closed(self, mistake: Mistake) -> str:
        document = {"person": mistake.person_id, "words": mistake.words, "answer": mistake.answer}
        return self._seal.close(document, f"mistake|{mistake.id}".encode())

    def _mistake(self, row: MistakeReport) -> Mistake:
        bound = f"mistake|{row.report_id}".encode()
        document = self._seal.open(row.sealed, bound, what="A report", where=f"report {row.report_id}")
        return Mistake(
            row.report_id, row.kind, row.dataset, document["person"], document["words"], row.state, row.reported_by,
            row.reported_at, row.handled_by, row.handled_at, document["answer"],
        )  # fmt: skip
