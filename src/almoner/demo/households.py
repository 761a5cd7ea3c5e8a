"""Why: decides who lives with whom: kinds of household, and the members of each with role, age and sex.

Must never name anybody or place anybody: `people` and `addresses` do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from almoner.demo.chance import Flags, Ints
from almoner.demo.names import draw_cultures

Numbers = NDArray[np.float64]

KINDS: dict[str, float] = {
    "single": 0.14,
    "single_older": 0.12,
    "couple": 0.15,
    "couple_older": 0.09,
    "family": 0.21,
    "step_family": 0.035,
    "lone_parent": 0.09,
    "multi_generation": 0.04,
    "grown_up": 0.05,
    "house_share": 0.05,
    "student_house": 0.025,
    "care_home": 0.0,
    "children_home": 0.0,
}
KIND_NAMES = list(KINDS)
KIND = {name: number for number, name in enumerate(KIND_NAMES)}
_COUPLES = ("couple", "couple_older", "family", "step_family", "multi_generation", "grown_up")
_SHARED = ("house_share", "student_house")
_INSTITUTIONS = ("care_home", "children_home")
_CHILDREN = {
    "family": (0.40, 0.39, 0.14, 0.05, 0.02),
    "lone_parent": (0.52, 0.31, 0.12, 0.05),
    "step_family": (0.6, 0.4),
    "multi_generation": (0.3, 0.4, 0.2, 0.1),
    "grown_up": (0.7, 0.3),
}
_AGE_OF_LEAD = {"single": (20, 65), "single_older": (65, 96), "couple": (21, 64), "couple_older": (64, 90)}
_TWIN_RATE = 0.035
_BIRTH_RATE = 0.0045  # per household that could have one, and month
_SAME_SEX_RATE = 0.04
PEOPLE_PER_CARE_HOME = 2500
PEOPLE_PER_CHILDREN_HOME = 9000


class Role(IntEnum):
    """A member's place in the household. Children come before step-children, younger before older."""

    LEAD = 0
    PARTNER = 1
    CHILD = 2
    STEP_CHILD = 3
    GRANDPARENT = 4
    SHARER = 5
    RESIDENT = 6
    NEWBORN = 7


@dataclass
class Households:
    """Households, those that arrive in the second month last, and their members, in household order."""

    kind: Ints
    arrives: Flags
    culture: Ints
    other_culture: Ints
    """The partner's tradition, which mostly is the lead's."""
    household: Ints
    role: Ints
    ordinal: Ints
    """The member's number among those of the same role in the household, from 0."""
    age: Numbers
    female: Flags
    twin: Flags

    def of_kind(self, *names: str) -> Flags:
        """Say which households are of these kinds."""
        return np.isin(self.kind, [KIND[name] for name in names])


