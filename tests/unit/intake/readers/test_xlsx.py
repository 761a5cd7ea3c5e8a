"""Sheets of Excel workbooks: where the rows are, and what each kind of cell becomes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from almoner.intake.readers import BadRecord, RawBatch, Wanted, XlsxOptions, XlsxReader, open_xlsx
from almoner.kernel.errors import DeliveryRefused, RegistryError

Make = Callable[..., Path]
DATE, MOMENT, TIME = "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss", "hh:mm"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Give a function that writes rows to a sheet; a tuple is (value, number format), None an empty cell."""

    def write(rows: list[list[Any]], sheet: str = "People", beside: tuple[str, ...] = ()) -> Path:
        path = tmp_path / "book.xlsx"
        book = xlsxwriter.Workbook(path)
        page = book.add_worksheet(sheet)
        for name in beside:
            book.add_worksheet(name)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if isinstance(cell, tuple):
                    page.write_datetime(y, x, cell[0], book.add_format({"num_format": cell[1]}))
                elif isinstance(cell, dict):
                    page.write_formula(y, x, cell["formula"], None, cell["value"])
                elif cell is not None:
                    page.write(y, x, cell)
        book.close()
        return path

    return write


def wanted(names: str) -> dict[str, Wanted]:
    return {name.rstrip("?"): Wanted(required=not name.endswith("?")) for name in names.split()}


def everything(reader: XlsxReader) -> tuple[list[list[Any]], list[BadRecord]]:
    rows: list[list[Any]] = []
    bad: list[BadRecord] = []
    for item in reader.read():
        if isinstance(item, BadRecord):
            bad.append(item)
        else:
            columns = [item.positions.to_pylist(), *item.table.to_pydict().values()]
            rows += [list(row) for row in zip(*columns, strict=True)]
    assert reader.rows_in == len(rows) + len(bad)
    return rows, bad


def cells(make: Make, *values: Any) -> list[str | None]:
    path = make([["a", "b"], *[["x", value] for value in values]])
    return [row[2] for row in everything(open_xlsx(path, wanted("a b"), XlsxOptions("People")))[0]]


def test_each_kind_of_cell_becomes_plain_text(make: Make) -> None:
    assert cells(
        make,
        (dt.datetime.fromisoformat("2017-03-12T00:00:00"), DATE),
        (dt.datetime.fromisoformat("2017-03-12T13:04:05"), MOMENT),
        (dt.time(13, 4), TIME),
        (dt.time(0, 0), TIME),
        True,
        148.0,
        0.6,
        -1.5,
        1e-7,
        123456789012,
        "007",
        "148.0",
        "12/03/2017",
        "  spaced ",
        "two\nlines",
        None,
        {"formula": "=1+1", "value": 2},
        {"formula": '="a"&"b"', "value": "ab"},
        "=HYPERLINK(1)".replace("=", "'=", 1),
    ) == [
        "2017-03-12",
        "2017-03-12 13:04:05",
        "13:04:00",
        "00:00:00",
        "true",
        "148",
        "0.6",
        "-1.5",
        "0.0000001",
        "123456789012",
        "007",
        "148.0",
        "12/03/2017",
        "  spaced ",
        "two\nlines",
        None,
        "2",
        "ab",
        "'=HYPERLINK(1)",
    ]


@pytest.mark.parametrize("above", [[], [["Title"]], [["Title"], ["OFFICIAL", None, "a"], [None, None]]])
def test_the_header_is_found_below_titles(make: Make, above: list[list[Any]]) -> None:
    path = make([*above, ["a", "b"], ["1", "2"]])
    for header_row in (len(above) + 1, "find"):
        reader = open_xlsx(path, wanted("a b c?"), XlsxOptions("People", header_row))
        assert everything(reader) == ([[1, "1", "2", None]], [])


def test_an_empty_first_row_or_column_does_not_shift_the_header(make: Make) -> None:
    path = make([[], [None, "a", "b"], [None, "1", "2"]])
    assert everything(open_xlsx(path, wanted("a b"), XlsxOptions("People", 2))) == ([[1, "1", "2"]], [])


def test_find_looks_at_twenty_rows_only(make: Make) -> None:
    path = make([*[["title"]] * 20, ["a", "b"], ["1", "2"]])
    with pytest.raises(DeliveryRefused, match="none of the declared columns"):
        open_xlsx(path, wanted("a b"), XlsxOptions("People", "find"))


def test_find_explains_the_header_that_comes_closest(make: Make) -> None:
    path = make([["Title"], ["Forename", "Sur name"], ["ALICE", "LIDDELL"]])
    with pytest.raises(DeliveryRefused) as caught:
        open_xlsx(path, wanted("Forename Surname"), XlsxOptions("People", "find"))
    assert "'Surname' (perhaps 'Sur name')" in caught.value.why


