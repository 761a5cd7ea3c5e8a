"""Why: Revenue and Benefits: council tax accounts, live benefit claims, and the people on those claims.

Must never name a liable person for a dwelling that stands empty: the account then is in the name of the
occupier.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.addresses import OWNER
from almoner.demo.chance import Ints, Text, blank_where, choices
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY, RETIRED, SICK, UNEMPLOYED
from almoner.demo.place_words import COMPANIES
from almoner.demo.scribe import Habits, Scribe, money, written, yes
from almoner.demo.town import Town

_TAX = Habits(
    initial=0.25,
    no_birth=0.6,
    no_uprn=0.02,
    stale=0.0,
    late=0.25,
    nickname=0.03,
    upper=True,
    styles=("upper", "upper", "upper_short", "with_town"),
)

_EMPTY = 40_000_000
"""Record numbers of empty dwellings' accounts start here."""

ACCOUNTS = Layout(
    source="revenue_and_benefits",
    dataset="council_tax",
    title="Council tax accounts, one row per account",
    file="ctax_accounts_{sent}.csv",
    format="csv",
    delimiter=";",
    encoding="cp1252",
    newline="\r\n",
    delivery="snapshot",
    key=("acct",),
    dates="dd/mm/yyyy",
    columns={
        "acct": "Account",
        "uprn": "Property number",
        "prop_addr": "Address of the property",
        "prop_pcode": "Postcode",
        "band": "A to H",
        "liable1": "SURNAME, TITLE FORENAME; a company; or THE OCCUPIER",
        "liable1_dob": "Date of birth",
        "liable2": "Second liable person, in the same form",
        "liable2_dob": "Date of birth",
        "liable_from": "Start",
        "discount": "SPD single person, STU students, blank",
        "exempt": "U empty, N students, blank",
        "tel": "Contact number",
        "e_mail": "E-mail address",
        "balance": "Pounds owed",
    },
    people={"": "first liable person", "#L2": "second liable person"},
    plants=(
        Plant("undecodable", "prop_addr"),
        Plant("extra_field"),
        Plant("missing_field"),
        Plant("duplicate_key", "band"),
        Plant("not_a_date", "liable_from"),
        Plant("not_decimal", "balance"),
        Plant("duplicate_row"),
        Plant("formula", "e_mail", (1,)),
    ),
)


def _fill_accounts(town: Town) -> Tables:
    return both_months(lambda month: _accounts_at(town, month))


def _liable(scribe: Scribe, who: Ints, ids: Ints, month: int) -> Text:
    names = zip(scribe.surname(who, ids, month), scribe.title(who, month), scribe.forename(who, ids), strict=True)
    return choices([f"{surname}, {title} {forename}" for surname, title, forename in names])


def _held_accounts(town: Town, scribe: Scribe, month: int) -> Ints:
    """Say which occupancies have a live account; who has gone stays until the service hears of it."""
    occupied, ids = town.occupancy, np.arange(len(town.occupancy.home))
    return ids[scribe.held(occupied.held[0], occupied.held[1], ids, month)]


def _accounts_at(town: Town, month: int) -> pl.DataFrame:
    occupied, chance = town.occupancy, town.chance("council tax")
    scribe = Scribe(town, "council_tax", _TAX)
    scribe.opened = ~occupied.held[0]
    second_clerk = Scribe(town, "council_tax#L2", _TAX)
    ids = _held_accounts(town, scribe, month)
    lead, home = occupied.lead[ids], occupied.home[ids]
    second = np.where(occupied.held[month][ids], occupied.second[month][ids], occupied.second[0][ids])
    second = np.where(chance.happens(ids, "one name", 0.2), NOBODY, second)
    has_second = second >= 0
    rows = table(
        {
            "acct": scribe.reference(ids, "", 8),
            "uprn": scribe.uprn(home, ids),
            "prop_addr": scribe.address(home, ids),
            "prop_pcode": scribe.postcode(home, ids),
            "band": _bands(town, home),
            "liable1": _liable(scribe, lead, ids, month),
            "liable1_dob": written(scribe.born(lead, ids), "%d/%m/%Y"),
            "liable2": blank_where(_liable(second_clerk, second, ids, month), ~has_second),
            "liable2_dob": blank_where(written(second_clerk.born(second, ids), "%d/%m/%Y"), ~has_second),
            "liable_from": written(occupied.since[ids], "%d/%m/%Y"),
            "discount": blank_where(
                choices(["SPD"] * len(ids)),
                (occupied.second[0][ids] >= 0) | chance.happens(ids, "unclaimed", 0.2),
            ),
            "exempt": choices([None] * len(ids)),
            "tel": scribe.phone(lead, ids),
            "e_mail": scribe.email(lead, ids),
            "balance": money(np.maximum(0, 900 * chance.uniform(ids, "owed") - 650)),
        },
        {"": lead, "#L2": second},
    )
    return pl.concat([rows, _empty_accounts(town, scribe, home)])


