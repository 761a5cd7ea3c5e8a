"""How an area's figure stands beside those of all areas of its kind: the numbers behind a spine chart.

Made of figures that are shown, and of nothing else: two sets of figures that differ only in what is withheld give the
same numbers. Nobody is ranked: the range has ends, and no names.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from almoner.charts.rows import Drawn, Spread, spine_row
from almoner.charts.scales import Scale, scale_around
from almoner.charts.wording import number_text
from almoner.profiles.figures import Figure, IndicatorFigures

WIDEST = 2.0
"""How much wider a scale may become by intervals than figures alone would make it; beyond, they are cut at its ends."""

FEWEST = 5
"""A range of fewer areas than this says more about each of them than about all."""


class Spine:
    """One indicator's spine chart at one geography."""

    def __init__(self, entry: IndicatorFigures, geography: str) -> None:
        figures = entry.figures.get(geography, ())
        shown = [figure.value.value for figure in figures if figure.value.value is not None]
        self._entry = entry
        self.spread = _spread(shown)
        # Numbers of people grow with the area: only shares, rates, averages and scores have a common scale.
        against = entry.comparator
        middle = None if entry.indicator.unit == "count" or against is None else against.value
        self.middle = middle
        self.scale: Scale | None = None if middle is None else _scale(middle, shown, figures)

    def row(self, figure: Figure) -> Markup:
        """Draw an area's row; nothing where there is no comparator to draw it by."""
        if self.scale is None or self.middle is None:
            return Markup("")
        return spine_row(drawn_of(figure), self.spread, self.scale, self.middle)

    def words(self) -> str:
        """Say the range in words, as in `3.0% to 12.1%, the middle half 4.2% to 8.0%`; empty where none is drawn."""
        if self.spread is None:
            return ""
        unit, decimals = self._entry.indicator.unit, self._entry.decimals
        low, lower, upper, high = (number_text(each, unit, decimals) for each in vars(self.spread).values())
        return f"{low} to {high}, the middle half of them {lower} to {upper}"


def drawn_of(figure: Figure) -> Drawn:
    """Give of a figure what a drawing may have."""
    return Drawn(figure.value.value, figure.lower, figure.upper, figure.compared)


def spines_of(entries: Mapping[str, IndicatorFigures]) -> functools._lru_cache_wrapper[Spine]:
    """Give a way to look up the spine of an indicator's name and a geography: each is worked out once for all areas."""
    return functools.cache(lambda name, geography: Spine(entries[name], geography))


def _scale(middle: float, shown: list[float], figures: Sequence[Figure]) -> Scale:
    """Make room for intervals too, but for no more of them than halves the room of the figures."""
    bounds = [bound for figure in figures for bound in (figure.lower, figure.upper) if bound is not None]
    narrow, wide = scale_around(middle, shown), scale_around(middle, [*shown, *bounds])
    reach = min(wide.high - middle, WIDEST * (narrow.high - middle))
    return scale_around(middle, [middle - reach])


def _spread(shown: list[float]) -> Spread | None:
    if len(shown) < FEWEST:
        return None
    return Spread(*(float(each) for each in np.quantile(shown, (0.0, 0.25, 0.75, 1.0))))
