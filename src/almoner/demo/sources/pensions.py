"""Why: Department for Work and Pensions: awards open in the month, in capital letters, with National
Insurance numbers.

Must never put a child's award under the child's own name.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, blank_where, choices
from almoner.demo.layout import Feed, Layout, Plant, Tables, table
from almoner.demo.months import MONTHS
from almoner.demo.people import EMPLOYED, RETIRED, SICK, UNEMPLOYED
from almoner.demo.scribe import Habits, Scribe, money, written
from almoner.demo.town import Town

AWARDS = Layout(
    source="dwp",
    dataset="awards",
    title="Universal Credit, PIP and Pension Credit awards open in the month",
    file="DWP_awards_{sent}.csv",
    format="csv",
    delivery="snapshot",
    key=("award",),
    dates="yyyymmdd",
    footer="TRAILER {rows} RECORDS",
    columns={
        "award": "Reference",
        "benefit": "UC, PIP or PC",
        "nino": "National Insurance number",
        "surname": "Surname",
        "forenames": "Forename and middle names",
        "dob": "Date of birth",
        "sex": "F or M",
        "address": "Address",
        "postcode": "Postcode",
        "start": "Start",
        "stop": "End, blank while open",
        "regime": "UC: SEARCH, PREPARE, LIGHT, NOREQ, WORKING",
        "children": "UC: number of children",
        "amount": "Pounds a month",
    },
    people={"": "the claimant"},
    plants=(
        Plant("duplicate_key", "amount"),
        Plant("extra_field"),
        Plant("not_a_date", "start"),
        Plant("key_missing"),
    ),
)
_HABITS = Habits(
    upper=True,
    typo=0.006,
    nickname=0.0,
    no_number=0.0,
    misnumbered=0.001,
    no_birth=0.0,
    placeholder=0.0,
    late=0.35,
    stale=0.08,
    no_postcode=0.005,
    styles=("upper", "upper_short", "flat_last"),
)


def _fill(town: Town) -> Tables:
    people, chance = town.people, town.chance("awards")
    everyone, age = np.arange(len(people)), people.age(0)
    adult = (age >= 18) & people.ever_present() & ~people.sealed
    low_paid = (people.activity == EMPLOYED) & chance.happens(
        everyone, "low pay", 0.09 + 0.05 * town.deprivation(people.home[0])
    )
    credit = (
        adult
        & (age < 66)
        & (
            ((people.activity == UNEMPLOYED) & chance.happens(everyone, "uc", 0.85))
            | ((people.activity == SICK) & chance.happens(everyone, "uc", 0.8))
            | low_paid
        )
    )
    independence = adult & people.disabled & chance.happens(everyone, "pip", 0.4)
    pension = adult & (people.activity == RETIRED) & chance.happens(everyone, "pc", 0.1)
    who = np.concatenate([everyone[flags] for flags in (credit, independence, pension)])
    benefit = np.repeat(choices(["UC", "PIP", "PC"]), [credit.sum(), independence.sum(), pension.sum()])
    return _at(town, who, benefit, 0), _at(town, who, benefit, 1)


def _at(town: Town, who: Ints, benefit: np.ndarray, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("awards")
    ids = np.arange(len(who))
    scribe = Scribe(town, "dwp", _HABITS)
    start = chance.day(ids, "start", np.datetime64("2019-01-01"), MONTHS[1].last)
    start = np.where(chance.happens(ids, "long", 0.9), np.minimum(start, np.datetime64("2026-03-20")), start)
    scribe.opened = (start > MONTHS[0].last) | ~people.present[0][who]
    ends = chance.happens(ids, "ends", 0.04)
    keep = (start <= MONTHS[month].last) & ~(ends & (month == 1))
    keep &= scribe.held(people.present[0][who], people.present[1][who], ids, month)
    ids, who, benefit = ids[keep], who[keep], benefit[keep]
    start, ends = start[keep], ends[keep]
    stop = np.where(ends, chance.day(ids, "stop", MONTHS[0].first, MONTHS[0].last), np.datetime64("NaT"))
    homes = scribe.home(who, ids, month)
    out_of_work = people.activity[who] != EMPLOYED
    regime = np.where(
        out_of_work,
        chance.pick(ids, "regime", ["SEARCH", "PREPARE", "NOREQ"], [6, 1, 3]),
        chance.pick(ids, "in work", ["LIGHT", "WORKING"]),
    )
    forenames = zip(scribe.forename(who, ids), scribe.middle(who, ids, initial=0.4), strict=True)
    return table(
        {
            "award": scribe.reference(ids, "", 10),
            "benefit": benefit,
            "nino": scribe.number("nino", who, ids),
            "surname": scribe.surname(who, ids, month),
            "forenames": choices([f"{f} {m}" if m else f for f, m in forenames]),
            "dob": written(scribe.born(who, ids), "%Y%m%d"),
            "sex": scribe.sex(who, ids, ("F", "M", "M")),
            "address": scribe.address(homes, ids),
            "postcode": scribe.postcode(homes, ids),
            "start": written(start, "%Y%m%d"),
            "stop": written(stop, "%Y%m%d"),
            "regime": blank_where(regime.astype(object), benefit != "UC"),
            "children": blank_where(chance.pick(ids, "children", ["0", "1", "2", "3"], [5, 2, 2, 1]), benefit != "UC"),
            "amount": money(180 + 1100 * chance.uniform(ids, "amount")),
        },
        {"": who},
    )


FEEDS = (Feed(AWARDS, _fill),)
