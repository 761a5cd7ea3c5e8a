"""Reviews of access: who has looked at whom, by worker and by record, what of it is unusual, and what was found.

It reads the audit log and the permits, no record of anybody's. Nobody reviews their own access.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from almoner.governance.access_patterns import Access, AccessKind, Caseloads, WorkerAccess, review_of
from almoner.governance.audit import EventFilter
from almoner.governance.granting import LEAST_REASON
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.wiring.caseload import REASON_CODE
from almoner.wiring.web_records import access_reviews_of, caseloads_of
from almoner.wiring.workspace import Workspace, utc_now

if TYPE_CHECKING:
    from almoner.records.access_reviews import AccessReview, Finding

FINDINGS: dict[str, Finding] = {"fine": "fine", "follow up": "follow up"}
_ACTIONS: dict[str, AccessKind] = {"permit.issue": "opened", "break_glass.open": "emergency", "find": "searched"}
"""Events that are an access, and of which kind: a record is opened by the permit that is about one person."""


@dataclass(frozen=True)
class Looked:
    """One access as a reviewer reads it. reason: what the worker gave as their reason; '' where it was erased."""

    access: Access
    reason: str = ""


@dataclass(frozen=True)
class AccessOverview:
    """Every worker's accesses of the period, and the newest review of each."""

    since: dt.datetime
    until: dt.datetime
    workers: list[WorkerAccess]
    reviewed: dict[str, AccessReview]


def access_overview(workspace: Workspace) -> AccessOverview:
    """Sum up every worker's accesses of the period. Raises: AccessRefused."""
    workspace.require("audit")
    since, until = _period(workspace)
    workers = _workers(workspace, list(_accesses(workspace, since)))
    workspace.note("access_review.list", workers=len(workers))
    return AccessOverview(since, until, workers, access_reviews_of(workspace).newest())


@dataclass(frozen=True)
class AccessOfOne:
    """The accesses of one worker, or to one record, in the period, newest first, with earlier reviews."""

    since: dt.datetime
    until: dt.datetime
    summary: WorkerAccess | None
    looked: list[Looked]
    reviews: list[AccessReview]


def worker_of(workspace: Workspace, mark: str) -> str:
    """Find the worker of a mark: addresses hold no names, of staff neither. Raises: NotFound."""
    since, _ = _period(workspace)
    for worker in {each.worker for each in _accesses(workspace, since)}:
        if hmac.compare_digest(worker_mark(workspace, worker).encode(), mark.encode()):
            return worker
    raise NotFound("Nobody of this mark has opened a record in the period.", todo="Look at the list again.")


def worker_mark(workspace: Workspace, worker: str) -> str:
    """Give the mark by which an address means a worker."""
    return hmac.new(workspace.ring.derived("web.worker_marks"), worker.encode(), "sha256").hexdigest()[:20]


def access_of_worker(workspace: Workspace, worker: str) -> AccessOfOne:
    """Give what one worker has opened, why, and which rules it meets. Raises: AccessRefused."""
    workspace.require("audit")
    since, until = _period(workspace)
    every = list(_accesses(workspace, since))
    summary = next((each for each in _workers(workspace, every) if each.worker == worker), None)
    theirs = [each for each in every if each.worker == worker]
    workspace.note("access_review.read", subjects=sorted({each.about for each in theirs if each.about}), worker=worker)
    reviews = access_reviews_of(workspace).of_worker(worker)
    return AccessOfOne(since, until, summary, _with_reasons(workspace, theirs), reviews)


def access_to_record(workspace: Workspace, person_id: str) -> AccessOfOne:
    """Give who has opened one person's record, and why. Raises: AccessRefused."""
    workspace.require("audit")
    since, until = _period(workspace)
    theirs = [each for each in _accesses(workspace, since) if each.about == person_id]
    workspace.note("access_review.read", subjects=[person_id])
    reviews = access_reviews_of(workspace).of_record(person_id)
    return AccessOfOne(since, until, None, _with_reasons(workspace, theirs), reviews)


def keep_access_review(
    workspace: Workspace, finding: str, words: str, *, worker: str = "", person_id: str = ""
) -> AccessReview:
    """Keep what a reviewer found. Raises: AccessRefused for a review of one's own access, UsageError."""
    from almoner.records.access_reviews import AccessReview

    workspace.require("audit")
    if finding not in FINDINGS or len(words.strip()) < LEAST_REASON:
        raise UsageError("Say what you found, and why.")
    since, until = _period(workspace)
    theirs = [each for each in _accesses(workspace, since)
              if (each.worker == worker if worker else each.about == person_id)]  # fmt: skip
    if workspace.actor in {each.worker for each in theirs} | {worker}:
        workspace.note("refused.access_review", outcome="refused")
        raise AccessRefused("Nobody reviews their own access.", why="A second person looks.", todo="Ask a colleague.")
    summary = _workers(workspace, theirs) if worker else []
    counts = {pattern.rule: pattern.times for each in summary for pattern in each.patterns}
    review = AccessReview(
        worker, person_id, since, until, FINDINGS[finding], words.strip(), workspace.actor, utc_now(), counts
    )
    about = [person_id] if person_id else []
    workspace.note("access_review.record", subjects=about, finding=finding, worker=worker or None)
    access_reviews_of(workspace).keep(review)
    return review


def _period(workspace: Workspace) -> tuple[dt.datetime, dt.datetime]:
    until = utc_now()
    return until - dt.timedelta(days=workspace.registry.access_review.days), until


def _workers(workspace: Workspace, accesses: list[Access]) -> list[WorkerAccess]:
    caseloads: dict[str, frozenset[str]] = {}
    for worker, person in caseloads_of(workspace).everybody():
        caseloads[worker] = caseloads.get(worker, frozenset()) | {person}
    zone = workspace.registry.controller.timezone
    return review_of(accesses, workspace.registry.access_review, Caseloads(caseloads), zone)


def _accesses(workspace: Workspace, since: dt.datetime) -> Iterator[Access]:
    """Give the accesses of the period: permits about one person, emergency access, searches."""
    permits = {permit.id: permit for permit in workspace.records.permits()}
    for action, kind in _ACTIONS.items():
        for each in workspace.audit.events(EventFilter(action=action, since=since, outcome="allowed")):
            permit = permits.get(each.event.permit_id or "")
            if kind == "searched":
                yield Access(each.event.actor, kind, each.event.at, sequence=each.sequence)
            elif permit is not None and _opens_a_record(permit):
                yield Access(each.event.actor, kind, each.event.at, permit.subjects[0], each.sequence)


def _opens_a_record(permit: Permit) -> bool:
    return len(permit.subjects) == 1 and permit.form == "identifiable" and permit.reason_code != REASON_CODE


def _with_reasons(workspace: Workspace, accesses: list[Access]) -> list[Looked]:
    newest = sorted(accesses, key=lambda each: each.at, reverse=True)
    return [Looked(each, workspace.audit.reason_text(each.sequence) or "") for each in newest[:200]]
