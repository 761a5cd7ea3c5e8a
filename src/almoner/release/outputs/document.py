"""Writes a release as one JSON document. A sign is a text in the place of a number: no reader can take it for one."""

from __future__ import annotations

import json
from typing import Any

from almoner.methods.cells import MEANINGS
from almoner.release.publication import Publication, Shown, ShownTable

NAME = "release.json"


def json_files(publication: Publication) -> dict[str, bytes]:
    """Write the document."""
    document = {
        "status": publication.status,
        "title": publication.title,
        "description": publication.description,
        "about": {heading.lower().replace(" ", "_"): words for heading, words in publication.facts()},
        "protection": publication.protection,
        "markers": {str(marker): MEANINGS[marker] for marker in MEANINGS},
        "notes": list(publication.notes),
        "tables": [_table(table) for table in publication.tables],
    }
    return {NAME: (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()}


def _table(table: ShownTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "notes": list(table.notes),
        "columns": [{"name": column.name, "title": column.title} for column in table.columns],
        "rows": [[_entry(column, row) for column in table.columns] for row in range(len(table))],
    }


def _entry(column: Shown, row: int) -> str | float | int:
    if column.is_label:
        return column.words[row]
    cell = column.cells[row]
    if cell.value is None:
        return str(cell.marker)
    return cell.value if column.decimals else int(cell.value)
