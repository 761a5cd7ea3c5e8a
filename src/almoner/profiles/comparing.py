"""Sets figures against a comparator: by the interval, in the words of the indicator's polarity; never a ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from almoner.counting.plans import PLACE
from almoner.profiles.figures import NOT_COMPARED, Comparator, Figure
from almoner.registry.measures import Indicator


def comparator_of(indicator: Indicator, place: Figure) -> Comparator | None:
    """Give what the figures of an indicator are set against: a declared benchmark, else the whole place."""
    if indicator.benchmark is not None:
        return Comparator(indicator.benchmark.title, indicator.benchmark.value)
    if indicator.unit == "count" or place.value.value is None:
        return None
    return Comparator(place.area.name, place.value.value)


def compared(figures: Sequence[Figure], indicator: Indicator, comparator: Comparator | None) -> list[Figure]:
    """Say of each figure how it stands: only where its interval leaves the comparator out, it differs."""
    return [replace(each, compared=_word(each, indicator, comparator)) for each in figures]


def _word(figure: Figure, indicator: Indicator, comparator: Comparator | None) -> str:
    own = figure.area.geography == PLACE and indicator.benchmark is None
    if comparator is None or own or figure.value.value is None or figure.lower is None or figure.upper is None:
        return NOT_COMPARED
    if figure.lower <= comparator.value <= figure.upper:
        return "similar"
    higher = figure.lower > comparator.value
    if indicator.good == "none":
        return "higher" if higher else "lower"
    return "better" if higher == (indicator.good == "high") else "worse"
