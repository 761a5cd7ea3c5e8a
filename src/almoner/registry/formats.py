"""How a supplier's files look: declared, never guessed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from almoner.registry.declared import Declared

Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1"]


class CsvFormat(Declared):
    """Delimited text."""

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: Encoding = "utf-8"
    quote: str = Field(default='"', max_length=1)
    header_row: int = Field(default=1, ge=1)
    footer: str | None = Field(default=None, description="A pattern: a last record that matches is not data.")
    compression: Literal["none", "gzip"] = "none"


class XlsxFormat(Declared):
    """One sheet of a workbook."""

    sheet: str
    header_row: int | Literal["find"] = 1
    footer: str | None = None


class JsonLinesFormat(Declared):
    """One JSON object a line, in UTF-8."""


class JsonFormat(Declared):
    """One JSON document that holds a list of records (GeoJSON: records = "features")."""

    records: str


class XmlFormat(Declared):
    """A repeated element."""

    record: str
    namespace: str = ""


class ParquetFormat(Declared):
    """Apache Parquet."""


class Format(Declared):
    """Exactly one of the formats, and the date formats that its text columns use."""

    csv: CsvFormat | None = None
    xlsx: XlsxFormat | None = None
    jsonl: JsonLinesFormat | None = None
    json_document: JsonFormat | None = Field(default=None, alias="json")
    xml: XmlFormat | None = None
    parquet: ParquetFormat | None = None
    dates: tuple[str, ...] = Field(default=("%Y-%m-%d",), description="strptime formats; nothing else is a date.")

    @model_validator(mode="before")
    @classmethod
    def _one_or_many_dates(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("dates"), str):
            return {**value, "dates": (value["dates"],)}
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Format:
        kinds = (self.csv, self.xlsx, self.jsonl, self.json_document, self.xml, self.parquet)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("a format names exactly one of csv, xlsx, jsonl, json, xml, parquet")
        return self
