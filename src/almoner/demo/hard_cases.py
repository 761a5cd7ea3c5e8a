"""Why: puts into the borough, on purpose and in every size of borough, the people whom record linkage gets
wrong or must protect: separated parents, looked-after children, sealed identities, addresses that must not
be disclosed.

Must never leave a case to luck alone: each kind has a least number.
"""

from __future__ import annotations

import numpy as np

from almoner.demo.addresses import Dwellings
from almoner.demo.chance import Flags, Ints, Text
from almoner.demo.households import Households, Role
from almoner.demo.identifiers import nhs_numbers
from almoner.demo.months import MONTHS
from almoner.demo.names import draw_forenames, draw_surnames
from almoner.demo.people import NOBODY, People

_EX_IN_BOROUGH = 0.55
_FATHERS_SURNAME = 0.55
_BOTH_HOMES = 0.4
_LOOKED_AFTER_RATE = 0.012
_ADOPTED_RATE = 0.004
_RECOGNISED_RATE = 0.0004
_UNSAFE_RATE = 0.006


def separate_parents(rng: np.random.Generator, people: People, homes: Households) -> None:
    """Let the other parent of many lone parents' and step-children live elsewhere in the borough."""
    kind = homes.of_kind("lone_parent", "step_family")
    child = np.isin(people.role, [Role.CHILD, Role.STEP_CHILD]) & kind[people.household[0]]
    fatherless = np.flatnonzero(child & (people.father == NOBODY) & (people.mother != NOBODY))
    mothers = np.unique(people.mother[fatherless])
    age = people.age(0)
    single = homes.of_kind("single", "house_share", "step_family")[people.household[0]]
    men = np.flatnonzero(
        ~people.female & single & np.isin(people.role, [Role.LEAD, Role.SHARER]) & (age >= 19) & (age < 60)
    )
    count = min(int(len(mothers) * _EX_IN_BOROUGH) + 1, len(men), len(mothers))
    mothers, men = rng.permutation(mothers)[:count], rng.permutation(men)[:count]
    mothers, men = mothers[np.argsort(age[mothers])], men[np.argsort(age[men])]
    father_of = np.full(len(people), NOBODY)
    father_of[mothers] = men
    chosen = fatherless[father_of[people.mother[fatherless]] != NOBODY]
    father = father_of[people.mother[chosen]]
    fits = (people.born[chosen] - people.born[father]).astype(np.int64) > 16 * 365
    fits &= people.household[0][chosen] != people.household[0][father]
    chosen, father = chosen[fits], father[fits]
    people.father[chosen] = father
    rename = chosen[rng.random(len(people))[father] < _FATHERS_SURNAME]
    people.surname[:, rename] = people.birth_surname[people.father[rename]]
    people.birth_surname[rename] = people.surname[0][rename]


def lodge_with_both(rng: np.random.Generator, people: People) -> None:
    """Let some children of separated parents count as living with both."""
    father = people.father
    apart = (father >= 0) & (people.household[0] != people.household[0][father]) & (people.age(0) < 18)
    some = apart & people.present[0] & people.present[0][father] & (rng.random(len(people)) < _BOTH_HOMES)
    people.second_home[:] = np.where(some, people.home[0][father], people.second_home)


