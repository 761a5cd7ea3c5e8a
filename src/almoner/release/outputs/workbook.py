"""Writes a release as a spreadsheet in the accessible form of the Government Analysis Function, with its own package.

A cover, a contents sheet, one table to a sheet as a marked-up table, signs explained above each table that has any.
No author's name and no path may get into the file's properties.

Source: Government Analysis Function, "Releasing statistics in spreadsheets" (2021, updated 2024).
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

from almoner.methods.cells import MEANINGS
from almoner.release.publication import Publication, Shown, ShownTable

NAME = "release.xlsx"
SHEET_NAME_LENGTH = 31
"""Source: Microsoft, "Excel specifications and limits"."""
_WIDEST, _NARROWEST = 60, 12


def xlsx_files(publication: Publication) -> dict[str, bytes]:
    """Write the workbook."""
    import gptables

    sheets = {label: _sheet(table) for label, table in zip(_labels(publication), publication.tables, strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it would like a sheet of notes; ours stand by their tables
            book = gptables.produce_workbook(
                path.as_posix(), sheets, cover=_cover(publication),
                workbook_options={"strings_to_formulas": False, "strings_to_urls": False},
            )  # fmt: skip
        book.set_properties({
            "title": f"{publication.title}{'' if publication.released_on else f' ({publication.status})'}",
            "author": publication.publisher, "company": publication.publisher, "subject": publication.purpose,
            "comments": publication.status, "created": _created(publication),
        })  # fmt: skip
        for label, table in zip(sheets, publication.tables, strict=True):
            _set_widths(book.get_worksheet_by_name(label), table)
        book.close()
        return {NAME: path.read_bytes()}


def _created(publication: Publication) -> dt.datetime:
    """Date the file by its release, so that the same release gives the same file."""
    text = publication.released_on or "2000-01-01"
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def _labels(publication: Publication) -> list[str]:
    names = [re.sub(r"[\[\]:*?/\\']", " ", table.name)[: SHEET_NAME_LENGTH - 4] for table in publication.tables]
    return [name if names.count(name) == 1 else f"{name} {number}" for number, name in enumerate(names, 1)]


def _cover(publication: Publication) -> Any:
    import gptables

    signs = [f"{marker}: {MEANINGS[marker]}" for marker in publication.markers()]
    about = [publication.protection]
    if signs:
        about += ["Shorthand used in the tables:", *signs]
    facts = [f"{heading}: {words}" for heading, words in publication.facts() if heading != "Contact"]
    return gptables.Cover(
        title=publication.title,
        intro=[*filter(None, [publication.description]), *facts],
        about=[*about, *publication.notes],
        contact=[publication.contact or publication.publisher],
    )


def _sheet(table: ShownTable) -> Any:
    import gptables
    import pandas as pd

    headings = _headings(table)
    frame = pd.DataFrame(
        {heading: _entries(column) for heading, column in zip(headings, table.columns, strict=True)}, dtype=object
    )
    markers = table.markers()
    shorthand = " Some cells hold shorthand in place of a number; it is explained below." if markers else ""
    numbers = [number for number, column in enumerate(table.columns) if not column.is_label]
    formats = [
        {"column": {"columns": [number], "format": {"num_format": _format(table.columns[number]), "align": "right"}}}
        for number in numbers
    ]
    return gptables.GPTable(
        table=frame,
        table_name=re.sub(r"\W", "_", f"table_{table.name}"),
        title=table.title,
        subtitles=list(table.notes),
        instructions=f"This worksheet contains one table.{shorthand}",
        legend=[f"{marker} = {MEANINGS[marker]}" for marker in markers],
        index_columns={},
        additional_formatting=formats,
    )


def _headings(table: ShownTable) -> list[str]:
    """Give each column a heading of its own: two that are alike get the column's name behind them."""
    titles = [column.title for column in table.columns]
    return [
        title if titles.count(title) == 1 else f"{title} ({column.name})"
        for title, column in zip(titles, table.columns, strict=True)
    ]


def _entries(column: Shown) -> list[str | float | int]:
    if column.is_label:
        return list(column.words)
    return [
        str(cell.marker) if cell.value is None else cell.value if column.decimals else int(cell.value)
        for cell in column.cells
    ]


def _format(column: Shown) -> str:
    return "#,##0" + (f".{'0' * column.decimals}" if column.decimals else "")


def _set_widths(sheet: Any, table: ShownTable) -> None:
    """Make columns as wide as what stands in them, not as wide as the notes above the table."""
    for number, column in enumerate(table.columns):
        longest = max([len(column.title), *(len(column.text(row)) for row in range(len(table)))], default=0)
        sheet.set_column(number, number, min(max(longest + 2, _NARROWEST), _WIDEST))
