"""Finds and shows one person: makes the permit, reads the view."""

from __future__ import annotations

import datetime as dt

from almoner.governance.held import newest
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, NotFound, NotReady
from almoner.single_view.finding import Candidate, Wanted, find_people
from almoner.single_view.household import HouseholdOn, household_on, published_household
from almoner.single_view.person import PersonView, published_person, view_person
from almoner.wiring.workspace import Workspace


def look_for(workspace: Workspace, wanted: Wanted, purpose: str, reason: str) -> list[Candidate]:
    """Look for a person under a standing permit for the purpose.

    Raises: AccessRefused where the purpose is not about one person or too many answer, UsageError, NotReady.
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
    try:
        return find_people(workspace.gate, permit, wanted)
    except NotReady:
        workspace.lacks_snapshot(purpose)
        raise


def look_up(workspace: Workspace, person_id: str, purpose: str, reason: str, permit_id: str | None) -> PersonView:
    """Show a person under a standing permit for the purpose, or under a permit that was granted.

    Raises: AccessRefused, NotFound, NotReady.
    """
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    shown = published_person(workspace.registry, workspace.gate, permit, person_id)
    if shown is not None:
        return shown
    workspace.lacks_snapshot(permit.purpose)
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
    workspace.lacks_snapshot(permit.purpose)
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
