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

PEOPLE, PAIRS = "people", "decided pairs"
"""What the n of the chosen figures counts."""


def quality_document(
    numbers: NumberQuality | None, reviews: ReviewQuality | None = None, *, as_of: dt.date | None, why_not: str = ""
) -> dict[str, Any]:
    """Make the document of a run.

    In: what the numbers tell, what a review sample tells, either of which may be missing; the day of the latest
    delivery; why nothing was measured, where nothing was.
    """
    document: dict[str, Any] = {
        "as_of": as_of.isoformat() if as_of else None,
        "confidence": CONFIDENCE,
        **_headline(_both(numbers.combined) if numbers is not None else None, None, why_not),
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
    return with_reviews(document, reviews)


def with_reviews(document: Mapping[str, Any], reviews: ReviewQuality | None) -> dict[str, Any]:
    """Give a run's document with what people have decided since about the latest sample.

    In: a document (nothing, of a run without one); what the sample tells, None where none was drawn.
    """
    if reviews is None or not document:
        return dict(document)
    told = {
        **_both(reviews), "decided": reviews.decided, "bands_unseen": reviews.unseen, "drawn": reviews.drawn,
        "drawn_on": reviews.drawn_on.isoformat() if reviews.drawn_on else None,
    }  # fmt: skip
    return {**document, **_headline(document.get("combined"), told, document["why_not"]), "reviews": told}


def _headline(combined: Mapping[str, Any] | None, reviews: Mapping[str, Any] | None, why_not: str) -> dict[str, Any]:
    """Choose what speaks for the run: a sample of which enough is decided, else the numbers."""
    if reviews and reviews["decided"] >= ENOUGH_DECISIONS and reviews["precision"] and reviews["recall"]:
        method = BY_REVIEW + (f", drawn on {reviews['drawn_on']}" if reviews["drawn_on"] else "")
        return _figures(reviews, method, PAIRS)
    if combined and combined["precision"] and combined["recall"]:
        return _figures(combined, BY_NUMBERS, PEOPLE)
    why_not = why_not or "no two records of one person hold the same kind of number"
    return {"precision": None, "recall": None, "method": NOT_MEASURED, "unit": PEOPLE, "why_not": why_not}


def _figures(found: Mapping[str, Any], method: str, unit: str) -> dict[str, Any]:
    both = {"precision": found["precision"], "recall": found["recall"]}
    return {**both, "method": method, "unit": unit, "why_not": ""}


def in_short(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the short object that `almoner link --json` prints. In: a document; nothing, of a run without one."""
    precision, recall = document.get("precision"), document.get("recall")
    return {
        "precision": precision,
        "recall": recall,
        "method": document.get("method", NOT_MEASURED),
        "n": min(precision["n"], recall["n"]) if precision and recall else 0,
        "unit": document.get("unit", PEOPLE),
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
