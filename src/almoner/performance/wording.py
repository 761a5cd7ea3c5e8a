"""What a chart says and does not say, in plain words; how figures, periods and targets read.

Only what is shown is put into words: a withheld figure is called withheld, never described.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from almoner.charts.wording import number_text
from almoner.counting.spans import Span
from almoner.methods.cells import Cell, Marker
from almoner.methods.spc import Assurance, Signal, Variation
from almoner.methods.trend import POINTS, Direction
from almoner.performance.figures import Comparison, Funnel, MeasureFigures, PeriodFigure
from almoner.performance.icons import ASSURANCE_WORDS
from almoner.registry.performance import Measure

AFTER = {"count": "", "percent": "", "per_1000": " per 1,000 people", "days": " days", "pounds": ""}

EVERY = {
    "month": "Every month",
    "quarter": "Every quarter",
    "year": "Every year",
    "financial_year": "Every financial year",
}

_SIGNAL = {
    Signal.OUTSIDE: "lies outside the limits",
    Signal.TREND: "is one of seven or more in a row that each go further the same way",
    Signal.NEAR_LIMIT: "is one of two out of three close to the same limit",
    Signal.RUN: "is one of seven or more in a row on the same side of the average",
}

NOT_SAID = (
    "The chart says whether figures changed by more than they vary from one period to the next. It does not say why,"
    " nor whether what was done about it worked."
)


def day_text(day: dt.date | None) -> str:
    """Write a date as `30 April 2026`."""
    return f"{day.day} {day:%B %Y}" if day else "date not stated"


def period_text(span: Span) -> str:
    """Write a span for people: 'March 2026', 'January to March 2026', '2025-26'."""
    first, last = span.starts_on, span.ends_on
    if not span.bounded:
        return day_text(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{last:%B %Y}"
    if first.year == last.year and last.month - first.month == 2:
        return f"{first:%B} to {last:%B %Y}"
    return f"{day_text(first)} to {day_text(last)}"


def value_text(measure: Measure, value: float | None, decimals: int) -> str:
    """Write a number of a measure with its unit; empty for none."""
    return "" if value is None else number_text(value, measure.unit, decimals) + AFTER[measure.unit]


def cell_text(measure: Measure, cell: Cell, decimals: int) -> str:
    """Write a figure, or the marker in its place."""
    return str(cell.marker) if cell.value is None else number_text(cell.value, measure.unit, decimals)


def age_text(entry: MeasureFigures, on: dt.date) -> str:
    """Say how old the data is: '206 days, of 30 April 2026'."""
    if entry.as_of is None:
        return "not known"
    days = (on - entry.as_of).days
    return f"{days:,} days: as at {day_text(entry.as_of)}"


def met(point: PeriodFigure, good: str) -> str:
    """Say whether a figure met its target; empty without a target, a direction of good, or a figure."""
    if point.target is None or point.value.value is None or good == "none":
        return ""
    reached = point.value.value >= point.target if good == "high" else point.value.value <= point.target
    return "met" if reached else "missed"


def summary_of(entry: MeasureFigures) -> list[str]:
    """Say in sentences what the chart of a measure shows, and what it does not."""
    if entry.reason:
        return [f"Not available: {entry.reason}."]
    newest = entry.newest()
    if newest is None or entry.analysis is None:
        return ["No period has a figure that may be shown.", *_gaps(entry)]
    return [*_figure(entry, newest), *_variation(entry), *_assurance(entry), *_trend(entry), *_gaps(entry), NOT_SAID]


def _figure(entry: MeasureFigures, newest: PeriodFigure) -> Iterator[str]:
    measure, decimals = entry.measure, entry.decimals
    text = f"In {period_text(newest.span)} the figure was {value_text(measure, newest.value.value, decimals)}"
    if newest.lower is not None and newest.upper is not None:
        text += f" (95% interval {newest.lower:,.{decimals}f} to {newest.upper:,.{decimals}f})"
    reached = met(newest, measure.good)
    if reached:
        text += f": the target of {value_text(measure, newest.target, decimals)} was {reached}"
    yield text + "."


def _variation(entry: MeasureFigures) -> Iterator[str]:
    analysis, measure, decimals = entry.analysis, entry.measure, entry.decimals
    assert analysis is not None
    chart = analysis.chart
    known = np.flatnonzero(np.isfinite(chart.values))
    last = int(known[-1])
    if analysis.variation is Variation.UNKNOWN:
        yield "There are too few figures in a row to say what is usual."
        return
    bounds = [
        value_text(measure, _at_least_nothing(measure, each[last]), decimals) for each in (chart.lower, chart.upper)
    ]
    usual = f"what is usual, {bounds[0]} to {bounds[1]}"
    if analysis.variation is Variation.COMMON:
        yield f"It is within {usual}: nothing says that it has changed just now."
    else:
        kind = analysis.variation.value.partition(",")[0]
        says = {"improvement": "an improvement", "concern": "a concern"}.get(kind, "a change")
        since = _since(chart.directions, known)
        began = f" It began in {period_text(entry.points[since].span)}." if since != last else ""
        yield (
            f"The newest figure {_SIGNAL[chart.signals[last]]} ({usual}): that is {says},"
            f" and unlikely by chance.{began}"
        )
    marked = [at for at in known if chart.directions[at] != 0]
    yield f"{len(marked)} of {len(known)} figures are marked as more than chance." if marked else "No figure is marked."
    if analysis.provisional():
        yield "The limits are provisional: they are made of fewer than twelve figures."
    for point in entry.points:
        if point.step:
            yield f"The limits were made anew from {period_text(point.span)}: {point.step}."


def _since(directions: np.ndarray, known: np.ndarray) -> int:
    """Find the first of the marked points that lead up to the newest one without a break and in one direction."""
    first = last = int(known[-1])
    for at in known[::-1]:
        if directions[at] != directions[last]:
            break
        first = int(at)
    return first


def _at_least_nothing(measure: Measure, value: float) -> float:
    """A limit below zero is zero in words: nothing that is counted can be less; and no share is above 100."""
    low = max(float(value), 0.0)
    return min(low, 100.0) if measure.unit == "percent" else low


def _assurance(entry: MeasureFigures) -> Iterator[str]:
    assert entry.analysis is not None
    found = entry.analysis.assurance
    if found in (Assurance.PASS, Assurance.FAIL, Assurance.INCONSISTENT):
        yield f"If nothing changes, the service {ASSURANCE_WORDS[found][0].lower()}{ASSURANCE_WORDS[found][1:]}."


def _trend(entry: MeasureFigures) -> Iterator[str]:
    assert entry.analysis is not None
    trend = entry.analysis.trend
    if trend.direction is not Direction.UNKNOWN:
        yield f"Recent trend, over the last {POINTS} figures: {trend.words(entry.measure.good)}."


def _gaps(entry: MeasureFigures) -> Iterator[str]:
    withheld = [point for point in entry.points if point.value.marker is Marker.SUPPRESSED]
    if withheld:
        yield f"{_periods(len(withheld))} withheld [c], because the numbers are small."
    reasons: dict[str, int] = {}
    for point in entry.points:
        if point.value.marker in (Marker.NOT_AVAILABLE, Marker.NOT_APPLICABLE):
            reasons[point.value.reason] = reasons.get(point.value.reason, 0) + 1
    for reason, number in reasons.items():
        yield f"{_periods(number)} without a figure: {reason}. That is not zero."


def _periods(number: int) -> str:
    return "One period is" if number == 1 else f"{number} periods are"


def funnel_summary(entry: MeasureFigures, funnel: Funnel) -> list[str]:
    """Say in sentences what a funnel plot shows."""
    outside = [point for point in funnel.points if "limit" in point.place.value and "within" not in point.place.value]
    average = value_text(entry.measure, funnel.average, entry.decimals)
    found = [f"The average of the whole place is {average}. Areas are listed alphabetically, never ranked."]
    if outside:
        named = "; ".join(f"{point.area.name} is {point.place.value}" for point in outside)
        found.append(f"By more than chance from the average: {named}.")
    else:
        found.append("No area differs from the average by more than chance.")
    if funnel.dispersion.found:
        found.append(
            f"The areas differ by more than chance and size explain (overdispersion {funnel.dispersion.factor:.1f}):"
            " the limits are then too narrow, and areas just outside are not remarkable."
        )
    return found


def comparison_summary(entry: MeasureFigures, comparison: Comparison) -> list[str]:
    """Say in sentences how a measure stands beside those of others."""
    if comparison.reason and comparison.median is None:
        return [f"Not compared: {comparison.reason}."]
    measure, decimals = entry.measure, entry.decimals
    text = [value_text(measure, each, 1) for each in (comparison.median, comparison.lowest, comparison.highest)]
    known = [other for other in comparison.others if other.value is not None]
    found = [
        f"{comparison.group.title}, {comparison.period}: the median of {len(known)} councils is {text[0]},"
        f" from {text[1]} to {text[2]}."
    ]
    if comparison.ours is None or comparison.ours.value is None:
        return [*found, f"{comparison.reason}."]
    assert comparison.difference is not None
    ours = value_text(measure, comparison.ours.value, max(decimals, 1))
    interval = ""
    if comparison.difference_lower is not None and comparison.difference_upper is not None:
        interval = f" (95% interval {comparison.difference_lower:+.1f} to {comparison.difference_upper:+.1f})"
    found.append(
        f"{comparison.group.us} published {ours}: {comparison.difference:+.1f} from the median{interval},"
        f" {comparison.verdict}."
    )
    return found
