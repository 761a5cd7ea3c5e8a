"""Withholds further counts until no small one can be worked out, and rounds what is left.

A count of 1 to 4 is withheld. It would still be known if everything else of its parent area were published, so further
counts are withheld until nobody can narrow it down, over whatever sums tie the counts together: nested areas, tables
of several dimensions, linked tables. The attacker (`attacker`) has the last word, and is taken to know every
published count exactly: rounding is a second defence, never the first. Not the fewest possible counts are withheld.

What other releases say is not looked at here: `check` does that. Nothing here may ever turn a withheld count into a
number.

Source: Government Statistical Service, "Disclosure control for tables produced from administrative sources"
(2014); Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from almoner.kernel.errors import CalculationError
from almoner.methods.cells import Cell, Marker
from almoner.methods.disclosure.attacker import too_narrow
from almoner.methods.disclosure.primary import RULE, SmallNumberRule, is_small
from almoner.methods.disclosure.rounding import round_to
from almoner.methods.disclosure.sums import BoolArray, Bounds, FloatArray, Group, Sums, propagate, sums_of


@dataclass(frozen=True)
class Protection:
    """Which counts are withheld (`small`: for their own sake) and what may be published of the others.

    published: rounded counts, NaN where withheld.
    """

    withheld: BoolArray
    small: BoolArray
    published: FloatArray
    low: BoolArray

    def cell(self, index: int) -> Cell:
        """Give one count as a cell."""
        if self.withheld[index]:
            return Cell.suppressed()
        return Cell(None, Marker.LOW) if self.low[index] else Cell(float(self.published[index]))


def protect(
    counts: ArrayLike,
    groups: Sequence[Group] = (),
    *,
    contributors: ArrayLike | None = None,
    out_of: ArrayLike | None = None,
    rule: SmallNumberRule = RULE,
) -> Protection:
    """Withhold what is small or gives a small count away, and round the rest.

    In: counts ≥ 0; groups of indexes into them; contributors, how many people or places stand behind each
        count (default: the count itself); out_of, the wholes that the counts are parts of: a count whose
        remainder is small is withheld too.
    Out: one `Protection` for all counts; true zeros are published as 0.
    Raises: CalculationError for a negative or missing count.
    """
    values = np.asarray(counts, dtype=np.float64)
    if not np.all(values >= 0):
        raise CalculationError("A count to be protected is negative or missing.", why="It can't be told from 0.")
    small = is_small(values, rule)
    if contributors is not None:
        small |= is_small(contributors, rule) & (values > 0)
    if out_of is not None:
        small |= is_small(np.asarray(out_of, dtype=np.float64) - values, rule) & (values > 0)
    withheld = withhold(values, small, groups, rule.width)
    rounded = round_to(values, rule.base)
    return Protection(
        withheld=withheld,
        small=small,
        published=np.where(withheld, np.nan, rounded),
        low=~withheld & (rounded == 0) & (values > 0),
    )


def protect_one(count: float, rule: SmallNumberRule = RULE) -> Cell:
    """Protect a count that is part of no sum."""
    return protect([count], rule=rule).cell(0)


def withhold(counts: ArrayLike, primary: ArrayLike, groups: Sequence[Group], width: float) -> BoolArray:
    """Choose which counts to withhold so that none withheld can be narrowed down to less than `width`.

    Zeros are never withheld, and the attacker knows it. Only where everything is withheld can a range be narrower.
    In: primary: which counts must be withheld.
    """
    values = np.asarray(counts, dtype=np.float64)
    withheld = np.array(primary, dtype=bool)
    if not withheld.any():
        return withheld
    search = _Search(values, withheld.copy(), groups, width)
    while True:
        low, high = search.ranges(withheld)
        narrow = withheld & (high - low < width)
        if not narrow.any():
            for cell, (lowest, highest) in search.attacked(withheld).items():
                narrow[cell], low[cell], high[cell] = True, lowest, highest
        if not search.extend(withheld, narrow, low, high):
            return withheld


def feasible_ranges(counts: ArrayLike, withheld: BoolArray, groups: Sequence[Group]) -> Bounds:
    """Narrow every withheld count down as far as subtraction within and between the groups can.

    A published count is taken as known exactly, and so is whatever of a total lies outside its parts. A
    withheld count is at least 1, because zeros are never withheld.
    Out: lowest and highest possible value of each count.
    """
    values = np.asarray(counts, dtype=np.float64)
    return propagate(sums_of(groups, values), *_known(values, withheld))


class _Search:
    """Looks for company for the counts that can be narrowed down."""

    def __init__(self, values: FloatArray, primary: BoolArray, groups: Sequence[Group], width: float) -> None:
        self._values, self._primary, self._width = values, primary, width
        self._sums: Sums = sums_of(groups, values)
        self._groups_of: dict[int, list[Group]] = defaultdict(list)
        for group in groups:
            for member in (group.total, *group.parts):
                self._groups_of[member].append(group)

    def ranges(self, withheld: BoolArray) -> Bounds:
        return propagate(self._sums, *_known(self._values, withheld))

    def attacked(self, withheld: BoolArray) -> dict[int, tuple[float, float]]:
        low, high = _known(self._values, withheld)
        return too_narrow(self._sums, low, high, self._values, np.flatnonzero(withheld), self._width)

    def extend(self, withheld: BoolArray, narrow: BoolArray, low: FloatArray, high: FloatArray) -> bool:
        """Withhold more counts, in place; say whether there were any left to withhold."""
        # Company that can itself be worked out is no company: see to that before asking for more.
        company = narrow & ~self._primary
        changed: set[Group] = set()
        for cell in np.flatnonzero(company if company.any() else narrow):
            missing = self._width - float(high[cell] - low[cell]) + 1
            for group in self._outwards(int(cell), withheld):
                # A sum that has just lost a count may already blur this cell too: look again first.
                chosen = None if group in changed else self._next(group, missing, withheld)
                if chosen is not None:
                    withheld[chosen] = True
                    changed.add(group)
                if group in changed:
                    break
        return bool(changed)

    def _next(self, group: Group, missing: float, withheld: BoolArray) -> int | None:
        """Choose the smallest published count of a sum that blurs enough; its total only when no part is left."""
        for candidates in (group.parts, (group.total,)):
            free = sorted((self._values[i], i) for i in candidates if not withheld[i] and self._values[i] > 0)
            if free:
                enough = [index for value, index in free if value >= missing]
                return enough[0] if enough else free[-1][1]
        return None

    def _outwards(self, cell: int, withheld: BoolArray) -> Iterator[Group]:
        """Yield the sums that hold `cell`, then those that hold their withheld counts, and so on.

        Among equals the sum with the fewest unknowns comes first: it gives most away.
        """
        done: set[Group] = set()
        reached, ring = {cell}, {cell}
        while ring:
            near = dict.fromkeys(group for index in sorted(ring) for group in self._groups_of[index])
            fresh = [group for group in near if group not in done]
            yield from sorted(fresh, key=lambda group: withheld[[group.total, *group.parts]].sum())
            done.update(fresh)
            ring = {index for group in fresh for index in (group.total, *group.parts) if withheld[index]} - reached
            reached |= ring


def _known(values: FloatArray, withheld: BoolArray) -> Bounds:
    """Give what is known of each count before anything is deduced."""
    return np.where(withheld, np.minimum(1.0, values), values), np.where(withheld, np.inf, values)
