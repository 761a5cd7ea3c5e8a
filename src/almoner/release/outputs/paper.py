"""Writes a release as a tagged PDF (PDF/UA-1). What it says goes in as data, never as markup, so it can't command."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import Any, Literal

from almoner.methods.cells import MEANINGS
from almoner.release.publication import RELEASED, Publication, ShownTable

NAME = "release.pdf"
STANDARD: Literal["ua-1"] = "ua-1"
"""Source: ISO 14289-1 (PDF/UA-1)."""
FONTS_OF_ITS_OWN = True
"""Only fonts that come with the typesetter: the same release gives the same pages on any machine."""


def pdf_files(publication: Publication) -> dict[str, bytes]:
    """Write the paper."""
    import typst

    source = resources.files("almoner.release").joinpath("templates/release.typ").read_bytes()
    compiler = typst.Compiler(source, ignore_system_fonts=FONTS_OF_ITS_OWN)
    made = compiler.compile(
        format="pdf",
        sys_inputs={"release": json.dumps(_data(publication), ensure_ascii=False)},
        pdf_standards=STANDARD,
        timestamp=_made_at(publication),
    )
    assert isinstance(made, bytes)
    return {NAME: made}


def _made_at(publication: Publication) -> dt.datetime:
    return dt.datetime.fromisoformat(publication.released_on or "2000-01-01").replace(tzinfo=dt.UTC)


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
