"""Why: Education: the school roll with parents as contacts, and monthly attendance.

Must never put a pupil into attendance who is not on the roll.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Flags, Ints, Text, blank_where, choices
from almoner.demo.identifiers import AUTHORITY
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import whole_years
from almoner.demo.people import NOBODY
from almoner.demo.scribe import Habits, Scribe, written, yes
from almoner.demo.sources.codes import SCHOOL_ETHNICITY
from almoner.demo.town import Town

_HABITS = Habits(
    no_number=0.01,
    misnumbered=0.003,
    no_birth=0.001,
    placeholder=0.001,
    stale=0.04,
    late=0.25,
    no_ethnicity=0.03,
)
_CONTACT = Habits(no_phone=0.1, typo=0.02, nickname=0.08, spelling=0.05)
_SESSIONS = (38, 30)

ROLL = Layout(
    source="education",
    dataset="pupils",
    title="Pupils on roll of the borough's schools, with their contacts",
    file="pupils-{month}.csv",
    format="csv",
    encoding="utf-8-sig",
    delivery="snapshot",
    key=("pupil_id",),
    columns={
        "pupil_id": "Reference",
        "upn": "Unique pupil number",
        "legal_surname": "Surname",
        "legal_forename": "Forename",
        "middle": "Middle names",
        "preferred_forename": "Name the pupil goes by",
        "born": "Date of birth",
        "sex": "F, M, U",
        "ethnicity": "Codes of the school census",
        "first_language": "ENG or OTH",
        "home": "Address",
        "postcode": "Postcode",
        "laestab": "Authority and establishment number",
        "school": "Name",
        "year_group": "R, 1 to 11",
        "on_roll_since": "Start",
        "free_meals": "T or F",
        "sen": "N none, K support, E plan",
        "sen_need": "Primary need: ASD, SLCN, SEMH, MLD, SPLD, PD",
        "looked_after": "T or F",
        "previous_laestab": "School before",
        "contact1_title": "Title",
        "contact1_forename": "Forename",
        "contact1_surname": "Surname",
        "contact1_relation": "Mother, Father, Carer",
        "contact1_phone": "Contact number",
        "contact2_forename": "Forename",
        "contact2_surname": "Surname",
        "contact2_relation": "Mother, Father, Carer",
    },
    people={"": "the pupil", "#C1": "first contact", "#C2": "second contact"},
    plants=(
        Plant("missing_field"),
        Plant("duplicate_key", "year_group"),
        Plant("not_a_date", "on_roll_since"),
        Plant("embedded_newline", "home"),
        Plant("key_missing"),
    ),
)


def pupils(town: Town) -> tuple[Ints, Ints, Scribe]:
    """Give everybody on a roll in either month, their record numbers and the clerk."""
    people = town.people
    former = people.is_former()
    who = np.flatnonzero((people.school >= 0) & people.ever_present() & ~former)
    ids = np.arange(len(who))
    scribe = Scribe(town, "education", _HABITS)
    scribe.opened = ~people.present[0][who]
    return who, ids, scribe


def on_roll(town: Town, scribe: Scribe, who: Ints, ids: Ints, month: int) -> Flags:
    """Say who is on roll at a month's end."""
    return scribe.held(town.people.present[0][who], town.people.present[1][who], ids, month)


def year_group(town: Town, who: Ints) -> Ints:
    """Give the national curriculum year in 2025-26; reception is 0."""
    return whole_years(town.people.born[who], np.datetime64("2025-08-31")) - 4


def laestab(town: Town, school: Ints) -> Text:
    """Write the number of a school."""
    return choices([f"{AUTHORITY}{number}" for number in town.schools.number[school]])


def _fill_roll(town: Town) -> Tables:
    who, ids, scribe = pupils(town)
    return both_months(lambda month: _roll_at(town, scribe, who, ids, month))


def _roll_at(town: Town, scribe: Scribe, who: Ints, ids: Ints, month: int) -> pl.DataFrame:
    keep = on_roll(town, scribe, who, ids, month)
    who, ids = who[keep], ids[keep]
    people, chance = town.people, town.chance("roll")
    homes, year = scribe.home(who, ids, month), year_group(town, who)
    poor = chance.uniform(ids, "meals") < 0.16 + 0.09 * town.deprivation(homes)
    sen = chance.pick(ids, "sen", ["N", "K", "E"], [81, 14, 5])
    need = chance.pick(ids, "need", ["ASD", "SLCN", "SEMH", "MLD", "SPLD", "PD"], [3, 3, 3, 2, 1, 1])
    start = choices([f"{2025 - y if y < 7 else 2025 - (y - 7)}-09-0{2 + y % 3}" for y in year.tolist()])
    start = np.where(people.present[0][who], start, "2026-04-20").astype(object)
    english = np.isin(people.ethnic[who], ["WB", "WI", "BC", "MC"]) | chance.happens(ids, "english", 0.35)
    pupil = {
        "pupil_id": scribe.reference(ids, "PU", 6),
        "upn": scribe.number("upn", who, ids),
        "legal_surname": scribe.surname(who, ids, month),
        "legal_forename": scribe.forename(who, ids),
        "middle": scribe.middle(who, ids, initial=0.05),
        "preferred_forename": scribe.known_as(who, ids),
        "born": written(scribe.born(who, ids), "%Y-%m-%d"),
        "sex": scribe.sex(who, ids, ("F", "M", "U")),
        "ethnicity": scribe.ethnicity(who, ids, SCHOOL_ETHNICITY, "NOBT"),
        "first_language": yes(english, "ENG", "OTH"),
        "home": scribe.address(homes, ids),
        "postcode": scribe.postcode(homes, ids),
        "laestab": laestab(town, people.school[who]),
        "school": town.schools.name[people.school[who]],
        "year_group": choices(["R" if y == 0 else str(y) for y in year.tolist()]),
        "on_roll_since": start,
        "free_meals": yes(poor, "T", "F"),
        "sen": sen,
        "sen_need": blank_where(need, sen == "N"),
        "looked_after": yes(people.looked_after[month][who], "T", "F"),
        "previous_laestab": blank_where(laestab(town, people.school[who]), ~chance.happens(ids, "moved school", 0.1)),
    }
    contacts, slots = _contacts(town, who, ids, month)
    return table({**pupil, **contacts}, {"": who, **slots})


