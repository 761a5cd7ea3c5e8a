"""One run's measured quality as a document: what is kept with the run, printed and published.

Every number in it stands with its interval, how many people or decisions it rests on, its day and where it is from.
It must never hold anything about one person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from almoner.linkage.quality import NumberQuality, Quality
from almoner.linkage.quality_intervals import CONFIDENCE, Estimate
from almoner.linkage.quality_reviews import ReviewQuality

ENOUGH_DECISIONS = 100
"""From so many decided pairs of a random sample the sample speaks for the run; below, the numbers do."""

DIGITS = 4

BY_NUMBERS = "numbers that both records hold, linked again without them for pairs that share none"
BY_REVIEW = "random sample of pairs that people decided, by band of match probability"
NOT_MEASURED = "not measured"


def quality_document(
    numbers: NumberQuality | None, reviews: ReviewQuality | None = None, *, as_of: dt.date | None, why_not: str = ""
) -> dict[str, Any]:
    """Make the document of a run.

    In: what the numbers tell, what a review sample tells, either of which may be missing; the day of the latest
    delivery; why nothing was measured, where nothing was.
    """
    by_review = reviews is not None and reviews.decided >= ENOUGH_DECISIONS and reviews.precision is not None
    chosen: Any = reviews if by_review else numbers.combined if numbers is not None else None
    measured = chosen is not None and chosen.precision is not None and chosen.recall is not None
    method = (BY_REVIEW if by_review else BY_NUMBERS) if measured else NOT_MEASURED
    document: dict[str, Any] = {
        "as_of": as_of.isoformat() if as_of else None,
        "confidence": CONFIDENCE,
        "precision": _estimate(chosen.precision) if measured else None,
        "recall": _estimate(chosen.recall) if measured else None,
        "method": method,
        "why_not": "" if measured else why_not or "no two records of one person hold the same kind of number",
    }
    if numbers is not None:
        document |= {
            "as_linked": _both(numbers.as_linked),
            "held_out": _both(numbers.held_out),
            "combined": _both(numbers.combined),
            "classes": [{"name": each.name, **_both(each)} for each in numbers.classes],
            "groups": [
                {"by": each.by, "name": each.name, **_both(each), "below": list(each.below)} for each in numbers.groups
            ],
            "vouched_pairs": numbers.vouched_pairs,
            "tried_mentions": numbers.tried_mentions,
        }
    if reviews is not None:
        document["reviews"] = {**_both(reviews), "decided": reviews.decided, "bands_unseen": reviews.unseen}
    return document


def in_short(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the short object that `almoner link --json` prints. In: a document; nothing, of a run without one."""
    precision, recall = document.get("precision"), document.get("recall")
    return {
        "precision": precision,
        "recall": recall,
        "method": document.get("method", NOT_MEASURED),
        "n": min(precision["n"], recall["n"]) if precision and recall else 0,
        "as_of": document.get("as_of"),
        "confidence": document.get("confidence", CONFIDENCE),
        "groups_below": sum(bool(each["below"]) for each in document.get("groups", ())),
    }


def _both(found: Quality | ReviewQuality) -> dict[str, Any]:
    return {"precision": _estimate(found.precision), "recall": _estimate(found.recall)}


def _estimate(found: Estimate | None) -> dict[str, float | int] | None:
    if found is None:
        return None
    shown = {name: round(getattr(found, name), DIGITS) for name in ("value", "low", "high")}
    return {**shown, "n": found.n}
