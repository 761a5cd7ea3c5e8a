"""Joins casework to a workspace: the office, what is published already, reminders, statistics, letters as files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from almoner.governance.permissions import rights_of
from almoner.governance.views import knows_person
from almoner.kernel.errors import NotFound
from almoner.release.draft import Draft
from almoner.requests.casework.cases import Case, Disclosure
from almoner.requests.casework.machine import Group, machine
from almoner.requests.casework.office import CaseOffice
from almoner.requests.casework.reminders import Reminder, reminders
from almoner.requests.casework.statistics import Statistics, statistics_of
from almoner.requests.clocks.calendars import Calendar
from almoner.requests.letters.paper import letter_pdf
from almoner.requests.letters.wording import letter_of
from almoner.requests.suggestions import Published, Suggestion, suggest
from almoner.store.case_keys import CaseKeys
from almoner.wiring import workspace as clockwork
from almoner.wiring.publishing import public_releases
from almoner.wiring.releasing import book_of
from almoner.wiring.workspace import Workspace

if TYPE_CHECKING:
    from almoner.records.subject_access import OrmGathered
    from almoner.requests.casework.ports import CaseBook

KEY_FOLDER = "case-keys"


def cases_of(workspace: Workspace) -> CaseBook:
    """Open the cases of a workspace with their keys."""
    _ = workspace.records  # makes the records ready
    from almoner.records.requests import OrmCases

    return OrmCases(CaseKeys(workspace.root / KEY_FOLDER, workspace.ring.derived("requests.cases")))


def gathered_of(workspace: Workspace) -> OrmGathered:
    """Open what was gathered for the cases of a workspace."""
    _ = workspace.records  # makes the records ready
    from almoner.records.subject_access import OrmGathered

    derived = workspace.ring.derived
    return OrmGathered(CaseKeys(workspace.root / KEY_FOLDER, derived("requests.cases")), derived("requests.gathered"))


def office_of(workspace: Workspace) -> CaseOffice:
    """Open the office for whoever may handle requests. Raises: AccessRefused."""
    workspace.require("requests")
    return _office(workspace)


def approving_office_of(workspace: Workspace) -> CaseOffice:
    """Open the office for whoever may approve decisions and conclude reviews. Raises: AccessRefused."""
    workspace.require("requests_approve")
    return _office(workspace)


def _office(workspace: Workspace) -> CaseOffice:
    workspace.require_sound_registry()
    rights = rights_of(workspace.registry, workspace.records, workspace.actor)
    return CaseOffice(
        workspace.registry, cases_of(workspace), book_of(workspace), workspace.audit, clockwork.utc_now,
        workspace.actor, rights,
    )  # fmt: skip


def known_person(workspace: Workspace, person_id: str) -> str:
    """Give the id of a person who is or was held. Raises: NotFound."""
    if person_id and not knows_person(workspace.lake, person_id):
        raise NotFound(
            "Nobody is held under this id.",
            why="A case about a person's rights names whose rights they are, or nobody.",
            todo="Look them up with 'almoner find --purpose requests'; leave --person out where nobody is held.",
        )
    return person_id


def kinds_of(group: Group) -> list[str]:
    """Name the kinds of case that a group of commands handles."""
    return [name for name, kind in machine().kind.items() if kind.group == group]


def listed_cases(office: CaseOffice, group: Group, *, all_states: bool, mine: bool) -> list[Case]:
    """List the cases of a group, the one that is due first at the top; the log says that somebody looked."""
    kinds = kinds_of(group)
    found = office.as_due_now(office.book.cases(kinds), office.book.all_marks(kinds))
    kept = [
        case
        for case in found
        if (all_states or machine().state[case.state].open or case.due_on is not None)
        and (not mine or case.assigned_to == office.actor)
    ]
    office.note("request.list", group=group, cases=len(kept))
    return kept


def due_reminders(office: CaseOffice, group: Group) -> list[Reminder]:
    """List what somebody has to be reminded of."""
    kinds = kinds_of(group)
    marks = office.book.all_marks(kinds)
    cases = office.as_due_now(office.book.cases(kinds), marks)
    found = reminders(cases, marks, office.rules, office.today())
    office.note("request.overdue", group=group, cases=len(found))
    return found


def return_statistics(office: CaseOffice, group: Group, first: dt.date, last: dt.date) -> list[Statistics]:
    """Count the cases of a group over a period, for the annual return."""
    kinds = kinds_of(group)
    marks = office.book.all_marks(kinds)
    cases = office.as_due_now(office.book.cases(kinds), marks)
    office.note("request.statistics", group=group, first=first.isoformat(), last=last.isoformat())
    calendar = Calendar(office.rules.bank_holiday)
    return [statistics_of(kind, cases, marks, first, last, office.today(), calendar) for kind in kinds]


def letter_file(office: CaseOffice, case_id: str, number: int) -> bytes:
    """Give a letter as it was written, as tagged PDF. Raises: NotFound."""
    _, _, steps = office.look(case_id)
    step = next((each for each in steps if each.mark.number == number and each.letter is not None), None)
    if step is None or step.letter is None:
        raise NotFound("There is no such letter.", where=f"case {case_id}", todo="'show' lists the letters of a case.")
    return letter_pdf(letter_of(step.letter), step.mark.on)


# ── for everybody ────────────────────────────────────────────────────────────────────────────────────────────────────


def public_log(workspace: Workspace) -> list[Disclosure]:
    """List the disclosure log, the newest first; what was withdrawn is left out."""
    return [each for each in cases_of(workspace).log() if each.withdrawn_at is None]


def already_published(workspace: Workspace, question: str, limit: int = 5) -> list[Suggestion]:
    """Find what is published already about a question: releases to everybody, and the disclosure log."""
    return suggest(question, [*_released(workspace), *_logged(public_log(workspace))], limit)


def _released(workspace: Workspace) -> list[Published]:
    book = book_of(workspace)
    out = [each for each in public_releases(workspace) if each.state == "released"]
    return [
        Published(
            each.id, "release", each.title, _text_of(book.draft_of(each.id)),
            each.released_at.date() if each.released_at else None, f"release {each.id}",
        )
        for each in out
    ]  # fmt: skip


def _text_of(draft: Draft) -> str:
    titles = [text for table in draft.tables for text in (table.title, *table.notes)]
    return "\n".join([draft.description, draft.source, *draft.notes, *titles])


def _logged(entries: Sequence[Disclosure]) -> list[Published]:
    return [
        Published(
            each.id, "disclosure log", each.title, f"{each.question}\n{each.answer}", each.published_at.date(),
            f"disclosure log {each.id}",
        )
        for each in entries
    ]  # fmt: skip
