"""Writes the report: all of its files or none. It only ever replaces an earlier report.

The records that a supplier is to correct stand in a folder of their own that nobody but the writer can open.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from almoner.kernel.errors import ResourceExhausted, UsageError
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
    target = directory.resolve()
    _refuse_foreign(target)
    contents = _contents(review, brand, supplier)
    named = _record_files(supplier, records) if records is not None else {}
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        fresh.chmod(0o755)
        for name, content in contents.items():
            _write(fresh / name, content, 0o644)
        if named:
            (fresh / RECORDS).mkdir(mode=0o700)
            for name, content in named.items():
                _write(fresh / RECORDS / name, content, 0o600)
        _swap(fresh, target)
    except OSError as error:
        raise ResourceExhausted(
            "The report could not be written; what was there before is unchanged.",
            where=str(directory), why=error.strerror or "", todo="Free space, or choose another directory.",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return tuple(directory / name for name in (*contents, *(f"{RECORDS}/{each}" for each in named)))


def _contents(review: Review, brand: str, supplier: str) -> Mapping[str, bytes]:
    outcomes = [each for one in review.datasets for each in one.outcomes]
    tables = (
        (TABLES[0], documents.SCORE_COLUMNS, documents.score_rows(review.datasets), "Dimensions",
         "Six dimensions of data quality, by dataset"),
        (TABLES[1], documents.FIELD_COLUMNS, documents.field_rows(review.datasets), "Fields",
         "Completeness and validity, by field"),
        (TABLES[2], documents.ISSUE_COLUMNS, documents.issue_rows(outcomes), "Expectations",
         "What is expected, and how it stands"),
        (TABLES[3], documents.ARRIVAL_COLUMNS, documents.arrival_rows(review.datasets), "Deliveries",
         "When deliveries were due and came"),
    )  # fmt: skip
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


def _refuse_foreign(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir() or any(path.name not in FILES for path in target.iterdir()):
        raise UsageError(
            "The directory for the report holds something else.", where=str(target),
            why="A report is replaced as a whole, and nothing but a report may be lost by it.",
            todo="Name a new or empty directory.",
        )  # fmt: skip


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is never, not for a moment, open to more people than it is to be."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)


def _swap(fresh: Path, target: Path) -> None:
    """Put the new directory in the place of the old one; if that fails, put the old one back."""
    if not target.exists():
        fresh.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    old = aside / target.name
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
