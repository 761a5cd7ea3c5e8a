"""Reads the header of a delimited file and says, where it is not the declared one, what is likely wrong.

Nothing here depends on the data below the header, except the end of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from almoner.intake.readers.batch import RECORD_CAP_BYTES, Wanted
from almoner.intake.readers.charset import Charset, charset_of
from almoner.intake.readers.csv_framing import Framing
from almoner.intake.readers.csv_options import CsvOptions
from almoner.intake.readers.header import fold, place_columns
from almoner.kernel.errors import DeliveryRefused

_LINE_END = re.compile(rb"\r\n|\n|\r")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", ":": "colon"}


@dataclass(frozen=True, slots=True)
class CsvHeader:
    """A header that was found to be the declared one. `length`: bytes of UTF-8 up to the first record."""

    head: bytes
    encoding: str
    where: str
    names: list[str]
    places: dict[str, int | None]
    length: int

    def charset(self) -> Charset:
        """Make the converter for one pass over the file."""
        return charset_of(self.head, self.encoding, self.where)


def read_header(path: Path, wanted: Mapping[str, Wanted], options: CsvOptions) -> CsvHeader:
    """Read and check the header. Raises: DeliveryRefused, saying what is wrong with the file as a whole."""
    where = path.name
    with path.open("rb") as file:
        head = file.read(RECORD_CAP_BYTES)
        whole = not file.read(1)
    if not head:
        raise DeliveryRefused("the file is empty (0 bytes)", where=where, todo="Ask the supplier to send it again.")
    charset = charset_of(head, options.encoding, where)
    text = charset.to_utf8(head[charset.mark :], whole)
    start = _line_start(text, options.header_row, where)
    framing = Framing(options.delimiter, options.quote)
    extent = framing.extent(text, start, final=True)
    if extent.fault or extent.end is None:
        line = _LINE_END.split(text[start:], maxsplit=1)[0].decode("utf-8", "replace")
        _refuse_other_delimiter([line], wanted, options, where)
        raise DeliveryRefused("the header has a quote that is not closed", where=where)
    names = _names(framing, text[start : extent.end], options, where)
    _refuse_other_delimiter(names, wanted, options, where)
    places = place_columns(names, wanted, options.ignore, where)
    line_end = _LINE_END.match(text, extent.end)
    length = line_end.end() if line_end else extent.end
    return CsvHeader(head, options.encoding, where, names, places, length)


def _line_start(text: bytes, header_row: int, where: str) -> int:
    start = 0
    for _ in range(header_row - 1):
        line_end = _LINE_END.search(text, start)
        if line_end is None:
            raise DeliveryRefused(f"the file ends before its header, declared in line {header_row}", where=where)
        start = line_end.end()
    if _LINE_END.match(text, start) or start == len(text):
        raise DeliveryRefused(f"line {header_row}, where the header is declared, is empty", where=where)
    return start


def _names(framing: Framing, record: bytes, options: CsvOptions, where: str) -> list[str]:
    try:
        fields = [field.decode("utf-8") for field in framing.split(record)]
    except UnicodeDecodeError as error:
        raise DeliveryRefused(
            f"the header is not {options.encoding} text",
            where=where,
            todo="Correct the encoding in the registry, or ask the supplier for the declared one.",
        ) from error
    mark = options.quote
    if mark is None:
        return fields
    return [f[1:-1].replace(mark * 2, mark) if len(f) > 1 and f[0] == f[-1] == mark else f for f in fields]


def _refuse_other_delimiter(names: list[str], wanted: Mapping[str, Wanted], options: CsvOptions, where: str) -> None:
    """Refuse a header that is one column by the declared delimiter and the right ones by another."""
    if len(names) != 1 or len(wanted) + len(options.ignore) < 2:
        return
    declared = {fold(name) for name in (*wanted, *options.ignore)}
    for delimiter, word in _DELIMITERS.items():
        parts = names[0].split(delimiter)
        known = sum(fold(part.strip(options.quote or "")) in declared for part in parts)
        if delimiter != options.delimiter and len(parts) > 1 and known:
            raise DeliveryRefused(
                f"the file seems to be separated by {word}, not by {_word(options.delimiter)} as declared",
                where=where,
                why=f"as declared, the header is one column; by {word} it is {len(parts)}, {known} declared",
                todo="Correct the delimiter in the registry, or ask the supplier for the declared one.",
            )


def _word(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, repr(delimiter))
