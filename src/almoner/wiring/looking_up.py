"""Finds and shows one person: makes the permit, reads the view."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from almoner.facts import run_with_facts
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, AlmonerError, NotFound
from almoner.single_view.finding import Candidate, Wanted, find_people
from almoner.single_view.gone import happened_to_id
from almoner.single_view.household import HouseholdOn, household_on
from almoner.single_view.person import PersonView, view_person
from almoner.single_view.place import PlaceView, view_place
from almoner.single_view.searching import PeopleSearch
from almoner.wiring.workspace import Workspace, utc_now

JOINING = "matching"


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


def make_findable(workspace: Workspace, progress: Callable[[str], None]) -> None:
    """Make the indexes by which people are looked for, under the purpose that joins records.

    What fails is told and not raised: people have been joined, and the first who looks makes the index.
    """
    try:
        permit = workspace.permits.standing(workspace.actor, JOINING, "Making the people who were joined findable")
        found = workspace.gate.prepare_search(permit, PeopleSearch())
    except AlmonerError as error:
        progress(f"The people can't be looked for yet: {error}")
        return
    for purpose, people in found.items():
        progress(f"{people:,} people can be looked for under the purpose '{purpose}'")


def look_up(workspace: Workspace, person_id: str, purpose: str, reason: str, permit_id: str | None) -> PersonView:
    """Show a person under a standing permit for the purpose, or under a permit that was granted.

    Raises: AccessRefused, NotFound.
    """
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    return view_person(workspace.registry, workspace.gate, permit, newest_deliveries(workspace), person_id)


def look_up_household(
    workspace: Workspace, person_id: str, on: dt.date, purpose: str, reason: str, permit_id: str | None
) -> HouseholdOn:
    """Show with whom a person lived on a day, under the same permits as the person.

    Raises: AccessRefused, NotFound, UsageError.
    """
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    return household_on(workspace.registry, workspace.gate, permit, person_id, on)


def _permit_about(workspace: Workspace, person_id: str, purpose: str, reason: str, permit_id: str | None) -> Permit:
    if permit_id is None:
        return workspace.permits.standing(workspace.actor, purpose, reason, subjects=(person_id,))
    permit = workspace.records.permit(permit_id)
    if permit is None or permit.actor != workspace.actor or person_id not in permit.subjects:
        raise NotFound("You have no such permit about this person.", todo="See: almoner permit list")
    return permit


def look_up_place(workspace: Workspace, person_id: str, purpose: str, reason: str, permit_id: str | None) -> PlaceView:
    """Show the place where a person lives now, under the same permits as the person.

    Raises: AccessRefused, NotFound.
    """
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    today = utc_now().date()
    return view_place(workspace.registry, workspace.gate, permit, newest_deliveries(workspace), person_id, today)


def happened_to(workspace: Workspace, person_id: str, permit_id: str | None) -> tuple[bool, list[dict[str, Any]]]:
    """Say whether a person's id is still used, and all that has happened to it, under a permit about them.

    Raises: AccessRefused, NotFound.
    """
    permit = _permit_about(workspace, person_id, "", "", permit_id)
    return happened_to_id(run_with_facts(workspace.registry, workspace.gate, permit), person_id)


def joined_now(workspace: Workspace) -> int:
    """Say which version of who is who is the present one; 0 where records were never joined."""
    entry = workspace.lake.catalogue.spine()
    return entry.number if entry else 0


def newest_deliveries(workspace: Workspace) -> dict[str, dt.date]:
    """Give the as-of date of each dataset's newest delivery."""
    newest: dict[str, dt.date] = {}
    for entry in workspace.lake.catalogue.deliveries():
        newest[entry.dataset] = max(entry.as_of, newest.get(entry.dataset, entry.as_of))
    return newest
