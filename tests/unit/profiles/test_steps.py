"""The SQL against a slow second implementation, and against what it says that it reads."""

from __future__ import annotations

import re

import pytest
import sqlglot

from almoner.counting.counts import AGE_UNKNOWN, AREA, NO_HOUSEHOLD, NO_VALUE, OUTSIDE, UNDATED, UNPLACED
from almoner.kernel.errors import RegistryError
from almoner.profiles.steps import datasets_of, indicator_plan, survey_plan
from almoner.registry.measures import Count
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import INDICATORS, make_registry
from tests.unit.profiles.judge import tally

UC = {"fact": "involvement", "names": ["Universal Credit"]}
CRIME = {"fact": "event", "names": ["crime"]}
INCOME = {"fact": "attribute", "names": ["weekly_income"]}

COUNTS = {
    "residents": {"fact": "residents"},
    "residents of an age": {"fact": "residents", "ages": "16-64"},
    "households": {"fact": "households", "count": "households"},
    "households by way of residents": {"fact": "residents", "count": "households", "ages": "0-15"},
    "people ever involved": {**UC, "count": "persons"},
    "open involvements": {**UC, "open_only": True},
    "involved this year": {**UC, "months": 12, "count": "persons"},
    "households involved": {**UC, "count": "households"},
    "a detail": {**UC, "details": ["searching"], "ages": "18-24"},
    "every involvement": {"fact": "involvement"},
    "events": CRIME,
    "events this year": {**CRIME, "months": 12},
    "kinds of events": {**CRIME, "details": ["burglary"], "months": 12},
    "people with events": {**CRIME, "count": "persons", "ages": "0-40"},
    "a sum": {**CRIME, "count": "sum"},
    "a mean": {**INCOME, "count": "mean"},
    "people with an attribute": {**INCOME, "count": "persons"},
    "people with a value": {**INCOME, "details": ["unknown"], "count": "persons"},
}


def _rows(count: dict, seed: int) -> tuple[list[dict], dict[str, list[dict]]]:
    unit = "pounds" if count.get("count") == "mean" else "count"
    entry = {"title": "T", "topic": "T", "unit": unit, "definition": "D", "numerator": count}
    registry = make_registry({"it": entry})
    rows = borough_rows(seed, 400)
    plan = indicator_plan(registry.indicator["it"], registry, "lsoa21", AS_OF)
    return plan.rows(FakeGate(rows).run), rows


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", COUNTS)
def test_the_counts_are_those_of_the_judge(name: str, seed: int):
    got, rows = _rows(COUNTS[name], seed)
    count = Count.model_validate(COUNTS[name])
    expected = tally(rows, count)
    by_area = {(row["geography"], row["area_code"]): row for row in got if row["bucket"] == AREA}
    assert set(by_area) == set(expected)
    assert sum(number for number, _, _ in expected.values()) > 0, "a case that counts nothing proves nothing"
    for key, (number, amount, contributors) in expected.items():
        row = by_area[key]
        assert row["numerator"] == pytest.approx(amount if count.count in ("sum", "mean") else number)
        assert row["contributors"] == contributors
        assert row["denominator"] == (number if count.count == "mean" else None)


def test_a_sum_below_the_line_is_a_sum():
    entry = {
        **INDICATORS["visits"],
        "unit": "percent",
        "numerator": {**CRIME, "details": ["burglary"], "count": "sum"},
        "denominator": {**CRIME, "count": "sum"},
    }
    registry = make_registry({"it": entry})
    rows = borough_rows(1, 100)
    rows["fact.event"] = [{**row, "quantity": 2.5} for row in rows["fact.event"]]
    found = indicator_plan(registry.indicator["it"], registry, "lsoa21", AS_OF).rows(FakeGate(rows).run)
    place = next(row for row in found if row["area_code"] == "place")
    _, amount, people = tally(rows, registry.indicator["it"].denominator)["place", "place"]
    assert (place["denominator"], place["denominator_contributors"]) == (amount, people)
    assert 0 < place["numerator"] < amount


