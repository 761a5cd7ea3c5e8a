"""Gathers what is held of a person besides their records: who looked, to whom data went, requests, reports.

The log is asked about the person and about every former id of theirs. Names of officers go into what is sealed, and
out of it only when a reviewer says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from almoner.governance.audit import EventFilter, LoggedEvent
from almoner.kernel.errors import KeyMissing, NotFound
from almoner.requests.casework.cases import Case
from almoner.requests.casework.machine import machine
from almoner.requests.subject_access.assembling import Beside
from almoner.requests.subject_access.ports import Disclosures, Look, Matter
from almoner.wiring.casework import cases_of
from almoner.wiring.web_records import caseloads_of, reports_of
from almoner.wiring.workspace import Workspace

READING = {"permit.issue", "permit.request", "permit.grant", "read", "run", "find", "copy", "index"}
DID = {
    "break_glass.open": "Used emergency access",
    "permit.revoke": "Gave back leave to look",
    "retention.erase": "Erased data",
}
AREAS = {
    "request": "Handled a request", "mistake": "Handled a report of a mistake", "caseload": "Followed the person",
    "access_review": "Reviewed who looked", "break_glass": "Handled emergency access",
    "audit": "Looked into the audit log",
    "review": "Decided whether records are one person's", "retention": "Handled retention",
}  # fmt: skip


def beside_of(workspace: Workspace, case: Case, ids: Sequence[str], disclosures: Disclosures) -> Beside:
    """Gather it. In: case: the one it is gathered for; ids: of the person, the present one first."""
    notes = []
    if len(ids) > 1:
        notes.append(
            f"The records of {', '.join(ids[1:])} are this person's now: what happened under those ids is in it."
        )
    return Beside(
        looks=_looks(workspace, case, ids),
        disclosures=disclosures.disclosures_of(ids[0]),
        matters=[
            *_rights(workspace, ids),
            *_reports(workspace, ids),
            *_caseloads(workspace, ids),
            *_requests(workspace, case, ids),
        ],
        followed=ids[1:],
        notes=notes,
    )


# ── who looked ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _looks(workspace: Workspace, case: Case, ids: Sequence[str]) -> list[Look]:
    """Give one look for each permit under which somebody read, and one for each other thing that somebody did."""
    by_what: dict[tuple[str, str], list[LoggedEvent]] = {}
    for person in ids:
        for each in workspace.audit.events(EventFilter(subject=person)):
            if each.event.detail.get("case") == case.id:
                continue  # what is done for this request itself
            what = each.event.permit_id or f"{each.event.action}|{each.event.actor}|{each.event.at:%Y-%m-%d}"
            by_what.setdefault((what, each.event.actor), []).append(each)
    roles = {name: role.title for name, role in workspace.registry.role.items()}
    found = []
    for events in by_what.values():
        look = _look(workspace, events, roles)
        if case.id not in look.reason:
            found.append(look)
    return found


def _look(workspace: Workspace, events: Sequence[LoggedEvent], roles: dict[str, str]) -> Look:
    first = events[0].event
    held = tuple(roles.get(name, name) for name in sorted(workspace.records.roles_of(first.actor)))
    reason = next((text for each in events if (text := workspace.audit.reason_text(each.sequence))), "")
    named = dict.fromkeys(name.partition(":")[2] or name for each in events for name in each.event.datasets)
    outcome = "allowed" if any(each.event.outcome == "allowed" for each in events) else first.outcome
    return Look(
        first_at=first.at, times=len(events), actor=first.actor, roles=held, did=_did(events), outcome=outcome,
        purpose=first.purpose or "", reason=reason,
        datasets=tuple(name for name in named if not name.startswith(("spine.", "memory."))),
    )  # fmt: skip


def _did(events: Sequence[LoggedEvent]) -> str:
    actions = list(dict.fromkeys(each.event.action for each in events))
    if any(action.startswith("break_glass") for action in actions):
        return DID["break_glass.open"]
    if set(actions) <= READING:
        return "Read records" if set(actions) & {"read", "run", "copy"} else "Was given leave to look"
    return "; ".join(dict.fromkeys(_said(action) for action in actions))


def _said(action: str) -> str:
    if action in READING:
        return "Read records"
    return (
        DID.get(action)
        or AREAS.get(action.partition(".")[0])
        or action.replace(".", " ").replace("_", " ").capitalize()
    )


# ── what else is held ────────────────────────────────────────────────────────────────────────────────────────────────


_RIGHTS = {
    "restriction": ("Processing is restricted", "You consent to"), "objection": ("An objection", "Uses"),
    "correction": ("A correction of a record", ""),
}  # fmt: skip


def _rights(workspace: Workspace, ids: Sequence[str]) -> Iterator[Matter]:
    purposes = workspace.registry.purpose
    for each in workspace.rights.rights():
        if each.person_id in ids:
            what, label = _RIGHTS[each.kind]
            uses = "; ".join(purposes[name].title for name in each.purposes if name in purposes)
            told = ((label, uses),) if uses else (("Uses", "all that can be objected to"),) * (each.kind == "objection")
            yield Matter(what, each.made_at.date(), (("Decided in the case", each.case_id), *told))


def _reports(workspace: Workspace, ids: Sequence[str]) -> Iterator[Matter]:
    for each in reports_of(workspace).mistakes():
        if each.person_id in ids:
            told = (("The fact", each.what), ("It should be", each.should_be), ("What was said", each.words),
                    ("State", each.state), ("Decision", each.ruling), ("Answer", each.answer))  # fmt: skip
            yield Matter("A mistake that was reported in your records", each.reported_at.date(), told)


def _caseloads(workspace: Workspace, ids: Sequence[str]) -> Iterator[Matter]:
    followed = sum(person in ids for _, person in caseloads_of(workspace).everybody())
    if followed:
        told = (("How many", str(followed)),)
        yield Matter("Members of staff who have you on their list of people they work with", _today(workspace), told)


def _requests(workspace: Workspace, case: Case, ids: Sequence[str]) -> Iterator[Matter]:
    """Give the person's other requests. What was disposed of can't be told any more whose it was."""
    book = cases_of(workspace)
    for each in book.cases():
        if each.id == case.id or each.state == "disposed":
            continue
        try:
            content = book.content(each.id)
        except (KeyMissing, NotFound):
            continue
        if content.subject in ids:
            told = (
                ("Reference", each.id),
                ("State", each.state.replace("_", " ")),
                ("Outcome", each.outcome),
                ("What was asked", content.words),
            )
            yield Matter(machine().kind[each.kind].title, each.received_on, told)


def _today(workspace: Workspace) -> dt.date:
    from almoner.wiring import workspace as clockwork

    return clockwork.utc_now().date()
