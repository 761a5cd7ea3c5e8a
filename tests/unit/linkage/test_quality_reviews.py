"""Precision and recall from decided pairs: against a full count, and as often right as the interval says."""

from __future__ import annotations

import datetime as dt
from random import Random

import pyarrow as pa
import pytest

from almoner.kernel.errors import CalculationError
from almoner.linkage.quality_reviews import (
    BANDS,
    DECIDED,
    EDGES,
    SAMPLED,
    band_of,
    bands_of,
    quality_of_reviews,
    quality_of_sample,
)

DAY = dt.date(2026, 5, 1)


def decided(*rows: tuple[float, bool, str]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(DECIDED.names, row, strict=True)) for row in rows], DECIDED)


def bands(*rows: tuple[float, float, bool, int]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(BANDS.names, row, strict=True)) for row in rows], BANDS)


def population(seed: int) -> list[tuple[float, bool, str]]:
    """Every pair of an imagined run: linked from 0.95, and truly the same about as often as the model says."""
    random = Random(seed)
    pairs = []
    for _ in range(6000):
        probability = random.choice((random.uniform(0.1, 0.95), random.uniform(0.95, 1.0), random.uniform(0.99, 1.0)))
        same = random.random() < probability * 0.98
        pairs.append((probability, probability >= 0.95, "same" if same else "different"))
    return pairs


def sizes(pairs: list[tuple[float, bool, str]]) -> pa.Table:
    counted: dict[tuple[int, bool], int] = {}
    for probability, linked, _ in pairs:
        counted[band_of(probability), linked] = counted.get((band_of(probability), linked), 0) + 1
    return bands(*((EDGES[b], EDGES[b + 1], linked, n) for (b, linked), n in sorted(counted.items())))


def truth(pairs: list[tuple[float, bool, str]]) -> tuple[float, float]:
    right = sum(linked and verdict == "same" for _, linked, verdict in pairs)
    linked_pairs = sum(linked for _, linked, _ in pairs)
    return right / linked_pairs, right / sum(verdict == "same" for *_, verdict in pairs)


def test_deciding_everything_gives_the_full_count() -> None:
    pairs = population(1)
    found = quality_of_reviews(decided(*pairs), sizes(pairs))
    assert found.precision is not None and found.recall is not None
    assert (found.precision.value, found.recall.value) == pytest.approx(truth(pairs))
    assert found.decided == 6000 and found.unseen == 0


def test_bands_count_by_their_pairs_not_by_their_decisions() -> None:
    sample = decided(*[(0.96, True, "different")] * 10, *[(0.9999, True, "same")] * 2)
    found = quality_of_reviews(sample, bands((0.95, 0.99, True, 10), (0.999, 1.0, True, 990)))
    assert found.precision is not None
    assert found.precision.value == pytest.approx(0.99)


def test_samples_cover_the_truth_as_often_as_they_say() -> None:
    pairs = population(2)
    table, random, wanted = sizes(pairs), Random(3), truth(pairs)
    hits = [0, 0]
    for _ in range(120):
        sample = []
        for band in table.to_pylist():
            of_band = [each for each in pairs if each[1] == band["linked"] and band["low"] <= each[0] < band["high"]]
            sample += random.sample(of_band, min(40, len(of_band)))
        found = quality_of_reviews(decided(*sample), table)
        assert found.precision is not None and found.recall is not None
        for place, estimate in enumerate((found.precision, found.recall)):
            hits[place] += estimate.low <= wanted[place] <= estimate.high
    assert min(hits) >= 108, "a 95% interval covers nine times in ten at the least over 120 samples"


def test_a_band_that_nobody_saw_widens_the_interval() -> None:
    sample = decided(*[(0.9999, True, "same")] * 50)
    sure = quality_of_reviews(sample, bands((0.999, 1.0, True, 900)))
    unsure = quality_of_reviews(sample, bands((0.999, 1.0, True, 900), (0.95, 0.99, True, 100)))
    assert sure.precision is not None and unsure.precision is not None
    assert (sure.unseen, unsure.unseen) == (0, 1)
    assert unsure.precision.low < sure.precision.low


def test_without_decisions_on_links_nothing_is_said() -> None:
    found = quality_of_reviews(decided((0.5, False, "same")), bands((0.95, 1.0, True, 9), (0.5, 0.8, False, 3)))
    assert (found.precision, found.recall) == (None, None)
    assert quality_of_reviews(decided((0.97, True, "unsure")), bands((0.95, 1.0, True, 9))).decided == 0


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(CalculationError, match="verdict"):
        quality_of_reviews(decided().drop_columns(["verdict"]), bands())


def test_each_sampled_pair_stands_for_as_many_as_it_was_drawn_from() -> None:
    rows = [
        *[{"probability": 0.9999, "linked": True, "inclusion": 0.01, "verdict": "same"}] * 8,
        *[{"probability": 0.9999, "linked": True, "inclusion": 0.01, "verdict": None}] * 2,
        *[{"probability": 0.97, "linked": True, "inclusion": 1.0, "verdict": "different"}] * 10,
        *[{"probability": 0.6, "linked": False, "inclusion": 0.5, "verdict": "same"}] * 5,
    ]
    sample = pa.Table.from_pylist(rows, SAMPLED)
    assert [tuple(row.values()) for row in bands_of(sample).to_pylist()] == [
        (0.5, 0.8, False, 10), (0.95, 0.99, True, 10), (0.999, 1.0, True, 1000),
    ]  # fmt: skip
    found = quality_of_sample(sample, DAY)
    assert found.precision is not None and found.recall is not None
    assert found.precision.value == pytest.approx(1000 / 1010)
    assert found.recall.value == pytest.approx(1000 / 1010)
    assert (found.decided, found.drawn, found.drawn_on, found.unseen) == (23, 25, DAY, 0)
    with pytest.raises(CalculationError, match="inclusion"):
        quality_of_sample(sample.drop_columns(["inclusion"]), DAY)
