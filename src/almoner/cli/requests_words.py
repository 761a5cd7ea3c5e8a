"""What the commands of requests are given: cases, days, reasons, words typed or from a file."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from almoner.kernel.errors import UsageError

CaseArgument = Annotated[str, typer.Argument(help="The case, as 'list' names it.")]
DayOption = Annotated[
    str | None,
    typer.Option("--on", help="The day on which it happened, as 2026-03-03; else today.", show_default=False),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept with the case.")]
FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="A text file with the words, or - for standard input.", show_default=False),
]
ReleaseOption = Annotated[
    list[str] | None, typer.Option("--release", help="A published release that figures come from. Repeat it.")
]
QueryOption = Annotated[
    list[str] | None, typer.Option("--query", help="A checked answer of 'almoner query'. Repeat it.")
]
NotOfPeopleOption = Annotated[
    str, typer.Option("--figures-not-of-people", help="Why figures that come from no release are not about people.")
]


def day(text: str | None) -> dt.date | None:
    """Read a day. Raises: UsageError."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError("This is no day.", todo="Write it as 2026-03-03.") from None


def decimal(text: str) -> Decimal:
    """Read a number of hours or pounds. Raises: UsageError."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UsageError("This is no number.", todo="Write it as 12.50.") from None


def written(words: str, file: Path | None) -> str:
    """Give what was typed, or what stands in a file. Raises: UsageError for both, neither, or what is no text."""
    if bool(words.strip()) == (file is not None):
        raise UsageError("Give the words once.", todo="Write --words TEXT or --file FILE.")
    if file is None:
        return words.strip()
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = content.decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "The file can't be read as text.", where=file.name, why=type(error).__name__, todo="Save it as plain text."
        ) from None
    if not text:
        raise UsageError("The file is empty.", where=file.name)
    return text
