"""Who may have a person's data: the person, somebody who acts for them, or a parent while the child can't decide alone.

Asked before anything is gathered. Must never go by what a case says of its words: only by its state and its marks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, get_args

from almoner.kernel.errors import RequestRefused, UsageError
from almoner.requests.casework.cases import Case, Mark, Plain
from almoner.requests.casework.machine import machine
from almoner.requests.casework.office import CaseOffice, Doing, Done, explained

KIND = "subject_access"
Capacity = Literal["self", "agent", "parent"]
CAPACITIES: dict[Capacity, str] = {
    "self": "The person themselves",
    "agent": "Somebody with their written authority, or a power of attorney",
    "parent": "Somebody with parental responsibility for a child",
}
COMPETENT_FROM = 12
"""From this age a child may well be able to decide alone, so a parent's request needs evidence. Source: DPA 2018 s208
(the presumption in Scotland), which the Information Commissioner's guidance calls a reasonable guide elsewhere."""
ADULT = 18


def verify(
    office: CaseOffice, case_id: str, capacity: str, evidence: str, *, competence: str = "", on: dt.date | None = None
) -> Done:
    """Note that the requester's identity and right to ask were checked, how, and as whom they ask.

    In: competence: of a child whose parent asks: what shows that the child can't decide alone, or agrees.
    Raises: UsageError.
    """
    if capacity not in get_args(Capacity):
        raise UsageError("There is no such capacity.", todo=f"Use one of: {', '.join(get_args(Capacity))}.")
    words = {"evidence": explained(evidence, "what was seen that proves it")}
    if competence:
        words["competence"] = explained(competence, "what shows that the child can't decide alone, or agrees")
    facts: dict[str, Plain] = {"as": capacity, "competence": bool(competence)}
    return office.take(case_id, Doing("verify", on, facts=facts, words=words))


def require_verified(case: Case, marks: Sequence[Mark]) -> Mark:
    """Give the mark by which the requester was identified, the last one.

    Raises: RequestRefused where the case is of another kind, waits for proof, or nobody has noted any.
    """
    if case.kind != KIND:
        raise RequestRefused(
            f"This is a case of another kind: {machine().kind[case.kind].title}.",
            where=f"case {case.id}", todo="Open one: almoner rights open subject_access.",
        )  # fmt: skip
    asked = [each.number for each in marks if each.action == "identify"]
    seen = [each for each in marks if each.action == "verify" and each.number > max(asked, default=0)]
    if not seen:
        raise RequestRefused(
            "Nobody has noted that the requester's identity was checked.",
            where=f"case {case.id}",
            why="What is held on somebody is gathered for nobody but them.",
            todo=f"Ask for proof ('almoner rights identify {case.id}'), or note what you saw ('almoner sar verify').",
        )
    return seen[-1]


def require_competence(case: Case, verified: Mark, born: dt.date | None, today: dt.date) -> None:
    """Refuse a parent who asks for somebody old enough to ask alone, unless evidence is recorded.

    Raises: RequestRefused.
    """
    if verified.facts.get("as") != "parent":
        return
    age = None if born is None else age_on(born, today)
    if age is not None and age >= ADULT:
        raise RequestRefused(
            "The person is an adult: nobody asks for them as a parent.",
            where=f"case {case.id}",
            why="Parental responsibility ends at 18.",
            todo="Ask for their written authority, then note it: almoner sar verify … --as agent.",
        )
    if (age is None or age >= COMPETENT_FROM) and not verified.facts.get("competence"):
        raise RequestRefused(
            "A child of this age may be able to decide alone whether a parent sees what is held.",
            where=f"case {case.id}",
            why=f"From about {COMPETENT_FROM} the right is exercised by the child, unless they can't understand it.",
            todo="Ask the child, or who knows them; then note it: almoner sar verify … --as parent --competence '…'.",
        )


def age_on(born: dt.date, today: dt.date) -> int:
    """Give somebody's age in years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
