"""The records behind a figure: as many as were counted, each with the reason; never for a permit that sees counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from almoner.counting.spans import spans_ending
from almoner.kernel.errors import AccessRefused, UsageError
from almoner.performance.build import build_scorecard
from almoner.performance.protection import Exact
from almoner.performance.records import CountedRecord, records_of
from almoner.registry.performance import Measure
from tests.unit.performance.town import AS_OF, Town, calls, measure, months, registry, town

LAST = spans_ending(AS_OF, "month", 12)[-1]
STEADY = months("2025-05", 50, 52, 48, 51, 49, 53, 47, 50, 52, 48, 51, 57)


def exact_of(place: Town, declared: Measure) -> Exact:
    told: list[Exact] = []
    build_scorecard(
        place.run, registry(declared), [declared], AS_OF, AS_OF, witness=lambda _, spans, exact: told.append(exact)
    )
    return told[0]


def behind(place: Town, declared: Measure, **given: Any) -> list[CountedRecord]:
    sees = Town(place.rows, sees_records=True)
    return records_of(sees.run, declared, registry(declared), "ward", given.pop("span", LAST), **given)


SUPPORT = [
    {
        "person_ref": f"P{n:04d}", "service": "Support", "starts_on": dt.date(2025, 1, 1) + dt.timedelta(days=n),
        "ends_on": None if n % 3 else dt.date(2026, 2, 1) + dt.timedelta(days=n),
    }
    for n in range(120)
]  # fmt: skip

DECLARED = {
    "events": measure(),
    "events of some ages": measure(numerator={"fact": "event", "names": ["Call"], "ages": "18-40"}),
    "people with events": measure(numerator={"fact": "event", "names": ["Call"], "count": "persons"}),
    "open involvements": measure(numerator={"fact": "involvement", "names": ["Support"], "open_only": True}),
    "involvements in the month": measure(numerator={"fact": "involvement", "names": ["Support"]}),
    "events that took days": measure(unit="percent", duration={"event": "Call answered", "within": 10}),
    "involvements that ended": measure(unit="percent", duration={"involvement": "Support", "within": 500}),
}


@pytest.mark.parametrize("name", DECLARED)
def test_as_many_records_as_were_counted(name: str):
    declared = DECLARED[name]
    outside = calls({"2026-04": 9}, ward_code="W99")
    answers = calls({"2026-04": 40}, "Call answered")
    for number, row in enumerate(answers):
        row["quantity"] = float(number)
    place = town(event=[*calls(STEADY), *outside, *answers], involvement=SUPPORT)
    exact, found = exact_of(place, declared), behind(place, declared)
    people = declared.numerator is not None and declared.numerator.count == "persons"
    number = len({each.person_ref for each in found}) if people else len(found)
    assert number == exact.numerator[-1] > 0
    assert all(each.why and each.dataset == "services.calls" for each in found)
    assert len({each.row_id for each in found}) == len(found)


def test_the_denominator_has_records_too():
    declared = DECLARED["events that took days"]
    answers = calls({"2026-04": 40}, "Call answered", quantity=20.0)
    place = town(event=answers)
    exact = exact_of(place, declared)
    assert exact.denominator is not None
    assert len(behind(place, declared, part="denominator")) == exact.denominator[-1] == 40
    assert behind(place, declared) == [] and exact.numerator[-1] == 0


def test_a_permit_for_counts_gives_no_records():
    place = town(event=calls(STEADY))
    with pytest.raises(AccessRefused):
        records_of(place.run, measure(), registry(measure()), "ward", LAST)


def test_a_list_of_everybody_is_not_what_stands_behind_a_figure():
    declared = measure(unit="per_1000", denominator={"fact": "residents", "count": "persons"})
    with pytest.raises(UsageError):
        behind(town(event=calls(STEADY)), declared, part="denominator")


def test_exact_counts_of_a_month_without_delivery_are_told_as_missing():
    place = town(event=calls(STEADY))
    told: list[Exact] = []
    declared = measure()
    scorecard = build_scorecard(
        place.run, registry(declared), [declared], AS_OF, AS_OF,
        gaps={"services.calls": [dt.date(2025, 8, 1)]}, witness=lambda _, spans, exact: told.append(exact),
    )  # fmt: skip
    assert scorecard.measures[0].points[3].value.value is None and np.isfinite(told[0].numerator[4])
