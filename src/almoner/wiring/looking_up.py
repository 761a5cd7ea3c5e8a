"""Finds and shows people: makes the permit, reads the snapshot or else the views, puts the view together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from almoner.governance.held import newest
from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused, NotFound, NotReady
from almoner.single_view.finding import Candidate, Wanted, find_people
from almoner.single_view.gone import happened_to_id
from almoner.single_view.household import HouseholdOn, household_on, require_past
from almoner.single_view.person import PersonView, person_of
from almoner.single_view.place import PlaceView, view_place
from almoner.single_view.reading import HOMES, WHO, read_published, read_views
from almoner.single_view.rows import About
from almoner.wiring.workspace import Workspace, utc_now


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


def about_people(
    workspace: Workspace,
    permit: Permit,
    people: Sequence[str],
    names: Sequence[str] = (),
    *,
    places: bool = False,
) -> About:
    """Read about people under a permit that is about them: from the snapshot, or else from the views.

    In: names = the pieces that are wanted of the views, else all; places: also who lived at their addresses.
    Raises: AccessRefused, NotReady.
    """
    found = read_published(workspace.registry, workspace.gate, permit, people, places=places)
    if found is not None:
        return found
    workspace.lacks_snapshot(permit.purpose)
    with workspace.slow_reads.one():
        latest = newest_deliveries(workspace)
        return read_views(workspace.registry, workspace.gate, permit, people, latest, names)


def look_up(workspace: Workspace, person_id: str, purpose: str, reason: str, permit_id: str | None) -> PersonView:
    """Show a person under a standing permit for the purpose, or under a permit that was granted.

    Raises: AccessRefused, NotFound, NotReady.
    """
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    about = about_people(workspace, permit, [person_id])
    return person_of(workspace.registry, workspace.gate, permit, about, person_id)


def look_up_household(
    workspace: Workspace, person_id: str, on: dt.date, purpose: str, reason: str, permit_id: str | None
) -> HouseholdOn:
    """Show with whom a person lived on a day, under the same permits as the person.

    Raises: AccessRefused, NotFound, NotReady, UsageError.
    """
    require_past(on)
    permit = _permit_about(workspace, person_id, purpose, reason, permit_id)
    about = about_people(workspace, permit, [person_id], HOMES, places=True)
    return household_on(workspace.registry, about, person_id, on)


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
    about = about_people(workspace, permit, [person_id], HOMES, places=True)
    shown = household_on(workspace.registry, about, person_id, utc_now().date())
    return view_place(workspace.registry, workspace.gate, permit, newest_deliveries(workspace), person_id, shown)


def happened_to(workspace: Workspace, person_id: str, permit_id: str | None) -> tuple[bool, list[dict[str, Any]]]:
    """Say whether a person's id is still used, and all that has happened to it, under a permit about them.

    Raises: AccessRefused, NotFound.
    """
    permit = _permit_about(workspace, person_id, "", "", permit_id)
    return happened_to_id(about_people(workspace, permit, [person_id], WHO).people.get(person_id, {}))


def joined_now(workspace: Workspace) -> int:
    """Say which version of who is who pages read; 0 where records were never joined."""
    catalogue = workspace.lake.catalogue
    if (snapshot := catalogue.snapshot()) is not None:
        return snapshot.spine
    entry = catalogue.spine()
    return entry.number if entry else 0


def newest_deliveries(workspace: Workspace) -> dict[str, dt.date]:
    """Give the as-of date of each dataset's newest delivery."""
    return newest(workspace.lake.catalogue.deliveries())
