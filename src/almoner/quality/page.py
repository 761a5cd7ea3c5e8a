"""Renders the review as one page: it needs no script, and every drawing stands beside the table that holds its numbers.

Nothing of a row can get here: the page is made from the review alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from almoner.charts.colours import palette_of
from almoner.charts.lines import Point, Rule, line_chart, sparkline
from almoner.charts.style import chart_css
from almoner.methods.cells import MEANINGS, Cell
from almoner.quality.arrivals import DELIVERY, measure_of
from almoner.quality.change import Series
from almoner.quality.review import DatasetQuality, Outcome, Review
from almoner.quality.wording import rule_words
from almoner.registry.expectations import DIMENSIONS

DIMENSION_MEANINGS = {
    "completeness": "Values that should be there are there. A placeholder such as 01/01/1900 and a code that says “not"
    " known” count as missing; what names nobody is not asked of a row.",
    "uniqueness": "Nothing is there twice: rows with one key, and numbers that belong to one person.",
    "consistency": "Values do not contradict one another, within a row, between datasets, and between deliveries.",
    "timeliness": "Deliveries come when it was agreed.",
    "validity": "Values have the form and lie in the range that they should, and rows can be taken in.",
    "accuracy": "Values agree with something outside: a published list, or what another source says of the same person."
    " That is agreement, not truth: where two differ, either may be right. Without a reference it is not measured.",
}
"""Source: The Government Data Quality Framework (2020), part 3; our words."""


@dataclass(frozen=True)
class Chart:
    """A chart over time with the table of its numbers."""

    name: str
    title: str
    drawing: Markup
    rows: tuple[tuple[str, ...], ...]
    told: str


def render_page(review: Review, brand: str, *, supplier: str = "") -> str:
    """Write the page. In: supplier: the title of the one source it is for; empty: all."""
    environment = Environment(
        loader=PackageLoader("almoner.quality", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(FILTERS, day=day_text, anchor=_anchor)
    palette = palette_of(brand)
    return environment.get_template("quality.html").render(
        review=review, supplier=supplier, palette=palette,
        chart_css=Markup(chart_css(palette)),  # noqa: S704 -- ours  # nosec B704
        link_of=lambda dataset: f"#{_anchor(dataset.full_name)}",
        charts={one.dataset.full_name: charts_of(one) for one in review.datasets}, **review_values(review),
    )  # fmt: skip


def review_values(review: Review) -> dict[str, Any]:
    """Give what a page about all datasets of a review shows."""
    outcomes = [each for one in review.datasets for each in one.outcomes]
    received = [one for one in review.datasets if not one.dataset.open]
    return {
        "dimensions": DIMENSIONS, "meanings": DIMENSION_MEANINGS, "received": received,
        "published": [one for one in review.datasets if one.dataset.open],
        "stands": Counter(each.stand for each in outcomes), "total": len(outcomes),
        "late": sum(one.punctuality.missed for one in received),
        "by_owner": _by_owner(review.issues()), "changed": _changed(review), "rule": rule_text,
        "markers": [(str(marker), meaning) for marker, meaning in MEANINGS.items() if str(marker)],
    }  # fmt: skip


def rule_text(outcome: Outcome) -> str:
    """Say in a sentence what is expected."""
    words = rule_words(outcome.dataset, outcome.expectation)
    return words[:1].upper() + words[1:]


def percent_text(cell: Cell) -> str:
    """Write a per cent: nothing short of all is shown as 100, and nothing above none as 0."""
    if cell.value is None:
        return str(cell.marker)
    shown = round(cell.value, 1)
    if shown >= 100 > cell.value:
        shown = 99.9
    if shown <= 0 < cell.value:
        shown = 0.1
    return f"{shown:.1f}%"


def count_text(cell: Cell) -> str:
    """Write a count of rows."""
    return str(cell.marker) if cell.value is None else f"{cell.value:,.0f}"


def day_text(day: Any) -> str:
    """Write a day as '4 May 2026'; nothing for none."""
    return f"{day.day} {day:%B %Y}" if day is not None else "–"


def _spark(series: Series | None) -> Markup:
    return sparkline([point.met.value for point in series.points]) if series is not None else Markup("")


FILTERS = {"percent": percent_text, "row_count": count_text, "spark": _spark}
"""How the templates write a share, a count of rows, and a series."""


def _anchor(name: str) -> str:
    return "d-" + name.replace(".", "-")


def _by_owner(issues: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for each in issues:
        found.setdefault(each.owner, []).append(each)
    return dict(sorted(found.items()))


def _changed(review: Review) -> dict[str, list[tuple[DatasetQuality, str, Series]]]:
    """Gather what got better and what got worse since the delivery before."""
    found: dict[str, list[tuple[DatasetQuality, str, Series]]] = {"better": [], "worse": []}
    for one in review.datasets:
        named = [(f"{field.title} is filled in", field.completeness) for field in one.fields if field.essential]
        named += [(f"{field.title} can be read", field.validity) for field in one.fields]
        named += [(rule_text(each), each.series) for each in one.outcomes
                  if measure_of(each.expectation).startswith(("expects:", DELIVERY))]  # fmt: skip
        for title, series in named:
            if series is not None and series.direction in found:
                found[series.direction].append((one, title, series))
    return found


def charts_of(one: DatasetQuality) -> list[Chart]:
    """Draw what has enough deliveries for limits, where the expectation is missed or the chart shows a signal."""
    charts = []
    for number, each in enumerate(one.outcomes):
        series = each.series
        if series is not None and series.chart is not None and (each.stand == "not met" or any(series.chart.signals)):
            charts.append(_chart(f"x-{_anchor(one.dataset.full_name)}-{number}", each, series))
    return charts


def _chart(name: str, outcome: Outcome, series: Series) -> Chart:
    chart, title = series.chart, rule_text(outcome)
    assert chart is not None
    marks = {(True, 1): "improvement", (True, -1): "concern"}
    points = [
        Point(point.delivery, point.met.value, marks.get((bool(signal), int(way)), ""))
        for point, signal, way in zip(series.points, chart.signals, chart.directions, strict=True)
    ]
    rules = [
        Rule("mean", "mean", _levels(chart.mean)), Rule("limit", "upper limit", _levels(chart.upper, most=100)),
        Rule("limit", "lower limit", _levels(chart.lower)),
        Rule("target", "expected", tuple(100 - outcome.expectation.at_most for _ in points)),
    ]  # fmt: skip
    told = f"Newest point: {series.variation}."
    drawing = line_chart(
        name, title, f"{told} The numbers stand in the table below.", points, rules, text="{:g}%".format
    )
    rows = tuple(
        (point.delivery, percent_text(point.met), str(signal) or "–")
        for point, signal in zip(series.points, chart.signals, strict=True)
    )
    return Chart(name, title, drawing, rows, told)


def _levels(values: Any, most: float | None = None) -> tuple[float | None, ...]:
    shown = [None if value != value else float(value) for value in values]
    return tuple(None if value is None else min(value, most) if most is not None else value for value in shown)
