"""Writes the report: all of its files or none. It only ever replaces an earlier report.

The records that a supplier is to correct stand in a folder of their own that nobody but the writer can open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from almoner.kernel.errors import NotFound
from almoner.kernel.folders import write_whole
from almoner.quality import documents
from almoner.quality.page import render_page
from almoner.quality.review import Review
from almoner.quality.supplier import COLUMNS, ToCorrect
from almoner.quality.workbook import Table, workbook_bytes

RECORDS = "records-to-correct"
"""The folder of personal data."""
PAGE, DOCUMENT, BOOK = "data-quality.html", "data-quality.json", "data-quality.xlsx"
TABLES = ("dimensions.csv", "fields.csv", "expectations.csv", "deliveries.csv")
FILES = frozenset({PAGE, DOCUMENT, BOOK, *TABLES, RECORDS})


def write_report(
    review: Review, directory: Path, brand: str, *, supplier: str = "", records: Sequence[ToCorrect] | None = None
) -> tuple[Path, ...]:
    """Write a report into a directory that is new, empty, or holds an earlier report.

    In: records: those to correct, for the one supplier; None: no folder of records. Out: the paths.
    Raises: UsageError where the directory holds something else; ResourceExhausted where the disk is full.
    """
    contents = _contents(review, brand, supplier)
    named = _record_files(supplier, records) if records is not None else {}
    named = {f"{RECORDS}/{name}": content for name, content in named.items()}
    write_whole(directory, {**contents, **named}.items(), "reports", _is_a_report, open_but=(RECORDS,))
    return tuple(directory / name for name in (*contents, *named))


def _is_a_report(target: Path) -> bool:
    return all(path.name in FILES for path in target.iterdir())


def tables_of(review: Review) -> tuple[tuple[str, tuple[str, ...], Sequence[Sequence[Any]], str, str], ...]:
    """Give every table: its file, columns, rows, label and title."""
    outcomes = [each for one in review.datasets for each in one.outcomes]
    return (
        (TABLES[0], documents.SCORE_COLUMNS, documents.score_rows(review.datasets), "Dimensions",
         "Six dimensions of data quality, by dataset"),
        (TABLES[1], documents.FIELD_COLUMNS, documents.field_rows(review.datasets), "Fields",
         "Completeness and validity, by field"),
        (TABLES[2], documents.ISSUE_COLUMNS, documents.issue_rows(outcomes), "Expectations",
         "What is expected, and how it stands"),
        (TABLES[3], documents.ARRIVAL_COLUMNS, documents.arrival_rows(review.datasets), "Deliveries",
         "When deliveries were due and came"),
    )  # fmt: skip


def csv_of(review: Review, name: str) -> str:
    """Write one of the tables. Raises: NotFound where there is none of this name."""
    for file, columns, rows, *_ in tables_of(review):
        if file == name:
            return documents.csv_text(columns, rows)
    raise NotFound("There is no such table.", todo=f"Use one of: {', '.join(TABLES)}.")


def _contents(review: Review, brand: str, supplier: str) -> Mapping[str, bytes]:
    tables = tables_of(review)
    title = f"Data quality report: {supplier}" if supplier else f"Data quality review: {review.place}"
    about = [f"As it stands on {review.today.isoformat()}.", "It names nobody. Small numbers are withheld."]
    book = workbook_bytes(title, about, [Table(label, told, columns, rows) for _, columns, rows, label, told in tables])
    return {
        PAGE: render_page(review, brand, supplier=supplier).encode(),
        DOCUMENT: documents.json_text(review).encode(),
        BOOK: book,
        **{name: documents.csv_text(columns, rows).encode() for name, columns, rows, _, _ in tables},
    }


def _record_files(supplier: str, records: Sequence[ToCorrect]) -> Mapping[str, bytes]:
    rows = [each.cells() for each in records]
    about = [f"For {supplier} alone.", "Personal data: records are named by your own reference. Delete when corrected."]
    files = {"records.csv": documents.csv_text(COLUMNS, rows).encode()}
    if rows:
        files["records.xlsx"] = workbook_bytes(
            f"Records to correct: {supplier}", about, [Table("Records", "Records to correct", COLUMNS, rows)]
        )
    return files
