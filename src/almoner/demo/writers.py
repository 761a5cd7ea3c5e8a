"""Why: writes tables in the formats and encodings that suppliers use, faults included.

Must never hold more than one file's table, and one piece of its text, in memory.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # they write, and read nothing  # nosec B406

import polars as pl
import xlsxwriter

from almoner.demo.faults import RAW, UNDECODABLE, drop_marks
from almoner.demo.layout import Layout
from almoner.demo.months import Month
from almoner.demo.names import fold

_PIECE = 50_000
_CODECS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16-le", "cp1252": "cp1252"}
_MARKS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}
_UNREADABLE = {"utf-8": b"\xe9\x28", "utf-16-le": b"\x00\xd8", "cp1252": b"\x81"}
_ELEMENT = re.compile(r"(\w+)\[n=(\d+)\]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CREATED = datetime(2026, 5, 1, tzinfo=UTC)
XML_NAMESPACE = "urn:example:constabulary:incidents"


def write_csv(frame: pl.DataFrame, layout: Layout, path: Path) -> None:
    """Write delimited text in the layout's encoding; damaged records are damaged here."""
    codec = _CODECS[layout.encoding]
    header = layout.delimiter.join(layout.columns) + layout.newline
    with path.open("wb") as out:
        out.write(_MARKS.get(layout.encoding, b"") + header.encode(codec))
        for piece, damage in _pieces(frame):
            if damage:
                out.write(_damaged(piece, damage, layout, codec))
            else:
                out.write(_encode(_text_of(piece, layout), codec))
        if layout.footer:
            out.write((layout.footer.format(rows=len(frame)) + layout.newline).encode(codec))


def _pieces(frame: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, str]]:
    """Cut a table into pieces of sound records and single damaged ones."""
    damage = frame[RAW].to_list()
    start = 0
    for row in [i for i, kind in enumerate(damage) if kind] + [len(frame)]:
        for first in range(start, row, _PIECE):
            yield frame[first : min(first + _PIECE, row)], ""
        if row < len(frame):
            yield frame[row : row + 1], damage[row]
        start = row + 1


def _text_of(piece: pl.DataFrame, layout: Layout) -> str:
    buffer = io.BytesIO()
    drop_marks(piece).write_csv(
        buffer, separator=layout.delimiter, line_terminator=layout.newline, include_header=False
    )
    return buffer.getvalue().decode()


def _encode(text: str, codec: str) -> bytes:
    """Encode; a system that lacks a letter writes it without its marks."""
    if codec != "cp1252":
        return text.encode(codec)
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        missing = {ord(letter): fold(letter) for letter in set(text) if not _fits(letter)}
        return text.translate(missing).encode(codec, errors="replace")


def _fits(letter: str) -> bool:
    return ord(letter) < 128 or letter in _WESTERN


_WESTERN = frozenset(bytes([n]).decode("cp1252", errors="replace") for n in range(128, 256)) - {"\ufffd"}


def _damaged(piece: pl.DataFrame, damage: str, layout: Layout, codec: str) -> bytes:
    values = ["" if value is None else str(value) for value in drop_marks(piece).row(0)]
    if damage == "stray_footer":
        return _encode(f"End of extract{layout.newline}", codec)
    if damage == "extra_field":
        values.append("see note")
    if damage == "missing_field":
        values = values[:-2]
    line = io.StringIO()
    csv.writer(line, delimiter=layout.delimiter, lineterminator=layout.newline).writerow(values)
    return _encode(line.getvalue(), codec).replace(UNDECODABLE.encode(codec), "Caf".encode(codec) + _UNREADABLE[codec])


