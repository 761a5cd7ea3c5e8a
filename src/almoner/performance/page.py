"""Puts a scorecard and its measures into pages that need nothing else: no request, no script, readable by anybody.

Templates get finished words and drawings; they decide nothing about figures. Every figure comes from a protected
cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from almoner.charts.colours import palette_of
from almoner.charts.equivalents import Equivalent
from almoner.charts.lines import sparkline
from almoner.charts.style import chart_css
from almoner.charts.wording import number_text, tick_text
from almoner.methods.cells import MEANINGS
from almoner.methods.spc import Assurance, Signal, Variation
from almoner.performance.drawings import funnel_chart, sample, xmr_chart
from almoner.performance.figures import (
    STATUS,
    UNIT_WORDS,
    Breakdown,
    Comparison,
    Funnel,
    MeasureFigures,
    Scorecard,
)
from almoner.performance.icons import ASSURANCE_WORDS, VARIATION_WORDS, assurance_icon, variation_icon
from almoner.performance.wording import (
    EVERY,
    age_text,
    cell_text,
    comparison_summary,
    day_text,
    funnel_summary,
    met,
    period_text,
    summary_of,
    value_text,
)

LEGEND = (
    ("common", "common cause"),
    ("improvement", "special cause: improvement"),
    ("concern", "special cause: concern"),
    ("neither", "special cause: neither good nor bad"),
)
FUNNEL_LEGEND = (
    ("common", "within the limits"),
    ("improvement", "outside the 95% limits"),
    ("neither", "outside the 99.8% limits"),
)


_WITH_TARGET = (Assurance.PASS, Assurance.FAIL, Assurance.INCONSISTENT)


@dataclass(frozen=True)
class Line:
    """One measure as a row of the scorecard."""

    entry: MeasureFigures
    period: str
    value: str
    target: str
    met: str
    variation: str
    variation_icon: Markup
    assurance: str
    assurance_icon: Markup
    trend: str
    spark: Markup
    age: str


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("almoner.performance"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def page_of(entry: MeasureFigures) -> str:
    """Name the page of a measure."""
    return f"{entry.measure.name}.html"


def render_scorecard(scorecard: Scorecard) -> str:
    """Render the page of all measures."""
    return _render("scorecard.html", scorecard, **scorecard_values(scorecard))


def scorecard_values(scorecard: Scorecard, *, by_owner: bool = False) -> dict[str, Any]:
    """Give what the body of the page of all measures shows: lines by topic or owner, and the key to the icons."""
    topics: dict[str, list[Line]] = {}
    for entry in scorecard.measures:
        heading = entry.measure.owner if by_owner else entry.measure.topic
        topics.setdefault(heading, []).append(_line(entry, scorecard))
    return {"topics": dict(sorted(topics.items())) if by_owner else topics, "key": _icon_key()}


def render_measure(scorecard: Scorecard, entry: MeasureFigures) -> str:
    """Render the page of one measure."""
    return _render("measure.html", scorecard, **measure_values(scorecard, entry))


def measure_values(scorecard: Scorecard, entry: MeasureFigures) -> dict[str, Any]:
    """Give what the body of a measure's page shows, in words and drawings."""
    decimals = entry.decimals
    chart = Markup("")
    if entry.analysis is not None:
        chart = xmr_chart(entry, " ".join(summary_of(entry)), lambda value: tick_text(value, entry.measure.unit))
    return {
        "entry": entry, "line": _line(entry, scorecard), "summary": summary_of(entry),
        "chart": chart, "table": _series_table(entry).html(),
        "legend": [(sample(kind), words) for kind, words in LEGEND],
        "unit": UNIT_WORDS[entry.measure.unit], "every": EVERY[entry.measure.every],
        "targets": [(value_text(entry.measure, each.value, decimals), day_text(each.starts_on), each.source)
                    for each in entry.measure.targets],
        "steps": [(day_text(each.on), each.reason) for each in entry.measure.step_changes],
        "funnel": _funnel(entry, entry.funnel) if entry.funnel else None,
        "breakdowns": [_breakdown(entry, each) for each in entry.breakdowns],
        "comparison": _comparison(entry, entry.comparison) if entry.comparison else None,
        "symbols": [(str(marker), meaning) for marker, meaning in MEANINGS.items()],
    }  # fmt: skip


def _render(template: str, scorecard: Scorecard, **given: Any) -> str:
    environment = _environment()
    environment.filters["day"] = day_text
    environment.globals["page_of"] = page_of
    palette = palette_of(scorecard.brand_colour)
    return environment.get_template(template).render(
        scorecard=scorecard,
        status=STATUS,
        palette=palette,
        chart_css=Markup(chart_css(palette)),  # noqa: S704 -- a style sheet of charts  # nosec B704
        **given,
    )


