"""Precision and recall from what people decided about a sample of pairs, by band of match probability.

The sample need not be spread like the pairs: each band counts by how many pairs it has, not by how many of them
were looked at. It takes tables and gives numbers; whose decisions they are, and why, is for others.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from almoner.kernel.errors import CalculationError
from almoner.linkage.quality_intervals import Estimate, mean, proportion, share_of_two

DECIDED = pa.schema(
    [
        pa.field("probability", pa.float64(), nullable=False),
        pa.field("linked", pa.bool_(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
    ]
)
"""One row per decided pair of the random sample: its match probability when it was drawn, whether its records were
one person then, and 'same' or 'different'. Pairs that were decided for another reason than having been drawn (the
most valuable questions first, a complaint) must be left out: they are no sample. Other verdicts count for nothing."""

SAMPLED = pa.schema(
    [
        pa.field("probability", pa.float64(), nullable=False),
        pa.field("linked", pa.bool_(), nullable=False),
        pa.field("inclusion", pa.float64(), nullable=False),
        pa.field("verdict", pa.string()),
    ]
)
"""One row per pair of the random sample, decided or not: as DECIDED, and the probability with which it was drawn."""

BANDS = pa.schema(
    [
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("linked", pa.bool_(), nullable=False),
        pa.field("pairs", pa.int64(), nullable=False),
    ]
)
"""One row per band, low ≤ probability < high (the last band holds 1), and how many pairs of the run are in it."""

EDGES = (0.0, 0.10, 0.50, 0.80, 0.95, 0.99, 0.999, 1.0)
"""Where bands end: at what is asked, what is taken weakly, what is taken firmly, and finer where most links are."""


@dataclass(frozen=True)
class ReviewQuality:
    """Precision and recall; None where no linked pair was decided on. unseen: bands with pairs but no decision.
    drawn, drawn_on: how many pairs the sample has, and its day."""

    precision: Estimate | None
    recall: Estimate | None
    decided: int
    unseen: int
    drawn: int = 0
    drawn_on: dt.date | None = None


def quality_of_sample(sampled: pa.Table, drawn_on: dt.date) -> ReviewQuality:
    """Estimate precision and recall of the run that a sample was drawn from: each pair stands for as many as it had to
    be drawn from. In: SAMPLED; the day of the draw. Raises: CalculationError where the table lacks a column."""
    _check(sampled, SAMPLED)
    decided = sampled.filter(pc.is_valid(sampled["verdict"])).select(DECIDED.names)
    found = quality_of_reviews(decided, bands_of(sampled))
    return replace(found, drawn=sampled.num_rows, drawn_on=drawn_on)


def bands_of(sampled: pa.Table) -> pa.Table:
    """Count by band the pairs that a sample stands for. In: SAMPLED. Out: BANDS."""
    sizes: dict[tuple[int, bool], float] = {}
    for row in sampled.to_pylist():
        key = (band_of(row["probability"]), row["linked"])
        sizes[key] = sizes.get(key, 0.0) + 1 / row["inclusion"]
    rows = [
        {"low": EDGES[band], "high": EDGES[band + 1], "linked": linked, "pairs": round(pairs)}
        for (band, linked), pairs in sorted(sizes.items())
    ]
    return pa.Table.from_pylist(rows, BANDS)


def band_of(probability: float) -> int:
    """Give the number of the band of a probability."""
    return max(place for place, edge in enumerate(EDGES[:-1]) if probability >= edge)


def quality_of_reviews(decided: pa.Table, bands: pa.Table) -> ReviewQuality:
    """Estimate precision and recall from a stratified sample of decided pairs.

    In: DECIDED, BANDS. A band in which nobody decided anything keeps the probability that the model gives it, with the
    interval of not knowing: 0 to 1. Recall is among the pairs that were compared and thought worth a question.
    Raises: CalculationError where a table lacks a column.
    """
    for table, shape in ((decided, DECIDED), (bands, BANDS)):
        _check(table, shape)
    rows = [row for row in decided.select(DECIDED.names).to_pylist() if row["verdict"] in ("same", "different")]
    strata: dict[bool, list[tuple[float, Estimate]]] = {True: [], False: []}
    unseen = 0
    for band in bands.to_pylist():
        top = band["high"] >= 1.0
        inside = [
            row["verdict"] == "same"
            for row in rows
            if row["linked"] == band["linked"]
            and band["low"] <= row["probability"]
            and (top or row["probability"] < band["high"])
        ]
        unseen += bool(band["pairs"]) and not inside
        found = proportion(sum(inside), len(inside), len(inside)) if inside else _unknown(band["low"], band["high"])
        strata[band["linked"]].append((band["pairs"], found))
    precision = mean(strata[True]) if any(part.n for _, part in strata[True]) else None
    if precision is None:
        return ReviewQuality(None, None, len(rows), unseen)
    linked = sum(pairs for pairs, _ in strata[True])
    right = (linked * precision.value, linked * precision.low, linked * precision.high)
    recall = share_of_two(right, _amount(strata[False]), len(rows))
    return ReviewQuality(precision, recall, len(rows), unseen)


def _check(table: pa.Table, shape: pa.Schema) -> None:
    if missing := [name for name in shape.names if name not in table.column_names]:
        raise CalculationError(f"The decisions lack {', '.join(missing)}.", where="review sample")


def _unknown(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, 0.0, 1.0, 0)


def _amount(strata: list[tuple[float, Estimate]]) -> tuple[float, float, float]:
    pairs = sum(size for size, _ in strata)
    if not pairs:
        return 0.0, 0.0, 0.0
    same = mean(strata)
    return pairs * same.value, pairs * same.low, pairs * same.high
