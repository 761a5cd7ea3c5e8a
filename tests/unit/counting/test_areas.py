"""Which areas appear, how they lie in one another, and how open figures get from one set to another."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from almoner.counting.areas import read_areas
from almoner.counting.levels import drawn_areas
from almoner.counting.plans import DRAWN
from almoner.counting.spans import spans_ending, window
from almoner.kernel.errors import RegistryError, UsageError
from almoner.profiles.steps import levels_of, open_plan
from almoner.registry.measures import AreaNames, Lookup, OpenFigure
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


def _figures(figure: dict[str, Any], registry: Registry | None = None) -> dict[tuple[str, str], float | None]:
    registry = registry or make_registry()
    gate = FakeGate(geography_rows())
    levels = levels_of(registry, read_areas(gate.run, registry))
    plan = open_plan(OpenFigure.model_validate(figure), registry, levels, [window(AS_OF, None)])
    return {(row["geography"], row["area_code"]): row["number"] for row in plan.rows(gate.run)}


def test_a_published_mean_is_weighted_by_postcodes():
    found = _open_rows("mean")
    assert found["lsoa21", "L03"] == 13.0
    assert found["msoa21", "M0"] == pytest.approx((10 + 11 + 12 + 13) / 4)
    assert found["msoa21", "M1"] == pytest.approx((14 + 15 + 16) / 3), "L07 has no figure: it counts for nothing"
    # W0 has all of L00 to L07 and one postcode in four of L08.
    assert found["ward23", "W0"] == pytest.approx((4 * (10 + 11 + 12 + 13 + 14 + 15 + 16) + 18) / 29)


def test_a_published_sum_is_shared_out_and_stays_whole():
    whole = sum(10.0 + number for number in range(24) if number != 7)
    found = _figures({**INDICATORS["deprivation"]["open_figure"], "combine": "sum", "absent": "zero"})
    assert found["place", "place"] == pytest.approx(whole)
    for geography in ("lsoa21", "msoa21", "ward23"):
        assert sum(v for (level, _), v in found.items() if level == geography and v) == pytest.approx(whole)
    assert found["ward23", "W0"] == pytest.approx(10 + 11 + 12 + 13 + 14 + 15 + 16 + 18 / 4)


def test_an_area_without_a_figure_has_none_and_not_zero():
    for combine in ("mean", "sum"):
        assert _open_rows(combine).get(("lsoa21", "L07")) is None


def test_a_sum_that_lacks_a_part_is_not_known():
    found = _open_rows("sum")
    assert found["msoa21", "M1"] is None and found["ward23", "W0"] is None and found["place", "place"] is None
    assert found["msoa21", "M0"] == 10 + 11 + 12 + 13


def test_a_mean_is_weighted_by_people_where_they_are_known():
    weight = {"dataset": "open_data.deprivation", "code": "code", "value": "score", "where": {"part": "overall"}}
    found = _figures({**INDICATORS["deprivation"]["open_figure"], "weight": weight})
    assert found["lsoa21", "L03"] == 13.0, "a figure as published stays as it is"
    assert found["msoa21", "M0"] == pytest.approx((100 + 121 + 144 + 169) / (10 + 11 + 12 + 13))


CRIMES = {"dataset": "open_data.crimes", "code": "code", "geography": "lsoa21", "combine": "count"}


def test_rows_of_the_newest_months_are_counted():
    found = _figures({**CRIMES, "date": "month", "months": 12, "where": {"kind": "burglary"}})
    assert found["lsoa21", "L03"] == 3.0, "January 2018 is thirteen months before the newest; equal rows are two"
    assert found["lsoa21", "L04"] == 0.0, "known to the dataset, and none in these months"
    assert found.get(("lsoa21", "L05")) is None, "nothing was ever published for it"
    assert found["ward23", "W0"] is None, "of most of its parts nothing was published"


def test_where_only_what_there_is_is_listed_no_row_is_none():
    found = _figures({**CRIMES, "date": "month", "months": 12, "where": {"kind": "burglary"}, "absent": "zero"})
    assert found["lsoa21", "L05"] == 0.0
    assert found["ward23", "W0"] == pytest.approx(3 + 1 / 4), "counts are shared out by postcodes"
    assert found["place", "place"] == pytest.approx(4)


def test_earlier_periods_are_those_that_the_dataset_covers():
    registry = make_registry()
    gate = FakeGate(geography_rows())
    levels = levels_of(registry, read_areas(gate.run, registry))
    spans = [window(AS_OF, None), *spans_ending(AS_OF.replace(year=2019), "year", 3)]
    figure = OpenFigure.model_validate({**CRIMES, "date": "month", "where": {"kind": "burglary"}, "absent": "zero"})
    rows = open_plan(figure, registry, levels, spans).rows(gate.run)
    found = {(row["span"], row["area_code"]): row["number"] for row in rows}
    assert found["2018", "L03"] == 2.0 and found["2018", "L04"] == 0.0
    assert ("2016", "L03") not in found and ("2017", "L03") not in found, "the file begins in May 2017: 2017 is no year"


def test_areas_of_an_older_vintage_are_brought_to_those_of_now():
    lookup = {"name": "old", "title": "Old areas", "dataset": "open_data.old", "code": "old", "to_code": "new"}
    registry = make_registry()
    registry = registry.model_copy(update={"lookup": {"old": Lookup.model_validate({**lookup, "geography": "lsoa21"})}})
    rows = geography_rows()
    # OA was cut into two; OB and OC became one.
    rows["open_data.old"] = [
        {"old": "OA", "new": "L00", "n": "8"}, {"old": "OA", "new": "L01", "n": None},
        {"old": "OB", "new": "L02", "n": "3"}, {"old": "OC", "new": "L02", "n": "4"},
    ]  # fmt: skip
    gate = FakeGate(rows)
    levels = levels_of(registry, read_areas(gate.run, registry))
    figure = {"dataset": "open_data.old", "code": "old", "value": "n", "geography": "old", "combine": "sum"}
    wanted = OpenFigure.model_validate({**figure, "unless": {"new": "L01"}})
    found = {
        (r["geography"], r["area_code"]): r
        for r in open_plan(wanted, registry, levels, [window(AS_OF, None)]).rows(gate.run)
    }
    assert (found["lsoa21", "L00"]["number"], found["lsoa21", "L01"]["number"]) == (4.0, 4.0)
    assert found["lsoa21", "L00"]["split"] == 1, "what is shared out is modelled"
    assert found["lsoa21", "L02"]["number"] == 7.0 and found["lsoa21", "L02"]["split"] == 0


def test_drawn_areas_add_up_what_they_are_made_of():
    drawn = drawn_areas([("north", "North", ("lsoa21:L00", "lsoa21:L01")), ("mill", "Mill", ("lsoa21:L01",))])
    registry = make_registry()
    gate = FakeGate(geography_rows())
    areas = read_areas(gate.run, registry, drawn)
    assert [area.name for area in areas.listed_drawn()] == ["Mill", "North"]
    figure = OpenFigure.model_validate({**INDICATORS["deprivation"]["open_figure"], "combine": "sum"})
    rows = open_plan(figure, registry, levels_of(registry, areas), [window(AS_OF, None)]).rows(gate.run)
    found = {(row["geography"], row["area_code"]): row["number"] for row in rows}
    assert (found[DRAWN, "north"], found[DRAWN, "mill"]) == (21.0, 11.0)


@pytest.mark.parametrize(
    "members", [("lsoa21:L00", "msoa21:M1"), ("L00",), ("lsoa21:L77",), ("lsoa21:L00", "lsoa21:L00")]
)
def test_a_drawn_area_is_made_of_known_areas_of_one_geography(members: tuple[str, ...]):
    registry = make_registry()
    with pytest.raises(UsageError):
        read_areas(FakeGate(geography_rows()).run, registry, drawn_areas([("x", "X", members)]))


def test_without_months_all_rows_are_counted():
    assert _figures(CRIMES)["lsoa21", "L03"] == 5.0


@pytest.mark.parametrize(
    "wrong",
    [{"combine": "count", "value": "n"}, {"combine": "sum"}, {"months": 12}],
    ids=["a value is not counted", "a sum of nothing", "months without a date"],
)
def test_half_an_open_figure_is_no_declaration(wrong: dict[str, Any]):
    base = {"value": "score"} if "combine" not in wrong else {}
    with pytest.raises(ValidationError):
        OpenFigure.model_validate({"dataset": "a.b", "code": "c", "geography": "lsoa21", **base, **wrong})
