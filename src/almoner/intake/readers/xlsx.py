"""Reads one sheet of an Excel workbook as text: title rows above the header and a footer as declared.

A workbook is checked as an archive before it is opened. Formulas are never evaluated: a cell is what Excel
last saved in it. A row without any cell filled is not a row; a row with an Excel error in a wanted column
is a bad one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almoner.intake.readers.archive import safe_archive_check
from almoner.intake.readers.batch import BadRecord, RawBatch, Wanted
from almoner.intake.readers.cells import excel_text, row_as_json
from almoner.intake.readers.footer import Footer
from almoner.intake.readers.header import fold, place_columns
from almoner.kernel.errors import DeliveryRefused, RegistryError

FIND = "find"
_ROWS_SEARCHED = 20
_BATCH_ROWS = 65_536
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class XlsxOptions:
    """How a sheet is laid out.

    In: `header_row` = its number as Excel shows it, or 'find' = the first of the first 20 rows that holds all
    required columns; `footer` = as in CsvOptions, over the row's filled cells joined by a space; `ignore` =
    columns that may be there and are not wanted.
    """

    sheet: str
    header_row: int | str = 1
    footer: str | None = None
    ignore: Collection[str] = ()

    def __post_init__(self) -> None:
        row = self.header_row
        if row != FIND and (not isinstance(row, int) or row < 1):
            raise RegistryError("a sheet's header_row must be a row number from 1, or 'find'")


def open_xlsx(path: Path, wanted: Mapping[str, Wanted], options: XlsxOptions) -> XlsxReader:
    """Open a sheet and check its header. Raises: DeliveryRefused if the workbook or sheet can't be read."""
    return XlsxReader(Path(path), wanted, options)


class XlsxReader:
    """Reads one sheet; see `Reader`."""

    def __init__(self, path: Path, wanted: Mapping[str, Wanted], options: XlsxOptions) -> None:
        self._where = f"{path.name}, sheet '{options.sheet}'"
        safe_archive_check(path)
        self._cells, self._errors = _load(path, options.sheet, self._where)
        self._header = _header_index(self._cells, wanted, options, self._where)
        self._names = _names(self._cells, self._header)
        self._body = [excel_text(column.slice(self._header + 1)) for column in self._cells]
        self._places = self._place(wanted, options)
        self._pattern = options.footer
        self._rows = 0

    @property
    def rows_in(self) -> int:
        """Give the records met so far."""
        return self._rows

    def read(self) -> Iterator[RawBatch | BadRecord]:
        """Give the records."""
        footer = Footer(self._pattern, self._where)
        filled = np.array([column.is_valid().to_numpy(zero_copy_only=False) for column in self._body])
        for row, column in self._errors:
            if row > self._header:
                filled[column, row - self._header - 1] = True
        rows = np.flatnonzero(filled.any(axis=0))
        if len(rows) and footer.matches(" ".join(_texts(self._body, int(rows[-1])))):
            rows = rows[:-1]
        self._rows = 0
        bad = dict(self._faults(rows, filled))
        for start in range(0, len(rows), _BATCH_ROWS):
            yield from self._records(rows[start : start + _BATCH_ROWS], bad)
        footer.check(self._rows)

    def _place(self, wanted: Mapping[str, Wanted], options: XlsxOptions) -> dict[str, int | None]:
        """Find the wanted columns; one without heading and content is nothing that could be declared."""
        indices = [
            index
            for index, name in enumerate(self._names)
            if name.strip() or self._body[index].null_count < len(self._body[index])
        ]
        found = [self._names[index] for index in indices]
        places = place_columns(found, wanted, options.ignore, self._where)
        return {name: None if place is None else indices[place] for name, place in places.items()}

    def _records(
        self, rows: npt.NDArray[np.int64], bad: dict[int, tuple[str | None, str, str]]
    ) -> Iterator[RawBatch | BadRecord]:
        first = self._rows + 1
        self._rows += len(rows)
        for number, row in enumerate(rows.tolist(), first):
            if row in bad:
                column, code, message = bad[row]
                yield BadRecord(number, self._raw(row), column, code, message)
        good = np.array([row not in bad for row in rows.tolist()], dtype=bool)
        if not good.any():
            return
        kept = rows[good]
        absent = pa.nulls(len(kept), pa.string())
        taken = pa.array(kept)
        columns = {n: absent if place is None else self._body[place].take(taken) for n, place in self._places.items()}
        positions = pa.array(np.flatnonzero(good) + first)
        yield RawBatch(pa.table(columns), positions, lambda row: self._raw(int(kept[row])))

    def _raw(self, row: int) -> bytes:
        """Write a row as JSON; what stands in a column without heading is named after its place."""
        named = {name: column for name, column in zip(self._names, self._body, strict=False) if name.strip()}
        for index, column in enumerate(self._body):
            if (index >= len(self._names) or not self._names[index].strip()) and column[row].is_valid:
                named[f"(column {index + 1})"] = column
        return row_as_json(list(named), list(named.values()), row)

    def _faults(self, rows: npt.NDArray[np.int64], filled: Mask) -> Iterator[tuple[int, tuple[str | None, str, str]]]:
        """Find the rows that hold an Excel error in a wanted column, or something beyond the last heading."""
        wanted = {place: name for name, place in self._places.items() if place is not None}
        for row, column in self._errors:
            if column in wanted and row > self._header:
                yield (
                    row - self._header - 1,
                    (wanted[column], "cell_error", "an Excel error such as #N/A or #REF!"),
                )
        width = len(self._names)
        for row in rows[filled[width:, rows].any(axis=0)].tolist():
            count = int(np.flatnonzero(filled[:, row])[-1]) + 1
            yield row, (None, "field_count", f"{width} fields expected, {count} found")


