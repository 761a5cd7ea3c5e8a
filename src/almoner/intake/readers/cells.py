"""Turns typed cells (Excel, Parquet) into text in one way: ISO dates, plain numbers, true and false.

A moment at midnight is written as a date, for Excel and many exports have no other way to hold one. A
moment with a time zone keeps its time and says Z. Text cells are left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from almoner.intake.readers.selectors import JOINED_BY
from almoner.kernel.errors import DeliveryRefused

_MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
_EMPTY_FRACTION = r"(\d\d:\d\d:\d\d(?:\.\d*[1-9])?)\.?0*(Z?)$"
_EXCEL_TIME = r"^1899-12-3[01] (\d\d:\d\d:\d\d)$"  # a time of day is stored as a moment of Excel's day 0


def text_column(column: pa.Array, name: str, where: str) -> pa.Array:
    """Write a typed column as text, empty as NULL. Raises: DeliveryRefused for a type without plain text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_column(column.dictionary_decode(), name, where)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _joined(column, text_column(column.flatten(), name, where))
    for is_of_kind, as_text in _WAYS:
        if is_of_kind(kind):
            return as_text(column)
    raise DeliveryRefused(
        f"column '{name}' has the type {kind}, which can't be read as text",
        where=where,
        todo="Ask the supplier for text, numbers, dates or lists of these.",
    )


def excel_text(column: pa.Array) -> pa.Array:
    """Write a column of an Excel sheet, already text, as other formats would: dates without an empty time."""
    column = pc.replace_substring_regex(column, _EXCEL_TIME, r"\1")
    return _empty_as_null(pc.replace_substring_regex(column, _MIDNIGHT, r"\1"))


def row_as_json(
    names: Sequence[str], columns: Sequence[pa.Array], row: int, spoilt: Mapping[str, bytes] | None = None
) -> bytes:
    """Write one row as canonical JSON (keys sorted, no spaces): what quarantine keeps of it.

    In: `spoilt` = values which are not UTF-8; their bytes are put into the document as they are.
    """
    values = {name: column[row].as_py() for name, column in zip(names, columns, strict=True)}
    values.update({name: value.decode("utf-8", "surrogateescape") for name, value in (spoilt or {}).items()})
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape")


def _moments(column: pa.Array) -> pa.Array:
    zoned = column.type.tz is not None
    text = column.cast(pa.timestamp(column.type.unit, "UTC" if zoned else None)).cast(pa.string())
    text = pc.replace_substring_regex(text, _EMPTY_FRACTION, r"\1\2")
    return text if zoned else pc.replace_substring_regex(text, _MIDNIGHT, r"\1")


def _without_exponent(column: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring(column, "e", ignore_case=True)).as_py():
        return column
    texts = column.to_pylist()
    return pa.array([format(Decimal(t), "f") if t and "e" in t.lower() else t for t in texts], pa.string())


def _joined(lists: pa.Array, elements: pa.Array) -> pa.Array:
    texts = iter(elements.to_pylist())
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_pylist()
    joined = (JOINED_BY.join(text for text in islice(texts, length) if text) for length in lengths)
    return pa.array([text or None for text in joined], pa.string())


def _empty_as_null(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), None, column)


def _plain(column: pa.Array) -> pa.Array:
    return column.cast(pa.string())


def _text(column: pa.Array) -> pa.Array:
    return _empty_as_null(column.cast(pa.string()))


def _floating(column: pa.Array) -> pa.Array:
    numbers = column.cast(pa.float64()) if pa.types.is_float16(column.type) else column
    return _without_exponent(pc.if_else(pc.is_nan(numbers), None, numbers).cast(pa.string()))


def _decimal(column: pa.Array) -> pa.Array:
    return _without_exponent(column.cast(pa.string()))


def _date(column: pa.Array) -> pa.Array:
    return column.cast(pa.date32()).cast(pa.string())


def _time(column: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(column.cast(pa.string()), _EMPTY_FRACTION, r"\1")


_WAYS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_string, _text),
    (pa.types.is_large_string, _text),
    (pa.types.is_string_view, _text),
    (pa.types.is_integer, _plain),
    (pa.types.is_boolean, _plain),
    (pa.types.is_null, _plain),
    (pa.types.is_floating, _floating),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_date, _date),
    (pa.types.is_time, _time),
    (pa.types.is_timestamp, _moments),
)
