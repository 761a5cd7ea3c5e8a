"""Why: the table of everybody who is ever in the borough's files, one array per property, two columns for
the two months.

Must never hold how a service wrote somebody down: this is the truth, mistakes come later.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from almoner.demo.chance import Days, Flags, Ints, Text, choices
from almoner.demo.families import Named
from almoner.demo.households import Households, Role
from almoner.demo.identifiers import nhs_numbers, ninos, ulns, upns
from almoner.demo.months import MONTHS, whole_years
from almoner.demo.names import NICKNAMES_OF, fold, traits

NOBODY = -1
ETHNIC_GROUPS = (
    "WB",
    "WI",
    "WG",
    "WR",
    "WO",
    "MC",
    "MF",
    "MA",
    "MO",
    "AI",
    "AP",
    "AB",
    "AC",
    "AO",
    "BA",
    "BC",
    "BO",
    "AR",
    "OT",
)
"""The nineteen groups of the 2021 census, in census order, by short codes of our own."""
ACTIVITIES = ("child", "student", "employed", "self_employed", "unemployed", "sick", "carer", "retired")
CHILD, STUDENT, EMPLOYED, SELF_EMPLOYED, UNEMPLOYED, SICK, CARER, RETIRED = range(8)
_PHONE_STEMS = (
    "0113496",
    "0114496",
    "0115496",
    "0116496",
    "0117496",
    "0118496",
    "0121496",
    "0131496",
    "0141496",
    "0151496",
    "0161496",
    "0191498",
    "0207946",
    "0292018",
    "0770090",
    "0163296",
)
"""Ranges that are kept free of subscribers, for use in fiction; the last two have one digit fewer before
the block.
"""
_NICKNAME_RATE = 0.35
_MIDDLE_AS_FIRST_RATE = 0.015


@dataclass
class People:
    """Everybody: arrays of length P; arrays of shape (2, P) hold the state at the end of each month."""

    culture: Ints
    role: Ints
    female: Flags
    twin: Flags
    born: Days
    died: Days
    forename: Text
    middle: Text
    known_as: Text
    birth_surname: Text
    surname: Text  # (2, P)
    ethnic: Text
    religion: Text
    orientation: Text
    mother: Ints
    father: Ints
    partner: Ints  # (2, P)
    nhs: Text
    nino: Text
    upn: Text
    uln: Text
    phone: Text
    email: Text
    household: Ints  # (2, P)
    home: Ints  # (2, P): number of a dwelling, inside the borough or not
    second_home: Ints
    prior_home: Ints
    moved_on: Days  # (2, P)
    present: Flags  # (2, P): alive and resident in the borough
    married: Flags  # (2, P)
    looked_after: Flags  # (2, P)
    carer_home: Flags
    do_not_disclose: Flags
    sealed: Flags
    sealed_from: Ints
    activity: Ints
    disabled: Flags
    school: Ints
    practice: Ints

    def __len__(self) -> int:
        return len(self.born)

    def age(self, month: int) -> Ints:
        """Give ages in whole years at a month's end."""
        return whole_years(self.born, MONTHS[month].last)

    def title(self, month: int) -> Text:
        """Give the usual title; children have Master or Miss."""
        age = self.age(month)
        women = np.where(self.married[month] | (age > 70), "Mrs", np.where(age < 18, "Miss", "Ms"))
        return np.where(self.female, women, np.where(age < 14, "Master", "Mr")).astype(object)

    def is_former(self) -> Flags:
        """Say which rows are former identities: sealed, and not what the person is now."""
        return self.sealed & (self.sealed_from == NOBODY)

    def ever_present(self) -> Flags:
        """Say who is present in one of the months at least."""
        return self.present[0] | self.present[1]

    def always_present(self) -> Flags:
        """Say who is present in both months."""
        return self.present[0] & self.present[1]

    def ever_looked_after(self) -> Flags:
        """Say who is looked after in one of the months at least."""
        return self.looked_after[0] | self.looked_after[1]

    def parent_word(self, who: Ints) -> Text:
        """Say what a parent is called: Mother or Father."""
        return np.where(self.female[who], "Mother", "Father").astype(object)

    def copy_rows(self, rows: Ints) -> Ints:
        """Append copies of rows and say which rows they became."""
        first = len(self)
        for column in fields(self):
            values = getattr(self, column.name)
            setattr(self, column.name, np.concatenate([values, values[..., rows]], axis=-1))
        return np.arange(first, first + len(rows))


