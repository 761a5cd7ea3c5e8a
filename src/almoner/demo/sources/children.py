"""Why: Children and Families: one workbook with a sheet per kind of record, every child known since April
2023.

Must never name in a sheet a child that the sheet "People" of the same month doesn't hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from almoner.demo.chance import Days, Flags, Ints, Text, blank_where, choices
from almoner.demo.layout import Feed, Layout, Plant, Tables, both_months, table
from almoner.demo.months import MONTHS
from almoner.demo.people import NOBODY
from almoner.demo.scribe import Habits, Scribe, written, yes
from almoner.demo.sources.codes import SERVICE_ETHNICITY
from almoner.demo.town import Town

FILE = "CYPS case extract {period}.xlsx"
_HABITS = Habits(no_number=0.25, no_birth=0.015, late=0.2, stale=0.04, no_uprn=1.0)
_KNOWN_RATE = 0.075
_NEW_IN_APRIL = 0.05
_TWICE = 0.015


@dataclass(frozen=True)
class Cases:
    """The children known: by record number who they are, their reference, since when."""

    scribe: Scribe
    who: Ints
    ids: Ints
    ref: Text
    opened: Flags
    first_seen: Days

    def open_by(self, month: int) -> Flags:
        return ~self.opened | (month == 1)


def known_children(town: Town) -> Cases:
    """Choose the children; some have two records, former identities have their own."""
    people, chance = town.people, town.chance("children")
    everyone = np.arange(len(people))
    age = people.age(1)
    poor = np.exp(0.45 * town.deprivation(people.home[0]))
    known = (age >= 0) & (age < 18) & people.ever_present()
    known &= chance.happens(everyone, "known", np.minimum(_KNOWN_RATE * poor, 0.5))
    known |= (
        people.ever_looked_after() | (people.sealed & (age < 18)) | (people.do_not_disclose & (age < 18) & (age >= 0))
    )
    who = everyone[known]
    who = np.concatenate([who, who[chance.happens(who, "twice", _TWICE)]])
    ids = np.arange(len(who))
    scribe = Scribe(town, "children_and_families", _HABITS)
    newly = (people.looked_after[1] & ~people.looked_after[0])[who] | ~people.present[0][who]
    opened = newly & ~people.sealed[who] & ~people.looked_after[0][who]
    opened |= chance.happens(ids, "new", _NEW_IN_APRIL) & ~people.looked_after[0][who] & ~people.sealed[who]
    scribe.opened = opened
    start = np.maximum(np.datetime64("2023-04-03"), people.born[who])
    first = chance.day(ids, "first seen", start, np.maximum(MONTHS[0].last, start))
    first = np.where(opened, scribe.chance.day(ids, "April", np.maximum(MONTHS[1].first, start), MONTHS[1].last), first)
    return Cases(scribe, who, ids, scribe.reference(ids, "", 7), opened, first)


PEOPLE = Layout(
    source="children_and_families",
    dataset="case_people",
    title="Children known to the service",
    file=FILE,
    sheet="People",
    format="xlsx",
    delivery="snapshot",
    key=("Child ref",),
    dates="Excel dates",
    titles=(
        "Children and young people – monthly extract",
        "Position at the end of {period}",
        "OFFICIAL-SENSITIVE",
        "",
    ),
    columns={
        "Child ref": "Reference of the child, used in the other sheets",
        "First names": "Forename and middle names",
        "Family name": "Surname",
        "Called": "Name the child goes by",
        "Sex": "Female, Male, Indeterminate",
        "Born": "Date of birth (date cell)",
        "Ethnic code": "Service's own list",
        "Pupil no.": "UPN",
        "Health no.": "NHS number, in groups of 3-3-4",
        "Home address": "Address",
        "Post code": "Postcode",
        "Do not disclose": "Yes = the address must not be shown",
        "Sealed": "Yes = adopted; must never be tied to another identity",
        "Disability": "Yes or blank",
        "Case status": "Open or Closed",
        "Allocated worker": "Professional",
        "Known since": "Date of first contact (date cell)",
    },
    people={"": "the child"},
    footer="Records: {rows}",
    date_cells=("Born", "Known since"),
    plants=(
        Plant("not_a_date", "Known since"),
        Plant("key_missing"),
        Plant("duplicate_key", "Called"),
        Plant("formula", "Home address", (1,)),
    ),
)


def _fill_people(town: Town) -> Tables:
    cases = known_children(town)
    return both_months(lambda month: _people_at(town, cases, month))


def _people_at(town: Town, cases: Cases, month: int) -> pl.DataFrame:
    scribe, people = cases.scribe, town.people
    keep = cases.open_by(month)
    who, ids = cases.who[keep], cases.ids[keep]
    homes = scribe.home(who, ids, month)
    middle = scribe.middle(who, ids)
    first = np.where(
        middle.astype(bool),
        scribe.forename(who, ids) + " " + np.where(middle, middle, ""),
        scribe.forename(who, ids),
    ).astype(object)
    former = people.is_former()[who]
    closed = former | (scribe.chance.happens(ids, "closed", 0.45) & ~people.looked_after[month][who])
    nhs = scribe.number("nhs", who, ids)
    return table(
        {
            "Child ref": cases.ref[keep],
            "First names": first,
            "Family name": scribe.surname(who, ids, month),
            "Called": scribe.known_as(who, ids),
            "Sex": scribe.sex(who, ids, ("Female", "Male", "Indeterminate")),
            "Born": written(scribe.born(who, ids), "%Y-%m-%d"),
            "Ethnic code": scribe.ethnicity(who, ids, SERVICE_ETHNICITY),
            "Pupil no.": scribe.number("upn", who, ids, missing=0.2),
            "Health no.": choices([f"{n[:3]} {n[3:6]} {n[6:]}" if n else None for n in nhs]),
            "Home address": scribe.address(homes, ids),
            "Post code": scribe.postcode(homes, ids),
            "Do not disclose": yes(people.do_not_disclose[who], "Yes", None),
            "Sealed": yes(people.sealed[who], "Yes", None),
            "Disability": yes(people.disabled[who], "Yes", None),
            "Case status": yes(closed, "Closed", "Open"),
            "Allocated worker": blank_where(scribe.worker(ids), closed),
            "Known since": written(cases.first_seen[keep], "%Y-%m-%d"),
        },
        {"": who},
    )


LINKS = Layout(
    source="children_and_families",
    dataset="family_links",
    title="Adults in the children's lives",
    file=FILE,
    sheet="Family links",
    format="xlsx",
    delivery="snapshot",
    key=("Link no.",),
    dates="dd/mm/yyyy as text",
    titles=("Family links", "Position at the end of {period}"),
    columns={
        "Link no.": "Reference",
        "Child ref": "The child, as in sheet People",
        "Adult": "Forename and surname of the adult",
        "Adult born": "Date of birth",
        "Relationship": "Mother, Father, Step-parent, Foster carer",
        "Parental responsibility": "Yes or No",
        "Adult address": "Address",
        "Adult post code": "Postcode",
        "Adult telephone": "Contact number",
    },
    people={"": "the adult"},
    plants=(Plant("duplicate_row"),),
)


def _fill_links(town: Town) -> Tables:
    cases, people = known_children(town), town.people
    rows, adults, kinds = [], [], []
    who = cases.who
    lead = people.partner[0][people.mother[who]]
    step = np.where((people.mother[who] >= 0) & (lead >= 0) & (lead != people.father[who]), lead, NOBODY)
    step = np.where(people.household[0][step] == people.household[0][who], step, NOBODY)
    for place, adult in enumerate((people.mother[who], people.father[who], step)):
        some = np.flatnonzero((adult >= 0) & ~town.chance("links").happens(cases.ids, f"place {place}", 0.15))
        rows.append(some)
        adults.append(adult[some])
        kinds.append(np.full(len(some), "Step-parent", dtype=object) if place == 2 else people.parent_word(adult[some]))
    carers = np.flatnonzero(people.carer_home)
    carer_of = {int(people.household[0][carer]): int(carer) for carer in carers[::-1]}
    fostered = np.flatnonzero(people.looked_after[1][who] & np.isin(people.household[1][who], list(carer_of)))
    rows.append(fostered)
    adults.append(np.array([carer_of[int(h)] for h in people.household[1][who[fostered]]], dtype=np.int64))
    kinds.append(np.full(len(fostered), "Foster carer", dtype=object))
    case, adult, kind = np.concatenate(rows), np.concatenate(adults), np.concatenate(kinds)
    scribe = Scribe(
        town,
        "children_and_families.family_links",
        Habits(no_birth=0.3, typo=0.02, nickname=0.08, no_postcode=0.05, late=0.4),
    )
    return both_months(lambda month: _links_at(cases, scribe, case, adult, kind, month))


def _links_at(cases: Cases, scribe: Scribe, case: Ints, adult: Ints, kind: Text, month: int) -> pl.DataFrame:
    every = np.arange(len(case))
    keep = cases.open_by(month)[case]
    ids, who, kind = every[keep], adult[keep], kind[keep]
    homes = scribe.home(who, ids, month)
    return table(
        {
            "Link no.": scribe.reference(ids, "L", 6),
            "Child ref": cases.ref[case[keep]],
            "Adult": scribe.forename(who, ids) + " " + scribe.surname(who, ids, month),
            "Adult born": written(scribe.born(who, ids), "%d/%m/%Y"),
            "Relationship": kind,
            "Parental responsibility": yes(np.isin(kind, ["Mother", "Father"]), "Yes", "No"),
            "Adult address": scribe.address(homes, ids),
            "Adult post code": scribe.postcode(homes, ids),
            "Adult telephone": scribe.phone(who, ids),
        },
        {"": who},
    )


FEEDS = (Feed(PEOPLE, _fill_people), Feed(LINKS, _fill_links))
