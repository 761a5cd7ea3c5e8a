"""The SQL against a slow second implementation, and against what it says that it reads."""

from __future__ import annotations

import re

import pytest
import sqlglot

from almoner.counting.areas import read_areas
from almoner.counting.asks import Ask
from almoner.counting.counts import AGE_UNKNOWN, AREA, ASK_COLUMNS, NO_HOUSEHOLD, NO_VALUE, OUTSIDE, UNDATED, UNPLACED
from almoner.counting.plans import Plan
from almoner.counting.spans import window
from almoner.kernel.errors import RegistryError
from almoner.profiles.steps import asked_of, count_plan, datasets_of, levels_of, open_plan, survey_plan
from almoner.registry.measures import Count
from almoner.registry.registry import Registry
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


def _plans(registry: Registry, names: list[str]) -> list[Plan]:
    """Plan what some indicators ask, kind by kind."""
    levels = levels_of(registry, read_areas(FakeGate(borough_rows(1, 30)).run, registry))
    plans = []
    for name in names:
        indicator = registry.indicator[name]
        if indicator.open_figure is not None:
            plans.append(open_plan(indicator.open_figure, registry, levels, [window(AS_OF, None)]))
        plans += [count_plan([ask], registry, levels) for ask in asked_of(indicator, AS_OF).all()]
    return plans


def _rows(count: dict, seed: int) -> tuple[list[dict], dict[str, list[dict]]]:
    registry = make_registry()
    rows = borough_rows(seed, 400)
    made = Count.model_validate(count)
    levels = levels_of(registry, read_areas(FakeGate(rows).run, registry))
    plan = count_plan([Ask(made, (window(AS_OF, made.months),))], registry, levels)
    return plan.rows(FakeGate(rows).run), rows


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", COUNTS)
def test_the_counts_are_those_of_the_judge(name: str, seed: int):
    got, rows = _rows(COUNTS[name], seed)
    count = Count.model_validate(COUNTS[name])
    expected = tally(rows, count)
    by_area = {(row["geography"], row["area_code"]): row for row in got if row["bucket"] == AREA}
    assert set(by_area) <= set(expected)
    assert sum(number for number, _, _ in expected.values()) > 0, "a case that counts nothing proves nothing"
    for key, (number, amount, contributors) in expected.items():
        row = by_area.get(key, {"number": 0, "amount": 0, "contributors": 0})
        assert (row["number"], row["contributors"]) == (number, contributors)
        assert row["amount"] == pytest.approx(amount)


@pytest.mark.parametrize("seed", [1, 2])
def test_questions_asked_together_have_the_answers_of_each_alone(seed: int):
    registry, rows = make_registry(), borough_rows(seed, 400)
    levels = levels_of(registry, read_areas(FakeGate(rows).run, registry))
    asks = [Ask(made, (window(AS_OF, made.months),)) for made in map(Count.model_validate, COUNTS.values())]
    together = count_plan(asks, registry, levels).rows(FakeGate(rows).run)
    for number, name in enumerate(COUNTS):
        alone, _ = _rows(COUNTS[name], seed)
        mine = [{**row, "ask": 0} for row in together if row["ask"] == number]
        key = lambda row: tuple(str(row[column]) for column in ASK_COLUMNS[:6])  # noqa: E731
        assert _near(sorted(mine, key=key)) == _near(sorted(alone, key=key)), name


def _near(rows: list[dict]) -> list[dict]:
    """Give rows with amounts to the penny: they are added up in another order."""
    return [{**row, "amount": round(row["amount"], 2)} for row in rows]


def test_every_row_lands_in_one_bucket():
    got, rows = _rows({"fact": "event", "names": ["crime"], "months": 12}, 1)
    inside = {"lsoa21": 0.0, "msoa21": 0.0, "ward23": 0.0}
    for row in got:
        if row["geography"] in inside:
            inside[row["geography"]] += row["number"]
    since = AS_OF.replace(year=AS_OF.year - 1)
    days = [row["happened_on"] for row in rows["fact.event"]]
    in_time = [day for day in days if day is None or since < day <= AS_OF]
    assert set(inside.values()) == {len(in_time)}
    buckets = {row["bucket"]: row["number"] for row in got if row["geography"] == "lsoa21" and not row["area_code"]}
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
    assert left[0]["number"] > 0 and left[0]["area_code"] is None


def test_only_declared_areas_appear():
    got, _ = _rows({"fact": "residents"}, 1)
    codes = {row["area_code"] for row in got if row["bucket"] == AREA}
    assert len(codes) == 24 + 6 + 3 + 1
    assert not codes & {"L99", "M9", "W9"}


@pytest.mark.parametrize("name", INDICATORS)
def test_a_plan_reads_what_it_names_and_names_no_more(name: str):
    registry = make_registry()
    for plan in _plans(registry, [name]):
        plan.rows(FakeGate(borough_rows(1, 30)).run)  # a column that is not named would be missing here
        sql = "\n".join(step.sql for step in plan.steps)
        for view, columns in plan.reads.items():
            assert f'"{view}"' in sql
            for column in columns:
                assert re.search(rf"\b{column}\b", sql), f"{view}.{column} is asked for and not used"


def test_households_and_ages_are_asked_for_only_where_they_count():
    registry = make_registry()
    (plan,) = _plans(registry, ["population"])
    assert set(plan.reads["spine.resident"]) == {"lsoa21_code", "msoa21_code", "ward23_code"}
    (plan,) = _plans(registry, ["deprivation"])
    assert all(view.startswith("open_data.") for view in plan.reads), "an open figure needs nothing about people"


def test_a_plan_names_the_datasets_behind_it():
    registry = make_registry()
    assert datasets_of(registry.indicator["claimants"], registry) == ("benefits.claims",)
    assert datasets_of(registry.indicator["deprivation"], registry) == ("open_data.deprivation",)
    assert datasets_of(registry.indicator["population"], registry) == ()


@pytest.mark.parametrize("name", INDICATORS)
def test_the_steps_can_be_said_in_spark(name: str):
    registry = make_registry()
    for step in [step for plan in _plans(registry, [name]) for step in plan.steps]:
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
    with pytest.raises(RegistryError, match="no amount"):
        _rows({**UC, "count": "sum"}, 1)
