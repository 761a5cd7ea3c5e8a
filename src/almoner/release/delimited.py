"""Reads the CSV files of a plan. No value of a cell ever gets into a message, only its line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from almoner.kernel.errors import UsageError

_A_NUMBER = re.compile(r"[£+-]?[0-9][0-9,]*(\.[0-9]+)?%?")
LARGEST_FILE = 50_000_000
"""Bytes: a table for people is far smaller."""


def read_columns(folder: Path, file: str) -> dict[str, list[str]]:
    """Read a CSV file: column → its fields, from line 2 on. Raises: UsageError."""
    path = folder / file
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError("The table is too large to be one for people.", where=file, todo="Split or coarsen it.")
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            heads = next(reader, [])
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            "The table can't be read.", where=file, why=type(error).__name__, todo="Give a CSV file in UTF-8."
        ) from error
    if len(set(heads)) != len(heads) or not heads or not rows:
        raise UsageError("The table has no rows, or two columns of one name.", where=file, todo="Mend the file.")
    for number, row in enumerate(rows, 2):
        if len(row) != len(heads):
            raise UsageError(
                f"Line {number} has {len(row)} fields instead of {len(heads)}.", where=file, todo="Mend that line."
            )
    return {head: [row[place].strip() for row in rows] for place, head in enumerate(heads)}


def same_columns(file: str, there: Sequence[str], declared: set[str]) -> None:
    """Refuse columns that are missing, or that nobody has declared. Raises: UsageError."""
    if missing := declared - set(there):
        raise UsageError(
            f"The table has no column {', '.join(sorted(missing))}.", where=file, todo="Mend the plan or the file."
        )
    if more := [str(place) for place, name in enumerate(there, 1) if name not in declared]:
        raise UsageError(  # by place: of a file without headings, the first line is somebody's record
            f"Nobody has said what these columns are, counted from the left: {', '.join(more)}.",
            where=file,
            why="What is not declared can't be checked, so it can't be released.",
            todo="Declare them as labels, counts or breakdowns, or take them out.",
        )


def are_labels(file: str, columns: Mapping[str, Sequence[str]], labels: set[str]) -> None:
    """Refuse numbers among what only labels rows: they would go out unchecked."""
    for column in sorted(labels):
        for number, text in enumerate(columns[column], 2):
            if not any(character.isalnum() for character in text):
                raise UsageError(
                    f"Line {number}, column '{column}' has no letter or digit.",
                    where=file,
                    why="A sign or a gap among labels would be taken for one that says why a figure lacks.",
                    todo="Write words.",
                )
            if _A_NUMBER.fullmatch(text):
                raise UsageError(
                    f"Line {number}, column '{column}' is a number, but is declared as a label.",
                    where=file,
                    why="A figure that is no count can't be checked, so it can't be released.",
                    todo="Declare the column as a count, an area, a time or a breakdown.",
                )