def look_after(rng: np.random.Generator, people: People, homes: Households, dwellings: Dwellings, placed: Ints) -> None:
    """Move some children into care: with foster carers, out of the borough, or in a children's home.

    In: `placed`, the dwelling of each household.
    """
    age = people.age(0)
    minor = np.flatnonzero((age >= 0) & (age < 17) & people.present[0] & (people.mother >= 0))
    count = max(6, int(len(minor) * _LOOKED_AFTER_RATE))
    chosen = rng.permutation(minor)[:count]
    willing = homes.of_kind("couple", "couple_older", "single_older") & ~homes.arrives
    carers = rng.permutation(np.flatnonzero(willing))[: max(3, count // 2)]
    institution = rng.choice(np.flatnonzero(homes.of_kind("children_home")), count)
    household = np.where(rng.random(count) < 0.2, institution, rng.choice(carers, count))
    home = placed[household]
    away = rng.random(count) < 0.2
    home = np.where(away, rng.choice(np.flatnonzero(~dwellings.inside()), count), home)
    household = np.where(away, _new_households(people, count), household)
    start = MONTHS[0].first - rng.integers(10, 1500, count).astype("timedelta64[D]")
    people.prior_home[chosen] = people.home[0][chosen]
    people.looked_after[:, chosen] = True
    people.moved_on[:, chosen] = np.maximum(start, people.born[chosen])
    people.home[:, chosen], people.household[:, chosen] = home, household
    people.present[:, chosen] &= dwellings.inside()[home]
    people.second_home[chosen] = -1
    people.carer_home[np.isin(people.household[0], carers) & np.isin(people.role, [Role.LEAD, Role.PARTNER])] = True


def _new_households(people: People, count: int) -> Ints:
    return np.asarray(int(people.household.max()) + 1 + np.arange(count))


def protect(rng: np.random.Generator, people: People, homes: Households) -> None:
    """Mark the members of some households: their address must not be disclosed."""
    likely = np.flatnonzero(homes.of_kind("lone_parent", "single", "step_family"))
    count = max(3, int(len(homes.kind) * _UNSAFE_RATE))
    chosen = rng.permutation(likely)[:count]
    people.do_not_disclose[:] |= np.isin(people.household[0], chosen) | (
        people.looked_after[0] & (rng.random(len(people)) < 0.15)
    )


def seal(rng: np.random.Generator, people: People) -> None:
    """Give some people a former identity as a row of its own that nothing may ever tie to the present one.

    Adopted children get other names and numbers and other parents; people with a gender recognition
    certificate get another forename, sex and numbers. The former identity is in no current list, only in
    old records.
    """
    age = people.age(0)
    placed = (people.mother >= 0) & people.present[0] & ~people.looked_after[0] & (people.role == Role.CHILD)
    children = _some(rng, placed & (age >= 2) & (age < 15), _ADOPTED_RATE, 3)
    adults = _some(rng, people.present[0] & (age >= 22) & (age < 70), _RECOGNISED_RATE, 1)
    now = np.concatenate([children, adults])
    former = people.copy_rows(now)
    old_child, old_adult = former[: len(children)], former[len(children) :]
    people.sealed[now], people.sealed[former] = True, True
    people.sealed_from[now], people.sealed_from[former] = former, NOBODY
    people.present[:, former] = False
    people.twin[former] = False
    people.partner[:, former] = NOBODY
    people.mother[former] = people.father[former] = NOBODY
    people.female[old_adult] = ~people.female[old_adult]
    year = people.born.astype("datetime64[Y]").astype(np.int64) + 1970
    for rows in (now[: len(children)], old_adult):
        people.forename[rows] = draw_forenames(rng, people.culture[rows], people.female[rows], year[rows])
    surname = draw_surnames(rng, people.culture[old_child])
    people.surname[:, old_child], people.birth_surname[old_child] = surname, surname
    for column in (people.known_as, people.email, people.upn, people.phone, people.uln):
        column[former] = None
    elsewhere = people.home[0][rng.choice(np.flatnonzero(people.present[0]), len(former))]
    people.home[:, former] = elsewhere
    people.household[:, former] = _new_households(people, len(former))
    people.nhs[former] = _unused(rng, people.nhs, len(former))


def _some(rng: np.random.Generator, who: Flags, rate: float, least: int) -> Ints:
    rows = np.flatnonzero(who)
    return np.asarray(rng.permutation(rows)[: max(least, int(len(rows) * rate))])


def _unused(rng: np.random.Generator, used: Text, count: int) -> Text:
    fresh = nhs_numbers(rng, len(used) + count)
    return fresh[~np.isin(fresh.astype(str), used.astype(str))][:count]
