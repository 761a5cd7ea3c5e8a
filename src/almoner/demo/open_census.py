"""Why: what a census and other published counts would say of the borough, area by area: tenure, household size, ethnic
group, claimants, homes sold, street problems, doctors' surgeries.

Must never hold anything about one person; counts come from the truth, or from chance.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.addresses import TENURES
from almoner.demo.chance import Ints, choices, stream
from almoner.demo.town import Town

_TENURES = {"owner": "Owned", "private": "Private rented", "council": "Social rented: council",
            "brackwater": "Social rented: other", "thornleigh": "Social rented: other"}  # fmt: skip
_SIZES = ("1 person", "2 people", "3 or 4 people", "5 or more people")
_SIZE_EDGES = (2, 3, 5)
_ETHNIC = {"W": "White", "A": "Asian", "B": "Black", "M": "Mixed", "O": "Other"}
_WORKING_AGE = (16, 65)
_CLAIM_MONTHS = pl.date_range(pl.date(2024, 5, 1), pl.date(2026, 4, 1), "1mo", eager=True)
_REPORTS = {"Fly-tipping": 1.4, "Potholes": 0.9, "Street lights": 0.5, "Graffiti": 0.3}
"""Street problems reported per 1,000 people and month in a place of middling deprivation."""


def census_tables(town: Town) -> dict[str, pl.DataFrame]:
    """Make the tables: file name → rows."""
    return {
        "census_tenure.csv": _tenure(town),
        "census_household_size.csv": _household_size(town),
        "census_ethnic_groups.csv": _ethnic_groups(town),
        "claimant_count.csv": _claimants(town),
        "homes_sold.csv": _homes_sold(town),
        "street_reports.csv": _street_reports(town),
        "gp_practices.csv": _practices(town),
    }


def _counted(town: Town, area: Ints, kind: Ints, kinds: list[str], names: tuple[str, str]) -> pl.DataFrame:
    """Count rows by area and kind; every kind stands for every area, with 0 where there is none."""
    codes = town.geography.lsoa_codes
    cells = np.arange(len(codes) * len(kinds))
    count = np.bincount(area * len(kinds) + kind, minlength=len(cells))
    return pl.DataFrame(
        {
            "lsoa21_code": codes[cells // len(kinds)].tolist(),
            names[0]: choices(kinds)[cells % len(kinds)].tolist(),
            names[1]: count,
        }
    )


def _homes(town: Town) -> tuple[Ints, Ints]:
    """Give the homes inside the borough in which people live, and how many do."""
    people, dwellings = town.people, town.dwellings
    home, size = np.unique(people.home[0][people.present[0]], return_counts=True)
    lived = (dwellings.lsoa[home] >= 0) & (dwellings.tenure[home] < TENURES.index("institution"))
    return home[lived], size[lived]


def _tenure(town: Town) -> pl.DataFrame:
    home, _ = _homes(town)
    kinds = list(dict.fromkeys(_TENURES.values()))
    kind = np.array([kinds.index(_TENURES[TENURES[tenure]]) for tenure in town.dwellings.tenure[home]])
    return _counted(town, town.dwellings.lsoa[home], kind, kinds, ("tenure", "households"))


def _household_size(town: Town) -> pl.DataFrame:
    home, size = _homes(town)
    kind = np.digitize(size, _SIZE_EDGES)
    return _counted(town, town.dwellings.lsoa[home], kind, list(_SIZES), ("household_size", "households"))


def _ethnic_groups(town: Town) -> pl.DataFrame:
    people = town.people
    rows = np.flatnonzero(people.present[0])
    kinds = list(_ETHNIC.values())
    kind = np.array([kinds.index(_ETHNIC[code[0]]) for code in people.ethnic[rows]])
    area = town.dwellings.lsoa[people.home[0][rows]]
    return _counted(town, area, kind, kinds, ("ethnic_group", "residents"))


def _of_working_age(town: Town) -> Ints:
    people = town.people
    age = people.age(0)
    rows = np.flatnonzero(people.present[0] & (age >= _WORKING_AGE[0]) & (age < _WORKING_AGE[1]))
    return np.bincount(town.dwellings.lsoa[people.home[0][rows]], minlength=len(town.geography.lsoa_codes))


def _claimants(town: Town) -> pl.DataFrame:
    """Draw claimants by month: more of them in deprived places, and a slow fall."""
    able = _of_working_age(town)
    share = np.clip(0.05 * np.exp(0.5 * town.geography.deprivation), 0, 0.4)
    fall = 1 - 0.004 * np.arange(len(_CLAIM_MONTHS))
    drawn = stream(town.seed, "claimants").binomial(able[:, None], np.clip(share[:, None] * fall, 0, 1))
    areas, months = drawn.shape
    labels = choices(_CLAIM_MONTHS.dt.strftime("%Y-%m").to_list())
    cells = np.arange(areas * months)
    return pl.DataFrame(
        {
            "lsoa21_code": town.geography.lsoa_codes[cells // months].tolist(),
            "month": labels[cells % months].tolist(),
            "claimants": drawn.ravel(),
            "working_age": np.repeat(able, months),
        }
    )


def _homes_sold(town: Town) -> pl.DataFrame:
    """Draw the sales of a year by ward, and their middle price; no price where fewer than three were sold."""
    geography, rng = town.geography, stream(town.seed, "homes sold")
    wards = len(geography.ward_codes)
    poverty = np.bincount(geography.ward, geography.deprivation, minlength=wards) / np.bincount(geography.ward)
    sold = rng.poisson(12, wards)
    price = np.round(240_000 * np.exp(-0.25 * poverty + rng.normal(0, 0.08, wards)), -2)
    return pl.DataFrame(
        {
            "ward24_code": geography.ward_codes.tolist(),
            "homes_sold": sold,
            "median_price": [float(each) if count >= 3 else None for each, count in zip(price, sold, strict=True)],
        }
    )


def _street_reports(town: Town) -> pl.DataFrame:
    """Draw what people report by month and kind: only what there is has a row."""
    people = town.people
    here = np.bincount(town.dwellings.lsoa[people.home[0][people.present[0]]], minlength=len(town.geography.lsoa_codes))
    rates = np.array(list(_REPORTS.values()))
    expected = here[:, None, None] / 1000 * rates * np.exp(0.3 * town.geography.deprivation)[:, None, None]
    drawn = stream(town.seed, "street reports").poisson(np.repeat(expected, len(_CLAIM_MONTHS), axis=1))
    area, month, kind = np.nonzero(drawn)
    labels = choices(_CLAIM_MONTHS.dt.strftime("%Y-%m").to_list())
    return pl.DataFrame(
        {
            "lsoa21_code": town.geography.lsoa_codes[area].tolist(),
            "month": labels[month].tolist(),
            "problem": choices(list(_REPORTS))[kind].tolist(),
            "reports": drawn[area, month, kind],
        }
    )


def _practices(town: Town) -> pl.DataFrame:
    ids = np.arange(len(town.practice_codes))
    lsoa = town.chance("surgeries").whole(ids, "place", len(town.geography.lsoa_codes))
    return pl.DataFrame(
        {"practice": town.practice_codes.tolist(), "lsoa21_code": town.geography.lsoa_codes[lsoa].tolist()}
    )
