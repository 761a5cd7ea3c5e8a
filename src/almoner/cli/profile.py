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
    reason: Annotated[str, typer.Option("--reason")] = "Neighbourhood profiles for the declared project",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build draft profiles of wards, MSOAs and LSOAs: CSV, JSON and one HTML page. Unreleased."""
    from almoner.wiring.profiling import areas_of_file, profile_neighbourhoods

    drawn = areas_of_file(areas) if areas is not None else ()
    profiles, paths = profile_neighbourhoods(opened(workspace), out, project, reason, drawn)
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
