"""What readers and workers tell: feedback on pages and reports of mistakes, kept in Django's ORM.

The words are sealed: what somebody types may name somebody. Must never write them, or whose record is meant, in plain.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from dataclasses import dataclass, replace
from typing import Any, Literal

from almoner.kernel.errors import Busy, NotFound
from almoner.records.models import MistakeReport, PageFeedback
from almoner.records.sealing import Seal

MistakeState = Literal["reported", "upheld", "not upheld", "with source", "closed"]
Contester = Literal["", "worker", "person"]
"""Who says that a fact is wrong: the worker, or the person through the worker; '' where no one fact is meant."""
OPEN_STATES = ("reported", "upheld", "with source")
"""A fact is contested until it was decided that it is right, or the source has answered."""


@dataclass(frozen=True)
class Feedback:
    """What a reader said of a page."""

    page: str
    helpful: bool
    words: str
    made_at: dt.datetime


@dataclass(frozen=True)
class Mistake:
    """A mistake that a worker has reported, and what became of it.

    Of one fact that is contested: contested_by whom; fact = its mark; what = the fact as it was shown; should_be =
    what would be right; ruling = why it was upheld or not. version grows with every step.
    """

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
    contested_by: Contester = ""
    fact: str = ""
    what: str = ""
    should_be: str = ""
    ruling: str = ""
    version: int = 0

    @property
    def contested(self) -> bool:
        """Whether one fact is meant, and the matter is open."""
        return bool(self.contested_by) and self.state in OPEN_STATES


class OrmReports:
    """Feedback and mistakes of one workspace, opened with its key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
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

    def report(self, mistake: Mistake) -> Mistake:
        """Keep a report of a mistake, under a new name. In: mistake: its name does not matter."""
        made = replace(mistake, id=f"M{secrets.token_hex(6)}", state="reported", version=0)
        MistakeReport.objects.create(
            report_id=made.id, kind=made.kind, dataset=made.dataset, state=made.state, reported_by=made.reported_by,
            reported_at=made.reported_at, sealed=self._closed(made), about=self._about(made.person_id),
            contested_by=made.contested_by,
        )  # fmt: skip
        return made

    def mistakes(self, reported_by: str | None = None) -> list[Mistake]:
        """List the reports, the oldest open ones first; somebody's own where they are named."""
        rows = MistakeReport.objects.order_by("handled_at", "reported_at")
        return [self._mistake(row) for row in (rows.filter(reported_by=reported_by) if reported_by else rows)]

    def mistake(self, report_id: str) -> Mistake:
        """Find a report. Raises: NotFound."""
        row = MistakeReport.objects.filter(report_id=report_id).first()
        if row is None:
            raise NotFound("There is no such report.")
        return self._mistake(row)

    def contested(self, person_id: str) -> list[Mistake]:
        """List what is contested of a person's record and still open."""
        rows = MistakeReport.objects.filter(about=self._about(person_id), state__in=OPEN_STATES).exclude(
            contested_by=""
        )
        return [self._mistake(row) for row in rows]

    def handle(self, report_id: str, version: int | None = None, **changes: Any) -> Mistake:
        """Take a step with a report. In: version: of the report as it was looked at; changes: of its fields.

        Raises: NotFound, Busy where somebody else took a step meanwhile.
        """
        old = self.mistake(report_id)
        seen = old.version if version is None else version
        new = replace(old, **changes, version=seen + 1)
        changed = MistakeReport.objects.filter(report_id=report_id, version=seen).update(
            state=new.state, dataset=new.dataset, handled_by=new.handled_by, handled_at=new.handled_at,
            version=new.version, sealed=self._closed(new),
        )  # fmt: skip
        if not changed:
            raise Busy("Somebody else has answered this report meanwhile.", todo="Look at it again.")
        return new

    def _about(self, person_id: str) -> str:
        return hmac.new(self._key, f"about|{person_id}".encode(), "sha256").hexdigest()

    def _closed(self, mistake: Mistake) -> str:
        document = {"person": mistake.person_id} | {name: getattr(mistake, name) for name in _SEALED}
        return self._seal.close(document, f"mistake|{mistake.id}".encode())

    def _mistake(self, row: MistakeReport) -> Mistake:
        bound = f"mistake|{row.report_id}".encode()
        document = self._seal.open(row.sealed, bound, what="A report", where=f"report {row.report_id}")
        return Mistake(
            row.report_id, row.kind, row.dataset, document["person"], state=row.state, reported_by=row.reported_by,
            reported_at=row.reported_at, handled_by=row.handled_by, handled_at=row.handled_at,
            contested_by=row.contested_by, version=row.version,
            **{name: document.get(name, "") for name in _SEALED},
        )  # fmt: skip


_SEALED = ("words", "answer", "fact", "what", "should_be", "ruling")
