"""Makes what searches and records read: after each link, and when somebody finds that nothing good is there."""

from __future__ import annotations

import time
from collections.abc import Callable

from almoner.governance.permit import Permit
from almoner.governance.showing import BookShelf
from almoner.kernel.errors import AccessRefused, AlmonerError, Busy
from almoner.single_view.reading import PersonShowing
from almoner.single_view.searching import PeopleSearch
from almoner.wiring.workspace import Workspace, utc_now

JOINING = "matching"
REASON = "Preparing what searches and records read"
LONGEST_WAIT = 1800
"""Seconds that a link waits for a snapshot that another process makes."""


def publish_snapshot(workspace: Workspace, progress: Callable[[str], None]) -> None:
    """Make the snapshot after a link, under the purpose that joins records, and swap it in.

    Another process may be making one that was begun before what has changed: it is waited for. What fails is told and
    not raised: people have been joined, and the one before is read on.
    """
    until = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            make_snapshot(workspace, progress, purpose=JOINING)
        except Busy as error:
            if time.monotonic() < until:
                time.sleep(2)
                continue
            progress(f"What pages read could not be made anew: {error}")
        except AlmonerError as error:
            progress(f"The people can't be looked for yet: {error}")
        return


def make_snapshot(workspace: Workspace, progress: Callable[[str], None], *, purpose: str) -> list[str]:
    """Make the snapshot and swap it in, under a purpose that joins records or shows people. Out: what is in it.

    Raises: AccessRefused, Busy where another process makes one.
    """
    progress("Preparing what searches and records read")
    found = workspace.gate.publish(_permit(workspace, purpose), PeopleSearch(), PersonShowing(workspace.registry))
    told = [
        f"{people:,} people can be looked for under the purpose '{name}'"
        if people
        else f"Records can be shown under the purpose '{name}'"
        for name, people in found.items()
    ]
    for line in told:
        progress(line)
    return told


def snapshot_state(workspace: Workspace) -> str:
    """Say in a sentence what is wrong with what searches and records read; '' where nothing is."""
    lake, today = workspace.lake, utc_now().date().isoformat()
    entry, spine = lake.catalogue.snapshot(), lake.catalogue.spine()
    if spine is None:
        return ""
    if entry is None:
        return "Nothing is prepared for searches and records: they are slow, or refused, until it is."
    if not all(lake.is_whole(file) for file in entry.files) or BookShelf(lake).damaged(entry):
        return "What searches and records read is damaged: they are slow, or refused, until it is prepared anew."
    if entry.spine != spine.number:
        return "Searches and records still show what was joined before the last time: preparing it did not succeed yet."
    if entry.told.get("day") != today:
        return "What searches and records read was not prepared today: they are slow, or refused, until it is."
    return ""


def _permit(workspace: Workspace, purpose: str) -> Permit:
    """Issue a permit for the purpose; where that takes somebody's grant, for another that the actor serves."""
    others = [each.name for each in workspace.registry.purpose.values() if each.scope == "one_person" and each.standing]
    for name in dict.fromkeys((purpose, *others)):
        try:
            return workspace.permits.standing(workspace.actor, name, REASON)
        except AccessRefused as error:
            refused = error
    raise refused