def _line(entry: MeasureFigures, scorecard: Scorecard) -> Line:
    newest, analysis, measure = entry.newest(), entry.analysis, entry.measure
    variation = analysis.variation if analysis else Variation.UNKNOWN
    assurance = analysis.assurance if analysis else Assurance.UNKNOWN
    return Line(
        entry=entry,
        period=period_text(newest.span) if newest else "",
        value=value_text(measure, newest.value.value, entry.decimals) if newest else str(entry.points[-1].value.marker),
        target=value_text(measure, newest.target, entry.decimals) if newest else "",
        met=met(newest, measure.good) if newest else "",
        variation=VARIATION_WORDS[variation],
        variation_icon=variation_icon(variation),
        assurance=ASSURANCE_WORDS[assurance],
        assurance_icon=Markup("") if assurance is Assurance.NONE else assurance_icon(assurance),
        trend=analysis.trend.words(measure.good) if analysis else "",
        spark=sparkline([point.value.value for point in entry.points]),
        age=age_text(entry, scorecard.made_on),
    )


def _icon_key() -> list[tuple[Markup, str]]:
    return [
        *((variation_icon(each), words) for each, words in VARIATION_WORDS.items()),
        *((assurance_icon(each), words) for each, words in ASSURANCE_WORDS.items() if each in _WITH_TARGET),
    ]


def _series_table(entry: MeasureFigures) -> Equivalent:
    """Write every number of the chart: figure, counts, interval, average, limits, target, signal."""
    measure, decimals = entry.measure, entry.decimals
    chart = entry.analysis.chart if entry.analysis else None
    rows = []
    for at, point in enumerate(entry.points):
        limits = ["", "", ""]
        signal = ""
        if chart is not None and point.value.value is not None:
            limits = [_plain(float(each[at]), decimals) for each in (chart.mean, chart.lower, chart.upper)]
            signal = "" if chart.signals[at] is Signal.NONE else str(chart.signals[at])
        rows.append(
            (
                period_text(point.span), cell_text(measure, point.value, decimals), point.numerator.text(0),
                point.denominator.text(0), _interval(point.lower, point.upper, decimals), *limits,
                value_text(measure, point.target, decimals), signal or point.step,
            )
        )  # fmt: skip
    heads = (
        "Period", "Figure", "Number", "Out of", "95% interval", "Average", "Lower limit", "Upper limit", "Target",
        "Signal or step",
    )  # fmt: skip
    numeric = (False, *(True,) * 8, False)
    return Equivalent(f"{measure.title}, {UNIT_WORDS[measure.unit]}, by period", heads, rows, numeric)


def _funnel(entry: MeasureFigures, funnel: Funnel) -> dict[str, Any]:
    measure, decimals = entry.measure, entry.decimals
    words = funnel_summary(entry, funnel)
    title = f"{measure.title}: {funnel.title}, {period_text(funnel.span)}"
    rows = [
        (point.area.name, cell_text(measure, point.value, decimals), point.denominator.text(0), str(point.place))
        for point in funnel.points
    ]
    table = Equivalent(title, ("Area", "Figure", "Out of", "In the funnel"), rows, (False, True, True, False))
    return {
        "title": title,
        "words": words,
        "chart": funnel_chart(
            f"funnel-{measure.name}", title, funnel, " ".join(words), lambda value: tick_text(value, measure.unit)
        ),
        "table": table.html(),
        "legend": [(sample(kind), text) for kind, text in FUNNEL_LEGEND],
    }


def _breakdown(entry: MeasureFigures, found: Breakdown) -> dict[str, Any]:
    measure, decimals = entry.measure, entry.decimals
    title = f"{measure.title} by {found.cut.title[:1].lower()}{found.cut.title[1:]}, {period_text(found.span)}"
    rows = [
        (
            group.title, cell_text(measure, group.value, decimals), _interval(group.lower, group.upper, decimals),
            group.numerator.text(0), group.denominator.text(0), _plain(group.ratio, 2),
            _interval(group.ratio_lower, group.ratio_upper, 2),
        )
        for group in (*found.groups, found.whole)
    ]  # fmt: skip
    heads = ("Group", "Figure", "95% interval", "Number", "Out of", "Ratio to everybody", "95% interval of the ratio")
    return {"title": title, "table": Equivalent(title, heads, rows).html(), "reason": found.reason}


def _comparison(entry: MeasureFigures, found: Comparison) -> dict[str, Any]:
    title = f"{entry.measure.title}: {found.group.title}, {found.period}" if found.period else found.group.title
    ours = (found.ours,) if found.ours else ()
    rows = [
        (each.council, _plain(each.value, 1) or "[x]", _interval(each.lower, each.upper, 1))
        for each in sorted((*ours, *found.others), key=lambda figure: figure.council)
    ]
    table = Equivalent(title, ("Council", "Figure", "95% interval"), rows).html() if found.median is not None else ""
    return {"title": title, "words": comparison_summary(entry, found), "table": table, "source": found.group.source}


def _plain(value: float | None, decimals: int) -> str:
    return "" if value is None or value != value else number_text(value, "count", decimals)


def _interval(lower: float | None, upper: float | None, decimals: int) -> str:
    return "" if lower is None or upper is None else f"{lower:,.{decimals}f} to {upper:,.{decimals}f}"
