"""A measure by a protected characteristic: each group with its interval and its ratio to everybody.

Groups are compared with the whole, never ranked. Whoever's characteristic is not known has a line of their own: left
out, they would make every other group's figure untrue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from almoner.counting.cuts import codes_of
from almoner.counting.spans import Span
from almoner.methods.rates import ratio_to
from almoner.performance.cells import Key, place_of
from almoner.performance.figures import Breakdown, GroupFigure
from almoner.performance.protection import Shown
from almoner.registry.measures import Cut
from almoner.registry.performance import Measure


def code_key(cut: Cut, span: Span, code: str) -> Key:
    """Name the cell of a group; two breakdowns may have the same code."""
    return (span.name, f"{cut.name}:{code}", "place", "place")


def breakdown_of(measure: Measure, cut: Cut, span: Span, shown: Mapping[Key, Shown]) -> Breakdown:
    """Make the lines of a breakdown from what may be shown. Only a share or a rate has a ratio to everybody's."""
    whole = shown[place_of(span)]
    beside = whole if measure.is_rate() else None
    groups = [_group(code, title, shown[code_key(cut, span, code)], beside) for code, title in codes_of(cut).items()]
    return Breakdown(cut, span, tuple(groups), _group("*", "Everybody", whole, None))


def refused(cut: Cut, span: Span, reason: str, whole: Shown) -> Breakdown:
    """Say that there is no breakdown, and why."""
    return Breakdown(cut, span, (), _group("*", "Everybody", whole, None), reason)


def _group(code: str, title: str, figure: Shown, whole: Shown | None) -> GroupFigure:
    made = GroupFigure(code, title, figure.value, figure.numerator, figure.denominator, figure.lower, figure.upper)
    reference = None if whole is None else whole.value.value
    if not reference or figure.value.value is None or figure.lower is None or figure.upper is None:
        return made
    ratio, (low, high) = ratio_to([reference], [figure.value.value], [figure.lower], [figure.upper])
    return replace(made, ratio=float(ratio[0]), ratio_lower=float(low[0]), ratio_upper=float(high[0]))
