"""The values that a release is stated in: what each cell is about, what is said of it, and what must stay hidden.

A cell is about a population (who or what is counted, with the edition of its records), cut by area with its vintage,
by time and by attributes. What is said of its count is a range: a single number if it was published exactly, the
numbers behind a rounded figure, everything from 1 upwards if it was suppressed. The true counts in here are as secret
as the records: they must never reach a message or a file that leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.primary import RULE, SmallNumberRule, is_small
from almoner.methods.disclosure.rounding import range_of_rounded, round_to
from almoner.methods.disclosure.sums import BoolArray, Bounds, FloatArray, IndexArray


@dataclass(frozen=True)
class ReleaseTable:
    """One table of a release: cells of one population, in columns of one length.

    codes: for each dimension one code per cell; a dimension that is left out is not cut.
    low, high: the range in which the publication itself says the count to be (high may be inf).
    exact: the true counts, secret. protected: which counts nobody may narrow down.
    """

    release: str
    population: str
    codes: Mapping[str, Sequence[str]]
    low: FloatArray = field(repr=False)
    high: FloatArray = field(repr=False)
    exact: FloatArray = field(repr=False)
    protected: BoolArray = field(repr=False)

    def __post_init__(self) -> None:
        columns = [self.low, self.high, self.exact, self.protected]
        if len({*map(len, columns), *map(len, self.codes.values())}) != 1:
            raise CalculationError(f"The columns of a table of release {self.release} differ in length.")
        if np.any(self.low > self.exact) or np.any(self.exact > self.high) or np.any(np.isnan(self.exact)):
            raise CalculationError(
                f"A table of release {self.release} says something untrue of a count, or lacks it.",
                why="What can be deduced from it can't be told.",
            )

    def __len__(self) -> int:
        return len(self.exact)

    def take(self, chosen: IndexArray | BoolArray) -> ReleaseTable:
        """Keep some of the cells."""
        kept = np.arange(len(self))[chosen]
        codes = {name: [column[row] for row in kept] for name, column in self.codes.items()}
        return replace(
            self, codes=codes, low=self.low[kept], high=self.high[kept], exact=self.exact[kept],
            protected=self.protected[kept],
        )  # fmt: skip

    def saying(self, said: Bounds, where: BoolArray) -> ReleaseTable:
        """Say something else of some of the cells."""
        return replace(self, low=np.where(where, said[0], self.low), high=np.where(where, said[1], self.high))


def state(
    release: str,
    population: str,
    codes: Mapping[str, Sequence[str]],
    counts: ArrayLike,
    *,
    withheld: ArrayLike | None = None,
    base: int | None = None,
    protected: ArrayLike | None = None,
    rule: SmallNumberRule = RULE,
) -> ReleaseTable:
    """State a table of counts as it is going to be published.

    In: withheld: which counts are suppressed; base: what the others are rounded to (default: published exactly);
        protected: which must stay hidden (default: the small ones).
    """
    exact = np.asarray(counts, dtype=np.float64)
    hidden = np.zeros(len(exact), dtype=bool) if withheld is None else np.asarray(withheld, dtype=bool)
    secret = is_small(exact, rule) if protected is None else np.asarray(protected, dtype=bool)
    # Where every small count is withheld, no small count can stand behind a rounded figure.
    threshold = 0 if np.any(is_small(exact, rule) & ~hidden) else rule.largest_small
    low, high = (exact, exact) if base is None else said_when_rounded(exact, base, threshold)
    suppressed = said_when_suppressed(exact)
    low, high = np.where(hidden, suppressed[0], low), np.where(hidden, suppressed[1], high)
    return ReleaseTable(release, population, codes, low, high, exact, secret)


def said_when_suppressed(counts: FloatArray) -> Bounds:
    """Give what suppression says: more than none, for zeros are not suppressed (a zero that is: nothing at all)."""
    return np.minimum(counts, 1.0), np.full(len(counts), np.inf)


def said_when_rounded(counts: FloatArray, base: int, threshold: int = 0) -> Bounds:
    """Give what rounding says: true zeros are 0, more than none that rounds to 0 is [low].

    In: threshold: counts from 1 to this are never shown.
    """
    rounded = round_to(counts, base)
    low, high = range_of_rounded(rounded, base, threshold)
    few = (rounded == 0) & (counts > 0)
    return np.where(few, 1.0, np.minimum(low, counts)), np.where(few, np.ceil(base / 2) - 1, high)