def _load(path: Path, sheet: str, where: str) -> tuple[list[pa.Array], list[tuple[int, int]]]:
    """Load a sheet. Out: its columns as text, from Excel's row 1; (row, column) of cells with an error."""
    try:
        workbook = fastexcel.read_excel(path)
        if sheet not in workbook.sheet_names:
            raise DeliveryRefused(
                f"the workbook has no sheet '{sheet}'",
                where=path.name,
                why=f"its sheets: {', '.join(map(repr, workbook.sheet_names))}",
                todo="Correct the sheet in the registry, or ask the supplier for the declared layout.",
            )
        loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise DeliveryRefused(
            "the workbook can't be read",
            where=where,
            why=type(error).__name__,
            todo="Ask the supplier to send it again.",
        ) from None
    if not batch.num_rows:
        raise DeliveryRefused("the sheet is empty", where=where, todo="Ask the supplier to send it again.")
    return list(batch.columns), [error.position for error in errors.errors] if errors else []


def _header_index(cells: list[pa.Array], wanted: Mapping[str, Wanted], options: XlsxOptions, where: str) -> int:
    row = options.header_row
    if isinstance(row, int):
        if row > len(cells[0]):
            raise DeliveryRefused(f"the sheet ends before its header, declared in row {row}", where=where)
        return row - 1
    required = {fold(name) for name, want in wanted.items() if want.required}
    declared = {fold(name) for name in wanted}
    most, best = 0, 0
    for index in range(min(_ROWS_SEARCHED, len(cells[0]))):
        found = {fold(text) for text in _texts(cells, index)}
        if required <= found and found & declared:
            return index
        if len(found & declared) > most:
            most, best = len(found & declared), index
    return best


def _names(cells: list[pa.Array], header: int) -> list[str]:
    """Give the headings up to the last one."""
    names = [column[header].as_py() or "" for column in cells]
    while names and not names[-1].strip():
        names.pop()
    return names


def _texts(columns: list[pa.Array], row: int) -> list[str]:
    return [text for text in (column[row].as_py() for column in columns) if text]
