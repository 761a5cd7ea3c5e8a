"""Areas that analysts draw from small ones, and the outlines that they are drawn on: open data only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from almoner.counting.areas import Areas, read_areas
from almoner.counting.levels import DrawnArea
from almoner.facts import run_with_facts
from almoner.governance.permissions import check_purpose
from almoner.kernel.errors import NotFound, UsageError
from almoner.registry.governing import Project
from almoner.wiring.profiling import PURPOSE
from almoner.wiring.workspace import Workspace, utc_now

if TYPE_CHECKING:
    from almoner.records.drawn_areas import KeptArea, OrmDrawnAreas

LEAST_TITLE, MOST_TITLE = 3, 80
"""Characters of an area's name."""
MOST_AREAS = 200
"""Areas that one person keeps."""
CHOOSING = "Choosing areas on a map or from a list"


def areas_of_place(workspace: Workspace) -> Areas:
    """Read the areas of the place with their outlines, as the actor.

    Raises: AccessRefused; UsageError where no project is in force; RegistryError where no area is known.
    """
    projects = projects_in_force(workspace)
    if not projects:
        raise UsageError(
            "No research project is in force.",
            why="Research hangs on a project of the project register.",
            todo="Declare one in registry/projects.toml, or renew the one that has ended.",
        )
    permit = workspace.permits.standing(workspace.actor, PURPOSE, CHOOSING, project=projects[0].name)
    return read_areas(run_with_facts(workspace.registry, workspace.gate, permit, counted=True), workspace.registry)


def projects_in_force(workspace: Workspace) -> list[Project]:
    """List the projects under which questions can be asked today."""
    today = utc_now().date()
    return [
        each
        for each in workspace.registry.project.values()
        if each.purpose == PURPOSE and each.starts_on <= today <= each.ends_on
    ]


def keep_area(workspace: Workspace, title: str, geography: str, members: tuple[str, ...], areas: Areas) -> KeptArea:
    """Keep an area that the actor has drawn.

    Raises: AccessRefused; UsageError for what is wrong with it, and for a name that they gave before.
    """
    check_purpose(workspace.registry, workspace.records, workspace.actor, PURPOSE)
    title = " ".join(title.split())
    known = {area.code for area in areas.of.get(geography, ())}
    chosen = tuple(sorted(set(members)))
    if not chosen or not known.issuperset(chosen):
        raise UsageError("An area is made of the areas that are there.", todo="Choose at least one of them.")
    if not LEAST_TITLE <= len(title) <= MOST_TITLE:
        raise UsageError(
            "This is no name for an area.", todo=f"Give it a name of {LEAST_TITLE} to {MOST_TITLE} characters."
        )
    kept = drawn_areas_of(workspace).of(workspace.actor)
    if any(each.area.title.casefold() == title.casefold() for each in kept):
        raise UsageError("You have an area of this name.", todo="Give it another name.")
    if len(kept) >= MOST_AREAS:
        raise UsageError(f"You keep {MOST_AREAS} areas, the most there can be.", todo="Remove one that you don't need.")
    made = drawn_areas_of(workspace).keep(workspace.actor, title, geography, chosen, utc_now())
    workspace.note("area.keep", purpose=PURPOSE, area=made.id, members=len(chosen))
    return made


def own_areas(workspace: Workspace) -> list[KeptArea]:
    """List the areas that the actor has drawn, newest first."""
    return drawn_areas_of(workspace).of(workspace.actor)


def own_area(workspace: Workspace, area_id: str) -> KeptArea:
    """Find an area of the actor's. Raises: NotFound."""
    found = next((each for each in own_areas(workspace) if each.id == area_id), None)
    if found is None:
        raise NotFound("You have drawn no such area.", todo="See your areas, or draw one.")
    return found


def areas_by_id(workspace: Workspace, ids: Sequence[str]) -> tuple[DrawnArea, ...]:
    """Give areas of the actor's. Raises: NotFound."""
    return tuple(own_area(workspace, area_id).area for area_id in dict.fromkeys(ids))


def remove_area(workspace: Workspace, area_id: str) -> None:
    """Remove an area of the actor's. What was told of it stays in the ledger. Raises: NotFound."""
    own_area(workspace, area_id)
    workspace.note("area.remove", purpose=PURPOSE, area=area_id)
    drawn_areas_of(workspace).remove(workspace.actor, area_id)


def drawn_areas_of(workspace: Workspace) -> OrmDrawnAreas:
    """Open the areas that people have drawn."""
    _ = workspace.records  # makes the records ready
    from almoner.records.drawn_areas import OrmDrawnAreas

    return OrmDrawnAreas(workspace.ring.derived("drawn.areas"))
