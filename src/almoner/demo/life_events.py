"""Why: lets a month pass: births and arrivals happen, people die, move, leave, part, marry, come into care
and go home.

Must never change the first month's state: only column 1 of the two-month arrays, and days of death.
"""

from __future__ import annotations

import numpy as np

from almoner.demo.addresses import Dwellings
from almoner.demo.chance import Flags, Ints
from almoner.demo.households import Households, Role
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY, People

# Shares per month, each with a least number of cases, so that a small borough has every event too.
_HOUSEHOLD_MOVES = 0.008
_HOUSEHOLD_LEAVES = 0.005
_YOUNG_ADULT_LEAVES = 0.012
_PARTINGS = 0.0025
_WEDDINGS = 0.008
_INTO_CARE = 0.0006
_OUT_OF_CARE = 0.04


class Vacancies:
    """The empty homes of the borough: who leaves one makes room for the next."""

    def __init__(self, rng: np.random.Generator, homes: Ints) -> None:
        self._homes: list[int] = rng.permutation(homes).tolist()

    def take(self) -> int | None:
        """Take the home that has stood empty longest, if there is one."""
        return self._homes.pop(0) if self._homes else None

    def give(self, home: int) -> None:
        """Put a home back; it is taken soon, so that two households share an address in two months."""
        self._homes.insert(min(2, len(self._homes)), home)


def pass_month(
    rng: np.random.Generator, people: People, homes: Households, dwellings: Dwellings, vacancies: Vacancies
) -> None:
    """Turn the state of the first month into that of the second."""
    people.moved_on[1], people.home[1] = people.moved_on[0], people.home[0]
    _die(rng, people)
    settled = _settled_households(people, homes)
    movers = _some(rng, settled, _HOUSEHOLD_MOVES + _HOUSEHOLD_LEAVES, 5)
    leaving = max(2, int(len(movers) * _HOUSEHOLD_LEAVES / (_HOUSEHOLD_MOVES + _HOUSEHOLD_LEAVES)))
    outside = np.flatnonzero(~dwellings.inside())
    for household in movers[:leaving].tolist():
        _move(rng, people, people.household[1] == household, int(rng.choice(outside)), vacancies)
    for household in movers[leaving:].tolist():
        _move(rng, people, people.household[1] == household, vacancies.take(), vacancies)
    for household in np.flatnonzero(homes.arrives).tolist():
        _move(rng, people, people.household[1] == household, vacancies.take(), None)
    _leave_parents(rng, people, homes)
    _part(rng, people, vacancies)
    _wed(rng, people)
    _change_care(rng, people)
    alive = np.isnat(people.died) & ~people.is_former()
    people.present[1] = alive & dwellings.inside()[people.home[1]] & (people.born <= MONTHS[1].last)
    people.partner[1] = np.where(alive & alive[people.partner[1]], people.partner[1], NOBODY)


def _some(rng: np.random.Generator, rows: Ints, rate: float, least: int) -> Ints:
    return np.asarray(rng.permutation(rows)[: max(least, int(len(rows) * rate))])


