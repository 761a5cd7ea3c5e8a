"""An answer as it was given, to be come back to: only what was shown, so that looking again asks nothing again.

No exact count may ever be in one of these: it is made of shown tables, after they have passed the check.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from almoner.charts.wording import never_a_formula
from almoner.methods.cells import MEANINGS, Cell, Marker
from almoner.release.publication import Shown, ShownTable


@dataclass(frozen=True)
class GivenAnswer:
    """What somebody was told. asked: the question as whoever asked wrote it down; '' where nobody did."""

    as_of: str
    project: str
    protection: str
    asked: str
    tables: tuple[ShownTable, ...]

    def markers(self) -> list[Marker]:
        """List the signs that stand in any table, in the order of their meanings."""
        used = {marker for table in self.tables for marker in table.markers()}
        return [marker for marker in MEANINGS if marker in used]

    def text(self) -> str:
        """Write it down."""
        document = {
            "as_of": self.as_of, "project": self.project, "protection": self.protection, "asked": self.asked,
            "tables": [_table_document(table) for table in self.tables],
        }  # fmt: skip
        return json.dumps(document, ensure_ascii=False)


def answer_of_text(text: str) -> GivenAnswer:
    """Read an answer back."""
    read: Mapping[str, Any] = json.loads(text)
    tables = tuple(_table(each) for each in read["tables"])
    return GivenAnswer(read["as_of"], read["project"], read["protection"], read["asked"], tables)


def _table_document(table: ShownTable) -> dict[str, Any]:
    return {
        "name": table.name, "title": table.title, "notes": list(table.notes),
        "columns": [
            {
                "name": each.name, "title": each.title, "words": list(each.words), "decimals": each.decimals,
                "cells": [[cell.value, str(cell.marker), cell.reason] for cell in each.cells],
            }
            for each in table.columns
        ],
    }  # fmt: skip


def _table(read: Mapping[str, Any]) -> ShownTable:
    columns = tuple(
        Shown(
            each["name"], each["title"], tuple(each["words"]),
            tuple(Cell(value, Marker(marker), reason) for value, marker, reason in each["cells"]), each["decimals"],
        )
        for each in read["columns"]
    )  # fmt: skip
    return ShownTable(read["name"], read["title"], columns, tuple(read["notes"]))


def answer_csv(tables: Sequence[ShownTable]) -> str:
    """Write one row for each indicator, area, period and part; a sign stands where there is no number."""
    out = io.StringIO()
    names: dict[str, None] = {}
    for table in tables:
        names.update(dict.fromkeys(column.name for column in table.columns))
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["indicator", *names])
    for table in tables:
        by_name = {column.name: column for column in table.columns}
        for row in range(len(table)):
            values = [_plain(by_name[name], row) if name in by_name else "" for name in names]
            writer.writerow([table.name, *values])
    return out.getvalue()


def _plain(column: Shown, row: int) -> str:
    if column.is_label:
        return never_a_formula(column.words[row])
    cell = column.cells[row]
    return str(cell.marker) if cell.value is None else f"{cell.value:.{column.decimals}f}"
