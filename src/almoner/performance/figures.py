"""The result of performance as values: what may be shown of each measure, with everything that travels with it.

Only protected cells are kept here: an exact count about people must never be put into one of these.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from almoner.counting.areas import Area
from almoner.counting.spans import Span
from almoner.methods.cells import Cell
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.funnel import Overdispersion, Place
from almoner.methods.spc import Assurance, Variation, Xmr
from almoner.methods.trend import Trend
from almoner.registry.measures import Cut
from almoner.registry.performance import BenchmarkGroup, Measure

STATUS = "INTERNAL, NOT RELEASED"

DECIMALS = {"count": 0, "percent": 1, "per_1000": 1, "days": 1, "pounds": 0}

UNIT_WORDS = {
    "count": "number",
    "percent": "per cent",
    "per_1000": "per 1,000 people",
    "days": "days",
    "pounds": "pounds",
}


@dataclass(frozen=True)
class PeriodFigure:
    """One measure in one period. The interval is at 95%, None where there is none.

    target: what was to be reached then; step: why the figures are not comparable with those before, at a step change.
    """

    span: Span
    value: Cell
    numerator: Cell
    denominator: Cell
    lower: float | None = None
    upper: float | None = None
    target: float | None = None
    step: str = ""


@dataclass(frozen=True)
class Analysis:
    """What the chart of a measure says. Made of what is shown, never of exact counts."""

    chart: Xmr
    variation: Variation
    assurance: Assurance
    trend: Trend

    def provisional(self) -> bool:
        """Say whether the newest stretch has too few points for its limits to be relied on."""
        return self.chart.provisional()


@dataclass(frozen=True)
class FunnelPoint:
    """One area in a funnel plot: its figure, its size, and where it lies."""

    area: Area
    value: Cell
    denominator: Cell
    place: Place


@dataclass(frozen=True)
class Funnel:
    """A funnel plot over the areas of one geography, in the newest twelve months or so.

    sizes with the limits at them: 95% lower and upper, 99.8% lower and upper, in the unit of the measure.
    """

    geography: str
    title: str
    span: Span
    average: float
    points: tuple[FunnelPoint, ...]
    sizes: tuple[float, ...]
    limits: tuple[tuple[float, float, float, float], ...]
    dispersion: Overdispersion


@dataclass(frozen=True)
class GroupFigure:
    """One group of a breakdown. ratio: its figure to that of everybody, with interval; None where there is none."""

    code: str
    title: str
    value: Cell
    numerator: Cell
    denominator: Cell
    lower: float | None = None
    upper: float | None = None
    ratio: float | None = None
    ratio_lower: float | None = None
    ratio_upper: float | None = None


@dataclass(frozen=True)
class Breakdown:
    """A measure by a protected characteristic over a span: one line for each group, unknown on its own, and all."""

    cut: Cut
    span: Span
    groups: tuple[GroupFigure, ...]
    whole: GroupFigure
    reason: str = ""


@dataclass(frozen=True)
class PublishedFigure:
    """What another council has published."""

    council: str
    value: float | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Comparison:
    """A measure beside those of the councils that it is compared with.

    ours: this council's published figure; difference: ours less the median of the others, with the interval of ours.
    """

    group: BenchmarkGroup
    period: str
    ours: PublishedFigure | None
    others: tuple[PublishedFigure, ...]
    median: float | None
    lowest: float | None
    highest: float | None
    difference: float | None
    difference_lower: float | None
    difference_upper: float | None
    verdict: str
    reason: str = ""


@dataclass(frozen=True)
class SourceNote:
    """A dataset that a measure was counted from, and the newest date that it speaks of."""

    dataset: str
    title: str
    as_of: dt.date | None
    coverage: str = ""


@dataclass(frozen=True)
class MeasureFigures:
    """One measure with its figures over time, oldest first, and where they come from.

    reason: why the measure as a whole is not available; empty if it is.
    """

    measure: Measure
    points: tuple[PeriodFigure, ...]
    analysis: Analysis | None = None
    as_of: dt.date | None = None
    sources: tuple[SourceNote, ...] = ()
    caveats: tuple[str, ...] = ()
    funnel: Funnel | None = None
    breakdowns: tuple[Breakdown, ...] = ()
    comparison: Comparison | None = None
    reason: str = ""

    @property
    def decimals(self) -> int:
        """Give how many decimals its figures are shown with."""
        return DECIMALS[self.measure.unit]

    def newest(self) -> PeriodFigure | None:
        """Give the newest period that has a figure."""
        shown = [point for point in self.points if point.value.value is not None]
        return shown[-1] if shown else None


@dataclass(frozen=True)
class Scorecard:
    """All measures asked for: internal, until somebody releases figures of it."""

    place: str
    service: str
    controller: str
    brand_colour: str
    as_of: dt.date
    made_on: dt.date
    measures: tuple[MeasureFigures, ...]
    rule: SmallNumberRule

    def topics(self) -> dict[str, list[MeasureFigures]]:
        """Give the measures by topic, in the order of the registry."""
        found: dict[str, list[MeasureFigures]] = {}
        for entry in self.measures:
            found.setdefault(entry.measure.topic, []).append(entry)
        return found
