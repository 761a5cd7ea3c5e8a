"""Decides for which areas breakdowns and periods of an indicator are shown: never at the cost of its headline.

What adds up to a headline may have to be withheld together with it. So parts are shown for all areas if every figure
that could be shown without them still can; else for coarser areas only, at last for none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from almoner.counting.areas import Area, Areas
from almoner.counting.plans import DRAWN, PLACE
from almoner.counting.spans import NOW
from almoner.methods.cells import Cell, Marker
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.sums import Group
from almoner.profiles.figures import Figure
from almoner.profiles.protection import Stack, figures_together
from almoner.registry.measures import Indicator

NOT_AT_THIS_SIZE = "not shown for areas of this size"


def shown_together(
    indicator: Indicator, stack: Stack, groups: Sequence[Group], areas: Areas, rule: SmallNumberRule
) -> dict[str, list[Figure]]:
    """Protect everything that is shown of an indicator, and choose for which areas its parts are."""
    listed = stack.exact[NOW].areas
    parts = sorted({part for each in stack.sums for part in each.parts})
    if not parts:
        return _whole(figures_together(indicator, stack, groups, rule), listed)
    alone = replace(stack, exact={n: e for n, e in stack.exact.items() if n not in parts}, sums=())
    plain = figures_together(indicator, alone, groups, rule)
    before = _withheld(plain[NOW])
    for positions in _choices(listed, areas):
        tried = figures_together(indicator, replace(stack, shown=dict.fromkeys(parts, positions)), groups, rule)
        if _withheld(tried[NOW]) == before:
            return _whole(tried, listed)
    return _whole({**dict.fromkeys(parts, [None] * len(listed)), **plain}, listed)


def _choices(listed: Sequence[Area], areas: Areas) -> Iterator[list[int]]:
    """Give areas to show parts of: all, then without the geography with the most areas, and so on to the place."""
    present = [name for name in areas.coarse_to_fine() if any(area.geography == name for area in listed)]
    for count in range(len(present), -1, -1):
        kept = {PLACE, *present[:count], *([DRAWN] if count == len(present) else [])}
        yield [position for position, area in enumerate(listed) if area.geography in kept]


def _withheld(figures: Sequence[Figure | None]) -> list[bool]:
    return [
        each is not None and Marker.SUPPRESSED in (each.value.marker, each.numerator.marker, each.denominator.marker)
        for each in figures
    ]


def _whole(figures: dict[str, list[Figure | None]], listed: Sequence[Area]) -> dict[str, list[Figure]]:
    none = Cell.not_applicable(NOT_AT_THIS_SIZE)
    return {
        name: [
            Figure(area, none, none, none) if each is None else each for area, each in zip(listed, found, strict=True)
        ]
        for name, found in figures.items()
    }
