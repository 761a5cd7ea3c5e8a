"""Holds every cell ever released, so that the figures a new one is entangled with are found by look-up.

Cells of one population lie on lines: they agree in everything but one dimension. Each line is found by a key, never
by comparing cells in pairs. The same set of people under two codes (a ward that a boundary change left alone) is one
cell, and what all releases say of it holds together. Withdrawn releases stay in: what was published stays known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.partitions import WHOLE, Dimension
from almoner.methods.disclosure.released import ReleaseTable
from almoner.methods.disclosure.sums import TOLERANCE, BoolArray, FloatArray, IndexArray

KeyArray = NDArray[np.int64]


class Nodes:
    """Numbers the sets of atoms of one dimension: equal sets have one number."""

    def __init__(self, dimension: Dimension) -> None:
        self._dimension = dimension
        self._numbers: dict[int, int] = {}
        self._of_code: dict[str, int] = {}
        self.masks: list[int] = []
        self.families: list[frozenset[str]] = []
        self.names: list[str] = []

    def of_mask(self, mask: int, name: str = "") -> int:
        """Give the number of a set."""
        number = self._numbers.setdefault(mask, len(self.masks))
        if number == len(self.masks):
            self.masks.append(mask)
            self.families.append(frozenset())
            self.names.append(name)
        return number

    def of_code(self, code: str) -> int:
        """Give the number of the set that a code stands for."""
        number = self._of_code.get(code)
        if number is None:
            number = self._of_code[code] = self.of_mask(self._dimension.mask(code), code)
            self.families[number] |= {self._dimension.family(code)}
            self.names[number] = self.names[number] or code
        return number

    def name(self, number: int) -> str:
        """Name a set: by its code, or as part of the smallest coded set around it."""
        if self.names[number]:
            return self.names[number]
        mask = self.masks[number]
        around = [place for place, name in enumerate(self.names) if name and not mask & ~self.masks[place]]
        smallest = min(around, key=lambda place: self.masks[place].bit_count(), default=None)
        return "a piece" if smallest is None else f"a piece of {self.names[smallest]}"


@dataclass(frozen=True)
class Space:
    """The dimensions that a ledger's cells are cut by, in one order, and the numbers of their sets."""

    dimensions: Mapping[str, Dimension]

    @cached_property
    def nodes(self) -> tuple[Nodes, ...]:
        """Give the sets of each dimension."""
        return tuple(Nodes(dimension) for dimension in self.dimensions.values())

    @cached_property
    def bits(self) -> int:
        """Say how many bits of a key each dimension has."""
        return min(63 // max(1, len(self.dimensions)), 31)

    def locate(self, table: ReleaseTable) -> KeyArray:
        """Give the set of each cell in each dimension. Out: cells × dimensions.

        Raises: CalculationError for a dimension or a code that is not declared.
        """
        if unknown := set(table.codes) - set(self.dimensions):
            raise CalculationError(f"The dimension {min(unknown)} of release {table.release} is not declared.")
        located = np.empty((len(table), len(self.dimensions)), dtype=np.int64)
        for column, (name, nodes) in enumerate(zip(self.dimensions, self.nodes, strict=True)):
            if name not in table.codes:
                located[:, column] = nodes.of_code(WHOLE)
                continue
            numbers = {code: nodes.of_code(code) for code in dict.fromkeys(table.codes[name])}
            located[:, column] = [numbers[code] for code in table.codes[name]]
        return located

    def key(self, located: KeyArray, without: int | None = None) -> KeyArray:
        """Give one number for each cell, or for the line on which it lies along a dimension."""
        key = np.zeros(len(located), dtype=np.int64)
        for column in range(located.shape[1]):
            if len(self.nodes[column].masks) >= 1 << self.bits:
                raise CalculationError("A dimension has too many different sets for one ledger.")
            if column != without:
                key = (key << self.bits) | located[:, column]
        return key

    def key_of(self, place: Sequence[int], without: int) -> int:
        """Give the number of the line on which a single count lies along a dimension."""
        key, bits = 0, self.bits
        for column, node in enumerate(place):
            if column != without:
                key = (key << bits) | node
        return key


@dataclass(frozen=True)
class Cells:
    """The cells of one population, each once, with everything that was ever said of them.

    row_of...: one entry per statement: its cell, and its place in `releases`.
    """

    space: Space
    located: KeyArray
    low: FloatArray
    high: FloatArray
    exact: FloatArray
    protected: BoolArray
    revised: BoolArray
    cell_of_row: IndexArray
    release_of_row: IndexArray
    releases: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.exact)

    @cached_property
    def _lines(self) -> list[tuple[KeyArray, IndexArray]]:
        """Sort the cells by the line on which they lie, along each dimension."""
        keys = [self.space.key(self.located, column) for column in range(self.located.shape[1])]
        orders = [np.argsort(key, kind="stable") for key in keys]
        return [(key[order], order) for key, order in zip(keys, orders, strict=True)]

    def on_line(self, dimension: int, key: int) -> IndexArray:
        """Give the cells on a line."""
        keys, order = self._lines[dimension]
        first, after = np.searchsorted(keys, [key, key + 1])
        return order[first:after]

    def releases_of(self, cells: IndexArray) -> list[str]:
        """Name the releases that say something of these cells, the earliest first."""
        rows = np.isin(self.cell_of_row, cells)
        return [self.releases[number] for number in np.unique(self.release_of_row[rows])]


