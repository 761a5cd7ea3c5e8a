"""Writes a scorecard: pages, tables and a document, all marked as internal; all of them or none.

It only ever replaces what it has written itself. Nothing it writes is a release.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from almoner.charts.wording import never_a_formula
from almoner.kernel.folders import write_whole
from almoner.methods.cells import MEANINGS, Cell
from almoner.methods.spc import Signal
from almoner.performance.figures import (
    STATUS,
    UNIT_WORDS,
    Breakdown,
    Comparison,
    Funnel,
    MeasureFigures,
    PeriodFigure,
    Scorecard,
)
from almoner.performance.page import page_of, render_measure, render_scorecard
from almoner.performance.wording import summary_of

PAGE, TABLE, DOCUMENT = "scorecard.html", "scorecard.csv", "scorecard.json"
MARK = ".almoner-scorecard"
"""A file that says: what is here was written by a report, and may be written anew."""

COLUMNS = (
    "measure", "title", "unit", "period", "starts_on", "ends_on", "value", "numerator", "denominator", "lower_95",
    "upper_95", "marker", "target", "average", "lower_limit", "upper_limit", "signal", "step_change", "status",
)  # fmt: skip


def write_scorecard(scorecard: Scorecard, directory: Path) -> tuple[Path, ...]:
    """Write the scorecard into a directory that is new, empty, or holds only an earlier scorecard.

    Raises: UsageError where the directory holds something else; ResourceExhausted where the disk is full.
    """
    contents = {PAGE: render_scorecard(scorecard), TABLE: csv_text(scorecard.measures), DOCUMENT: json_text(scorecard)}
    for entry in scorecard.measures:
        contents[page_of(entry)] = render_measure(scorecard, entry)
        contents[f"{entry.measure.name}.csv"] = csv_text((entry,))
    files = {**contents, MARK: STATUS + "\n"}
    write_whole(
        directory, ((name, text.encode()) for name, text in files.items()), "scorecards",
        lambda target: (target / MARK).is_file(),
    )  # fmt: skip
    return tuple(directory / name for name in contents)


def csv_text(measures: tuple[MeasureFigures, ...]) -> str:
    """Write a tidy table: one row per measure and period; a withheld value is empty, with a marker."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for entry in measures:
        for at, point in enumerate(entry.points):
            writer.writerow({name: never_a_formula(value) for name, value in _row(entry, at, point).items()})
    return out.getvalue()


def _row(entry: MeasureFigures, at: int, point: PeriodFigure) -> dict[str, str]:
    measure, decimals, chart = entry.measure, entry.decimals, entry.analysis.chart if entry.analysis else None
    row = {
        "measure": measure.name, "title": measure.title, "unit": UNIT_WORDS[measure.unit], "period": point.span.name,
        "starts_on": point.span.starts_on.isoformat(), "ends_on": point.span.ends_on.isoformat(),
        "value": _text(point.value.value, decimals), "numerator": _text(point.numerator.value, 0),
        "denominator": _text(point.denominator.value, 0), "lower_95": _text(point.lower, decimals),
        "upper_95": _text(point.upper, decimals), "marker": str(point.value.marker),
        "target": _text(point.target, decimals), "step_change": point.step, "status": STATUS,
    }  # fmt: skip
    if chart is not None and point.value.value is not None:
        row |= {
            "average": _text(float(chart.mean[at]), decimals), "lower_limit": _text(float(chart.lower[at]), decimals),
            "upper_limit": _text(float(chart.upper[at]), decimals),
            "signal": "" if chart.signals[at] is Signal.NONE else str(chart.signals[at]),
        }  # fmt: skip
    return row


def _text(value: float | None, decimals: int) -> str:
    return "" if value is None or value != value else f"{value:.{decimals}f}"


def json_text(scorecard: Scorecard) -> str:
    """Write the scorecard with everything that travels with it as one JSON document."""
    return json.dumps(document_of(scorecard), ensure_ascii=False, indent=1) + "\n"


