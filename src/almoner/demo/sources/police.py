"""Why: Police: incidents with the people in them as XML, and what courts and officers decided about
suspects as CSV.

Must never write "convicted" where somebody was only accused: the two are different tables.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, Text, blank_where, choices, either
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY
from almoner.demo.scribe import Habits, Scribe, written
from almoner.demo.town import Town

_HABITS = Habits(
    upper=True,
    typo=0.025,
    spelling=0.06,
    nickname=0.05,
    no_birth=0.1,
    misdated=0.02,
    wrong_sex=0.01,
    stale=0.15,
    no_postcode=0.25,
    late=1.0,
    no_number=1.0,
)
_PARTY = {
    "@nominal": "number of the person in the force's system",
    "Surname": "surname",
    "Forenames": "forenames",
    "Born": "date of birth",
    "Sex": "F, M, U",
    "Address": "address",
    "Postcode": "postcode",
    "Ethnicity": "officer's view, IC1 to IC6",
}
OFFENCES = {
    "VIOL": 24,
    "ASB": 20,
    "THEFT": 12,
    "BURG": 7,
    "VEH": 8,
    "DAMAGE": 10,
    "DRUGS": 5,
    "ROB": 2,
    "SHOP": 6,
    "SEX": 2,
    "DOM": 14,
}

INCIDENTS = Layout(
    source="police",
    dataset="incidents",
    title="Incidents in the borough with the people in them",
    file="incidents_{month}.xml",
    format="xml",
    delivery="delta",
    key=("@id",),
    action="@status",
    actions=("new", "amended", "cancelled"),
    columns={
        "@id": "Reference",
        "@status": "What to do with the incident",
        "Reported": "Date",
        "Offence": "Code",
        "Domestic": "true or absent",
        "Place/Description": "Where, in words",
        "Place/Postcode": "Postcode",
        "Place/UPRN": "Property number",
        "Officer": "Professional",
        **{f"{role}/{part}": f"{role}: {words}" for role in ("Aggrieved", "Accused") for part, words in _PARTY.items()},
    },
    people={"#AGG": "the aggrieved", "#ACC": "the accused (not convicted)"},
    plants=(
        Plant("not_a_date", "Reported"),
        Plant("key_missing"),
        Plant("duplicate_key", "Place/Description"),
    ),
    note="Elements `Incident`, namespace urn:example:constabulary:incidents; March goes twelve months back",
)


def _cases(town: Town) -> tuple[Ints, np.ndarray, Ints, Ints, Ints, Text]:
    """Draw incidents: number, day, place, aggrieved, accused, offence."""
    chance, people = town.chance("incidents"), town.people
    ids = np.arange(int(people.present[0].sum() * 0.085))
    day = chance.day(ids, "day", np.datetime64("2025-04-01"), MONTHS[1].last)
    inside = np.flatnonzero(town.dwellings.inside())
    weight = np.cumsum(np.exp(0.6 * town.deprivation(inside)))
    home = inside[np.searchsorted(weight / weight[-1], chance.uniform(ids, "place"))]
    offence = chance.pick(ids, "offence", list(OFFENCES), [float(n) for n in OFFENCES.values()])
    living = np.flatnonzero(np.isnat(people.died) & people.always_present() & (people.age(0) >= 11))
    adults = living[people.age(0)[living] >= 14]
    victim = living[chance.whole(ids, "victim", len(living))]
    suspect = adults[chance.whole(ids, "suspect", len(adults))]
    repeat = adults[chance.whole(chance.whole(ids, "often", max(3, len(ids) // 30)), "known", len(adults))]
    suspect = np.where(chance.happens(ids, "repeat", 0.5), repeat, suspect)
    at_home = people.partner[0][victim]
    domestic = (offence == "DOM") & (at_home >= 0)
    suspect = np.where(domestic, at_home, suspect)
    home = np.where(domestic & town.dwellings.inside()[people.home[0][victim]], people.home[0][victim], home)
    victim = np.where(chance.happens(ids, "nobody hurt", np.where(offence == "ASB", 0.75, 0.3)), NOBODY, victim)
    suspect = np.where(chance.happens(ids, "nobody seen", 0.62) & ~domestic, NOBODY, suspect)
    return ids, day, home, victim, np.where(suspect == victim, NOBODY, suspect), offence


def _fill_incidents(town: Town) -> Tables:
    return both_months(lambda month: _incidents_at(town, month))


def _incidents_at(town: Town, month: int) -> pl.DataFrame:
    chance = town.chance("incidents")
    ids, day, home, victim, suspect, offence = _cases(town)
    cancelled = chance.happens(ids, "cancelled", 0.004) & (month == 1) & (day <= MONTHS[0].last)
    keep = (day <= MONTHS[month].last) & ~cancelled
    ids, day, home = ids[keep], day[keep], home[keep]
    victim, suspect, offence = victim[keep], suspect[keep], offence[keep]
    amended = chance.happens(ids, "amended", 0.02) & (month == 1)
    offence = np.where(amended, "THEFT", offence).astype(object)
    scribe = Scribe(town, "police", _HABITS)
    columns: dict[str, Text] = {
        "@id": scribe.reference(ids, "AMB/26/", 6),
        "@status": choices(["new"] * len(ids)),
        "Reported": written(day, "%Y-%m-%d"),
        "Offence": offence,
        "Domestic": either(offence == "DOM", "true", None),
        "Place/Description": scribe.address(home, ids),
        "Place/Postcode": scribe.postcode(home, ids),
        "Place/UPRN": blank_where(town.dwellings.uprn[home], chance.happens(ids, "no uprn", 0.6)),
        "Officer": scribe.worker(ids),
    }
    for role, who in (("Aggrieved", victim), ("Accused", suspect)):
        for part, values in _party(town, role, who, ids).items():
            columns[f"{role}/{part}"] = blank_where(values, who < 0)
    return table(columns, {"#AGG": victim, "#ACC": suspect})


def _party(town: Town, role: str, who: Ints, ids: Ints) -> dict[str, Text]:
    scribe = Scribe(town, f"police#{role}", _HABITS)
    nominal = Scribe(town, "police nominals")
    homes = scribe.home(who, ids, 0)
    seen = {"W": "IC1", "M": "IC6", "A": "IC4", "B": "IC3", "O": "IC6"}
    return {
        "@nominal": blank_where(nominal.reference(who, "NM", 7), scribe.chance.happens(ids, "no nominal", 0.2)),
        "Surname": scribe.surname(who, ids, 0),
        "Forenames": scribe.forename(who, ids),
        "Born": written(scribe.born(who, ids), "%Y-%m-%d"),
        "Sex": scribe.sex(who, ids, ("F", "M", "U")),
        "Address": scribe.address(homes, ids),
        "Postcode": scribe.postcode(homes, ids),
        "Ethnicity": choices([seen[group[0]] for group in town.people.ethnic[who]]),
    }


OUTCOMES = Layout(
    source="police",
    dataset="outcomes",
    title="What was decided about suspects",
    file="outcomes_{month}.csv",
    format="csv",
    delimiter="|",
    delivery="append",
    key=("outcome_ref",),
    dates="yyyy-mm-dd",
    columns={
        "outcome_ref": "Reference",
        "incident": "Reference of the incident",
        "nominal": "Number of the person",
        "surname": "Surname",
        "forenames": "Forenames",
        "born": "Date of birth",
        "decided": "Date",
        "outcome": "charged, convicted, acquitted, caution, no further action",
        "court": "Court",
    },
    people={"": "the person decided about"},
    note="Only `convicted` is an offence committed; all else is an accusation",
    plants=(Plant("missing_field", months=(0,)),),
)


def _fill_outcomes(town: Town) -> Tables:
    chance = town.chance("outcomes")
    ids, day, _, _, suspect, _ = _cases(town)
    known = (suspect >= 0) & chance.happens(ids, "decided", 0.55)
    ids, suspect, day = ids[known], suspect[known], day[known]
    decided = day + (5 + chance.whole(ids, "days", 150)).astype("timedelta64[D]")
    scribe = Scribe(town, "police outcomes", _HABITS)
    outcome = chance.pick(
        ids, "outcome", ["charged", "convicted", "acquitted", "caution", "no further action"], [3, 3, 1, 2, 4]
    )
    months = []
    for month, rows in (
        (0, decided <= MONTHS[0].last),
        (1, (decided > MONTHS[0].last) & (decided <= MONTHS[1].last)),
    ):
        i, who = ids[rows], suspect[rows]
        months.append(
            table(
                {
                    "outcome_ref": scribe.reference(i, "OC", 7),
                    "incident": Scribe(town, "police").reference(i, "AMB/26/", 6),
                    "nominal": Scribe(town, "police nominals").reference(who, "NM", 7),
                    "surname": scribe.surname(who, i, month),
                    "forenames": scribe.forename(who, i),
                    "born": written(scribe.born(who, i), "%Y-%m-%d"),
                    "decided": written(decided[rows], "%Y-%m-%d"),
                    "outcome": outcome[rows],
                    "court": blank_where(
                        choices(["Ambleford Magistrates"] * len(i)),
                        ~np.isin(outcome[rows], ["convicted", "acquitted"]),
                    ),
                },
                {"": who},
            )
        )
    return months[0], months[1]


FEEDS = (Feed(INCIDENTS, _fill_incidents), Feed(OUTCOMES, _fill_outcomes))