def _day(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw days of the second month."""
    return MONTHS[1].first + rng.integers(0, 30, count).astype("timedelta64[D]")


def _settled_households(people: People, homes: Households) -> Ints:
    count = len(homes.kind)
    usual = ~homes.arrives & ~homes.of_kind("care_home", "children_home")
    occupied = np.zeros(count, dtype=bool)
    here = people.present[0] & (people.household[0] < count)
    occupied[people.household[0][here]] = True
    return np.flatnonzero(usual & occupied)


def _die(rng: np.random.Generator, people: People) -> None:
    """Let people die in the second month, and some shortly before the first one's end."""
    age = np.clip(people.age(0), 0, 105)
    hazard = np.exp(-9.7 + 0.092 * age) / 12
    draw = rng.random(len(people))
    here = people.present[0] & ~people.sealed
    oldest = np.flatnonzero(here)[np.argsort(-age[np.flatnonzero(here)], kind="stable")][:6]
    now, before = here & (draw < hazard), here & (draw > 1 - 1.5 * hazard)
    now[oldest[:2]], before[oldest[:2]], before[oldest[3:5]], now[oldest[3:5]] = True, False, True, False
    people.died[now] = _day(rng, int(now.sum()))
    last = MONTHS[0].last
    people.died[before] = last - rng.integers(0, 50, int(before.sum())).astype("timedelta64[D]")
    people.present[0] &= ~before
    people.partner[0] = np.where(before | before[people.partner[0]], NOBODY, people.partner[0])
    people.partner[1] = people.partner[0]


def _move(rng: np.random.Generator, people: People, who: Flags, home: int | None, vacancies: Vacancies | None) -> None:
    rows = np.flatnonzero(who & np.isnat(people.died))
    if home is None or len(rows) == 0:
        return
    left = int(people.home[1][rows[0]])
    people.home[1][rows] = home
    people.moved_on[1][rows] = np.maximum(_day(rng, 1)[0], people.born[rows])
    if vacancies is not None:
        vacancies.give(left)


def _leave_parents(rng: np.random.Generator, people: People, homes: Households) -> None:
    """Move grown-up children into house shares."""
    age = people.age(0)
    grown = np.flatnonzero((people.role == Role.CHILD) & (age >= 18) & (age < 35) & people.present[0])
    shares = np.flatnonzero(homes.of_kind("house_share") & ~homes.arrives)
    going = _some(rng, grown, _YOUNG_ADULT_LEAVES, 1)
    if len(shares) == 0:
        return
    for row, household in zip(going.tolist(), rng.choice(shares, len(going)).tolist(), strict=True):
        flatmates = np.flatnonzero((people.household[1] == household) & people.present[0])
        if len(flatmates) and np.isnat(people.died[row]):
            people.household[1][row] = household
            people.home[1][row] = people.home[1][flatmates[0]]
            people.moved_on[1][row] = _day(rng, 1)[0]


def _part(rng: np.random.Generator, people: People, vacancies: Vacancies) -> None:
    """Part some couples: one of the two moves out, the children stay with the other."""
    partner = people.partner[1]
    couples = np.flatnonzero((partner > np.arange(len(people))) & people.present[0] & (people.age(0) < 65))
    for row in _some(rng, couples, _PARTINGS, 2).tolist():
        other = int(partner[row])
        going = row if not people.female[row] else other
        home = vacancies.take()
        alive = np.isnat(people.died[[row, other]]).all()
        if home is not None and alive and people.home[1][row] == people.home[0][row]:
            people.partner[1][[row, other]] = NOBODY
            people.household[1][going] = int(people.household.max()) + 1
            people.home[1][going] = home
            people.moved_on[1][going] = _day(rng, 1)[0]


def _wed(rng: np.random.Generator, people: People) -> None:
    """Marry some couples that live together; most of the women take the man's surname."""
    partner = people.partner[1]
    rows = np.arange(len(people))
    together = people.female & (partner >= 0) & ~people.married[0] & people.present[0] & (people.age(0) >= 18)
    able = together & ~people.female[partner] & (people.surname[0] != people.surname[0][partner])
    brides = _some(rng, rows[able], _WEDDINGS, 3)
    people.married[1][brides] = people.married[1][partner[brides]] = True
    takes = brides[rng.random(len(brides)) < 0.8] if len(brides) > 3 else brides
    people.surname[1][takes] = people.surname[1][partner[takes]]


def _change_care(rng: np.random.Generator, people: People) -> None:
    """Bring some children into care, let others go home to a parent."""
    home_again = np.flatnonzero(people.looked_after[0] & (people.mother >= 0))
    for row in _some(rng, home_again, _OUT_OF_CARE, 1).tolist():
        mother = int(people.mother[row])
        people.looked_after[1][row] = False
        people.home[1][row], people.household[1][row] = people.home[1][mother], people.household[1][mother]
        people.moved_on[1][row] = _day(rng, 1)[0]
    carers = np.flatnonzero(people.carer_home & people.present[0] & np.isnat(people.died))
    minors = np.flatnonzero(
        ~people.looked_after[0] & people.present[0] & (people.age(0) < 15) & (people.mother >= 0) & ~people.sealed
    )
    into = _some(rng, minors, _INTO_CARE, 1)
    if len(carers) == 0:
        return
    for row, carer in zip(into.tolist(), rng.choice(carers, len(into)).tolist(), strict=True):
        people.looked_after[1][row] = True
        people.home[1][row], people.household[1][row] = people.home[1][carer], people.household[1][carer]
        people.moved_on[1][row] = _day(rng, 1)[0]