def test_every_row_lands_in_one_bucket():
    got, rows = _rows({"fact": "event", "names": ["crime"], "months": 12}, 1)
    inside = {"lsoa21": 0.0, "msoa21": 0.0, "ward23": 0.0}
    for row in got:
        if row["geography"] in inside:
            inside[row["geography"]] += row["numerator"]
    since = AS_OF.replace(year=AS_OF.year - 1)
    days = [row["happened_on"] for row in rows["fact.event"]]
    in_time = [day for day in days if day is None or since < day <= AS_OF]
    assert set(inside.values()) == {len(in_time)}
    buckets = {row["bucket"]: row["numerator"] for row in got if row["geography"] == "lsoa21" and not row["area_code"]}
    assert set(buckets) == {OUTSIDE, UNPLACED, UNDATED} and min(buckets.values()) > 0


@pytest.mark.parametrize(
    ("count", "bucket"),
    [
        ({"fact": "residents", "ages": "0-99"}, AGE_UNKNOWN),
        ({"fact": "attribute", "names": ["weekly_income"], "count": "mean"}, NO_VALUE),
        ({**UC, "count": "persons"}, UNPLACED),
        ({"fact": "households", "count": "households"}, NO_HOUSEHOLD),
    ],
)
def test_what_cannot_be_counted_is_counted_as_such(count: dict, bucket: str):
    got, _ = _rows(count, 1)
    left = [row for row in got if row["geography"] == "place" and row["bucket"] == bucket]
    assert len(left) == 1
    number = "denominator" if count.get("count") == "mean" else "numerator"
    assert left[0][number] > 0 and left[0]["area_code"] is None


def test_only_declared_areas_appear():
    got, _ = _rows({"fact": "residents"}, 1)
    codes = {row["area_code"] for row in got if row["bucket"] == AREA}
    assert len(codes) == 24 + 6 + 3 + 1
    assert not codes & {"L99", "M9", "W9"}


@pytest.mark.parametrize("name", INDICATORS)
def test_a_plan_reads_what_it_names_and_names_no_more(name: str):
    registry = make_registry()
    plan = indicator_plan(registry.indicator[name], registry, "lsoa21", AS_OF)
    plan.rows(FakeGate(borough_rows(1, 30)).run)  # a column that is not named would be missing here
    sql = "\n".join(step.sql for step in plan.steps)
    for view, columns in plan.reads.items():
        assert f'"{view}"' in sql
        for column in columns:
            assert re.search(rf"\b{column}\b", sql), f"{view}.{column} is asked for and not used"


def test_households_and_ages_are_asked_for_only_where_they_count():
    registry = make_registry()
    reads = indicator_plan(registry.indicator["population"], registry, "lsoa21", AS_OF).reads
    assert set(reads["spine.resident"]) == {"person_ref", "lsoa21_code", "msoa21_code", "ward23_code"}
    reads = indicator_plan(registry.indicator["deprivation"], registry, "lsoa21", AS_OF).reads
    assert all(view.startswith("open_data.") for view in reads), "an open figure needs nothing about people"


def test_a_plan_names_the_datasets_behind_it():
    registry = make_registry()
    assert datasets_of(registry.indicator["claimants"], registry) == ("benefits.claims",)
    assert datasets_of(registry.indicator["deprivation"], registry) == ("open_data.deprivation",)
    assert datasets_of(registry.indicator["population"], registry) == ()


@pytest.mark.parametrize("name", INDICATORS)
def test_the_steps_can_be_said_in_spark(name: str):
    registry = make_registry()
    for step in indicator_plan(registry.indicator[name], registry, "lsoa21", AS_OF).steps:
        said = sqlglot.transpile(step.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert len(said) == 1


def test_a_survey_asks_only_for_facts_that_count():
    registry = make_registry({"population": INDICATORS["population"]})
    assert survey_plan("event", registry) is None
    plan = survey_plan("event", make_registry())
    assert plan is not None
    assert plan.datasets == ("police.incidents", "fire.visits")
    found = plan.rows(FakeGate(borough_rows(1, 30)).run)
    assert [(row["name"], row["dataset"], row["as_of"]) for row in found] == [("crime", "police.incidents", AS_OF)]


def test_a_sum_of_what_has_no_amount_is_refused():
    entry = {**INDICATORS["visits"], "numerator": {**UC, "count": "sum"}}
    registry = make_registry({"it": entry})
    with pytest.raises(RegistryError, match="no amount"):
        indicator_plan(registry.indicator["it"], registry, "lsoa21", AS_OF)
