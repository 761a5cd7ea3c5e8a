"""Measures over an invented town: what is counted, what is withheld, what is not there, and what the chart finds."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import pytest

from almoner.methods.cells import Marker
from almoner.methods.funnel import Place
from almoner.methods.spc import Assurance, Variation
from almoner.performance.build import build_scorecard
from almoner.performance.figures import MeasureFigures
from almoner.performance.wording import summary_of
from almoner.registry.performance import BenchmarkGroup, Measure
from tests.unit.performance.town import AS_OF, Town, calls, measure, months, registry, town


def built(place: Town, declared: Measure, group: BenchmarkGroup | None = None, **given: Any) -> MeasureFigures:
    made = dt.date(2026, 5, 10)
    scorecard = build_scorecard(place.run, registry(declared, group=group), [declared], AS_OF, made, **given)
    return scorecard.measures[0]


def values(entry: MeasureFigures) -> list[float | str]:
    return [str(point.value.marker) if point.value.value is None else point.value.value for point in entry.points]


STEADY = months("2025-05", 50, 52, 48, 51, 49, 53, 47, 50, 52, 48, 51, 50)


def test_counts_of_each_month_are_rounded():
    entry = built(town(event=calls(STEADY)), measure())
    assert values(entry) == [50, 50, 50, 50, 50, 55, 45, 50, 50, 50, 50, 50]
    assert [point.span.name for point in entry.points][::11] == ["2025-05", "2026-04"]
    assert entry.points[0].lower is not None and entry.points[0].lower < 50 < entry.points[0].upper


def test_small_months_are_withheld_and_true_zeros_are_zero():
    entry = built(town(event=calls(months("2025-05", 50, 3, 0, 4, 50, 50, 50, 50, 50, 50, 50, 50))), measure())
    assert values(entry)[:4] == [50, "[c]", 0, "[c]"]
    assert "2 periods are withheld [c], because the numbers are small." in summary_of(entry)


def test_months_before_the_source_holds_anything_are_not_zero():
    entry = built(town(event=calls(months("2025-11", 50, 50, 50, 50, 50, 50))), measure())
    assert values(entry)[:6] == ["[x]"] * 6 and values(entry)[6] == 50
    assert entry.points[0].value.reason == "the source holds nothing from so long ago"
    assert any("6 periods are without a figure" in said for said in summary_of(entry))


def test_a_month_of_which_no_delivery_came_is_not_zero_and_one_that_came_empty_is():
    rows = calls(months("2025-05", 50, 50, 50, 0, 50, 0, 50, 50, 50, 50, 50, 50))
    entry = built(town(event=rows), measure(), gaps={"services.calls": [dt.date(2025, 8, 1)]})
    assert values(entry)[3] == "[x]" and entry.points[3].value.reason == "a delivery was not received"
    assert values(entry)[5] == 0


def test_a_period_that_is_not_over_is_not_shown():
    entry = built(town(event=calls(STEADY)), measure(every="quarter", periods=4))
    assert entry.points[-1].span.name == "2026-Q1"


def test_a_denominator_of_zero_is_not_applicable():
    declared = measure(
        unit="percent", numerator={"fact": "event", "names": ["Call"]},
        denominator={"fact": "event", "names": ["Other call"]},
    )  # fmt: skip
    rows = [*calls(STEADY), *calls({month: 0 if month == "2025-07" else 100 for month in STEADY}, "Other call")]
    rows = [row for row in rows if row["kind"] != "Call" or row["happened_on"].month != 7]
    entry = built(town(event=rows), declared)
    assert values(entry)[2] == "[z]" and values(entry)[0] == 50.0


def test_more_than_all_is_no_percentage():
    declared = measure(
        unit="percent", numerator={"fact": "event", "names": ["Call"]},
        denominator={"fact": "event", "names": ["Other call"]},
    )  # fmt: skip
    rows = [*calls(STEADY), *calls(dict.fromkeys(STEADY, 20), "Other call")]
    assert set(values(built(town(event=rows), declared))) == {"[x]"}


def test_rates_are_made_of_rounded_counts():
    declared = measure(unit="per_1000", denominator={"fact": "residents", "count": "persons"})
    entry = built(town(event=calls(STEADY)), declared)
    assert values(entry)[5] == pytest.approx(55 / 300 * 1000, abs=0.05)
    assert "with the people who live here now" in " ".join(entry.caveats)


# ── what the chart finds ─────────────────────────────────────────────────────────────────────────────────────


def test_a_planted_shift_is_found_in_the_month_in_which_it_began():
    chance = random.Random(4)
    before, after = ([chance.randint(low, low + 12) for _ in range(12)] for low in (90, 140))
    entry = built(town(event=calls(months("2024-05", *before, *after))), measure(periods=24, good="low"))
    assert entry.analysis is not None and entry.analysis.variation is Variation.CONCERN_HIGH
    assert any("It began in May 2025." in said for said in summary_of(entry))


def test_a_declared_step_change_makes_the_limits_anew_and_says_why():
    chance = random.Random(4)
    before, after = ([chance.randint(low, low + 12) for _ in range(12)] for low in (90, 140))
    declared = measure(
        periods=24, good="low", step_changes=[{"on": dt.date(2025, 5, 1), "reason": "Calls by text are counted too"}]
    )
    entry = built(town(event=calls(months("2024-05", *before, *after))), declared)
    assert entry.analysis is not None and entry.analysis.variation is Variation.COMMON
    assert entry.analysis.chart.mean[0] < 110 < entry.analysis.chart.mean[-1]
    assert entry.points[12].step == "Calls by text are counted too" and not entry.points[11].step
    assert any("The limits were made anew from May 2025" in said for said in summary_of(entry))


def test_a_boundary_change_between_periods_counts_from_the_next_whole_one():
    declared = measure(step_changes=[{"on": dt.date(2025, 8, 15), "reason": "New wards"}])
    entry = built(town(event=calls(STEADY)), declared)
    assert [point.span.name for point in entry.points if point.step] == ["2025-09"]


def test_targets_change_on_their_day_and_the_newest_decides():
    declared = measure(
        good="low",
        targets=[
            {"value": 40, "starts_on": dt.date(2025, 1, 1), "source": "Plan"},
            {"value": 90, "starts_on": dt.date(2026, 4, 1), "source": "New plan"},
        ],
    )
    entry = built(town(event=calls(STEADY)), declared)
    assert [point.target for point in entry.points] == [40.0] * 11 + [90.0]
    assert entry.analysis is not None and entry.analysis.assurance is Assurance.PASS


def test_a_withheld_month_is_a_gap_in_the_chart():
    entry = built(town(event=calls(months("2025-05", 50, 50, 3, 50, 50, 50, 50, 50, 50, 50, 50, 50))), measure())
    assert entry.analysis is not None and np.isnan(entry.analysis.chart.values[2])


def test_too_few_figures_say_nothing():
    entry = built(town(event=calls(months("2026-01", 50, 60, 50, 60))), measure())
    assert entry.analysis is not None and entry.analysis.variation is Variation.UNKNOWN


# ── durations ────────────────────────────────────────────────────────────────────────────────────────────────


def answered(days: list[int], month: str = "2026-04") -> list[dict[str, Any]]:
    first = dt.date.fromisoformat(f"{month}-01")
    return [
        {"kind": "Call answered", "happened_on": first, "quantity": float(each), "person_ref": f"P{n:04d}"}
        for n, each in enumerate(days)
    ]


def test_a_median_of_days():
    rows = answered([1] * 6 + [5] * 5 + [30] * 9)
    entry = built(town(event=rows), measure(unit="days", duration={"event": "Call answered"}))
    assert values(entry)[-1] == 5.0 and entry.points[-1].denominator.value == 20


def test_a_median_of_few_is_withheld():
    rows = answered([3] * 9)
    entry = built(town(event=rows), measure(unit="days", duration={"event": "Call answered"}))
    assert entry.points[-1].value.marker is Marker.SUPPRESSED


def test_many_cases_of_few_people_are_withheld():
    rows = [{**row, "person_ref": f"P{n % 3:04d}"} for n, row in enumerate(answered([3] * 40))]
    entry = built(town(event=rows), measure(unit="days", duration={"event": "Call answered"}))
    assert entry.points[-1].value.marker is Marker.SUPPRESSED


def test_percent_within_so_many_days():
    rows = answered([2] * 30 + [10] * 10 + [11] * 60)
    entry = built(town(event=rows), measure(unit="percent", duration={"event": "Call answered", "within": 10}))
    assert values(entry)[-1] == 40.0 and entry.points[-1].numerator.value == 40


def test_impossible_durations_are_left_out():
    rows = answered([-3] * 10 + [5] * 20 + [5000] * 10)
    entry = built(town(event=rows), measure(unit="days", duration={"event": "Call answered"}))
    assert entry.points[-1].denominator.value == 20


def test_from_one_event_to_the_next_of_another_kind():
    rows = []
    for n in range(20):
        person = f"P{n:04d}"
        asked = dt.date(2026, 3, 10)
        rows.append({"kind": "Answer", "happened_on": asked - dt.timedelta(days=5), "person_ref": person})
        rows.append({"kind": "Request", "happened_on": asked, "person_ref": person})
        for later in (25 + n % 3, 90):
            rows.append({"kind": "Answer", "happened_on": asked + dt.timedelta(days=later), "person_ref": person})
    declared = measure(unit="days", duration={"start": ["Request"], "finish": ["Answer"]})
    entry = built(town(event=rows), declared)
    assert values(entry)[-1] == 26.0 and entry.points[-1].denominator.value == 20


# ── areas, groups, others ────────────────────────────────────────────────────────────────────────────────────

RATE = {"unit": "per_1000", "denominator": {"fact": "residents", "count": "persons"}}


def test_a_funnel_finds_the_ward_that_differs():
    rows = [*calls(STEADY), *calls(dict.fromkeys(STEADY, 8), ward_code="W2")]
    entry = built(town(event=rows), measure(funnel="ward", **RATE))
    assert entry.funnel is not None and entry.funnel.span.name == "12 months to 2026-04"
    places = {point.area.name: point.place for point in entry.funnel.points}
    assert places["Birch"] is Place.ABOVE_998 and places["Ash"] is not Place.ABOVE_998
    assert [point.area.name for point in entry.funnel.points] == ["Ash", "Birch", "Cedar"]


def test_what_stands_in_one_report_is_protected_together():
    """Eleven months and the year's total would give the small month away: so another one is withheld too."""
    numbers = months("2025-05", 3, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50)
    entry = built(town(event=calls(numbers)), measure(funnel="ward", **RATE))
    assert values(entry).count("[c]") >= 2 and values(entry)[0] == "[c]"


