"""Legal holds: who places one says why and until when; nobody disposes of what is held, whatever the schedule says."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Iterable

from almoner.disposal.due import Held
from almoner.disposal.person import key_of, records_of
from almoner.disposal.ports import Hold, HoldKind
from almoner.governance.audit import AuditEvent
from almoner.governance.following import known_as_too
from almoner.governance.granting import LEAST_REASON
from almoner.kernel.errors import NotFound, OnHold, UsageError
from almoner.linkage.identity import CROCKFORD
from almoner.wiring.disposals import disposals_of
from almoner.wiring.workspace import Workspace, utc_now

_NAME_LENGTH = 10


def made_name(letter: str) -> str:
    """Make a name that nobody can guess."""
    return letter + "".join(secrets.choice(CROCKFORD) for _ in range(_NAME_LENGTH))


def hold(workspace: Workspace, kind: HoldKind, target: str, reason: str, until: dt.date | None) -> Hold:
    """Place a legal hold on a person, a dataset, or all that a retention rule governs.

    Raises: AccessRefused, NotFound where there is no such person, dataset or rule, UsageError.
    """
    workspace.require("retention")
    _require_reason(reason)
    if until is not None and until < utc_now().date():
        raise UsageError("That day is past.", why="A hold that has ended holds nothing.", todo="Give a later day.")
    _require_known(workspace, kind, target)
    made = Hold(made_name("L"), kind, target, reason.strip(), workspace.actor, utc_now(), until)
    _note(workspace, "retention.hold", made, reason)
    disposals_of(workspace).place(made)
    return made


def release_hold(workspace: Workspace, hold_id: str, reason: str) -> None:
    """Release a hold before its day. Raises: AccessRefused, NotFound where no such hold is on."""
    workspace.require("retention")
    _require_reason(reason)
    book = disposals_of(workspace)
    found = next((each for each in book.holds() if each.id == hold_id), None)
    if found is None:
        raise NotFound("No such hold is on.", todo="See: almoner retention list")
    _note(workspace, "retention.release_hold", found, reason)
    book.release(hold_id, workspace.actor, utc_now(), reason.strip())


def holds(workspace: Workspace) -> list[Hold]:
    """List holds, those that ended too. Raises: AccessRefused."""
    workspace.require("retention")
    workspace.note("retention.list")
    return disposals_of(workspace).holds()


def refuse_held(workspace: Workspace, person_id: str) -> None:
    """Refuse to erase a person whom a hold keeps: themselves, or a dataset in which they have records.

    Raises: OnHold, with who placed it, when and until when; the reason is for those who list holds.
    """
    records = records_of(workspace.lake, [person_id])
    rules = {workspace.registry.retention_of(workspace.registry.dataset(each.dataset)).name for each in records}
    datasets = {each.dataset for each in records}
    for each in in_force(workspace):
        mine = each.kind == "person" and person_id in known_as_too(workspace.lake, [each.target])
        if mine or each.target in {"dataset": datasets, "rule": rules}.get(each.kind, ()):
            workspace.note("refused.erase", outcome="refused", hold=each.id)
            raise OnHold(
                "A legal hold keeps what is held of this person.",
                where=f"hold {each.id}, placed by {each.made_by} on {each.made_at:%Y-%m-%d}",
                why=f"It outranks erasure {f'until {each.until}' if each.until else 'until it is released'} "
                "(UK GDPR Art 17(3)(e)).",
                todo=f"When it is over: almoner retention release-hold {each.id} --reason '…'; restrict meanwhile.",
            )


def in_force(workspace: Workspace) -> list[Hold]:
    """Give the holds that are on today."""
    today = utc_now().date()
    return [each for each in disposals_of(workspace).holds() if each.in_force(today)]


def held_now(workspace: Workspace) -> dict[str, Held]:
    """Give what holds keep, by dataset."""
    on = in_force(workspace)
    whole = {each.target for each in on if each.kind == "dataset"}
    rules = {each.target for each in on if each.kind == "rule"}
    persons = known_as_too(workspace.lake, [each.target for each in on if each.kind == "person"])
    keys: dict[str, list[str]] = defaultdict(list)
    rows: dict[str, list[int]] = defaultdict(list)
    for record in records_of(workspace.lake, persons):
        dataset = workspace.registry.dataset(record.dataset)
        keys[record.dataset].append(key_of(dataset, record.record_id, record.slot))
        rows[record.dataset].append(record.row_id)
    return {
        each.full_name: Held(
            each.full_name in whole or workspace.registry.retention_of(each).name in rules,
            tuple(keys[each.full_name]) if each.key else (),
            tuple(rows[each.full_name]),
        )
        for each in workspace.registry.datasets()
    }


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < LEAST_REASON:
        raise UsageError(
            "The reason says too little.",
            why="Whoever reviews holds must understand why this one is there.",
            todo=f"Write what it is for, in at least {LEAST_REASON} characters.",
        )


def _require_known(workspace: Workspace, kind: HoldKind, target: str) -> None:
    if kind == "person" and not records_of(workspace.lake, [target]):
        raise NotFound("There is no such person.", todo="Look them up: almoner find NAME.")
    if kind == "dataset":
        workspace.registry.dataset(target)
    if kind == "rule" and target not in workspace.registry.retention:
        known = _several(workspace.registry.retention)
        raise NotFound(f"No retention rule '{target}' is declared.", todo=f"One of: {known}")


def _several(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _note(workspace: Workspace, action: str, made: Hold, reason: str) -> None:
    detail: dict[str, str | int | float | None] = {"hold": made.id, "kind": made.kind}
    if made.kind != "person":
        detail["target"] = made.target
    event = AuditEvent(at=utc_now(), actor=workspace.actor, action=action, outcome="allowed", detail=detail)
    workspace.audit.append(event, subjects=(made.target,) if made.kind == "person" else (), reason=reason.strip())
