"""Gathers what a reader gives into lots worth writing: a row group each, whatever the reader's own batches are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almoner.intake.readers import BadRecord, RawBatch, Reader

Item = TypeVar("Item")
_END = object()

LOT_ROWS = 60_000
"""From so many rows on a lot is full. The CSV reader's blocks hold about 80,000."""


@dataclass(frozen=True)
class Lot:
    """Rows of one file as text, and the records among them that could not be read."""

    table: pa.Table
    positions: npt.NDArray[np.int64]
    """The number of each row in the delivery, from 1, rising."""
    bad: tuple[tuple[int, BadRecord], ...]
    """Those that could not be read, with their number in the delivery."""
    batches: tuple[RawBatch, ...]

    def raw(self, row: int) -> bytes:
        """Give the bytes of a row of the table."""
        for batch in self.batches:
            if row < len(batch):
                return batch.raw(row)
            row -= len(batch)
        raise IndexError(row)


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Give items, making the next in a thread while one is used."""
    source = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as worker:
        upcoming = worker.submit(next, source, _END)
        while (item := upcoming.result()) is not _END:
            upcoming = worker.submit(next, source, _END)
            yield item  # type: ignore[misc]


def lots(reader: Reader, offset: int) -> Iterator[Lot]:
    """Read a file lot by lot. In: offset = the rows of the delivery's files before it."""
    batches: list[RawBatch] = []
    bad: list[tuple[int, BadRecord]] = []
    rows = 0
    for item in reader.read():
        if isinstance(item, BadRecord):
            bad.append((offset + item.position, item))
            continue
        batches.append(item)
        rows += len(item)
        if rows >= LOT_ROWS:
            yield _lot(batches, bad, offset)
            batches, bad, rows = [], [], 0
    if batches or bad:
        yield _lot(batches, bad, offset)


def _lot(batches: list[RawBatch], bad: list[tuple[int, BadRecord]], offset: int) -> Lot:
    tables = [batch.table for batch in batches]
    positions = [batch.positions.to_numpy() + offset for batch in batches]
    return Lot(
        table=pa.concat_tables(tables) if tables else pa.table({}),
        positions=np.concatenate(positions) if positions else np.empty(0, np.int64),
        bad=tuple(bad),
        batches=tuple(batches),
    )
