"""From exact counts to figures: what is withheld, what is rounded, and what each marker stands for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almoner.counting.areas import Area, Areas, groups_of, read_areas
from almoner.methods import rates
from almoner.methods.cells import Marker
from almoner.methods.disclosure.primary import RULE
from almoner.methods.disclosure.secondary import feasible_ranges
from almoner.profiles.figures import Figure
from almoner.profiles.protection import Exact, decimals_of, figures_of, published_areas
from almoner.registry.measures import Count, Indicator
from tests.unit.profiles.borough import FakeGate, geography_rows
from tests.unit.profiles.declared import make_registry

AREAS: Areas = read_areas(FakeGate(geography_rows()).run, make_registry())


def _indicator(unit: str, denominator: bool = True, **count: str) -> Indicator:
    below = {"denominator": {"fact": "residents"}} if denominator else {}
    return Indicator.model_validate(
        {
            "name": "it",
            "title": "T",
            "topic": "T",
            "unit": unit,
            "definition": "D",
            "numerator": {"fact": "event", "names": ["x"], **count},
            "geographies": ["ward23", "msoa21", "lsoa21"],
            **below,
        }
    )


def _one(
    unit: str, numerator: float, denominator: float = math.nan, people: float | None = None, **count: str
) -> Figure:
    """Make the figure of a single area that is part of no sum."""
    people = numerator if people is None else people
    columns = (np.array([number]) for number in (numerator, denominator, people, denominator))
    one = Exact((Area("ward23", "W0", "Oakfield"),), *columns)
    return figures_of(_indicator(unit, not math.isnan(denominator), **count), one, [], RULE)[0]


def test_a_rate_is_made_of_rounded_counts_and_so_is_its_interval():
    figure = _one("per_1000", 23, 1012)
    assert figure.numerator.value == 25 and figure.denominator.value == 1010
    assert figure.value.value == round(25 / 1010 * 1000, 1)
    low, high = rates.rate_interval([25], [1010])
    assert (figure.lower, figure.upper) == (round(low[0], 1), round(high[0], 1))


def test_a_percentage_has_wilson_limits():
    figure = _one("percent", 30, 100)
    assert (figure.value.value, figure.lower, figure.upper) == (30.0, 21.9, 39.6)


@pytest.mark.parametrize(
    ("unit", "numerator", "denominator", "marker"),
    [
        ("percent", 3, 100, Marker.SUPPRESSED),
        ("percent", 0, 4, Marker.SUPPRESSED),
        ("percent", 97, 100, Marker.SUPPRESSED),
        ("percent", 0, 0, Marker.NOT_APPLICABLE),
        ("percent", 60, 50, Marker.NOT_AVAILABLE),
        ("per_1000", 60, 50, Marker.VALUE),
        ("per_1000", 5, 400_000, Marker.LOW),
        ("percent", 0, 100, Marker.VALUE),
    ],
)
def test_what_stands_for_a_value(unit: str, numerator: float, denominator: float, marker: Marker):
    figure = _one(unit, numerator, denominator)
    assert figure.value.marker is marker
    if marker is not Marker.VALUE:
        assert figure.value.value is None and figure.lower is None and figure.upper is None


def test_few_people_behind_many_events_are_withheld():
    assert _one("count", 30, people=2).value.marker is Marker.SUPPRESSED
    assert _one("count", 30, people=20).value.value == 30


def test_a_count_of_events_has_byars_limits_and_a_count_of_residents_none():
    assert _one("count", 65).lower == 50
    assert _one("count", 65, fact="residents").lower is None


def test_a_mean_is_shown_only_if_enough_stand_behind_it():
    assert _one("pounds", 900.0, 4, people=4, fact="attribute", count="mean").value.marker is Marker.SUPPRESSED
    figure = _one("pounds", 1000.0, 7, people=7, fact="attribute", count="mean")
    assert figure.value.value == 143 and figure.numerator.value is None and figure.denominator.value == 5
    assert _one("pounds", 0.0, 0, people=0, fact="attribute", count="mean").value.marker is Marker.NOT_APPLICABLE


def test_a_sum_is_withheld_by_the_people_behind_it():
    assert _one("pounds", 5000.0, people=3, fact="attribute", count="sum").value.marker is Marker.SUPPRESSED
    figure = _one("pounds", -5003.0, people=30, fact="attribute", count="sum")
    assert figure.value.value == -5005 and figure.lower is None


@pytest.mark.parametrize(
    ("values", "decimals"),
    [([3, 7, 10], 0), ([0.12, 0.5], 3), ([-1.9, 2.2], 2), ([12.5, 60.25], 1), ([math.nan], 1)],
)
def test_a_published_score_has_the_decimals_that_its_size_asks_for(values: list[float], decimals: int):
    published = make_registry().indicator["deprivation"]
    none = np.full(len(values) + 1, math.nan)
    listed = tuple(Area("lsoa21", str(n), str(n)) for n in range(len(values) + 1))
    exact = Exact(listed, np.array([5.55, *values]), none, none, none)
    assert decimals_of(published, exact) == decimals
    for figure, value in zip(figures_of(published, exact, [], RULE)[1:], values, strict=True):
        assert figure.value.value == round(value, decimals) or math.isnan(value)


def test_a_percentage_of_sums_is_protected_above_and_below():
    sums = {"fact": "event", "names": ["possible"], "count": "sum"}
    indicator = _indicator("percent", count="sum").model_copy(update={"denominator": Count.model_validate(sums)})
    columns = (np.array([number]) for number in (52.0, 1003.0, 9.0, 3.0))
    one = Exact((Area("ward23", "W0", "Oakfield"),), *columns)
    assert figures_of(indicator, one, [], RULE)[0].value.marker is Marker.SUPPRESSED
    columns = (np.array([number]) for number in (52.0, 1003.0, 9.0, 30.0))
    figure = figures_of(indicator, Exact(one.areas, *columns), [], RULE)[0]
    assert figure.value.value == round(50 / 1005 * 100, 1) and figure.lower is None


def test_the_sums_that_anybody_can_do():
    listed = published_areas(_indicator("count", False), AREAS)
    index = {(area.geography, area.code): n for n, area in enumerate(listed)}
    found = {(group.total, frozenset(group.parts)) for group in groups_of(listed, AREAS)}
    wards = frozenset(index["ward23", code] for code in ("W0", "W1", "W2"))
    middle = frozenset(index["msoa21", f"M{n}"] for n in range(6))
    assert (0, wards) in found and (0, middle) in found
    assert (index["msoa21", "M2"], frozenset(index["lsoa21", f"L{n:02d}"] for n in range(8, 12))) in found
    assert len(found) == 2 + 6


def test_small_areas_without_their_middle_areas_are_parts_of_the_place():
    indicator = _indicator("count", False).model_copy(update={"geographies": ("lsoa21",)})
    listed = published_areas(indicator, AREAS)
    groups = groups_of(listed, AREAS)
    assert [(group.total, len(group.parts)) for group in groups] == [(0, 24)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 6), st.integers(0, 80)), min_size=24, max_size=24))
def test_no_withheld_count_can_be_worked_out_from_the_figures(counts: list[int]):
    small = {f"L{n:02d}": count for n, count in enumerate(counts)}
    rows = {("lsoa21", code): count for code, count in small.items()}
    for code, count in small.items():
        for level, around in AREAS.parent["lsoa21", code].items():
            rows[level, around] = rows.get((level, around), 0) + count
    rows["place", "place"] = sum(counts)
    indicator = _indicator("count", False)
    listed = published_areas(indicator, AREAS)
    groups = groups_of(listed, AREAS)
    numbers = np.array([float(rows.get((area.geography, area.code), 0)) for area in listed])
    none = np.full(len(listed), math.nan)
    exact = Exact(listed, numbers, none, numbers, none)
    figures = figures_of(indicator, exact, groups, RULE)
    withheld = np.array([figure.value.marker is Marker.SUPPRESSED for figure in figures])
    low, high = feasible_ranges(exact.numerator, withheld, groups)
    for n, figure in enumerate(figures):
        if 1 <= exact.numerator[n] <= 4:
            assert withheld[n] and high[n] - low[n] >= 4
        if not withheld[n]:
            assert figure.value.value is not None and figure.value.value % 5 == 0
