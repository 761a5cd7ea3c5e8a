"""`almoner workspace`: a place where an analyst may run any SQL over what a permit gives."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Analysts' workspaces: copies of what a permit gives, until it ends.", no_args_is_help=True
    )
    group.command("open")(open_one)
    group.command("sql")(sql)
    group.command("list")(list_all)
    group.command("close")(close)
    app.add_typer(group, name="workspace")


def open_one(
    permit_id: Annotated[str, typer.Option("--permit", help="A permit in force: 'almoner permit request'.")],
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", help="Only these datasets. May be repeated.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy what a permit gives into a workspace of its own."""
    from almoner.kernel.errors import NotFound

    opening = opened(workspace)
    opening.require("workspace")
    permit = opening.records.permit(permit_id)
    if permit is None or permit.actor != opening.actor:
        raise NotFound("You have no such permit.", todo="See: almoner permit list")
    made = opening.analysts.open(permit, tuple(dataset or ()))
    show(
        {"workspace": made.id, "tables": list(made.tables), "expires_at": made.expires_at.isoformat()},
        as_json,
        f"Workspace {made.id} with {len(made.tables)} tables, until {made.expires_at:%Y-%m-%d %H:%M} UTC. Try:\n"
        f'  almoner workspace sql {made.id} "SHOW TABLES"',
    )


def sql(
    workspace_id: Annotated[str, typer.Argument()],
    query: Annotated[str, typer.Argument(help='Any SQL; names with a dot in quotes: "education.school_roll".')],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run SQL in a workspace. Results leave the council only through a release."""
    opening = opened(workspace)
    engine = opening.settings.engine
    found = opening.analysts.sql(workspace_id, opening.actor, query, memory=engine.memory, threads=engine.threads)
    rows: list[dict[str, Any]] = found.to_pylist()
    heads = found.column_names
    show(
        {"columns": heads, "rows": rows}, as_json, lambda: table(heads, [[row[head] for head in heads] for row in rows])
    )


def list_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List your workspaces."""
    opening = opened(workspace)
    rows = [
        {
            "workspace": w.id,
            "permit": w.permit_id,
            "tables": len(w.tables),
            "expires_at": w.expires_at.isoformat(timespec="minutes"),
        }
        for w in opening.analysts.list(opening.actor)
    ]
    heads = ("workspace", "permit", "tables", "expires_at")
    show({"workspaces": rows}, as_json, lambda: table(heads, [[row[head] for head in heads] for row in rows]))


def close(
    workspace_id: Annotated[str, typer.Argument()], workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Remove a workspace and its copies."""
    opening = opened(workspace)
    opening.analysts.close(workspace_id, opening.actor)
    show({"closed": workspace_id}, as_json, f"Workspace {workspace_id} is gone.")
