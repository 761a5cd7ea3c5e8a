"""Writes down the sums within a table of several dimensions, each with its own hierarchy, and between linked tables.

A table's cells are numbered; a cell is the same cell in each table that shows it. Every cell that can be split along
one dimension gives one sum. It must never leave a sum out: what is not written down can't be defended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from almoner.methods.disclosure.sums import Group

Hierarchy = Mapping[str, Sequence[str]]
"""Each code that is split, with the codes that it is split into: {"place": ["north", "south"]}."""

Position = tuple[str, ...]
"""The codes of a cell, one per dimension."""


def number_cells(tables: Sequence[Sequence[Sequence[str]]]) -> dict[Position, int]:
    """Number the cells of linked tables, each given by the codes it shows in each dimension."""
    numbers: dict[Position, int] = {}
    for table in tables:
        for position in product(*table):
            numbers.setdefault(position, len(numbers))
    return numbers


def table_groups(cells: Mapping[Position, int], hierarchies: Sequence[Sequence[Hierarchy]]) -> list[Group]:
    """Give every sum among the cells.

    In: cells: number of each; hierarchies: for each dimension one or more ways to split its codes (wards and
        statistical areas split the same place in two ways).
    """
    return [
        Group(number, parts) for position, number in cells.items() for parts in _splits(position, cells, hierarchies)
    ]


def _splits(
    position: Position, cells: Mapping[Position, int], hierarchies: Sequence[Sequence[Hierarchy]]
) -> Iterator[tuple[int, ...]]:
    for dimension, ways in enumerate(hierarchies):
        for way in ways:
            codes = way.get(position[dimension], ())
            parts = [(*position[:dimension], code, *position[dimension + 1 :]) for code in codes]
            if parts and all(part in cells for part in parts):
                yield tuple(cells[part] for part in parts)
