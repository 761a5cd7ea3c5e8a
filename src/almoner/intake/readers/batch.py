"""The shape that every reader gives: batches of text columns, and the records that could not be read.

A position is the record's number in the file (from 1, header not counted). A bad record uses up its number,
so that positions always equal the file's own. Messages never hold a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

RECORD_CAP_BYTES = 1 << 20
"""A longer record is a fault of the file (a quote never closed, a line end lost)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Says how a source column is wanted: a required one must be there, another reads as NULL if absent."""

    required: bool = True


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that could not be read. `raw`, its bytes (at most RECORD_CAP_BYTES), stays out of reprs."""

    position: int
    raw: bytes = field(repr=False)
    column: str | None
    code: str
    message: str


class RawBatch:
    """Holds records as text: `table` has a string column per wanted column, `positions` an int64 per row."""

    __slots__ = ("_raw", "positions", "table")

    def __init__(self, table: pa.Table, positions: pa.Array, raw: Callable[[int], bytes]) -> None:
        self.table = table
        self.positions = positions
        self._raw = raw

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def raw(self, row: int) -> bytes:
        """Give the record behind a row of the table: its bytes in the file, without the line end."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        return self._raw(row)


class Reader(Protocol):
    """Reads one file. A refusal of the whole file (DeliveryRefused) may come at any step of the iteration."""

    @property
    def rows_in(self) -> int:
        """Give the records met so far, good and bad: all of the file's once `read` is exhausted."""
        ...

    def read(self) -> Iterator[RawBatch | BadRecord]:
        """Give the file's records in order of position (a batch's bad records come before the batch)."""
        ...
