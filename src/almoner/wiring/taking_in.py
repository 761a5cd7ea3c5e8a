"""Takes in an inbox: every delivery, one after the other, each whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from almoner.intake.discovery import Found, look_into
from almoner.intake.landing import Landed, Landing
from almoner.intake.working import Workshop
from almoner.kernel.errors import AlmonerError, DeliveryRefused, UsageError
from almoner.wiring.disposals import disposals_of
from almoner.wiring.quality import keep_figures
from almoner.wiring.workspace import Workspace, utc_now


@dataclass(frozen=True)
class Refusal:
    """A delivery that could not be landed; nothing of it was."""

    dataset: str
    delivery: str
    error: AlmonerError


@dataclass
class TakenIn:
    """What an intake did."""

    deliveries: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    undeclared: tuple[str, ...] = ()


def uncounted(_done: int, _total: int) -> None:
    """Tell nobody how many are done."""


def take_in(
    workspace: Workspace,
    inboxes: Sequence[Path],
    progress: Callable[[str], None],
    *,
    counted: Callable[[int, int], None] = uncounted,
) -> TakenIn:
    """Land all that the inboxes hold.

    In: counted: is told how many deliveries of how many are done.
    Raises: AccessRefused, UsageError where an inbox is no directory, RegistryError where the registry has faults.
    """
    workspace.require("intake")
    for folder in inboxes:
        if not folder.is_dir():
            raise UsageError(
                "There is no such inbox.",
                where=str(folder),
                todo="Give the directory that holds the deliveries: --inbox DIR.",
            )
    workspace.require_sound_registry()
    workspace.require_replayed()
    result = TakenIn()
    with workspace.lake.catalogue.lease("intake"):
        workspace.lake.sweep("deliveries")
        today = utc_now().date()
        inbox = look_into(workspace.registry, inboxes, today=today, open_roots=_open_roots(workspace, inboxes))
        result.undeclared = inbox.undeclared
        with Workshop(workspace.engine) as workshop:
            landing = Landing(workspace.registry, workspace.lake, workshop, disposals_of(workspace), today)
            for done, found in enumerate(inbox.deliveries):
                counted(done, len(inbox.deliveries))
                _land_one(workspace, landing, found, result, progress)
            counted(len(inbox.deliveries), len(inbox.deliveries))
    return result


def told_of(result: TakenIn) -> list[str]:
    """Say in lines what an intake did: numbers, names of datasets and files, and why something was refused."""
    new = [each for each in result.deliveries if each["status"] != "unchanged"]
    accepted, aside = (sum(each[name] for each in new) for name in ("accepted", "quarantined"))
    every = len(result.deliveries) + len(result.refused)
    lines = [f"{len(new)} of {every} deliveries were new: {accepted:,} rows accepted, {aside:,} in quarantine"]
    lines += [f"No dataset declares this file: {name}" for name in result.undeclared]
    for refusal in result.refused:
        lines += [f"Refused: {refusal.dataset} {refusal.delivery}", *refusal.error.lines()]
    return lines


def _open_roots(workspace: Workspace, inboxes: Sequence[Path]) -> list[Path]:
    roots = []
    for declared in workspace.settings.intake.open_data:
        for inbox in inboxes:
            path = Path(declared.replace("{inbox}", str(inbox.resolve())))
            path = (path if path.is_absolute() else workspace.root / path).resolve()
            if path.is_dir() and path not in roots:
                roots.append(path)
    return roots


def _land_one(
    workspace: Workspace, landing: Landing, found: Found, result: TakenIn, progress: Callable[[str], None]
) -> None:
    started = time.monotonic()
    name = found.dataset.full_name
    try:
        _require_agreement(workspace, found)
        landed = landing.land(found)
    except AlmonerError as error:
        workspace.note("intake", outcome="failed", dataset=name, delivery=found.name, cause=error.cause)
        result.refused.append(Refusal(name, found.name, error))
        return
    seconds = round(time.monotonic() - started, 3)
    if landed.kept_out:
        _remove_delivered(workspace, found)
    keep_figures(workspace, landed.entry)
    if landed.status != "unchanged":
        workspace.note(
            "intake", dataset=name, delivery=found.name, number=landed.entry.number, accepted=landed.entry.accepted,
            quarantined=landed.entry.quarantined, status=landed.status,
        )  # fmt: skip
        progress(
            f"{name} {found.name}: {landed.entry.accepted:,} accepted, {landed.entry.quarantined:,} quarantined"
            f" ({seconds:.1f} s)"
        )
    result.deliveries.append(_document(found, landed, seconds))


def _remove_delivered(workspace: Workspace, found: Found) -> None:
    """Remove a file of the workspace's own inbox that brought back what was disposed of: it was kept out, not taken in.

    What lies elsewhere is the supplier's.
    """
    inbox = (workspace.root / "inbox").resolve()
    for file in found.files:
        if file.path.resolve().is_relative_to(inbox):
            file.path.unlink(missing_ok=True)
    workspace.note("intake.remove_delivered", dataset=found.dataset.full_name, delivery=found.name)


def _require_agreement(workspace: Workspace, found: Found) -> None:
    """Take nothing in under a lapsed agreement: what must not be read must not be gathered."""
    agreement = workspace.registry.agreement_of(found.dataset)
    today = utc_now().date()
    if found.dataset.open or (agreement is not None and agreement.signed_on <= today <= agreement.expires_on):
        return
    raise DeliveryRefused(
        "The agreement under which this source delivers is not in force.",
        where=f"agreement '{agreement.name}'" if agreement else found.dataset.source,
        why="Data that may not be used may not be taken in.",
        todo="Renew the agreement and its dates in registry/agreements.toml, then run intake again.",
    )


def _document(found: Found, landed: Landed, seconds: float) -> dict[str, Any]:
    entry = landed.entry
    return {
        "source": found.dataset.source,
        "dataset": found.dataset.name,
        "delivery": entry.delivery,
        "rows_in": entry.rows_in,
        "accepted": entry.accepted,
        "quarantined": entry.quarantined,
        "seconds": seconds,
        "status": landed.status,
        "files": [file.shown for file in found.files],
        "quality": entry.quality,
    }
