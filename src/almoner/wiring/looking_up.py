"""Finds and shows one person: makes the permit, reads the view."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from almoner.governance.held import newest
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, AlmonerError, Busy, NotFound
from almoner.single_view.finding import Candidate, Wanted, find_people
from almoner.single_view.household import HouseholdOn, household_on, published_household
from almoner.single_view.person import PersonView, published_person, view_person
from almoner.single_view.reading import PersonShowing
from almoner.single_view.searching import PeopleSearch
from almoner.wiring.workspace import Workspace

JOINING = "matching"
LONGEST_WAIT = 1800
"""Seconds that a link waits for a snapshot that another process makes."""


def look_for(workspace: Workspace, wanted: Wanted, purpose: str, reason: str) -> list[Candidate]:
    """Look for a person under a standing permit for the purpose.

    Raises: AccessRefused where the purpose is not about one person or too many answer, UsageError.
    """
    declared = workspace.registry.purpose.get(purpose)
    if declared is not None and declared.scope != "one_person":
        workspace.note("find", outcome="refused", purpose=purpose)
        about_one = [each.name for each in workspace.registry.purpose.values() if each.scope == "one_person"]
        raise AccessRefused(
            f"Purpose '{purpose}' is not about one person, so nobody is looked for under it.",
            todo=f"Use a purpose about one person: {', '.join(about_one) or 'none is declared'}.",
        )
    permit = workspace.permits.standing(workspace.actor, purpose, reason)
    return find_people(workspace.gate, permit, wanted)


def publish_snapshot(workspace: Workspace, progress: Callable[[str], None], *, patiently: bool = False) -> None:
    """Make the snapshot that searches and records read, under the purpose that joins records, and swap it in.

    In: patiently: wait while another process makes one: it was begun before what has changed.
    What fails is told and not raised: people have been joined, and the one before is read on.
    """
    until = time.monotonic() + (LONGEST_WAIT if patiently else 0)
    while True:
        try:
            permit = workspace.permits.standing(workspace.actor, JOINING, "Making the people who were joined findable")
            found = workspace.gate.publish(permit, PeopleSearch(), PersonShowing(workspace.registry))
        except Busy as error:
            if time.monotonic() > until:
                progress(f"What pages read could not be made anew: {error}")
                return
            time.sleep(2)
            continue
        except AlmonerError as error:
            progress(f"The people can't be looked for yet: {error}")
            return
        break
    for purpose, people in found.items():
        progress(
            f"{people:,} people can be looked for under the purpose '{purpose}'"
            if people
            else f"Records can be shown under the purpose '{purpose}'"
        )


def look_up(workspace: Workspace, person_id: str, purpose: str, reason: str, permit_id: str | None) -> PersonView:
    """Show a person under a standing permit for the purpose, or under a permit that was granted.

    Raises: AccessRefused, NotFound, NotReady.
    """
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    shown = published_person(workspace.registry, workspace.gate, permit, person_id)
    if shown is not None:
        return shown
    with workspace.slow_reads.one():
        return view_person(workspace.registry, workspace.gate, permit, newest_deliveries(workspace), person_id)


def look_up_household(
    workspace: Workspace, person_id: str, on: dt.date, purpose: str, reason: str, permit_id: str | None
) -> HouseholdOn:
    """Show with whom a person lived on a day, under the same permits as the person.

    Raises: AccessRefused, NotFound, NotReady, UsageError.
    """
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    shown = published_household(workspace.registry, workspace.gate, permit, person_id, on)
    if shown is not None:
        return shown
    with workspace.slow_reads.one():
        return household_on(workspace.registry, workspace.gate, permit, person_id, on)


def _permit_about(workspace: Workspace, person_id: str, purpose: str, reason: str, permit_id: str | None) -> Permit:
    if permit_id is None:
        return workspace.permits.standing(workspace.actor, purpose, reason, subjects=(person_id,))
    permit = workspace.records.permit(permit_id)
    if permit is None or permit.actor != workspace.actor or person_id not in permit.subjects:
        raise NotFound("You have no such permit about this person.", todo="See: almoner permit list")
    return permit


def newest_deliveries(workspace: Workspace) -> dict[str, dt.date]:
    """Give the as-of date of each dataset's newest delivery."""
    return newest(workspace.lake.catalogue.deliveries())
