"""Why: Children and Families, the other sheets: contacts, plans and periods of being looked after.

Must never name a child that the sheet "People" of the same month doesn't hold.
"""

from __future__ import annotations

import numpy as np

from almoner.demo.chance import Ints, Text, blank_where, choices, either
from almoner.demo.layout import Feed, Layout, Plant, Tables, table
from almoner.demo.months import MONTHS
from almoner.demo.scribe import Scribe, written, yes
from almoner.demo.sources.children import FILE, known_children
from almoner.demo.town import Town

CONTACTS = Layout(
    source="children_and_families",
    dataset="contacts",
    title="Contacts and referrals",
    file=FILE,
    sheet="Contacts",
    format="xlsx",
    delivery="snapshot",
    key=("Contact no.",),
    dates="dd/mm/yyyy as text",
    titles=("Contacts and referrals since April 2023",),
    columns={
        "Contact no.": "Reference",
        "Child ref": "The child, as in sheet People",
        "Child": "SURNAME, Forename",
        "Born": "Date of birth",
        "Received": "Date of the contact",
        "From": "Who made it",
        "Main need": "Category of need, N1 to N8",
        "Outcome": "Referral, Early help, No further action",
        "Taken by": "Professional",
    },
    people={"": "the child"},
    plants=(Plant("not_a_date", "Received"),),
)


def _name_of(scribe: Scribe, who: Ints, ids: Ints, month: int) -> Text:
    return choices(
        [f"{s.upper()}, {f}" for s, f in zip(scribe.surname(who, ids, month), scribe.forename(who, ids), strict=True)]
    )


def _fill_contacts(town: Town) -> Tables:
    cases, chance = known_children(town), town.chance("contacts")
    case = np.repeat(cases.ids, 1 + chance.whole(cases.ids, "how many", 3))
    ids = np.arange(len(case))
    received = chance.day(ids, "received", cases.first_seen[case], MONTHS[1].last)
    first = np.r_[True, np.diff(case) > 0]
    received = np.where(first, cases.first_seen[case], received)
    tables = []
    for month in (0, 1):
        keep = (received <= MONTHS[month].last) & cases.open_by(month)[case]
        who, rows = cases.who[case[keep]], ids[keep]
        tables.append(
            table(
                {
                    "Contact no.": cases.scribe.reference(rows, "C", 7),
                    "Child ref": cases.ref[case[keep]],
                    "Child": _name_of(cases.scribe, who, case[keep], month),
                    "Born": written(cases.scribe.born(who, case[keep]), "%d/%m/%Y"),
                    "Received": written(received[keep], "%d/%m/%Y"),
                    "From": chance.pick(
                        rows, "from", ["Police", "School", "Health visitor", "GP", "Family", "Anonymous"]
                    ),
                    "Main need": chance.pick(
                        rows, "need", ["N1", "N2", "N3", "N4", "N5", "N6", "N8"], [5, 1, 1, 2, 2, 1, 1]
                    ),
                    "Outcome": chance.pick(rows, "outcome", ["Referral", "Early help", "No further action"], [4, 3, 3]),
                    "Taken by": cases.scribe.worker(rows, "taken by"),
                },
                {"": who},
            )
        )
    return tables[0], tables[1]


PLANS = Layout(
    source="children_and_families",
    dataset="plans",
    title="Child in need and child protection plans",
    file=FILE,
    sheet="Plans",
    format="xlsx",
    delivery="snapshot",
    key=("Plan no.",),
    dates="Excel dates",
    titles=("Plans", "Position at the end of {period}"),
    columns={
        "Plan no.": "Reference",
        "Child ref": "The child, as in sheet People",
        "Child": "SURNAME, Forename",
        "Born": "Date of birth (date cell)",
        "Kind": "Child in need or Child protection",
        "Started": "Start (date cell)",
        "Ended": "End (date cell), blank while open",
        "Reason": "Category of abuse, for child protection",
        "Key worker": "Professional",
    },
    people={"": "the child"},
    date_cells=("Born", "Started", "Ended"),
    plants=(Plant("not_a_date", "Started"),),
)


