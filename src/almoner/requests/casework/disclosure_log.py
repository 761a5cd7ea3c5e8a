"""The disclosure log: answers for everybody to read. Nothing may stand in it that names who asked, or anybody."""

from __future__ import annotations

import secrets
from dataclasses import replace

from almoner.kernel.errors import NotFound, RequestRefused
from almoner.requests.casework.cases import Disclosure
from almoner.requests.casework.deciding import WAS_OUT
from almoner.requests.casework.figures import naming, states_figures
from almoner.requests.casework.office import CaseOffice, check_words, explained

LOGGED_STATES = ("answered", "in_review", "reviewed", "at_regulator", "closed")


def publish(office: CaseOffice, case_id: str, title: str, question: str, answer: str) -> Disclosure:
    """Put an answer into the log, in words that name nobody.

    Raises: RequestRefused where it was not answered, is no such case, or seems to name somebody.
    """
    case = office.find(case_id)
    words = {"title": explained(title, "what it is about", 2), "question": question, "answer": answer}
    words |= {name: explained(words[name], f"the {name} in short") for name in ("question", "answer")}
    check_words(words)
    if case.kind not in ("foi", "eir") or case.state not in LOGGED_STATES or case.answered_on is None:
        raise RequestRefused(
            "Only an answer about information that has gone out enters the disclosure log.",
            where=f"case {case_id}",
            todo="Answer the case first. Requests about somebody's own data are nobody else's business.",
        )
    found = naming(" \n ".join(words.values()), office.book.content(case_id).requester)
    if found:
        raise RequestRefused(
            "This would name somebody.", where=f"case {case_id}", why=f"It seems to hold {', '.join(found)}.",
            todo="Write it so that nobody can tell who asked, or of whom it speaks.",
        )  # fmt: skip
    if states_figures(words["answer"]) and not (case.releases or case.queries or _is_not_of_people(office, case_id)):
        raise RequestRefused(
            "The log would state figures that the answer did not rest on.", where=f"case {case_id}",
            todo="Leave the figures to the release.",
        )  # fmt: skip
    out = tuple(name for name in case.releases if _was_out(office, name))
    entry = Disclosure(
        f"D{secrets.token_hex(5)}", case.id, case.kind, words["title"], words["question"], words["answer"],
        case.outcome, out, case.answered_on, office.now(), office.actor,
    )  # fmt: skip
    office.note("request.log", case=case.id, entry=entry.id)
    office.book.publish(entry)
    return entry


def withdraw_entry(office: CaseOffice, entry_id: str, reason: str) -> Disclosure:
    """Take an entry out of the log: its words go. Raises: NotFound."""
    explained(reason, "why it is taken out")
    found = next((each for each in office.book.log() if each.id == entry_id and each.withdrawn_at is None), None)
    if found is None:
        raise NotFound("There is no such entry in the disclosure log.", todo="'almoner foi log' lists them.")
    gone = replace(found, title="Withdrawn", question="", answer="", withdrawn_at=office.now())
    office.note("request.log_withdraw", case=found.case_id, entry=entry_id)
    office.book.withdraw(gone)
    return gone


def _is_not_of_people(office: CaseOffice, case_id: str) -> bool:
    return any(mark.facts.get("figures_not_of_people") for mark in office.book.marks(case_id))


def _was_out(office: CaseOffice, name: str) -> bool:
    release = office.releases.find(name)
    return release is not None and release.state in WAS_OUT
