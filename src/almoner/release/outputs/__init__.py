"""The forms in which a release leaves. Each is made from a `Publication` alone: none can show more."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from almoner.release.outputs.csvw import csv_files
from almoner.release.outputs.document import json_files
from almoner.release.outputs.page import html_files
from almoner.release.outputs.paper import pdf_files
from almoner.release.outputs.workbook import xlsx_files
from almoner.release.publication import Publication

WRITERS: dict[str, Callable[[Publication], dict[str, bytes]]] = {
    "csv": csv_files, "json": json_files, "html": html_files, "xlsx": xlsx_files, "pdf": pdf_files,
}  # fmt: skip


def render(publication: Publication, formats: tuple[str, ...]) -> Mapping[str, bytes]:
    """Write a publication in some forms. Out: file name → content."""
    files: dict[str, bytes] = {}
    for name in formats:
        files |= WRITERS[name](publication)
    return files
