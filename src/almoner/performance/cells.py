"""The cells of one measure in one array: periods, the whole of a year, areas and groups, protected together.

What stands in one report is protected as one: the months of a year, its areas and its groups add up to the same
number, so that a withheld one must not come out of the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from almoner.counting.areas import Area
from almoner.counting.asks import WHOLE
from almoner.counting.counts import AREA
from almoner.counting.plans import PLACE
from almoner.counting.spans import Span
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.sums import FloatArray, Group
from almoner.performance.protection import Exact, Shown, figures_of
from almoner.registry.measures import Count
from almoner.registry.performance import Measure

Key = tuple[str, str, str, str]
"""span, code of a breakdown ('*': everybody), geography, area."""

Rows = Sequence[Mapping[str, Any]]


def place_of(span: Span, code: str = WHOLE) -> Key:
    """Name the cell of the whole place."""
    return (span.name, code, PLACE, PLACE)


def area_of(span: Span, area: Area) -> Key:
    """Name the cell of an area."""
    return (span.name, WHOLE, area.geography, area.code)


@dataclass
class Cells:
    """Cells in the order in which they were added, why some were not received, and the sums that they may make."""

    keys: list[Key] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def add(self, key: Key, missing: str = "") -> int:
        """Add a cell once; give its position."""
        if key not in self.keys:
            self.keys.append(key)
            self.missing.append(missing)
        return self.keys.index(key)

    def sums_to(self, total: Key, parts: Sequence[Key]) -> None:
        """Say that parts may come to a total."""
        if parts and total in self.keys:
            self.groups.append(Group(self.keys.index(total), tuple(self.keys.index(part) for part in parts)))

    def exact(self, measure: Measure, rows: Rows) -> Exact:
        """Put counted rows into arrays. What was counted and not found is 0."""
        found: dict[tuple[int, Key], Mapping[str, Any]] = {
            (row["ask"], (row["span"], row["cut"], row["geography"], row["area_code"])): row
            for row in rows
            if row["bucket"] == AREA
        }

        def column(ask: int, name: str) -> FloatArray:
            return np.array([float((found.get((ask, key)) or {}).get(name) or 0.0) for key in self.keys])

        above, below = measure.numerator, measure.denominator
        assert above is not None
        return Exact(
            column(0, _counted_as(above)),
            column(0, "contributors"),
            None if below is None else column(1, _counted_as(below)),
            None if below is None else column(1, "contributors"),
        )

    def protected(self, measure: Measure, exact: Exact, rule: SmallNumberRule) -> dict[Key, Shown]:
        """Protect all cells together. Out: what may be shown of each."""
        shown = figures_of(measure, exact, self.missing, self.groups, rule)
        return dict(zip(self.keys, shown, strict=True))


def _counted_as(count: Count) -> str:
    return "amount" if count.count == "sum" else "number"


def durations_of(spans: Sequence[Span], rows: Rows, within: int | None) -> Exact:
    """Put the histogram of durations into arrays: medians, or how many took no longer than `within` days.

    In: rows: span, part, days, number, people, nameless.
    """
    totals = {(row["span"], row["part"]): row for row in rows if row["part"] != "days"}

    def column(part: str, *names: str) -> FloatArray:
        found = (totals.get((span.name, part)) or {} for span in spans)
        return np.array([float(sum(row.get(name) or 0 for name in names)) for row in found])

    ended, behind = column("all", "number"), column("all", "people", "nameless")
    if within is not None:
        return Exact(column("within", "number"), column("within", "people", "nameless"), ended, behind)
    each = [[row for row in rows if row["part"] == "days" and row["span"] == span.name] for span in spans]
    return Exact(ended, behind, medians=np.array([_median(listed) for listed in each], dtype=np.float64))


def _median(rows: Rows) -> float:
    """Find the median of a histogram; NaN of none."""
    days = sorted((float(row["days"]), int(row["number"])) for row in rows)
    total = sum(number for _, number in days)
    if not total:
        return math.nan
    return (_at(days, (total - 1) // 2) + _at(days, total // 2)) / 2


def _at(days: Sequence[tuple[float, int]], position: int) -> float:
    passed = 0
    for value, number in days:
        passed += number
        if position < passed:
            return value
    return math.nan
