"""Why: young people outside the roll: suspensions, post-16 learners, participation tracking, attendance of
children in care. Four suppliers, who share no key but the pupil and learner numbers.

Must never use the roll's own pupil reference: these suppliers don't know it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, Text, blank_where, choices
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY, UNEMPLOYED
from almoner.demo.scribe import Habits, Scribe, written, yes
from almoner.demo.sources.codes import LEARNER_ETHNICITY, SCHOOL_ETHNICITY
from almoner.demo.sources.education import laestab, pupils, year_group
from almoner.demo.town import Town

SUSPENSIONS = Layout(
    source="schools_and_colleges",
    dataset="suspensions",
    title="Suspensions and exclusions that started in the month",
    file="suspensions_{month}.csv",
    format="csv",
    delimiter=";",
    delivery="append",
    key=("susp_ref",),
    dates="dd/mm/yyyy",
    columns={
        "susp_ref": "Reference",
        "upn": "Unique pupil number",
        "family_name": "Surname",
        "given_name": "Forename",
        "dob": "Date of birth",
        "gender": "F, M, U",
        "laestab": "School",
        "kind": "S suspension, P permanent, L lunch-time",
        "why": "Reason",
        "first_day": "Start",
        "sessions": "Half-day sessions",
        "year_group": "Curriculum year",
    },
    people={"": "the pupil"},
    plants=(Plant("not_a_date", "first_day", (0,)), Plant("formula", "why", (0,))),
    note="The first month holds the last twelve months",
)


def _fill_suspensions(town: Town) -> Tables:
    who, _, _ = pupils(town)
    chance = town.chance("suspensions")
    rate = np.where(year_group(town, who) >= 7, 0.09, 0.008)
    pupil = who[chance.happens(who, "ever", rate) & town.people.present[0][who]]
    case = np.repeat(pupil, 1 + chance.whole(pupil, "times", 3))
    ids = np.arange(len(case))
    day = chance.day(ids, "day", np.datetime64("2025-04-22"), MONTHS[1].last)
    scribe = Scribe(town, "suspensions", Habits(no_number=0.02, late=0.2))
    return both_months(lambda month: _suspensions_in(town, scribe, case, ids, day, month))


def _suspensions_in(town: Town, scribe: Scribe, case: Ints, ids: Ints, day: np.ndarray, month: int) -> pl.DataFrame:
    new = (day > MONTHS[0].last) == (month == 1)
    who, ids, day = case[new], ids[new], day[new]
    chance = town.chance("suspensions")
    kind = chance.pick(ids, "kind", ["S", "P", "L"], [93, 3, 4])
    return table(
        {
            "susp_ref": scribe.reference(ids, "SX", 6),
            "upn": scribe.number("upn", who, ids),
            "family_name": scribe.surname(who, ids, month),
            "given_name": scribe.forename(who, ids),
            "dob": written(scribe.born(who, ids), "%d/%m/%Y"),
            "gender": scribe.sex(who, ids, ("F", "M", "U")),
            "laestab": laestab(town, town.people.school[who]),
            "kind": kind,
            "why": chance.pick(
                ids,
                "why",
                [
                    "Persistent disruption",
                    "Physical assault: pupil",
                    "Verbal abuse: adult",
                    "Damage",
                    "Bullying",
                    "Other",
                ],
                [5, 3, 3, 1, 1, 1],
            ),
            "first_day": written(day, "%d/%m/%Y"),
            "sessions": choices((1 + chance.whole(ids, "sessions", 10)).astype(str).tolist()),
            "year_group": choices(year_group(town, who).astype(str).tolist()),
        },
        {"": who},
    )


LEARNERS = Layout(
    source="schools_and_colleges",
    dataset="learners",
    title="Enrolments of learners aged 16 to 24",
    file="learners_{sent}.txt",
    format="csv",
    delimiter="|",
    encoding="cp1252",
    newline="\r\n",
    delivery="snapshot",
    key=("learner_no", "aim_no"),
    dates="yyyymmdd",
    columns={
        "learner_no": "The college's number of the learner",
        "aim_no": "Number of the aim",
        "uln": "Unique learner number",
        "upn": "Former unique pupil number",
        "surname": "Surname",
        "forenames": "Forename and middle names",
        "birth_date": "Date of birth",
        "sex": "F or M",
        "ethnicity": "Codes of the learner record",
        "lldd": "1 = learning difficulty or disability",
        "address": "Address",
        "postcode": "Postcode",
        "email": "E-mail address",
        "ni_no": "National Insurance number",
        "college": "Provider",
        "aim": "What is learnt",
        "started": "Start",
        "planned_end": "Planned end",
        "outcome": "1 continuing, 2 completed, 3 withdrawn",
    },
    people={"": "the learner"},
    plants=(Plant("extra_field"), Plant("duplicate_key", "outcome")),
)
_COLLEGES = ["Ambleford College", "Wharfside Sixth Form", "Harrowdean College"]


def _fill_learners(town: Town) -> Tables:
    people, chance = town.people, town.chance("learners")
    everyone, age = np.arange(len(people)), people.age(0)
    studying = (age >= 16) & (age < 25) & people.present[0] & ~people.sealed
    who = everyone[studying & chance.happens(everyone, "enrolled", np.where(age < 19, 0.86, 0.12))]
    two = who[chance.happens(who, "two aims", 0.12)]
    aim = np.concatenate([np.ones(len(who), dtype=np.int64), np.full(len(two), 2)])
    everyone_again = np.concatenate([who, two])
    scribe = Scribe(town, "learners", Habits(nickname=0.05, no_number=0.1, stale=0.08))
    return both_months(lambda month: _learners_at(town, scribe, everyone_again, aim, month))


def _learners_at(town: Town, scribe: Scribe, who: Ints, aim: Ints, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("learners")
    keep = scribe.held(people.present[0][who], people.present[1][who], who, month)
    who, aim = who[keep], aim[keep]
    homes, row = scribe.home(who, who, month), who * 3 + aim
    forenames = zip(scribe.forename(who, who), scribe.middle(who, who), strict=True)
    return table(
        {
            "learner_no": scribe.reference(who, "", 9),
            "aim_no": choices(aim.astype(str).tolist()),
            "uln": scribe.number("uln", who, who, missing=0.03),
            "upn": scribe.number("upn", who, who, missing=0.6),
            "surname": scribe.surname(who, who, month),
            "forenames": choices([f"{f} {m}" if m else f for f, m in forenames]),
            "birth_date": written(scribe.born(who, who), "%Y%m%d"),
            "sex": scribe.sex(who, who, ("F", "M", "M")),
            "ethnicity": scribe.ethnicity(who, who, LEARNER_ETHNICITY, "99"),
            "lldd": yes(people.disabled[who], "1", "2"),
            "address": scribe.address(homes, who),
            "postcode": scribe.postcode(homes, who),
            "email": scribe.email(who, who),
            "ni_no": scribe.number("nino", who, who, missing=0.5),
            "college": chance.pick(who, "college", _COLLEGES, [6, 3, 2]),
            "aim": chance.pick(
                row,
                "aim",
                [
                    "A level",
                    "T level",
                    "BTEC level 3",
                    "GCSE English",
                    "GCSE maths",
                    "ESOL",
                    "Apprenticeship",
                ],
                [4, 1, 3, 1, 1, 1, 2],
            ),
            "started": choices(["20250908"] * len(who)),
            "planned_end": choices(["20260703"] * len(who)),
            "outcome": chance.pick(row, "outcome", ["1", "2", "3"], [92, 1, 7]),
        },
        {"": who},
    )


TRACKING = Layout(
    source="career_connect",
    dataset="participation",
    title="What young people aged 16 to 18 do",
    file="participation-{sent}.csv",
    format="csv",
    delivery="snapshot",
    key=("client_ref",),
    dates="dd/mm/yyyy",
    columns={
        "client_ref": "Reference",
        "surname": "Surname",
        "forename": "Forename",
        "dob": "Date of birth",
        "gender": "F, M, X",
        "ethnicity": "Codes of the school census",
        "upn": "Unique pupil number",
        "address": "Address",
        "postcode": "Postcode",
        "mobile": "Contact number",
        "activity": "2xx learning, 3xx work, 5xx and 6xx not, 8xx unknown",
        "since": "Date of the status",
        "care_leaver": "Y or N",
        "send": "Y or N",
        "adviser": "Professional",
        "school": "School in year 11 (LAESTAB)",
    },
    people={"": "the young person"},
    plants=(Plant("missing_field"), Plant("stray_footer"), Plant("not_a_date", "since")),
)


def _fill_tracking(town: Town) -> Tables:
    people = town.people
    age = people.age(0)
    who = np.flatnonzero((age >= 16) & (age < 19) & people.ever_present() & ~people.sealed)
    scribe = Scribe(town, "career_connect", Habits(typo=0.02, no_number=0.15, stale=0.1, late=0.5))
    return both_months(lambda month: _tracking_at(town, scribe, who, month))


def _tracking_at(town: Town, scribe: Scribe, who: Ints, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("career connect")
    who = who[scribe.held(people.present[0][who], people.present[1][who], who, month)]
    homes = scribe.home(who, who, month)
    out = (people.activity[who] == UNEMPLOYED) | chance.happens(who, "out", 0.05)
    learning = chance.pick(who, "learning", ["210", "220", "310", "330"], [6, 2, 1, 1])
    without = chance.pick(who, "without", ["540", "610", "619", "810"], [2, 2, 1, 3])
    return table(
        {
            "client_ref": scribe.reference(who, "CN", 7),
            "surname": scribe.surname(who, who, month),
            "forename": scribe.forename(who, who),
            "dob": written(scribe.born(who, who), "%d/%m/%Y"),
            "gender": scribe.sex(who, who, ("F", "M", "X")),
            "ethnicity": scribe.ethnicity(who, who, SCHOOL_ETHNICITY),
            "upn": scribe.number("upn", who, who),
            "address": scribe.address(homes, who),
            "postcode": scribe.postcode(homes, who),
            "mobile": scribe.phone(who, who),
            "activity": np.where(out, without, learning).astype(object),
            "since": written(scribe.back_from(who, "since", 0, 200), "%d/%m/%Y"),
            "care_leaver": yes(people.ever_looked_after()[who]),
            "send": yes(people.disabled[who]),
            "adviser": scribe.worker(who),
            "school": laestab(town, np.where(people.school[who] >= 0, people.school[who], len(town.schools.name) - 1)),
        },
        {"": who},
    )


CARE_ATTENDANCE = Layout(
    source="welfare_call",
    dataset="care_attendance",
    title="Attendance of looked-after children, week by week",
    file="welfare_call_{month}.csv",
    format="csv",
    encoding="utf-8-sig",
    delivery="append",
    key=("call_ref", "week_starting"),
    dates="dd/mm/yyyy",
    columns={
        "call_ref": "Reference of the child",
        "week_starting": "Monday",
        "child_name": "Forename Surname",
        "date_of_birth": "Date of birth",
        "upn": "Unique pupil number",
        "placement_postcode": "Postcode",
        "school": "Name of the school",
        "possible": "Half-day sessions",
        "present": "Half-day sessions",
        "reason": "I illness, M medical, O unauthorised, C other",
        "suspended": "Half-day sessions",
    },
    people={"": "the child"},
)
_MONDAYS = (
    ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"),
    ("2026-04-20", "2026-04-27"),
)


def _fill_care_attendance(town: Town) -> Tables:
    scribe = Scribe(town, "welfare_call", Habits(typo=0.05, no_number=0.2, nickname=0.1))
    return both_months(lambda month: _care_attendance_in(town, scribe, month))


def _care_attendance_in(town: Town, scribe: Scribe, month: int) -> pl.DataFrame:
    people = town.people
    year = year_group(town, np.arange(len(people)))
    children = np.flatnonzero(people.looked_after[month] & (year >= 0) & (year <= 11) & np.isnat(people.died))
    weeks = _MONDAYS[month]
    who = np.repeat(children, len(weeks))
    monday = choices([*weeks] * len(children)) if len(children) else choices([])
    chance = town.chance(f"welfare call {month}")
    row = np.arange(len(who))
    missed = (11 * chance.uniform(row, "missed") ** 4).astype(np.int64)
    school = np.where(people.school[who] == NOBODY, 0, people.school[who])
    names = zip(scribe.forename(who, who), scribe.surname(who, who, month), strict=True)
    days = np.array(monday.tolist(), dtype="datetime64[D]")
    return table(
        {
            "call_ref": scribe.reference(who, "W", 6),
            "week_starting": written(days, "%d/%m/%Y"),
            "child_name": choices([f"{f} {s}" for f, s in names]),
            "date_of_birth": written(scribe.born(who, who), "%d/%m/%Y"),
            "upn": scribe.number("upn", who, who),
            "placement_postcode": scribe.postcode(people.home[month][who], who),
            "school": town.schools.name[school],
            "possible": choices(["10"] * len(who)),
            "present": _text(10 - np.minimum(missed, 10)),
            "reason": blank_where(chance.pick(row, "reason", ["I", "M", "O", "C"]), missed == 0),
            "suspended": _text(np.where(chance.happens(row, "suspended", 0.02), 2, 0)),
        },
        {"": who},
    )


def _text(numbers: Ints) -> Text:
    return choices(numbers.astype(str).tolist())


FEEDS = (
    Feed(SUSPENSIONS, _fill_suspensions),
    Feed(LEARNERS, _fill_learners),
    Feed(TRACKING, _fill_tracking),
    Feed(CARE_ATTENDANCE, _fill_care_attendance),
)