def make_people(rng: np.random.Generator, homes: Households, named: Named) -> People:
    """Make the people of the households: not yet placed, nothing has happened to them yet."""
    count = len(homes.role)
    born = born_on(homes.age)
    newborn = homes.role == Role.NEWBORN
    present = np.stack([~homes.arrives[homes.household] & ~newborn, np.ones(count, dtype=bool)])
    nobody, nowhere = np.full(count, NOBODY), np.full(count, -1)
    phone = _phones(rng, homes)
    return People(
        culture=named.culture,
        role=homes.role,
        female=homes.female,
        twin=homes.twin,
        born=born,
        died=np.full(count, np.datetime64("NaT"), dtype="datetime64[D]"),
        forename=named.forename,
        middle=named.middle,
        known_as=_known_as(rng, named.forename, named.middle, homes.age),
        birth_surname=named.birth_surname,
        surname=np.stack([named.surname, named.surname]),
        ethnic=named.ethnic,
        religion=_religions(rng, named.culture),
        orientation=_orientations(rng, count),
        mother=named.mother,
        father=named.father,
        partner=np.stack([named.partner, named.partner]),
        nhs=nhs_numbers(rng, count),
        nino=ninos(rng, count),
        upn=choices([None] * count),
        uln=_ulns(rng, homes.age),
        phone=phone,
        email=_emails(named, born),
        household=np.stack([homes.household, homes.household]),
        home=np.stack([nowhere, nowhere]),
        second_home=nowhere.copy(),
        prior_home=nowhere.copy(),
        moved_on=np.stack([born, born]),
        present=present,
        married=np.stack([named.married, named.married]),
        looked_after=np.zeros((2, count), dtype=bool),
        carer_home=np.zeros(count, dtype=bool),
        do_not_disclose=np.zeros(count, dtype=bool),
        sealed=np.zeros(count, dtype=bool),
        sealed_from=nobody.copy(),
        activity=np.zeros(count, dtype=np.int64),
        disabled=rng.random(count) < 0.03 + np.clip(homes.age, 0, 95) / 260,
        school=nobody.copy(),
        practice=nobody.copy(),
    )


def born_on(age: np.ndarray) -> Days:
    """Turn ages at the end of the first month into days of birth."""
    return MONTHS[0].last - np.floor(age * 365.2425).astype("timedelta64[D]")


def give_pupil_numbers(people: People, school_of: Ints, numbers: Ints) -> None:
    """Give pupils their UPN from the school that they first went to; serials count up within school and
    year.
    """
    pupils = np.flatnonzero(school_of >= 0)
    year = whole_years(people.born[pupils], np.datetime64("2025-08-31"))
    admitted = 2025 - np.maximum(year - 4, 0)
    group = school_of[pupils] * 10_000 + admitted
    order = np.argsort(group, kind="stable")
    first = np.r_[0, np.flatnonzero(np.diff(group[order])) + 1] if len(order) else np.zeros(0, dtype=np.int64)
    serial = np.empty(len(pupils), dtype=np.int64)
    serial[order] = np.arange(len(order)) - np.repeat(first, np.diff(np.r_[first, len(order)]))
    people.upn[pupils] = upns(numbers[school_of[pupils]], admitted, 1 + serial % 999)


def _known_as(rng: np.random.Generator, forename: Text, middle: Text, age: np.ndarray) -> Text:
    """Give the name that somebody goes by, where it isn't the first one."""
    wants, pick = rng.random(len(forename)), rng.random(len(forename))
    out: list[str | None] = []
    for name, other, years, want, which in zip(forename, middle, age, wants, pick, strict=True):
        short = NICKNAMES_OF.get(name)
        if short and want < _NICKNAME_RATE and years > 1:
            out.append(short[int(which * len(short))])
        elif other and want > 1 - _MIDDLE_AS_FIRST_RATE:
            out.append(other.split()[0])
        else:
            out.append(None)
    return choices(out)


def _religions(rng: np.random.Generator, culture: Ints) -> Text:
    usual = traits("religion")[culture]
    draw = rng.random(len(culture))
    plain = (usual == "Christian") & (draw < 0.45) | (draw < 0.08)
    return np.where(plain, "None", np.where(draw > 0.97, "Buddhist", usual)).astype(object)


def _orientations(rng: np.random.Generator, count: int) -> Text:
    values = choices(["Heterosexual", "Prefer not to say", "Gay or lesbian", "Bisexual", "Other"])
    return values[rng.choice(5, size=count, p=(0.86, 0.09, 0.025, 0.02, 0.005))]


def _ulns(rng: np.random.Generator, age: np.ndarray) -> Text:
    out = choices([None] * len(age))
    learners = np.flatnonzero((age > 13.5) & (age < 26))
    out[learners] = ulns(rng, len(learners))
    return out


def _phones(rng: np.random.Generator, homes: Households) -> Text:
    """Give adults a number; a third share their household's. Fictional ranges are small: big boroughs reuse
    them.
    """
    count = len(homes.role)
    own = rng.permutation(count)
    shared = rng.random(count) < 0.33
    first_of_home = np.searchsorted(homes.household, homes.household)
    line = np.where(shared, own[first_of_home], own)
    stem, rest = line % len(_PHONE_STEMS), line // len(_PHONE_STEMS) % 1000
    out = choices([f"{_PHONE_STEMS[s]}{r:0{11 - len(_PHONE_STEMS[s])}d}" for s, r in zip(stem, rest, strict=True)])
    out[homes.age < 15] = None
    return out


def _emails(named: Named, born: Days) -> Text:
    """Give addresses in a domain reserved for examples."""
    joined = str.maketrans("", "", "'- ")
    year = born.astype("datetime64[Y]").astype(str)
    return choices(
        [
            f"{fold(f)}.{fold(s)}{y[2:]}@mail.example".translate(joined).lower()
            for f, s, y in zip(named.forename, named.surname, year, strict=True)
        ]
    )