def write_xlsx(sheets: list[tuple[Layout, pl.DataFrame]], path: Path, month: Month) -> None:
    """Write a workbook: title rows, header, rows, a footer where the layout has one."""
    options = {
        "constant_memory": True,
        "default_date_format": "dd/mm/yyyy",
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": _CREATED, "author": "Ambleford Borough Council", "title": "Monthly extract"})
    bold = book.add_format({"bold": True})
    for layout, frame in sheets:
        sheet = book.add_worksheet(layout.sheet)
        for number, words in enumerate(layout.titles):
            sheet.write_string(number, 0, words.format(period=month.label), bold)
        top = len(layout.titles)
        sheet.write_row(top, 0, list(layout.columns), bold)
        plain = drop_marks(frame)
        dated = [name in layout.date_cells for name in layout.columns]
        for number, values in enumerate(plain.iter_rows(), start=top + 1):
            for column, value in enumerate(values):
                _write_cell(sheet, number, column, value, dated[column])
        if layout.footer:
            sheet.write_string(top + 1 + len(plain), 0, layout.footer.format(rows=len(plain)))
    book.close()


def _write_cell(sheet: Any, row: int, column: int, value: Any, dated: bool) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif dated and value and _DAY.fullmatch(value):
        sheet.write_datetime(row, column, date.fromisoformat(value))
    elif value is not None:
        sheet.write_string(row, column, value)


def write_jsonl(frame: pl.DataFrame, layout: Layout, path: Path) -> None:
    """Write one nested object a line; a column `tenants[n=1].born` is a path into it."""
    paths = [_steps(name) for name in layout.columns]
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for values, damage in zip(drop_marks(frame).iter_rows(), frame[RAW], strict=True):
            line = json.dumps(_nest(paths, values), ensure_ascii=False, default=str)
            out.write((line[: len(line) // 2] if damage == "not_json" else line) + "\n")


def _steps(name: str) -> tuple[str, int, str]:
    """Take a path apart: the outer name, the element's number (0: no list), the inner name."""
    outer, _, inner = name.partition(".")
    element = _ELEMENT.fullmatch(outer)
    return (element[1], int(element[2]), inner) if element else (outer, 0, inner)


def _nest(paths: list[tuple[str, int, str]], values: tuple[Any, ...]) -> dict[str, Any]:
    """Build the nested object; a list holds no element of which nothing is known."""
    root: dict[str, Any] = {}
    lists: dict[str, dict[int, dict[str, Any]]] = {}
    for (outer, number, inner), value in zip(paths, values, strict=True):
        if number:
            lists.setdefault(outer, {})
            root.setdefault(outer, [])
            if value is not None:
                lists[outer].setdefault(number, {"n": number})[inner] = value
        elif inner:
            root.setdefault(outer, {})[inner] = value
        else:
            root[outer] = value
    return root | {name: list(elements.values()) for name, elements in lists.items()}


def write_xml(frame: pl.DataFrame, layout: Layout, path: Path, month: Month) -> None:
    """Write repeated `Incident` elements; a column `Place/Postcode` is a path, `@id` an attribute."""
    names = list(layout.columns)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write(f'<Incidents xmlns="{XML_NAMESPACE}" period="{month.label}">\n')
        for values in drop_marks(frame).iter_rows():
            out.write(_element(dict(zip(names, values, strict=True))))
        out.write("</Incidents>\n")


def _element(values: dict[str, Any]) -> str:
    """Write one incident; an element of which nothing is known is left out."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None:
            place = tree
            steps = name.split("/")
            for step in steps[:-1]:
                place = place.setdefault(step, {})
            place[steps[-1]] = value
    return _tag("Incident", tree) + "\n"


def _tag(name: str, content: Any) -> str:
    if not isinstance(content, dict):
        return f"<{name}>{escape(str(content))}</{name}>"
    attributes = "".join(f" {key[1:]}={quoteattr(str(v))}" for key, v in content.items() if key.startswith("@"))
    inside = "".join(_tag(key, value) for key, value in content.items() if not key.startswith("@"))
    return f"<{name}{attributes}>{inside}</{name}>"


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write Parquet."""
    drop_marks(frame).write_parquet(path, compression="zstd", statistics=False)
