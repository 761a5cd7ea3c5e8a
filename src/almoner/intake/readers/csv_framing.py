"""Finds where the records of a block of CSV begin and end: exactly as RFC 4180 says, by array code.

A quote opens only at the start of a field, a doubled quote inside is a quote, and a closing quote is
followed by a delimiter or a line end. A field that breaks this costs its own physical line and no more:
reading resumes on the next one. A record's extent never depends on where a block was cut. This module never
looks at a value.

Every CR and LF counts as a line end of its own: the empty line inside a CRLF is blank, and blank lines are
no records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from almoner.intake.readers.batch import RECORD_CAP_BYTES

Positions = npt.NDArray[np.int64]
_LF, _CR = 10, 13


@dataclass(slots=True)
class Frame:
    """The records of a block: where they start and end (line end excluded), and whose quotes are faulty."""

    starts: Positions
    ends: Positions
    cut: int  # bytes dealt with: the rest belongs to the next block
    several_lines: bool = False  # some record holds a line end inside quotes
    faults: dict[int, str] = field(default_factory=dict)  # index of record -> code
    field_counts: dict[int, int] = field(default_factory=dict)  # of the records with unusual quotes

    def __len__(self) -> int:
        return len(self.starts)

    def drop_last(self, cut: int) -> None:
        """Take the last record out of the frame."""
        last = len(self) - 1
        self.starts, self.ends, self.cut = self.starts[:-1], self.ends[:-1], cut
        self.faults.pop(last, None)
        self.field_counts.pop(last, None)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a record reaches: `fault` is a code, `end` is None where the block ends before it."""

    end: int | None
    fields: int = 0
    fault: str | None = None


