"""Mistakes in records: reported or contested by workers, decided by governance, passed to the source, and answered.

What is told is kept sealed and logged as about the person. Nothing here changes a record: only its source does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from almoner.governance.granting import LEAST_REASON
from almoner.governance.permissions import rights_of
from almoner.governance.views import knows_person
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.wiring.contesting import Contestable
from almoner.wiring.reviewing import run_read
from almoner.wiring.web_records import reports_of
from almoner.wiring.workspace import Workspace, utc_now

if TYPE_CHECKING:
    from almoner.records.web_reports import Contester, Mistake, MistakeState

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
STATES = {
    "reported": "Awaits a decision",
    "upheld": "Upheld: to be passed to the source",
    "not upheld": "Not upheld",
    "with source": "Passed to the source",
    "closed": "Closed",
}
"""What each state means, for whoever reported and whoever answers."""
RECTIFYING = "requests"
"""The purpose for which it is read which of a source's records are contested: people's requests about their data."""
CONTESTERS: dict[str, Contester] = {"worker": "worker", "person": "person"}


def report_mistake(workspace: Workspace, person_id: str, kind: str, dataset: str, words: str) -> Mistake:
    """Keep a report. In: dataset: where it is known whose record is wrong, else ''."""
    from almoner.records.web_reports import Mistake

    if kind not in KINDS:
        raise UsageError("Nobody knows this kind of mistake.", todo=f"Use one of: {', '.join(KINDS)}.")
    told = Mistake("", kind, dataset, person_id, words, "reported", workspace.actor, utc_now())
    made = reports_of(workspace).report(told)
    workspace.note("mistake.report", subjects=[person_id], report=made.id, kind=kind)
    return made


def contest(workspace: Workspace, person_id: str, fact: Contestable, by: str, should_be: str, words: str) -> Mistake:
    """Contest one fact of a record. In: by: 'worker' or 'person'; should_be: what would be right; words: why.

    Raises: UsageError, also where the fact is contested already.
    """
    from almoner.records.web_reports import Mistake

    if by not in CONTESTERS or not should_be or len(words) < LEAST_REASON:
        raise UsageError("Say who contests the fact, what it should be, and why.")
    keeper = reports_of(workspace)
    if any(each.fact == fact.mark for each in keeper.contested(person_id)):
        raise UsageError("This fact is contested already.", todo="Wait for the decision.")
    told = Mistake(
        "", fact.kind, fact.dataset, person_id, words, "reported", workspace.actor, utc_now(),
        contested_by=CONTESTERS[by], fact=fact.mark, what=fact.text, should_be=should_be,
    )  # fmt: skip
    made = keeper.report(told)
    workspace.note("mistake.report", subjects=[person_id], report=made.id, kind=fact.kind, contested_by=by)
    return made


def contested_marks(workspace: Workspace, person_id: str) -> dict[str, Mistake]:
    """Give what is contested of a person's record and still open, by the mark of the fact."""
    return {each.fact: each for each in reports_of(workspace).contested(person_id)}


def reported_mistakes(workspace: Workspace) -> list[Mistake]:
    """List the reports, for whoever looks after the data. Raises: AccessRefused."""
    require_any(workspace)
    found = reports_of(workspace).mistakes()
    workspace.note("mistake.list", reports=len(found))
    return found


def read_mistake(workspace: Workspace, report_id: str) -> Mistake:
    """Read a contested fact, whatever it is about; logged as about the person. Raises: AccessRefused, NotFound."""
    workspace.require("rectify")
    found = reports_of(workspace).mistake(report_id)
    workspace.note("mistake.read", subjects=[found.person_id], report=found.id)
    return found


def answer_mistake(
    workspace: Workspace, report_id: str, state: str, answer: str, version: int | None = None
) -> Mistake:
    """Say what became of a report. In: version: of the report as it was looked at.

    Raises: AccessRefused, NotFound, Busy, UsageError, also where a contested fact awaits its decision.
    """
    require_any(workspace)
    if state not in ANSWERS or not answer.strip():
        raise UsageError("Say what became of it, in a few words.")
    kept = reports_of(workspace).mistake(report_id)
    if kept.contested_by:
        workspace.require("rectify")
    if kept.contested_by and (kept.state, state) not in (("upheld", "with source"), ("with source", "closed")):
        raise UsageError(
            "This can't be done with a contested fact as it stands.",
            why="First it is decided whether it is wrong; then the source is told; then its answer closes it.",
            todo="Look at it again.",
        )
    done = reports_of(workspace).handle(
        report_id, version, state=ANSWERS[state], answer=answer.strip(), handled_by=workspace.actor,
        handled_at=utc_now(),
    )  # fmt: skip
    workspace.note("mistake.answer", subjects=[done.person_id], report=done.id, state=done.state)
    return done


