"""`almoner init`, `almoner check`, `almoner registry schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, say, show


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("check")(check)
    group = typer.Typer(help="The registry's own tools.", no_args_is_help=True)
    group.command("schema")(schema)
    app.add_typer(group, name="registry")


def init(
    directory: Annotated[Path, typer.Argument(help="An empty or new directory.")],
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: the registry of the privacy notice's council, its sources, recipients and purposes."""
    from almoner.wiring.starting import make_workspace

    made = make_workspace(directory)
    show(
        {"workspace": str(directory), "files": made},
        as_json,
        f"A workspace is in {directory} ({len(made)} files). Next:\n"
        f"  almoner check --workspace {directory}\n"
        f"  almoner role grant YOU governance --workspace {directory}",
    )


def check(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Report every fault of the registry at once: file, line, why it matters, what to do."""
    from almoner.kernel.errors import RegistryError
    from almoner.registry import check_registry
    from almoner.wiring.settings import find_workspace, read_settings

    root = find_workspace(workspace)
    read_settings(root)
    result = check_registry(root / "registry")
    if result.registry is not None:
        datasets = list(result.registry.datasets())
        counts = {"sources": len(result.registry.source), "datasets": len(datasets)}
        counts["columns"] = sum(len(dataset.columns) for dataset in datasets)
        text = "The registry is in order: " + ", ".join(f"{count} {name}" for name, count in counts.items()) + "."
        show({"faults": [], **counts}, as_json, text)
        return
    faults = result.faults
    if as_json:
        show({"faults": [vars(fault) for fault in faults], "exit_code": RegistryError.exit_code}, True, "")
    else:
        for fault in faults:
            say(fault.text())
        say(f"{len(faults)} fault(s).")
    raise typer.Exit(RegistryError.exit_code)


def schema(
    check_only: Annotated[bool, typer.Option("--check", help="Fail if the packaged schema is out of date.")] = False,
    write: Annotated[Path | None, typer.Option("--write", help="Write it to this file.")] = None,
) -> None:
    """Give the JSON Schema of the registry files, for editors."""
    from almoner.kernel.errors import RegistryError
    from almoner.registry.schema import packaged_schema, registry_schema

    text = registry_schema()
    if check_only:
        if packaged_schema() != text:
            raise RegistryError(
                "The packaged JSON Schema is out of date.",
                where="src/almoner/registry/registry.schema.json",
                why="Editors would complete keys that are gone.",
                todo="Run: almoner registry schema --write src/almoner/registry/registry.schema.json",
            )
        show({}, False, "The JSON Schema is up to date.")
    elif write is not None:
        write.write_text(text, encoding="utf-8")
    else:
        show({}, False, text)
