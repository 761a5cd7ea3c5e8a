"""Why: makes families out of household members: who is whose mother, father and partner, and what each is
called.

Must never use a property that a service would record; only descent, marriage and tradition decide here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from almoner.demo.chance import Flags, Ints, Text, choices, either
from almoner.demo.households import Households, Role
from almoner.demo.names import (
    draw_cultures,
    draw_forenames,
    draw_surnames,
    draw_women_surnames,
    feminine,
    number_of,
    traits,
)

NOBODY = -1
_CHILD_ROLES = (Role.CHILD, Role.STEP_CHILD, Role.NEWBORN)
_WOMENS_SURNAME_SHARE = 0.5
_SAME_NAME_RATE = 0.02
_MIDDLE_RATE = 0.62
_DOUBLE_RATE = 0.06


@dataclass
class Named:
    """What families give their members, in member order."""

    culture: Ints
    forename: Text
    middle: Text
    birth_surname: Text
    surname: Text
    ethnic: Text
    mother: Ints
    father: Ints
    partner: Ints
    married: Flags


def name_families(rng: np.random.Generator, homes: Households) -> Named:
    """Name everybody and tie the families together."""
    lead, partner = _member(homes, Role.LEAD), _member(homes, Role.PARTNER)
    mother, father = _parents(homes, lead, partner)
    culture = _cultures(rng, homes)
    year = 2026 - np.ceil(homes.age).astype(np.int64)
    forename = draw_forenames(rng, culture, homes.female, year)
    _tell_siblings_apart(rng, homes, culture, year, forename)
    _name_sons_after_fathers(rng, homes, father, forename)
    middle = _middles(rng, culture, homes.female, year, father, forename)
    birth, now, married = _surnames(rng, homes, culture, lead, partner)
    _follow_given_names(culture, father, middle, birth, now)
    ethnic = _ethnic_groups(rng, culture, mother, father)
    couple = partner >= 0
    tie = np.full(len(culture), NOBODY)
    tie[lead[couple]], tie[partner[couple]] = partner[couple], lead[couple]
    return Named(culture, forename, middle, birth, now, ethnic, mother, father, tie, married)


def _member(homes: Households, role: Role) -> Ints:
    """Give for each household the row of its only member with this role, or nobody."""
    found = np.full(len(homes.kind), NOBODY)
    rows = np.flatnonzero(homes.role == role)
    found[homes.household[rows]] = rows
    return found


def _parents(homes: Households, lead: Ints, partner: Ints) -> tuple[Ints, Ints]:
    """Give each child its mother and father; a second parent of the same sex takes the place that is left."""
    mother, father = np.full((2, len(homes.role)), NOBODY)
    joint = np.isin(homes.role, [Role.CHILD, Role.NEWBORN])
    for rows, adult in ((joint, lead), (joint, partner), (homes.role == Role.STEP_CHILD, partner)):
        who = np.where(rows, adult[homes.household], NOBODY)
        woman = (who >= 0) & homes.female[who]
        as_mother = (who >= 0) & ((woman & (mother < 0)) | (~woman & (father >= 0)))
        father = np.where((who >= 0) & ~as_mother, who, father)
        mother = np.where(as_mother, who, mother)
    rows = np.flatnonzero(homes.role == Role.GRANDPARENT)  # they are the lead's parents
    child = lead[homes.household[rows]]
    women = homes.female[rows]
    mother[child[women]], father[child[~women]] = rows[women], rows[~women]
    return mother, father


def _cultures(rng: np.random.Generator, homes: Households) -> Ints:
    count = len(homes.role)
    culture = np.where(homes.role == Role.PARTNER, homes.other_culture[homes.household], homes.culture[homes.household])
    own = draw_cultures(rng, count)
    settled = np.where(rng.random(count) < 0.6, number_of("british"), own)
    culture = np.where(homes.role == Role.SHARER, own, culture)
    return np.where(homes.role == Role.RESIDENT, settled, culture)


def _tell_siblings_apart(
    rng: np.random.Generator, homes: Households, culture: Ints, year: Ints, forename: Text
) -> None:
    """Draw again where two members of a household would bear the same forename."""
    for _ in range(8):
        seen = np.array([f"{h}/{f}" for h, f in zip(homes.household, forename, strict=True)])
        first = np.zeros(len(seen), dtype=bool)
        first[np.unique(seen, return_index=True)[1]] = True
        again = np.flatnonzero(~first & (homes.role != Role.RESIDENT))
        if len(again) == 0:
            return
        forename[again] = draw_forenames(rng, culture[again], homes.female[again], year[again])


def _name_sons_after_fathers(rng: np.random.Generator, homes: Households, father: Ints, forename: Text) -> None:
    """Give some oldest sons their father's forename: two people of one name at one address."""
    sons = np.flatnonzero(~homes.female & (father >= 0) & (homes.role == Role.CHILD))
    eldest_first = sons[np.argsort(-homes.age[sons], kind="stable")]
    oldest = eldest_first[np.unique(father[eldest_first], return_index=True)[1]]
    chosen = rng.random(len(oldest)) < _SAME_NAME_RATE
    chosen[:3] = True
    forename[oldest[chosen]] = forename[father[oldest[chosen]]]


