"""Reads one delivered file as text, format by format, so that intake sees the same shape whatever was sent.

Readers never interpret a value, never guess a format that was not declared, and never lose a record: each
one comes out in a `RawBatch` or as a `BadRecord`, and `rows_in` counts both.
"""

from almoner.intake.readers.archive import safe_archive_check
from almoner.intake.readers.batch import BadRecord, RawBatch, Reader, Wanted
from almoner.intake.readers.csv_options import CsvOptions
from almoner.intake.readers.csv_reader import CsvReader, open_csv
from almoner.intake.readers.json_document import JsonDocumentOptions, JsonDocumentReader, open_json_document
from almoner.intake.readers.jsonl import JsonlOptions, JsonlReader, open_jsonl
from almoner.intake.readers.parquet import ParquetOptions, ParquetReader, open_parquet
from almoner.intake.readers.xlsx import XlsxOptions, XlsxReader, open_xlsx
from almoner.intake.readers.xml import XmlOptions, XmlReader, open_xml

__all__ = [
    "BadRecord",
    "CsvOptions",
    "CsvReader",
    "JsonDocumentOptions",
    "JsonDocumentReader",
    "JsonlOptions",
    "JsonlReader",
    "ParquetOptions",
    "ParquetReader",
    "RawBatch",
    "Reader",
    "Wanted",
    "XlsxOptions",
    "XlsxReader",
    "XmlOptions",
    "XmlReader",
    "open_csv",
    "open_json_document",
    "open_jsonl",
    "open_parquet",
    "open_xlsx",
    "open_xml",
    "safe_archive_check",
]
