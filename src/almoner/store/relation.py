"""What a read gives: columns and rows. Not a connection in disguise: nothing else can be reached from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa


class Relation:
    """The result of a permitted read: a stream of record batches, read once."""

    __slots__ = ("_batches", "_schema", "event")

    def __init__(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch], event: int = 0) -> None:
        self._schema = schema
        self._batches = batches
        self.event = event
        """The sequence number of the audit event that let it through."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns in order."""
        return tuple(self._schema.names)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches; a second call yields what is left."""
        yield from self._batches

    def to_arrow(self) -> pa.Table:
        """Take all rows as one table."""
        return pa.Table.from_batches(list(self._batches), schema=self._schema)

    def rows(self) -> list[dict[str, Any]]:
        """Take all rows as dictionaries, for small results."""
        return list(self.to_arrow().to_pylist())

    def one(self) -> dict[str, Any] | None:
        """Take the first row, if there is one."""
        for batch in self._batches:
            if batch.num_rows:
                return dict(batch.slice(0, 1).to_pylist()[0])
        return None

    def count(self) -> int:
        """Count the rows, taking them."""
        return sum(batch.num_rows for batch in self._batches)
