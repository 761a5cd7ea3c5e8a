"""Which areas appear, how they lie in one another, and how open figures get from one set to another."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from almoner.counting.areas import read_areas
from almoner.counting.counts import AREA
from almoner.kernel.errors import RegistryError
from almoner.profiles.steps import indicator_plan
from almoner.registry.measures import AreaNames, OpenFigure
from almoner.registry.registry import Registry
from tests.unit.profiles.borough import AS_OF, FakeGate, geography_rows
from tests.unit.profiles.declared import INDICATORS, make_registry


def _without_outlines(registry: Registry, *names: str) -> Registry:
    geographies = {
        name: geography.model_copy(update={"boundaries": None}) if name in names else geography
        for name, geography in registry.geography.items()
    }
    return registry.model_copy(update={"geography": geographies})


def test_areas_are_those_of_the_outlines_in_alphabetical_order():
    areas = read_areas(FakeGate(geography_rows()).run, make_registry())
    assert [area.name for area in areas.of["ward23"]] == ["Beech <Park>", "Cedar", "Oakfield & Mere"]
    assert {name: len(listed) for name, listed in areas.of.items()} == {
        "ward23": 3,
        "msoa21": 6,
        "lsoa21": 24,
    }
    assert areas.base == "lsoa21" and areas.coarse_to_fine() == ["ward23", "msoa21", "lsoa21"]


def test_small_areas_nest_in_middle_areas_and_not_in_wards():
    areas = read_areas(FakeGate(geography_rows()).run, make_registry())
    assert areas.nested == {"lsoa21": ("msoa21",)}
    assert areas.parent["lsoa21", "L09"]["msoa21"] == "M2"
    assert areas.parent["lsoa21", "L08"]["ward23"] == "W1", "the ward of most of its postcodes"


def test_a_misplaced_postcode_does_not_hide_that_areas_nest():
    rows = geography_rows()
    rows["open_data.postcodes"][0] = {**rows["open_data.postcodes"][0], "msoa21_code": "M5"}
    assert read_areas(FakeGate(rows).run, make_registry()).nested == {"lsoa21": ("msoa21",)}


def test_without_outlines_areas_are_those_that_lie_mostly_within_the_place():
    rows = geography_rows()
    rows["open_data.postcodes"].append(
        {"postcode": "M0 9ZZ", "lsoa21_code": "L00", "msoa21_code": "M0", "ward23_code": "W9"}
    )
    areas = read_areas(FakeGate(rows).run, _without_outlines(make_registry(), "ward23"))
    assert [area.code for area in areas.of["ward23"]] == ["W0", "W1", "W2"], "half of W9 is inside: not most of it"
    assert areas.of["ward23"][0].name == "W0"


def test_a_place_without_any_area_has_no_profile():
    rows = {**geography_rows(), "open_data.lsoas": [], "open_data.msoas": [], "open_data.wards": []}
    with pytest.raises(RegistryError, match="No area is known"):
        read_areas(FakeGate(rows).run, make_registry())


def test_areas_have_the_names_that_people_use_where_somebody_named_them():
    registry = make_registry()
    names = AreaNames(dataset="open_data.names", code="code", area_name="name")
    for boundaries in (registry.geography["msoa21"].boundaries, None):
        middle = registry.geography["msoa21"].model_copy(update={"names": names, "boundaries": boundaries})
        named = registry.model_copy(update={"geography": {**registry.geography, "msoa21": middle}})
        areas = read_areas(FakeGate(geography_rows()).run, named).of["msoa21"]
        shown = {area.code: area.name for area in areas}
        assert shown["M1"] == "Mill Brow"
        assert shown["M2"] == ("Middle 2" if boundaries else "M2"), "the name of the boundaries, else the code"
        assert len(areas) == 6


def _open_rows(combine: str) -> dict[tuple[str, str], float | None]:
    return _figures({**INDICATORS["deprivation"]["open_figure"], "combine": combine})


def _figures(figure: dict[str, Any]) -> dict[tuple[str, str], float | None]:
    registry = make_registry({"it": {**INDICATORS["deprivation"], "open_figure": figure}})
    plan = indicator_plan(registry.indicator["it"], registry, "lsoa21", AS_OF)
    rows = plan.rows(FakeGate(geography_rows()).run)
    return {(row["geography"], row["area_code"]): row["numerator"] for row in rows if row["bucket"] == AREA}


def test_a_published_mean_is_weighted_by_postcodes():
    found = _open_rows("mean")
    assert found["lsoa21", "L03"] == 13.0
    assert found["msoa21", "M0"] == pytest.approx((10 + 11 + 12 + 13) / 4)
    assert found["msoa21", "M1"] == pytest.approx((14 + 15 + 16) / 3), "L07 has no figure: it counts for nothing"
    # W0 has all of L00 to L07 and one postcode in four of L08.
    assert found["ward23", "W0"] == pytest.approx((4 * (10 + 11 + 12 + 13 + 14 + 15 + 16) + 18) / 29)


def test_a_published_sum_is_shared_out_and_stays_whole():
    found = _open_rows("sum")
    whole = sum(10.0 + number for number in range(24) if number != 7)
    assert found["place", "place"] == pytest.approx(whole)
    for geography in ("lsoa21", "msoa21", "ward23"):
        assert sum(v for (level, _), v in found.items() if level == geography and v) == pytest.approx(whole)
    assert found["ward23", "W0"] == pytest.approx(10 + 11 + 12 + 13 + 14 + 15 + 16 + 18 / 4)


def test_an_area_without_a_figure_has_none_and_not_zero():
    for combine in ("mean", "sum"):
        assert _open_rows(combine)["lsoa21", "L07"] is None


CRIMES = {"dataset": "open_data.crimes", "code": "code", "geography": "lsoa21", "combine": "count"}


def test_rows_of_the_newest_months_are_counted():
    found = _figures({**CRIMES, "date": "month", "months": 12, "where": {"kind": "burglary"}})
    assert found["lsoa21", "L03"] == 3.0, "January 2018 is thirteen months before the newest; equal rows are two"
    assert found["lsoa21", "L04"] == 0.0, "known to the dataset, and none in these months"
    assert found["lsoa21", "L05"] is None, "nothing was ever published for it"
    assert found["ward23", "W0"] == pytest.approx(3 + 1 / 4), "counts are shared out by postcodes"
    assert found["place", "place"] == pytest.approx(4)


def test_without_months_all_rows_are_counted():
    assert _figures(CRIMES)["lsoa21", "L03"] == 5.0


@pytest.mark.parametrize(
    "wrong",
    [{"combine": "count", "value": "n"}, {"combine": "sum"}, {"months": 12}, {"date": "month"}],
    ids=["a value is not counted", "a sum of nothing", "months without a date", "a date without months"],
)
def test_half_an_open_figure_is_no_declaration(wrong: dict[str, Any]):
    base = {"value": "score"} if "combine" not in wrong else {}
    with pytest.raises(ValidationError):
        OpenFigure.model_validate({"dataset": "a.b", "code": "c", "geography": "lsoa21", **base, **wrong})
