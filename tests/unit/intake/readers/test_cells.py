"""Typed cells as text: one table of what each type becomes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from almoner.intake.readers.cells import row_as_json, text_column
from almoner.kernel.errors import DeliveryRefused

MOMENT = dt.datetime.fromisoformat("2020-07-02T03:04:05.600000")
MIDNIGHT = dt.datetime.fromisoformat("2020-07-02T00:00:00")

CASES = [
    (pa.int64(), [1, -5, None], ["1", "-5", None]),
    (pa.uint8(), [255], ["255"]),
    (pa.bool_(), [True, False, None], ["true", "false", None]),
    (
        pa.float64(),
        [1.0, 0.1, 1e21, 1e-7, 123456789012.0],
        ["1", "0.1", "1" + "0" * 21, "0.0000001", "123456789012"],
    ),
    (pa.float64(), [float("nan"), None], [None, None]),
    (pa.float32(), [0.1, 1.5], ["0.1", "1.5"]),
    (pa.decimal128(20, 2), [Decimal("12.50"), Decimal("0.00")], ["12.50", "0.00"]),
    (pa.decimal128(38, 9), [Decimal("0.0000001")], ["0.000000100"]),
    (pa.date32(), [dt.date(2020, 7, 2), None], ["2020-07-02", None]),
    (pa.date64(), [dt.date(2020, 7, 2)], ["2020-07-02"]),
    (
        pa.timestamp("s"),
        [MIDNIGHT, dt.datetime.fromisoformat("2020-07-02T10:20:30")],
        ["2020-07-02", "2020-07-02 10:20:30"],
    ),
    (pa.timestamp("ms"), [MIDNIGHT, MOMENT], ["2020-07-02", "2020-07-02 03:04:05.6"]),
    (pa.timestamp("us"), [MIDNIGHT, MOMENT, None], ["2020-07-02", "2020-07-02 03:04:05.6", None]),
    (pa.timestamp("ns"), [MIDNIGHT, MOMENT], ["2020-07-02", "2020-07-02 03:04:05.6"]),
    (pa.timestamp("us", "Europe/London"), [MIDNIGHT], ["2020-07-02 00:00:00Z"]),
    (pa.time32("s"), [dt.time(13, 0)], ["13:00:00"]),
    (pa.time64("us"), [dt.time(13, 0), dt.time(1, 2, 3, 500)], ["13:00:00", "01:02:03.0005"]),
    (pa.string(), ["x", "", None, " "], ["x", None, None, " "]),
    (pa.large_string(), ["x"], ["x"]),
    (pa.string_view(), ["x", ""], ["x", None]),
    (pa.dictionary(pa.int8(), pa.string()), ["a", "b", "a", None], ["a", "b", "a", None]),
    (pa.list_(pa.string()), [["a", "b"], [], None, ["c", None]], ["a | b", None, None, "c"]),
    (pa.list_(pa.int32()), [[1, 2]], ["1 | 2"]),
    (pa.null(), [None], [None]),
]


@pytest.mark.parametrize(("kind", "values", "texts"), CASES, ids=[str(case[0]) for case in CASES])
def test_a_typed_column_as_text(kind: pa.DataType, values: list[Any], texts: list[str | None]) -> None:
    column = text_column(pa.array(values, kind), "c", "f")
    assert column.type == pa.string()
    assert column.to_pylist() == texts


def test_a_slice_of_a_list_column_is_read_as_itself() -> None:
    column = pa.array([["a"], ["b", "c"], ["d"]], pa.list_(pa.string()))[1:2]
    assert text_column(column, "c", "f").to_pylist() == ["b | c"]


@pytest.mark.parametrize("kind", [pa.struct([("x", pa.int32())]), pa.duration("s"), pa.map_(pa.string(), pa.string())])
def test_a_type_without_plain_text_is_refused(kind: pa.DataType) -> None:
    with pytest.raises(DeliveryRefused, match="column 'c' has the type"):
        text_column(pa.nulls(1, kind), "c", "f")


def test_a_row_as_json_is_sorted_and_keeps_bytes_that_are_no_text() -> None:
    columns = [pa.array(["é"]), pa.array([None], pa.string())]
    assert row_as_json(["b", "a"], columns, 0, {"a": b"x\xff"}) == b'{"a":"x\xff","b":"\xc3\xa9"}'