def test_rows_without_any_cell_are_no_rows(make: Make) -> None:
    path = make([["a", "b"], ["1", "2"], [], [None, ""], ["3", None], []])
    assert everything(open_xlsx(path, wanted("a b"), XlsxOptions("People")))[0] == [
        [1, "1", "2"],
        [2, "3", None],
    ]


def test_a_sheet_of_only_a_header_has_no_rows(make: Make) -> None:
    reader = open_xlsx(make([["a", "b"]]), wanted("a b"), XlsxOptions("People"))
    assert (everything(reader), reader.rows_in) == (([], []), 0)


def test_a_footer_is_skipped_and_held_to_its_count(make: Make) -> None:
    path = make([["a", "b"], ["1", "2"], [], ["Total rows:", 1]])
    options = XlsxOptions("People", footer=r"^Total rows: (?P<rows>\d+)$")
    assert everything(open_xlsx(path, wanted("a b"), options)) == ([[1, "1", "2"]], [])
    path = make([["a", "b"], ["1", "2"], ["Total rows: 2"]])
    with pytest.raises(DeliveryRefused, match="states 2 records, but it has 1"):
        everything(open_xlsx(path, wanted("a b"), options))


def test_an_excel_error_in_a_wanted_column_makes_its_row_bad(make: Make) -> None:
    error = {"formula": "=1/0", "value": "#DIV/0!"}
    path = make([["title", error], ["a", "b", "c"], ["1", error, "x"], ["2", "y", error], [None, error]])
    rows, bad = everything(open_xlsx(path, wanted("a b"), XlsxOptions("People", 2, ignore=("c",))))
    assert rows == [[2, "2", "y"]]
    assert [(b.position, b.column, b.code) for b in bad] == [(1, "b", "cell_error"), (3, "b", "cell_error")]


def test_a_cell_beyond_the_last_heading_makes_its_row_bad(make: Make) -> None:
    path = make([["a", "b"], ["1", "2"], ["3", "4", None, "stray"]])
    rows, bad = everything(open_xlsx(path, wanted("a b"), XlsxOptions("People")))
    assert rows == [[1, "1", "2"]]
    assert [(b.position, b.code, b.message) for b in bad] == [(2, "field_count", "2 fields expected, 4 found")]
    assert json.loads(bad[0].raw) == {"a": "3", "b": "4", "(column 4)": "stray"}


def test_a_column_without_heading_is_refused_only_if_it_holds_something(make: Make) -> None:
    path = make([["a", None, "b"], ["1", None, "2"]])
    reader = open_xlsx(path, wanted("a b"), XlsxOptions("People"))
    batch = next(iter(reader.read()))
    assert isinstance(batch, RawBatch)
    assert batch.table.to_pydict() == {"a": ["1"], "b": ["2"]}
    assert batch.raw(0) == b'{"a":"1","b":"2"}'
    with pytest.raises(DeliveryRefused) as caught:
        open_xlsx(make([["a", None, "b"], ["1", "x", "2"]]), wanted("a b"), XlsxOptions("People"))
    assert "(no name)" in caught.value.why


def test_raw_is_the_whole_row_as_canonical_json(make: Make) -> None:
    path = make([["b", "a", "skip"], ["é", 1.0, None]])
    batch = next(iter(open_xlsx(path, wanted("a b"), XlsxOptions("People", ignore=("skip",))).read()))
    assert isinstance(batch, RawBatch)
    assert batch.raw(0) == '{"a":"1","b":"é","skip":null}'.encode()


def test_a_missing_sheet_is_refused_with_those_there_are(make: Make) -> None:
    with pytest.raises(DeliveryRefused, match="no sheet 'Staff'") as caught:
        open_xlsx(make([["a"]], beside=("Notes",)), wanted("a"), XlsxOptions("Staff"))
    assert caught.value.why == "its sheets: 'People', 'Notes'"


def test_an_empty_sheet_is_refused(make: Make) -> None:
    with pytest.raises(DeliveryRefused, match="the sheet is empty"):
        open_xlsx(make([]), wanted("a"), XlsxOptions("People"))


def test_a_header_below_the_last_row_is_refused(make: Make) -> None:
    with pytest.raises(DeliveryRefused, match="ends before its header"):
        open_xlsx(make([["a"]]), wanted("a"), XlsxOptions("People", 7))


@pytest.mark.parametrize("header_row", [0, -1, "search", 1.5])
def test_a_header_row_must_be_a_row(header_row: Any) -> None:
    with pytest.raises(RegistryError):
        XlsxOptions("People", header_row)
