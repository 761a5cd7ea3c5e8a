"""Why: deliveries about places in which a person is named only now and then: fire and rescue, and requests
about streets.

Must never need a person: most rows name none.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, blank_where, choices
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY
from almoner.demo.scribe import Habits, Scribe, written, yes
from almoner.demo.shifts import QUICKER_REQUESTS
from almoner.demo.town import Town

VISITS = Layout(
    source="fire_service",
    dataset="home_visits",
    title="Home fire safety visits",
    file="safe_and_well_{month}.csv",
    format="csv",
    delivery="delta",
    key=("visit",),
    action="row_action",
    actions=("INS", "UPD", "DEL"),
    dates="dd/mm/yyyy",
    columns={
        "visit": "Reference",
        "uprn": "Property number",
        "address": "Address",
        "postcode": "Postcode",
        "occupier": "Forename Surname, often blank",
        "occupier_born": "Date of birth",
        "visited": "Date",
        "risk": "low, medium, high",
        "sent_by": "Who referred",
        "smoker": "Y or N",
        "oxygen": "Y or N",
        "row_action": "What to do with the row",
    },
    people={"": "the occupier, where named"},
    plants=(Plant("not_a_date", "visited"),),
)


def _fill_visits(town: Town) -> Tables:
    chance, people = town.chance("visits"), town.people
    able = np.flatnonzero((people.age(0) >= 18) & people.always_present())
    rate = np.where(people.age(0)[able] >= 70, 0.09, 0.012)
    who = able[chance.happens(able, "visited", rate)]
    ids = np.arange(len(who))
    day = chance.day(ids, "day", np.datetime64("2025-04-01"), MONTHS[1].last)
    return both_months(lambda month: _visits_at(town, who, ids, day, month))


def _visits_at(town: Town, who: Ints, ids: Ints, day: np.ndarray, month: int) -> pl.DataFrame:
    chance = town.chance("visits")
    gone = chance.happens(ids, "withdrawn", 0.01) & (month == 1)
    keep = (day <= MONTHS[month].last) & ~gone
    who, ids, day = who[keep], ids[keep], day[keep]
    scribe = Scribe(town, "fire_service", Habits(typo=0.03, nickname=0.1, no_birth=0.6, late=1.0, no_uprn=0.15))
    homes = town.people.home[0][who]
    unnamed = chance.happens(ids, "unnamed", 0.4)
    names = zip(scribe.forename(who, ids), scribe.surname(who, ids, month), strict=True)
    corrected = chance.happens(ids, "corrected", 0.03) & (month == 1)
    risk = chance.pick(ids, "risk", ["low", "medium", "high"], [5, 3, 2])
    return table(
        {
            "visit": scribe.reference(ids, "SW", 6),
            "uprn": scribe.uprn(homes, ids),
            "address": scribe.address(homes, ids),
            "postcode": scribe.postcode(homes, ids),
            "occupier": blank_where(choices([f"{f} {s}" for f, s in names]), unnamed),
            "occupier_born": blank_where(written(scribe.born(who, ids), "%d/%m/%Y"), unnamed),
            "visited": written(day, "%d/%m/%Y"),
            "risk": np.where(corrected, "high", risk).astype(object),
            "sent_by": chance.pick(ids, "sent by", ["adult care", "GP", "housing", "self"]),
            "smoker": yes(chance.happens(who, "smoker", 0.2)),
            "oxygen": yes(chance.happens(who, "oxygen", 0.02)),
        },
        {"": np.where(unnamed, NOBODY, who)},
    )


FIRES = Layout(
    source="fire_service",
    dataset="incidents",
    title="Incidents attended; nobody is named",
    file="fire_incidents_{month}.csv",
    format="csv",
    delimiter="|",
    delivery="append",
    key=("incident",),
    dates="yyyymmdd",
    columns={
        "incident": "Reference",
        "attended": "Date",
        "kind": "dwelling, vehicle, outdoor, false alarm, rescue",
        "uprn": "Property number",
        "postcode": "Postcode",
        "casualties": "Number",
        "engines": "Number",
    },
    people={},
    note="The first month goes twelve months back",
)


def _fill_fires(town: Town) -> Tables:
    chance = town.chance("fires")
    ids = np.arange(max(40, int(town.people.present[0].sum() * 0.018)))
    day = chance.day(ids, "day", np.datetime64("2025-04-01"), MONTHS[1].last)
    return _fires_in(town, ids, day, day <= MONTHS[0].last), _fires_in(town, ids, day, day > MONTHS[0].last)


def _fires_in(town: Town, ids: Ints, day: np.ndarray, rows: np.ndarray) -> pl.DataFrame:
    chance, scribe = town.chance("fires"), Scribe(town, "fires", Habits(no_uprn=0.5))
    ids, day = ids[rows], day[rows]
    home = _anywhere(town, ids)
    return table(
        {
            "incident": scribe.reference(ids, "F", 7),
            "attended": written(day, "%Y%m%d"),
            "kind": chance.pick(
                ids, "kind", ["dwelling", "vehicle", "outdoor", "false alarm", "rescue"], [2, 1, 3, 5, 2]
            ),
            "uprn": scribe.uprn(home, ids),
            "postcode": scribe.postcode(home, ids),
            "casualties": chance.pick(ids, "hurt", ["0", "1", "2"], [94, 5, 1]),
            "engines": chance.pick(ids, "engines", ["1", "2", "3"]),
        },
        {},
    )


def _anywhere(town: Town, ids: Ints) -> Ints:
    """Choose a home in the borough for each id, the deprived places more often."""
    inside = np.flatnonzero(town.dwellings.inside())
    weight = np.cumsum(np.exp(0.35 * town.deprivation(inside)))
    return inside[np.searchsorted(weight / weight[-1], town.chance("anywhere").uniform(ids, "place"))]


REQUESTS = Layout(
    source="environmental_requests",
    dataset="requests",
    title="Requests about streets, waste and noise",
    file="env-requests-{period}.csv",
    format="csv",
    encoding="utf-8-sig",
    delivery="delta",
    key=("case_no",),
    action="rec_action",
    dates="yyyy-mm-ddThh:mm",
    actions=("I", "U", "D"),
    columns={
        "case_no": "Reference",
        "received": "Date and time",
        "subject": "What about",
        "location": "Where, in free text",
        "postcode": "Postcode",
        "uprn": "Property number",
        "channel": "web, phone, app",
        "state": "open or closed",
        "closed": "Date and time",
        "caller": "Forename Surname, mostly blank",
        "caller_phone": "Contact number",
        "caller_email": "E-mail address",
        "rec_action": "What to do with the row",
    },
    people={"": "the caller, where named"},
    plants=(
        Plant("embedded_newline", "location"),
        Plant("formula", "subject"),
        Plant("nul_byte", "location"),
        Plant("extra_field"),
        Plant("undecodable", "location"),
        Plant("duplicate_row"),
    ),
)
_SUBJECTS = [
    "Fly tipping",
    "Missed bin",
    "Noise",
    "Street cleaning",
    "Abandoned vehicle",
    "Dog fouling",
    "Graffiti",
    "Rats",
    "Street light",
]


def _fill_requests(town: Town) -> Tables:
    chance = town.chance("requests")
    ids = np.arange(int(town.people.present[0].sum() * 0.4))
    day = chance.day(ids, "day", np.datetime64("2024-03-01"), MONTHS[1].last)
    return both_months(lambda month: _requests_at(town, ids, day, month))


def _requests_at(town: Town, ids: Ints, day: np.ndarray, month: int) -> pl.DataFrame:
    chance, people = town.chance("requests"), town.people
    gone = chance.happens(ids, "deleted", 0.01) & (month == 1) & (day <= MONTHS[0].last)
    keep = (day <= MONTHS[month].last) & ~gone
    ids, day = ids[keep], day[keep]
    scribe = Scribe(
        town, "environmental_requests", Habits(typo=0.02, nickname=0.12, no_uprn=0.6, no_phone=0.3, late=1.0)
    )
    home = _anywhere(town, ids)
    named = chance.happens(ids, "named", 0.22)
    adults = np.flatnonzero((people.age(0) >= 18) & people.always_present())
    who = np.where(named, adults[chance.whole(ids, "who", len(adults))], NOBODY)
    home = np.where(named & chance.happens(ids, "own place", 0.5), people.home[0][who], home)
    slow, quick = chance.whole(ids, "took", 40), chance.whole(ids, "took less", 20)
    done = day + np.where(day >= QUICKER_REQUESTS.on, quick, slow).astype("timedelta64[D]")
    closed = done <= MONTHS[month].last
    minute = chance.whole(ids, "minute", 840) + 420
    clock = [f"T{m // 60:02d}:{m % 60:02d}" for m in minute.tolist()]
    names = zip(scribe.forename(who, ids), scribe.surname(who, ids, month), strict=True)
    return table(
        {
            "case_no": scribe.reference(ids, "ENV", 7),
            "received": written(day, "%Y-%m-%d") + choices(clock),
            "subject": chance.pick(ids, "subject", _SUBJECTS, [6, 5, 3, 3, 1, 1, 1, 1, 2]),
            "location": scribe.address(home, ids),
            "postcode": scribe.postcode(home, ids),
            "uprn": scribe.uprn(home, ids),
            "channel": chance.pick(ids, "channel", ["web", "phone", "app"]),
            "state": yes(closed, "closed", "open"),
            "closed": blank_where(written(done, "%Y-%m-%d") + choices(["T17:00"] * len(ids)), ~closed),
            "caller": blank_where(choices([f"{f} {s}" for f, s in names]), ~named),
            "caller_phone": blank_where(scribe.phone(who, ids), ~named),
            "caller_email": blank_where(scribe.email(who, ids), ~named),
        },
        {"": who},
    )


FEEDS = (Feed(VISITS, _fill_visits), Feed(FIRES, _fill_fires), Feed(REQUESTS, _fill_requests))
