"""`almoner notice build` and `almoner notice check`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="The public notice and the record of processing.", no_args_is_help=True)
    group.command("build")(build)
    group.command("check")(check)
    app.add_typer(group, name="notice")


def build(
    out: Annotated[Path | None, typer.Option("--out", help="Another folder than the workspace's notice/.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the public notice (HTML, Markdown) and the record of processing activities from the registry."""
    from almoner.wiring.noticing import write_notice

    paths = write_notice(opened(workspace), out)
    show({"files": [str(path) for path in paths]}, as_json, "\n".join(str(path) for path in paths))


def check(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Fail where what is held and done has come apart from what the notice says."""
    from almoner.kernel.errors import NoticeDrift
    from almoner.wiring.noticing import notice_drift

    found = notice_drift(opened(workspace))
    errors = [each for each in found if each.severity == "error"]
    document = {"drift": [asdict(each) for each in found], "errors": len(errors)}

    def text() -> str:
        lines = [
            f"{each.severity}: {each.what}\n  where: {each.where}\n  why: {each.why}\n  do: {each.todo}"
            for each in found
        ]
        return "\n".join([*lines, f"{len(errors)} error(s), {len(found) - len(errors)} other remark(s)."])

    show(document, as_json, text)
    if errors:
        say("What is held or done and what the notice says have come apart.")
        raise typer.Exit(NoticeDrift.exit_code)
