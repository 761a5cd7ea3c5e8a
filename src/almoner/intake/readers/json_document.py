"""Reads one JSON document that holds a list of records, such as the features of a GeoJSON file.

Meant for small published files: the document is read whole. A value that is an object or a list comes out
as its JSON text, so that a geometry stays what it is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from almoner.intake.readers.batch import BadRecord, RawBatch, Wanted
from almoner.kernel.errors import DeliveryRefused

LARGEST_BYTES = 512 << 20
"""A document is held in memory whole; a larger one should come as JSON lines."""


@dataclass(frozen=True, slots=True)
class JsonDocumentOptions:
    """`records`: the key of the list. `ignore`: dotted paths allowed and not wanted."""

    records: str
    ignore: Collection[str] = ()


def open_json_document(path: Path, wanted: Mapping[str, Wanted], options: JsonDocumentOptions) -> JsonDocumentReader:
    """Open a JSON document. `wanted` is keyed by dotted path."""
    return JsonDocumentReader(Path(path), wanted, options)


class JsonDocumentReader:
    """Reads one JSON document; see `Reader`."""

    def __init__(self, path: Path, wanted: Mapping[str, Wanted], options: JsonDocumentOptions) -> None:
        self._path, self._wanted, self._options = path, wanted, options
        self._rows = 0
        self._records = self._parse()

    @property
    def rows_in(self) -> int:
        """Give the records met so far."""
        return self._rows

    def read(self) -> Iterator[RawBatch | BadRecord]:
        """Give the records."""
        self._rows = 0
        positions, rows = [], []
        for position, record in enumerate(self._records, start=1):
            self._rows += 1
            if isinstance(record, dict):
                positions.append(position)
                rows.append(record)
            else:
                yield BadRecord(position, _text(record).encode(), None, "not_an_object", "a record that is no object")
        self._check_columns(rows)
        columns = {name: pa.array([_pick(row, name) for row in rows], pa.string()) for name in self._wanted}
        if rows:
            yield RawBatch(pa.table(columns), pa.array(positions, pa.int64()), lambda i: _text(rows[i]).encode())

    def _parse(self) -> list[Any]:
        refused = None
        try:
            if self._path.stat().st_size > LARGEST_BYTES:
                refused = f"the document is larger than {LARGEST_BYTES >> 20} MB"
            else:
                document = json.loads(self._path.read_bytes())
                records = document.get(self._options.records) if isinstance(document, dict) else None
                if isinstance(records, list):
                    return records
                refused = f"it has no list '{self._options.records}'"
        except (ValueError, RecursionError):
            refused = "it is not one whole JSON document: it may be cut off"
        raise DeliveryRefused(
            f"The file can't be read: {refused}.",
            where=self._path.name,
            todo="Ask the supplier to send it again.",
        )

    def _check_columns(self, rows: list[dict[str, Any]]) -> None:
        found = {path for row in rows for path in _paths(row, "", set(self._wanted))}
        extra = sorted(found - set(self._wanted) - set(self._options.ignore))
        present = {name for name in self._wanted if any(_pick(row, name) is not None for row in rows)}
        missing = sorted(n for n, wanted in self._wanted.items() if wanted.required and n not in present and rows)
        if extra or missing:
            told = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"not declared: {', '.join(extra)}"] * bool(
                extra
            )
            raise DeliveryRefused(
                f"The records have other keys than those declared ({'; '.join(told)}).",
                where=self._path.name,
                todo="Declare them as columns; to leave keys out, list them at the feed: ignore = [...]."
                if extra
                else "Ask the supplier for the declared layout, or change the dataset's columns in the registry.",
            )


def _paths(value: dict[str, Any], prefix: str, wanted: set[str]) -> Iterator[str]:
    for key, each in value.items():
        path = f"{prefix}{key}"
        if isinstance(each, dict) and path not in wanted:
            yield from _paths(each, path + ".", wanted)
        else:
            yield path


def _pick(record: dict[str, Any], path: str) -> str | None:
    value: Any = record
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return None if value is None or value == "" else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
