"""Quality without labels, judged by a borough whose truth is known: counts by brute force, intervals by what is true."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from almoner.linkage import LinkOutcome, LinkSettings, link
from almoner.linkage.evaluate import pairwise
from almoner.linkage.quality import NumberQuality, Quality, marked, measure_by_numbers, try_people
from almoner.linkage.quality_document import NOT_MEASURED, in_short, quality_document
from almoner.linkage.quality_intervals import Estimate
from almoner.linkage.quality_pairs import lay_out_records, numbered_pairs, unnumbered_pairs
from almoner.linkage.quality_reviews import ReviewQuality
from almoner.linkage.shapes import as_mentions
from almoner.linkage.steps import open_engine
from tests.unit.linkage.borough import Borough

SETTINGS = LinkSettings(memory="2GB", threads=1)
NUMBERS = ("nhs_number", "nino", "upn")


@pytest.fixture(scope="module")
def borough() -> Borough:
    return Borough(1500, 41)


@pytest.fixture(scope="module")
def linked(borough: Borough) -> LinkOutcome:
    return link(borough.table(), previous=None, decisions=(), settings=SETTINGS, seed=1)


@pytest.fixture(scope="module")
def measured(borough: Borough, linked: LinkOutcome) -> NumberQuality:
    return measure_by_numbers(borough.table(), linked, decisions=(), settings=SETTINGS, seed=1)


def person_of(outcome: LinkOutcome) -> dict[tuple[str, str], str]:
    rows = outcome.person_record.select(["dataset", "record_id", "person_id"]).to_pylist()
    return {(row["dataset"], row["record_id"]): row["person_id"] for row in rows}


def test_pairs_are_counted_as_a_slow_count_would() -> None:
    borough = Borough(120, 5)
    rows = as_mentions(borough.table()).to_pylist()
    found = {key: f"P{number // 2}" for key, number in borough.truth.items()}  # every two people are one: much is wrong
    keys = [(row["dataset"], row["record_id"]) for row in rows]
    records = pa.table(
        {"dataset": [k[0] for k in keys], "record_id": [k[1] for k in keys], "person_id": [found[k] for k in keys]}
    )
    nobody = pa.table(
        {
            "person_id": pa.array([], pa.string()),
            "date_of_birth": pa.array([], pa.date32()),
            "sex": pa.array([], pa.string()),
        }
    )
    with open_engine(SETTINGS) as engine:
        lay_out_records(engine, borough.table(), records, nobody)
        tally, unnumbered = numbered_pairs(engine)["all", ""], unnumbered_pairs(engine)
    right = wrong = missed = rest = 0
    for a, b in permutations(rows, 2):
        joined = found[a["dataset"], a["record_id"]] == found[b["dataset"], b["record_id"]]
        held = [name for name in NUMBERS if a[name] and b[name]]
        same = any(a[name] == b[name] for name in held)
        right += joined and same
        wrong += joined and bool(held) and not same
        missed += not joined and same
        rest += joined and not held
    assert (tally.right, tally.wrong, tally.missed) == (right, wrong, missed)
    assert wrong > 0 and right > 0
    assert sum(pairs for (who, _), pairs in unnumbered.items() if who == "all") == rest


def test_precision_is_covered_and_recall_is_never_made_out_better(
    borough: Borough, linked: LinkOutcome, measured: NumberQuality
) -> None:
    true = pairwise(person_of(linked), borough.truth)
    precision, recall = measured.combined.precision, measured.combined.recall
    assert precision is not None and recall is not None
    assert precision.low <= true.precision <= precision.high
    assert recall.low <= true.recall, "recall is claimed to be better than it is"
    assert true.recall - recall.value < 0.06, "held out, recall is understated; docs/reference/linkage-quality.md"
    assert precision.high - precision.low < 0.06 and recall.high - recall.low < 0.12, "an interval that says nothing"


def test_agreement_with_numbers_that_were_used_is_kinder_than_held_out(measured: NumberQuality) -> None:
    assert measured.as_linked.recall is not None and measured.held_out.recall is not None
    assert measured.as_linked.recall.value > measured.held_out.recall.value
    assert measured.as_linked.precision == Estimate(
        1.0, pytest.approx(1.0, abs=0.02), 1.0, measured.as_linked.precision.n
    )  # type: ignore[union-attr]


def test_it_is_measured_by_source_age_and_sex(measured: NumberQuality) -> None:
    names = {(each.by, each.name) for each in measured.groups}
    assert {("source", "health.patients"), ("source", "elections.register"), ("sex", "F"), ("age", "under 16")} <= names
    voters = next(each for each in measured.groups if each.name == "elections.register")
    assert voters.recall is not None, "a source without numbers is judged by records that stand in for its own"


def test_the_same_run_is_measured_the_same(borough: Borough, linked: LinkOutcome, measured: NumberQuality) -> None:
    assert measure_by_numbers(borough.table(), linked, decisions=(), settings=SETTINGS, seed=1) == measured


def test_people_torn_apart_are_seen(borough: Borough, linked: LinkOutcome) -> None:
    torn = pc.binary_join_element_wise(linked.person_record["person_id"], linked.person_record["dataset"], "")
    place = linked.person_record.column_names.index("person_id")
    worse = replace(linked, person_record=linked.person_record.set_column(place, "person_id", torn))
    found = measure_by_numbers(borough.table(), worse, decisions=(), settings=SETTINGS, seed=1)
    assert found.as_linked.recall is not None
    assert found.as_linked.recall.high < 0.6


def test_without_numbers_nothing_is_claimed(borough: Borough) -> None:
    rows = [{**row, **dict.fromkeys(NUMBERS)} for row in borough.rows[:400]]
    table = pa.Table.from_pylist(rows, borough.table().schema)
    outcome = link(table, previous=None, decisions=(), settings=SETTINGS, seed=1)
    found = measure_by_numbers(table, outcome, decisions=(), settings=SETTINGS, seed=1)
    assert (found.combined.precision, found.combined.recall, found.tried_mentions) == (None, None, 0)
    short = in_short(quality_document(found, as_of=found.as_of))
    assert (short["precision"], short["recall"], short["method"], short["n"]) == (None, None, NOT_MEASURED, 0)


def test_a_document_names_nobody(borough: Borough, linked: LinkOutcome, measured: NumberQuality) -> None:
    document = json.dumps(quality_document(measured, as_of=measured.as_of))
    values = {row[name] for row in borough.rows for name in ("record_id", *NUMBERS) if row[name]}
    values |= set(linked.person_record["person_id"].to_pylist())
    assert not [value for value in values if value in document]


def test_each_tested_person_is_given_once(borough: Borough, linked: LinkOutcome) -> None:
    model: dict[str, Any] = {"decisions": (), "settings": SETTINGS, "seed": 1}
    people = try_people(
        borough.table(), linked.person_record, linked.person, linked.model_json, datasets={"health.patients"}, **model
    )
    assert people.num_rows > 50
    assert set(people["dataset"].to_pylist()) == {"health.patients"}
    assert len(set(people["row_id"].to_pylist())) == people.num_rows
    right, missed = sum(people["right_pairs"].to_pylist()), sum(people["missed_pairs"].to_pylist())
    assert right > 10 * missed > 0


@pytest.mark.parametrize(
    ("ours", "below"),
    [
        (Quality("sex", "F", Estimate(0.9, 0.85, 0.94, 50), Estimate(0.9, 0.8, 0.97, 50)), ("precision",)),
        (Quality("sex", "F", Estimate(0.9, 0.85, 0.96, 50), Estimate(0.5, 0.4, 0.6, 50)), ("recall",)),
        (Quality("sex", "F", None, None), ()),
    ],
)
def test_a_group_whose_interval_lies_below_is_marked(ours: Quality, below: tuple[str, ...]) -> None:
    everybody = Quality("all", "all", Estimate(0.95, 0.94, 0.96, 900), Estimate(0.95, 0.94, 0.96, 900))
    assert marked(ours, everybody).below == below


def test_enough_decisions_speak_before_numbers(measured: NumberQuality) -> None:
    estimate = Estimate(0.97, 0.95, 0.98, 200)
    few, many = (ReviewQuality(estimate, estimate, n, 0) for n in (99, 100))
    assert quality_document(measured, few, as_of=None)["precision"]["value"] != 0.97
    assert quality_document(measured, many, as_of=None)["precision"]["value"] == 0.97
