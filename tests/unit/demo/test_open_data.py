"""Open data fit the borough: codes nest, boundaries close and meet, counts add up."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from almoner.demo.geography import lay_out
from almoner.demo.town import Town
from tests.unit.demo.conftest import Borough


def test_every_home_in_the_borough_has_its_postcode_in_the_directory(borough: Borough, town: Town) -> None:
    directory = borough.open_data("postcode_directory")
    lsoa = dict(directory.select("postcode", "lsoa21_code").rows())
    inside = town.dwellings.inside()
    codes = town.geography.lsoa_codes[town.dwellings.lsoa[inside]]
    assert [lsoa[postcode] for postcode in town.dwellings.postcode[inside]] == codes.tolist()
    assert directory["postcode"].is_unique().all()
    assert not set(town.dwellings.postcode[~inside]) & set(lsoa)
    assert directory["postcode"].str.contains(r"^ZX\d{1,2} \d[ABD-HJLNP-UW-Z]{2}$").all()


def test_codes_are_invented_and_nest(borough: Borough) -> None:
    directory = borough.open_data("postcode_directory")
    for column, prefix in (("lsoa21_code", "E01999"), ("msoa21_code", "E02999"), ("ward24_code", "E05999")):
        assert directory[column].str.starts_with(prefix).all()
    for above in ("msoa21_code", "ward24_code"):
        assert directory.group_by("lsoa21_code").agg(pl.col(above).n_unique())[above].max() == 1


def area(ring: list[list[float]]) -> float:
    """Measure a ring; anticlockwise ones are positive."""
    x, y = np.array(ring).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def test_boundaries_close_turn_anticlockwise_and_fill_the_same_borough(borough: Borough) -> None:
    totals = []
    for level in ("lsoa21", "msoa21", "ward24"):
        document = json.loads((borough.folder / "open-data" / f"{level}_boundaries.geojson").read_text("utf-8"))
        rings = [feature["geometry"]["coordinates"][0] for feature in document["features"]]
        assert all(ring[0] == ring[-1] and area(ring) > 0 for ring in rings)
        codes = [feature["properties"][f"{level}_code"] for feature in document["features"]]
        assert len(set(codes)) == len(codes) == len(rings)
        totals.append(sum(area(ring) for ring in rings))
    assert totals[1] == pytest.approx(totals[0]) and totals[2] == pytest.approx(totals[0])


@pytest.mark.parametrize("people", [200, 10_000, 60_000, 100_000, 500_000])
def test_areas_of_any_borough_have_members(people: int) -> None:
    geography = lay_out(np.random.default_rng(1), people, 1)
    for member in (geography.msoa, geography.ward):
        assert np.array_equal(np.unique(member), np.arange(member.max() + 1))
    assert len(set(geography.ward_names.tolist())) == len(geography.ward_codes)
    assert len(set(geography.lsoa_names.tolist())) == len(geography.lsoa_codes)


def test_crime_counts_are_the_points_counted(borough: Borough) -> None:
    points, counts = borough.open_data("recorded_crime_points"), borough.open_data("recorded_crime_by_lsoa")
    again = points.group_by("lsoa21_code", "month", "crime_type").len("crime_count")
    assert counts.sort(counts.columns).equals(again.select(counts.columns).cast(counts.schema).sort(counts.columns))
    assert points["month"].min() == "2024-05" and points["month"].max() == "2026-04"


def test_deprivation_ranks_are_distinct_and_in_the_order_of_scores(borough: Borough) -> None:
    table = borough.open_data("deprivation_2025").sort("rank")
    assert table["rank"].is_unique().all()
    assert table["score"].is_sorted(descending=True)
    assert table["decile"].is_between(1, 10).all()


def test_population_is_about_right(borough: Borough) -> None:
    total = borough.open_data("population_estimates_2024")["population"].sum()
    assert 0.9 * borough.summary.people < total < 1.1 * borough.summary.people
