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

    compared: how it stands to the comparator's: better, worse, higher, lower, similar, not compared; empty: not asked.
    """

    area: Area
    value: Cell
    numerator: Cell
    denominator: Cell
    lower: float | None = None
    upper: float | None = None
    compared: str = ""


@dataclass(frozen=True)
class TrendPoint:
    """The figure of one period."""

    span: Span
    value: Cell
    lower: float | None = None
    upper: float | None = None


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
    reason: why the indicator as a whole is not available; empty if it is.
    trend: (geography, code) → its figures over time, the oldest first.
    modelled: spread over areas by a rule, and not counted there.
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
    trend: dict[tuple[str, str], tuple[TrendPoint, ...]] = field(default_factory=dict)
    modelled: bool = False

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