def document_of(scorecard: Scorecard) -> dict[str, Any]:
    """Give the scorecard as a document. A withheld value is null with a marker, never a number."""
    return {
        "status": STATUS,
        "title": f"Scorecard: {scorecard.place}",
        "controller": scorecard.controller,
        "service": scorecard.service,
        "as_of": scorecard.as_of.isoformat(),
        "made_on": scorecard.made_on.isoformat(),
        "small_numbers": {
            "withheld": f"counts from 1 to {scorecard.rule.largest_small}, and what would give one away",
            "rounded_to_nearest": scorecard.rule.base,
        },
        "markers": {str(marker): meaning for marker, meaning in MEANINGS.items()},
        "measures": [_measure(entry) for entry in scorecard.measures],
    }


def _measure(entry: MeasureFigures) -> dict[str, Any]:
    measure, analysis = entry.measure, entry.analysis
    found: dict[str, Any] = {
        "name": measure.name, "title": measure.title, "topic": measure.topic, "unit": measure.unit,
        "every": measure.every, "good": measure.good, "definition": measure.definition, "owner": measure.owner,
        "serves": measure.serves, "caveats": list(entry.caveats), "reason": entry.reason,
        "as_of": entry.as_of.isoformat() if entry.as_of else None,
        "sources": [each.dataset for each in entry.sources],
        "summary": summary_of(entry),
        "variation": str(analysis.variation) if analysis else None,
        "assurance": str(analysis.assurance) if analysis else None,
        "provisional": analysis.provisional() if analysis else None,
        "trend": str(analysis.trend.direction) if analysis else None,
        "points": [_point(entry, at, point) for at, point in enumerate(entry.points)],
    }  # fmt: skip
    if entry.funnel is not None:
        found["funnel"] = _funnel(entry.funnel)
    if entry.breakdowns:
        found["breakdowns"] = [_breakdown(each) for each in entry.breakdowns]
    if entry.comparison is not None:
        found["comparison"] = _comparison(entry.comparison)
    return found


def _point(entry: MeasureFigures, at: int, point: PeriodFigure) -> dict[str, Any]:
    chart = entry.analysis.chart if entry.analysis and point.value.value is not None else None
    found: dict[str, Any] = {
        "period": point.span.name, "value": _cell(point.value), "numerator": _cell(point.numerator),
        "denominator": _cell(point.denominator), "lower": point.lower, "upper": point.upper, "target": point.target,
        "step": point.step,
    }  # fmt: skip
    if chart is not None:
        found |= {
            "mean": _number(float(chart.mean[at])), "lower_limit": _number(float(chart.lower[at])),
            "upper_limit": _number(float(chart.upper[at])), "signal": str(chart.signals[at]),
            "direction": int(chart.directions[at]),
        }  # fmt: skip
    return found


def _cell(cell: Cell) -> dict[str, Any]:
    if cell.value is not None:
        return {"value": cell.value}
    return {"value": None, "marker": str(cell.marker), **({"reason": cell.reason} if cell.reason else {})}


def _number(value: float) -> float | None:
    return None if value != value else round(value, 4)


def _funnel(funnel: Funnel) -> dict[str, Any]:
    return {
        "geography": funnel.geography, "period": funnel.span.name, "average": funnel.average,
        "overdispersion": {"factor": _number(funnel.dispersion.factor), "found": funnel.dispersion.found},
        "areas": [
            {"code": each.area.code, "name": each.area.name, "value": _cell(each.value),
             "denominator": _cell(each.denominator), "place": str(each.place)}
            for each in funnel.points
        ],
    }  # fmt: skip


def _breakdown(found: Breakdown) -> dict[str, Any]:
    return {
        "by": found.cut.name, "period": found.span.name, "reason": found.reason,
        "groups": [
            {"code": group.code, "title": group.title, "value": _cell(group.value),
             "numerator": _cell(group.numerator), "denominator": _cell(group.denominator), "lower": group.lower,
             "upper": group.upper, "ratio": group.ratio, "ratio_lower": group.ratio_lower,
             "ratio_upper": group.ratio_upper}
            for group in (*found.groups, found.whole)
        ],
    }  # fmt: skip


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "group": found.group.name, "period": found.period, "ours": vars(found.ours) if found.ours else None,
        "others": [vars(each) for each in found.others], "median": found.median, "lowest": found.lowest,
        "highest": found.highest, "difference": found.difference, "difference_lower": found.difference_lower,
        "difference_upper": found.difference_upper, "verdict": found.verdict, "reason": found.reason,
    }  # fmt: skip
