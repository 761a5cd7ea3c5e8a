"""Turns exact counts of periods, areas and groups into figures that may be shown: only here do they become cells.

Rates, intervals and charts are made from rounded counts, so that neither gives an exact one away. What was not
received stays not received, and nobody to count is not zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from almoner.methods import rates
from almoner.methods.cells import Cell
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.rounding import round_to
from almoner.methods.disclosure.secondary import Protection, protect
from almoner.methods.disclosure.sums import FloatArray, Group
from almoner.performance.figures import DECIMALS
from almoner.registry.performance import Measure

NOBODY = "there was nobody, or nothing, that the figure could be about"
MORE_THAN_ALL = "more were counted than there are to count from"
TOO_FEW = "fewer than ten to take a median of"

MEDIAN_FROM = 10
"""A median of fewer says more of single cases than of a service. Source: ONS, disclosure rules for quantiles."""


@dataclass(frozen=True)
class Exact:
    """Exact counts, one to a cell, NaN where nothing was received. Never shown, never written.

    medians: of durations; what is counted below them is how many there were.
    """

    numerator: FloatArray
    contributors: FloatArray
    denominator: FloatArray | None = None
    denominator_contributors: FloatArray | None = None
    medians: FloatArray | None = None


@dataclass(frozen=True)
class Shown:
    """One figure that may be shown."""

    value: Cell
    numerator: Cell
    denominator: Cell
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Protected:
    """Cells of one kind, with what is published of each as a number, NaN where nothing is."""

    cells: tuple[Cell, ...]
    published: FloatArray


def figures_of(
    measure: Measure, exact: Exact, missing: Sequence[str], groups: Sequence[Group], rule: SmallNumberRule
) -> list[Shown]:
    """Protect counts and make the figures of a measure.

    In: missing: for each cell, why nothing was received; empty if something was. groups: sums that may hold; those
        that do are what anybody can work out.
    """
    if measure.duration is not None and measure.duration.within is None:
        return _medians(exact, missing, groups, rule)
    below = None
    if exact.denominator is not None:
        below = _counted(
            exact.denominator, exact.denominator_contributors, missing, groups, rule,
            summed=measure.denominator is not None and measure.denominator.count == "sum",
        )  # fmt: skip
    whole = exact.denominator if measure.unit == "percent" and not _summed(measure) else None
    above = _counted(exact.numerator, exact.contributors, missing, groups, rule, summed=_summed(measure), whole=whole)
    values, lower, upper = _values(measure, above.published, None if below is None else below.published)
    decimals = DECIMALS[measure.unit]
    shown = []
    for at, reason in enumerate(missing):
        denominator = below.cells[at] if below else Cell.not_applicable("the figure is a count")
        value = _why_not(measure, exact, at, above.cells[at], denominator, reason)
        if value is None:
            value = Cell.rounded(float(values[at]), decimals)
        bounds = [_bound(value, each[at], decimals) for each in (lower, upper)]
        shown.append(Shown(value, above.cells[at], denominator, *bounds))
    return shown


def holding(groups: Sequence[Group], counts: FloatArray) -> list[Group]:
    """Keep the sums that the counts really make: one that does not hold gives nothing away."""
    return [each for each in groups if each.parts and abs(counts[each.total] - counts[list(each.parts)].sum()) < 1e-6]


def _summed(measure: Measure) -> bool:
    return measure.numerator is not None and measure.numerator.count == "sum"


def _counted(
    numbers: FloatArray, contributors: FloatArray | None, missing: Sequence[str], groups: Sequence[Group],
    rule: SmallNumberRule, *, summed: bool = False, whole: FloatArray | None = None,
) -> Protected:  # fmt: skip
    """Protect what was received; the rest is not available. Sums are withheld by how many stand behind them."""
    held = np.array([not reason for reason in missing], dtype=bool)
    safe = np.where(held, np.nan_to_num(numbers), 0.0)
    behind = None if contributors is None else np.where(held, np.nan_to_num(contributors), 0.0)
    if summed and behind is not None:
        found = _sums(safe, behind, holding(groups, behind), rule)
    else:
        out_of = None if whole is None else np.maximum(np.nan_to_num(whole), safe)
        found = protect(safe, holding(groups, safe), contributors=behind, out_of=out_of, rule=rule)
    cells = [found.cell(at) if held[at] else Cell.not_available(missing[at]) for at in range(len(held))]
    return Protected(tuple(cells), np.where(held, found.published, math.nan))


def _sums(numbers: FloatArray, behind: FloatArray, groups: Sequence[Group], rule: SmallNumberRule) -> Protection:
    people = protect(behind, groups, rule=rule)
    rounded = round_to(numbers, rule.base)
    return replace(
        people,
        published=np.where(people.withheld, math.nan, rounded),
        low=~people.withheld & (rounded == 0) & (numbers != 0),
    )


def _medians(exact: Exact, missing: Sequence[str], groups: Sequence[Group], rule: SmallNumberRule) -> list[Shown]:
    """Show medians where enough stand behind them; how many there were is shown like any count."""
    assert exact.medians is not None
    counted = _counted(exact.numerator, exact.contributors, missing, groups, rule)
    shown = []
    for at, reason in enumerate(missing):
        if reason:
            value = Cell.not_available(reason)
        elif exact.numerator[at] == 0:
            value = Cell.not_applicable(NOBODY)
        elif counted.cells[at].value is None or exact.contributors[at] < MEDIAN_FROM:
            value = Cell.suppressed()
        else:
            value = Cell.rounded(float(exact.medians[at]), DECIMALS["days"])
        shown.append(Shown(value, Cell.not_applicable("a median is made of no single count"), counted.cells[at]))
    return shown


def _values(
    measure: Measure, numbers: FloatArray, below: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute value, lower and upper limit; NaN where there is none."""
    none = np.full(len(numbers), math.nan)
    count = measure.numerator
    if below is None:
        chance = measure.unit == "count" and count is not None and count.fact not in ("residents", "households")
        return (numbers, *(rates.count_interval(numbers) if chance and not _summed(measure) else (none, none)))
    per = {"percent": rates.PERCENT, "per_1000": rates.PER_1000}.get(measure.unit, 1.0)
    value = rates.rate(numbers, below, per)
    if _summed(measure) or measure.unit not in ("percent", "per_1000"):
        return value, none, none
    if measure.unit == "percent":
        lower, upper = rates.wilson_interval(numbers, below)
        return value, lower * per, upper * per
    return (value, *rates.rate_interval(numbers, below))


def _why_not(measure: Measure, exact: Exact, at: int, numerator: Cell, denominator: Cell, reason: str) -> Cell | None:
    """Give the marker that stands for the value, or None if it can be shown."""
    if reason:
        return Cell.not_available(reason)
    if exact.denominator is None:
        return None if numerator.value is not None else numerator
    if exact.denominator[at] == 0:
        return Cell.not_applicable(NOBODY)
    if numerator.value is None or not denominator.value:  # what rounds to nothing can't be divided by
        return Cell.suppressed()
    if measure.unit == "percent" and numerator.value > denominator.value:
        return Cell.not_available(MORE_THAN_ALL)
    return None


def _bound(value: Cell, bound: float, decimals: int) -> float | None:
    return None if value.value is None or math.isnan(bound) else round(float(bound), decimals)
