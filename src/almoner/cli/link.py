"""`almoner link` and `almoner links export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("link")(link)
    group = typer.Typer(help="Which record is whose.", no_args_is_help=True)
    group.command("export")(export)
    app.add_typer(group, name="links")


def link(
    workspace: WorkspaceOption = None,
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Learn anew from the records how likely they match.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Join the records into people, households and addresses."""
    from almoner.wiring.linking import link_records

    metrics = link_records(opened(workspace), progress=say, retrain=retrain)
    shown = ("records", "persons", "households", "merges", "splits", "review_queue", "seconds")
    show(metrics, as_json, lambda: "\n".join(f"{name:<14}{metrics[name]:>14,}" for name in shown if name in metrics))


def export(
    file: Annotated[Path, typer.Argument(help="A .parquet file to write.")],
    workspace: WorkspaceOption = None,
    reason: Annotated[str, typer.Option("--reason", help="What the export is for.")] = "Export of links for checking",
    as_json: JsonOption = False,
) -> None:
    """Write source, dataset, record_id, person_id. Needs the linkage-steward role; audited."""
    from almoner.wiring.linking import export_links

    rows = export_links(opened(workspace), file, reason)
    show({"file": str(file), "rows": rows}, as_json, f"{rows:,} links are in {file}.")
