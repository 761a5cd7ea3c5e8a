"""A question about indicators: which areas, which periods, which breakdown; and the exact counts that answer it.

Nothing here may be shown: whoever asks for it has it checked against all that is out before anybody sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from almoner.counting.areas import Area, Areas, read_areas
from almoner.counting.asks import WHOLE, Ask
from almoner.counting.cuts import codes_of
from almoner.counting.levels import DrawnArea
from almoner.counting.plans import PLACE, Run
from almoner.counting.spans import Every, Span, spans_ending, window
from almoner.kernel.errors import AccessRefused, UsageError
from almoner.methods.disclosure.sums import FloatArray
from almoner.profiles.exact import open_values
from almoner.profiles.populations import population_of
from almoner.profiles.steps import STANDING, levels_of
from almoner.profiles.tallies import Tallies
from almoner.registry.measures import Count, Cut, Indicator, OpenFigure
from almoner.registry.registry import Registry

COUNTED = ("persons", "rows", "households")
MOST_PERIODS = 120


@dataclass(frozen=True)
class Query:
    """What somebody asks. areas: (geography, code); the whole place is (place, place)."""

    indicators: tuple[str, ...]
    areas: tuple[tuple[str, str], ...] = ()
    drawn: tuple[DrawnArea, ...] = ()
    every: Every | None = None
    first_on: dt.date | None = None
    last_on: dt.date | None = None
    cut: str | None = None
    compare: bool = False


@dataclass(frozen=True)
class Row:
    """What one row of an answer is about. cells: which span the numerator counts in."""

    area: Area
    span: Span
    code: str


@dataclass(frozen=True)
class Side:
    """One side of a rate, row by row: a count of ours, or a published number. spans: what each row counts in."""

    count: Count | None
    values: FloatArray
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Counted:
    """One indicator as it was asked for."""

    indicator: Indicator
    cut: Cut | None
    rows: tuple[Row, ...]
    numerator: Side
    denominator: Side | None


def count_query(run: Run, registry: Registry, as_of: dt.date, query: Query) -> tuple[Areas, list[Counted]]:
    """Count what is asked for.

    Raises: UsageError for what can't be asked; AccessRefused for what may not be read.
    """
    indicators, cut, spans = _understood(registry, as_of, query)
    areas = read_areas(run, registry, query.drawn, outlined=False)
    listed = _listed(areas, query)
    tallies = Tallies(run, registry, levels_of(registry, areas))
    asks = [ask for each in indicators for ask in _asks(each, spans[each.name], as_of, cut)]
    tallies.ask(asks)
    for ask in asks:
        if reason := tallies.refusal(ask):
            raise AccessRefused(reason)
    codes = list(codes_of(cut)) if cut is not None else [WHOLE]
    found = []
    for indicator in indicators:
        rows = tuple(Row(area, span, code) for area in listed for span in spans[indicator.name] for code in codes)
        found.append(_counted(indicator, rows, spans[indicator.name], tallies, as_of, cut))
    return areas, found


@dataclass(frozen=True)
class Understood:
    """A question whose words are understood: its areas were not looked at, and nothing was counted."""

    indicators: tuple[Indicator, ...]
    cut: Cut | None
    spans: Mapping[str, tuple[Span, ...]]
    populations: tuple[str, ...]
    areas: int

    @property
    def rows(self) -> int:
        """How many rows the answer has."""
        parts = len(codes_of(self.cut)) if self.cut is not None else 1
        return self.areas * parts * sum(len(self.spans[each.name]) for each in self.indicators)


def understand(registry: Registry, as_of: dt.date, query: Query) -> Understood:
    """Say what a question is about, without counting. Raises: UsageError for what can't be asked."""
    indicators, cut, spans = _understood(registry, as_of, query)
    asks = [ask for each in indicators for ask in _asks(each, spans[each.name], as_of, cut)]
    populations = dict.fromkeys(population_of(ask.count, span).name for ask in asks for span in ask.spans)
    listed = len(query.areas) + len(query.drawn)
    place = not listed or (query.compare and (PLACE, PLACE) not in query.areas)
    return Understood(tuple(indicators), cut, spans, tuple(populations), listed + place)


def askable(registry: Registry) -> list[Indicator]:
    """List the indicators that can be asked for, in the order of the registry."""
    return [
        each
        for each in registry.indicator.values()
        if all(count is None or count.count in COUNTED for count in (each.numerator, each.denominator))
    ]


