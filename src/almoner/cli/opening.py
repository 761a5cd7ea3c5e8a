"""What every command shares: its options, opening the workspace, and printing one JSON document or text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from almoner.wiring.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="The workspace; else ALMONER_WORKSPACE.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON document to standard output.")]


def opened(given: Path | None) -> Workspace:
    """Open the workspace for the operating-system user, saying on stderr what the user should know."""
    from almoner.wiring.workspace import open_workspace

    workspace, roles = open_workspace(given)
    _OPEN.append(workspace)
    if roles:
        say(f"You ({workspace.actor}) are the first user of this demonstration and hold the roles: {', '.join(roles)}.")
    return workspace


_OPEN: list[Workspace] = []


def close_opened() -> None:
    """Close what this command has opened."""
    while _OPEN:
        _OPEN.pop().close()


def say(text: str) -> None:
    """Write progress to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def show(document: Any, as_json: bool, text: Callable[[], str] | str) -> None:
    """Write the result: one JSON document, or text for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
    else:
        sys.stdout.write((text if isinstance(text, str) else text()) + "\n")


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]], *, counts: Collection[str] = ()) -> str:
    """Lay out rows under headings, numbers to the right.

    In: counts = the headings of columns that count something. Only their thousands are set apart: a year, a position or
    an id is shown as it has to be typed.
    """
    counted = [head in counts for head in headings]
    cells = [[f"{value:,}" if n else str(value) for value, n in zip(row, counted, strict=True)] for row in rows]
    widths = [
        max(len(str(head)), *(len(row[i]) for row in cells)) if cells else len(head) for i, head in enumerate(headings)
    ]
    numeric = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(headings))]

    def line(values: Sequence[str]) -> str:
        laid = [v.rjust(w) if n else v.ljust(w) for v, w, n in zip(values, widths, numeric, strict=True)]
        return "  ".join(laid).rstrip()

    return "\n".join([line(list(headings)), line(["-" * width for width in widths]), *(line(row) for row in cells)])
