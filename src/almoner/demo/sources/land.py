"""Why: Land Registry: registered titles of owner-occupiers and of landlords, people and companies, as
changes.

Must never say who lives in a let home; the proprietor's address is elsewhere.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.addresses import OWNER, PRIVATE
from almoner.demo.chance import Flags, Ints, Text, blank_where, choices
from almoner.demo.layout import Feed, Layout, Plant, Tables, table
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY
from almoner.demo.place_words import COMPANIES
from almoner.demo.scribe import Habits, Scribe, written
from almoner.demo.town import Town

TITLES = Layout(
    source="land_registry",
    dataset="titles",
    title="Registered titles of homes in the borough",
    file="registered_titles_{month}.csv",
    format="csv",
    delivery="delta",
    key=("title_no",),
    action="change",
    actions=("ADD", "ALT", "DEL"),
    dates="dd-mm-yyyy",
    columns={
        "title_no": "Reference",
        "tenure": "F freehold, L leasehold",
        "uprn": "Property number",
        "property": "Address",
        "postcode": "Postcode",
        "owner_1": "FORENAMES SURNAME, or a company",
        "owner_1_kind": "private or company",
        "owner_2": "FORENAMES SURNAME",
        "owner_address": "Address for service, with postcode",
        "company_no": "Number of the company",
        "price": "Pounds paid",
        "registered": "Date",
        "change": "What to do with the row",
    },
    people={"": "first owner, where a person", "#OW2": "second owner"},
    plants=(
        Plant("missing_field"),
        Plant("not_decimal", "price"),
        Plant("not_a_date", "registered"),
        Plant("formula", "owner_address", (0,)),
    ),
)
_HABITS = Habits(
    upper=True,
    typo=0.008,
    nickname=0.0,
    initial=0.0,
    maiden=0.05,
    no_uprn=0.06,
    stale=0.0,
    styles=("upper", "upper", "upper_short", "with_town"),
)


def _fill(town: Town) -> Tables:
    """Owners keep their title for a while after they have moved or died; a sale makes a change."""
    home = np.flatnonzero(town.dwellings.inside() & np.isin(town.dwellings.tenure, [OWNER, PRIVATE]))
    home = home[town.chance("titles").happens(home, "registered", 0.9)]
    return _at(town, home, 0), _at(town, home, 1)


def _owners(town: Town, home: Ints, month: int) -> tuple[Ints, Ints, Ints, Flags]:
    """Give first and second owner, the occupancy through which an owner-occupier owns, or -1, and what was
    sold.
    """
    occupied, chance = town.occupancy, town.chance("titles")
    by_home = np.full((2, len(town.dwellings)), -1)
    for at in (0, 1):
        held = np.flatnonzero(occupied.held[at])
        by_home[at][occupied.home[held]] = held
    sold = (by_home[1] != by_home[0]) & (by_home[1] >= 0) & chance.happens(np.arange(by_home.shape[1]), "sold", 0.6)
    through = np.where(sold & (month == 1), by_home[1], by_home[0])[home]
    own = (town.dwellings.tenure[home] == OWNER) & (through >= 0)
    rich = np.flatnonzero(
        (town.people.age(0) >= 35) & town.people.present[0] & (town.dwellings.tenure[town.people.home[0]] == OWNER)
    )
    landlord = rich[chance.whole(home, "landlord", len(rich))] if len(rich) else np.full(len(home), NOBODY)
    landlord = np.where(chance.happens(home, "company", 0.35), NOBODY, landlord)
    first = np.where(own, occupied.lead[through], landlord)
    second = np.where(own & chance.happens(through, "joint", 0.8), occupied.second[0][through], NOBODY)
    return first, second, np.where(own, through, -1), own & (through != by_home[0][home])


def _at(town: Town, home: Ints, month: int) -> pl.DataFrame:
    people, chance = town.people, town.chance("titles")
    first, second, through, sold = _owners(town, home, month)
    ids = home * 4 + through % 4 + 1  # a new owner is a new piece of writing
    scribe, other = Scribe(town, "land_registry", _HABITS), Scribe(town, "land_registry#OW2", _HABITS)
    company = first < 0
    since = np.where(
        through >= 0,
        town.occupancy.since[through],
        chance.day(home, "bought", np.datetime64("2003-01-01"), MONTHS[0].first),
    )
    service = np.where(company | (through >= 0), home, people.home[0][first])
    address = zip(scribe.address(service, ids), town.dwellings.postcode[service], strict=True)
    # A sale gives the title a new edition, which is its own record: a record never changes its people.
    edition = np.where(sold, "-2", "").astype(object)
    number = choices([f"99{1000 + n % 9000:04d}" for n in home.tolist()])
    return table(
        {
            "title_no": scribe.reference(home, "AMB", 6) + edition,
            "tenure": choices(["L", "F"])[(town.dwellings.flat[home] == "").astype(int)],
            "uprn": scribe.uprn(home, home),
            "property": scribe.address(home, home),
            "postcode": scribe.postcode(home, home),
            "owner_1": np.where(
                company,
                chance.pick(home, "which", [c.upper() for c in COMPANIES]),
                _full(scribe, first, ids, 0),
            ).astype(object),
            "owner_1_kind": np.where(company, "company", "private").astype(object),
            "owner_2": blank_where(_full(other, second, ids, 0), second < 0),
            "owner_address": choices([f"{a}, {p}" for a, p in address]),
            "company_no": blank_where(number, ~company),
            "price": choices(
                (60_000 + (400_000 * chance.uniform(home, "price") ** 2).astype(int)).astype(str).tolist()
            ),
            "registered": written(since, "%d-%m-%Y"),
        },
        {"": first, "#OW2": second},
    )


def _full(scribe: Scribe, who: Ints, ids: Ints, month: int) -> Text:
    parts = zip(
        scribe.forename(who, ids),
        scribe.middle(who, ids, initial=0.0, blank=0.1),
        scribe.surname(who, ids, month),
        strict=True,
    )
    return choices([" ".join(part for part in name if part) for name in parts])


FEEDS = (Feed(TITLES, _fill),)
