"""`almoner link`, `almoner link report` and `almoner links export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    joining = typer.Typer(invoke_without_command=True)
    joining.callback(invoke_without_command=True)(link)
    joining.command("report")(report)
    app.add_typer(joining, name="link")
    group = typer.Typer(help="Which record is whose.", no_args_is_help=True)
    group.command("export")(export)
    app.add_typer(group, name="links")


def link(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Learn anew from the records how likely they match.")
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Join everybody anew; only people's decisions, and ids, outlast it."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Join the records into people, addresses, households and families."""
    if context.invoked_subcommand is not None:
        return
    from almoner.wiring.linking import link_records, told_of
    from almoner.wiring.long_work import recorded

    opening = opened(workspace)
    with recorded(opening, "link", say) as outcome:
        metrics = link_records(opening, progress=outcome.progress, retrain=retrain, rebuild=rebuild)
        outcome.lines += told_of(metrics)
    shown = {name: name for name in ("records", "persons", "households", "families", "merges", "splits")}
    shown |= {"relationship_conflicts": "conflicts", "review_queue": "review_queue", "seconds": "seconds"}
    lines = [f"{title:<14}{metrics[name]:>14,}" for name, title in shown.items() if name in metrics]
    show(metrics, as_json, lambda: "\n".join([*lines, *_quality_lines(metrics["quality"])]))


def _quality_lines(quality: dict[str, Any]) -> list[str]:
    """Say how good the links are: never a figure without its interval, its day and where it is from."""
    if not quality["precision"]:
        return ["quality       not measured: 'almoner link report' says why"]
    unit = quality["unit"]
    lines = [
        f"{name:<14}{found['value']:>14.1%}   {found['low']:.1%} to {found['high']:.1%}, {found['n']:,} {unit}"
        for name in ("precision", "recall")
        if (found := quality[name])
    ]
    sure, source = f"{quality['confidence']:.0%} intervals", quality["method"]
    return [*lines, f"{'':<14}as of {quality['as_of']}, {sure}; {source}"]


def report(
    out: Annotated[Path, typer.Option("--out", help="A folder to write to.")],
    equality: Annotated[
        bool,
        typer.Option("--equality", help="Also by ethnic group, as counts: for whoever monitors equality."),
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="What the report is for.")
    ] = "Linkage quality report and algorithmic transparency record",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the linkage quality report and the algorithmic transparency record of the last run."""
    from almoner.wiring.link_report import write_link_report

    paths = write_link_report(opened(workspace), out, equality=equality, reason=reason)
    show({"files": [str(path) for path in paths]}, as_json, "\n".join(str(path) for path in paths))


def export(
    file: Annotated[Path, typer.Argument(help="A .parquet file to write.")],
    workspace: WorkspaceOption = None,
    reason: Annotated[str, typer.Option("--reason", help="What the export is for.")] = "Export of links for checking",
    as_json: JsonOption = False,
) -> None:
    """Write source, dataset, record_id, person_id, probability, decided_by. Needs the linkage-steward role; audited."""
    from almoner.wiring.link_export import export_links

    rows = export_links(opened(workspace), file, reason)
    show({"file": str(file), "rows": rows}, as_json, f"{rows:,} links are in {file}.")
