"""Reads Parquet by row groups, every column as text: typed deliveries meet the same checks as all others.

Column types decide nothing here: a date column is read as ISO text and judged later by the declared type.
Text that is not valid UTF-8 makes its row a bad record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from almoner.intake.readers.batch import BadRecord, RawBatch, Wanted
from almoner.intake.readers.cells import row_as_json, text_column
from almoner.intake.readers.header import place_columns
from almoner.kernel.errors import DeliveryRefused

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_RESEND = "Ask the supplier to send it again."


@dataclass(frozen=True, slots=True)
class ParquetOptions:
    """How a Parquet file is read. `ignore`: columns allowed and not wanted."""

    ignore: Collection[str] = ()
    batch_rows: int = 65_536


def open_parquet(path: Path, wanted: Mapping[str, Wanted], options: ParquetOptions | None = None) -> ParquetReader:
    """Open a Parquet file and check its columns. Raises: DeliveryRefused if the whole can't be read."""
    return ParquetReader(Path(path), wanted, options or ParquetOptions())


class ParquetReader:
    """Reads one Parquet file; see `Reader`."""

    def __init__(self, path: Path, wanted: Mapping[str, Wanted], options: ParquetOptions) -> None:
        self._path, self._options = path, options
        self._rows = 0
        _check_magic(path)
        with self._open() as file:
            self._names = file.schema_arrow.names
        self._places = place_columns(self._names, wanted, options.ignore, path.name)

    @property
    def rows_in(self) -> int:
        """Give the records met so far."""
        return self._rows

    def read(self) -> Iterator[RawBatch | BadRecord]:
        """Give the records. Raises: DeliveryRefused where a part of the file is damaged."""
        self._rows = 0
        with self._open() as file:
            batches = file.iter_batches(self._options.batch_rows)
            while True:
                try:
                    batch = next(batches, None)
                except (pa.ArrowException, OSError):
                    raise self._damaged() from None
                if batch is None:
                    return
                yield from self._records(batch)

    def _records(self, batch: pa.RecordBatch) -> Iterator[RawBatch | BadRecord]:
        first = self._rows + 1
        self._rows += batch.num_rows
        texts, spoilt = self._texts(batch)
        bad = {row: self._undecodable(first + row, texts, row, values) for row, values in spoilt.items()}
        for index in (place for place in self._places.values() if place is not None):
            hits = pc.fill_null(pc.match_substring(texts[index], "\0"), False).to_numpy(zero_copy_only=False)
            for row in np.flatnonzero(hits).tolist():
                raw = row_as_json(self._names, texts, row)
                bad.setdefault(row, BadRecord(first + row, raw, self._names[index], "nul_byte", "a NUL character"))
        for row in sorted(bad):
            yield bad[row]
        kept = np.setdiff1d(np.arange(batch.num_rows), list(bad))
        if len(kept):
            yield self._batch(texts, kept, first)

    def _texts(self, batch: pa.RecordBatch) -> tuple[list[pa.Array], dict[int, dict[str, bytes]]]:
        """Give all columns as text, and by row the values that are none."""
        texts: list[pa.Array] = []
        spoilt: dict[int, dict[str, bytes]] = {}
        for name, column in zip(self._names, batch.columns, strict=True):
            valid, faults = _as_valid_text(column)
            texts.append(text_column(valid, name, self._path.name))
            for row, value in faults.items():
                spoilt.setdefault(row, {})[name] = value
        return texts, spoilt

    def _undecodable(self, position: int, texts: list[pa.Array], row: int, values: dict[str, bytes]) -> BadRecord:
        raw = row_as_json(self._names, texts, row, values)
        return BadRecord(position, raw, next(iter(values)), "undecodable", "bytes that are not UTF-8 text")

    def _batch(self, texts: list[pa.Array], kept: npt.NDArray[np.int64], first: int) -> RawBatch:
        names = self._names
        absent = pa.nulls(len(texts[0]), pa.string())
        columns = {name: absent if place is None else texts[place] for name, place in self._places.items()}
        table = pa.table(columns)
        if len(kept) < table.num_rows:
            table = table.take(pa.array(kept))
        return RawBatch(table, pa.array(kept + first), lambda row: row_as_json(names, texts, int(kept[row])))

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._path, pre_buffer=False, buffer_size=1 << 20)
        except (pa.ArrowException, OSError):
            raise self._damaged() from None

    def _damaged(self) -> DeliveryRefused:
        return DeliveryRefused("the Parquet file is truncated or damaged", where=self._path.name, todo=_RESEND)


def _check_magic(path: Path) -> None:
    where = path.name
    size = path.stat().st_size
    if not size:
        raise DeliveryRefused("the file is empty (0 bytes)", where=where, todo=_RESEND)
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(max(0, size - 4))
        end = file.read(4)
    if _ENCRYPTED in (start, end):
        raise DeliveryRefused("the Parquet file is encrypted", where=where, todo="Ask the supplier for a plain one.")
    if start != _MAGIC:
        raise DeliveryRefused("the file is not a Parquet file", where=where, todo="Declare its real format.")
    if end != _MAGIC or size < 12:
        raise DeliveryRefused("the Parquet file is truncated: its end is missing", where=where, todo=_RESEND)


def _as_valid_text(column: pa.Array) -> tuple[pa.Array, dict[int, bytes]]:
    """Give bytes as text, and by row those which are none (NULL in the text). Columns of other types pass."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    if not (binary or pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column, {}
    as_bytes = column.cast(pa.large_binary())
    try:
        return as_bytes.cast(pa.large_string()), {}
    except pa.ArrowInvalid:
        values = as_bytes.to_pylist()
    faults = {row: value for row, value in enumerate(values) if value is not None and not _decodes(value)}
    texts = [None if value is None or row in faults else value.decode() for row, value in enumerate(values)]
    return pa.array(texts, pa.large_string()), faults


def _decodes(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
