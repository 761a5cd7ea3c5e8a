"""Judges a new release by what anybody could deduce from it together with everything released before.

A release fails if some protected count can be narrowed down to less than its rule allows, and could not be without the
release. Protected are small counts that a table states, and small pieces that no table shows but subtraction brings
out. What was deducible before is reported, and not held against the release. Ranges and counts found here are secrets:
the text of a finding names cells and releases, never a number.

Limits. Figures are compared within a population only: two editions of the same records, or two populations of the
same people, are not tied together. Lasting things counted at two dates are not either. Perturbed and rounded figures
count as ranges: how likely each value is within them is not used. Each count is judged by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from almoner.kernel.errors import FiguresContradict
from almoner.methods.disclosure.attacker import too_narrow
from almoner.methods.disclosure.entanglement import Entanglement, entangle
from almoner.methods.disclosure.ledger import Cells, Ledger, cells_of
from almoner.methods.disclosure.moves import Moves
from almoner.methods.disclosure.primary import RULE, SmallNumberRule
from almoner.methods.disclosure.reasons import Reasons
from almoner.methods.disclosure.released import ReleaseTable
from almoner.methods.disclosure.sums import TOLERANCE, BoolArray, FloatArray, IndexArray, propagate

Range = tuple[float, float]
Place = tuple[int, ...]

_NONE: IndexArray = np.array([], dtype=np.intp)


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


def check(ledger: Ledger, tables: Sequence[ReleaseTable], rule: SmallNumberRule = RULE) -> Verdict:
    """Check a release against every cell ever released.

    In: tables: those of the new release, as they would be published.
    Raises: CalculationError for codes that are not declared, or if the release can't be judged.
    """
    findings: list[Finding] = []
    standing: list[Finding] = []
    contradictions, entangled, told = [], 0, 0
    for population in dict.fromkeys(table.population for table in tables):
        one = _Check(ledger, population, tables, rule)
        try:
            new, old = one.findings()
        except FiguresContradict:
            contradictions.append(population)
            continue
        finally:
            entangled += len(one.tied.low)
            told += int(one.tied.told.sum())
        findings += new
        standing += old
    return Verdict(tuple(findings), tuple(standing), tuple(contradictions), entangled, told)


class Recheck:
    """Asks about the findings of a release again and again while more and more of it is withheld.

    That only widens what is known: what was safe stays safe. What passes has to be checked in full all the same.
    """

    def __init__(self, ledger: Ledger, tables: Sequence[ReleaseTable], rule: SmallNumberRule) -> None:
        self._ledger, self._rule = ledger, rule
        self._checks = {
            population: _Check(ledger, population, tables, rule, all_sums=True)
            for population in dict.fromkeys(table.population for table in tables)
        }

    def still(self, tables: Sequence[ReleaseTable], findings: Sequence[Finding]) -> tuple[list[Finding], bool]:
        """Give those of the findings that hold for the release as it is now, and whether these are all.

        What one sum after another tells is given first, alone: mending that often mends the rest.
        """
        asked = []
        for population, one in self._checks.items():
            places = {finding.place for finding in findings if finding.population == population}
            if places:
                one.restate(tables)
                asked.append((one, places))
        quick = [finding for one, places in asked for finding in one.still_at(places, solve=False)]
        if quick:
            return quick, False
        return [finding for one, places in asked for finding in one.still_at(places, solve=True)], True


class _Check:
    """The check of one population."""

    tied: Entanglement
    cells: Cells

    def __init__(
        self, ledger: Ledger, population: str, tables: Sequence[ReleaseTable], rule: SmallNumberRule, *,
        all_sums: bool = False,
    ) -> None:  # fmt: skip
        self.population, self.rule, self._all_sums = population, rule, all_sums
        self._space, self._earlier = ledger.space, ledger.earlier(population)
        self._first_row = sum(map(len, self._earlier))
        self._take(tables)
        self._new_cells = np.unique(self.cells.cell_of_row[self._first_row :])
        self._look_around(self._new_cells)

    def _take(self, tables: Sequence[ReleaseTable]) -> None:
        self._new = [(number, table) for number, table in enumerate(tables) if table.population == self.population]
        self.cells = cells_of(self._space, [*self._earlier, *(table for _, table in self._new)])
        self._moves: Moves | None = None

    def restate(self, tables: Sequence[ReleaseTable]) -> None:
        """Let the same cells say less."""
        self._take(tables)
        published = slice(0, self.tied.published)
        low, high = self.tied.low.copy(), self.tied.high.copy()
        low[published], high[published] = self.cells.low[self.tied.cells], self.cells.high[self.tied.cells]
        self.tied = replace(self.tied, low=low, high=high)
        self._before = self._said_before(self._earlier)

    def still_at(self, places: set[Place], *, solve: bool) -> list[Finding]:
        """Give the findings at places where there were some. In: solve: not only by one sum after another."""
        told = self._told(self.tied.low, self.tied.high)
        targets = np.flatnonzero([place in places for place in self.tied.places])
        if solve:
            narrow = self._narrow(*told, targets, doubtful=True)
        else:
            lowest, highest = propagate(self.tied.sums, *told)
            close = [count for count in targets if highest[count] - lowest[count] < self.rule.width - TOLERANCE]
            narrow = self._of_few({int(count): (float(lowest[count]), float(highest[count])) for count in close})
        if not narrow:
            return []
        reasons = Reasons(self.tied, *told, self.rule.width)
        return [self._finding(count, found, reasons.of(count)) for count, found in narrow.items()]

    def _look_around(self, cells: IndexArray) -> None:
        """Turn to what some cells are tied to."""
        self.tied = entangle(self.cells, cells, all_sums=self._all_sums)
        self._before = self._said_before(self._earlier)

    def findings(self) -> tuple[list[Finding], list[Finding]]:
        """Give what the release makes deducible, and what was before.

        Counts that were only told to the attacker are looked at afterwards, each with what lies around it.
        """
        new, old = self._found_around(self._targets())
        told = self.tied.cells[self.tied.told[: self.tied.published]]
        rest = [cell for cell in told[self.cells.protected[told]] if not self._wide(self.cells.located[cell])]
        if rest:
            self._look_around(np.array(rest, dtype=np.intp))
            again = self._found_around(np.flatnonzero(np.isin(self.tied.cells, rest)))
            new, old = [*new, *again[0]], [*old, *again[1]]
        return new, old

    def _said_before(self, earlier: Sequence[ReleaseTable]) -> tuple[FloatArray, FloatArray]:
        """Give what was said of each count before the release."""
        low, high = self.tied.low.copy(), self.tied.high.copy()
        rows = self.cells.cell_of_row[: self._first_row]
        said_low = np.zeros(len(self.cells))
        said_high = np.full(len(self.cells), np.inf)
        if earlier:
            np.maximum.at(said_low, rows, np.concatenate([table.low for table in earlier]))
            np.minimum.at(said_high, rows, np.concatenate([table.high for table in earlier]))
        new = np.isin(self.tied.cells, self._new_cells)
        changed = np.flatnonzero(new)
        low[changed] = np.minimum(said_low[self.tied.cells[new]], self.tied.low[changed])
        high[changed] = np.maximum(said_high[self.tied.cells[new]], self.tied.high[changed])
        return low, high

    def _found_around(self, targets: IndexArray) -> tuple[list[Finding], list[Finding]]:
        """Judge some of the counts that were turned to."""
        told = self._told(self.tied.low, self.tied.high)
        narrow = self._narrow(*told, targets, doubtful=True)
        if self.tied.told.any():
            # What the attacker was told may be all that makes a count look narrow.
            narrow = {count: found for count, found in narrow.items() if not self._shown_wide(count)}
        if not narrow:
            return [], []
        before = self._narrow(*self._before, np.array(sorted(narrow), dtype=np.intp), doubtful=False)
        reasons = Reasons(self.tied, *told, self.rule.width)
        return (
            [self._finding(count, found, reasons.of(count)) for count, found in narrow.items() if count not in before],
            [self._finding(count, found, _NONE) for count, found in before.items()],
        )

    def _targets(self) -> IndexArray:
        """Give the counts that nobody may narrow down: protected cells, and pieces that no table shows."""
        shown = np.flatnonzero(self.cells.protected[self.tied.cells] & ~self.tied.told[: self.tied.published])
        pieces = np.flatnonzero(self._could_be_small()[self.tied.published :]) + self.tied.published
        return np.concatenate([shown, pieces])

    def _told(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Let the attacker know the counts that are too far away."""
        told, exact = self.tied.told, self.tied.exact
        return np.where(told, exact, low), np.where(told, exact, high)

    def _narrow(self, low: FloatArray, high: FloatArray, targets: IndexArray, *, doubtful: bool) -> dict[int, Range]:
        """Find what is narrow. In: doubtful: take what could not be decided for narrow."""
        exact, width = self.tied.exact, self.rule.width
        found = too_narrow(
            self.tied.sums, low, high, exact, targets, width, doubtful=doubtful, shown_wide=self._shown_wide
        )
        return self._of_few(found)

    def _of_few(self, found: dict[int, Range]) -> dict[int, Range]:
        """Leave out pieces in which there surely is nobody, or more than a few: they tell nothing of a few."""
        few = self.rule.largest_small
        return {
            count: (lowest, highest)
            for count, (lowest, highest) in found.items()
            if count < self.tied.published or (lowest <= few and highest >= 1)
        }

    def _shown_wide(self, count: int) -> bool:
        """Say whether some other counts would have been published just the same."""
        return self._wide(self.tied.places[count])

    def _wide(self, place: Sequence[int]) -> bool:
        if self._moves is None:
            self._moves = Moves(self.cells)
        return self._moves.wide(place, self.rule.width)

    def _could_be_small(self) -> BoolArray:
        """Say which counts may be small, by all that the council itself knows from the tables."""
        known = ~np.isnan(self.tied.exact)
        low = np.where(known, self.tied.exact, self.tied.low)
        high = np.where(known, self.tied.exact, self.tied.high)
        lowest, highest = propagate(self.tied.sums, low, high)
        result: BoolArray = (lowest <= self.rule.largest_small) & (highest >= 1)
        return result

    def _finding(self, count: int, deducible: Range, reasons: IndexArray) -> Finding:
        nodes = self.cells.space.nodes
        place = self.tied.places[count]
        about = {name: nodes[column].name(place[column]) for column, name in enumerate(self.cells.space.dimensions)}
        cells = self.tied.cells[reasons]
        releases = self.cells.releases_of(cells)
        mine = {table.release for _, table in self._new}
        return Finding(
            self.population,
            about,
            tuple(name for name in releases if name not in mine),
            self._rows_of(cells),
            deducible,
            count < self.tied.published,
            tuple(place),
        )

    def _rows_of(self, cells: IndexArray) -> tuple[tuple[int, int], ...]:
        """Give the rows of the new tables that say something of these cells."""
        result, start = [], self._first_row
        for number, table in self._new:
            rows = np.flatnonzero(np.isin(self.cells.cell_of_row[start : start + len(table)], cells))
            result += [(number, int(row)) for row in rows]
            start += len(table)
        return tuple(result)
