"""Measures each run's links without labels, as part of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almoner.kernel.errors import ResourceExhausted
from almoner.linkage import LinkOutcome, LinkSettings
from almoner.linkage.quality import measure_by_numbers
from almoner.linkage.quality_document import quality_document
from almoner.linkage.quality_reviews import ReviewQuality
from almoner.linkage.shapes import Decision


def measured_quality(
    mentions: pa.Table,
    outcome: LinkOutcome,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    seed: int,
    *,
    reviews: ReviewQuality | None = None,
) -> dict[str, Any]:
    """Measure a run and give its document. A run whose quality can't be measured for want of memory still stands.

    In: what linkage was given and gave; reviews = what people decided about a random sample, or None.
    """
    as_of = pc.max(mentions["as_of"]).as_py() if mentions.num_rows else None
    try:
        numbers = measure_by_numbers(mentions, outcome, decisions=decisions, settings=settings, seed=seed)
    except ResourceExhausted:
        return quality_document(None, reviews, as_of=as_of, why_not="there was not enough memory to link a part again")
    return quality_document(numbers, reviews, as_of=as_of)
