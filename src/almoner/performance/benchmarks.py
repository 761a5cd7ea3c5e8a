"""A measure beside the published figures of the councils that it is compared with: median, range, difference.

Published figures were protected by whoever published them. They are compared among themselves: this council's own
published figure with theirs, never a figure of today with one of another year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from almoner.performance.figures import Comparison, PublishedFigure
from almoner.registry.performance import BenchmarkGroup, Measure

ENOUGH = 0.5
"""A period counts as published once at least this share of the group has a figure for it."""

NONE_PUBLISHED = "no published figure of this group has been taken in"


def absent(group: BenchmarkGroup, reason: str) -> Comparison:
    """Say that nothing can be compared, and why."""
    return Comparison(group, "", None, (), None, None, None, None, None, None, "not compared", reason)


def compared(measure: Measure, group: BenchmarkGroup, rows: Sequence[Mapping[str, Any]]) -> Comparison:
    """Compare this council with its group in the newest period that is published for enough of them.

    In: rows: council, period, value, lower, upper.
    """
    by_period: dict[str, dict[str, PublishedFigure]] = {}
    for row in rows:
        figure = PublishedFigure(row["council"], *(_number(row[name]) for name in ("value", "lower", "upper")))
        by_period.setdefault(str(row["period"]), {})[figure.council] = figure
    for period in sorted(by_period, reverse=True):
        found = by_period[period]
        others = [found.get(name, PublishedFigure(name, None)) for name in sorted(group.members) if name != group.us]
        known = [figure.value for figure in others if figure.value is not None]
        if known and len(known) >= ENOUGH * len(others):
            return _beside(measure, group, period, found.get(group.us), tuple(others), known)
    return absent(group, NONE_PUBLISHED)


def _beside(
    measure: Measure, group: BenchmarkGroup, period: str, ours: PublishedFigure | None,
    others: tuple[PublishedFigure, ...], known: list[float],
) -> Comparison:  # fmt: skip
    median = float(np.median(known))
    if ours is None or ours.value is None:
        reason = f"{group.us} has published no figure for {period}"
        return Comparison(
            group, period, ours, others, median, min(known), max(known), None, None, None, "not compared", reason
        )
    lower = None if ours.lower is None else ours.lower - median
    upper = None if ours.upper is None else ours.upper - median
    verdict = verdict_of(measure.good, lower, upper)
    return Comparison(
        group, period, ours, others, median, min(known), max(known), ours.value - median, lower, upper, verdict
    )


def verdict_of(good: str, lower: float | None, upper: float | None) -> str:
    """Say how a difference with its interval stands: better, worse, higher, lower or similar to the median."""
    if lower is None or upper is None:
        return "not compared"
    if lower <= 0 <= upper:
        return "similar"
    above = lower > 0
    if good == "none":
        return "higher" if above else "lower"
    return "better" if above == (good == "high") else "worse"


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
