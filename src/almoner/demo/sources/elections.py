"""Why: Elections: the register as a full list and then as alterations, and the nominations, which show
political views.

Must never name a child, nor the holder of an anonymous entry.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, Text, blank_where, choices, either
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS, birthday
from almoner.demo.scribe import Habits, Scribe, written
from almoner.demo.town import Town

_HABITS = Habits(no_birth=0, placeholder=0, nickname=0.02, late=0.4, stale=0.05, no_uprn=0.03, no_postcode=0.01)
_NO_VOTE = ("AC", "AO", "AR", "OT", "WO")
_REGISTERED = 0.86

REGISTER = Layout(
    source="elections",
    dataset="register",
    title="Register of electors",
    file="electors-{period}.csv",
    format="csv",
    delimiter=",",
    delivery="delta",
    key=("district", "elector"),
    action="change",
    actions=("A", "M", "D"),
    dates="dd/mm/yyyy",
    columns={
        "district": "Polling district",
        "elector": "Number within the district",
        "marker": "G EU, Z anonymous, blank: full",
        "attains": "18th birthday of people under 18, else blank",
        "surname": "Surname",
        "forename": "Forename",
        "initials": "Further initials",
        "address": "Property address",
        "postcode": "Postcode",
        "uprn": "Property number",
        "postal_vote": "Y or blank",
        "change": "What to do with the row",
    },
    people={"": "the elector"},
    plants=(
        Plant("duplicate_key", "surname", (0,)),
        Plant("missing_field", months=(0,)),
        Plant("key_missing"),
    ),
)


def _fill_register(town: Town) -> Tables:
    people, chance = town.people, town.chance("register")
    everyone = np.arange(len(people))
    able = (people.age(0) >= 16) & people.ever_present() & ~people.looked_after[0]
    foreign = np.isin(people.ethnic, _NO_VOTE) & chance.happens(everyone, "foreign", 0.35)
    student = chance.happens(everyone, "student", 0.3) & (people.age(0) < 22)
    who = everyone[able & ~foreign & ~student & chance.happens(everyone, "registered", _REGISTERED)]
    scribe = Scribe(town, "elections", _HABITS)
    scribe.opened = ~people.present[0]
    return both_months(lambda month: _register_at(town, scribe, who, month))


def _register_at(town: Town, scribe: Scribe, who: Ints, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("register")
    who = who[scribe.held(people.present[0][who], people.present[1][who], who, month)]
    first_home = np.where(people.present[0][who], people.home[0][who], people.home[1][who])
    homes = scribe.home(who, who, month)
    age = people.age(0)[who]
    anonymous = people.do_not_disclose[who]
    marker = np.where(anonymous, "Z", either(chance.happens(who, "eu", 0.5) & (people.ethnic[who] == "WO"), "G", None))
    initials = choices([("".join(part[0] for part in m.split()) if m else None) for m in people.middle[who]])
    return table(
        {
            "district": _districts(town, first_home),
            "elector": scribe.reference(who, "", 6),
            "marker": marker.astype(object),
            "attains": blank_where(written(birthday(people.born[who], 18), "%d/%m/%Y"), age >= 18),
            "surname": blank_where(scribe.surname(who, who, month), anonymous),
            "forename": blank_where(scribe.forename(who, who), anonymous),
            "initials": blank_where(initials, anonymous | chance.happens(who, "no initials", 0.35)),
            "address": blank_where(scribe.address(homes, who), anonymous),
            "postcode": blank_where(scribe.postcode(homes, who), anonymous),
            "uprn": blank_where(scribe.uprn(homes, who), anonymous),
            "postal_vote": either(chance.happens(who, "postal", 0.22), "Y", None),
        },
        {"": np.where(anonymous, -1, who)},
    )


def _districts(town: Town, homes: Ints) -> Text:
    """Write polling districts: two letters by LSOA, where the elector was first registered."""
    lsoa = np.maximum(town.dwellings.lsoa[homes], 0)
    return choices([f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in lsoa.tolist()])


NOMINATIONS = Layout(
    source="elections",
    dataset="nominations",
    title="Persons nominated for the borough election of May 2026",
    file="nominations_{period}.csv",
    format="csv",
    delimiter=";",
    encoding="cp1252",
    newline="\r\n",
    delivery="append",
    key=("paper_no",),
    dates="dd/mm/yyyy",
    columns={
        "paper_no": "Number of the nomination paper",
        "ward": "Ward",
        "candidate": "SURNAME Forename Middle names",
        "description": "Party or Independent",
        "home_address": "Address",
        "postcode": "Postcode",
        "delivered": "Date",
        "agent": "Name of the election agent",
    },
    people={"": "the candidate"},
    note="Delivered once, in the second month",
)
_PARTIES = [
    "Ambleford First",
    "Borough Labour Group",
    "Conservative Association",
    "Liberal Alliance",
    "Green Ambleford",
    "Independent",
]


def _fill_nominations(town: Town) -> Tables:
    people, chance = town.people, town.chance("nominations")
    wards = town.geography.ward_names
    able = np.flatnonzero((people.age(0) >= 20) & people.always_present() & ~people.do_not_disclose & ~people.sealed)
    who = able[np.argsort(chance.uniform(able, "stands"), kind="stable")[: 5 * len(wards)]]
    ids = np.arange(len(who))
    scribe = Scribe(town, "nominations", Habits(typo=0.0, nickname=0.0))
    names = zip(people.surname[0][who], people.forename[who], people.middle[who], strict=True)
    rows = table(
        {
            "paper_no": scribe.reference(ids, "N", 4),
            "ward": wards[ids % len(wards)],
            "candidate": choices([f"{s.upper()} {f}" + (f" {m}" if m else "") for s, f, m in names]),
            "description": choices([_PARTIES[i] for i in (ids // len(wards) % len(_PARTIES)).tolist()]),
            "home_address": scribe.address(people.home[0][who], ids),
            "postcode": town.dwellings.postcode[people.home[0][who]],
            "delivered": written(
                chance.day(ids, "delivered", MONTHS[1].first, np.datetime64("2026-04-09")), "%d/%m/%Y"
            ),
            "agent": scribe.worker(ids, "agent"),
        },
        {"": who},
    )
    return None, rows


FEEDS = (Feed(REGISTER, _fill_register), Feed(NOMINATIONS, _fill_nominations))
