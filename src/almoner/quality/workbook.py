"""Writes tables as a spreadsheet in the accessible form of the Analysis Function: a cover, one table a sheet.

Source: Government Analysis Function, "Releasing statistics in spreadsheets" (2021, updated 2024).
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from almoner.charts.wording import never_a_formula
from almoner.methods.cells import MEANINGS


@dataclass(frozen=True)
class Table:
    """One sheet: its label, title, headings, and rows."""

    label: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def workbook_bytes(title: str, about: Sequence[str], tables: Sequence[Table]) -> bytes:
    """Write the workbook. Tables without a row are left out."""
    import gptables

    shown = [table for table in tables if table.rows]
    cover = gptables.Cover(cover_label="Cover", title=title, intro=list(about), about=list(about[1:]) or None)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "tables.xlsx"
        workbook = gptables.produce_workbook(
            filename=str(path), sheets={table.label: _sheet(table) for table in shown}, cover=cover,
            contentsheet_label=None, auto_width=True,
        )  # fmt: skip
        workbook.set_properties({"title": title, "author": "", "comments": ""})
        workbook.close()
        return path.read_bytes()


def _sheet(table: Table) -> Any:
    import gptables
    import pandas as pd

    cells = [[never_a_formula(value) if isinstance(value, str) else value for value in row] for row in table.rows]
    headings = [column.replace("_", " ").capitalize() for column in table.columns]
    frame = pd.DataFrame(cells, columns=headings, dtype=object).fillna("")
    used = {value for row in cells for value in row if isinstance(value, str) and value.startswith("[")}
    return gptables.GPTable(
        table=frame, table_name=table.label.lower().replace(" ", "_"), title=table.title,
        instructions="This worksheet contains one table.",
        legend=[f"{marker} = {meaning}" for marker, meaning in MEANINGS.items() if str(marker) in used],
        index_columns={},
    )  # fmt: skip
