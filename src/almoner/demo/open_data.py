"""Why: the open data that a borough's profiles need: postcodes, boundaries, deprivation, population,
recorded crime.

Must never hold anything about one person; counts come from the truth, as a census would have them, or from
chance.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from almoner.demo.benchmarks import published_figures
from almoner.demo.chance import Ints, choices
from almoner.demo.geography import BOROUGH, BOROUGH_CODE, Geography
from almoner.demo.open_census import census_tables
from almoner.demo.town import Town

_CRIMES = {
    "Anti-social behaviour": 4.1,
    "Burglary": 0.7,
    "Criminal damage and arson": 1.1,
    "Drugs": 0.4,
    "Public order": 0.9,
    "Robbery": 0.2,
    "Shoplifting": 0.8,
    "Vehicle crime": 0.9,
    "Violence and sexual offences": 4.4,
    "Other theft": 1.0,
}
"""Recorded crimes per 1,000 people and month in a place of middling deprivation."""
_DOMAINS = {
    "income": 0.95,
    "employment": 0.93,
    "education": 0.8,
    "health": 0.85,
    "crime": 0.7,
    "housing": 0.3,
    "environment": 0.45,
}
_AGE_BANDS = ("0-4", "5-15", "16-24", "25-44", "45-64", "65-79", "80+")
_AGE_EDGES = (5, 16, 25, 45, 65, 80)
_CRIME_MONTHS = pl.date_range(pl.date(2024, 5, 1), pl.date(2026, 4, 1), "1mo", eager=True)
_COUNTRY_SMALL_AREAS = 33755


def write_open_data(town: Town, folder: Path) -> dict[str, int]:
    """Write all open-data files.

    Out: number of records by file name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    population = _population(town)
    crimes = _crimes(town, population)
    tables = {
        "postcode_directory.csv": _postcodes(town),
        "deprivation_2025.csv": _deprivation(town),
        "population_estimates_2024.csv": population,
        "recorded_crime_points.csv": crimes,
        "recorded_crime_by_lsoa.csv": _crime_counts(crimes),
        "benchmarks.csv": published_figures(town),
        **census_tables(town),
    }
    for name, frame in tables.items():
        frame.write_csv(folder / name)
    rows = {name: len(frame) for name, frame in tables.items()}
    for name, features in _boundaries(town.geography).items():
        text = json.dumps({"type": "FeatureCollection", "name": name, "features": features}, ensure_ascii=False)
        (folder / f"{name}.geojson").write_text(text + "\n", encoding="utf-8", newline="\n")
        rows[f"{name}.geojson"] = len(features)
    return rows


def _names(geography: Geography) -> pl.DataFrame:
    """Give one row per LSOA with its MSOA and ward."""
    return pl.DataFrame(
        {
            "lsoa21_code": geography.lsoa_codes.tolist(),
            "lsoa21_name": geography.lsoa_names.tolist(),
            "msoa21_code": geography.msoa_codes[geography.msoa].tolist(),
            "msoa21_name": geography.msoa_names[geography.msoa].tolist(),
            "ward24_code": geography.ward_codes[geography.ward].tolist(),
            "ward24_name": geography.ward_names[geography.ward].tolist(),
        }
    )


def _postcodes(town: Town) -> pl.DataFrame:
    dwellings, geography = town.dwellings, town.geography
    inside = np.flatnonzero(dwellings.inside())
    postcode, first = np.unique(dwellings.postcode[inside].astype(str), return_index=True)
    lsoa = dwellings.lsoa[inside][first]
    chance, ids = town.chance("postcodes"), np.arange(len(first))
    east, north = geography.inside(lsoa, 0.1 + 0.8 * chance.uniform(ids, "x"), 0.1 + 0.8 * chance.uniform(ids, "y"))
    return pl.concat(
        [
            pl.DataFrame({"postcode": postcode}),
            _names(geography)[lsoa],
            pl.DataFrame(
                {
                    "district_code": [BOROUGH_CODE] * len(ids),
                    "district_name": [BOROUGH] * len(ids),
                    "longitude": np.round(east, 6),
                    "latitude": np.round(north, 6),
                }
            ),
        ],
        how="horizontal",
    )


def _deprivation(town: Town) -> pl.DataFrame:
    """Write scores whose ranks fit a country of 33,755 small areas; rank 1 is the most deprived."""
    geography, chance = town.geography, town.chance("deprivation")
    ids = np.arange(len(geography.msoa))
    share = 1 / (1 + np.exp(1.4 * geography.deprivation + 0.7))
    rank = np.clip(np.round(share * _COUNTRY_SMALL_AREAS), 1, _COUNTRY_SMALL_AREAS).astype(np.int64)
    rank += np.array([int((rank[:i] == value).sum()) for i, value in enumerate(rank.tolist())])
    columns = {
        "score": np.round(85 * (1 - rank / _COUNTRY_SMALL_AREAS) ** 2.2 + 0.5, 3),
        "rank": rank,
        "decile": 1 + rank * 10 // (_COUNTRY_SMALL_AREAS + 1),
    }
    for domain, weight in _DOMAINS.items():
        own = 2 * chance.uniform(ids, domain) - 1
        mixed = weight * geography.deprivation + np.sqrt(1 - weight**2) * 1.7 * own
        columns[f"{domain}_score"] = np.round(1 / (1 + np.exp(-0.9 * mixed + 1.5)), 4)
    return pl.concat([_names(geography).select("lsoa21_code", "lsoa21_name"), pl.DataFrame(columns)], how="horizontal")