def _middles(rng: np.random.Generator, culture: Ints, female: Flags, year: Ints, father: Ints, forename: Text) -> Text:
    """Give middle names; where surnames follow given names, the father's forename stands in the middle."""
    one, two = (draw_forenames(rng, culture, female, year) for _ in range(2))
    draw = rng.random(len(culture))
    plain = either(draw < _MIDDLE_RATE, one, None)
    middle = np.where((draw < 0.05) & (one != two) & (two != forename) & (one != forename), one + " " + two, plain)
    men = draw_forenames(rng, culture, np.zeros(len(culture), dtype=bool), year - 28)
    given = traits("child_rule")[culture] == "given"
    middle = np.where(given, np.where(father >= 0, forename[father], men), middle)
    return either(middle == forename, None, middle)


def _surnames(
    rng: np.random.Generator, homes: Households, culture: Ints, lead: Ints, partner: Ints
) -> tuple[Text, Text, Flags]:
    """Give everybody the surname of birth and the one of today, and say who is married."""
    count, places = len(homes.role), len(homes.kind)
    home = homes.household
    of_lead, of_partner = draw_surnames(rng, homes.culture), draw_surnames(rng, homes.other_culture)
    of_absent = draw_surnames(rng, homes.other_culture)
    woman_leads = homes.female[lead] & (lead >= 0)
    with_partner = partner >= 0
    through_partner = with_partner & woman_leads & ~homes.female[partner]
    line = np.where(through_partner, of_partner, of_lead)
    absent = homes.of_kind("lone_parent") & woman_leads & (rng.random(places) < 0.5)
    line = np.where(absent, of_absent, line)
    wed = with_partner & (rng.random(places) < np.where(homes.of_kind("couple_older", "multi_generation"), 0.9, 0.62))
    double = with_partner & ~wed & (rng.random(places) < _DOUBLE_RATE)
    line = np.where(double & ~through_partner, of_partner + "-" + of_lead, line)

    own = draw_surnames(rng, culture)
    by_role = {Role.LEAD: of_lead, Role.PARTNER: of_partner, Role.CHILD: line, Role.NEWBORN: line,
               Role.STEP_CHILD: of_absent, Role.GRANDPARENT: of_lead}  # fmt: skip
    birth = own
    for role, surname in by_role.items():
        birth = np.where(homes.role == role, surname[home], birth)
    birth = np.where(homes.role == Role.GRANDPARENT, np.where(homes.female, own, birth), birth).astype(object)
    traditional = homes.female & (homes.age > 2)
    birth[traditional] = draw_women_surnames(rng, culture[traditional], birth[traditional], _WOMENS_SURNAME_SHARE)
    birth = feminine(birth, homes.female)
    wife = np.where(through_partner, lead, np.where(homes.female[partner], partner, NOBODY))
    husband = np.where(wife == lead, partner, lead)
    takes = wed & (wife >= 0) & (husband >= 0) & (homes.female[wife] & ~homes.female[husband])
    takes &= rng.random(places) < traits("takes_name")[culture[wife]].astype(float)
    now = birth.copy()
    now[wife[takes]] = np.where(through_partner[takes], of_partner[takes], of_lead[takes])
    grandmother = (homes.role == Role.GRANDPARENT) & homes.female & (rng.random(count) < 0.7)
    now = np.where(grandmother, of_lead[home], now).astype(object)
    married = np.zeros(count, dtype=bool)
    married[lead[wed]], married[partner[wed]] = True, True
    return birth, feminine(now, homes.female), married | grandmother


def _follow_given_names(culture: Ints, father: Ints, middle: Text, birth: Text, now: Text) -> None:
    """Where surnames follow given names, a child's surname is the father's father's given name."""
    rows = np.flatnonzero((traits("child_rule")[culture] == "given") & (father >= 0))
    known = rows[choices([bool(m) for m in middle[father[rows]]]).astype(bool)]
    birth[known] = now[known] = choices([m.split()[0] for m in middle[father[known]]])


def _ethnic_groups(rng: np.random.Generator, culture: Ints, mother: Ints, father: Ints) -> Text:
    """Give the census group: that of the tradition, or a mixed one where the parents' differ."""
    own = traits("ethnic")[culture]
    own = np.where((own == "BC") & (rng.random(len(culture)) < 0.1), "BO", own)
    out = own.copy()
    for row in np.flatnonzero((mother >= 0) & (father >= 0)):
        groups = {own[mother[row]], own[father[row]]}
        if len({group[0] for group in groups}) > 1:
            white = any(group[0] == "W" for group in groups)
            other = next((group for group in groups if group[0] != "W"), "")
            out[row] = {"BC": "MC", "BA": "MF", "BO": "MO", "AR": "MO", "OT": "MO"}.get(other, "MA") if white else "MO"
    return out.astype(object)
