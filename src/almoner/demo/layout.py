"""Why: describes one delivered table: its file, its format, its key, its columns, whom it names, what is
planted in it.

The sources, the writers, the truth and LAYOUT.md all read the same description. Must never hold a person's
value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from almoner.demo.chance import Ints, Text
from almoner.demo.months import Month

if TYPE_CHECKING:
    from almoner.demo.town import Town

PERSON = "_person"
"""Columns of a table that start with this hold, for a slot's suffix, the number of the person or -1."""


@dataclass(frozen=True)
class Plant:
    """A fault that is put into a file on purpose, in each month unless said otherwise."""

    kind: str
    column: str = ""
    months: tuple[int, ...] = (0, 1)


@dataclass(frozen=True)
class Layout:
    """One delivered table."""

    source: str
    dataset: str
    title: str
    file: str
    """Name with {period} (2026-03), {month} (202603) or {sent} (20260407)."""
    format: Literal["csv", "xlsx", "jsonl", "xml", "parquet"]
    delivery: Literal["snapshot", "delta", "append"]
    key: tuple[str, ...]
    columns: dict[str, str]
    """Column name, or path in JSON and XML, and what it means."""
    people: dict[str, str]
    """Suffix of the record id and who that is; empty: the table names nobody."""
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    dates: str = "yyyy-mm-dd"
    action: str = ""
    actions: tuple[str, str, str] = ("I", "U", "D")
    sheet: str = ""
    date_cells: tuple[str, ...] = ()
    """Columns of a sheet whose days are date cells; what is no day is written as text."""
    titles: tuple[str, ...] = ()
    """Rows above the header of a sheet; {period} is filled in."""
    footer: str = ""
    """First cell of a last row that is no data; {rows} is filled in."""
    plants: tuple[Plant, ...] = ()
    note: str = ""

    @property
    def label(self) -> str:
        """Give source and dataset as one name."""
        return f"{self.source}.{self.dataset}"

    def file_name(self, month: Month) -> str:
        """Give the file's name for a month."""
        sent = str(month.sent).replace("-", "")
        return self.file.format(period=month.label, month=month.digits, sent=sent)


Tables = tuple[pl.DataFrame | None, pl.DataFrame | None]
"""What a dataset holds at the end of each month (append: what is new in it); None: no delivery."""


def both_months(fill: Callable[[int], pl.DataFrame]) -> Tables:
    """Fill a table for each of the two months."""
    return fill(0), fill(1)


@dataclass(frozen=True)
class Feed:
    """A layout and the function that fills it."""

    layout: Layout
    fill: Callable[[Town], Tables]


def table(columns: Mapping[str, Text | np.ndarray | pl.Series], people: dict[str, Ints]) -> pl.DataFrame:
    """Make a table of delivered columns, and of the people whom each slot names."""
    data: dict[str, pl.Series] = {}
    for name, values in columns.items():
        if isinstance(values, pl.Series):
            data[name] = values.alias(name)
        elif values.dtype == object:
            data[name] = pl.Series(name, values.tolist(), dtype=pl.String)
        else:
            data[name] = pl.Series(name, values)
    for suffix, who in people.items():
        data[PERSON + suffix] = pl.Series(PERSON + suffix, np.asarray(who, dtype=np.int64))
    return pl.DataFrame(data)


def person_columns(frame: pl.DataFrame) -> list[str]:
    """Name the columns that hold people."""
    return [name for name in frame.columns if name.startswith(PERSON)]