def _empty_accounts(town: Town, scribe: Scribe, taken: Ints) -> pl.DataFrame:
    """Write accounts of dwellings in which no account names a person."""
    inside = np.flatnonzero(town.dwellings.inside() & (town.dwellings.tenure < 5))
    home = np.setdiff1d(inside, taken)
    ids = home + _EMPTY
    chance = town.chance("council tax")
    company = (town.dwellings.tenure[home] != OWNER) & chance.happens(ids, "company", 0.5)
    names = np.where(company, chance.pick(ids, "which company", [c.upper() for c in COMPANIES]), "THE OCCUPIER")
    blank, nobody = choices([None] * len(home)), np.full(len(home), NOBODY)
    clerk = Scribe(town, "council_tax empty", _TAX)
    return table(
        {
            "acct": scribe.reference(ids, "", 8),
            "uprn": clerk.uprn(home, ids),
            "prop_addr": clerk.address(home, ids),
            "prop_pcode": clerk.postcode(home, ids),
            "band": _bands(town, home),
            "liable1": names.astype(object),
            "liable1_dob": blank,
            "liable2": blank,
            "liable2_dob": blank,
            "liable_from": written(
                chance.day(ids, "empty since", np.datetime64("2025-01-01"), MONTHS[0].last), "%d/%m/%Y"
            ),
            "discount": blank,
            "exempt": choices(["U"] * len(home)),
            "tel": blank,
            "e_mail": blank,
            "balance": money(np.zeros(len(home))),
        },
        {"": nobody, "#L2": nobody},
    )


def _bands(town: Town, home: Ints) -> Text:
    worth = -0.8 * town.deprivation(home) + 2.2 * town.chance("bands").uniform(home, "band")
    return choices(list("ABCDEFGH"))[np.clip((worth * 1.4 + 0.6).astype(np.int64), 0, 7)]


CLAIMS = Layout(
    source="revenue_and_benefits",
    dataset="benefit_claims",
    title="Live claims of council tax support and housing benefit",
    file="benefit_claims_{month}.csv",
    format="csv",
    delivery="snapshot",
    key=("claim_no",),
    dates="dd.mm.yyyy",
    columns={
        "claim_no": "Reference",
        "kind": "CTS, HB or CTS/HB",
        "c_surname": "Claimant's surname",
        "c_forename": "Forename",
        "c_born": "Date of birth",
        "c_nino": "National Insurance number",
        "c_sex": "F or M",
        "p_surname": "Partner's surname",
        "p_forename": "Forename",
        "p_born": "Date of birth",
        "p_nino": "National Insurance number",
        "address": "Address",
        "postcode": "Postcode",
        "uprn": "Property number",
        "tenure": "Council, Association, Private, Owner",
        "income": "Pounds a week",
        "award": "Pounds a week",
        "from": "Start",
        "phone": "Contact number",
    },
    people={"": "the claimant", "#PTN": "the partner"},
    plants=(
        Plant("not_a_date", "from"),
        Plant("duplicate_key", "kind"),
        Plant("nul_byte", "address"),
    ),
)
_TENURE_WORDS = ["Owner", "Private", "Council", "Association", "Association", "Other"]
_CLAIM = Habits(typo=0.012, no_number=0.02, no_uprn=0.25, late=0.2, stale=0.0)


def claims(town: Town, scribe: Scribe, month: int) -> Ints:
    """Say which occupancies have a live claim."""
    occupied, people, chance = town.occupancy, town.people, town.chance("claims")
    ids = np.arange(len(occupied.home))
    poor = np.isin(people.activity[occupied.lead], [UNEMPLOYED, SICK])
    pension = people.activity[occupied.lead] == RETIRED
    rented = town.dwellings.tenure[occupied.home] != OWNER
    lone = (people.partner[0][occupied.lead] < 0) & rented
    rate = np.where(poor, 0.75, np.where(pension & rented, 0.4, np.where(lone, 0.12, 0.02)))
    eligible = chance.happens(ids, "claims", np.where(rented, rate, rate / 3))
    ended = chance.happens(ids, "ended", 0.03) & (month == 1)
    return ids[eligible & ~ended & scribe.held(occupied.held[0], occupied.held[1], ids, month)]


def claim_clerk(town: Town) -> Scribe:
    """Open the clerk of the claims; the people on a claim are written by the same one."""
    scribe = Scribe(town, "benefit_claims", _CLAIM)
    scribe.opened = ~town.occupancy.held[0]
    return scribe


def _fill_claims(town: Town) -> Tables:
    return both_months(lambda month: _claims_at(town, month))