class Framing:
    """Frames blocks of one dialect. Delimiter and quote are single ASCII characters."""

    def __init__(self, delimiter: str, quote: str | None, cap: int = RECORD_CAP_BYTES) -> None:
        self.cap = cap
        self.delimiter = ord(delimiter)
        self.quote = None if quote is None else ord(quote)
        stop = re.escape(delimiter)
        self._plain_end = re.compile(f"[{stop}\r\n]".encode())
        mark = re.escape(quote or "")
        self._quoted = re.compile(f"{mark}(?:[^{mark}]++|{mark}{mark})*+{mark}".encode()) if quote else None
        self._ends_field = np.zeros(256, dtype=bool)
        self._ends_field[[self.delimiter, _LF, _CR]] = True

    def frame(self, data: bytes, final: bool) -> Frame:
        """Find the records of a block that begins with one. In: `final` = the file ends with this block."""
        octets = np.frombuffer(data, dtype=np.uint8)
        breaks = _line_ends(octets, data)
        if self.quote is None or self.quote not in data:
            return self._by_breaks(data, breaks, final, several_lines=False)
        quotes = np.flatnonzero(octets == self.quote)
        if self._all_regular(octets, quotes):
            outside = (np.searchsorted(quotes, breaks) & 1) == 0
            frame = self._by_breaks(data, breaks[outside], final, several_lines=not outside.all())
            tail_open = len(quotes) % 2 == 1 and (final or len(data) - frame.cut > self.cap)
            if not tail_open and not self._too_long_over_lines(frame):
                return frame
        return self._by_lines(data, octets, breaks, quotes, final)

    def extent(self, data: bytes, start: int, final: bool) -> Extent:
        """Follow one record field by field from `start` to its end."""
        limit = min(len(data), start + self.cap + 1)
        position, fields = start, 1
        while True:
            if self._quoted is not None and data[position : position + 1] == bytes([self.quote or 0]):
                closed = self._quoted.match(data, position, limit)
                if closed is None:
                    return self._unfinished(data, limit, final)
                end = closed.end()
                if end < len(data) and data[end] not in (self.delimiter, _LF, _CR):
                    lines = data.find(b"\n", start, end) + data.find(b"\r", start, end)
                    return Extent(end, fields, "malformed_quote" if lines == -2 else "unterminated_quote")
            else:
                stop = self._plain_end.search(data, position, limit)
                end = stop.start() if stop else limit
            if end == len(data) and not final:
                return Extent(None)
            if end - start > self.cap:
                return Extent(end, fields, "oversized_record")
            if end == len(data):
                return Extent(end, fields)
            if data[end] != self.delimiter:
                return Extent(end, fields)
            position, fields = end + 1, fields + 1

    def _unfinished(self, data: bytes, limit: int, final: bool) -> Extent:
        if limit == len(data) and not final:
            return Extent(None)
        return Extent(limit, 0, "unterminated_quote")

    def count_fields(self, data: bytes, frame: Frame) -> Positions:
        """Count the fields of every record (of a faulty one: anything)."""
        octets = np.frombuffer(data, dtype=np.uint8, count=frame.cut)
        delimiters = np.flatnonzero(octets == self.delimiter)
        record = np.searchsorted(frame.starts, delimiters, side="right") - 1
        if self.quote is not None and self.quote in data:
            quotes = np.flatnonzero(octets == self.quote)
            before_record = np.searchsorted(quotes, frame.starts)
            inside = (np.searchsorted(quotes, delimiters) - before_record[record]) & 1
            record = record[inside == 0]
        counts = np.bincount(record, minlength=len(frame)).astype(np.int64) + 1
        for index, fields in frame.field_counts.items():
            counts[index] = fields
        return counts

    def split(self, record: bytes) -> list[bytes]:
        """Split one whole record into its fields, quotes kept (for error reports: not the fast path)."""
        fields, position = [], 0
        while True:
            closed = self._quoted.match(record, position) if self._quoted else None
            stop = self._plain_end.search(record, closed.end() if closed else position)
            end = stop.start() if stop else len(record)
            fields.append(record[position:end])
            if end == len(record):
                return fields
            position = end + 1

    def _all_regular(self, octets: npt.NDArray[np.uint8], quotes: Positions) -> bool:
        """Say whether every first quote opens a field or ends a pair, every second closes or begins one."""
        adjacent = np.diff(quotes) == 1
        opening, closing = quotes[0::2], quotes[1::2]
        good = self._ends_field.take(octets.take(opening - 1, mode="wrap"))
        good[0] |= opening[0] == 0
        good[1:] |= adjacent[1::2]
        if not good.all():
            return False
        good = self._ends_field.take(octets.take(closing + 1, mode="clip"))
        if len(closing) and closing[-1] == len(octets) - 1:
            good[-1] = True
        good[: len(adjacent[1::2])] |= adjacent[1::2]
        return bool(good.all())

    def _by_breaks(self, data: bytes, breaks: Positions, final: bool, several_lines: bool) -> Frame:
        tail = int(breaks[-1]) + 1 if len(breaks) else 0
        if final and tail < len(data):
            breaks, tail = np.append(breaks, len(data)), len(data)
        starts = np.empty_like(breaks)
        starts[:1] = 0
        starts[1:] = breaks[:-1] + 1
        blank = starts == breaks
        if blank.any():
            starts, breaks = starts[~blank], breaks[~blank]
        frame = Frame(starts, breaks, tail, several_lines)
        for index in np.flatnonzero(breaks - starts > self.cap):
            frame.faults[int(index)] = "oversized_record"
        return frame

    def _too_long_over_lines(self, frame: Frame) -> bool:
        """Say whether quotes join lines to more than the cap: then they are taken to be unbalanced."""
        return frame.several_lines and bool(frame.faults)

    def _by_lines(
        self, data: bytes, octets: npt.NDArray[np.uint8], breaks: Positions, quotes: Positions, final: bool
    ) -> Frame:
        """Take each physical line as a record, and follow only those whose own quotes are irregular."""
        frame = self._by_breaks(data, breaks, final, several_lines=False)
        frame.faults = {}
        kept = np.ones(len(frame), dtype=bool)
        resume = 0
        for line in self._irregular_lines(octets, frame, quotes):
            if line < resume:
                continue
            start = int(frame.starts[line])
            found = self.extent(data, start, final)
            if found.end is None:
                kept[line:] = False
                frame.cut = start
                break
            if found.fault is not None:
                frame.faults[line] = found.fault
                continue
            last = int(np.searchsorted(frame.ends, found.end))
            kept[line + 1 : last + 1] = False
            frame.several_lines |= last > line
            frame.ends[line] = found.end
            frame.field_counts[line] = found.fields
            resume = last + 1
        return self._keep(frame, kept)

    def _irregular_lines(self, octets: npt.NDArray[np.uint8], lines: Frame, quotes: Positions) -> list[int]:
        first = np.searchsorted(quotes, lines.starts)
        counts = np.searchsorted(quotes, lines.ends) - first
        if not counts.any():
            return []
        inside = quotes[first[0] : first[0] + counts.sum()]
        line = np.repeat(np.arange(len(lines)), counts)
        opens = ((np.arange(len(inside)) - np.repeat(np.cumsum(counts) - counts, counts)) & 1) == 0
        adjacent = np.append(np.diff(inside) == 1, False)
        at_start = inside == lines.starts[line]
        at_end = inside + 1 == lines.ends[line]
        good_open = at_start | (octets[inside - 1] == self.delimiter) | np.append(False, adjacent[:-1])
        good_close = at_end | (octets.take(inside + 1, mode="clip") == self.delimiter) | adjacent
        wrong = np.where(opens, ~good_open, ~good_close)
        return np.union1d(line[wrong], np.flatnonzero(counts & 1)).tolist()

    def _keep(self, frame: Frame, kept: npt.NDArray[np.bool_]) -> Frame:
        moved = np.cumsum(kept) - 1
        faults = {int(moved[line]): code for line, code in frame.faults.items()}
        fields = {int(moved[line]): count for line, count in frame.field_counts.items()}
        result = Frame(frame.starts[kept], frame.ends[kept], frame.cut, frame.several_lines, faults, fields)
        for index in np.flatnonzero(result.ends - result.starts > self.cap):
            result.faults[int(index)] = "oversized_record"
        return result


def _line_ends(octets: npt.NDArray[np.uint8], data: bytes) -> Positions:
    if b"\r" in data:
        return np.flatnonzero((octets == _LF) | (octets == _CR))
    return np.flatnonzero(octets == _LF)
