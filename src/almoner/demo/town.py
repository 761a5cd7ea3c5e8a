"""Why: puts the borough together in the order in which one thing needs the other, and hands it over as one
value.

Must never write a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from almoner.demo import families, hard_cases, life_events, placement
from almoner.demo.addresses import Dwellings, build
from almoner.demo.chance import Chance, Days, Flags, Ints, Text, choices, stream
from almoner.demo.geography import Geography, lay_out
from almoner.demo.households import Households, Role, compose
from almoner.demo.people import NOBODY, People, give_pupil_numbers, make_people
from almoner.demo.place_words import SCHOOL_NAMES

_VACANT_SHARE = 0.06
_PEOPLE_PER_PRIMARY, _PEOPLE_PER_SECONDARY, _PEOPLE_PER_PRACTICE = 2200, 7000, 2800
_WORKERS = 24


@dataclass(frozen=True)
class Schools:
    """The borough's schools: primary ones first."""

    name: Text
    number: Ints
    """Establishment number; with the authority's number before it the LAESTAB."""
    primary: Flags


@dataclass(frozen=True)
class Occupancy:
    """Who holds which dwelling: one row per household, dwelling and lead person, over both months."""

    household: Ints
    home: Ints
    lead: Ints
    second: Ints  # (2, rows): the lead's partner or another adult, or nobody
    held: Flags  # (2, rows)
    since: Days


@dataclass(frozen=True)
class Town:
    """Everything that is true of the borough."""

    seed: int
    geography: Geography
    dwellings: Dwellings
    people: People
    households: Households
    schools: Schools
    practice_codes: Text
    workers: Text
    occupancy: Occupancy

    def chance(self, label: str) -> Chance:
        """Open keyed draws for one purpose."""
        return Chance(self.seed, label)

    def deprivation(self, home: Ints) -> np.ndarray:
        """Give the deprivation of the places where dwellings stand (0 outside the borough)."""
        lsoa = self.dwellings.lsoa[home]
        return np.where(lsoa >= 0, self.geography.deprivation[np.maximum(lsoa, 0)], 0.0)


