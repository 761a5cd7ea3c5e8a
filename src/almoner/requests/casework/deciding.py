"""How a case ends: decided, approved by a second person, answered, reviewed, before the Regulator, closed.

Figures about people leave through the release ledger only: an answer that states figures names the release or the
checked answer that they come from, and no case is closed on figures that were never published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from almoner.kernel.errors import ReleaseRefused, RequestRefused, UsageError
from almoner.registry.releasing import PUBLIC
from almoner.requests.casework.cases import Case, Plain, Step
from almoner.requests.casework.exemptions import find_exemption
from almoner.requests.casework.figures import states_figures
from almoner.requests.casework.machine import Outcome, machine
from almoner.requests.casework.office import CaseOffice, Doing, Done, explained
from almoner.requests.clocks.wording import day_words, listed

WAS_OUT = ("released", "withdrawn")
REVIEW_OUTCOMES = {
    "upheld": "We stand by our answer",
    "partly_changed": "We have changed part of our answer",
    "changed": "We have changed our answer",
}
RULINGS = {
    "upheld": "The Regulator agrees with us",
    "partly": "The Regulator agrees with us in part",
    "not_upheld": "The Regulator does not agree with us",
    "no_decision": "The Regulator has closed the complaint without a decision",
}


@dataclass(frozen=True)
class Sources:
    """Where the figures of an answer come from. not_of_people: why those from nowhere are not about people."""

    releases: Sequence[str] = ()
    queries: Sequence[str] = ()
    not_of_people: str = ""


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def decide(office: CaseOffice, case_id: str, outcome: str, answer: str, advice: str = "") -> Done:
    """Propose an outcome with the words of the answer. What refuses or discloses waits for a second person.

    Raises: RequestRefused where the outcome lacks what it needs; UsageError for one that there is not.
    """
    case = office.find(case_id)
    chosen = machine().outcome.get(outcome)
    if chosen is None or case.kind not in chosen.kinds:
        raise UsageError(
            "There is no such outcome.", todo=f"Use one of: {', '.join(machine().outcomes_of(case.kind))}."
        )
    text = explained(answer, "what the requester is told")
    _check_outcome(case, chosen)
    doing = Doing(
        "decide", facts={"outcome": outcome}, words={"words": text, "advice": advice},
        changes={"outcome": outcome, "decided_by": office.actor, "approved_by": None},
        to="" if chosen.second_person else "approved",
    )  # fmt: skip
    return office.take(case_id, doing)


def _check_outcome(case: Case, outcome: Outcome) -> None:
    missing = ""
    if outcome.needs == "exemption" and not case.exemptions:
        missing = "no exemption is recorded ('exempt')"
    elif outcome.needs == "over_limit" and not case.over_limit:
        missing = "no estimate is above the limit ('estimate')"
    elif outcome.forbids == "exemption" and case.exemptions:
        missing = "an exemption is recorded, so something is refused"
    if missing:
        raise RequestRefused(
            f"The outcome '{outcome.name}' does not fit the case: {missing}.",
            where=f"case {case.id}",
            why="Who asked has a right to the true reason.",
            todo=f"Record it, or choose another: {', '.join(machine().outcomes_of(case.kind))}.",
        )


def approve(office: CaseOffice, case_id: str, version: int, reason: str) -> Done:
    """Say yes, as a second person, to exactly what was looked at. In: version: as shown.

    Raises: RequestRefused for who had a part in it; Busy where it was changed since.
    """
    text = explained(reason, "what you looked at")
    changes = {"approved_by": office.actor}
    return office.take(case_id, Doing("approve", words={"reason": text}, changes=changes, expected=version))


def send_back(office: CaseOffice, case_id: str, reason: str) -> Done:
    """Say no, as a second person: the case is worked on again."""
    text = explained(reason, "what has to be put right")
    changes = {"outcome": "", "decided_by": None, "approved_by": None}
    return office.take(case_id, Doing("return", words={"reason": text}, changes=changes))


# ── answering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def answer(office: CaseOffice, case_id: str, sources: Sources, on: dt.date | None = None) -> Done:
    """Give the answer that was approved, with the releases that it rests on.

    Raises: ReleaseRefused for figures that were not published.
    """
    case, steps = office.find(case_id), office.book.steps(case_id)
    decision = _last(steps, "decide")
    titles = _check_sources(office, case, sources, "" if decision is None else decision.words["words"])
    day = on or office.today()
    due = office.due(case)
    late = due.on is not None and day > due.on
    facts: dict[str, Plain] = {
        "outcome": case.outcome,
        "in_time": not late,
        "figures_not_of_people": bool(sources.not_of_people),
    }
    changes = {
        "answered_on": day, "in_time": not late, "releases": _joined(case.releases, sources.releases),
        "queries": _joined(case.queries, sources.queries),
    }  # fmt: skip
    outcome = machine().outcome.get(case.outcome)
    doing = Doing(
        "answer", on, facts=facts, words=_said(sources, decision), changes=changes,
        letter={**_letter_facts(case, steps), "published": listed(titles)},
        letter_name=outcome.letter if outcome else "",
    )  # fmt: skip
    return office.take(case_id, doing)


def supplement(office: CaseOffice, case_id: str, words: str, sources: Sources, on: dt.date | None = None) -> Done:
    """Give more after a review or a ruling. Raises: ReleaseRefused for figures that were not published."""
    case, text = office.find(case_id), explained(words, "what the requester is told")
    titles = _check_sources(office, case, sources, text)
    changes = {
        "releases": _joined(case.releases, sources.releases), "queries": _joined(case.queries, sources.queries),
    }  # fmt: skip
    told = {"outcome": "We give you more than before", "published": listed(titles), "exemptions": ""}
    said = {"words": text, **({"not_of_people": sources.not_of_people} if sources.not_of_people else {})}
    return office.take(case_id, Doing("supplement", on, words=said, changes=changes, letter=told))


def _joined(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _said(sources: Sources, decision: Step | None) -> dict[str, str]:
    words = {"words": decision.words["words"]} if decision else {}
    return words | ({"not_of_people": sources.not_of_people} if sources.not_of_people else {})


def _last(steps: Sequence[Step], action: str) -> Step | None:
    return next((each for each in reversed(steps) if each.mark.action == action), None)


def _letter_facts(case: Case, steps: Sequence[Step]) -> dict[str, str]:
    """Give what an answer states besides its words: outcome, exemptions with their reasons, cost, advice."""
    laws = machine().kind[case.kind].laws
    grounds = {str(each.mark.facts["exemption"]): each.words for each in steps if each.mark.action == "exempt"}
    refused = [_exemption_words(find_exemption(laws, code).words(), grounds.get(code, {})) for code in case.exemptions]
    decision, estimate = _last(steps, "decide"), _last(steps, "estimate")
    outcome = machine().outcome.get(case.outcome)
    return {
        "outcome": outcome.title if outcome else "",
        "exemptions": "\n\n".join(refused),
        "cost": estimate.words["cost"] if estimate and case.outcome == "over_limit" else "",
        "advice": decision.words.get("advice", "") if decision else "",
    }


def _exemption_words(title: str, grounds: object) -> str:
    words = grounds if isinstance(grounds, dict) else {}
    parts = [f"{title}: {words.get('reason', '')}", words.get("harm", ""), words.get("balance", "")]
    return " ".join(part.rstrip(".") + "." for part in parts if part)


def _check_sources(office: CaseOffice, case: Case, sources: Sources, words: str) -> list[str]:
    """Refuse figures that were not published. Out: the titles of the releases."""
    titles = []
    for name in sources.releases:
        release = office.releases.find(name)
        if release is None or release.state != "released" or release.recipient != PUBLIC:
            raise ReleaseRefused(
                "This release is not published, so it can't be given as an answer.",
                where=f"case {case.id}, release {name if release else '?'}",
                why="What one requester is given is given to everybody, so it is checked against all that is out.",
                todo="Publish it first: 'almoner release check', 'approve', 'publish'; its recipient is 'public'.",
            )
        titles.append(f"{release.title} (release {release.id})")
    for name in sources.queries:
        if not office.releases.was_answered(name):
            raise ReleaseRefused(
                "There is no such checked answer.",
                where=f"case {case.id}",
                why="Figures come from a release, or from an answer that was checked against all that is out.",
                todo="Ask for them with 'almoner query', and name the answer that it gives.",
            )
    _check_figures(case, sources, words)
    return titles


def _check_figures(case: Case, sources: Sources, words: str) -> None:
    if not states_figures(words) or sources.releases or sources.queries or sources.not_of_people.strip():
        return
    raise ReleaseRefused(
        "The answer states figures, and nothing says where they come from.",
        where=f"case {case.id}",
        why="A figure about people that is typed into a letter could undo what was protected elsewhere.",
        todo="Name the release (--release) or the checked answer (--query) they come from; if they are not about "
        "people, say why (--figures-not-of-people).",
    )


# ── review, Regulator, end ───────────────────────────────────────────────────────────────────────────────────────────


def ask_review(office: CaseOffice, case_id: str, words: str, on: dt.date | None = None) -> Done:
    """Note that the requester asks for a review."""
    text = explained(words, "what the requester is not content with")
    return office.take(case_id, Doing("review", on, words={"words": text}, changes={"closed_on": None}))


def conclude_review(
    office: CaseOffice, case_id: str, outcome: str, words: str, sources: Sources, on: dt.date | None = None
) -> Done:
    """Conclude a review, as somebody who had no part in the answer.

    Raises: RequestRefused for who had; UsageError for an outcome that there is not.
    """
    if outcome not in REVIEW_OUTCOMES:
        raise UsageError("A review has no such outcome.", todo=f"Use one of: {', '.join(REVIEW_OUTCOMES)}.")
    text = explained(words, "what the review found")
    case = office.find(case_id)
    _check_sources(office, case, sources, text)
    asked = [each for each in office.book.marks(case_id) if each.action == "review"]
    told = {"asked": day_words(asked[-1].on) if asked else "", "outcome": REVIEW_OUTCOMES[outcome]}
    day, due = on or office.today(), office.due(case)
    facts: dict[str, Plain] = {"outcome": outcome, "in_time": due.on is None or day <= due.on}
    changes = {
        "review_outcome": outcome, "releases": _joined(case.releases, sources.releases),
        "queries": _joined(case.queries, sources.queries),
    }  # fmt: skip
    said = {"words": text, **({"not_of_people": sources.not_of_people} if sources.not_of_people else {})}
    return office.take(case_id, Doing("conclude", on, facts=facts, words=said, changes=changes, letter=told))


def to_regulator(
    office: CaseOffice, case_id: str, reference: str, reply_by: dt.date | None, on: dt.date | None = None
) -> Done:
    """Note that the Regulator looks at the case, and by when it wants our reply."""
    facts = {"reply_by": reply_by.isoformat() if reply_by else None}
    return office.take(
        case_id, Doing("regulator", on, facts=facts, words={"reference": reference}, changes={"closed_on": None})
    )


def ruled(
    office: CaseOffice, case_id: str, ruling: str, words: str, act_by: dt.date | None, on: dt.date | None = None
) -> Done:
    """Note how the Regulator ruled, and by when we have to act. Raises: UsageError for a ruling that there is not."""
    if ruling not in RULINGS:
        raise UsageError("There is no such ruling.", todo=f"Use one of: {', '.join(RULINGS)}.")
    facts = {"ruling": ruling, "act_by": act_by.isoformat() if act_by else None}
    text = explained(words, "what was ruled")
    return office.take(case_id, Doing("ruled", on, facts=facts, words={"words": text}))


def close(office: CaseOffice, case_id: str) -> Done:
    """Close a case. Raises: ReleaseRefused where it rests on figures that were never published."""
    case = office.find(case_id)
    never = [name for name in case.releases if not _was_out(office, name)]
    if never:
        raise ReleaseRefused(
            "The case rests on figures that were never published.",
            where=f"case {case_id}, release {never[0]}",
            why="What was given to one requester has to be in the ledger.",
            todo="Publish the release, then close the case.",
        )
    return office.take(case_id, Doing("close", changes={"closed_on": office.today()}))


def _was_out(office: CaseOffice, name: str) -> bool:
    release = office.releases.find(name)
    return release is not None and release.state in WAS_OUT


def withdraw(office: CaseOffice, case_id: str, reason: str, on: dt.date | None = None) -> Done:
    """Note that the requester has taken the request back."""
    text = explained(reason, "how and why it was taken back")
    return office.take(case_id, Doing("withdraw", on, words={"reason": text}, changes={"closed_on": office.today()}))


def dispose(office: CaseOffice, case_id: str) -> Done:
    """Destroy what a case held, and its key. Its dates and its outcome stay for the statistics."""
    return office.take(case_id, Doing("dispose"))
