"""Runs the retention schedule: what falls due, what a second person has to approve, what is done and certified."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from almoner.disposal.carrying_out import certificate
from almoner.disposal.due import Due, due_in
from almoner.disposal.ports import Disposal, State
from almoner.disposal.replay import work_of_ledger
from almoner.disposal.work import Work, joined, still_due
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.release.states import can_follow
from almoner.store.barred import WHOLE, Reference
from almoner.wiring.disposals import alone, disposals_of, referrer_of
from almoner.wiring.disposing import carry_out_disposal, concerned_people
from almoner.wiring.holding import held_now, made_name
from almoner.wiring.releasing import book_of
from almoner.wiring.workspace import Workspace, utc_now

Progress = Callable[[str], None]


@dataclass(frozen=True)
class FallsDue:
    """What falls due under one rule, why, and what else depends on it."""

    rule: str
    title: str
    action: str
    authority: str
    datasets: tuple[Due, ...]
    people: int
    people_gone: int

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(each.rows for each in self.datasets)

    @property
    def deliveries(self) -> int:
        """How many deliveries as a whole."""
        return sum(len(each.work.emptied) for each in self.datasets)

    def work(self) -> Work:
        """Give all of it as one work, without references."""
        return joined([each.work for each in self.datasets])


def falls_due(workspace: Workspace, today: dt.date | None = None) -> list[FallsDue]:
    """Find what is past its retention, by rule. Raises: AccessRefused, RegistryError."""
    workspace.require("retention")
    workspace.require_sound_registry()
    workspace.note("retention.due")
    return _found(workspace, today or utc_now().date())


def depends(workspace: Workspace) -> dict[str, Any]:
    """Name what rests on records and is not disposed of with them by itself."""
    from almoner.records.access import OrmWorkspaceBook

    drafts = [each.id for each in book_of(workspace).releases() if can_follow(each.state, "discard")]
    copies = [each.id for each in OrmWorkspaceBook().workspaces()]
    return {"analysts_workspaces": copies, "drafts_of_releases": drafts}


def _found(workspace: Workspace, today: dt.date, only: str | None = None) -> list[FallsDue]:
    held = held_now(workspace)
    by_rule: dict[str, list[Due]] = defaultdict(list)
    for dataset in workspace.registry.datasets():
        rule = workspace.registry.retention_of(dataset)
        if dataset.open or (only is not None and rule.name != only):
            continue
        found = due_in(workspace.registry, workspace.lake, workspace.engine, dataset, today, held[dataset.full_name])
        if found.work or found.undated or found.held:
            by_rule[rule.name].append(found)
    return [_rule(workspace, name, found) for name, found in by_rule.items()]


def _rule(workspace: Workspace, name: str, found: list[Due]) -> FallsDue:
    rule = workspace.registry.retention[name]
    work = joined([each.work for each in found])
    people, gone = concerned_people(workspace, work) if work else (0, 0)
    return FallsDue(name, rule.title, rule.action, rule.authority, tuple(found), people, gone)


def run_retention(workspace: Workspace, progress: Progress) -> list[Disposal]:
    """Finish what was begun, replay the ledger where the workspace was put back, then do what is due.

    What the schedule says to review waits for a second person. Out: every disposal that was carried out or now waits.
    Raises: AccessRefused, Busy where somebody is writing, RegistryError.
    """
    workspace.require("retention")
    workspace.require_sound_registry()
    workspace.note("retention.run")
    with alone(workspace):
        workspace.lake.sweep("deliveries")
        done = [*_replayed(workspace, progress), *_resumed(workspace, progress)]
        done += _approved(workspace, progress)
        waiting = {each.subject for each in disposals_of(workspace).disposals("awaiting")}
        for due in _found(workspace, utc_now().date()):
            if due.work() and not (due.action == "review" and due.rule in waiting):
                done.append(_begun(workspace, due, progress))
    return done


def _begun(workspace: Workspace, due: FallsDue, progress: Progress) -> Disposal:
    """Write a disposal down; carry it out unless a second person has to look."""
    work = _with_references(workspace, due)
    state: State = "awaiting" if due.action == "review" else "doing"
    made = Disposal(
        made_name("D"), "schedule", due.rule, due.action, state, workspace.actor, utc_now(),
        due.rows + _rows_of(workspace, due), due.people,
    )  # fmt: skip
    workspace.note("retention.plan", disposal=made.id, rule=due.rule, rows=made.rows, people=made.people)
    disposals_of(workspace).begin(made, work)
    if state == "awaiting":
        progress(f"{due.title}: {made.rows:,} rows wait for a second person (disposal {made.id})")
        return made
    progress(f"{due.title}: {made.rows:,} rows")
    return carry_out_disposal(workspace, made)


def _rows_of(workspace: Workspace, due: FallsDue) -> int:
    """Count the rows of deliveries that go as a whole."""
    whole = {number for each in due.datasets for number in each.work.emptied.tolist()}
    entries = workspace.lake.catalogue.deliveries(superseded=True) if whole else ()
    return sum(each.accepted + each.quarantined for each in entries if each.number in whole)


def _with_references(workspace: Workspace, due: FallsDue) -> Work:
    referrer = referrer_of(workspace)
    references: list[Reference] = []
    for each in due.datasets:
        if workspace.registry.dataset(each.dataset).key:
            references += referrer.refer(each.dataset, [WHOLE] * len(each.keys), each.keys)
    return replace(due.work(), references=tuple(references))


def _approved(workspace: Workspace, progress: Progress) -> list[Disposal]:
    """Carry out what a second person has approved, as far as it is still due and no hold was placed since."""
    book = disposals_of(workspace)
    done: list[Disposal] = []
    for each in book.disposals("approved"):
        found = _found(workspace, utc_now().date(), only=each.subject)
        now = joined([_with_references(workspace, due) for due in found])
        book.start(each.id, still_due(book.work_of(each.id), now))
        progress(f"Disposal {each.id}, approved by {each.approved_by}")
        done.append(carry_out_disposal(workspace, each))
    return done


def _resumed(workspace: Workspace, progress: Progress) -> list[Disposal]:
    found = disposals_of(workspace).disposals("doing")
    for each in found:
        progress(f"Disposal {each.id} was stopped half-way: it goes on")
    return [carry_out_disposal(workspace, each) for each in found]


def _replayed(workspace: Workspace, progress: Progress) -> list[Disposal]:
    """Dispose again of what a backup has brought back."""
    book, files = disposals_of(workspace), workspace.ledger_files
    done: list[Disposal] = []
    for name in sorted(files.names() - book.known()):
        earlier, references = files.read(name)
        work = work_of_ledger(workspace.registry, workspace.lake, referrer_of(workspace), references)
        progress(f"Disposal {name} is older than this state of the workspace: it is carried out again")
        again = replace(earlier, kind="replay", rows=len(work.rows), made_by=workspace.actor)
        book.begin(again, work)
        done.append(carry_out_disposal(workspace, again))
    return done


def approve(workspace: Workspace, disposal_id: str, reason: str) -> Disposal:
    """Approve a disposal that waits: a second person, never who has planned it.

    Raises: AccessRefused, NotFound, UsageError where it does not wait.
    """
    workspace.require("retention_approve")
    found = _find(workspace, disposal_id)
    if found.made_by == workspace.actor:
        workspace.note("refused.retention_approve", outcome="refused", disposal=disposal_id)
        raise AccessRefused(
            "Nobody approves a disposal that they have planned.",
            why="Two people stand behind it.",
            todo="Ask a colleague.",
        )
    _note(workspace, "retention.approve", disposal_id, reason)
    disposals_of(workspace).approve(disposal_id, workspace.actor, utc_now())
    return _find(workspace, disposal_id)


def decline(workspace: Workspace, disposal_id: str, reason: str) -> Disposal:
    """Decline a disposal that waits: it is planned anew unless a hold is placed. Raises: as `approve`."""
    workspace.require("retention_approve")
    _find(workspace, disposal_id)
    _note(workspace, "retention.decline", disposal_id, reason)
    disposals_of(workspace).decline(disposal_id, workspace.actor, utc_now())
    return _find(workspace, disposal_id)


def certified(workspace: Workspace, disposal_id: str) -> dict[str, Any]:
    """Give the certificate of a disposal. Raises: AccessRefused, NotFound, UsageError where it is not done."""
    workspace.require("retention")
    found = _find(workspace, disposal_id)
    if found.state != "done":
        raise UsageError(f"Disposal {disposal_id} is {found.state}.", todo="Carry it out: almoner retention run")
    workspace.note("retention.certify", disposal=disposal_id)
    registry = workspace.registry
    return certificate(found, title=registry.controller.title, backup_days=registry.disposal.backup_days)


def disposals(workspace: Workspace) -> list[Disposal]:
    """List disposals, oldest first. Raises: AccessRefused."""
    workspace.require("retention")
    return disposals_of(workspace).disposals()


def _find(workspace: Workspace, disposal_id: str) -> Disposal:
    found: Iterable[Disposal] = disposals_of(workspace).disposals()
    for each in found:
        if each.id == disposal_id:
            return each
    raise NotFound("There is no such disposal.", todo="See: almoner retention list")


def _note(workspace: Workspace, action: str, disposal_id: str, reason: str) -> None:
    from almoner.governance.audit import AuditEvent

    event = AuditEvent(
        at=utc_now(), actor=workspace.actor, action=action, outcome="allowed", detail={"disposal": disposal_id}
    )
    workspace.audit.append(event, reason=reason.strip() or None)
