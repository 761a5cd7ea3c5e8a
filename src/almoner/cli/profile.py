"""`almoner profile build`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Neighbourhood profiles.", no_args_is_help=True)
    group.command("build")(build)
    group.callback()(_group)
    app.add_typer(group, name="profile")


def _group() -> None:
    """Neighbourhood profiles."""


def build(
    out: Annotated[Path, typer.Option("--out", help="The folder to write the drafts into.")],
    project: Annotated[
        str | None, typer.Option("--project", help="The project of the register that they are for.")
    ] = None,
    areas: Annotated[
        Path | None, typer.Option("--areas", help="A TOML file of areas drawn from LSOAs: [neighbourhood.NAME].")
    ] = None,
    kept: Annotated[
        list[str] | None, typer.Option("--drawn", help="An area that you have drawn and kept, by its id. Repeat it.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason")] = "Neighbourhood profiles for the declared project",
    pdf: Annotated[bool, typer.Option("--pdf", help="Also a printable profile of each area: tagged PDF.")] = False,
    area: Annotated[
        list[str] | None, typer.Option("--area", help="With --pdf: only for this area, by code or name. Repeatable.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build draft profiles: CSV, JSON, an index, a page for each topic and one for each area. Unreleased."""
    from almoner.kernel.errors import UsageError
    from almoner.wiring.drawing import areas_by_id
    from almoner.wiring.long_work import recorded
    from almoner.wiring.profiling import areas_of_file, profile_neighbourhoods, told_of

    if area and not pdf:
        raise UsageError("--area says which areas get a printable profile.", todo="Add --pdf.")
    papers = (area or []) if pdf else None
    opening = opened(workspace)
    drawn = (*(areas_of_file(areas) if areas is not None else ()), *areas_by_id(opening, kept or ()))
    with recorded(opening, "profiles") as outcome:
        profiles, paths = profile_neighbourhoods(
            opening, out, project, reason, drawn=drawn, papers=papers, progress=outcome.progress
        )
        outcome.lines += told_of(profiles)
    missing = [each.indicator.title for each in profiles.indicators if each.reason]
    document = {
        "status": "unreleased draft",
        "as_of": profiles.as_of.isoformat(),
        "indicators": len(profiles.indicators),
        "not_available": missing,
        "files": [str(path) for path in paths],
    }
    lines = [
        f"{len(profiles.indicators)} indicators, as of {profiles.as_of}: drafts, not released.",
        *(f"  {p}" for p in paths),
    ]
    lines.extend(
        f"  not available: {each.indicator.title} ({each.reason})" for each in profiles.indicators if each.reason
    )
    show(document, as_json, "\n".join(lines))
