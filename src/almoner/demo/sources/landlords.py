"""Why: those who let homes: the council's own tenancies as nested objects, and two housing associations,
each in its own shape.

Must never list as an occupant somebody who holds the tenancy.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.addresses import BRACKWATER, COUNCIL, THORNLEIGH
from almoner.demo.chance import Ints, Text, blank_where, choices, either
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.people import NOBODY
from almoner.demo.scribe import Habits, Scribe, written
from almoner.demo.sources.revenues import members_of
from almoner.demo.town import Town

_OCCUPANTS = 8
_PAIR = 2**32
_TENANT = ("title", "given", "family", "born", "ni_number", "mobile")
_OCCUPANT = ("name", "born", "relation")

COUNCIL_TENANCIES = Layout(
    source="council_housing",
    dataset="tenancies",
    title="Council tenancies, with everybody who lives there",
    file="council_tenancies_{period}.jsonl",
    format="jsonl",
    delivery="snapshot",
    key=("tenancy",),
    columns={
        "tenancy": "Reference",
        "type": "secure, introductory, temporary",
        "began": "Start",
        **{f"tenants[n={n}].{field}": f"Tenant {n}: {field}" for n in (1, 2) for field in _TENANT},
        **{
            f"occupants[n={n + 1}].{field}": f"Occupant {n + 1}: {field}"
            for n in range(_OCCUPANTS)
            for field in _OCCUPANT
        },
        "dwelling.uprn": "Property number",
        "dwelling.address": "Address",
        "dwelling.postcode": "Postcode",
        "dwelling.bedrooms": "Number of bedrooms",
        "rent.weekly": "Pounds",
        "rent.arrears": "Pounds",
        "housing_officer": "Professional",
        "marker": "DND = the address must not be shown",
    },
    people={
        "": "tenant 1",
        "#T2": "tenant 2",
        **{f"#O{n + 1}": f"occupant {n + 1}" for n in range(_OCCUPANTS)},
    },
    plants=(
        Plant("not_json"),
        Plant("not_a_date", "began"),
        Plant("duplicate_key", "type"),
        Plant("key_missing"),
    ),
    note="Elements of the lists bear their number `n`; the lists hold as many people as there are",
)


def _let(town: Town, tenure: int, scribe: Scribe, month: int) -> Ints:
    """Say which occupancies of homes of one landlord a tenancy is held for."""
    occupied = town.occupancy
    ids = np.flatnonzero(town.dwellings.tenure[occupied.home] == tenure)
    return ids[scribe.held(occupied.held[0][ids], occupied.held[1][ids], ids, month)]


def _second(town: Town, ids: Ints, month: int) -> Ints:
    """Say who is the second tenant, if there is one; it never becomes somebody else."""
    occupied = town.occupancy
    second = np.where(occupied.held[month][ids], occupied.second[month][ids], occupied.second[0][ids])
    return np.where(town.chance("joint tenants").happens(ids, "sole", 0.35), NOBODY, second)


def _fill_council(town: Town) -> Tables:
    return both_months(lambda month: _council_at(town, month))


def _council_at(town: Town, month: int) -> pl.DataFrame:
    occupied, chance = town.occupancy, town.chance("council tenancies")
    scribe = Scribe(town, "council_housing", Habits(late=0.15, stale=0.0, no_number=0.12, no_uprn=0.02))
    scribe.opened = ~occupied.held[0]
    ids = _let(town, COUNCIL, scribe, month)
    lead, second, home = occupied.lead[ids], _second(town, ids, month), occupied.home[ids]
    columns: dict[str, Text | np.ndarray] = {
        "tenancy": scribe.reference(ids, "CT", 6),
        "began": written(occupied.since[ids], "%Y-%m-%d"),
        "type": chance.pick(ids, "type", ["secure", "introductory", "temporary"], [8, 1, 1]),
        "dwelling.uprn": scribe.uprn(home, ids),
        "dwelling.address": scribe.address(home, ids),
        "dwelling.postcode": scribe.postcode(home, ids),
        "dwelling.bedrooms": 1 + chance.whole(home, "bedrooms", 4),
        "rent.weekly": np.round(84 + 52 * chance.uniform(home, "rent"), 2),
        "rent.arrears": np.round(np.maximum(0, 1500 * chance.uniform(ids, "arrears") - 1100), 2),
        "housing_officer": scribe.worker(ids),
        "marker": either(town.people.do_not_disclose[lead], "DND", None),
    }
    clerk = Scribe(town, "council_housing#T2", Habits(no_birth=0.15, no_number=0.4))
    for number, (tenant, hand) in enumerate(((lead, scribe), (second, clerk)), start=1):
        for field, values in _tenant(hand, tenant, ids, month).items():
            columns[f"tenants[n={number}].{field}"] = blank_where(values, tenant < 0)
    occupants = _occupants(town, ids, lead, second, month)
    hand = Scribe(town, "council_housing#O", Habits(no_birth=0.12, nickname=0.1, typo=0.02))
    for number, person in enumerate(occupants, start=1):
        for field, values in _occupant(town, hand, person, lead, month).items():
            columns[f"occupants[n={number}].{field}"] = blank_where(values, person < 0)
    slots = {f"#O{number + 1}": person for number, person in enumerate(occupants)}
    frame = table(columns, {"": lead, "#T2": second, **slots})
    return frame.select(*COUNCIL_TENANCIES.columns, *(name for name in frame.columns if name.startswith("_person")))


def _tenant(hand: Scribe, who: Ints, ids: Ints, month: int) -> dict[str, Text]:
    return {
        "title": hand.title(who, month),
        "given": hand.forename(who, ids),
        "family": hand.surname(who, ids, month),
        "born": written(hand.born(who, ids), "%Y-%m-%d"),
        "ni_number": hand.number("nino", who, ids),
        "mobile": hand.phone(who, ids),
    }


def _occupant(town: Town, hand: Scribe, who: Ints, lead: Ints, month: int) -> dict[str, Text]:
    people = town.people
    names = zip(hand.forename(who, who), hand.surname(who, who, month), strict=True)
    relation = np.where(people.partner[month][lead] == who, "partner", "other")
    relation = np.where((people.mother[who] == lead) | (people.father[who] == lead), "child", relation)
    relation = np.where((people.mother[lead] == who) | (people.father[lead] == who), "parent", relation)
    return {
        "name": choices([f"{f} {s}" for f, s in names]),
        "born": written(hand.born(who, who), "%Y-%m-%d"),
        "relation": relation.astype(object),
    }


def _occupants(town: Town, ids: Ints, lead: Ints, second: Ints, month: int) -> list[Ints]:
    """Put the others in the home on numbered places; somebody keeps the same number in both months.

    Who stays comes first, then who leaves. Where somebody left, a newcomer is not listed yet.
    """
    pairs = [_others(town, ids, lead, second, at) for at in (0, 1)]
    staying = np.intersect1d(pairs[0], pairs[1])
    only = [np.setdiff1d(pairs[at], staying) for at in (0, 1)]
    changing = only[month]
    if month == 1:
        changing = changing[~np.isin(changing // _PAIR, only[0] // _PAIR)]
    which, member = np.divmod(np.concatenate([staying, changing]), _PAIR)
    order = np.argsort(which, kind="stable")
    which, member = which[order], member[order]
    number = np.arange(len(which)) - np.searchsorted(which, which)
    row = np.searchsorted(ids, which)
    out = []
    for slot in range(_OCCUPANTS):
        person, here = np.full(len(ids), NOBODY), number == slot
        person[row[here]] = member[here]
        out.append(person)
    return out


def _others(town: Town, ids: Ints, lead: Ints, second: Ints, month: int) -> Ints:
    """List who lives in the homes without being a tenant, children of both homes included, as one number a
    pair.
    """
    people = town.people
    which, member = members_of(town, ids, month)
    tenancy_at = np.full(len(town.dwellings), -1)
    tenancy_at[town.occupancy.home[ids]] = ids
    both = np.flatnonzero((people.second_home >= 0) & people.present[month])
    guests = both[tenancy_at[people.second_home[both]] >= 0]
    which, member = np.r_[which, tenancy_at[people.second_home[guests]]], np.r_[member, guests]
    row = np.searchsorted(ids, which)
    other = (member != lead[row]) & (member != second[row])
    return np.unique(which[other] * _PAIR + member[other])


BRACKWATER_TENANTS = Layout(
    source="housing_associations",
    dataset="brackwater_tenants",
    title="Brackwater Housing: one row per tenant",
    file="Brackwater_tenants_{sent}.csv",
    format="csv",
    delimiter=";",
    encoding="utf-8-sig",
    delivery="snapshot",
    key=("AgreementNo", "PersonNo"),
    dates="yyyymmdd",
    columns={
        "AgreementNo": "Tenancy",
        "PersonNo": "Number of the tenant",
        "FullName": "Title Forename Surname",
        "Birthdate": "Date of birth",
        "NINO": "National Insurance number",
        "UnitAddress": "Address",
        "UnitPostcode": "Postcode",
        "UPRN": "Property number",
        "AgreementStart": "Start",
        "RentPerWeek": "Pounds",
        "Phone": "Contact number",
        "Email": "E-mail address",
        "Sensitive": "Y = the address must not be shown",
    },
    people={"": "the tenant"},
    plants=(Plant("undecodable", "FullName"), Plant("duplicate_key", "Phone")),
)


def _fill_brackwater(town: Town) -> Tables:
    return both_months(lambda month: _brackwater_at(town, month))


def _brackwater_at(town: Town, month: int) -> pl.DataFrame:
    occupied = town.occupancy
    parts = []
    for number in (1, 2):
        scribe = Scribe(
            town,
            f"brackwater#{number}",
            Habits(typo=0.015, no_number=0.2, late=0.3, no_birth=0.04, stale=0.0),
        )
        scribe.opened = ~occupied.held[0]
        ids = _let(town, BRACKWATER, Scribe(town, "brackwater", scribe.habits), month)
        who = occupied.lead[ids] if number == 1 else _second(town, ids, month)
        ids, who = ids[who >= 0], who[who >= 0]
        home = occupied.home[ids]
        names = zip(scribe.title(who, month), scribe.forename(who, ids), scribe.surname(who, ids, month), strict=True)
        parts.append(
            table(
                {
                    "AgreementNo": Scribe(town, "brackwater").reference(ids, "BW", 6),
                    "PersonNo": choices([str(number)] * len(ids)),
                    "FullName": choices([" ".join(name) for name in names]),
                    "Birthdate": written(scribe.born(who, ids), "%Y%m%d"),
                    "NINO": scribe.number("nino", who, ids),
                    "UnitAddress": scribe.address(home, ids),
                    "UnitPostcode": scribe.postcode(home, ids),
                    "UPRN": scribe.uprn(home, ids),
                    "AgreementStart": written(occupied.since[ids], "%Y%m%d"),
                    "RentPerWeek": choices(
                        [f"{r:.2f}" for r in (88 + 60 * town.chance("rents").uniform(home, "rent")).tolist()]
                    ),
                    "Phone": scribe.phone(who, ids),
                    "Email": scribe.email(who, ids),
                    "Sensitive": either(town.people.do_not_disclose[who], "Y", None),
                },
                {"": who},
            )
        )
    return pl.concat(parts)


THORNLEIGH_LETTINGS = Layout(
    source="housing_associations",
    dataset="thornleigh_lettings",
    title="Thornleigh Homes: one row per letting",
    file="Thornleigh Homes lettings {period}.xlsx",
    sheet="Current lettings",
    format="xlsx",
    delivery="snapshot",
    key=("Letting",),
    dates="dd/mm/yy as text; Let from is a date cell",
    date_cells=("Let from",),
    titles=("Thornleigh Homes Ltd", "Current lettings at the end of {period}"),
    footer="{rows} lettings",
    columns={
        "Letting": "Reference",
        "Main tenant": "SURNAME Forename",
        "Born": "Date of birth, two-digit year",
        "M/F": "M or F",
        "Joint tenant": "SURNAME Forename",
        "Joint born": "Date of birth, two-digit year",
        "Property": "Address",
        "Post code": "Postcode",
        "Let from": "Start (date cell)",
        "Weekly rent": "Pounds (number)",
        "In household": "People",
        "Tel": "Contact number",
    },
    people={"": "main tenant", "#JT": "joint tenant"},
    plants=(Plant("not_a_date", "Let from"), Plant("embedded_newline", "Property")),
)


def _fill_thornleigh(town: Town) -> Tables:
    return both_months(lambda month: _thornleigh_at(town, month))


def _thornleigh_at(town: Town, month: int) -> pl.DataFrame:
    occupied = town.occupancy
    habits = Habits(typo=0.02, no_birth=0.05, placeholder=0.0, late=0.4, stale=0.0, odd_postcode=0.1)
    scribe, joint = Scribe(town, "thornleigh", habits), Scribe(town, "thornleigh#JT", habits)
    scribe.opened = joint.opened = ~occupied.held[0]
    ids = _let(town, THORNLEIGH, scribe, month)
    lead, second, home = occupied.lead[ids], _second(town, ids, month), occupied.home[ids]
    alone = second < 0
    size = np.bincount(np.searchsorted(ids, members_of(town, ids, month)[0]), minlength=len(ids))
    return table(
        {
            "Letting": scribe.reference(ids, "TH/", 6),
            "Main tenant": _surname_first(scribe, lead, ids, month),
            "Born": written(scribe.born(lead, ids), "%d/%m/%y"),
            "M/F": scribe.sex(lead, ids, ("F", "M", "M")),
            "Joint tenant": blank_where(_surname_first(joint, second, ids, month), alone),
            "Joint born": blank_where(written(joint.born(second, ids), "%d/%m/%y"), alone),
            "Property": scribe.address(home, ids),
            "Post code": scribe.postcode(home, ids),
            "Let from": written(occupied.since[ids], "%Y-%m-%d"),
            "Weekly rent": np.round(92 + 55 * town.chance("rents").uniform(home, "rent"), 2),
            "In household": size,
            "Tel": scribe.phone(lead, ids),
        },
        {"": lead, "#JT": second},
    )


def _surname_first(scribe: Scribe, who: Ints, ids: Ints, month: int) -> Text:
    return choices(
        [f"{s.upper()} {f}" for s, f in zip(scribe.surname(who, ids, month), scribe.forename(who, ids), strict=True)]
    )


FEEDS = (
    Feed(COUNCIL_TENANCIES, _fill_council),
    Feed(BRACKWATER_TENANTS, _fill_brackwater),
    Feed(THORNLEIGH_LETTINGS, _fill_thornleigh),
)