def compose(rng: np.random.Generator, people: int) -> Households:
    """Compose households of exactly so many people, and those that arrive a month later, newborn included."""
    kind, counts = _fill(rng, people)
    arriving = max(4, people // 200)
    more_kind = rng.choice(len(KINDS), size=arriving, p=_shares())
    kind, counts = np.concatenate([kind, more_kind]), np.concatenate([counts, _member_counts(rng, more_kind)])
    arrives = np.arange(len(kind)) >= len(kind) - arriving
    counts[:, Role.NEWBORN] = _births(rng, kind) & ~arrives
    household = np.repeat(np.arange(len(kind)), counts.sum(axis=1))
    role = np.repeat(np.tile(np.arange(len(Role)), len(kind)), counts.ravel())
    first = np.r_[0, np.flatnonzero(np.diff(household * len(Role) + role)) + 1]
    ordinal = np.arange(len(role)) - np.repeat(first, np.diff(np.r_[first, len(role)]))
    age, twin = _ages(rng, kind, household, role, ordinal)
    culture = draw_cultures(rng, len(kind))
    mixed = rng.random(len(kind)) < 0.11
    return Households(
        kind=kind,
        arrives=arrives,
        culture=culture,
        other_culture=np.where(mixed, draw_cultures(rng, len(kind)), culture),
        household=household,
        role=role,
        ordinal=ordinal,
        age=age,
        female=_sexes(rng, kind, household, role, ordinal),
        twin=twin,
    )


def _shares() -> Numbers:
    shares = np.array(list(KINDS.values()))
    return np.asarray(shares / shares.sum())


def _fill(rng: np.random.Generator, people: int) -> tuple[Ints, Ints]:
    """Draw households until the people are used up; single people fill the rest."""
    homes = max(1, people // PEOPLE_PER_CARE_HOME)
    kind = np.concatenate(
        [
            np.full(homes, KIND["care_home"]),
            np.full(max(1, people // PEOPLE_PER_CHILDREN_HOME), KIND["children_home"]),
            rng.choice(len(KINDS), size=people, p=_shares()),
        ]
    )
    counts = _member_counts(rng, kind)
    counts[:homes, Role.RESIDENT] = np.minimum(counts[:homes, Role.RESIDENT], max(3, people // 60))
    so_far = np.cumsum(counts.sum(axis=1))
    kept = int(np.searchsorted(so_far, people, side="right"))
    missing = people - (int(so_far[kept - 1]) if kept else 0)
    singles = np.full(missing, KIND["single"])
    kind = np.concatenate([kind[:kept], singles])
    return kind, np.concatenate([counts[:kept], _member_counts(rng, singles)])


def _member_counts(rng: np.random.Generator, kind: Ints) -> Ints:
    """Say how many members of each role each household has: (households, roles)."""
    counts = np.zeros((len(kind), len(Role)), dtype=np.int64)
    names = np.array(KIND_NAMES)[kind]
    counts[:, Role.LEAD] = ~np.isin(names, _SHARED + _INSTITUTIONS)
    counts[:, Role.PARTNER] = np.isin(names, _COUPLES)
    for name, odds in _CHILDREN.items():
        chosen = names == name
        counts[chosen, Role.CHILD] = rng.choice(len(odds), size=int(chosen.sum()), p=odds) + 1
    step = names == "step_family"
    counts[step, Role.STEP_CHILD] = rng.integers(1, 3, int(step.sum()))
    counts[step, Role.CHILD] = rng.integers(0, 3, int(step.sum()))
    older = names == "multi_generation"
    counts[older, Role.GRANDPARENT] = rng.integers(1, 3, int(older.sum()))
    for name, low, high in (("house_share", 2, 5), ("student_house", 3, 7)):
        chosen = names == name
        counts[chosen, Role.SHARER] = rng.integers(low, high, int(chosen.sum()))
    care = names == "care_home"
    counts[care, Role.RESIDENT] = rng.integers(14, 38, int(care.sum()))
    return counts


def _births(rng: np.random.Generator, kind: Ints) -> Flags:
    able = np.isin(kind, [KIND[name] for name in ("couple", "family", "lone_parent")])
    born = able & (rng.random(len(kind)) < _BIRTH_RATE)
    if able.any() and not born.any():
        born[np.flatnonzero(able)[0]] = True
    return born


def _ages(rng: np.random.Generator, kind: Ints, household: Ints, role: Ints, ordinal: Ints) -> tuple[Numbers, Flags]:
    """Give every member an age in years at the first month's end: children first, parents to fit them."""
    names = np.array(KIND_NAMES)[kind]
    homes = len(kind)
    child = np.isin(role, [Role.CHILD, Role.STEP_CHILD])
    age, twin = _child_ages(rng, names, household, child)
    oldest = np.full(homes, -1.0)
    np.maximum.at(oldest, household[child], age[child])
    lead = rng.uniform(20, 60, homes)
    for name, (low, high) in _AGE_OF_LEAD.items():
        spread = rng.beta(1.2, 1.9, homes) if low >= 64 else rng.random(homes)
        lead = np.where(names == name, low + (high - low) * spread, lead)
    parent = oldest >= 0
    lead[parent] = oldest[parent] + np.clip(rng.normal(28, 5.5, int(parent.sum())), 16.5, 37)
    expecting = np.isin(household, household[role == Role.NEWBORN])
    mothers = np.unique(household[expecting])
    lead[mothers] = np.maximum(np.minimum(lead[mothers], 41), oldest[mothers] + 16.5)
    partner = np.maximum(lead + rng.normal(-1.5, 4, homes), np.maximum(oldest + 16.2, 19))
    partner[mothers] = np.minimum(partner[mothers], np.maximum(oldest[mothers] + 16.2, 42))
    by_role = {Role.LEAD: lead, Role.PARTNER: partner}
    by_role[Role.GRANDPARENT] = np.minimum(lead + np.clip(rng.normal(27, 4, homes), 18, 40), 99)
    for wanted, of_home in by_role.items():
        age = np.where(role == wanted, of_home[household], age)
    age = np.where(role == Role.GRANDPARENT, age + ordinal * 1.7, age)
    student = (names == "student_house")[household]
    sharer = np.where(student, rng.uniform(18.5, 23, len(role)), rng.uniform(20, 48, len(role)))
    age = np.where(role == Role.SHARER, sharer, age)
    age = np.where(role == Role.RESIDENT, np.clip(rng.normal(86, 7, len(role)), 66, 104), age)
    return np.where(role == Role.NEWBORN, -rng.uniform(0.001, 29.5 / 366, len(role)), age), twin


def _child_ages(rng: np.random.Generator, names: Ints, household: Ints, child: Flags) -> tuple[Numbers, Flags]:
    """Space the children of each household; twins have no space between them."""
    age = np.zeros(len(household))
    rows = np.flatnonzero(child)
    home = household[rows]
    first = np.r_[True, np.diff(home) > 0] if len(rows) else np.zeros(0, dtype=bool)
    gap = rng.uniform(1.1, 3.9, len(rows))
    twin_second = ~first & (rng.random(len(rows)) < _TWIN_RATE)
    forced = np.flatnonzero(~first)[:: max(1, len(rows) // 3)][:3]  # even a small borough has twins
    twin_second[forced] = True
    twin_second &= ~np.r_[False, twin_second[:-1]]
    gap[twin_second] = 0.0
    youngest = rng.uniform(0.05, 15, len(rows))
    youngest = np.where(names[home] == "grown_up", rng.uniform(18.2, 27, len(rows)), youngest)
    step = np.where(first, youngest, gap)
    running = np.cumsum(step)
    group = np.cumsum(first) - 1
    before = (running - step)[first]
    age[rows] = running - before[group]
    twin = np.zeros(len(household), dtype=bool)
    twin[rows] = twin_second | np.r_[twin_second[1:], False]
    return age, twin


def _sexes(rng: np.random.Generator, kind: Ints, household: Ints, role: Ints, ordinal: Ints) -> Flags:
    """Give every member a sex; women lead most lone-parent households."""
    homes = len(kind)
    names = np.array(KIND_NAMES)[kind]
    lead = rng.random(homes) < np.where(np.isin(names, _COUPLES), 0.08, 0.5)
    lead = np.where(names == "lone_parent", rng.random(homes) < 0.88, lead)
    lead = np.where(names == "single_older", rng.random(homes) < 0.66, lead)
    partner = lead ^ (rng.random(homes) >= _SAME_SEX_RATE)
    with_newborn = np.unique(household[role == Role.NEWBORN])
    lead[with_newborn] = names[with_newborn] == "lone_parent"
    partner[with_newborn] = True
    female = rng.random(len(role)) < 0.488
    female = np.where(role == Role.LEAD, lead[household], female)
    female = np.where(role == Role.PARTNER, partner[household], female)
    female = np.where(role == Role.GRANDPARENT, ordinal == 0, female)
    return np.where(role == Role.RESIDENT, rng.random(len(role)) < 0.67, female)
