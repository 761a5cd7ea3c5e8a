"""A draft: tables of true counts with what each is about and how it is going to be said. As secret as the records.

It is kept encrypted and never rendered: `publication` makes of it what may be seen. A count is said exactly, rounded,
withheld, or stands for something that isn't there; these never fall together with zero.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Said = Literal["exact", "rounded", "withheld", "[x]", "[z]"]
Interval = Literal["", "wilson", "byar"]
ABSENT: tuple[Said, ...] = ("[x]", "[z]")
FORMATS = ("csv", "xlsx", "json", "html", "pdf")
EXTRACT_FORMATS = ("csv", "json")


@dataclass(frozen=True)
class LabelColumn:
    """A column of words or codes that say what a row is about."""

    name: str
    title: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class CountColumn:
    """A column of counts of one population. codes: dimension → one code for each row.

    exact: secret; None where there is no figure, and `said` then says which kind of none.
    """

    name: str
    title: str
    population: str
    codes: Mapping[str, tuple[str, ...]]
    exact: tuple[float | None, ...] = field(repr=False)
    said: tuple[Said, ...]


@dataclass(frozen=True)
class SumColumn:
    """A column of sums of amounts. contributors: the column of counts of who stands behind; largest: row by row, the
    largest contributions. Both the sums and these are secret."""

    name: str
    title: str
    population: str
    codes: Mapping[str, tuple[str, ...]]
    exact: tuple[float | None, ...] = field(repr=False)
    said: tuple[Said, ...]
    contributors: str
    largest: tuple[tuple[float, ...], ...] = field(repr=False)
    base: int = 100


@dataclass(frozen=True)
class RateColumn:
    """A column that is made of two columns of counts or sums as they are published, never as they are."""

    name: str
    title: str
    numerator: str
    denominator: str
    per: float
    decimals: int = 1
    interval: Interval = ""


@dataclass(frozen=True)
class GivenColumn:
    """Figures that were published by others, or made of these and of counts as they are published. Values or markers,
    row by row. Never what adds up or averages what records say of people: nothing checks it against what is out."""

    name: str
    title: str
    values: tuple[float | str, ...]
    decimals: int = 0


Column = LabelColumn | CountColumn | SumColumn | RateColumn | GivenColumn
_KINDS: dict[str, type[Column]] = {
    "label": LabelColumn, "count": CountColumn, "sum": SumColumn, "rate": RateColumn, "given": GivenColumn,
}  # fmt: skip


@dataclass(frozen=True)
class DraftTable:
    """One table. One that is not shown states what an extract tells, for the ledger."""

    name: str
    title: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    shown: bool = True

    def counts(self) -> list[CountColumn]:
        """List the columns of counts."""
        return [column for column in self.columns if isinstance(column, CountColumn)]

    def sums(self) -> list[SumColumn]:
        """List the columns of sums of amounts."""
        return [column for column in self.columns if isinstance(column, SumColumn)]

    def take(self, rows: Sequence[int]) -> DraftTable:
        """Keep some of the rows, in the order given."""
        return replace(self, columns=tuple(_taken(column, rows) for column in self.columns))

    def __len__(self) -> int:
        return max(
            (len(each.values) for each in self.columns if isinstance(each, LabelColumn | GivenColumn)), default=0
        )


def _taken(column: Column, rows: Sequence[int]) -> Column:
    if isinstance(column, LabelColumn):
        return replace(column, values=tuple(column.values[row] for row in rows))
    if isinstance(column, GivenColumn):
        return replace(column, values=tuple(column.values[row] for row in rows))
    if isinstance(column, RateColumn):
        return column
    kept = replace(
        column,
        said=tuple(column.said[row] for row in rows),
        exact=tuple(column.exact[row] for row in rows),
        codes={name: tuple(codes[row] for row in rows) for name, codes in column.codes.items()},
    )
    return replace(kept, largest=tuple(kept.largest[row] for row in rows)) if isinstance(kept, SumColumn) else kept


@dataclass(frozen=True)
class Extract:
    """Which of the tables holds records, and what its columns are.

    categories: of the data, first of the quasi-identifiers, then of the sensitive columns.
    """

    table: str
    covers: Literal["population", "sample"]
    quasi_identifiers: tuple[str, ...]
    sensitive: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """Everything that is going to leave, and everything that has to be known of it."""

    title: str
    description: str
    purpose: str
    recipient: str
    as_of: str
    tables: tuple[DraftTable, ...]
    project: str | None = None
    datasets: tuple[str, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()
    formats: tuple[str, ...] = FORMATS
    extract: Extract | None = None

    def with_tables(self, tables: tuple[DraftTable, ...]) -> Draft:
        """Give the draft with other tables."""
        return replace(self, tables=tables)

    def document(self) -> dict[str, Any]:
        """Give the draft as a document. Secret."""
        plain = asdict(replace(self, tables=()))
        plain["tables"] = [
            {
                "name": table.name, "title": table.title, "notes": table.notes, "shown": table.shown,
                "columns": [{"kind": _kind_of(column), **asdict(column)} for column in table.columns],
            }
            for table in self.tables
        ]  # fmt: skip
        return plain

    def text(self) -> str:
        """Write the draft in the one way in which it is kept and digested: any edit gives another text. Secret."""
        return json.dumps(self.document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def draft_of_text(text: str) -> Draft:
    """Read a draft back."""
    plain = json.loads(text)
    tables = [
        DraftTable(
            table["name"],
            table["title"],
            tuple(_column(each) for each in table["columns"]),
            tuple(table["notes"]),
            table["shown"],
        )
        for table in plain.pop("tables")
    ]
    extract = plain.pop("extract")
    made = None if extract is None else Extract(**{name: _frozen(value) for name, value in extract.items()})
    return Draft(tables=tuple(tables), extract=made, **{name: _frozen(value) for name, value in plain.items()})


def _kind_of(column: Column) -> str:
    return next(name for name, kind in _KINDS.items() if type(column) is kind)


def _column(document: dict[str, Any]) -> Column:
    kind = _KINDS[document.pop("kind")]
    return kind(**{name: _frozen(value) for name, value in document.items()})


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(each) for each in value)
    return {name: tuple(codes) for name, codes in value.items()} if isinstance(value, dict) else value
