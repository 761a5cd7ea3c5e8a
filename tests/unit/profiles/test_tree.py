"""How a reader finds a small area: under the larger one in which most of its postcodes lie."""

from __future__ import annotations

from almoner.counting.areas import Areas, read_areas
from almoner.profiles.tree import MAX_COLUMNS, sections_of
from tests.unit.profiles.borough import FakeGate, geography_rows
from tests.unit.profiles.declared import make_registry


def _areas(*geographies: str) -> Areas:
    return read_areas(FakeGate(geography_rows()).run, make_registry({}, geographies))


def test_every_area_has_exactly_one_place():
    areas = _areas("ward23", "msoa21", "lsoa21")
    sections = sections_of(areas)
    assert [section.title for section in sections] == ["Beech <Park>", "Cedar", "Oakfield & Mere"]
    columns = [area for section in sections for group in section.groups for area in group.columns]
    assert sorted(area.code for area in columns) == sorted(
        area.code for name in ("msoa21", "lsoa21") for area in areas.of[name]
    )
    assert len({group.anchor for section in sections for group in section.groups}) == 6


def test_two_levels_stand_side_by_side_in_narrow_tables():
    sections = sections_of(_areas("ward23", "lsoa21"))
    widths = [len(group.columns) for section in sections for group in section.groups]
    assert sum(widths) == 24 and max(widths) <= MAX_COLUMNS


def test_one_level_has_no_groups():
    assert all(section.groups == () for section in sections_of(_areas("lsoa21")))


def test_areas_that_nothing_places_are_still_shown():
    rows = geography_rows()
    rows["open_data.postcodes"] = [row for row in rows["open_data.postcodes"] if row["msoa21_code"] != "M5"]
    areas = read_areas(FakeGate(rows).run, make_registry({}))
    last = sections_of(areas)[-1]
    assert last.area is None and [group.title for group in last.groups] == ["Middle 5"]
