"""Makes a draft for release of measures: one table to a measure, a row to a period, with the exact counts behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from almoner.counting.spans import Span
from almoner.methods.cells import Cell, Marker
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.sums import FloatArray
from almoner.performance.figures import UNIT_WORDS, MeasureFigures, Scorecard
from almoner.performance.protection import Exact
from almoner.performance.wording import period_text
from almoner.profiles.populations import population_of
from almoner.registry.measures import Count
from almoner.registry.performance import Duration
from almoner.release.codes import AREA
from almoner.release.draft import (
    Column,
    CountColumn,
    DraftTable,
    GivenColumn,
    Interval,
    LabelColumn,
    RateColumn,
    Said,
)

Counted = Mapping[str, tuple[tuple[Span, ...], Exact]]
COUNTED = ("persons", "rows", "households")
PER: Mapping[str, tuple[float, Interval]] = {"percent": (100.0, "wilson"), "per_1000": (1000.0, "byar")}


def measure_tables(scorecard: Scorecard, exact: Counted) -> tuple[DraftTable, ...]:
    """Make the tables of the measures that have figures. In: exact: the counts behind each."""
    return tuple(
        _table(entry, *exact[entry.measure.name])
        for entry in scorecard.measures
        if not entry.reason and entry.measure.name in exact
    )


def _table(entry: MeasureFigures, spans: Sequence[Span], exact: Exact) -> DraftTable:
    labels = (
        LabelColumn("period", "Period", tuple(period_text(span) for span in spans)),
        LabelColumn("starts_on", "From", tuple(span.starts_on.isoformat() for span in spans)),
        LabelColumn("ends_on", "To", tuple(span.ends_on.isoformat() for span in spans)),
    )
    measure = entry.measure
    notes = (
        measure.definition,
        f"Serves: {measure.serves}.",
        *entry.caveats,
        *(f"From {each.on.isoformat()} not comparable with before: {each.reason}." for each in measure.step_changes),
    )
    return DraftTable(measure.name, measure.title, (*labels, *_columns(entry, spans, exact)), notes)  # fmt: skip


def _columns(entry: MeasureFigures, spans: Sequence[Span], exact: Exact) -> Iterator[Column]:
    measure = entry.measure
    above = [point.numerator for point in entry.points]
    below = [point.denominator for point in entry.points]
    title = f"{measure.title}, {UNIT_WORDS[measure.unit]}"
    if measure.duration is not None:
        yield from _ended(entry, measure.duration, spans, exact)
    elif measure.numerator is not None and measure.numerator.count in COUNTED:
        name, words = ("numerator", "Number") if measure.denominator else ("value", measure.title)
        yield _count(name, words, measure.numerator, spans, exact.numerator, above)
        if measure.denominator is not None and exact.denominator is not None:
            yield _count("denominator", "Out of", measure.denominator, spans, exact.denominator, below)
            per, interval = PER.get(measure.unit, (1.0, ""))
            yield RateColumn("value", title, "numerator", "denominator", per, entry.decimals, interval)
    else:
        yield GivenColumn("value", title, tuple(_plain(point.value) for point in entry.points), entry.decimals)


def _ended(entry: MeasureFigures, duration: Duration, spans: Sequence[Span], exact: Exact) -> Iterator[Column]:
    """Give what ended, and of that what ended in time; a median is given as it was protected."""
    kinds = duration.kinds() or (duration.involvement or "",)
    population = f"what ended: {', '.join(kinds)}"
    points, title = entry.points, f"{entry.measure.title}, {UNIT_WORDS[entry.measure.unit]}"
    periods = {"period": tuple(_days(span) for span in spans), AREA: (WHOLE,) * len(spans)}
    below = [point.denominator for point in points]
    if duration.within is None or exact.denominator is None:
        yield _column("denominator", "How many ended", population, periods, exact.numerator, below)
        yield GivenColumn("value", title, tuple(_plain(point.value) for point in points), entry.decimals)
        return
    quick = {**periods, "days": (f"span:0-{duration.within}",) * len(spans)}
    above = [point.numerator for point in points]
    yield _column("numerator", f"Within {duration.within} days", population, quick, exact.numerator, above)
    yield _column("denominator", "How many ended", population, periods, exact.denominator, below)
    yield RateColumn("value", title, "numerator", "denominator", 100.0, entry.decimals, "wilson")


def _count(
    name: str, title: str, count: Count, spans: Sequence[Span], exact: FloatArray, cells: Sequence[Cell]
) -> CountColumn:
    """State a count in each period: rows of events add up over periods, everything else is as at a moment."""
    populations = [population_of(count, span) for span in spans]
    codes = {each: tuple(found.codes[each] for found in populations) for each in populations[0].codes}
    codes[AREA] = (WHOLE,) * len(spans)
    return _column(name, title, populations[0].name, codes, exact, cells)


def _column(
    name: str, title: str, population: str, codes: Mapping[str, tuple[str, ...]], exact: FloatArray,
    cells: Sequence[Cell],
) -> CountColumn:  # fmt: skip
    counts = tuple(
        None if np.isnan(number) or cell.marker is Marker.NOT_AVAILABLE else float(number)
        for number, cell in zip(exact, cells, strict=True)
    )
    return CountColumn(name, title, population, codes, counts, tuple(_said(cell) for cell in cells))


def _days(span: Span) -> str:
    return f"{span.starts_on.isoformat()}/{span.ends_on.isoformat()}"


def _said(cell: Cell) -> Said:
    said: dict[Marker, Said] = {
        Marker.SUPPRESSED: "withheld", Marker.NOT_AVAILABLE: "[x]", Marker.NOT_APPLICABLE: "[z]",
    }  # fmt: skip
    return said.get(cell.marker, "rounded")


def _plain(cell: Cell) -> float | str:
    return str(cell.marker) if cell.value is None else cell.value
