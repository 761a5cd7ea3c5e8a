"""Figures of earlier periods: protected over all areas, and over periods that add up to what is shown besides."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

from almoner.counting.areas import Area
from almoner.counting.spans import NOW, Span, window
from almoner.methods.cells import Cell
from almoner.methods.trend import Direction, trend_in_unit
from almoner.profiles.figures import Figure, TrendPoint
from almoner.profiles.protection import Exact, Sum
from almoner.registry.measures import Indicator

Trends = dict[tuple[str, str], tuple[TrendPoint, ...]]


def shown_spans(
    indicator: Indicator, spans: Sequence[Span], exact: Mapping[str, Exact], first_on: dt.date | None
) -> list[Span]:
    """Give the periods of which there are figures: records reach back, or something was published."""
    return [span for span in spans if span.name in exact and not _before_records(indicator, span, first_on)]


def sums_of_spans(indicator: Indicator, spans: Sequence[Span], as_of: dt.date) -> list[Sum]:
    """Say which periods add up to the headline: then one of them could be taken from the others."""
    count = indicator.numerator
    if count is None or count.fact != "event" or count.count not in ("rows", "sum") or count.months is None:
        return []
    inside = _tiling(window(as_of, count.months), spans)
    return [Sum(NOW, tuple(span.name for span in inside), False)] if inside else []


def trend_of(
    indicator: Indicator, areas: Sequence[Area], spans: Sequence[Span], figures: Mapping[str, Sequence[Figure]],
    first_on: dt.date | None,
) -> Trends:  # fmt: skip
    """Make the points of every area. In: figures: those of the periods that have any, by the period's name."""
    return {
        (area.geography, area.code): tuple(
            _point(indicator, span, figures[span.name][position] if span.name in figures else None, first_on)
            for span in spans
        )
        for position, area in enumerate(areas)
    }


def direction_of(indicator: Indicator, points: Sequence[TrendPoint]) -> str:
    """Say what became of an area's figures over the last five periods; nothing where that can't be told.

    It is made of what is shown, so that it tells nothing more. What was counted otherwise is left out.
    """
    shown = [point for point in points if point.comparable]
    columns = [
        [math.nan if each is None else each for each in column]
        for column in zip(*((point.value.value, point.lower, point.upper) for point in shown), strict=True)
    ]
    if not columns:
        return ""
    trend = trend_in_unit(indicator.unit, *columns)
    return "" if trend.direction is Direction.UNKNOWN else trend.words(indicator.good)


def _point(indicator: Indicator, span: Span, figure: Figure | None, first_on: dt.date | None) -> TrendPoint:
    comparable = all(span.starts_on >= each.on for each in indicator.breaks)
    if figure is None:
        since = f"records begin on {first_on.isoformat()}" if first_on else "no figure was published for this period"
        return TrendPoint(span, Cell.not_available(since), comparable=comparable)
    return TrendPoint(span, figure.value, figure.lower, figure.upper, comparable)


def _before_records(indicator: Indicator, span: Span, first_on: dt.date | None) -> bool:
    """Say whether records do not reach back far enough: that none is held must never come out as 0."""
    if indicator.numerator is None or first_on is None:
        return False
    day = span.starts_on if indicator.numerator.fact == "event" else span.ends_on
    return day < first_on.replace(day=1)


def _tiling(whole: Span, spans: Sequence[Span]) -> list[Span]:
    """Give the spans that fill a window without a gap; none if they don't."""
    within = (span for span in spans if whole.starts_on <= span.starts_on and span.ends_on <= whole.ends_on)
    inside = sorted(within, key=lambda span: span.starts_on)
    edges = [whole.starts_on, *(span.ends_on + dt.timedelta(days=1) for span in inside)]
    starts = [*(span.starts_on for span in inside), whole.ends_on + dt.timedelta(days=1)]
    return inside if inside and edges == starts else []
