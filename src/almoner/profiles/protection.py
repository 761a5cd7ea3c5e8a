"""Turns exact counts by area into figures that may be shown: the only place where exact counts become cells.

Numerator and denominator are each protected over the whole hierarchy of areas; rates and intervals are made
from the rounded counts, so that neither gives an exact one away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from almoner.counting.areas import Area, Areas
from almoner.counting.plans import PLACE
from almoner.methods import rates
from almoner.methods.cells import Cell
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.rounding import round_to
from almoner.methods.disclosure.secondary import Protection, protect
from almoner.methods.disclosure.sums import FloatArray, Group
from almoner.profiles.figures import DECIMALS, Figure
from almoner.registry.measures import Count, Indicator

NO_FIGURE = "no figure was published for this area"
NOBODY = "nothing here that the figure could be about"
NO_DENOMINATOR = "no number was published of those that the figure is about"
MORE_THAN_ALL = "more were counted than there are to count from"


@dataclass(frozen=True)
class Exact:
    """Exact counts, one per area, NaN where there is none to have. Never shown, never written."""

    areas: tuple[Area, ...]
    numerator: FloatArray
    denominator: FloatArray
    contributors: FloatArray
    denominator_contributors: FloatArray


@dataclass(frozen=True)
class Sum:
    """Names of counts that add up, area by area; for a breakdown, the denominators do as well."""

    total: str
    parts: tuple[str, ...]
    whole_in_denominators: bool


def published_areas(indicator: Indicator, areas: Areas) -> tuple[Area, ...]:
    """Give the place and every area of the indicator's geographies, in the order of the arrays.

    Drawn areas are among them where the areas that they are made of are: else nobody could tell here what a drawn area
    and a ward that it cuts give away together.
    """
    listed = [area for name in indicator.geographies for area in areas.of.get(name, ())]
    drawn = areas.listed_drawn() if areas.drawn and areas.drawn[0].geography in indicator.geographies else ()
    return (Area(PLACE, PLACE, areas.place), *listed, *drawn)


def decimals_of(indicator: Indicator, exact: Exact) -> int:
    """Say how many decimals an indicator is shown with: a published score as many as its size asks for."""
    values = exact.numerator[1:][~np.isnan(exact.numerator[1:])]
    if indicator.unit != "score" or indicator.open_figure is None or indicator.is_rate or not len(values):
        return DECIMALS[indicator.unit]
    if np.all(values == np.round(values)):
        return 0
    largest = float(np.abs(values).max())
    return 3 if largest <= 1 else 2 if largest < 10 else 1


def figures_of(
    indicator: Indicator, exact: Exact, groups: Sequence[Group], rule: SmallNumberRule, below: Protection | None = None
) -> list[Figure]:
    """Protect the counts of an indicator and make its figures.

    In: exact counts, in the order that the groups index; below: the denominators, if they are protected already.
    """
    if indicator.numerator is None and not indicator.is_rate:
        return _published_figures(exact, decimals_of(indicator, exact))
    if indicator.denominator is not None and below is None:
        below = _protected(indicator.denominator, exact.denominator, exact.denominator_contributors, groups, rule)
    if indicator.numerator is not None and indicator.numerator.count == "mean":
        behind = exact.denominator_contributors
        return _means(indicator, exact, protect(exact.denominator, groups, contributors=behind, rule=rule))
    return _ratios(indicator, exact, groups, below, rule)


@dataclass(frozen=True)
class Stack:
    """Everything that is shown of an indicator, name by name, with the areas for which each name is shown.

    exact: name → counts of all areas. shown: name → which areas, as positions; a name that is left out is shown of all.
    sums: which names add up to which. same: name → the name whose denominators it shares.
    """

    exact: Mapping[str, Exact]
    sums: Sequence[Sum] = ()
    same: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def areas_of(self, name: str) -> list[int]:
        """Give the areas for which a name is shown."""
        return list(self.shown.get(name, range(len(self.exact[name].areas))))


def figures_together(
    indicator: Indicator, stack: Stack, groups: Sequence[Group], rule: SmallNumberRule
) -> dict[str, list[Figure | None]]:
    """Protect what is shown of an indicator all at once: the headline, its breakdowns and its periods.

    Out: name → a figure for each area, None for an area that the name is not shown of.
    """
    names = list(stack.exact)
    place = _places(stack, names)
    together = _stacked([_taken(stack.exact[name], stack.areas_of(name)) for name in names])
    below = None
    if indicator.denominator is not None:
        own = [name for name in names if name not in stack.same]
        part = _stacked([_taken(stack.exact[name], stack.areas_of(name)) for name in own])
        at = _places(stack, own)
        sums = [each for each in stack.sums if each.whole_in_denominators]
        behind = part.denominator_contributors
        alone = _protected(indicator.denominator, part.denominator, behind, _groups(at, groups, sums), rule)
        rows = [at[stack.same.get(name, name)][area] for name in names for area in stack.areas_of(name)]
        below = Protection(alone.withheld[rows], alone.small[rows], alone.published[rows], alone.low[rows])
    figures = figures_of(indicator, together, _groups(place, groups, stack.sums), rule, below)
    return {
        name: [
            figures[place[name][area]] if area in place[name] else None for area in range(len(stack.exact[name].areas))
        ]
        for name in names
    }


def _places(stack: Stack, names: Sequence[str]) -> dict[str, dict[int, int]]:
    """Give where each area of each name stands when they are put one after another."""
    found: dict[str, dict[int, int]] = {}
    start = 0
    for name in names:
        areas = stack.areas_of(name)
        found[name] = {area: start + number for number, area in enumerate(areas)}
        start += len(areas)
    return found


def _groups(place: Mapping[str, Mapping[int, int]], groups: Sequence[Group], sums: Sequence[Sum]) -> list[Group]:
    """Repeat the sums of areas for each name, and add the sums of names for each area."""
    every = [
        Group(at[group.total], tuple(at[part] for part in group.parts))
        for at in place.values()
        for group in groups
        if group.total in at and all(part in at for part in group.parts)
    ]
    for each in sums:
        for area in place[each.parts[0]]:
            every.append(Group(place[each.total][area], tuple(place[part][area] for part in each.parts)))
    return every


def _taken(exact: Exact, areas: Sequence[int]) -> Exact:
    if len(areas) == len(exact.areas):
        return exact
    names = ("numerator", "denominator", "contributors", "denominator_contributors")
    chosen = np.array(areas, dtype=np.intp)
    return Exact(tuple(exact.areas[area] for area in areas), *(getattr(exact, name)[chosen] for name in names))


def _stacked(parts: Sequence[Exact]) -> Exact:
    names = ("numerator", "denominator", "contributors", "denominator_contributors")
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
    return Exact(tuple(area for part in parts for area in part.areas), *columns)


def _published_figures(exact: Exact, decimals: int) -> list[Figure]:
    """Figures that others have published: they were protected there and are shown as they are."""
    absent = Cell.not_applicable("published as one figure")
    return [
        Figure(area, _shown(float(value), decimals), absent, absent)
        for area, value in zip(exact.areas, exact.numerator, strict=True)
    ]


def _shown(value: float, decimals: int) -> Cell:
    return Cell.not_available(NO_FIGURE) if math.isnan(value) else Cell.rounded(value, decimals)


def _means(indicator: Indicator, exact: Exact, below: Protection) -> list[Figure]:
    """Averages of amounts: shown where enough people stand behind them. The sum itself is never shown."""
    figures = []
    hidden = Cell.not_applicable("the sum of an average is not shown")
    for position, area in enumerate(exact.areas):
        number = float(exact.denominator[position])
        if number == 0:
            value = Cell.not_applicable(NOBODY)
        elif below.withheld[position]:
            value = Cell.suppressed()
        else:
            value = Cell.rounded(float(exact.numerator[position]) / number, DECIMALS[indicator.unit])
        figures.append(Figure(area, value, hidden, below.cell(position)))
    return figures


def _ratios(
    indicator: Indicator,
    exact: Exact,
    groups: Sequence[Group],
    below: Protection | None,
    rule: SmallNumberRule,
) -> list[Figure]:
    """Counts, percentages and rates, from rounded counts. Numbers that others have published are taken as they are."""
    above = None
    numbers = exact.numerator
    if indicator.numerator is not None:
        # What is left of a published number, or of other people, is nobody's remainder.
        whole = exact.denominator if indicator.unit == "percent" and indicator.denominator is not None else None
        above = _protected(indicator.numerator, numbers, exact.contributors, groups, rule, whole)
        numbers = above.published
    published = exact.denominator if indicator.open_denominator is not None else None
    values, lower, upper = _values(indicator, numbers, published if below is None else below.published)
    decimals = DECIMALS[indicator.unit]
    figures = []
    for position, area in enumerate(exact.areas):
        numerator = above.cell(position) if above else _shown(float(numbers[position]), 0)
        denominator = below.cell(position) if below else Cell.not_applicable("the figure is a count")
        if published is not None:
            denominator = _shown(float(published[position]), 0)
        value = _why_not(indicator, exact, position, numerator, denominator)
        if value is None:
            value = Cell.rounded(float(values[position]), decimals)
        bounds = [
            None if value.value is None or math.isnan(bound[position]) else round(float(bound[position]), decimals)
            for bound in (lower, upper)
        ]
        figures.append(Figure(area, value, numerator, denominator, bounds[0], bounds[1]))
    return figures


def _protected(
    count: Count,
    numbers: FloatArray,
    contributors: FloatArray,
    groups: Sequence[Group],
    rule: SmallNumberRule,
    whole: FloatArray | None = None,
) -> Protection:
    """Protect what was counted. Sums of amounts are withheld by how many stand behind them, then rounded."""
    if count.count != "sum":
        return protect(numbers, groups, contributors=contributors, out_of=whole, rule=rule)
    behind = protect(contributors, groups, rule=rule)
    rounded = round_to(numbers, rule.base)
    return replace(
        behind,
        published=np.where(behind.withheld, math.nan, rounded),
        low=~behind.withheld & (rounded == 0) & (numbers != 0),
    )


def _values(
    indicator: Indicator, numbers: FloatArray, below: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute value, lower and upper limit of every area; NaN where there is none."""
    none = np.full(len(numbers), math.nan)
    count = indicator.numerator
    summed = count is not None and count.count == "sum"
    stock = count is not None and count.fact in ("residents", "households")
    if below is None:
        # A number of residents, or an amount of money, isn't an outcome of chance.
        chance = indicator.unit == "count" and not summed and not stock
        return (numbers, *(rates.count_interval(numbers) if chance else (none, none)))
    if summed:
        per = {"percent": rates.PERCENT, "per_1000": rates.PER_1000}.get(indicator.unit, 1.0)
        return rates.rate(numbers, below, per), none, none
    if indicator.unit == "percent":
        lower, upper = rates.wilson_interval(numbers, below)
        return rates.rate(numbers, below, rates.PERCENT), lower * rates.PERCENT, upper * rates.PERCENT
    if indicator.unit == "per_1000":
        return (rates.rate(numbers, below), *rates.rate_interval(numbers, below))
    return rates.rate(numbers, below, 1.0), none, none


def _why_not(indicator: Indicator, exact: Exact, position: int, numerator: Cell, denominator: Cell) -> Cell | None:
    """Give the marker that stands for the value, or None if the value can be shown."""
    if math.isnan(exact.numerator[position]):
        return Cell.not_available(NO_FIGURE)
    if not indicator.is_rate:
        return None if numerator.value is not None else numerator
    whole = exact.denominator[position]
    if math.isnan(whole) or whole == 0:
        return Cell.not_available(NO_DENOMINATOR) if math.isnan(whole) else Cell.not_applicable(NOBODY)
    if numerator.value is None or denominator.value is None:
        return numerator if numerator.value is None else Cell.suppressed()
    if indicator.unit == "percent" and numerator.value > denominator.value:
        return Cell.not_available(MORE_THAN_ALL)
    return None
