"""`almoner docs` keeps the reference pages true; `almoner serve` serves the web application."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almoner.cli.opening import WorkspaceOption, say, show


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("docs")(docs)
    app.command("serve")(serve)


def docs(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--folder", help="The documentation's reference folder.")] = Path(
        "docs/reference"
    ),
    check: Annotated[bool, typer.Option("--check", help="Fail if a generated page is out of date.")] = False,
) -> None:
    """Write the generated reference pages: commands, exit codes, settings, registry."""
    from almoner.cli.reference import reference_pages
    from almoner.kernel.errors import UsageError

    pages = reference_pages(context.find_root().command)
    stale = [name for name, text in pages.items() if not _same(folder / name, text)]
    if check:
        if stale:
            raise UsageError(
                f"Generated pages are out of date: {', '.join(stale)}.",
                where=str(folder),
                why="Readers would be told what is no longer so.",
                todo="Run: almoner docs",
            )
        show({}, False, f"{len(pages)} generated pages are up to date.")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (folder / name).write_text(pages[name], encoding="utf-8")
    show({}, False, f"{len(stale)} of {len(pages)} pages written.")


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def serve(
    workspace: WorkspaceOption = None,
    port: Annotated[int, typer.Option("--port", min=1024, max=65535)] = 8010,
    address: Annotated[
        str, typer.Option("--address", help="The address to serve on; a proxy that speaks https stands before it.")
    ] = "127.0.0.1",
    check: Annotated[bool, typer.Option("--check", help="Only check whether it may be served; fail if not.")] = False,
) -> None:
    """Serve the web application: http://127.0.0.1:PORT unless told otherwise."""
    from almoner.kernel.errors import WorkspaceError
    from almoner.web.serving import check_place, deployment_faults, serve_pages
    from almoner.wiring.settings import find_workspace, read_settings

    root = find_workspace(workspace)
    if check:
        check_place(read_settings(root), address)
        if faults := deployment_faults(root):
            raise WorkspaceError(
                f"The settings are not fit for serving: {'; '.join(faults)}", where=str(root), todo="Mend [web]."
            )
        show({}, False, "Fit for serving.")
        return
    say(f"http://{address}:{port}/  (stop with Ctrl-C)")
    serve_pages(root, address, port)