def test_groups_under_the_purpose_of_equality_with_unknown_as_a_line_of_its_own():
    place = town(event=calls(STEADY))
    for number, resident in enumerate(place.rows["spine.resident"][:60]):
        resident["sex"] = None if number % 4 == 1 else resident["sex"]
    entry = built(place, measure(cuts=("sex",), **RATE), equality=place.run)
    (found,) = entry.breakdowns
    assert [group.title for group in found.groups] == ["Women", "Men", "Not known"]
    assert all(group.value.value is not None for group in found.groups[:2])
    women = found.groups[0]
    assert women.ratio == pytest.approx(women.value.value / found.whole.value.value, rel=1e-3)
    assert women.ratio_lower < women.ratio < women.ratio_upper


def test_small_groups_are_withheld_and_another_with_them():
    rows = [row for row in calls(STEADY) if int(row["person_ref"][1:]) % 2 or row["happened_on"].day == 1]
    rows = [row for row in rows if int(row["person_ref"][1:]) % 2] + [
        r for r in rows if not int(r["person_ref"][1:]) % 2
    ][:3]
    place = town(event=rows)
    entry = built(place, measure(cuts=("sex",)), equality=place.run)
    women, men, unknown = entry.breakdowns[0].groups
    assert men.value.marker is Marker.SUPPRESSED and women.value.marker is Marker.SUPPRESSED
    assert unknown.value.value == 0


