"""Builds neighbourhood profiles for a project of the register: drafts, marked unreleased."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from almoner.counting.areas import Areas
from almoner.counting.levels import DrawnArea, drawn_areas
from almoner.facts import run_with_facts
from almoner.governance.policies import dataset_refusal
from almoner.kernel.errors import UsageError
from almoner.profiles.build import build_profiles
from almoner.profiles.figures import ProfileSet
from almoner.profiles.protection import Exact
from almoner.profiles.write import write_profiles
from almoner.registry.declared import Declared
from almoner.registry.measures import DrawnNeighbourhood
from almoner.release.stating import rule_of
from almoner.wiring.kept_figures import keep_profiles
from almoner.wiring.looking_up import newest_deliveries
from almoner.wiring.workspace import Workspace, utc_now

PURPOSE = "research"


def profile_neighbourhoods(
    workspace: Workspace,
    out: Path,
    project: str | None,
    reason: str,
    *,
    drawn: Sequence[DrawnArea] = (),
    papers: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[ProfileSet, list[Path]]:
    """Build the profiles and write them as drafts; without further drawn areas they are kept for the web pages.

    In: papers: codes or names of the areas that get a printable paper; empty: all; None: no area.
    Raises: AccessRefused, UsageError where no project or more than one could be meant, or an area is not known.
    """
    say = progress or _silently
    chosen = project or only_project(workspace)
    say("Counting for every area, and protecting what would show somebody")
    profiles, _ = built_profiles(workspace, chosen, reason, drawn)
    say("Writing the drafts")
    paths = write_profiles(profiles, out, () if papers is None else areas_named(profiles.areas, papers))
    if not drawn:  # what somebody drew for themselves stays with them
        keep_profiles(workspace, profiles, PURPOSE, chosen)
    workspace.note("profile.build", project=chosen, files=len(paths))
    return profiles, list(paths)


def _silently(_text: str) -> None:
    """Tell nobody."""


def told_of(profiles: ProfileSet) -> list[str]:
    """Say in lines what was built."""
    missing = [f"Not available: {each.indicator.title} ({each.reason})" for each in profiles.indicators if each.reason]
    return [f"{len(profiles.indicators)} indicators, as of {profiles.as_of}: drafts, not released", *missing]


def areas_named(areas: Areas, named: Sequence[str]) -> list[tuple[str, str]]:
    """Find areas by code or by name; without any, all areas. Out: geography and code of each.

    Raises: UsageError where nothing is called so.
    """
    listed = [*(area for geography in areas.of for area in areas.of[geography]), *areas.listed_drawn()]
    unknown = [name for name in named if not any(name in (area.code, area.name) for area in listed)]
    if unknown:
        raise UsageError(
            f"No area is called '{unknown[0]}'.",
            why="Only the areas of the declared geographies have a profile.",
            todo="Give the code or the whole name of an area, as it stands in profiles.csv.",
        )
    return [(area.geography, area.code) for area in listed if not named or {area.code, area.name} & set(named)]


def built_profiles(
    workspace: Workspace, project: str, reason: str, drawn: Sequence[DrawnArea] = ()
) -> tuple[ProfileSet, dict[str, Exact]]:
    """Build the profiles of all areas, those that the registry draws, and further drawn ones.

    Out: what may be seen, and the exact counts behind each indicator, for the release ledger.
    Raises: AccessRefused; UsageError where nothing was taken in.
    """
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason, project=project)
    newest = newest_deliveries(workspace)
    today = utc_now().date()
    unavailable = {}
    for dataset in workspace.registry.datasets():
        refusal = dataset_refusal(workspace.registry, permit, dataset, today)
        if refusal is not None:
            unavailable[dataset.full_name] = refusal
        elif dataset.full_name not in newest:
            unavailable[dataset.full_name] = "nothing has been received"
    personal = [day for name, day in newest.items() if not workspace.registry.dataset(name).open]
    if not personal:
        raise UsageError("Nothing has been taken in.", todo="Run 'almoner intake' and 'almoner link' first.")
    run = run_with_facts(workspace.registry, workspace.gate, permit, counted=True)
    exact: dict[str, Exact] = {}
    profiles = build_profiles(
        run, workspace.registry, max(personal), unavailable=unavailable, dated=newest,
        rule=rule_of(workspace.registry.release),
        witness=lambda indicator, counts: exact.update({indicator.name: counts}),
        drawn=(*declared_areas(workspace), *drawn),
    )  # fmt: skip
    return profiles, exact


def declared_areas(workspace: Workspace) -> tuple[DrawnArea, ...]:
    """Give the neighbourhoods that the registry draws."""
    found = workspace.registry.neighbourhood
    return drawn_areas([(name, each.title, each.members) for name, each in found.items()])


class _AreasFile(Declared):
    """A TOML file of areas that somebody has drawn."""

    neighbourhood: dict[str, DrawnNeighbourhood]


def areas_of_file(path: Path) -> tuple[DrawnArea, ...]:
    """Read drawn areas from a file. Raises: UsageError for what is wrong with it."""
    try:
        read = _AreasFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError("The file of areas can't be read.", where=path.name, why=error.strerror or "") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise UsageError(
            "The file declares no areas.", where=path.name,
            todo='Write [neighbourhood.NAME] with title = "…" and members = ["lsoa21:E01005060", …].',
        ) from error  # fmt: skip
    return drawn_areas([(name, each.title, each.members) for name, each in read.neighbourhood.items()])


def only_project(workspace: Workspace) -> str:
    """Name the one project that profiles can be for. Raises: UsageError where there is none or more than one."""
    names = [name for name, project in workspace.registry.project.items() if project.purpose == PURPOSE]
    if len(names) == 1:
        return names[0]
    raise UsageError(
        "Say for which project the profiles are." if names else "No research project is declared.",
        why="Research hangs on a project of the project register.",
        todo=f"Add --project: {', '.join(names)}." if names else "Declare one in registry/projects.toml.",
    )