def _population(town: Town) -> pl.DataFrame:
    """Count people by LSOA, sex and age band, as an estimate would: a little off."""
    people, geography = town.people, town.geography
    rows = np.flatnonzero(people.present[0])
    lsoa = town.dwellings.lsoa[people.home[0][rows]]
    band = np.digitize(people.age(0)[rows], _AGE_EDGES)
    sexes, bands = 2, len(_AGE_BANDS)
    cell = (lsoa * sexes + ~people.female[rows]) * bands + band
    cells = np.arange(len(geography.msoa) * sexes * bands)
    count = np.bincount(cell, minlength=len(cells))
    estimate = np.round(count * (0.95 + 0.1 * town.chance("population").uniform(cells, "off"))).astype(np.int64)
    return pl.DataFrame(
        {
            "lsoa21_code": geography.lsoa_codes[cells // (sexes * bands)].tolist(),
            "sex": choices(["Female", "Male"])[cells // bands % sexes].tolist(),
            "age_band": choices(list(_AGE_BANDS))[cells % bands].tolist(),
            "population": estimate,
        }
    )


def _crimes(town: Town, population: pl.DataFrame) -> pl.DataFrame:
    """Draw recorded crimes, each at a point near its place, by month and type."""
    geography = town.geography
    per_area = (
        population.group_by("lsoa21_code", maintain_order=True).agg(pl.col("population").sum())["population"].to_numpy()
    )
    rates = np.array(list(_CRIMES.values()))
    areas, months, types = len(per_area), len(_CRIME_MONTHS), len(rates)
    expected = per_area[:, None, None] / 1000 * rates * np.exp(0.45 * geography.deprivation)[:, None, None]
    season = 1 + 0.12 * np.sin(2 * np.pi * (np.arange(months) + 1) / 12)
    counts = _poisson(town, np.broadcast_to(expected * season[None, :, None], (areas, months, types)))
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    ids = np.arange(len(cell))
    chance = town.chance("crime points")
    lsoa = cell // (months * types)
    spot = (lsoa * 25 + chance.whole(ids, "spot", 25)).astype(np.int64)  # recorded crimes are snapped to few points
    east, north = geography.inside(lsoa, 0.05 + 0.9 * chance.uniform(spot, "x"), 0.05 + 0.9 * chance.uniform(spot, "y"))
    labels = choices(_CRIME_MONTHS.dt.strftime("%Y-%m").to_list())
    return pl.DataFrame(
        {
            "crime_id": [f"AC{i + 1:08d}" for i in ids.tolist()],
            "month": labels[cell // types % months].tolist(),
            "crime_type": choices(list(_CRIMES))[cell % types].tolist(),
            "longitude": np.round(east, 5),
            "latitude": np.round(north, 5),
            "lsoa21_code": geography.lsoa_codes[lsoa].tolist(),
        }
    ).sort("month", "crime_id")


def _poisson(town: Town, expected: np.ndarray) -> Ints:
    from almoner.demo.chance import stream

    return np.asarray(stream(town.seed, "crimes").poisson(expected))


def _crime_counts(crimes: pl.DataFrame) -> pl.DataFrame:
    return (
        crimes.group_by("lsoa21_code", "month", "crime_type")
        .agg(pl.len().alias("crime_count"))
        .sort("lsoa21_code", "month", "crime_type")
    )


def _boundaries(geography: Geography) -> dict[str, list[dict[str, Any]]]:
    """Draw LSOAs as the grid's cells, MSOAs and wards as the outlines of theirs."""
    cells = np.arange(len(geography.msoa))
    levels = {
        "lsoa21": (cells, geography.lsoa_codes, geography.lsoa_names),
        "msoa21": (geography.msoa, geography.msoa_codes, geography.msoa_names),
        "ward24": (geography.ward, geography.ward_codes, geography.ward_names),
    }
    return {
        f"{level}_boundaries": [
            {
                "type": "Feature",
                "properties": {f"{level}_code": codes[i], f"{level}_name": names[i]},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [_outline(geography, np.flatnonzero(member == i))],
                },
            }
            for i in range(len(codes))
        ]
        for level, (member, codes, names) in levels.items()
    }


def _outline(geography: Geography, cells: Ints) -> list[list[float]]:
    """Walk round a rectangle of cells, anticlockwise, through every vertex, so that neighbours share their
    edges.
    """
    row, column = cells // geography.width, cells % geography.width
    south, north, west, east = row.min(), row.max() + 1, column.min(), column.max() + 1
    path = [(south, c) for c in range(west, east)] + [(r, east) for r in range(south, north)]
    path += [(north, c) for c in range(east, west, -1)] + [(r, west) for r in range(north, south, -1)]
    path.append(path[0])
    return [geography.corners[r, c].tolist() for r, c in path]
