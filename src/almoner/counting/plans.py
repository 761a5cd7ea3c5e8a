"""What a profile asks the gate for: named steps, and the views and columns that they read.

A plan is a value. It never opens an engine and knows nothing of permits: whoever runs it decides whether it
may.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from almoner.kernel.steps import Step

Reads = Mapping[str, tuple[str, ...]]
"""View name, e.g. 'fact.event' → the columns of it that the steps read."""

RESIDENT = "spine.resident"
PLACE = "place"
"""The geography of the one area that is the whole place; also its area code."""
DRAWN = "drawn"
"""The geography of areas that somebody has drawn."""


class Rows(Protocol):
    """What the gate gives back: the part of it that profiles use."""

    def to_arrow(self) -> Any:
        """Give all rows as an Arrow table."""
        ...


Run = Callable[[Sequence[Step], Reads], Rows]
"""Runs steps, and gives the rows of the last. Raises AccessRefused where the permit doesn't allow a read."""


@dataclass(frozen=True)
class Plan:
    """Steps with what they read. `datasets`: the declared datasets whose rows they are about."""

    steps: tuple[Step, ...]
    reads: Reads
    datasets: tuple[str, ...] = ()

    def rows(self, run: Run) -> list[dict[str, Any]]:
        """Run the plan and give its rows."""
        return list(run(self.steps, self.reads).to_arrow().to_pylist())


def merged(parts: Iterable[Reads]) -> Reads:
    """Join several `reads` into one: every column once, in order of first use."""
    joined: dict[str, dict[str, None]] = {}
    for reads in parts:
        for view, columns in reads.items():
            joined.setdefault(view, {}).update(dict.fromkeys(columns))
    return {view: tuple(columns) for view, columns in joined.items()}


def content_name(prefix: str, *sql: str) -> str:
    """Name a step by what it computes, its own SQL and that of the steps below it.

    A runner may keep a step's result for later plans: then the same name has to mean the same rows.
    """
    return f"{prefix}_{hashlib.sha256(chr(0).join(sql).encode()).hexdigest()[:12]}"


def quoted(name: str) -> str:
    """Write a view or column name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Write a text for SQL."""
    return "'" + value.replace("'", "''") + "'"


def date_literal(day: dt.date) -> str:
    """Write a date for SQL."""
    return f"DATE '{day.isoformat()}'"


def one_of(column: str, values: Sequence[str]) -> str:
    """Write the condition that a column has one of the values; no values: no condition."""
    return f"{column} IN ({', '.join(literal(value) for value in values)})" if values else "TRUE"


def months_before(day: dt.date, months: int) -> dt.date:
    """Give the day that many months earlier; the end of a month goes to the end of a month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    at_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return dt.date(year, month + 1, last if at_end else min(day.day, last))
