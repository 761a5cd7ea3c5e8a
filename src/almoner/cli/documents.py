"""`almoner docs` keeps the reference pages true; `almoner serve` shows the built pages on this machine."""

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
) -> None:
    """Show the built pages (profiles, notice) at http://127.0.0.1:PORT, to this machine only."""
    from almoner.cli.page_server import serve_pages
    from almoner.wiring.settings import find_workspace

    root = find_workspace(workspace)
    say(f"http://127.0.0.1:{port}/  (stop with Ctrl-C)")
    serve_pages(root, port)
