"""Writes, for each row, whether it misses what is expected of it: true, false, or NULL where nothing was expected.

What is written reads values and shows none: a view of it says which rows miss which expectation, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from almoner.registry.datasets import AS_DELIVERED, PLACE, PLACE_IDENTIFIERS, Column, Dataset
from almoner.registry.expectations import Bound, Condition, Expectation
from almoner.registry.layout import keeps_original
from almoner.registry.registry import Registry
from almoner.store.engine import literal, quoted

_SEPARATOR = "chr(31)"
_PENNY = 0.005
"""Sums of decimals differ by less than this from what they should be."""


@dataclass(frozen=True)
class Rows:
    """What the rules are written over.

    relation: the rows, with every column that is read; part: the table of a part of the lake ('persons', 'places');
    values: the values of another dataset's column (dataset, column), one column `v`, no NULL.
    """

    relation: str
    part: Callable[[str], str]
    values: Callable[[str, str], str]


def columns_read(dataset: Dataset, wanted: Sequence[Expectation]) -> list[str]:
    """Name the columns that expectations read, each once."""
    return list(dict.fromkeys(column for each in wanted for column in each.columns() if column in dataset.columns))


def delivered_too(dataset: Dataset, wanted: Sequence[Expectation]) -> list[str]:
    """Name the columns whose text as delivered is read beside their value."""
    names = [each.understood for each in wanted if each.understood is not None]
    return [name for name in dict.fromkeys(names) if keeps_original(dataset.columns[name])]


def missed_sql(registry: Registry, dataset: Dataset, expectation: Expectation, rows: Rows) -> str:
    """Write the CASE that says of a row (alias r) whether it misses an expectation."""
    tested, missed = _rule(registry, dataset, expectation, rows)
    conditions = [f"({test})" for test in (tested, *map(_condition, expectation.where)) if test != "TRUE"]
    return f"CASE WHEN {' AND '.join(conditions) or 'TRUE'} THEN {missed} END"


def _rule(registry: Registry, dataset: Dataset, expectation: Expectation, rows: Rows) -> tuple[str, str]:
    """Give which rows are looked at, and which of them miss it."""
    if expectation.complete is not None:
        column = dataset.columns[expectation.complete]
        return _applies(dataset, column, rows), f"{_own(column.name)} IS NULL"
    if expectation.understood is not None:
        return _understood(registry, dataset, dataset.columns[expectation.understood], rows)
    if expectation.unique is not None:
        return _unique(expectation, rows)
    if expectation.refers is not None:
        refers, named = expectation.refers, _own(expectation.refers.column)
        return f"{named} IS NOT NULL", f"{plain(named)} NOT IN ({rows.values(refers.dataset, refers.to)})"
    return _compared(expectation)


def _compared(expectation: Expectation) -> tuple[str, str]:
    """Give the same for rules that compare values of one row."""
    if (between := expectation.between) is not None:
        column_sql = _own(between.column)
        bounds = [
            f"{column_sql} {sign} {_bound(bound)}"
            for sign, bound in (("<", between.lowest), (">", between.highest))
            if bound is not None
        ]
        return f"{column_sql} IS NOT NULL", f"({' OR '.join(bounds)})"
    if expectation.in_order is not None:
        first, then = map(_own, expectation.in_order)
        return f"{first} IS NOT NULL AND {then} IS NOT NULL", f"{first} > {then}"
    assert expectation.adds_up is not None, "only rules about single rows are written"
    parts, total = [_own(name) for name in expectation.adds_up.parts], _own(expectation.adds_up.total)
    given = " AND ".join(f"{each} IS NOT NULL" for each in (*parts, total))
    return given, f"abs({' + '.join(parts)} - {total}) >= {_PENNY}"


def _understood(registry: Registry, dataset: Dataset, column: Column, rows: Rows) -> tuple[str, str]:
    own = _own(column.name)
    if column.codes is not None:
        delivered = f"r.{quoted(column.name + AS_DELIVERED)}"
        unknown = [word.upper() for word in (*registry.codes[column.codes].missing, *column.missing)] or [""]
        listed = ", ".join(map(literal, unknown))
        tested = f"{own} IS NOT NULL OR ({delivered} IS NOT NULL AND upper({delivered}) NOT IN ({listed}))"
        return tested, f"{own} IS NULL"
    kind, slot = quoted(str(column.identifies)), _slot_of(dataset, column)
    if slot is None:
        known = f"SELECT row_id FROM {rows.part('places')} WHERE {kind} IS NOT NULL"
        return f"{own} IS NOT NULL", f"r.row_id NOT IN ({known})"
    lost = f"SELECT row_id FROM {rows.part('persons')} WHERE slot = {literal(slot)} AND {kind} IS NULL"
    return f"{own} IS NOT NULL", f"r.row_id IN ({lost})"


def _unique(expectation: Expectation, rows: Rows) -> tuple[str, str]:
    own = [_own(name) for name in expectation.unique or ()]
    together = plain(own[0]) if len(own) == 1 else f"concat_ws({_SEPARATOR}, {', '.join(map(plain, own))})"
    given = " AND ".join(f"{each} IS NOT NULL" for each in own)
    chosen = " AND ".join([given, *map(_condition, expectation.where)])
    shared = f"SELECT {together} FROM {rows.relation} AS r WHERE {chosen} GROUP BY 1 HAVING count(*) > 1"
    return given, f"{together} IN ({shared})"


def _applies(dataset: Dataset, column: Column, rows: Rows) -> str:
    """A column about a person is expected where the row names one."""
    slot = _slot_of(dataset, column) if column.identifies else None
    if slot is None:
        return "TRUE"
    return f"r.row_id IN (SELECT row_id FROM {rows.part('persons')} WHERE slot = {literal(slot)})"


def _slot_of(dataset: Dataset, column: Column) -> str | None:
    """Name the person that a column identifies; None for the row's place."""
    if column.person is not None:
        return None if column.person == PLACE else column.person
    if column.identifies in PLACE_IDENTIFIERS or len(dataset.people) != 1:
        return None
    return next(iter(dataset.people))


def _condition(condition: Condition) -> str:
    column = f"CAST({_own(condition.column)} AS VARCHAR)"
    tests = []
    if condition.values:
        tests.append(f"coalesce({column} IN ({', '.join(map(literal, condition.values))}), FALSE)")
    if condition.not_values:
        tests.append(f"coalesce({column} NOT IN ({', '.join(map(literal, condition.not_values))}), TRUE)")
    if condition.filled is not None:
        tests.append(f"{column} IS {'NOT ' if condition.filled else ''}NULL")
    return " AND ".join(tests) or "TRUE"


def plain(column: str) -> str:
    """Write a value so that spaces and letter case tell no two apart."""
    return f"replace(upper(CAST({column} AS VARCHAR)), ' ', '')"


def _own(name: str) -> str:
    return f"r.{quoted(name)}"


def _bound(bound: Bound) -> str:
    if bound == "as_of":
        return "r.as_of"
    return f"DATE {literal(bound.isoformat())}" if isinstance(bound, dt.date) else repr(bound)
