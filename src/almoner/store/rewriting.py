"""Writes files of the lake anew without some of what they hold. The old file goes once the catalogue names it no more.

It must never change a file in place: readers hold it, and a crash would leave half of it. A file in which nothing has
to change is not touched, so that the cost is that of what is disposed of.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almoner.store.catalogue import PartFile
from almoner.store.lake import Lake

RowIds = npt.NDArray[np.int64]
"""Row ids in rising order, each once."""
Change = Callable[[pa.Table], pa.Table]
"""What becomes of a few rows: fewer of them, or other values. Never other columns."""


def row_ids(values: Sequence[int] | RowIds) -> RowIds:
    """Give row ids in rising order, each once."""
    return np.unique(np.asarray(values, dtype=np.int64))


def may_hold(lake: Lake, file: PartFile, lock: str, rows: RowIds) -> bool:
    """Tell from a file's footer whether it can hold any of some rows."""
    spans = lake.parquet.outline(lake.folder / file.path, lock).spans
    return any(np.searchsorted(rows, low) < np.searchsorted(rows, high, side="right") for low, high in spans)


def rewritten(lake: Lake, file: PartFile, lock: str, folder: str, change: Change) -> PartFile | None:
    """Write a file of a part anew, into a folder of the lake.

    Out: the new file; the old one where nothing changed; None where no row is left. The catalogue names it later.
    """
    path = lake.folder / file.path
    if all(change(table) is table for table in lake.parquet.groups(path, lock)):
        return file  # reading it costs a third of writing it
    outline = lake.parquet.outline(path, lock)
    name = f"{file.part.partition(':')[0]}-{secrets.token_hex(8)}.parquet"
    writer = lake.parquet.writer(lake.folder / folder / name, outline.schema, lock, coded=outline.coded)
    try:
        for table in lake.parquet.groups(path, lock):
            kept = change(table)
            if kept.num_rows:
                writer.write(kept)
        if not writer.rows:
            writer.abandon()
            return None
        return PartFile(file.part, str(writer.path.relative_to(lake.folder)), writer.rows, writer.close())
    except BaseException:
        writer.abandon()
        raise


def without_rows(rows: RowIds) -> Change:
    """Make the change that takes rows away by their row ids."""

    def change(table: pa.Table) -> pa.Table:
        gone = among(table.column("row_id"), rows)
        return table.filter(pa.array(~gone)) if gone.any() else table

    return change


def among(column: pa.ChunkedArray, numbers: RowIds) -> npt.NDArray[np.bool_]:
    """Say of each number of a column whether it is among some, which stand in rising order."""
    values = column.to_numpy()
    if not len(numbers):
        return np.zeros(len(values), bool)
    places = np.minimum(np.searchsorted(numbers, values), len(numbers) - 1)
    return np.asarray(numbers[places] == values)
