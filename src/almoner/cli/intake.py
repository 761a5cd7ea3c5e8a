"""`almoner intake` and `almoner quarantine`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show, table

ReasonOption = Annotated[str, typer.Option("--reason", help="Why you need to see it; it is kept in the audit log.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("intake")(intake)
    group = typer.Typer(help="Rows that could not be accepted: list, show, re-admit.", no_args_is_help=True)
    group.command("list")(list_rows)
    group.command("show")(show_rows)
    group.command("readmit")(readmit)
    app.add_typer(group, name="quarantine")


def intake(
    workspace: WorkspaceOption = None,
    inbox: Annotated[
        list[Path] | None, typer.Option("--inbox", help="Where the deliveries lie; never altered. May be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take in every delivery of the inbox: check, standardise, split by tier, encrypt."""
    from almoner.wiring.long_work import recorded
    from almoner.wiring.taking_in import take_in, told_of

    opening = opened(workspace)
    with recorded(opening, "intake", say) as outcome:
        progress = outcome.progress
        result = take_in(opening, inbox or [opening.root / "inbox"], progress, counted=progress.at)
        outcome.lines += told_of(result)

    def text() -> str:
        rows = [
            (d["source"], d["dataset"], d["delivery"], d["rows_in"], d["accepted"], d["quarantined"], d["status"])
            for d in result.deliveries
        ]
        heads = ("source", "dataset", "delivery", "rows in", "accepted", "quarantined", "status")
        return table(heads, rows, counts=("rows in", "accepted", "quarantined"))

    document: dict[str, Any] = {
        "deliveries": result.deliveries,
        "refused": [{**r.error.as_dict(), "dataset": r.dataset, "delivery": r.delivery} for r in result.refused],
        "undeclared_files": list(result.undeclared),
    }
    for name in result.undeclared:
        say(f"No dataset declares this file: {name}")
    for refusal in result.refused:
        say(f"Refused: {refusal.dataset} {refusal.delivery}")
        for line in refusal.error.lines():
            say("  " + line)
    show(document, as_json, text)
    if result.refused:
        raise typer.Exit(result.refused[0].error.exit_code)


def list_rows(
    workspace: WorkspaceOption = None,
    dataset: Annotated[str | None, typer.Option("--dataset", help="source.dataset")] = None,
    as_json: JsonOption = False,
) -> None:
    """Count the rows in quarantine by delivery, file, column and reason. Shows no row."""
    from almoner.wiring.quarantine import quarantine_summary

    rows = quarantine_summary(opened(workspace), dataset)
    heads = ("dataset", "delivery", "file", "column", "code", "rows")
    show(
        {"quarantine": rows},
        as_json,
        lambda: table(heads, [[r[h] or "" for h in heads] for r in rows], counts=["rows"]),
    )


def show_rows(
    dataset: Annotated[str, typer.Argument(help="source.dataset")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    delivery: Annotated[str | None, typer.Option("--delivery", help="Only this delivery.")] = None,
    position: Annotated[int | None, typer.Option("--position", help="Only the row at this position.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show quarantined rows with their bytes. They are personal data: the gate is asked, and it is audited."""
    from almoner.wiring.quarantine import quarantined_rows

    rows = quarantined_rows(opened(workspace), dataset, delivery, position, reason)
    heads = ("delivery", "file", "position", "column", "reason", "raw")
    show(
        {"rows": rows}, as_json, lambda: table(heads, [[r[h] if r[h] is not None else "" for h in heads] for r in rows])
    )


def readmit(
    dataset: Annotated[str, typer.Argument(help="source.dataset")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    delivery: Annotated[str | None, typer.Option("--delivery", help="Only this delivery.")] = None,
    position: Annotated[list[int] | None, typer.Option("--position", help="Only rows at these positions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read quarantined rows again, after the registry was mended, and accept those that now can be."""
    from almoner.wiring.quarantine import readmit_rows

    done = readmit_rows(opened(workspace), dataset, delivery, position, reason)
    heads = ("dataset", "delivery", "readmitted", "still_quarantined")
    rows = [[row[head] for head in heads] for row in done]
    show({"deliveries": done}, as_json, lambda: table(heads, rows, counts=heads[2:]))
