"""Joins sharing to a workspace: the office, what is listed and due, and the encrypted file as a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from almoner.governance.permissions import rights_of
from almoner.kernel.errors import KeyMissing, UsageError
from almoner.sharing.extracts import Disclosure, Share, Step, Words
from almoner.sharing.machine import machine
from almoner.sharing.office import ShareOffice
from almoner.sharing.reading import Reader
from almoner.sharing.reminders import Reminder, reminders
from almoner.sharing.sealed_file import SealedFile
from almoner.wiring import shares as log
from almoner.wiring import workspace as clockwork
from almoner.wiring.shares import pseudonyms_of, shares_of
from almoner.wiring.workspace import Workspace


def office_of(workspace: Workspace) -> ShareOffice:
    """Open the office for whoever may ask for extracts and send them. Raises: AccessRefused, RegistryError."""
    workspace.require("share")
    return _office(workspace)


def approving_office_of(workspace: Workspace) -> ShareOffice:
    """Open the office for whoever may approve extracts and review emergencies. Raises: AccessRefused, RegistryError."""
    workspace.require("share_approve")
    return _office(workspace)


def emergency_office_of(workspace: Workspace) -> ShareOffice:
    """Open the office for whoever may share in an emergency. Raises: AccessRefused, RegistryError."""
    workspace.require("share_emergency")
    return _office(workspace)


def any_office_of(workspace: Workspace) -> ShareOffice:
    """Open the office for whoever may see what is shared. Raises: AccessRefused, RegistryError."""
    held = rights_of(workspace.registry, workspace.records, workspace.actor)
    return approving_office_of(workspace) if "share_approve" in held else office_of(workspace)


def _office(workspace: Workspace) -> ShareOffice:
    reader = Reader(workspace.registry, workspace.gate, workspace.permits, workspace.actor, pseudonyms_of(workspace))
    rights = rights_of(workspace.registry, workspace.records, workspace.actor)
    return ShareOffice(
        workspace.registry, shares_of(workspace), reader, workspace.audit, clockwork.utc_now, workspace.actor, rights,
        workspace.ring.derived("sharing.digest"),
    )  # fmt: skip


def listed_shares(workspace: Workspace, *, all_states: bool) -> list[Share]:
    """List extracts, the newest first; those that somebody still has to do something about, unless all are wanted."""
    book = any_office_of(workspace).book
    found = [each for each in book.shares() if all_states or machine().state[each.state].open or each.awaits_review]
    workspace.note("share.list", extracts=len(found))
    return found


@dataclass(frozen=True)
class ShownShare:
    """An extract as people see it: why it was asked for, unless that was disposed of, what happened to it, what the
    actor may do next; no row of it."""

    share: Share
    words: Words | None
    steps: list[Step]
    open: list[str]
    own: bool


def shown_share(workspace: Workspace, share_id: str) -> ShownShare:
    """Show an extract. Raises: AccessRefused, NotFound."""
    office = any_office_of(workspace)
    share = office.find(share_id)
    steps = office.book.steps(share_id)
    workspace.note("share.show", extract=share.id)
    try:
        words = office.book.words(share_id)
    except KeyMissing:
        words = None
    return ShownShare(share, words, steps, office.open_to_actor(share), workspace.actor in office.took_part(share))


def due(workspace: Workspace) -> list[Reminder]:
    """List what has to be confirmed, reviewed or renewed, the most urgent first. Raises: AccessRefused."""
    book = any_office_of(workspace).book
    found = reminders(workspace.registry, book.shares(), clockwork.utc_now().date())
    workspace.note("share.due", due=len(found))
    return found


def disclosed_of(workspace: Workspace, person_id: str) -> list[Disclosure]:
    """List what of a person went to whom, for whoever answers them about themselves. Raises: AccessRefused."""
    workspace.require("requests")
    return log.disclosures_of(workspace, person_id)


def require_place(folder: Path) -> None:
    """Refuse, before anything leaves, a folder into which no file can be written. Raises: UsageError."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UsageError("There is no such folder to write into.", where="--out", todo="Make the folder first.")


def write_sealed(folder: Path, file: SealedFile) -> Path:
    """Write the encrypted file for nobody but its owner to read."""
    path = folder / file.name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(file.content)
    return path
