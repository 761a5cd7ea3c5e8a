"""Why: puts households into dwellings, pupils into schools and patients into practices, so that
neighbourhoods differ the way real ones do: means and deprivation go together, and people of one tradition
live near each other.

Must never write anything about a person that the person's household and neighbourhood don't explain.
"""

from __future__ import annotations

import numpy as np

from almoner.demo.addresses import COUNCIL, INSTITUTION, OWNER, Dwellings
from almoner.demo.chance import Ints
from almoner.demo.geography import Geography
from almoner.demo.households import KIND_NAMES, Households
from almoner.demo.months import MONTHS, whole_years
from almoner.demo.name_lists import CULTURES
from almoner.demo.people import (
    CARER,
    CHILD,
    EMPLOYED,
    NOBODY,
    RETIRED,
    SELF_EMPLOYED,
    SICK,
    STUDENT,
    UNEMPLOYED,
    People,
)

_MEANS_OF_KIND = {
    "lone_parent": -0.8,
    "student_house": -0.4,
    "house_share": -0.3,
    "couple_older": 0.4,
    "couple": 0.2,
    "single": -0.1,
    "family": 0.2,
}
_PENSION_AGE = 66
_STAY_YEARS = 9.0
_LOCAL_RATE = 0.85


def place(
    rng: np.random.Generator, people: People, homes: Households, dwellings: Dwellings, geography: Geography
) -> tuple[Ints, Ints]:
    """Give every household a dwelling, those that arrive later one outside the borough.

    Out: the dwelling of each household; the homes in the borough that are left empty.
    """
    institutions = np.flatnonzero(dwellings.tenure == INSTITUTION)
    placed = np.full(len(homes.kind), -1)
    special = np.flatnonzero(homes.of_kind("care_home", "children_home"))
    placed[special] = institutions
    first = np.flatnonzero(~homes.of_kind("care_home", "children_home") & ~homes.arrives)
    usual = np.setdiff1d(np.flatnonzero(dwellings.inside()), institutions)
    taken = np.sort(rng.permutation(usual)[: len(first)])
    placed[first[np.argsort(_means(rng, homes)[first])]] = taken[np.argsort(_worth(rng, dwellings, geography)[taken])]
    outside = np.flatnonzero(~dwellings.inside())
    late = np.flatnonzero(homes.arrives)
    placed[late] = rng.choice(outside, len(late))
    people.home[:] = placed[people.household[0]]
    _remember_moves(rng, people, usual, outside)
    return placed, np.setdiff1d(usual, taken)


def _means(rng: np.random.Generator, homes: Households) -> np.ndarray:
    by_kind = np.array([_MEANS_OF_KIND.get(name, 0.0) for name in KIND_NAMES])
    by_culture = rng.normal(0, 0.9, len(CULTURES))
    by_culture[0] = 0.3
    return by_kind[homes.kind] + by_culture[homes.culture] + rng.normal(0, 0.8, len(homes.kind))


def _worth(rng: np.random.Generator, dwellings: Dwellings, geography: Geography) -> np.ndarray:
    place = -0.9 * geography.deprivation[np.maximum(dwellings.lsoa, 0)]
    owned = np.where(dwellings.tenure == OWNER, 0.7, np.where(dwellings.tenure >= COUNCIL, -0.8, 0.0))
    return place + owned + rng.normal(0, 0.6, len(dwellings))


def _remember_moves(rng: np.random.Generator, people: People, usual: Ints, outside: Ints) -> None:
    """Say since when each household has lived where it lives, and where its members lived before."""
    count = int(people.household.max()) + 1
    years = rng.exponential(_STAY_YEARS, count)[people.household[0]]
    adult_years = np.maximum((MONTHS[0].last - people.born).astype(np.int64) / 365.2425 - 18, 0.1)
    eldest = np.zeros(count)
    np.maximum.at(eldest, people.household[0], adult_years)
    years = np.minimum(years, eldest[people.household[0]])
    moved = MONTHS[0].first - (years * 365.2425).astype("timedelta64[D]")
    people.moved_on[:] = np.maximum(moved, people.born)
    before = np.where(rng.random(count) < 0.6, rng.choice(usual, count), rng.choice(outside, count))
    recent = (years < 8) & (people.moved_on[0] > people.born)
    people.prior_home[:] = np.where(recent, before[people.household[0]], -1)


def settle(
    rng: np.random.Generator,
    people: People,
    dwellings: Dwellings,
    geography: Geography,
    schools: Ints,
    practices: int,
) -> None:
    """Give everybody an activity, pupils a school and most people a practice.

    In: `schools`, the number of primary and of secondary schools.
    """
    lsoa = np.maximum(dwellings.lsoa[people.home[1]], 0)
    _settle_activities(rng, people, geography.deprivation[lsoa], dwellings.tenure[people.home[1]])
    year = whole_years(people.born, np.datetime64("2025-08-31")) - 4
    areas = len(geography.msoa)
    for low, high, first, count in ((0, 6, 0, schools[0]), (7, 11, schools[0], schools[1])):
        local = first + lsoa * count // areas
        chosen = np.where(rng.random(len(people)) < _LOCAL_RATE, local, first + rng.integers(0, count, len(people)))
        pupil = (year >= low) & (year <= high) & (rng.random(len(people)) < 0.95)
        people.school[:] = np.where(pupil, chosen, people.school)
    local = lsoa * practices // areas
    chosen = np.where(rng.random(len(people)) < _LOCAL_RATE, local, rng.integers(0, practices, len(people)))
    people.practice[:] = np.where(rng.random(len(people)) < 0.985, chosen, NOBODY)


def _settle_activities(rng: np.random.Generator, people: People, deprivation: np.ndarray, tenure: Ints) -> None:
    age = people.age(0)
    draw = rng.random(len(people))
    poor = np.clip(deprivation, -2, 2) + (tenure >= COUNCIL)
    unemployed = np.clip(0.045 + 0.022 * poor, 0.01, 0.2)
    sick = np.clip(0.04 + 0.02 * poor + 0.25 * people.disabled, 0.01, 0.5)
    edges = np.cumsum(np.stack([unemployed, sick, np.full(len(poor), 0.05), np.full(len(poor), 0.11)]), axis=0)
    adult = np.array([UNEMPLOYED, SICK, CARER, SELF_EMPLOYED, EMPLOYED])[(draw > edges).sum(axis=0)]
    adult = np.where((age < 18) | ((age < 22) & (rng.random(len(people)) < 0.5)), STUDENT, adult)
    retired = (age >= _PENSION_AGE) | ((age >= 60) & (draw > 0.85))
    people.activity[:] = np.where(age < 16, CHILD, np.where(retired, RETIRED, adult))
