"""Reads delimited text in blocks: framed exactly, then parsed by Arrow, so that speed costs no strictness.

Arrow parses only whole blocks of records whose extent the framing has settled. When Arrow objects to a
record, the framing says which ones have the wrong number of fields; they come out as bad records and the
rest is parsed again. Memory holds a few blocks, whatever the size of the file. No value is changed, and
none is put in a message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from almoner.intake.readers.batch import RECORD_CAP_BYTES, BadRecord, RawBatch, Wanted
from almoner.intake.readers.csv_framing import Frame, Framing, Positions
from almoner.intake.readers.csv_header import CsvHeader, read_header
from almoner.intake.readers.csv_options import CsvOptions
from almoner.intake.readers.footer import Footer
from almoner.kernel.errors import CalculationError

_PARSE_BYTES = 2 << 20  # Arrow's unit of work: it must be above the record cap
_MESSAGES = {
    "undecodable": "bytes that the declared encoding does not have",
    "nul_byte": "a NUL byte",
    "unterminated_quote": "a quote opens a field and is never closed",
    "malformed_quote": "text follows a closing quote",
    "oversized_record": f"longer than {RECORD_CAP_BYTES} bytes, the most that a record may have",
}


@dataclass(slots=True)
class _Block:
    """Whole records, framed; parsed by a worker while the block before is used."""

    data: bytes
    frame: Frame
    final: bool
    parsed: Future[tuple[pa.Table, Positions | None]] | None = None


def open_csv(path: Path, wanted: Mapping[str, Wanted], options: CsvOptions | None = None) -> CsvReader:
    """Open a delimited file and check its header. Raises: DeliveryRefused if the whole can't be read."""
    return CsvReader(Path(path), wanted, options or CsvOptions())


