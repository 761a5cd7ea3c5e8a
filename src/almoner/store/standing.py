"""A SELECT that stays open and is fed with texts, lot after lot.

Preparing the long expressions of standardisation, and setting up their patterns, costs more than applying them to a few
thousand texts. So one query per expression runs over a stream that never ends: each lot goes in, and its rows come
out. The engine gives a result only once it has a batch full, so the stream ends each lot with rows that mean
nothing. It runs in the caller's thread, and holds no table.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

from almoner.kernel.errors import CalculationError
from almoner.store.exhaustion import memory_ran_out, out_of_memory

FED = "fed"
"""The view that the SELECT reads: `i`, which it must give back as its first column, and `v`, a text."""

_BATCH = 8192
_SCHEMA = pa.schema([("i", pa.int64()), ("v", pa.string())])
_MEANS_NOTHING = -1
_EACH_TIME = 64
"""The engine asks for some fifty batches before it gives a result: one full of filling is enough among so many."""


def _filling(rows: int) -> pa.RecordBatch:
    return pa.record_batch([pa.array([_MEANS_NOTHING] * rows, pa.int64()), pa.nulls(rows, pa.string())], schema=_SCHEMA)


_FULL, _LEAST = _filling(_BATCH), _filling(1)


class StandingQuery:
    """One open SELECT. Several threads may use it, one after the other.

    failed: it gave an error, or was left in the middle; it can't be fed again, and is to be closed and opened anew.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
        self._cursor = cursor
        self._lock = threading.Lock()
        self._waiting: deque[pa.RecordBatch] = deque()
        self._asked = 0
        self._closed = False
        self.failed = False
        cursor.register(FED, pa.RecordBatchReader.from_batches(_SCHEMA, self._feed()))
        self._results = cursor.sql(sql).to_arrow_reader(_BATCH)

    def of(self, texts: pa.Array) -> pa.Table:
        """Give the SELECT's columns, without `i`, for each text, in their order.

        Raises: CalculationError where the SELECT fails or does not give a row for each; ResourceExhausted.
        """
        count = len(texts)
        with self._lock:
            if self.failed:
                raise CalculationError("A standing query was fed after it had failed.")
            self.failed = True  # until the last row is here: what is left in it would come for the next texts
            table = self._given(texts, count)
            self.failed = False
        return table.drop_columns(["i"])

    def _given(self, texts: pa.Array, count: int) -> pa.Table:
        self._asked = 0
        if count:
            self._waiting.append(pa.record_batch([pa.array(np.arange(count)), texts], schema=_SCHEMA))
        tables: list[pa.RecordBatch] = []
        given = 0
        while given < count:
            batch = self._next()
            meant = int(np.count_nonzero(batch.column(0).to_numpy() != _MEANS_NOTHING))
            if meant:  # filling follows what was fed, or stands before it
                first = int(np.argmax(batch.column(0).to_numpy() != _MEANS_NOTHING))
                tables.append(batch.slice(first, meant))
                given += meant
        table = pa.Table.from_batches(tables, schema=self._results.schema)
        if not np.array_equal(table.column(0).to_numpy(), np.arange(count)):
            raise CalculationError("A standing query gave other rows than it was fed.")
        return table

    def _next(self) -> pa.RecordBatch:
        try:
            return self._results.read_next_batch()
        except (StopIteration, OSError, MemoryError, duckdb.Error, pa.ArrowException) as error:
            if out_of_memory(error):
                raise memory_ran_out("standardising what was delivered") from None
            raise CalculationError(
                f"A standing query failed: {type(error).__name__}.",
                why="The engine could not standardise what it was fed.",
                todo="If the registry was changed, run 'almoner check'; otherwise report this.",
            ) from None

    def _feed(self) -> Iterator[pa.RecordBatch]:
        while not self._closed:
            if self._waiting:
                yield self._waiting.popleft()
                self._asked = 0
            else:
                yield _FULL if self._asked % _EACH_TIME == 0 else _LEAST
                self._asked += 1

    def close(self) -> None:
        """End the query."""
        self._closed = True
        self._results.close()
        self._cursor.close()
