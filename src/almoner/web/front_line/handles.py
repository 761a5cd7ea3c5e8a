"""Names for people that mean nothing outside one session: what stands in an address says nobody's id.

A handle opens a record only once a reason was given and a permit issued. Must never give a handle's person to another
session, nor put a person id into an address, a title or a log.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from almoner.kernel.errors import NotFound
from almoner.web.pages import Visit

MOST = 300
"""Handles that a session holds; the oldest go first."""
_KEY = "handles"


@dataclass(frozen=True)
class Opening:
    """A person as this session knows them: by which permit their record is open, if it is.

    emergency: the permit is of break-glass. reason: as it was chosen. joined, happened: which version of who is
    who the record was last seen in, and what had happened to the person by then.
    """

    handle: str
    person_id: str
    permit_id: str | None = None
    purpose: str = ""
    reason: str = ""
    emergency: bool = False
    joined: int = 0
    happened: tuple[str, ...] = ()


def handle_for(visit: Visit, person_id: str) -> str:
    """Give the handle of a person in this session, a new one where they have none."""
    kept = _kept(visit)
    for handle, each in kept.items():
        if each["person_id"] == person_id:
            return handle
    handle = secrets.token_urlsafe(12)
    kept[handle] = {"person_id": person_id}
    for oldest in list(kept)[: max(0, len(kept) - MOST)]:
        del kept[oldest]
    visit.session.modified = True
    return handle


def find(visit: Visit, handle: str) -> Opening:
    """Find whom a handle means here. Raises: NotFound."""
    kept = _kept(visit).get(handle)
    if kept is None:
        raise NotFound(
            "This record is no longer open.",
            why="Addresses of records are good for one session and one browser.",
            todo="Search for the person again.",
        )
    return Opening(handle, **{**kept, "happened": tuple(kept.get("happened", ()))})


def open_with(visit: Visit, handle: str, permit_id: str, purpose: str, reason: str, *, emergency: bool = False) -> None:
    """Let a handle open its record under a permit."""
    kept = _kept(visit)
    kept[handle] = {
        "person_id": kept[handle]["person_id"], "permit_id": permit_id, "purpose": purpose, "reason": reason,
        "emergency": emergency,
    }  # fmt: skip
    visit.session.modified = True


def note_joined(visit: Visit, handle: str, joined: int, happened: Iterable[str]) -> None:
    """Note which version of who is who an open record was last seen in, and what had happened to the person by then."""
    kept = _kept(visit)
    kept[handle] = {**kept[handle], "joined": joined, "happened": sorted(happened)}
    visit.session.modified = True


def close(visit: Visit, handle: str) -> None:
    """Let a handle open nothing any more."""
    kept = _kept(visit)
    if handle in kept:
        kept[handle] = {"person_id": kept[handle]["person_id"]}
        visit.session.modified = True


def _kept(visit: Visit) -> MutableMapping[str, dict[str, Any]]:
    found: MutableMapping[str, dict[str, Any]] = visit.session.setdefault(_KEY, {})
    return found
