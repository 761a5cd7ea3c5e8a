"""States a draft as the disclosure methods know it, each cell once with what will be said of it; reads repairs back.

The same cell may stand in several tables (a denominator in each indicator): it is stated once, as narrowly as any of
them says it, and a repair of it changes them all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.primary import SmallNumberRule, is_small
from almoner.methods.disclosure.released import ReleaseTable, said_when_rounded, said_when_suppressed
from almoner.registry.releasing import ReleaseRules
from almoner.release.draft import (
    ABSENT,
    Column,
    CountColumn,
    Draft,
    DraftTable,
    Said,
)

Key = tuple[str, ...]
Place = tuple[int, int, int]
"""Table, column, row of a draft."""


def rule_of(rules: ReleaseRules) -> SmallNumberRule:
    """Give the registry's rule for small numbers."""
    return SmallNumberRule(rules.largest_small, rules.rounding_base, rules.protection_width)


@dataclass(frozen=True)
class Statement:
    """The tables of a draft by population, and where each of their cells stands in the draft."""

    tables: tuple[ReleaseTable, ...]
    places: tuple[dict[Key, list[Place]], ...]

    def __len__(self) -> int:
        return sum(map(len, self.tables))


def state_draft(draft: Draft, release: str, rule: SmallNumberRule) -> Statement:
    """State a draft as it would be published.

    Raises: ReleaseRefused where one cell is given two different counts.
    """
    by_population: dict[str, dict[Key, list[Place]]] = {}
    dimensions = _dimensions(draft)
    for number, column_number, column in _counts(draft):
        names = dimensions[column.population]
        listed = by_population.setdefault(column.population, {})
        for row, said in enumerate(column.said):
            if said not in ABSENT:
                key = tuple(column.codes[name][row] if name in column.codes else WHOLE for name in names)
                listed.setdefault(key, []).append((number, column_number, row))
    tables, places = [], []
    for population, listed in by_population.items():
        if listed:
            tables.append(_table(draft, release, population, dimensions[population], listed, rule))
            places.append(listed)
    return Statement(tuple(tables), tuple(places))


def _counts(draft: Draft) -> Iterator[tuple[int, int, CountColumn]]:
    for number, table in enumerate(draft.tables):
        for column_number, column in enumerate(table.columns):
            if isinstance(column, CountColumn):
                yield number, column_number, column


def _dimensions(draft: Draft) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for _, _, column in _counts(draft):
        found.setdefault(column.population, set()).update(column.codes)
    return {population: tuple(sorted(names)) for population, names in found.items()}


def _table(
    draft: Draft, release: str, population: str, names: tuple[str, ...], listed: dict[Key, list[Place]],
    rule: SmallNumberRule,
) -> ReleaseTable:  # fmt: skip
    exact = np.array([_exact(draft, population, places) for places in listed.values()], dtype=np.float64)
    said = [{_column_at(draft, place).said[place[2]] for place in places} for places in listed.values()]
    shown = np.array([bool(each - {"withheld"}) for each in said])
    # Where every small count is withheld, no small count can stand behind a rounded figure.
    threshold = 0 if np.any(is_small(exact, rule) & shown) else rule.largest_small
    low, high = said_when_suppressed(exact)
    around = said_when_rounded(exact, rule.base, threshold)
    low, high = np.where(shown, around[0], low), np.where(shown, around[1], high)
    as_it_is = np.array(["exact" in each for each in said])
    low, high = np.where(as_it_is, exact, low), np.where(as_it_is, exact, high)
    codes = {name: [key[place] for key in listed] for place, name in enumerate(names)}
    return ReleaseTable(release, population, codes, low, high, exact, is_small(exact, rule))


def _exact(draft: Draft, population: str, places: Sequence[Place]) -> float:
    found = {_column_at(draft, place).exact[place[2]] for place in places}
    if len(found) != 1 or None in found:
        tables = sorted({draft.tables[number].name for number, _, _ in places})
        raise ReleaseRefused(
            f"Two different counts are given for the same cell of '{population}'.",
            where=f"tables {', '.join(tables)}",
            why="One of them is wrong, or they are about different people.",
            todo="State them as different populations, or mend the table.",
        )
    (count,) = found
    return float(count or 0.0)


def _column_at(draft: Draft, place: Place) -> CountColumn:
    column = draft.tables[place[0]].columns[place[1]]
    assert isinstance(column, CountColumn)
    return column


# ── repairs ──────────────────────────────────────────────────────────────────────────────────────────────────────


def repaired(draft: Draft, statement: Statement, tables: Sequence[ReleaseTable]) -> Draft:
    """Give the draft as repaired tables say it: cells that they leave out go, with their rows.

    In: tables: for each population that the statement has, the repaired table, or none if nothing is left of it.
    """
    changed: dict[Place, Said] = {}
    gone: set[tuple[int, int]] = set()
    by_population = {table.population: table for table in tables}
    for before, places in zip(statement.tables, statement.places, strict=True):
        after = by_population.get(before.population)
        kept = {} if after is None else dict(zip(_keys(after, before), range(len(after)), strict=True))
        for row, (key, listed) in enumerate(places.items()):
            if key not in kept:
                gone |= {(number, at) for number, _, at in listed}
            elif after is not None and (said := _said(before, row, after, kept[key])):
                changed |= dict.fromkeys(listed, said)
    return draft.with_tables(tuple(_mended(number, table, changed, gone) for number, table in enumerate(draft.tables)))


def _keys(table: ReleaseTable, before: ReleaseTable) -> list[Key]:
    names = sorted(before.codes)
    return list(zip(*(table.codes[name] for name in names), strict=True)) if names else [()] * len(table)


def _said(before: ReleaseTable, row: int, after: ReleaseTable, at: int) -> Said | None:
    if before.low[row] == after.low[at] and before.high[row] == after.high[at]:
        return None
    return "withheld" if math.isinf(after.high[at]) else "rounded"


def _mended(number: int, table: DraftTable, changed: dict[Place, Said], gone: set[tuple[int, int]]) -> DraftTable:
    columns: list[Column] = []
    for place, column in enumerate(table.columns):
        if isinstance(column, CountColumn):
            said = tuple(changed.get((number, place, row), each) for row, each in enumerate(column.said))
            columns.append(replace(column, said=said))
        else:
            columns.append(column)
    return replace(table, columns=tuple(columns)).take([row for row in range(len(table)) if (number, row) not in gone])