def cells_of(space: Space, tables: Sequence[ReleaseTable]) -> Cells:
    """Bring the statements of all tables together by what they are about, the earliest table first."""
    located = np.concatenate([space.locate(table) for table in tables])
    names = tuple(dict.fromkeys(table.release for table in tables))
    numbers = [names.index(table.release) for table in tables]
    release = np.repeat(numbers, [len(table) for table in tables]).astype(np.intp)
    keys = space.key(located)
    _, first, cell = np.unique(keys, return_index=True, return_inverse=True)
    low = np.concatenate([table.low for table in tables])
    high = np.concatenate([table.high for table in tables])
    exact = np.concatenate([table.exact for table in tables])
    protected = np.concatenate([table.protected for table in tables])
    together = _Together(len(first), cell)
    lowest, highest = together.largest(low, 0.0), -together.largest(-high, -np.inf)
    last = together.last()
    # A figure that was counted anew: the latest statement is what counts, and it is said that it was.
    revised = (lowest > highest + TOLERANCE) | (lowest > exact[last]) | (highest < exact[last])
    return Cells(
        space,
        located[first],
        np.where(revised, low[last], lowest),
        np.where(revised, high[last], highest),
        exact[last],
        together.largest(protected.astype(np.float64), 0.0) > 0,
        revised,
        cell,
        release,
        names,
    )


@dataclass(frozen=True)
class _Together:
    """Rows that belong to the same cell."""

    count: int
    cell: IndexArray

    def largest(self, values: FloatArray, least: float) -> FloatArray:
        result = np.full(self.count, least)
        np.maximum.at(result, self.cell, values)
        return result

    def last(self) -> IndexArray:
        result = np.zeros(self.count, dtype=np.intp)
        result[self.cell] = np.arange(len(self.cell))
        return result


@dataclass(frozen=True)
class Ledger:
    """Everything ever released, by population.

    remembered: what checks leave for later ones to start from; secret.
    """

    space: Space
    tables: Mapping[str, tuple[ReleaseTable, ...]] = field(default_factory=dict)
    remembered: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def with_tables(self, tables: Sequence[ReleaseTable]) -> Ledger:
        """Enter the tables of a release."""
        entered = dict(self.tables)
        for table in tables:
            entered[table.population] = (*entered.get(table.population, ()), table)
        return Ledger(self.space, entered, self.remembered)

    def earlier(self, population: str) -> tuple[ReleaseTable, ...]:
        """Give what was released of a population."""
        return self.tables.get(population, ())
