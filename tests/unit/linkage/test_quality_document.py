"""Which figures speak for a run as people decide about its sample, and when they cease to."""

from __future__ import annotations

import datetime as dt
from typing import Any

from almoner.linkage.quality_document import (
    BY_NUMBERS,
    BY_REVIEW,
    NOT_MEASURED,
    in_short,
    quality_document,
    with_reviews,
)
from almoner.linkage.quality_intervals import Estimate
from almoner.linkage.quality_reviews import ReviewQuality

DAY = dt.date(2026, 5, 1)
NUMBERS = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 500}


def reviews(decided: int) -> ReviewQuality:
    """Give what a sample tells after so many decisions."""
    found = Estimate(0.97, 0.95, 0.98, decided)
    return ReviewQuality(found, found, decided, 0, drawn=200, drawn_on=DAY)


def document() -> dict[str, Any]:
    """Give the document of a run that numbers measured."""
    base = quality_document(None, as_of=DAY)
    both = {"precision": NUMBERS, "recall": NUMBERS}
    return {**base, **both, "combined": both, "method": BY_NUMBERS, "why_not": ""}


def test_enough_decisions_speak_for_the_run_and_say_from_which_day() -> None:
    found = with_reviews(document(), reviews(100))
    assert found["precision"]["value"] == 0.97
    assert found["method"] == f"{BY_REVIEW}, drawn on 2026-05-01"
    assert in_short(found)["unit"] == "decided pairs"
    assert found["reviews"]["drawn"] == 200


def test_a_new_sample_without_decisions_gives_way_to_the_numbers_again() -> None:
    found = with_reviews(with_reviews(document(), reviews(150)), reviews(3))
    assert (found["precision"], found["method"], found["unit"]) == (NUMBERS, BY_NUMBERS, "people")
    assert found["reviews"]["decided"] == 3


def test_without_numbers_and_with_few_decisions_nothing_speaks() -> None:
    nothing = quality_document(None, as_of=DAY, why_not="there was not enough memory")
    few = with_reviews(nothing, reviews(3))
    assert (few["method"], few["precision"], few["why_not"]) == (NOT_MEASURED, None, "there was not enough memory")
    assert with_reviews(nothing, reviews(100))["precision"]["value"] == 0.97


def test_a_run_without_a_document_stays_without() -> None:
    assert with_reviews({}, reviews(100)) == {}
    assert with_reviews(document(), None) == document()
