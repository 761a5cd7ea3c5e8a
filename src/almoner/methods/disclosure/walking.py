"""Judges a release in a ledger that is too large to be cut into atoms: by walking over the sums that tie it together.

It sees the sums around the release and solves piece by piece. What it can't decide it refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from almoner.methods.disclosure.attacker import too_narrow
from almoner.methods.disclosure.entanglement import Entanglement, entangle
from almoner.methods.disclosure.findings import Finding, Place, Range, Said
from almoner.methods.disclosure.moves import Moves
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.reasons import Reasons
from almoner.methods.disclosure.sums import TOLERANCE, BoolArray, FloatArray, IndexArray, propagate
from almoner.methods.disclosure.unions import Union, small_unions

_NONE: IndexArray = np.array([], dtype=np.intp)


class WalkingCheck:
    """The check of one population."""

    tied: Entanglement

    def __init__(self, said: Said, rule: SmallNumberRule, *, all_sums: bool = False) -> None:
        self.said, self.cells, self.rule, self._all_sums = said, said.cells, rule, all_sums
        self._moves: Moves | None = None
        self._look_around(said.new_cells)

    @property
    def looked_at(self) -> tuple[int, int]:
        """Say how many counts were looked at, and how many the attacker was told."""
        return len(self.tied.low), int(self.tied.told.sum())

    def restate(self, said: Said) -> None:
        """Let the same cells say less."""
        self.said, self.cells, self._moves = said, said.cells, None
        published = slice(0, self.tied.published)
        low, high = self.tied.low.copy(), self.tied.high.copy()
        low[published], high[published] = self.cells.low[self.tied.cells], self.cells.high[self.tied.cells]
        self.tied = replace(self.tied, low=low, high=high)
        self._before = self._said_before()

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
        together = [self._of_union(place, union) for place, union in self._unions().items() if place in places]
        if not narrow:
            return together
        reasons = Reasons(self.tied, *told, self.rule.width)
        return [*(self._finding(count, found, reasons.of(count)) for count, found in narrow.items()), *together]

    def _look_around(self, cells: IndexArray) -> None:
        """Turn to what some cells are tied to."""
        self.tied = entangle(self.cells, cells, all_sums=self._all_sums)
        self._before = self._said_before()

    def findings(self) -> tuple[list[Finding], list[Finding]]:
        """Give what the release makes deducible, and what was before.

        Counts that were only told to the attacker are looked at afterwards, each with what lies around it.
        """
        new, old = map(list.__add__, self._found_around(self._targets()), self._found_together())
        told = self.tied.cells[self.tied.told[: self.tied.published]]
        rest = [cell for cell in told[self.cells.protected[told]] if not self._wide(self.cells.located[cell])]
        if rest:
            self._look_around(np.array(rest, dtype=np.intp))
            again = self._found_around(np.flatnonzero(np.isin(self.tied.cells, rest)))
            new, old = [*new, *again[0]], [*old, *again[1]]
        return new, old

    def _said_before(self) -> tuple[FloatArray, FloatArray]:
        """Give what was said of each count before the release."""
        low, high = self.tied.low.copy(), self.tied.high.copy()
        published, before = slice(0, self.tied.published), self.said.before()
        low[published], high[published] = before[0][self.tied.cells], before[1][self.tied.cells]
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

    def _found_together(self) -> tuple[list[Finding], list[Finding]]:
        """Judge what known figures give away together: new, and given away before."""
        now = self._unions()
        if not now:
            return [], []
        low, high = self.said.before()
        tied = replace(self.tied, low=self._before[0], high=self._before[1])
        before = small_unions(tied, replace(self.cells, low=low, high=high), self.rule)
        return (
            [self._of_union(place, union) for place, union in now.items() if place not in before],
            [self._of_union(place, union) for place, union in now.items() if place in before],
        )

    def _unions(self) -> dict[Place, Union]:
        """Find the small sets that are known; not those that only look so because the attacker was told too much."""
        found, doubted = small_unions(self.tied, self.cells, self.rule), self.tied.told.any()
        if doubted:  # the whole of several that are told is found above, and no more here
            low, high = self._told(self.tied.low, self.tied.high)
            found = small_unions(replace(self.tied, low=low, high=high), self.cells, self.rule) | found
        counted = {*self.tied.places, *self._cell_at} if found else set()
        return {
            place: union
            for place, union in found.items()
            if place not in counted and not (doubted and self._wide(place))
        }

    def _targets(self) -> IndexArray:
        """Give the counts that nobody may narrow down: protected cells, and pieces that no table shows."""
        shown = np.flatnonzero(self.cells.protected[self.tied.cells] & ~self.tied.told[: self.tied.published])
        pieces = np.flatnonzero(could_be_small(self.tied, self.rule)[self.tied.published :]) + self.tied.published
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

    def _of_union(self, place: Place, union: Union) -> Finding:
        made_of = np.array([self._cell_at[part] for part in union.made_of if part in self._cell_at], dtype=np.intp)
        return self.said.finding(place, (union.number, union.number), made_of, shown=False)

    @cached_property
    def _cell_at(self) -> dict[Place, int]:
        return {tuple(place): cell for cell, place in enumerate(self.cells.located.tolist())}

    def _finding(self, count: int, deducible: Range, reasons: IndexArray) -> Finding:
        return self.said.finding(
            self.tied.places[count], deducible, self.tied.cells[reasons], shown=count < self.tied.published
        )


def could_be_small(tied: Entanglement, rule: SmallNumberRule) -> BoolArray:
    """Say which counts may be small, by all that the council itself knows from the tables."""
    known = ~np.isnan(tied.exact)
    low, high = np.where(known, tied.exact, tied.low), np.where(known, tied.exact, tied.high)
    lowest, highest = propagate(tied.sums, low, high)
    result: BoolArray = (lowest <= rule.largest_small) & (highest >= 1)
    return result
