"""Reads JSON lines: one object per line, wanted values picked by path.

Numbers become text as they are written, without exponent or empty fraction; nothing is rounded through a
float. A line that is not one whole, unambiguous JSON object is a bad record; it never stops the file.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO

from almoner.intake.readers.batch import RECORD_CAP_BYTES, BadRecord, RawBatch, Wanted
from almoner.intake.readers.charset import charset_of
from almoner.intake.readers.nested import Gathering
from almoner.intake.readers.selectors import json_path
from almoner.kernel.errors import DeliveryRefused

_LONGEST_NUMBER = 400
_TELLING_RECORDS = 2  # one record alone may leave out what is empty in it


@dataclass(frozen=True, slots=True)
class JsonlOptions:
    """How a JSON lines file is written. `ignore`: paths (without selectors) allowed and not wanted."""

    ignore: Collection[str] = ()
    batch_rows: int = 20_000
    batch_bytes: int = 16 << 20


def open_jsonl(path: Path, wanted: Mapping[str, Wanted], options: JsonlOptions | None = None) -> JsonlReader:
    """Open a JSON lines file. `wanted` is keyed by path.

    A required path without selector must be in some record of the file (in one alone it may be left out).
    """
    return JsonlReader(Path(path), wanted, options or JsonlOptions())


class JsonlReader:
    """Reads one JSON lines file; see `Reader`."""

    def __init__(self, path: Path, wanted: Mapping[str, Wanted], options: JsonlOptions) -> None:
        self._path, self._wanted, self._options = path, wanted, options
        self._rows = 0
        self._gathering()
        with path.open("rb") as file:
            head = file.read(4096)
        if not head:
            raise DeliveryRefused(
                "the file is empty (0 bytes)", where=path.name, todo="Ask the supplier to send it again."
            )
        self._mark = charset_of(head, "utf-8", path.name).mark
        if head[self._mark :].lstrip().startswith(b"["):
            raise DeliveryRefused(
                "the file is one JSON array, not one object per line",
                where=path.name,
                todo="Ask the supplier for JSON lines.",
            )

    @property
    def rows_in(self) -> int:
        """Give the records met so far."""
        return self._rows

    def read(self) -> Iterator[RawBatch | BadRecord]:
        """Give the records. Raises: DeliveryRefused, at the end, for keys that are not declared."""
        self._rows = 0
        gathering = self._gathering()
        size = 0
        with self._path.open("rb") as file:
            file.seek(self._mark)
            for line in _lines(file):
                self._rows += 1
                bad = self._take(gathering, line)
                if bad is not None:
                    yield bad
                size += len(line)
                if len(gathering) >= self._options.batch_rows or size > self._options.batch_bytes:
                    size = 0
                    if len(gathering) and not gathering.extra:
                        yield gathering.batch()
        if len(gathering) and not gathering.extra:
            yield gathering.batch()
        gathering.finish(may_omit=self._rows < _TELLING_RECORDS)

    def _gathering(self) -> Gathering:
        return Gathering(self._wanted, self._options.ignore, json_path, False, self._path.name)

    def _take(self, gathering: Gathering, line: bytes) -> BadRecord | None:
        if len(line) > RECORD_CAP_BYTES:
            message = f"longer than {RECORD_CAP_BYTES} bytes, the most that a record may have"
            return BadRecord(self._rows, line[:RECORD_CAP_BYTES], None, "oversized_record", message)
        try:
            record = _parse(line)
        except _NotARecord as fault:
            return BadRecord(self._rows, line, None, fault.code, fault.message)
        return gathering.add(self._rows, record, lambda: line)


class _NotARecord(Exception):
    """A line is not one JSON object; says why, without its content."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Give each line that is not blank, without its end; of one beyond the cap only the beginning."""
    while line := file.readline(RECORD_CAP_BYTES + 1):
        rest = line
        while len(rest) > RECORD_CAP_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(RECORD_CAP_BYTES + 1)
            if not rest:
                break
        line = line.rstrip(b"\r\n")
        if line.strip(b" \t"):
            yield line


def _parse(line: bytes) -> dict[str, Any]:
    if b"\0" in line:
        raise _NotARecord("nul_byte", "a NUL byte")
    try:
        record = json.loads(
            line.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise _NotARecord("undecodable", "bytes that are not UTF-8") from None
    except (ValueError, RecursionError, InvalidOperation):
        raise _NotARecord("not_json", "the line is not one whole JSON value") from None
    if not isinstance(record, dict):
        raise _NotARecord("not_an_object", "the line is JSON, but not an object")
    return record


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _NotARecord("duplicate_key", "an object has the same key twice")
    return record


def _integer(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError
    return text


def _number(text: str) -> str:
    """Write a JSON number out: '9.605e1' -> '96.05', '148.0' -> '148', '1.50' stays."""
    if len(text) > _LONGEST_NUMBER:
        raise ValueError
    if "e" in text or "E" in text:
        value = Decimal(text)
        if abs(value.adjusted()) > _LONGEST_NUMBER:
            raise ValueError
        text = format(value, "f")
    whole, point, fraction = text.partition(".")
    return whole if point and not fraction.strip("0") else text


def _refuse_constant(text: str) -> str:
    raise ValueError(text)
