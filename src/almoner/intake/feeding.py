"""Feeds a reader's batches to the engine as one stream, and remembers them until their rows have come out again.

One query then serves a whole file: the plan's thousands of expressions are prepared once, not once a batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.intake.readers import BadRecord, RawBatch, Reader
from almoner.registry.datasets import Dataset


class FileFeed:
    """One file on its way through the engine."""

    def __init__(
        self, dataset: Dataset, reader: Reader, offset: int, look: Callable[[pa.Table], None] | None = None
    ) -> None:
        self._reader = reader
        self._offset = offset
        self._look = look
        self._names = [column.source_name for column in dataset.columns.values()]
        self._schema = pa.schema(
            [*((name, pa.string()) for name in dict.fromkeys(self._names)), ("position", pa.int64())]
        )
        self._held: list[tuple[npt.NDArray[np.int64], RawBatch, int]] = []
        self._bad: list[BadRecord] = []
        self._lock = threading.Lock()
        self.error: BaseException | None = None
        """What the reader raised while the engine was pulling: the engine would only say that a stream failed."""

    def stream(self) -> pa.RecordBatchReader:
        """Give the stream that the engine pulls: trimmed text columns and `position`."""
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for item in self._reader.read():
                if isinstance(item, BadRecord):
                    with self._lock:
                        self._bad.append(item)
                    continue
                positions = pc.add(item.positions, self._offset) if self._offset else item.positions
                with self._lock:
                    self._held.append((positions.to_numpy(), item, len(item)))
                if self._look is not None:
                    self._look(item.table)
                table = trimmed(item.table).append_column("position", positions).select(self._schema.names)
                yield from table.combine_chunks().to_batches()
        except BaseException as error:
            self.error = error
            raise

    def take_bad(self) -> list[BadRecord]:
        """Take the bad records met since the last call."""
        with self._lock:
            bad, self._bad = self._bad, []
        return bad

    def raw(self, position: int) -> bytes:
        """Give the bytes of a row that the engine has been fed and not yet given back for good."""
        with self._lock:
            held = list(self._held)
        for positions, batch, _ in held:
            index = int(np.searchsorted(positions, position))
            if index < len(positions) and positions[index] == position:
                return batch.raw(index)
        raise LookupError(position)

    def release(self, positions: npt.NDArray[np.int64]) -> None:
        """Forget the batches all of whose rows have come out."""
        with self._lock:
            left = []
            for own, batch, count in self._held:
                count -= int(np.count_nonzero((positions >= own[0]) & (positions <= own[-1]))) if len(own) else 0
                if count > 0:
                    left.append((own, batch, count))
            self._held = left


def trimmed(batch: pa.Table) -> pa.Table:
    """Take white space off both ends of every value; what is left empty is NULL. Arrow does it fastest."""
    columns = []
    for column in batch.columns:
        bare = pc.utf8_trim_whitespace(column)
        columns.append(pc.if_else(pc.equal(bare, ""), None, bare))
    return pa.table(columns, names=batch.column_names)
