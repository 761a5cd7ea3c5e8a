"""Why: Adult Social Care: client events with the carer at home, as changes; a Windows system that stores
English letters.

Must never give a client two client numbers except where the service itself did.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from almoner.demo.chance import Days, Flags, Ints, Text, blank_where, either
from almoner.demo.layout import Feed, Layout, Plant, Tables, table
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY
from almoner.demo.scribe import Habits, Scribe, money, written
from almoner.demo.sources.codes import NHS_ETHNICITY
from almoner.demo.town import Town

_HABITS = Habits(typo=0.014, no_number=0.08, stale=0.05, late=0.35, no_ethnicity=0.12)

_REASONS = {
    "Physical support": 6.0,
    "Memory and cognition": 2.0,
    "Learning disability": 1.0,
    "Mental health": 2.0,
    "Sensory": 1.0,
    "Social": 1.0,
}
_STAGES = {"Request": 3.0, "Assessment": 2.0, "Service": 4.0, "Review": 2.0}
_PROVISIONS = {
    "Home support": 5.0,
    "Residential": 2.0,
    "Nursing": 1.0,
    "Direct payment": 2.0,
    "Day care": 1.0,
    "Equipment": 3.0,
}

EVENTS = Layout(
    source="adult_social_care",
    dataset="client_events",
    title="Requests, assessments, services and reviews of clients",
    file="asc_client_events_{month}.txt",
    format="csv",
    encoding="cp1252",
    delimiter="|",
    newline="\r\n",
    delivery="delta",
    key=("evt_id",),
    action="op",
    actions=("N", "C", "X"),
    dates="dd-Mon-yyyy (04-Mar-2026)",
    columns={
        "evt_id": "Reference of the event",
        "client_no": "The client's number",
        "nhs": "NHS number",
        "fname": "Forename",
        "sname": "Surname",
        "pref_name": "Name the client goes by",
        "sex": "F, M, U",
        "dob": "Date of birth",
        "eth": "Ethnicity, NHS letters, Z not stated",
        "religion": "Religion or belief",
        "addr": "Address",
        "pcode": "Postcode",
        "reason": "Primary support reason",
        "stage": "Request, Assessment, Service, Review",
        "began": "Start",
        "finished": "End, blank while it lasts",
        "provision": "What is provided",
        "weekly_cost": "Pounds a week",
        "worker": "Professional",
        "carer_fname": "Forename of the unpaid carer",
        "carer_sname": "Surname of the carer",
        "carer_dob": "Date of birth",
        "carer_rel": "What the carer is to the client: Spouse/partner, Son/daughter, Parent",
        "protection": "1 = the address must not be shown, 2 = sealed identity, blank",
        "op": "What to do with the row",
    },
    people={"": "the client", "#CARER": "the unpaid carer"},
    plants=(
        Plant("extra_field"),
        Plant("undecodable", "sname"),
        Plant("not_a_date", "began"),
        Plant("unknown_action", "op", (1,)),
        Plant("not_decimal", "weekly_cost"),
        Plant("key_missing"),
    ),
)


def _carers(town: Town, who: Ints) -> Ints:
    """Choose the partner, else a grown-up child, else a parent, of some clients."""
    people, chance = town.people, town.chance("unpaid carers")
    adult_child = np.full(len(people), NOBODY)
    grown = np.flatnonzero((people.age(0) >= 18) & people.present[0])
    for parent in (people.father, people.mother):
        tied = grown[parent[grown] >= 0]
        adult_child[parent[tied]] = tied
    partner = people.partner[0][who]
    parent = np.where(people.age(0)[who] < 45, people.mother[who], NOBODY)
    carer = np.where(partner >= 0, partner, np.where(adult_child[who] >= 0, adult_child[who], parent))
    return np.where(chance.happens(who, "cared for", 0.6), carer, NOBODY)


@dataclass(frozen=True)
class _Events:
    """Events in order of their number; `client` is the number of the client's record, `who` the person."""

    ids: Ints
    client: Ints
    who: Ints
    began: Days
    finished: Days

    def of(self, rows: Flags) -> _Events:
        """Give some of the events."""
        return _Events(*(getattr(self, column.name)[rows] for column in fields(self)))


def _clients(town: Town) -> Ints:
    """Choose the clients, former identities among them; some people have two client records."""
    people, chance = town.people, town.chance("adult care")
    everyone, age = np.arange(len(people)), people.age(0)
    rate = np.where(age >= 80, 0.2, np.where(age >= 65, 0.07, 0.008)) + 0.06 * people.disabled
    clients = everyone[(age >= 18) & people.present[0] & chance.happens(everyone, "client", rate)]
    clients = np.concatenate([clients, everyone[people.is_former() & (age >= 18)]])
    return np.concatenate([clients, clients[chance.happens(clients, "twice", 0.015)]])


