"""Writes a release as a tagged PDF (PDF/UA-1). What it says goes in as data, never as markup, so it can't command."""

from __future__ import annotations

import datetime as dt
from typing import Any

from almoner.charts.paper import typeset
from almoner.methods.cells import MEANINGS
from almoner.release.publication import RELEASED, Publication, ShownTable

NAME = "release.pdf"


def pdf_files(publication: Publication) -> dict[str, bytes]:
    """Write the paper."""
    made_on = dt.date.fromisoformat(publication.released_on) if publication.released_on else None
    return {NAME: typeset("almoner.release", "templates/release.typ", _data(publication), made_on)}


def _data(publication: Publication) -> dict[str, Any]:
    return {
        "title": publication.title,
        "description": publication.description,
        "publisher": publication.publisher,
        "draft": "" if publication.status == RELEASED else publication.status,
        "colour": publication.brand_colour,
        "protection": publication.protection,
        "notes": list(publication.notes),
        "facts": [list(fact) for fact in publication.facts()],
        "signs": [[str(marker), MEANINGS[marker]] for marker in publication.markers()],
        "tables": [_table(table) for table in publication.tables],
    }


def _table(table: ShownTable) -> dict[str, Any]:
    return {
        "title": table.title,
        "notes": list(table.notes),
        "heads": [column.title for column in table.columns],
        "numeric": [not column.is_label for column in table.columns],
        "rows": [[column.text(row) for column in table.columns] for row in range(len(table))],
    }
