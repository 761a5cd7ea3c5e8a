"""What a check finds, in words that hold no number, and what was said of each cell before and with a new release.

Ranges and counts in here are secrets: the text of a finding names cells and releases only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from almoner.methods.disclosure.ledger import Cells, Ledger, cells_of
from almoner.methods.disclosure.released import ReleaseTable
from almoner.methods.disclosure.sums import Bounds, IndexArray

Range = tuple[float, float]
Place = tuple[int, ...]


@dataclass(frozen=True)
class Finding:
    """A count that could be narrowed down too far.

    cell: what it is about, by dimension. releases: the earlier releases that make it deducible, with the new one.
    new_cells: the cells of the new release that it takes, as (table, row). deducible: secret. place: the numbers of its
    sets in the ledger's space.
    """

    population: str
    cell: Mapping[str, str]
    releases: tuple[str, ...]
    new_cells: tuple[tuple[int, int], ...] = field(repr=False)
    deducible: Range = field(repr=False)
    shown: bool = True
    place: Place = field(default=(), repr=False)

    def text(self) -> str:
        """Say it without a number."""
        about = ", ".join(f"{name} {code}" for name, code in self.cell.items() if code != "*") or "everything"
        what = "A protected count" if self.shown else "A small count that no table shows"
        earlier = f" together with {', '.join(self.releases)}" if self.releases else ""
        return f"{what} of {self.population} ({about}) can be deduced{earlier}."


@dataclass(frozen=True)
class Verdict:
    """What came of a check.

    standing: what could be deduced before the release already. contradictions: populations whose figures were counted
    anew in a way that leaves no common truth. entangled: how many counts were looked at; told: how many of them the
    attacker was told because too many are tied together.
    """

    findings: tuple[Finding, ...]
    standing: tuple[Finding, ...] = ()
    contradictions: tuple[str, ...] = ()
    entangled: int = 0
    told: int = 0

    @property
    def passes(self) -> bool:
        """Say whether the release may go out."""
        return not self.findings and not self.contradictions


class Said:
    """Everything that is said of one population: by earlier releases, and by the new one."""

    def __init__(self, ledger: Ledger, population: str, tables: Sequence[ReleaseTable]) -> None:
        self.population, self.space = population, ledger.space
        self._earlier = ledger.earlier(population)
        self._new = [(number, table) for number, table in enumerate(tables) if table.population == population]
        self.cells: Cells = cells_of(self.space, [*self._earlier, *(table for _, table in self._new)])
        self._first_row = sum(map(len, self._earlier))
        self.new_cells = np.unique(self.cells.cell_of_row[self._first_row :])

    def before(self) -> Bounds:
        """Give what was said of each cell before the release."""
        low, high = self.cells.low.copy(), self.cells.high.copy()
        said_low, said_high = np.zeros(len(self.cells)), np.full(len(self.cells), np.inf)
        if self._earlier:
            rows = self.cells.cell_of_row[: self._first_row]
            np.maximum.at(said_low, rows, np.concatenate([table.low for table in self._earlier]))
            np.minimum.at(said_high, rows, np.concatenate([table.high for table in self._earlier]))
        new = self.new_cells
        low[new], high[new] = np.minimum(said_low[new], low[new]), np.maximum(said_high[new], high[new])
        return low, high

    def finding(self, place: Place, deducible: Range, reasons: IndexArray, *, shown: bool) -> Finding:
        """Say that a count can be narrowed down. In: reasons: the cells that it takes."""
        nodes = self.space.nodes
        about = {name: nodes[column].name(place[column]) for column, name in enumerate(self.space.dimensions)}
        mine = {table.release for _, table in self._new}
        earlier = tuple(name for name in self.cells.releases_of(reasons) if name not in mine)
        return Finding(self.population, about, earlier, self._rows_of(reasons), deducible, shown, tuple(place))

    def _rows_of(self, cells: IndexArray) -> tuple[tuple[int, int], ...]:
        """Give the rows of the new tables that say something of these cells."""
        result, start = [], self._first_row
        for number, table in self._new:
            rows = np.flatnonzero(np.isin(self.cells.cell_of_row[start : start + len(table)], cells))
            result += [(number, int(row)) for row in rows]
            start += len(table)
        return tuple(result)
