"""Why: Human Resources: the council's own staff, and what they said for equality monitoring, on two sheets.

Must never hold somebody who isn't employed by the council; most of the borough's people are not.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, blank_where
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS
from almoner.demo.people import EMPLOYED
from almoner.demo.scribe import Habits, Scribe, written, yes
from almoner.demo.sources.codes import CENSUS_ETHNICITY
from almoner.demo.town import Town

_FILE = "Establishment list {period}.xlsx"
_STAFF_RATE = 0.03
_HABITS = Habits(typo=0.004, no_birth=0.0, no_number=0.01, nickname=0.0, maiden=0.03, stale=0.05, no_ethnicity=0.2)

STAFF = Layout(
    source="human_resources",
    dataset="staff",
    title="Employees in post, and leavers of the last twelve months",
    file=_FILE,
    sheet="Staff",
    format="xlsx",
    delivery="snapshot",
    key=("Payroll no",),
    dates="dd-Mon-yyyy as text; Started and Left are date cells",
    date_cells=("Started", "Left"),
    titles=("Ambleford Borough Council – establishment list", ""),
    footer="Total employees: {rows}",
    columns={
        "Payroll no": "Reference",
        "Salutation": "Title",
        "First name": "Forename",
        "Last name": "Surname",
        "Known as": "Name the person goes by",
        "Former surname": "Earlier surname",
        "NI no": "National Insurance number",
        "Birth date": "Date of birth, as 04-Mar-1980",
        "Sex": "Female, Male, Not stated",
        "Home address": "Address",
        "Home post code": "Postcode",
        "Private phone": "Contact number",
        "Private e-mail": "E-mail address",
        "Post": "Post",
        "Directorate": "Directorate",
        "Hours": "Hours a week",
        "Grade": "Pay grade",
        "Started": "Start (date cell)",
        "Left": "Leaving date (date cell)",
        "Politically restricted": "Yes or No",
    },
    people={"": "the employee"},
    plants=(
        Plant("key_missing"),
        Plant("not_decimal", "Hours"),
        Plant("formula", "Post", (0,)),
        Plant("duplicate_row"),
    ),
)
EQUALITY = Layout(
    source="human_resources",
    dataset="equality",
    title="Equality monitoring of employees, as they chose to answer",
    file=_FILE,
    sheet="Equality",
    format="xlsx",
    delivery="snapshot",
    key=("Payroll no",),
    titles=("Equality monitoring – answers are voluntary",),
    columns={
        "Payroll no": "As in sheet Staff",
        "Ethnic origin": "Census group in words",
        "Religion or belief": "Answer",
        "Sexual orientation": "Answer",
        "Disability": "Yes, No, Prefer not to say",
        "Carer": "Yes or No",
    },
    people={"": "the employee, named only by the payroll number"},
)


def _staff(town: Town) -> tuple[Ints, Scribe]:
    people, chance = town.people, town.chance("staff")
    everyone, age = np.arange(len(people)), people.age(0)
    able = (people.activity == EMPLOYED) & (age >= 18) & people.ever_present() & ~people.sealed
    who = everyone[able & chance.happens(everyone, "employed here", _STAFF_RATE)]
    return who, Scribe(town, "human_resources", _HABITS)


def _fill_staff(town: Town) -> Tables:
    who, scribe = _staff(town)
    return both_months(lambda month: _staff_at(town, scribe, who, month))


def _staff_at(town: Town, scribe: Scribe, who: Ints, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("staff")
    homes = scribe.home(who, who, month)
    started = np.maximum(
        chance.day(who, "started", np.datetime64("2004-01-05"), np.datetime64("2026-03-02")),
        people.born[who] + np.timedelta64(18 * 366, "D"),
    )
    leaves = chance.happens(who, "leaves", 0.08)
    left = chance.day(who, "left", np.datetime64("2025-06-01"), np.datetime64("2026-05-31"))
    left = np.where(leaves & (left <= MONTHS[month].last) & (left > started), left, np.datetime64("NaT"))
    left = np.where(people.died[who] <= MONTHS[month].last, people.died[who], left)
    return table(
        {
            "Payroll no": scribe.reference(who, "", 6),
            "Salutation": scribe.title(who, month),
            "First name": scribe.forename(who, who),
            "Last name": scribe.surname(who, who, month),
            "Known as": scribe.known_as(who, who),
            "Former surname": scribe.previous_surname(who, who, month),
            "NI no": scribe.number("nino", who, who),
            "Birth date": written(scribe.born(who, who), "%d-%b-%Y"),
            "Sex": scribe.sex(who, who, ("Female", "Male", "Not stated")),
            "Home address": scribe.address(homes, who),
            "Home post code": scribe.postcode(homes, who),
            "Private phone": scribe.phone(who, who),
            "Private e-mail": scribe.email(who, who),
            "Post": chance.pick(
                who,
                "post",
                [
                    "Social worker",
                    "Housing officer",
                    "Teaching assistant",
                    "Revenues officer",
                    "Refuse loader",
                    "Librarian",
                    "Planner",
                    "Support officer",
                    "Team manager",
                ],
            ),
            "Directorate": chance.pick(who, "directorate", ["Children", "Adults", "Place", "Corporate"]),
            "Hours": chance.pick(who, "hours", ["36.5", "30", "22", "18.25"], [7, 1, 1, 1]),
            "Grade": chance.pick(who, "grade", ["4", "5", "6", "7", "8", "9", "10"]),
            "Started": written(started, "%Y-%m-%d"),
            "Left": written(left, "%Y-%m-%d"),
            "Politically restricted": yes(chance.happens(who, "restricted", 0.04), "Yes", "No"),
        },
        {"": who},
    )


def _fill_equality(town: Town) -> Tables:
    who, scribe = _staff(town)
    people, chance = town.people, town.chance("equality")
    who = who[chance.happens(who, "answers", 0.7)]
    rows = table(
        {
            "Payroll no": scribe.reference(who, "", 6),
            "Ethnic origin": scribe.ethnicity(who, who, CENSUS_ETHNICITY, "Prefer not to say"),
            "Religion or belief": blank_where(people.religion[who], chance.happens(who, "no religion", 0.15)),
            "Sexual orientation": people.orientation[who],
            "Disability": np.where(
                chance.happens(who, "silent", 0.1),
                "Prefer not to say",
                np.where(people.disabled[who], "Yes", "No"),
            ).astype(object),
            "Carer": yes(chance.happens(who, "carer", 0.12), "Yes", "No"),
        },
        {"": who},
    )
    return rows, rows


FEEDS = (Feed(STAFF, _fill_staff), Feed(EQUALITY, _fill_equality))
