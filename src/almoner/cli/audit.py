"""`almoner audit`: who looked, when, why; and the proof that nothing was taken out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from almoner.cli.governing import opened_for_governance
from almoner.cli.opening import JsonOption, WorkspaceOption, show, table


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="The audit log: verify, show, export its signed head.", no_args_is_help=True)
    group.command("verify")(verify)
    group.command("show")(show_events)
    group.command("export-head")(export_head)
    app.add_typer(group, name="audit")


def verify(
    against: Annotated[
        list[Path] | None, typer.Option("--against", help="A head exported earlier and kept outside. May be repeated.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute the whole log from its entries; check it against heads kept outside."""
    from almoner.governance.audit import SignedHead
    from almoner.kernel.errors import AuditError

    opening = opened_for_governance(workspace)
    heads = []
    for file in against or []:
        try:
            heads.append(SignedHead.from_document(json.loads(file.read_text())))
        except (OSError, ValueError) as error:
            raise AuditError(
                "The head can't be read.", where=str(file), todo="Give the exported file, unchanged."
            ) from error
    report = opening.audit.verify(heads)
    report.require_intact()
    document: dict[str, Any] = {
        "intact": True,
        "events": report.size,
        "root": report.root.hex(),
        "heads": report.heads_checked,
    }
    show(document, as_json, f"The log is whole: {report.size:,} events, {report.heads_checked} head(s) checked.")


def show_events(
    actor: Annotated[str | None, typer.Option("--actor")] = None,
    action: Annotated[str | None, typer.Option("--action")] = None,
    dataset: Annotated[str | None, typer.Option("--dataset")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Events about this person id.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the newest events: who, what, for which purpose, about which datasets."""
    from almoner.governance.audit import EventFilter

    opening = opened_for_governance(workspace)
    opening.require("audit")
    opening.note("audit.show", subjects=[person] if person else [], limit=limit)
    wanted = EventFilter(actor=actor, action=action, dataset=dataset, subject=person, newest_first=True, limit=limit)
    rows: list[dict[str, Any]] = [
        {
            "sequence": each.sequence,
            "at": each.event.at.isoformat(timespec="seconds"),
            "actor": each.event.actor,
            "action": each.event.action,
            "outcome": each.event.outcome,
            "purpose": each.event.purpose or "",
            "datasets": list(each.event.datasets),
            "columns": {name: list(columns) for name, columns in each.event.columns.items()},
            "detail": dict(each.event.detail),
        }
        for each in opening.audit.events(wanted)
    ]

    def text() -> str:
        heads = ("sequence", "at", "actor", "action", "outcome", "purpose")
        return table((*heads, "datasets"), [[*(row[h] for h in heads), len(row["datasets"])] for row in rows])

    show({"events": rows}, as_json, text)


def export_head(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; else standard output.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Sign the log as it stands, for keeping outside."""
    opening = opened_for_governance(workspace)
    opening.require("audit")
    opening.note("audit.export_head")
    text = json.dumps(opening.audit.export_head(), indent=2) + "\n"
    if file is None:
        typer.echo(text, nl=False)
    else:
        file.write_text(text)
        show({"file": str(file)}, False, f"The head is in {file}: keep it where this machine can't change it.")