def _claims_at(town: Town, month: int) -> pl.DataFrame:
    occupied, people, chance = town.occupancy, town.people, town.chance("claims")
    scribe, partners = claim_clerk(town), Scribe(town, "benefit_claims#PTN", _CLAIM)
    ids = claims(town, scribe, month)
    lead, home = occupied.lead[ids], occupied.home[ids]
    partner = occupied.second[month][ids]
    partner = np.where((partner >= 0) & (people.partner[month][lead] == partner), partner, NOBODY)
    alone = partner < 0
    kind = chance.pick(ids, "kind", ["CTS", "HB", "CTS/HB"], [5, 1, 4])
    return table(
        {
            "claim_no": scribe.reference(ids, "HC", 7),
            "kind": np.where(town.dwellings.tenure[home] == OWNER, "CTS", kind).astype(object),
            "c_surname": scribe.surname(lead, ids, month),
            "c_forename": scribe.forename(lead, ids),
            "c_born": written(scribe.born(lead, ids), "%d.%m.%Y"),
            "c_nino": scribe.number("nino", lead, ids),
            "c_sex": scribe.sex(lead, ids, ("F", "M", "M")),
            "p_surname": blank_where(partners.surname(partner, ids, month), alone),
            "p_forename": blank_where(partners.forename(partner, ids), alone),
            "p_born": blank_where(written(partners.born(partner, ids), "%d.%m.%Y"), alone),
            "p_nino": blank_where(partners.number("nino", partner, ids), alone),
            "address": scribe.address(home, ids),
            "postcode": scribe.postcode(home, ids),
            "uprn": scribe.uprn(home, ids),
            "tenure": choices(_TENURE_WORDS)[town.dwellings.tenure[home]],
            "income": money(90 + 260 * chance.uniform(ids, "income")),
            "award": money(8 + 130 * chance.uniform(ids, "award")),
            "from": written(_since(town, ids), "%d.%m.%Y"),
            "phone": scribe.phone(lead, ids),
        },
        {"": lead, "#PTN": partner},
    )


def _since(town: Town, ids: Ints) -> np.ndarray:
    since = town.occupancy.since[ids]
    return town.chance("claims").day(
        ids, "since", np.maximum(since, np.datetime64("2016-04-01")), np.maximum(since, MONTHS[0].last)
    )


MEMBERS = Layout(
    source="revenue_and_benefits",
    dataset="claim_members",
    title="Children and other adults on the claims",
    file="claim_members_{month}.csv",
    format="csv",
    delivery="snapshot",
    key=("claim_no", "member"),
    dates="dd.mm.yyyy",
    columns={
        "claim_no": "Claim",
        "member": "Number within the claim",
        "name": "Forename Surname",
        "born": "Date of birth",
        "sex": "F or M",
        "kind": "child or non-dependant",
        "relation": "Child, Parent, Other",
        "child_benefit": "Y or N",
    },
    people={"": "the member"},
)


def _fill_members(town: Town) -> Tables:
    return both_months(lambda month: _members_at(town, month))


def _members_at(town: Town, month: int) -> pl.DataFrame:
    occupied, people = town.occupancy, town.people
    ids = claims(town, claim_clerk(town), month)
    which, member = members_of(town, ids, month)
    other = (member != occupied.lead[which]) & (member != occupied.second[month][which])
    which, member = which[other], member[other]
    scribe = Scribe(town, "claim_members", Habits(no_birth=0.06, nickname=0.05, typo=0.02))
    scribe.opened = ~people.present[0]
    minor = people.age(month)[member] < 18
    lead = occupied.lead[which]
    child = (
        (people.mother[member] == lead)
        | (people.father[member] == lead)
        | (people.mother[member] == occupied.second[month][which])
    )
    parent = (people.mother[lead] == member) | (people.father[lead] == member)
    names = zip(scribe.forename(member, member), scribe.surname(member, member, month), strict=True)
    return table(
        {
            "claim_no": claim_clerk(town).reference(which, "HC", 7),
            "member": scribe.reference(member, "", 7),
            "name": choices([f"{f} {s}" for f, s in names]),
            "born": written(scribe.born(member, member), "%d.%m.%Y"),
            "sex": scribe.sex(member, member, ("F", "M", "M")),
            "kind": yes(minor, "child", "non-dependant"),
            "relation": np.where(child, "Child", np.where(parent, "Parent", "Other")).astype(object),
            "child_benefit": yes(minor & town.chance("claims").happens(member, "child benefit", 0.9)),
        },
        {"": member},
    )


def members_of(town: Town, ids: Ints, month: int) -> tuple[Ints, Ints]:
    """List who lives in occupancies: pairs of occupancy and person.

    Where a household has left unnoticed, the ones who lived there before are listed.
    """
    here = town.occupancy.held[month][ids]
    now, before = _at_home(town, ids[here], month), _at_home(town, ids[~here], 0)
    return np.concatenate([now[0], before[0]]), np.concatenate([now[1], before[1]])


def _at_home(town: Town, ids: Ints, month: int) -> tuple[Ints, Ints]:
    people, occupied = town.people, town.occupancy
    rows = np.flatnonzero(people.present[month])
    place = people.home[month][rows] * 1_000_000 + people.household[month][rows]
    order = np.argsort(place, kind="stable")
    rows, place = rows[order], place[order]
    key = occupied.home[ids] * 1_000_000 + occupied.household[ids]
    first, last = np.searchsorted(place, key), np.searchsorted(place, key, side="right")
    count = last - first
    offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(ids, count), rows[np.repeat(first, count) + offset]


FEEDS = (Feed(ACCOUNTS, _fill_accounts), Feed(CLAIMS, _fill_claims), Feed(MEMBERS, _fill_members))
