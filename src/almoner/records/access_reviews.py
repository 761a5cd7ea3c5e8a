"""Reviews of who has looked at whom, kept in Django's ORM. None is ever changed; words and whose record are sealed."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from almoner.records.models import AccessReviewRecord
from almoner.records.sealing import Seal

Finding = Literal["fine", "follow up"]


@dataclass(frozen=True)
class AccessReview:
    """What somebody found who looked at a worker's accesses, or at those to one record.

    counts: rule → how often it was met.
    """

    worker: str
    person_id: str
    since: dt.datetime
    until: dt.datetime
    finding: Finding
    words: str
    reviewed_by: str
    reviewed_at: dt.datetime
    counts: dict[str, int] = field(default_factory=dict)


class OrmAccessReviews:
    """The reviews of one workspace, opened with its key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._seal = Seal(key)

    def keep(self, review: AccessReview) -> str:
        """Keep a review. Out: its name."""
        name = f"V{secrets.token_hex(6)}"
        sealed = self._seal.close({"person": review.person_id, "words": review.words}, f"access|{name}".encode())
        AccessReviewRecord.objects.create(
            review_id=name, worker=review.worker, about=self._about(review.person_id), since=review.since,
            until=review.until, finding=review.finding, counts=review.counts, reviewed_by=review.reviewed_by,
            reviewed_at=review.reviewed_at, sealed=sealed,
        )  # fmt: skip
        return name

    def of_worker(self, worker: str) -> list[AccessReview]:
        """List the reviews of a worker's accesses, newest first."""
        return self._reviews(worker=worker)

    def of_record(self, person_id: str) -> list[AccessReview]:
        """List the reviews of accesses to somebody's record, newest first."""
        return self._reviews(about=self._about(person_id))

    def newest(self) -> dict[str, AccessReview]:
        """Give the newest review of each worker."""
        found: dict[str, AccessReview] = {}
        for review in self._reviews(about=""):
            found.setdefault(review.worker, review)
        return found

    def _reviews(self, **wanted: str) -> list[AccessReview]:
        return [self._review(row) for row in AccessReviewRecord.objects.filter(**wanted).order_by("-reviewed_at")]

    def forget(self, persons: Sequence[str]) -> int:
        """Take out the reviews of accesses to some persons' records. Out: how many."""
        about = [self._about(person) for person in persons]
        return int(AccessReviewRecord.objects.filter(about__in=about).delete()[0])

    def _about(self, person_id: str) -> str:
        return hmac.new(self._key, f"about|{person_id}".encode(), "sha256").hexdigest() if person_id else ""

    def _review(self, row: AccessReviewRecord) -> AccessReview:
        bound = f"access|{row.review_id}".encode()
        document = self._seal.open(row.sealed, bound, what="A review", where=f"review {row.review_id}")
        return AccessReview(
            row.worker, document["person"], row.since, row.until, row.finding, document["words"], row.reviewed_by,
            row.reviewed_at, row.counts,
        )  # fmt: skip
