"""Opens a delivered file with the reader that its declared format names."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from pathlib import Path

from almoner.intake.compressed import unpacked
from almoner.intake.readers import (
    CsvOptions,
    JsonDocumentOptions,
    JsonlOptions,
    ParquetOptions,
    Reader,
    Wanted,
    XlsxOptions,
    XmlOptions,
    open_csv,
    open_json_document,
    open_jsonl,
    open_parquet,
    open_xlsx,
    open_xml,
)
from almoner.registry.datasets import Dataset, Feed
from almoner.registry.formats import CsvFormat


def open_reader(dataset: Dataset, feed: Feed, path: Path) -> Reader:  # noqa: PLR0911 -- one for each format
    """Open a file as its dataset's format declares it.

    Raises: DeliveryRefused where the file is not what was declared.
    """
    wanted = wanted_columns(dataset)
    form = dataset.format
    if form.csv is not None:
        if form.csv.compression == "gzip":
            return _packed_csv(path, wanted, csv_options(form.csv, feed))
        return open_csv(path, wanted, csv_options(form.csv, feed))
    if form.xlsx is not None:
        sheet = form.xlsx
        options = XlsxOptions(
            sheet=sheet.sheet, header_row=sheet.header_row, footer=sheet.footer, ignore=frozenset(feed.ignore)
        )
        return open_xlsx(path, wanted, options)
    if form.jsonl is not None:
        return open_jsonl(path, wanted, JsonlOptions(ignore=frozenset(feed.ignore)))
    if form.json_document is not None:
        return open_json_document(
            path, wanted, JsonDocumentOptions(records=form.json_document.records, ignore=frozenset(feed.ignore))
        )
    if form.xml is not None:
        record = f"{{{form.xml.namespace}}}{form.xml.record}" if form.xml.namespace else form.xml.record
        return open_xml(path, wanted, XmlOptions(record=record, ignore=frozenset(feed.ignore)))
    return open_parquet(path, wanted, ParquetOptions(ignore=frozenset(feed.ignore)))


def _packed_csv(path: Path, wanted: Mapping[str, Wanted], options: CsvOptions) -> Reader:
    handle = unpacked(path)
    try:
        reader = open_csv(Path(f"/proc/self/fd/{handle}"), wanted, options)
    except BaseException:
        os.close(handle)
        raise
    weakref.finalize(reader, os.close, handle)
    return reader


def wanted_columns(dataset: Dataset) -> Mapping[str, Wanted]:
    """Name the source columns that a dataset wants, and whether the file must have them."""
    return {column.source_name: Wanted(required=not column.optional) for column in dataset.columns.values()}


def csv_options(form: CsvFormat, feed: Feed) -> CsvOptions:
    """Give the reader's options for declared delimited text."""
    return CsvOptions(
        delimiter=form.delimiter,
        encoding=form.encoding,
        quote=form.quote or None,
        header_row=form.header_row,
        footer=form.footer,
        ignore=frozenset(feed.ignore),
    )