def _understood(
    registry: Registry, as_of: dt.date, query: Query
) -> tuple[list[Indicator], Cut | None, dict[str, tuple[Span, ...]]]:
    indicators = [_indicator(registry, name, query) for name in query.indicators]
    spans = {indicator.name: _spans(indicator, as_of, query) for indicator in indicators}
    return indicators, _cut(registry, query.cut), spans


def _indicator(registry: Registry, name: str, query: Query) -> Indicator:
    indicator = registry.indicator.get(name)
    if indicator is None:
        raise UsageError(f"No indicator '{name}' is declared.", todo=f"Use one of: {', '.join(registry.indicator)}.")
    for count in (indicator.numerator, indicator.denominator):
        if count is not None and count.count not in COUNTED:
            raise UsageError(
                f"The indicator '{name}' adds up amounts, so it can't be asked for here.",
                why="What amounts give away together with other answers can't be checked.",
                todo="Take it from the profiles, or ask for an indicator that counts people, households or records.",
            )
    if query.cut is not None and (indicator.numerator is None or indicator.open_denominator is not None):
        raise UsageError(
            f"The indicator '{name}' can't be cut.", why="It is made of published numbers.", todo="Leave --by out."
        )
    return indicator


def _cut(registry: Registry, name: str | None) -> Cut | None:
    if name is None:
        return None
    if name not in registry.cut:
        raise UsageError(f"No breakdown '{name}' is declared.", todo=f"Use one of: {', '.join(registry.cut)}.")
    return registry.cut[name]


def _listed(areas: Areas, query: Query) -> list[Area]:
    known = {(area.geography, area.code): area for listed in areas.of.values() for area in listed}
    place = Area(PLACE, PLACE, areas.place)
    known[PLACE, PLACE] = place
    listed = []
    for key in query.areas:
        if key not in known:
            raise UsageError(
                f"There is no area '{key[0]}:{key[1]}'.",
                todo=f"Write geography:code, with one of the geographies {', '.join(areas.of)}, or place.",
            )
        listed.append(known[key])
    listed += areas.listed_drawn()
    if not listed or (query.compare and place not in listed):
        listed.append(place)
    return list(dict.fromkeys(listed))


def _spans(indicator: Indicator, as_of: dt.date, query: Query) -> tuple[Span, ...]:
    """Give the periods that are asked for: whole ones, or the headline's."""
    if query.every is None:
        if query.first_on is not None or query.last_on is not None:
            raise UsageError("From and to need --every.", todo="Add --every month, quarter, year or financial_year.")
        months = indicator.numerator.months if indicator.numerator is not None else None
        return (window(as_of, months),)
    last = min(query.last_on or as_of, as_of)
    number = 1 if query.first_on is None else MOST_PERIODS
    ended = spans_ending(last, query.every, number)
    found = [span for span in ended if query.first_on is None or span.starts_on >= query.first_on]
    if not found:
        raise UsageError(
            "No whole period lies between these days.",
            why=f"The newest records are of {as_of.isoformat()}, and only periods that are over are counted.",
            todo="Ask for an earlier --from, a later --to, or shorter periods.",
        )
    return tuple(found)


def _asks(indicator: Indicator, spans: Sequence[Span], as_of: dt.date, cut: Cut | None) -> Iterator[Ask]:
    for count in (indicator.numerator, indicator.denominator):
        if count is not None:
            yield _ask(count, spans, as_of, cut)


def _ask(count: Count, spans: Sequence[Span], as_of: dt.date, cut: Cut | None) -> Ask:
    """Ask for the periods; who lives here is known as of now only."""
    return Ask(count, (window(as_of, None),) if count.fact in STANDING else tuple(spans), cut)


def _counted(
    indicator: Indicator, rows: tuple[Row, ...], spans: Sequence[Span], tallies: Tallies, as_of: dt.date,
    cut: Cut | None,
) -> Counted:  # fmt: skip
    def side(count: Count | None, figure: OpenFigure | None) -> Side | None:
        if count is not None:
            ask = _ask(count, spans, as_of, cut)
            now = ask.spans[0]
            when = tuple(now if count.fact in STANDING else row.span for row in rows)
            values = [
                tallies.area(ask, span.name, row.area.geography, row.area.code, row.code).number
                for row, span in zip(rows, when, strict=True)
            ]
            return Side(count, np.array(values, dtype=np.float64), when)
        if figure is None:
            return None
        return Side(None, open_values(figure, tallies, rows, spans, as_of), tuple(row.span for row in rows))

    above = side(indicator.numerator, indicator.open_figure)
    assert above is not None
    return Counted(indicator, cut, rows, above, side(indicator.denominator, indicator.open_denominator))