def _events(town: Town) -> _Events:
    people, chance = town.people, town.chance("adult care")
    number_of = _clients(town)
    many = 1 + chance.whole(np.arange(len(number_of)), "events", 4)
    client = np.repeat(np.arange(len(number_of)), many)
    who, ids = number_of[client], np.arange(len(client))
    began = chance.day(ids, "began", np.datetime64("2024-01-01"), MONTHS[1].last)
    began = np.where(people.is_former()[who], np.datetime64("2022-05-04"), began)
    dead_by_then = ~np.isnat(people.died[who]) & (began >= MONTHS[0].first)
    began = np.where(dead_by_then, np.datetime64("2025-11-20"), began)
    return _Events(ids, client, who, began, began + chance.whole(ids, "length", 500).astype("timedelta64[D]"))


def _fill(town: Town) -> Tables:
    events, scribe = _events(town), Scribe(town, "adult_social_care", _HABITS)
    first = events.began <= MONTHS[0].last
    withdrawn = first & town.chance("adult care").happens(events.ids, "withdrawn", 0.004)
    return _at(town, scribe, events.of(first), 0), _at(town, scribe, events.of(~withdrawn), 1)


def _at(town: Town, scribe: Scribe, events: _Events, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("adult care")
    client, who, ids = events.client, events.who, events.ids
    homes, carer = scribe.home(who, client, month), _carers(town, who)
    protection = either(people.sealed[who], "2", either(people.do_not_disclose[who], "1", None))
    columns = {
        "client_no": scribe.reference(client, "", 7),
        "nhs": scribe.number("nhs", who, client),
        "fname": scribe.forename(who, client),
        "sname": scribe.surname(who, client, month),
        "pref_name": scribe.known_as(who, client),
        "sex": scribe.sex(who, client, ("F", "M", "U")),
        "dob": written(scribe.born(who, client), "%d-%b-%Y"),
        "eth": scribe.ethnicity(who, client, NHS_ETHNICITY, "Z"),
        "religion": blank_where(people.religion[who], chance.happens(client, "no religion", 0.3)),
        "addr": scribe.address(homes, client),
        "pcode": scribe.postcode(homes, client),
        "reason": chance.pick(client, "reason", list(_REASONS), list(_REASONS.values())),
        "worker": scribe.worker(client),
        "protection": protection,
        **_care(town, events, month),
        **_carer(town, who, carer, client, month),
        "evt_id": scribe.reference(ids, "EV", 8),
    }
    return table(columns, {"": who, "#CARER": carer})


def _care(town: Town, events: _Events, month: int) -> dict[str, Text]:
    """Write what is done for the client: it ends when it is over or when the client dies."""
    chance, died, last = town.chance("adult care"), town.people.died[events.who], MONTHS[month].last
    over = np.where(events.finished <= last, events.finished, np.datetime64("NaT"))
    over = np.where((died <= last) & np.isnat(over), np.maximum(died, events.began), over)
    stage = chance.pick(events.ids, "stage", list(_STAGES), list(_STAGES.values()))
    provision = chance.pick(events.ids, "provision", list(_PROVISIONS), list(_PROVISIONS.values()))
    cost = money(40 + 900 * chance.uniform(events.ids, "cost") ** 2)
    return {
        "stage": stage,
        "began": written(events.began, "%d-%b-%Y"),
        "finished": written(over, "%d-%b-%Y"),
        "provision": blank_where(provision, stage != "Service"),
        "weekly_cost": blank_where(cost, stage != "Service"),
    }


def _carer(town: Town, who: Ints, carer: Ints, client: Ints, month: int) -> dict[str, Text]:
    people, none = town.people, carer < 0
    clerk = Scribe(town, "adult_social_care#CARER", Habits(no_birth=0.5, nickname=0.1, typo=0.02))
    relation = either(people.mother[who] == carer, "Parent", "Son/daughter")
    return {
        "carer_fname": blank_where(clerk.forename(carer, client), none),
        "carer_sname": blank_where(clerk.surname(carer, client, month), none),
        "carer_dob": blank_where(written(clerk.born(carer, client), "%d-%b-%Y"), none),
        "carer_rel": blank_where(either(people.partner[0][who] == carer, "Spouse/partner", relation), none),
    }


FEEDS = (Feed(EVENTS, _fill),)
