"""Writes each table as CSV, with one description for all of them.

A sign stands in a column of its own beside the numbers, so that the numbers stay numbers: an empty field is never a
zero, and the column beside it says what it is.

Source: W3C, "Metadata Vocabulary for Tabular Data" (2015); Government Analysis Function, "Releasing statistics in
spreadsheets" (2021, updated 2024), on machine-readable files.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from almoner.charts.wording import never_a_formula
from almoner.methods.cells import MEANINGS
from almoner.release.publication import Publication, Shown, ShownTable

METADATA = "csv-metadata.json"
MARKER = "_marker"


def csv_files(publication: Publication) -> dict[str, bytes]:
    """Write the tables, and what they are."""
    files = {f"{table.name}.csv": _table(table, publication) for table in publication.tables}
    files[METADATA] = (json.dumps(_metadata(publication), ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _table(table: ShownTable, publication: Publication) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(name for column in table.columns for name in _names(column)), "status"])
    for row in range(len(table)):
        fields = [field for column in table.columns for field in _fields(column, row)]
        writer.writerow([*fields, publication.status])
    return out.getvalue().encode()


def _names(column: Shown) -> list[str]:
    return [column.name] if column.is_label else [column.name, column.name + MARKER]


def _fields(column: Shown, row: int) -> list[str]:
    if column.is_label:
        return [never_a_formula(column.words[row])]
    cell = column.cells[row]
    return ["" if cell.value is None else f"{cell.value:.{column.decimals}f}", str(cell.marker)]


def _metadata(publication: Publication) -> dict[str, Any]:
    about = {
        "dc:title": publication.title,
        "dc:description": publication.description,
        "dc:publisher": publication.publisher,
        "dc:issued": publication.released_on or None,
        "dc:license": publication.licence or None,
        "dc:identifier": publication.id,
        "dc:source": publication.source or None,
        "dc:accessRights": f"{publication.status}. Recipient: {publication.recipient}",
        "dc:temporal": publication.as_of,
        "rdfs:comment": [publication.protection, *publication.notes],
    }
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        **{name: value for name, value in about.items() if value},
        "tables": [_described(table, publication) for table in publication.tables],
    }


def _described(table: ShownTable, publication: Publication) -> dict[str, Any]:
    columns = [each for column in table.columns for each in _columns(column)]
    status = {
        "name": "status",
        "titles": "status",
        "dc:description": "Whether this is released.",
        "datatype": {"base": "string", "format": publication.status},
    }
    return {
        "url": f"{table.name}.csv",
        "dc:title": table.title,
        "rdfs:comment": list(table.notes),
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n"]},
        "tableSchema": {"columns": [*columns, status]},
    }


def _columns(column: Shown) -> list[dict[str, Any]]:
    if column.is_label:
        return [{"name": column.name, "titles": column.name, "dc:title": column.title, "datatype": "string"}]
    signs = {str(marker): meaning for marker, meaning in MEANINGS.items()}
    return [
        {
            "name": column.name, "titles": column.name, "dc:title": column.title, "null": "",
            "datatype": "integer" if not column.decimals else "decimal",
        },
        {
            "name": column.name + MARKER, "titles": column.name + MARKER,
            "dc:title": f"{column.title}: what an empty field is",
            "dc:description": "Empty where there is a number. " + " ".join(f"{s} {m}" for s, m in signs.items()),
            "datatype": {"base": "string", "format": "|".join(rf"\[{s[1:-1]}\]" for s in signs)}, "null": "",
        },
    ]  # fmt: skip