def raise_town(people: int, seed: int) -> Town:
    """Make the borough: so many people in the first month, and what a month later has become of them."""
    geography = lay_out(stream(seed, "geography"), people, seed)
    homes = compose(stream(seed, "households"), people)
    everybody = make_people(stream(seed, "people"), homes, families.name_families(stream(seed, "names"), homes))
    hard_cases.separate_parents(stream(seed, "separated"), everybody, homes)
    institutions = [
        f"{name} {'Care Home' if kind == 'care_home' else 'House'}"
        for kind in ("care_home", "children_home")
        for name in _institution_names(int(homes.of_kind(kind).sum()), kind)
    ]
    wanted = int((~homes.arrives).sum()) - len(institutions)
    dwellings = build(stream(seed, "dwellings"), geography, wanted + 8 + int(wanted * _VACANT_SHARE), institutions)
    placed, empty = placement.place(stream(seed, "placement"), everybody, homes, dwellings, geography)
    hard_cases.lodge_with_both(stream(seed, "both homes"), everybody)
    hard_cases.look_after(stream(seed, "care"), everybody, homes, dwellings, placed)
    hard_cases.protect(stream(seed, "protect"), everybody, homes)
    schools = _found_schools(people)
    practices = max(4, people // _PEOPLE_PER_PRACTICE)
    counts = np.array([schools.primary.sum(), (~schools.primary).sum()])
    placement.settle(stream(seed, "settle"), everybody, dwellings, geography, counts, practices)
    give_pupil_numbers(everybody, everybody.school, schools.number)
    hard_cases.seal(stream(seed, "sealed"), everybody)
    rng = stream(seed, "events")
    life_events.pass_month(rng, everybody, homes, dwellings, life_events.Vacancies(rng, empty))
    return Town(
        seed=seed,
        geography=geography,
        dwellings=dwellings,
        people=everybody,
        households=homes,
        schools=schools,
        practice_codes=choices([f"Z99{i + 1:03d}" for i in range(practices)]),
        workers=_workers(stream(seed, "workers")),
        occupancy=_occupancy(everybody, dwellings),
    )


def _institution_names(count: int, kind: str) -> list[str]:
    stems = (
        ("Larkspur", "Damson", "Almonry", "Orchard", "Teasel")
        if kind == "care_home"
        else ("Kestrel", "Linnet", "Plover")
    )
    return [stems[i % len(stems)] + (f" {i // len(stems) + 1}" if i >= len(stems) else "") for i in range(count)]


def _found_schools(people: int) -> Schools:
    primary = max(4, people // _PEOPLE_PER_PRIMARY)
    secondary = max(2, people // _PEOPLE_PER_SECONDARY)
    names = [f"{_turn(SCHOOL_NAMES, i)} Primary School" for i in range(primary)]
    names += [f"{_turn(SCHOOL_NAMES[::-1], i)} Academy" for i in range(secondary)]
    number = np.concatenate([2001 + np.arange(primary), 4001 + np.arange(secondary)])
    return Schools(choices(names), number, np.arange(primary + secondary) < primary)


def _turn(names: list[str], index: int) -> str:
    again = index // len(names)
    return names[index % len(names)] + (f" {again + 1}" if again else "")


def _workers(rng: np.random.Generator) -> Text:
    """Name the professionals whom services write into their records."""
    culture = families.draw_cultures(rng, _WORKERS)
    female = rng.random(_WORKERS) < 0.7
    forename = families.draw_forenames(rng, culture, female, np.full(_WORKERS, 1980))
    return forename + " " + families.feminine(families.draw_surnames(rng, culture), female)


def _occupancy(people: People, dwellings: Dwellings) -> Occupancy:
    """Say who holds each dwelling in each month: the lead, or the eldest adult where there is none."""
    parts = [_holders(people, dwellings, month) for month in (0, 1)]
    key = np.concatenate([np.stack([household, home, lead]) for household, home, lead, _ in parts], axis=1)
    unique, where = np.unique(key, axis=1, return_inverse=True)
    rows = unique.shape[1]
    held, second = np.zeros((2, rows), dtype=bool), np.full((2, rows), NOBODY)
    first = len(parts[0][0])
    for month, place in ((0, where.ravel()[:first]), (1, where.ravel()[first:])):
        held[month, place] = True
        second[month, place] = parts[month][3]
    second[1] = np.where((second[0] >= 0) & (second[1] >= 0), second[0], second[1])
    since = np.where(held[0], people.moved_on[0][unique[2]], people.moved_on[1][unique[2]])
    return Occupancy(unique[0], unique[1], unique[2], second, held, since)


def _holders(people: People, dwellings: Dwellings, month: int) -> tuple[Ints, Ints, Ints, Ints]:
    age = people.age(month)
    here = people.present[month] & (age >= 18) & ~people.looked_after[month]
    rows = np.flatnonzero(here & (dwellings.tenure[people.home[month]] < 5))
    rank = np.where(people.role[rows] == Role.LEAD, 500, np.where(people.role[rows] == Role.PARTNER, 400, age[rows]))
    order = rows[np.lexsort((rows, -rank, people.home[month][rows], people.household[month][rows]))]
    home, household = people.home[month][order], people.household[month][order]
    first = np.r_[True, (np.diff(home) != 0) | (np.diff(household) != 0)] if len(order) else np.zeros(0, dtype=bool)
    lead = order[first]
    following = np.r_[order[1:], NOBODY][first]
    same = np.r_[~first[1:], False][first]
    partner = people.partner[month][lead]
    at_home = (partner >= 0) & (people.home[month][partner] == people.home[month][lead])
    return household[first], home[first], lead, np.where(at_home, partner, np.where(same, following, NOBODY))