def _contacts(town: Town, who: Ints, ids: Ints, month: int) -> tuple[dict[str, Text], dict[str, Ints]]:
    people, chance = town.people, town.chance("contacts of pupils")
    mother, father = people.mother[who], people.father[who]
    carer_of = np.full(int(people.household.max()) + 1, NOBODY)
    carers = np.flatnonzero(people.carer_home)
    carer_of[people.household[0][carers]] = carers
    fostered = (people.looked_after[0] & people.looked_after[1])[who]
    carer = np.where(fostered, carer_of[people.household[0][who]], NOBODY)
    one = np.where(fostered, carer, np.where(mother >= 0, mother, father))
    two = np.where(fostered | (one == father), NOBODY, father)
    two = np.where(chance.happens(ids, "second contact", 0.75), two, NOBODY)
    columns: dict[str, Text] = {}
    for name, adult in (("contact1", one), ("contact2", two)):
        clerk = Scribe(town, f"education#{name}", _CONTACT)
        none = adult < 0
        relation = np.where(adult == carer, "Carer", people.parent_word(adult)).astype(object)
        if name == "contact1":
            columns[f"{name}_title"] = blank_where(clerk.title(adult, 0), none)
        columns[f"{name}_forename"] = blank_where(clerk.forename(adult, ids), none)
        columns[f"{name}_surname"] = blank_where(clerk.surname(adult, ids, month), none)
        columns[f"{name}_relation"] = blank_where(relation, none)
        if name == "contact1":
            columns[f"{name}_phone"] = blank_where(clerk.phone(adult, ids), none)
    return columns, {"#C1": one, "#C2": two}


ATTENDANCE = Layout(
    source="education",
    dataset="attendance",
    title="Attendance in the month",
    file="attendance-{period}.txt",
    format="csv",
    encoding="utf-16",
    delimiter="\t",
    newline="\r\n",
    delivery="append",
    key=("pupil_id", "month"),
    dates="dd/mm/yyyy",
    columns={
        "pupil_id": "As in the roll",
        "month": "Month, yyyy-mm",
        "upn": "Unique pupil number",
        "name": "Surname, Forename",
        "born": "Date of birth",
        "laestab": "School",
        "possible": "Half-day sessions",
        "attended": "Half-day sessions",
        "authorised": "Half-day sessions of authorised absence",
        "unauthorised": "Half-day sessions",
    },
    people={"": "the pupil"},
    plants=(Plant("undecodable", "name"), Plant("not_integer", "attended")),
)


def _fill_attendance(town: Town) -> Tables:
    who, ids, scribe = pupils(town)
    return both_months(lambda month: _attendance_in(town, scribe, who, ids, month))


def _attendance_in(town: Town, scribe: Scribe, who: Ints, ids: Ints, month: int) -> pl.DataFrame:
    keep = on_roll(town, scribe, who, ids, month)
    who, ids = who[keep], ids[keep]
    chance = town.chance(f"attendance {month}")
    habit = town.chance("attendance").uniform(ids, "habit")
    missed = np.minimum(
        (_SESSIONS[month] * (habit**4 * 0.5 + chance.uniform(ids, "missed") ** 3 * 0.12)), _SESSIONS[month]
    )
    absent = missed.astype(np.int64)
    unauthorised = (absent * chance.uniform(ids, "unauthorised") * habit).astype(np.int64)
    names = zip(scribe.surname(who, ids, month), scribe.forename(who, ids), strict=True)
    return table(
        {
            "pupil_id": scribe.reference(ids, "PU", 6),
            "month": choices([["2026-03", "2026-04"][month]] * len(who)),
            "upn": scribe.number("upn", who, ids),
            "name": choices([f"{s}, {f}" for s, f in names]),
            "born": written(scribe.born(who, ids), "%d/%m/%Y"),
            "laestab": laestab(town, town.people.school[who]),
            "possible": choices([str(_SESSIONS[month])] * len(who)),
            "attended": choices((_SESSIONS[month] - absent).astype(str).tolist()),
            "authorised": choices((absent - unauthorised).astype(str).tolist()),
            "unauthorised": choices(unauthorised.astype(str).tolist()),
        },
        {"": who},
    )


FEEDS = (Feed(ROLL, _fill_roll), Feed(ATTENDANCE, _fill_attendance))
