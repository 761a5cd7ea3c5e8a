"""Why: the NHS and an anonymous survey: practice lists, long-term conditions, mental-health referrals,
survey answers.

Must never put a name, a number, a date of birth or a postcode into the survey.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, blank_where, choices, either
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS
from almoner.demo.scribe import Habits, Scribe, written, yes
from almoner.demo.sources.codes import BROAD_ETHNICITY, NHS_ETHNICITY
from almoner.demo.town import Town

_GP = Habits(no_number=0.004, misnumbered=0.001, no_birth=0.0, placeholder=0.001, typo=0.008, stale=0.09, late=0.45)
_DROPPED_AFTER_DEATH = 0.3

PATIENTS = Layout(
    source="nhs_gp",
    dataset="patients",
    title="Patients registered with the borough's practices",
    file="gp_patients_{month}.parquet",
    format="parquet",
    delivery="snapshot",
    key=("patient_key",),
    dates="date columns",
    columns={
        "patient_key": "Reference",
        "nhs_no": "NHS number",
        "family_name": "Surname",
        "given_name": "Forename",
        "middle_names": "Middle names",
        "previous_family_name": "Earlier surname",
        "sex": "F, M, I",
        "date_of_birth": "Date of birth (date)",
        "address": "Address",
        "postcode": "Postcode",
        "uprn": "Property number",
        "mobile": "Contact number",
        "email": "E-mail address",
        "practice": "Practice code",
        "registered_on": "Start (date)",
        "left_on": "End of the registration (date)",
        "ethnicity": "NHS letters, Z not stated",
        "died_on": "Date of death (date)",
        "smoker": "true, false or missing",
    },
    people={"": "the patient"},
    plants=(Plant("duplicate_key", "practice"), Plant("key_missing")),
)


def _patients(town: Town) -> Ints:
    people = town.people
    former = people.is_former()
    recently_dead = ~np.isnat(people.died) & (people.died <= MONTHS[0].last)
    return np.flatnonzero((people.practice >= 0) & (people.ever_present() | recently_dead) & ~former)


def _fill_patients(town: Town) -> Tables:
    who, people = _patients(town), town.people
    scribe = Scribe(town, "nhs_gp", _GP)
    scribe.opened = ~people.present[0]
    return both_months(lambda month: _patients_at(town, scribe, who, month))


def _patients_at(town: Town, scribe: Scribe, who: Ints, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("patients")
    died = people.died[who] <= MONTHS[month].last
    here = (
        people.present[0][who]
        if month == 0
        else people.present[1][who] | (people.present[0][who] & np.isnat(people.died[who]))
    )
    kept = died & ~(chance.happens(who, "dropped", _DROPPED_AFTER_DEATH) & (month == 1))
    who = who[(here & ~died) | kept]
    died_on = np.where(people.died[who] <= MONTHS[month].last, people.died[who], np.datetime64("NaT"))
    homes = scribe.home(who, who, month)
    gone = (month == 1) & ~people.present[1][who] & np.isnat(died_on) & scribe.heard(who, 1)
    left = np.where(gone, MONTHS[1].last - chance.whole(who, "left", 20).astype("timedelta64[D]"), np.datetime64("NaT"))
    joined = np.maximum(people.moved_on[0][who], people.born[who]) + chance.whole(who, "joined", 60).astype(
        "timedelta64[D]"
    )
    smoker = chance.happens(who, "smoker", 0.13)
    known = (people.age(0)[who] >= 15) & chance.happens(who, "asked", 0.8)
    return table(
        {
            "patient_key": scribe.reference(who, "GPP", 8),
            "nhs_no": scribe.number("nhs", who, who),
            "family_name": scribe.surname(who, who, month),
            "given_name": scribe.forename(who, who),
            "middle_names": scribe.middle(who, who, initial=0.1),
            "previous_family_name": scribe.previous_surname(who, who, month),
            "sex": scribe.sex(who, who, ("F", "M", "I")),
            "date_of_birth": pl.Series(scribe.born(who, who)),
            "address": scribe.address(homes, who),
            "postcode": scribe.postcode(homes, who),
            "uprn": blank_where(scribe.uprn(homes, who), chance.happens(who, "uprn", 0.6)),
            "mobile": scribe.phone(who, who),
            "email": scribe.email(who, who),
            "practice": town.practice_codes[people.practice[who]],
            "registered_on": pl.Series(np.minimum(joined, MONTHS[month].last)),
            "left_on": pl.Series(left),
            "ethnicity": scribe.ethnicity(who, who, NHS_ETHNICITY, "Z"),
            "died_on": pl.Series(died_on),
            "smoker": pl.Series(either(known, smoker, None).tolist(), dtype=pl.Boolean),
        },
        {"": who},
    )


CONDITIONS = Layout(
    source="nhs_gp",
    dataset="conditions",
    title="Long-term conditions of patients",
    file="gp_conditions_{month}.parquet",
    format="parquet",
    delivery="snapshot",
    key=("patient_key", "condition"),
    dates="date columns",
    columns={
        "patient_key": "As in patients",
        "condition": "Register: asthma, diabetes, ...",
        "nhs_no": "NHS number",
        "date_of_birth": "Date of birth (date)",
        "diagnosed_on": "Date (date)",
        "under_review": "true or false",
    },
    people={"": "the patient"},
)
_CONDITIONS = (
    "asthma",
    "diabetes",
    "hypertension",
    "copd",
    "depression",
    "chronic kidney disease",
    "dementia",
    "epilepsy",
)


def _fill_conditions(town: Town) -> Tables:
    patients = _fill_patients(town)
    return _conditions_of(town, patients[0]), _conditions_of(town, patients[1])


def _conditions_of(town: Town, patients: pl.DataFrame | None) -> pl.DataFrame:
    assert patients is not None
    who = patients["_person"].to_numpy()
    people, chance = town.people, town.chance("conditions")
    age = np.clip(people.age(0)[who], 0, 100)
    poor = np.exp(0.18 * town.deprivation(people.home[0][who]))
    elderly = (age / 100) ** 2
    rates = (
        0.06 + 0 * age,
        0.17 * elderly,
        0.42 * elderly,
        0.09 * elderly,
        0.1 * (age > 16),
        0.14 * elderly,
        0.16 * (age > 75),
        0.008 + 0 * age,
    )
    parts = []
    for condition, rate in zip(_CONDITIONS, rates, strict=True):
        rows = np.flatnonzero(chance.happens(who, condition, rate * poor))
        ill = who[rows]
        earliest = np.maximum(people.born[ill] + np.timedelta64(200, "D"), np.datetime64("1995-01-01"))
        onset = chance.day(ill, f"{condition} since", np.minimum(earliest, MONTHS[0].first), MONTHS[0].first)
        taken = patients[rows]
        parts.append(
            table(
                {
                    "patient_key": taken["patient_key"],
                    "condition": choices([condition] * len(rows)),
                    "nhs_no": taken["nhs_no"],
                    "date_of_birth": taken["date_of_birth"],
                    "diagnosed_on": pl.Series(onset),
                    "under_review": chance.happens(ill, f"{condition} review", 0.7),
                },
                {"": ill},
            )
        )
    return pl.concat(parts)


REFERRALS = Layout(
    source="mental_health_trust",
    dataset="referrals",
    title="Referrals to mental-health services",
    file="mht_referrals_{sent}.parquet",
    format="parquet",
    delivery="delta",
    key=("referral_ref",),
    action="change_type",
    actions=("NEW", "AMEND", "REMOVE"),
    dates="yyyy-mm-dd as text",
    columns={
        "referral_ref": "Reference",
        "client_id": "The trust's number of the person",
        "nhs_number": "NHS number",
        "surname": "Surname",
        "forename": "Forename",
        "dob": "Date of birth (text)",
        "gender": "F, M, N",
        "ethnicity": "NHS letters",
        "address": "Address at referral",
        "postcode": "Postcode",
        "practice": "Practice code",
        "referred_on": "Start (text)",
        "closed_on": "End (text)",
        "team": "Team",
        "urgency": "routine, urgent, emergency",
        "care_coordinator": "Professional",
        "change_type": "What to do with the row",
    },
    people={"": "the person referred"},
    plants=(Plant("not_a_date", "referred_on"), Plant("unknown_action", "change_type")),
)


def _fill_referrals(town: Town) -> Tables:
    people, chance = town.people, town.chance("mental health")
    everyone, age = np.arange(len(people)), people.age(0)
    poor = np.exp(0.25 * town.deprivation(people.home[0]))
    able = (age >= 5) & (people.present[0] | people.is_former())
    rate = np.where(people.is_former(), 0.6, 0.032 * poor)
    client = everyone[able & chance.happens(everyone, "client", rate)]
    who = np.repeat(client, 1 + chance.whole(client, "times", 2))
    ids = np.arange(len(who))
    former = people.is_former()[who]
    referred = chance.day(ids, "referred", np.datetime64("2024-04-01"), MONTHS[1].last)
    referred = np.where(former, np.datetime64("2022-10-03"), referred)
    alive = np.isnat(people.died[who]) | (referred < MONTHS[0].first - 30)
    who, ids, referred = who[alive], ids[alive], referred[alive]
    return both_months(lambda month: _referrals_at(town, who, ids, referred, month))


def _referrals_at(town: Town, who: Ints, ids: Ints, referred: np.ndarray, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("mental health")
    scribe = Scribe(town, "mental_health_trust", Habits(typo=0.015, no_number=0.07, stale=0.12, late=1.0))
    withdrawn = chance.happens(ids, "withdrawn", 0.006) & (month == 1) & (referred < MONTHS[0].first)
    keep = (referred <= MONTHS[month].last) & ~withdrawn
    who, ids, referred = who[keep], ids[keep], referred[keep]
    ended = referred + (14 + chance.whole(ids, "length", 600)).astype("timedelta64[D]")
    over = (ended <= MONTHS[month].last) | (people.died[who] <= MONTHS[month].last)
    closed = np.where(over, np.fmin(ended, people.died[who]), np.datetime64("NaT"))
    homes = scribe.home(who, ids, month)
    young = people.age(0)[who] < 18
    team = chance.pick(ids, "team", ["Talking therapies", "Community", "Crisis", "Older people"], [5, 3, 1, 1])
    practice = town.practice_codes[np.maximum(people.practice[who], 0)]
    return table(
        {
            "referral_ref": scribe.reference(ids, "MR", 7),
            "client_id": scribe.reference(who, "", 8),
            "nhs_number": scribe.number("nhs", who, ids),
            "surname": scribe.surname(who, ids, month),
            "forename": scribe.forename(who, ids),
            "dob": written(scribe.born(who, ids), "%Y-%m-%d"),
            "gender": scribe.sex(who, ids, ("F", "M", "N")),
            "ethnicity": scribe.ethnicity(who, ids, NHS_ETHNICITY),
            "address": scribe.address(homes, ids),
            "postcode": scribe.postcode(homes, ids),
            "practice": blank_where(practice, people.practice[who] < 0),
            "referred_on": written(referred, "%Y-%m-%d"),
            "closed_on": written(closed, "%Y-%m-%d"),
            "team": np.where(young, "Children and young people", team).astype(object),
            "urgency": chance.pick(ids, "urgency", ["routine", "urgent", "emergency"], [7, 2, 1]),
            "care_coordinator": scribe.worker(ids),
        },
        {"": who},
    )


SURVEY = Layout(
    source="health_survey",
    dataset="answers",
    title="Borough health survey 2026, anonymous",
    file="health_survey_2026.csv",
    format="csv",
    delimiter=";",
    delivery="snapshot",
    key=("answer_no",),
    columns={
        "answer_no": "Number of the questionnaire",
        "age_group": "Ten-year group",
        "sex": "F or M",
        "ethnic_group": "White, Mixed, Asian, Black, Other",
        "ward": "Name of the ward",
        "health": "1 very good to 5 very bad",
        "smokes": "yes or no",
        "active_days": "Days a week, 0 to 7",
        "life_satisfaction": "0 to 10",
        "lonely": "often, sometimes, never",
        "weight": "Survey weight",
    },
    people={},
    note="Delivered once, in the first month; anonymous: must not be matched to people",
)


def _fill_survey(town: Town) -> Tables:
    people, chance = town.people, town.chance("survey")
    adults = np.flatnonzero((people.age(0) >= 16) & people.present[0])
    who = adults[chance.happens(adults, "answers", 0.05)]
    who = who[np.argsort(chance.uniform(who, "order"), kind="stable")]
    ids = np.arange(len(who))
    scribe = Scribe(town, "survey", Habits())
    decade = np.clip(people.age(0)[who] // 10 * 10, 20, 80)
    ward = town.geography.ward[np.maximum(town.dwellings.lsoa[people.home[0][who]], 0)]
    health = np.clip(1 + (people.age(0)[who] / 40 + 2.4 * chance.uniform(who, "health")).astype(np.int64), 1, 5)
    return table(
        {
            "answer_no": choices([f"Q{i + 1:05d}" for i in ids.tolist()]),
            "age_group": choices([f"{'16' if d == 20 else d}-{d + 9}" if d < 80 else "80+" for d in decade.tolist()]),
            "sex": scribe.sex(who, who, ("F", "M", "M")),
            "ethnic_group": scribe.ethnicity(who, who, BROAD_ETHNICITY),
            "ward": town.geography.ward_names[ward],
            "health": choices(health.astype(str).tolist()),
            "smokes": yes(chance.happens(who, "smokes", 0.14), "yes", "no"),
            "active_days": choices(chance.whole(who, "active", 8).astype(str).tolist()),
            "life_satisfaction": chance.pick(who, "life", [*"3456789", "10"], [1, 1, 2, 3, 6, 8, 5, 3]),
            "lonely": chance.pick(who, "lonely", ["often", "sometimes", "never"], [1, 3, 6]),
            "weight": choices([f"{w:.3f}" for w in (0.5 + 1.4 * chance.uniform(who, "weight")).tolist()]),
        },
        {},
    ), None


FEEDS = (
    Feed(PATIENTS, _fill_patients),
    Feed(CONDITIONS, _fill_conditions),
    Feed(REFERRALS, _fill_referrals),
    Feed(SURVEY, _fill_survey),
)
