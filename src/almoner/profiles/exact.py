"""Puts what was counted, and what was published, into arrays by area. Nothing here may be shown or written."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from almoner.counting.areas import Area
from almoner.counting.asks import WHOLE, Ask
from almoner.counting.spans import NOW, Span, window
from almoner.methods.disclosure.sums import FloatArray
from almoner.profiles.protection import Exact
from almoner.profiles.steps import STANDING, Asked, spans_of
from almoner.profiles.tallies import Tallies, Tally
from almoner.registry.measures import Count, Indicator, OpenFigure


class Asking(Protocol):
    """A row that somebody asks for: an area in a period."""

    @property
    def area(self) -> Area:
        """The area."""

    @property
    def span(self) -> Span:
        """The period."""


def open_spans(indicator: Indicator, as_of: dt.date) -> tuple[Span, ...]:
    """Give the spans in which published figures are read: the headline's, and those of a trend."""
    return (window(as_of, None), *spans_of(indicator, as_of))


def exact_of(
    indicator: Indicator, asked: Asked, tallies: Tallies, listed: Sequence[Area], as_of: dt.date, *,
    span: str = NOW, cut: str | None = None, code: str = WHOLE,
) -> Exact:  # fmt: skip
    """Give the exact numbers of an indicator, area by area; NaN where there is none to have.

    In: cut and code: of one code of a breakdown only.
    """
    none = np.full(len(listed), math.nan)
    above, below = asked.cuts[cut] if cut is not None else (asked.numerator, asked.denominator)
    numerator = contributors = denominator = behind = none
    if above is not None:
        found = _found(above, tallies, listed, span, code)
        assert indicator.numerator is not None
        numerator = _values(found, indicator.numerator)
        contributors = _column(found, "contributors")
        if indicator.numerator.count == "mean":
            denominator, behind = _column(found, "number"), contributors
    if below is not None:
        # Who lives here is known as of now only: earlier periods are set against the people of today.
        when = NOW if below.count.fact in STANDING else span
        found = _found(below, tallies, listed, when, code)
        denominator, behind = _values(found, below.count), _column(found, "contributors")
    spans = open_spans(indicator, as_of)
    if indicator.open_figure is not None:
        numerator = _published(indicator.open_figure, tallies, listed, span, spans)
    if indicator.open_denominator is not None:
        dated = indicator.open_denominator.date is not None
        denominator = _published(indicator.open_denominator, tallies, listed, span if dated else NOW, spans)
    return Exact(tuple(listed), numerator, denominator, contributors, behind)


def modelled_at(indicator: Indicator, tallies: Tallies, as_of: dt.date) -> tuple[str, ...]:
    """Name the geographies at which a published figure was shared out, or averaged."""
    found: dict[str, None] = {}
    spans = open_spans(indicator, as_of)
    for figure in (indicator.open_figure, indicator.open_denominator):
        if figure is not None:
            for (span, geography, _), (number, split) in tallies.published(figure, spans).items():
                averaged = figure.combine == "mean" and geography != figure.geography
                if span == NOW and number is not None and (split or averaged):
                    found[geography] = None
    return tuple(found)


def _found(ask: Ask, tallies: Tallies, listed: Sequence[Area], span: str, code: str) -> list[Tally]:
    return [tallies.area(ask, span, area.geography, area.code, code) for area in listed]


def _values(found: Sequence[Tally], count: Count) -> FloatArray:
    return _column(found, "amount" if count.count in ("sum", "mean") else "number")


def _column(found: Sequence[Tally], name: str) -> FloatArray:
    return np.array([getattr(tally, name) for tally in found], dtype=np.float64)


def _published(
    figure: OpenFigure, tallies: Tallies, listed: Sequence[Area], span: str, spans: Sequence[Span]
) -> FloatArray:
    rows = tallies.published(figure, spans)
    found = (rows.get((span, area.geography, area.code), (None, False))[0] for area in listed)
    return np.array([math.nan if value is None else float(value) for value in found], dtype=np.float64)


def open_values(
    figure: OpenFigure, tallies: Tallies, rows: Sequence[Asking], spans: Sequence[Span], as_of: dt.date
) -> FloatArray:
    """Give a published figure row by row; one without dates is the same in every period."""
    every = (window(as_of, None), *(span for span in spans if span.name != NOW))
    tallies.read_open(figure, every)
    found = tallies.published(figure, every)
    names = [row.span.name if figure.date is not None else NOW for row in rows]
    values = (
        found.get((name, row.area.geography, row.area.code), (None, False))[0]
        for name, row in zip(names, rows, strict=True)
    )
    return np.array([math.nan if value is None else float(value) for value in values], dtype=np.float64)
