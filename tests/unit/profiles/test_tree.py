"""How a reader finds an area: under the larger one in which most of its postcodes lie, in a file of its own."""

from __future__ import annotations

from dataclasses import replace

from almoner.counting.areas import Area, Areas, read_areas
from almoner.profiles.tree import around, file_stems, safe_name, within
from tests.unit.profiles.borough import FakeGate, geography_rows
from tests.unit.profiles.declared import make_registry


def _areas(*geographies: str) -> Areas:
    return read_areas(FakeGate(geography_rows()).run, make_registry({}, geographies))


def test_every_small_area_lies_in_one_of_each_larger_kind():
    areas = _areas("ward23", "msoa21", "lsoa21")
    for small in areas.of["lsoa21"]:
        larger = around(areas, small)
        assert [each.geography for each in larger] == ["ward23", "msoa21"]
        assert all(small in within(areas, each) for each in larger)
    assert all(around(areas, ward) == [] for ward in areas.of["ward23"])
    assert sum(len(within(areas, ward)) for ward in areas.of["ward23"]) == 6 + 24


def test_what_no_postcode_places_lies_nowhere():
    rows = geography_rows()
    rows["open_data.postcodes"] = [row for row in rows["open_data.postcodes"] if row["msoa21_code"] != "M5"]
    areas = read_areas(FakeGate(rows).run, make_registry({}))
    assert around(areas, Area("msoa21", "M5", "Middle 5")) == []


def test_a_file_name_holds_letters_digits_and_hyphens_only():
    assert safe_name("../../etc/passwd <b>") == "etc-passwd-b" and safe_name("…") == "x"


def test_two_codes_that_look_alike_get_files_of_their_own():
    areas = _areas("ward23")
    alike = tuple(Area("ward23", code, "Same") for code in ("W/1", "W?1", "w 1", "W2"))
    stems = file_stems(replace(areas, of={"ward23": alike}))
    assert len({stem.lower() for stem in stems.values()}) == 4 and stems["ward23", "W2"] == "ward23-W2"