def _fill_plans(town: Town) -> Tables:
    cases, chance = known_children(town), town.chance("plans")
    case = cases.ids[chance.happens(cases.ids, "plan", 0.42)]
    ids = np.arange(len(case))
    started = chance.day(ids, "started", cases.first_seen[case], MONTHS[1].last)
    ended = started + (60 + chance.whole(ids, "length", 420)).astype("timedelta64[D]")
    protection = chance.happens(ids, "protection", 0.3)
    tables = []
    for month in (0, 1):
        keep = (started <= MONTHS[month].last) & cases.open_by(month)[case]
        rows, who = ids[keep], cases.who[case[keep]]
        over = np.where(ended[keep] <= MONTHS[month].last, ended[keep], np.datetime64("NaT"))
        reason = chance.pick(
            rows, "reason", ["Neglect", "Emotional abuse", "Physical abuse", "Sexual abuse"], [5, 3, 2, 1]
        )
        tables.append(
            table(
                {
                    "Plan no.": cases.scribe.reference(rows, "PL", 6),
                    "Child ref": cases.ref[case[keep]],
                    "Child": _name_of(cases.scribe, who, case[keep], month),
                    "Born": written(cases.scribe.born(who, case[keep]), "%Y-%m-%d"),
                    "Kind": yes(protection[keep], "Child protection", "Child in need"),
                    "Started": written(started[keep], "%Y-%m-%d"),
                    "Ended": written(over, "%Y-%m-%d"),
                    "Reason": blank_where(reason, ~protection[keep]),
                    "Key worker": cases.scribe.worker(rows, "key worker"),
                },
                {"": who},
            )
        )
    return tables[0], tables[1]


CARE = Layout(
    source="children_and_families",
    dataset="care_periods",
    title="Periods of being looked after",
    file=FILE,
    sheet="Care periods",
    format="xlsx",
    delivery="snapshot",
    key=("Period no.",),
    dates="dd/mm/yyyy as text",
    titles=("Children looked after", "", "Position at the end of {period}"),
    columns={
        "Period no.": "Reference",
        "Child ref": "The child, as in sheet People",
        "Child": "SURNAME, Forename",
        "Born": "Date of birth",
        "Pupil no.": "UPN",
        "From": "Start of the period",
        "To": "End, blank while it lasts",
        "Legal status": "C2 care order, V2 section 20, J1 remand",
        "Placement": "U4 foster care, K2 children's home",
        "Placement post code": "Postcode of the placement",
        "Why ended": "E11 adopted, E4A returned home, blank",
    },
    people={"": "the child"},
)


def _fill_care(town: Town) -> Tables:
    cases, people, chance = known_children(town), town.people, town.chance("care")
    former = people.is_former()
    case = cases.ids[people.ever_looked_after()[cases.who] | former[cases.who]]
    who, ids = cases.who[case], np.arange(len(case))
    began = np.where(people.looked_after[0][who], people.moved_on[0][who], people.moved_on[1][who])
    began = np.where(former[who], cases.first_seen[case], began)
    adopted_on = began + np.timedelta64(200, "D")
    tables = []
    for month in (0, 1):
        keep = (began <= MONTHS[month].last) & cases.open_by(month)[case]
        rows, w, c = ids[keep], who[keep], case[keep]
        over = former[w] | ~people.looked_after[month][w]
        end = np.where(former[w], np.minimum(adopted_on[keep], MONTHS[0].first), people.moved_on[1][w])
        homes = np.where(people.looked_after[0][w] & over, people.home[0][w], people.home[month][w])
        inside = town.dwellings.tenure[homes] == 5
        tables.append(
            table(
                {
                    "Period no.": cases.scribe.reference(rows, "P", 6),
                    "Child ref": cases.ref[c],
                    "Child": _name_of(cases.scribe, w, c, month),
                    "Born": written(cases.scribe.born(w, c), "%d/%m/%Y"),
                    "Pupil no.": cases.scribe.number("upn", w, c, missing=0.2),
                    "From": written(began[keep], "%d/%m/%Y"),
                    "To": written(np.where(over, np.maximum(end, began[keep]), np.datetime64("NaT")), "%d/%m/%Y"),
                    "Legal status": chance.pick(rows, "status", ["C2", "V2", "J1"], [7, 2, 1]),
                    "Placement": yes(inside, "K2", "U4"),
                    "Placement post code": town.dwellings.postcode[homes],
                    "Why ended": either(former[w], "E11", either(over, "E4A", None)),
                },
                {"": w},
            )
        )
    return tables[0], tables[1]


FEEDS = (Feed(CONTACTS, _fill_contacts), Feed(PLANS, _fill_plans), Feed(CARE, _fill_care))
