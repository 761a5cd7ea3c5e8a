"""The result of a profile as values: what may be shown, with everything that has to travel with it.

Only protected cells are kept here: an exact count about people must never be put into one of these.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from almoner.counting.areas import Area, Areas
from almoner.counting.plans import PLACE
from almoner.counting.spans import Span
from almoner.methods.cells import Cell
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.registry.measures import Indicator

NOT_COMPARED = "not compared"

STATUS = "UNRELEASED DRAFT"

DECIMALS = {"count": 0, "percent": 1, "per_1000": 1, "pounds": 0, "score": 1}
"""Decimals of our own figures; a published score gets as many as its size asks for."""

UNIT_WORDS = {
    "count": "number",
    "percent": "per cent",
    "per_1000": "per 1,000",
    "pounds": "pounds",
    "score": "score",
}


def day_text(day: dt.date | None) -> str:
    """Write a date as `30 April 2026`."""
    return f"{day.day} {day:%B %Y}" if day else "date not stated"


@dataclass(frozen=True)
class Figure:
    """One indicator of one area. The interval is at 95%, None where there is none.

    compared: "better", "worse", "similar", "higher", "lower" or "not compared", from the interval and the comparator.
    """

    area: Area
    value: Cell
    numerator: Cell
    denominator: Cell
    lower: float | None = None
    upper: float | None = None
    compared: str = NOT_COMPARED


@dataclass(frozen=True)
class TrendPoint:
    """One indicator of one area in an earlier period. comparable: made in the way in which it is made now."""

    span: Span
    value: Cell
    lower: float | None = None
    upper: float | None = None
    comparable: bool = True


@dataclass(frozen=True)
class CutFigures:
    """An indicator cut by a breakdown: code → what it means; code → geography → figures, as in IndicatorFigures."""

    title: str
    codes: dict[str, str]
    figures: dict[str, dict[str, tuple[Figure, ...]]]


@dataclass(frozen=True)
class Comparator:
    """What figures are set against: the whole place, or a figure published elsewhere."""

    title: str
    value: float


@dataclass(frozen=True)
class Contribution:
    """A dataset that a figure was counted from, and the newest date that it speaks of."""

    dataset: str
    title: str
    as_of: dt.date | None
    coverage: str = ""
    open: bool = False

    def text(self) -> str:
        """Give title and date: of published data the date is that of the edition that is held."""
        when = "edition held on " if self.open and self.as_of else ""
        return f"{self.title}, {when}{day_text(self.as_of)}"


@dataclass(frozen=True)
class Coverage:
    """How much of what was counted could be placed, at one geography: bucket → protected count."""

    geography: str
    placed: Cell
    left_out: dict[str, Cell]


@dataclass(frozen=True)
class IndicatorFigures:
    """One indicator: its figures by geography (areas in alphabetical order), and where they come from.

    decimals: how many are shown; missing: titles of datasets that should have contributed and did not.
    reason: why the indicator as a whole is not available; empty if it is. trend: (geography, code) → points, the
    oldest first. modelled_at: the geographies at which figures are apportioned or averaged from published ones.
    """

    indicator: Indicator
    figures: dict[str, tuple[Figure, ...]]
    as_of: dt.date | None
    decimals: int = 0
    sources: tuple[Contribution, ...] = ()
    missing: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    caveats: tuple[str, ...] = ()
    reason: str = ""
    comparator: Comparator | None = None
    trend: dict[tuple[str, str], tuple[TrendPoint, ...]] = field(default_factory=dict)
    cuts: dict[str, CutFigures] = field(default_factory=dict)
    modelled_at: tuple[str, ...] = ()

    @property
    def modelled(self) -> bool:
        """Say whether some of its figures are modelled."""
        return bool(self.modelled_at)

    def when(self) -> str:
        """Say what time the figures speak of: what was published has a period, and not the day it was fetched."""
        if self.indicator.numerator is None and self.indicator.period:
            return self.indicator.period
        return day_text(self.as_of) if self.as_of else ""

    def of_place(self) -> Figure:
        """Give the figure of the whole place."""
        return self.figures[PLACE][0]

    def by_code(self, geography: str) -> dict[str, Figure]:
        """Give the figures of a geography by area code; none if the indicator has none there."""
        return {figure.area.code: figure for figure in self.figures.get(geography, ())}


@dataclass(frozen=True)
class ProfileSet:
    """All indicators of all areas: a draft, until somebody releases it."""

    place: str
    service: str
    controller: str
    brand_colour: str
    as_of: dt.date
    areas: Areas
    indicators: tuple[IndicatorFigures, ...]
    rule: SmallNumberRule
    notes: tuple[str, ...] = field(default=())

    def topics(self) -> dict[str, list[IndicatorFigures]]:
        """Give the indicators by topic, in the order of the registry."""
        found: dict[str, list[IndicatorFigures]] = {}
        for entry in self.indicators:
            found.setdefault(entry.indicator.topic, []).append(entry)
        return found