def rule_on_contest(
    workspace: Workspace, report_id: str, version: int, upheld: bool, words: str, dataset: str = ""
) -> Mistake:
    """Decide whether a contested fact is wrong. In: dataset: whose record is wrong, of a fact that several state.

    Raises: AccessRefused for who contested it, NotFound, Busy, UsageError.
    """
    workspace.require("rectify")
    kept = reports_of(workspace).mistake(report_id)
    if len(words.strip()) < LEAST_REASON:
        raise UsageError("Say why, and what follows.")
    if not kept.contested_by or kept.state != "reported":
        raise UsageError("This does not await a decision.", todo="Look at it again.")
    if kept.reported_by == workspace.actor:
        workspace.note("refused.rectify", outcome="refused", subjects=[kept.person_id])
        raise AccessRefused("Nobody decides what they have contested.", why="A second person looks.", todo="Ask one.")
    whose = kept.dataset or dataset
    if upheld and whose not in {each.full_name for each in workspace.registry.datasets()}:
        raise UsageError("Say whose record is wrong: the source has to be told.")
    state: MistakeState = "upheld" if upheld else "not upheld"
    done = reports_of(workspace).handle(
        report_id, version, state=state, ruling=words.strip(), dataset=whose, handled_by=workspace.actor,
        handled_at=utc_now(),
    )  # fmt: skip
    workspace.note("mistake.decide", subjects=[done.person_id], report=done.id, decision=state)
    return done


@dataclass(frozen=True)
class ToSource:
    """One line of the report to a source: what it should look at. records: its own keys of the person's records."""

    report: Mistake
    records: tuple[str, ...]


def report_to_source(workspace: Workspace, source: str) -> list[ToSource]:
    """List what a source is to be told: contests that were upheld, with its own keys of the records concerned.

    Raises: AccessRefused, NotFound where no such source is declared.
    """
    workspace.require("rectify")
    if source not in workspace.registry.source:
        raise NotFound("No such source is declared.")
    upheld = [
        each for each in reports_of(workspace).mistakes()
        if each.state == "upheld" and each.dataset.partition(".")[0] == source
    ]  # fmt: skip
    keys = _keys_of(workspace, upheld)
    workspace.note("mistake.pass", subjects=sorted({each.person_id for each in upheld}), source=source)
    return [ToSource(each, keys.get((each.person_id, each.dataset), ())) for each in upheld]


def awaiting_sources(workspace: Workspace) -> dict[str, int]:
    """Count what each source is yet to be told."""
    counts: dict[str, int] = {}
    for each in reports_of(workspace).mistakes():
        if each.state == "upheld" and each.dataset:
            source = each.dataset.partition(".")[0]
            counts[source] = counts.get(source, 0) + 1
    return counts


def may_decide(workspace: Workspace) -> bool:
    """Say whether the actor decides what is contested."""
    return "rectify" in rights_of(workspace.registry, workspace.records, workspace.actor)


def require_any(workspace: Workspace) -> None:
    """Refuse unless the actor looks after the data, or decides what is contested. Raises: AccessRefused."""
    if not may_decide(workspace):
        workspace.require("quarantine")


def _keys_of(workspace: Workspace, reports: list[Mistake]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Give the source's own keys of the people's records in each dataset, under a permit about these people."""
    named = {each.person_id for each in reports if each.person_id.isalnum()}
    people = sorted(each for each in named if knows_person(workspace.lake, each))
    if not people:
        return {}
    why = "Telling a source which of its records are contested"
    permit = workspace.permits.standing(workspace.actor, RECTIFYING, why, subjects=people)
    listed = ", ".join(f"'{person}'" for person in people)
    sql = f"""SELECT person_id, dataset, record_id FROM "spine.person_record"
              WHERE person_id IN ({listed}) ORDER BY ALL"""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in run_read(workspace, permit, "records_contested", sql, ["spine.person_record"]):
        key = (row["person_id"], row["dataset"])
        found[key] = (*found.get(key, ()), row["record_id"])
    return found
