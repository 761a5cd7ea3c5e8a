"""Reports of mistakes in records: kept sealed, logged as about the person, answered by whoever looks after the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from almoner.kernel.errors import UsageError
from almoner.wiring.web_records import reports_of
from almoner.wiring.workspace import Workspace, utc_now

if TYPE_CHECKING:
    from almoner.records.web_reports import Mistake, MistakeState

KINDS = {
    "name": "Their name, date of birth or sex",
    "address": "Their address, or who lives there",
    "family": "Their family or relations",
    "service": "A service, its dates or its worker",
    "joined": "Records of two people are joined as one",
    "apart": "Records of this person are missing or apart",
    "other": "Something else",
}
"""What can be wrong: key → words."""
ANSWERS: dict[str, MistakeState] = {"with source": "with source", "closed": "closed"}


def report_mistake(workspace: Workspace, person_id: str, kind: str, dataset: str, words: str) -> Mistake:
    """Keep a report. In: dataset: where it is known whose record is wrong, else ''."""
    if kind not in KINDS:
        raise UsageError("Nobody knows this kind of mistake.", todo=f"Use one of: {', '.join(KINDS)}.")
    made = reports_of(workspace).report(kind, dataset, person_id, words, workspace.actor, utc_now())
    workspace.note("mistake.report", subjects=[person_id], report=made.id, kind=kind)
    return made


def reported_mistakes(workspace: Workspace) -> list[Mistake]:
    """List the reports, for whoever looks after the data. Raises: AccessRefused."""
    workspace.require("quarantine")
    found = reports_of(workspace).mistakes()
    workspace.note("mistake.list", reports=len(found))
    return found


def answer_mistake(workspace: Workspace, report_id: str, state: str, answer: str) -> Mistake:
    """Say what became of a report. Raises: AccessRefused, NotFound, Busy, UsageError."""
    workspace.require("quarantine")
    if state not in ANSWERS or not answer.strip():
        raise UsageError("Say what became of it, in a few words.")
    done = reports_of(workspace).handle(report_id, ANSWERS[state], answer.strip(), workspace.actor, utc_now())
    workspace.note("mistake.answer", subjects=[done.person_id], report=done.id, state=done.state)
    return done