class CsvReader:
    """Reads one delimited file; see `Reader`."""

    def __init__(self, path: Path, wanted: Mapping[str, Wanted], options: CsvOptions) -> None:
        self._path = path
        self._options = options
        self._header: CsvHeader = read_header(path, wanted, options)
        self._framing = Framing(options.delimiter, options.quote)
        self._footer = Footer(options.footer, path.name)
        self._rows = 0
        self._charset = self._header.charset()

    @property
    def rows_in(self) -> int:
        """Give the records met so far."""
        return self._rows

    @property
    def header(self) -> tuple[str, ...]:
        """Name the file's columns in its order, so that a single record of it can be read again."""
        return tuple(self._header.names)

    def read(self) -> Iterator[RawBatch | BadRecord]:
        """Give the records, block by block; while one block is used, the next is parsed."""
        self._rows = 0
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="csv") as worker:
            before: _Block | None = None
            for block in self._blocks():
                block.parsed = worker.submit(self._parse, block)
                if before is not None:
                    yield from self._records(before)
                before = block
            if before is not None:
                yield from self._records(before)
        self._footer.check(self._rows)

    def _blocks(self) -> Iterator[_Block]:
        """Cut the file into blocks of whole records."""
        self._charset = self._header.charset()
        rest = b""
        for text, final in self._texts():
            data = rest + text
            frame = self._framing.frame(data, final)
            if self._footer.pattern:
                self._hold_last(data, frame, final)
            if len(frame):
                self._find_bad_bytes(data, frame)
                yield _Block(data, frame, final)
            rest = _without_endless_line(data[frame.cut :])

    def _texts(self) -> Iterator[tuple[bytes, bool]]:
        """Give the file as UTF-8 from the first record on, each piece with whether it is the last."""
        skip = self._header.length
        with self._path.open("rb") as file:
            file.seek(self._charset.mark)
            chunk = file.read(self._options.block_bytes)
            while True:
                following = file.read(self._options.block_bytes)
                text = self._charset.to_utf8(chunk, not following)
                yield text[skip:], not following
                if not following:
                    return
                skip = max(0, skip - len(text))
                chunk = following

    def _hold_last(self, data: bytes, frame: Frame, final: bool) -> None:
        """Keep the last record for the next block: only at the end is it known whether it is the footer."""
        if not len(frame):
            return
        start = int(frame.starts[-1])
        if not final:
            frame.drop_last(start)
        elif self._footer.matches(data[start : int(frame.ends[-1])].decode("utf-8", "replace")):
            frame.drop_last(len(data))

    def _records(self, block: _Block) -> Iterator[RawBatch | BadRecord]:
        assert block.parsed is not None
        table, counts = block.parsed.result()
        frame = block.frame
        good = _good_records(frame)

        def raw(row: int) -> bytes:
            return self._raw(block, int(good[row]))

        for record in sorted(frame.faults):
            yield self._bad(block, record, counts)
        first = self._rows + 1
        self._rows += len(frame)
        if len(good):
            yield RawBatch(table, pa.array(good + first), raw)

    def _raw(self, block: _Block, record: int) -> bytes:
        """Give a record's bytes in the file, of one beyond the cap its beginning."""
        data, start, end = block.data, int(block.frame.starts[record]), int(block.frame.ends[record])
        if end - start > RECORD_CAP_BYTES:
            end = start + RECORD_CAP_BYTES
            while 0x80 <= data[end] < 0xC0:  # never cut a character in two
                end -= 1
        return self._charset.original(data[start:end], block.final and end == len(data))

    def _bad(self, block: _Block, record: int, counts: Positions | None) -> BadRecord:
        names = self._header.names
        code = block.frame.faults[record]
        column = None
        message = _MESSAGES.get(code, "")
        if code == "field_count" and counts is not None:
            message = f"{len(names)} fields expected, {counts[record]} found"
        elif code in ("undecodable", "nul_byte"):
            fields = self._framing.split(block.data[block.frame.starts[record] : block.frame.ends[record]])
            spoilt = [i for i, value in enumerate(fields) if b"\0" in value or not _decodes(value)]
            if len(fields) == len(names) and spoilt:
                column = names[spoilt[0]]
        return BadRecord(self._rows + 1 + record, self._raw(block, record), column, code, message)

    def _find_bad_bytes(self, data: bytes, frame: Frame) -> None:
        """Mark the records that hold a NUL or bytes which are not text."""
        octets = np.frombuffer(data, dtype=np.uint8, count=frame.cut)
        if b"\0" in data:
            for record in _records_at(frame, np.flatnonzero(octets == 0)):
                frame.faults.setdefault(record, "nul_byte")
        if data.isascii() or _all_utf8(data, frame.cut):
            return
        for record in _records_at(frame, np.flatnonzero(octets >= 0x80)):
            if not _decodes(data[frame.starts[record] : frame.ends[record]]):
                frame.faults.setdefault(record, "undecodable")

    def _parse(self, block: _Block) -> tuple[pa.Table, Positions | None]:
        """Parse the good records; those with a wrong number of fields become faults on the way."""
        data, frame = block.data, block.frame
        try:
            return self._parse_good(data, frame), None
        except pa.ArrowInvalid:
            counts = self._framing.count_fields(data, frame)
        for record in np.flatnonzero(counts != len(self._header.names)):
            frame.faults.setdefault(int(record), "field_count")
        try:
            return self._parse_good(data, frame), counts
        except pa.ArrowInvalid:  # its message quotes the record: it must not be chained
            raise CalculationError(
                "the CSV parser refuses records that the framing takes to be whole", where=self._path.name
            ) from None

    def _parse_good(self, data: bytes, frame: Frame) -> pa.Table:
        expected = len(frame) - len(frame.faults)
        names = [f"c{index}" for index in range(len(self._header.names))]
        places = self._header.places
        present = sorted({index for index in places.values() if index is not None}) or [0]
        if expected:
            table = pa.csv.read_csv(
                pa.BufferReader(_good_bytes(data, frame)),
                read_options=pa.csv.ReadOptions(column_names=names, block_size=_PARSE_BYTES, use_threads=False),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self._options.delimiter,
                    quote_char=self._options.quote or False,
                    newlines_in_values=frame.several_lines,
                ),
                convert_options=pa.csv.ConvertOptions(
                    check_utf8=False,  # settled by _find_bad_bytes
                    column_types={names[index]: pa.string() for index in present},
                    include_columns=[names[index] for index in present],
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
            if table.num_rows != expected:
                raise CalculationError("the CSV parser and the framing count differently", where=self._path.name)
        else:
            table = pa.table({names[index]: pa.array([], pa.string()) for index in present})
        absent = pa.nulls(table.num_rows, pa.string())
        columns = [absent if index is None else table[names[index]] for index in places.values()]
        return pa.table(dict(zip(places, columns, strict=True)))


def _without_endless_line(rest: bytes) -> bytes:
    """Of an unfinished line beyond the cap keep just enough to find it too long: memory stays bounded."""
    line = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
    return rest[: line + RECORD_CAP_BYTES + 1] if len(rest) - line > RECORD_CAP_BYTES else rest


def _decodes(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _all_utf8(data: bytes, length: int) -> bool:
    """Say whether a block is valid UTF-8, without making a string of it."""
    offsets = pa.py_buffer(np.array([0, length], dtype=np.int32))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _records_at(frame: Frame, positions: Positions) -> list[int]:
    """Give the records (each once) in which the bytes at these positions lie."""
    return np.unique(np.searchsorted(frame.starts, positions, side="right") - 1).tolist()


def _good_records(frame: Frame) -> Positions:
    good = np.ones(len(frame), dtype=bool)
    good[list(frame.faults)] = False
    return np.flatnonzero(good)


def _good_bytes(data: bytes, frame: Frame) -> pa.Buffer:
    """Give the bytes of the good records: the block itself where all are."""
    if not frame.faults:
        return pa.py_buffer(data)[: int(frame.ends[-1])]
    pieces, first = [], 0
    for record in [*sorted(frame.faults), len(frame)]:
        if record > first:
            pieces.append(data[frame.starts[first] : frame.ends[record - 1]])
        first = record + 1
    return pa.py_buffer(b"\n".join(pieces))
