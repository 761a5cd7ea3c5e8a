"""Joins the life cycle of releases to a workspace: drafts from plans and profiles, and the office that judges them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from almoner.counting.plans import RESIDENT
from almoner.facts import run_with_facts
from almoner.kernel.errors import UsageError
from almoner.profiles.populations import records_of
from almoner.registry.registry import Registry
from almoner.release.draft import FORMATS, Draft
from almoner.release.office import ReleaseOffice
from almoner.release.ordering import in_order_of_labels
from almoner.release.outputs import render
from almoner.release.plan import read_plan, refuse_unknown_codes
from almoner.release.populations import Population, Time
from almoner.release.ports import Release, ReleaseBook
from almoner.release.shelf import Shelf
from almoner.wiring.profiling import PURPOSE, built_profiles, only_project
from almoner.wiring.release_areas import read_members, with_custom_areas
from almoner.wiring.release_profiles import is_of_amounts, profile_tables
from almoner.wiring.workspace import Workspace, utc_now

FOLDER = "releases"


def book_of(workspace: Workspace) -> ReleaseBook:
    """Open the releases of a workspace with its key."""
    _ = workspace.records  # makes the records ready
    from almoner.records.releases import OrmReleases

    return OrmReleases(workspace.ring.derived("release.ledger"), workspace.ring.derived("release.digest"))


def office_of(workspace: Workspace) -> ReleaseOffice:
    """Open the office for whoever may handle releases. Raises: AccessRefused."""
    workspace.require("release")
    return _office(workspace)


def approving_office_of(workspace: Workspace) -> ReleaseOffice:
    """Open the office for whoever may approve. Raises: AccessRefused."""
    workspace.require("release_approve")
    return _office(workspace)


def disposing_office_of(workspace: Workspace) -> ReleaseOffice:
    """Open the office for whoever disposes of records: drafts that hold them are given up. Raises: AccessRefused."""
    workspace.require("retention")
    return _office(workspace)


def carrying_out_office_of(workspace: Workspace) -> ReleaseOffice:
    """Open the office for whoever carries out people's rights: extracts that are not out are given up.

    Raises: AccessRefused.
    """
    workspace.require("carry_out")
    return _office(workspace)


def _office(workspace: Workspace) -> ReleaseOffice:
    workspace.require_sound_registry()
    shelf = Shelf(workspace.root / FOLDER)
    return ReleaseOffice(
        workspace.registry, book_of(workspace), shelf, workspace.audit, render, utc_now, workspace.actor
    )


def plan_populations(registry: Registry) -> dict[str, Population]:
    """Give the populations that plans may name: a fact is called in the ledger what profiles call it."""
    found = {}
    for name, declared in registry.population.items():
        time: Time = declared.time if not declared.fact else "period" if declared.fact == "event" else "moment"
        ledger = records_of(declared.fact) if declared.fact else name
        found[name] = Population(
            f"{ledger}: {declared.amount}" if declared.amount else ledger, time, declared.dataset, declared.amount
        )
    return found


def draft_of_plan(workspace: Workspace, plan: Path, reason: str, replacing: str | None) -> Release:
    """Draft what an analyst has declared.

    Raises: AccessRefused, ReleaseRefused, UsageError for faults in the plan or its tables.
    """
    office = office_of(workspace)
    planned = read_plan(plan, plan_populations(workspace.registry))
    draft = in_order_of_labels(planned.draft)
    for name in draft.datasets:
        workspace.registry.dataset(name)
    permit = workspace.permits.standing(workspace.actor, draft.purpose, reason, project=draft.project)
    run = run_with_facts(workspace.registry, workspace.gate, permit)
    members = with_custom_areas(read_members(run, workspace.registry), planned.custom_areas)
    refuse_unknown_codes(planned, office.codebook(members))
    return office.draft(draft, members, replacing)


def draft_of_profiles(
    workspace: Workspace, reason: str, *, project: str | None, recipient: str, geographies: tuple[str, ...],
    indicators: tuple[str, ...], formats: tuple[str, ...], replacing: str | None,
) -> Release:  # fmt: skip
    """Draft neighbourhood profiles, or some of their indicators and geographies.

    Raises: AccessRefused, ReleaseRefused, UsageError for names that are not declared.
    """
    office = office_of(workspace)
    registry = workspace.registry
    _declared("geography", geographies, registry.geography)
    _declared("indicator", indicators, registry.indicator)
    _declared("format", formats, dict.fromkeys(FORMATS))
    chosen = project or only_project(workspace)
    profiles, exact = built_profiles(workspace, chosen, reason)
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason, project=chosen)
    members = read_members(run_with_facts(registry, workspace.gate, permit), registry)
    members = with_custom_areas(members, {area.lasting_code: area.parts() for area in profiles.areas.drawn})
    amounts = [name for name in indicators or exact if is_of_amounts(registry.indicator[name])]
    if indicators and amounts:
        raise UsageError(
            f"'{amounts[0]}' is made of amounts, which can't be released.",
            why="Two such figures together tell what one person had, and only counts are checked against what is out.",
            todo="Leave it out.",
        )
    wanted = {n: c for n, c in exact.items() if n not in amounts and (not indicators or n in indicators)}
    tables = profile_tables(profiles, wanted, geographies)
    if not tables:
        raise UsageError("None of these indicators has a figure.", todo="'almoner profile build' says why.")
    sources = {
        source.dataset: source.title
        for entry in profiles.indicators
        if entry.indicator.name in wanted
        for source in entry.sources
    }
    draft = Draft(
        title=f"Neighbourhood profiles: {profiles.place}",
        description="Figures about the neighbourhoods of the area: who lives there, and what they need.",
        purpose=PURPOSE,
        recipient=recipient,
        as_of=profiles.as_of.isoformat(),
        tables=tables,
        project=chosen,
        datasets=tuple(name for name in sources if name != RESIDENT),
        source="; ".join(dict.fromkeys(sources.values())),
        notes=(
            "Areas are listed alphabetically, never ranked. The figures describe areas, not the people there.",
            *(f"Not released, being made of amounts: {registry.indicator[name].title}." for name in amounts),
        ),
        formats=formats or FORMATS,
    )
    return office.draft(draft, members, replacing)


def _declared(kind: str, names: tuple[str, ...], known: Mapping[str, object]) -> None:
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"No {kind} '{unknown[0]}' is declared.", todo=f"Use one of: {', '.join(known)}.")


def write_preview(files: Mapping[str, bytes], out: Path) -> list[Path]:
    """Write the files of a draft into a new folder that only its owner can open.

    Raises: UsageError where the folder is there already.
    """
    try:
        out.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise UsageError("The folder is there already.", where=str(out), todo="Name a new one.") from None
    for name, content in files.items():
        with os.fdopen(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    return [out / name for name in files]


def titles_of(workspace: Workspace) -> dict[str, str]:
    """Give the titles of releases by id, to name them in findings."""
    return {release.id: release.title for release in book_of(workspace).releases()}
