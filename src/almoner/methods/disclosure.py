"""Keeps small numbers about people out of figures: primary and complementary suppression, then rounding.

A count of 1 to 4 is withheld. It would still be known if everything else of its parent area were published,
so further counts are withheld until nobody can narrow it down by subtraction, upwards or downwards. What is
left is rounded. The search for what can be narrowed down assumes an opponent who knows every published
count exactly: rounding is a second defence, never the first.

Sums whose levels do not nest (wards against statistical areas) are not searched here: releases are compared
with one another when they are checked. Nothing here may ever turn a withheld count into a number.

Source: Government Statistical Service, "Disclosure control for tables produced from administrative sources"
(2014); Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from almoner.kernel.errors import CalculationError
from almoner.methods.cells import Cell, Marker

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LARGEST_SMALL_COUNT = 4
"""Counts from 1 to this are withheld."""

ROUNDING_BASE = 5
"""Published counts are rounded to the nearest multiple of this."""

_SWEEPS = 40
"""How often the opponent goes over all sums: in nested areas two or three sweeps find everything."""


@dataclass(frozen=True)
class SmallNumberRule:
    """How small numbers are treated.

    width: how wide the range must be to which an opponent can narrow a withheld small count.
    """

    largest_small: int = LARGEST_SMALL_COUNT
    base: int = ROUNDING_BASE
    width: int = LARGEST_SMALL_COUNT


RULE = SmallNumberRule()


@dataclass(frozen=True)
class Group:
    """A sum that anybody can do: the count at `total` is what the counts at `parts` come to."""

    total: int
    parts: tuple[int, ...]


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
    small = _is_small(values, rule)
    if contributors is not None:
        small |= _is_small(np.asarray(contributors, dtype=np.float64), rule) & (values > 0)
    if out_of is not None:
        small |= _is_small(np.asarray(out_of, dtype=np.float64) - values, rule) & (values > 0)
    withheld = _complete(values, small, groups, rule)
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


def round_to(values: ArrayLike, base: int) -> FloatArray:
    """Round to the nearest multiple of `base`, halves upwards."""
    result: FloatArray = np.floor(np.asarray(values, dtype=np.float64) / base + 0.5) * base
    return result


def feasible_ranges(counts: ArrayLike, withheld: BoolArray, groups: Sequence[Group]) -> tuple[FloatArray, FloatArray]:
    """Narrow every withheld count down as far as subtraction within and between the groups can.

    A published count is taken as known exactly, and so is whatever of a total lies outside its parts. A
    withheld count is at least 1, because zeros are never withheld.
    Out: lowest and highest possible value of each count.
    """
    values = np.asarray(counts, dtype=np.float64)
    low = np.where(withheld, np.minimum(1.0, values), values)
    high = np.where(withheld, np.inf, values)
    sums = [(group.total, np.asarray(group.parts, dtype=np.intp)) for group in groups]
    for _ in range(_SWEEPS):
        changed = False
        for total, parts in sums:
            changed |= _narrow(low, high, total, parts, float(values[total] - values[parts].sum()))
        if not changed:
            break
    return low, high


def _narrow(low: FloatArray, high: FloatArray, total: int, parts: NDArray[np.intp], rest: float) -> bool:
    """Draw from one sum what it says of its total and of each part; say whether anything was learnt."""
    others_low = low[parts].sum() - low[parts]
    unbounded = np.isinf(high[parts])
    finite = np.where(unbounded, 0.0, high[parts])
    others_high = np.where(unbounded.sum() - unbounded > 0, np.inf, finite.sum() - finite)
    part_high = np.minimum(high[parts], high[total] - rest - others_low)
    part_low = np.maximum(low[parts], low[total] - rest - others_high)
    total_low = max(low[total], rest + low[parts].sum())
    total_high = min(high[total], rest + high[parts].sum())
    learnt = bool(
        np.any(part_high < high[parts])
        or np.any(part_low > low[parts])
        or total_low > low[total]
        or total_high < high[total]
    )
    high[parts], low[parts] = part_high, part_low
    low[total], high[total] = total_low, total_high
    return learnt


def _is_small(values: FloatArray, rule: SmallNumberRule) -> BoolArray:
    result: BoolArray = (values > 0) & (values <= rule.largest_small)
    return result


def _complete(values: FloatArray, small: BoolArray, groups: Sequence[Group], rule: SmallNumberRule) -> BoolArray:
    """Withhold further counts until every one of them stays uncertain by the width that the rule asks for."""
    withheld = small.copy()
    while True:
        low, high = feasible_ranges(values, withheld, groups)
        narrow = withheld & (high - low < rule.width)
        # Company that can itself be worked out is no company: see to that before asking for more.
        first = narrow & ~small if np.any(narrow & ~small) else narrow
        changed: set[Group] = set()
        for cell in np.flatnonzero(first):
            missing = rule.width - float(high[cell] - low[cell]) + 1
            for group in _outwards(int(cell), groups, withheld):
                # A sum that has just lost a count may already blur this cell too: look again first.
                chosen = None if group in changed else _next_to_withhold(group, missing, values, withheld)
                if chosen is not None:
                    withheld[chosen] = True
                    changed.add(group)
                if group in changed:
                    break
        if not changed:
            return withheld


def _next_to_withhold(group: Group, missing: float, values: FloatArray, withheld: BoolArray) -> int | None:
    """Choose the smallest published count of a sum that blurs enough; its total only when no part is left."""
    for candidates in (group.parts, (group.total,)):
        free = sorted((values[i], i) for i in candidates if not withheld[i] and values[i] > 0)
        if free:
            enough = [index for value, index in free if value >= missing]
            return enough[0] if enough else free[-1][1]
    return None


def _outwards(cell: int, groups: Sequence[Group], withheld: BoolArray) -> Iterator[Group]:
    """Yield the sums that hold `cell`, then those that hold their withheld counts, and so on.

    Among equals the sum with the fewest unknowns comes first: it gives most away.
    """
    reached, rest = {cell}, list(groups)
    while True:
        near = [group for group in rest if reached & {group.total, *group.parts}]
        if not near:
            return
        yield from sorted(near, key=lambda group: withheld[[group.total, *group.parts]].sum())
        rest = [group for group in rest if group not in near]
        for group in near:
            reached |= {index for index in (group.total, *group.parts) if withheld[index]}