def test_no_groups_without_the_permit_for_them():
    assert built(town(event=calls(STEADY)), measure(cuts=("sex",), **RATE)).breakdowns == ()


def test_a_refused_breakdown_says_why_and_costs_nothing_else():
    place = town(event=calls(STEADY))
    refusing = Town(place.rows, refused=frozenset({"fact.event"}))
    entry = built(place, measure(cuts=("sex",), **RATE), equality=refusing.run)
    assert "not permitted" in entry.breakdowns[0].reason and entry.newest() is not None


def test_a_measure_that_may_not_be_read_says_why():
    place = Town(town(event=calls(STEADY)).rows, refused=frozenset({"fact.event"}))
    entry = built(place, measure())
    assert "not permitted" in entry.reason and set(values(entry)) == {"[x]"} and entry.analysis is None


def test_a_source_that_sent_nothing_is_named():
    entry = built(town(), measure(), unavailable={"services.calls": "nothing has been received"})
    assert entry.reason == "Services: Calls: nothing has been received"


GROUP = BenchmarkGroup(title="Neighbours", us="Here", members=("North", "South", "West"), source="Chosen by nobody")
BENCHMARK = {
    "dataset": "open_data.benchmarks", "group": "near", "council": "council", "period": "period", "value": "value",
    "lower": "lower", "upper": "upper",
}  # fmt: skip


def published(**figures: float | None) -> list[dict[str, Any]]:
    return [
        {
            "council": name,
            "period": "2024-25",
            "value": value,
            "lower": value and value - 1,
            "upper": value and value + 1,
        }
        for name, value in figures.items()
    ]


@pytest.mark.parametrize(
    ("ours", "good", "verdict"),
    [(15.0, "low", "worse"), (15.0, "high", "better"), (10.5, "low", "similar"), (5.0, "none", "lower")],
)
def test_beside_other_councils(ours: float, good: str, verdict: str):
    rows = published(Here=ours, North=8.0, South=10.0, West=13.0)
    entry = built(town(event=calls(STEADY), benchmarks=rows), measure(good=good, benchmark=BENCHMARK), GROUP)
    found = entry.comparison
    assert found is not None and (found.median, found.lowest, found.highest) == (10.0, 8.0, 13.0)
    assert found.verdict == verdict and found.difference == pytest.approx(ours - 10)


def test_a_period_that_few_have_published_is_not_compared():
    rows = [*published(Here=9.0, North=8.0, South=10.0, West=13.0),
            {"council": "North", "period": "2025-26", "value": 1.0}]  # fmt: skip
    entry = built(town(event=calls(STEADY), benchmarks=rows), measure(benchmark=BENCHMARK), GROUP)
    assert entry.comparison is not None and entry.comparison.period == "2024-25"


def test_no_published_figures_are_said_to_be_none():
    entry = built(town(event=calls(STEADY)), measure(benchmark=BENCHMARK), GROUP)
    assert entry.comparison is not None and entry.comparison.median is None and entry.comparison.reason
