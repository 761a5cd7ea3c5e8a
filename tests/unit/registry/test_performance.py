"""Declarations of measures: what is refused, what the shipped ones are, and that targets hold from their day."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from almoner.registry import check_registry, load_registry
from almoner.registry.check_performance import performance_findings
from almoner.registry.performance import BenchmarkGroup
from tests.unit.performance.town import measure, registry

ROOT = Path(__file__).resolve().parents[3]
STARTER = ROOT / "src" / "almoner" / "registry" / "starter"
MANCHESTER = ROOT / "examples" / "manchester" / "registry"

RATE = {"unit": "per_1000", "denominator": {"fact": "residents"}}


@pytest.mark.parametrize(
    "faulty",
    [
        {"unit": "percent"},
        {"unit": "days"},
        {"unit": "days", "duration": {"event": "Call answered", "within": 10}},
        {"unit": "percent", "duration": {"event": "Call answered"}},
        {"unit": "days", "duration": {"event": "Call answered", "involvement": "Support"}},
        {"unit": "days", "duration": {"start": ["Request"]}},
        {"targets": [{"value": 1, "starts_on": "2026-01-01", "source": "B"}, {"value": 2, "starts_on": "2025-01-01", "source": "A"}]},
        {"step_changes": [{"on": "2026-01-01", "reason": "A"}, {"on": "2026-01-01", "reason": "B"}]},
        {"periods": 1},
        {"owner": ""},
    ],
)  # fmt: skip
def test_what_makes_no_measure(faulty: dict[str, Any]):
    with pytest.raises(ValidationError):
        declared = {"name": "calls", **faulty}
        if faulty.get("unit") == "days" and "duration" not in faulty:
            declared["duration"] = {"event": "Call answered", "within": 3}
        measure(**declared)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"numerator": {"fact": "event", "names": ["Cal"]}}, "event 'Cal' is not declared"),
        ({"unit": "days", "duration": {"event": "Call answerd"}}, "event 'Call answerd' is not declared"),
        ({"unit": "days", "duration": {"involvement": "Suport"}}, "involvement 'Suport' is not declared"),
        ({"funnel": "wards", **RATE}, "geography 'wards' is not declared"),
        ({"funnel": "ward"}, "a funnel of what is no share or rate of counts"),
        ({"cuts": ["sexx"]}, "breakdown 'sexx' is not declared"),
        ({"unit": "days", "duration": {"event": "Call answered"}, "cuts": ["sex"]}, "a duration cut by groups"),
        ({"targets": [{"value": 1, "starts_on": "2026-01-01", "source": "Plan"}]}, "neither high nor low is good"),
        ({"numerator": {"fact": "event", "names": ["Call"], "count": "mean"}}, "a measure can't count a mean"),
        ({"numerator": {"fact": "event", "names": ["Call"], "months": 12}}, "months in a measure"),
        ({"benchmark": {"dataset": "open_data.benchmark", "group": "near", "council": "council", "period": "period",
                        "value": "value"}}, "dataset 'open_data.benchmark' is not declared"),
        ({"benchmark": {"dataset": "open_data.benchmarks", "group": "far", "council": "council", "period": "period",
                        "value": "figure"}}, "benchmark group 'far' is not declared"),
        ({"benchmark": {"dataset": "services.calls", "group": "near", "council": "id", "period": "id", "value": "id"}},
         "a benchmark that is not open data"),
    ],
)  # fmt: skip
def test_what_a_check_finds(declared: dict[str, Any], said: str):
    group = BenchmarkGroup(title="Near", us="Here", members=("North",), source="Nobody")
    found = list(performance_findings(registry(measure(**declared), group=group)))
    assert any(said in finding.what for finding in found)
    assert all(finding.why and finding.todo for finding in found)


def test_a_sound_measure_has_no_finding():
    assert (
        list(performance_findings(registry(measure(), measure(name="rate", funnel="ward", cuts=("sex",), **RATE))))
        == []
    )


def test_nobody_is_their_own_comparator():
    group = BenchmarkGroup(title="Near", us="Here", members=("Here", "North"), source="Nobody")
    (found,) = performance_findings(registry(measure(), group=group))
    assert "among its own comparators" in found.what


@pytest.mark.parametrize("folder", [STARTER, MANCHESTER], ids=["starter", "manchester"])
def test_the_shipped_measures_are_sound_and_name_owner_and_duty(folder: Path):
    assert check_registry(folder).faults == ()
    declared = load_registry(folder).measure
    assert len(declared) >= 15
    assert all(each.owner and each.serves and each.definition for each in declared.values())


def test_a_target_holds_from_its_day_to_the_next():
    declared = measure(
        good="high",
        targets=[
            {"value": 60, "starts_on": dt.date(2024, 4, 1), "source": "Old plan"},
            {"value": 75, "starts_on": dt.date(2026, 4, 1), "source": "New plan"},
        ],
    )
    held = [declared.target_on(day) for day in (dt.date(2024, 3, 31), dt.date(2026, 3, 31), dt.date(2026, 4, 1))]
    assert [each and each.value for each in held] == [None, 60, 75]


def test_the_neighbours_are_those_that_are_published(shared_data: Path):
    file = shared_data / "data" / "benchmarks" / "childrens_stat_neighbours.csv"
    with file.open(encoding="utf-8-sig", newline="") as opened:
        heads, *rows = csv.reader(opened)
    group = load_registry(MANCHESTER).benchmark_group["statistical_neighbours"]
    at = heads.index(group.us)
    assert list(group.members) == [row[at] for row in rows if row[at]]
