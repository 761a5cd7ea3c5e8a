"""What a publication says of the quality of its data: whom it covers, how old it is, and what is known to be lacking.

Every sentence may be published: it holds no count that is withheld in the review.
"""

from __future__ import annotations

from collections.abc import Iterable

from almoner.quality.page import day_text, percent_text
from almoner.quality.review import DatasetQuality, Review
from almoner.quality.wording import rule_words


def quality_statement(review: Review, datasets: Iterable[str]) -> tuple[str, ...]:
    """Write the data quality statement of figures that rest on these datasets ('source.dataset'), in sentences."""
    wanted = list(dict.fromkeys(datasets))
    known = {one.dataset.full_name: one for one in review.datasets}
    found: list[str] = []
    for name in wanted:
        found += _sentences(known[name]) if name in known else [f"Nothing is known of the quality of {name}."]
    return tuple(found)


def _sentences(one: DatasetQuality) -> list[str]:
    title, newest = one.dataset.title, one.punctuality.newest
    if newest is None:
        return [f"{title} ({one.source_title}): nothing has been received."]
    told = [f"{title} ({one.source_title}): as of {day_text(newest)}, sent {one.punctuality.cadence}."]
    if one.dataset.coverage:
        told.append(f"It covers: {one.dataset.coverage}.")
    if one.dataset.caveats:
        told.append(one.dataset.caveats.rstrip(".") + ".")
    measured = [score for score in one.scores if score.met_percent.value is not None]
    if measured:
        shares = ", ".join(f"{score.dimension} {percent_text(score.met_percent)}" for score in measured)
        told.append(f"Measured at the newest delivery: {shares}.")
    unmeasured = [score.dimension for score in one.scores if str(score.met_percent.marker) == "[x]"]
    if unmeasured:
        told.append(f"Not measured: {', '.join(unmeasured)}.")
    gaps = [rule_words(one.dataset, each.expectation) for each in one.outcomes
            if each.stand == "not met" and each.expectation.severity == "high"]  # fmt: skip
    if gaps:
        told.append(f"Known gaps: it is not always so that {'; that '.join(gaps)}.")
    return told
