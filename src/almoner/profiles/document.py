"""The figures with everything that travels with them, as one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from almoner.counting.counts import BUCKETS
from almoner.methods.cells import MEANINGS, Cell
from almoner.profiles.figures import STATUS, Figure, IndicatorFigures, ProfileSet, TrendPoint
from almoner.profiles.tree import kinds_of
from almoner.profiles.trends import direction_of


def json_text(profiles: ProfileSet) -> str:
    """Write the figures with everything that travels with them as one JSON document."""
    areas = profiles.areas
    document = {
        "status": STATUS,
        "title": f"Neighbourhood profiles: {profiles.place}",
        "controller": profiles.controller,
        "service": profiles.service,
        "place": profiles.place,
        "as_of": profiles.as_of.isoformat(),
        "small_numbers": {
            "withheld": f"counts from 1 to {profiles.rule.largest_small}, and what would give one away",
            "rounded_to_nearest": profiles.rule.base,
        },
        "markers": {str(marker): meaning for marker, meaning in MEANINGS.items()},
        "notes": list(profiles.notes),
        "geographies": {
            kind.name: {
                "title": kind.title,
                "nested_in": list(areas.nested.get(kind.name, ())),
                "areas": [
                    {"code": area.code, "name": area.name, "mostly_in": areas.parent.get((kind.name, area.code), {})}
                    for area in kind.areas
                ],
            }
            for kind in kinds_of(areas)
        },
        "indicators": [_json_indicator(entry) for entry in profiles.indicators],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _json_indicator(entry: IndicatorFigures) -> dict[str, Any]:
    declared = entry.indicator
    return {
        "name": declared.name,
        "title": declared.title,
        "topic": declared.topic,
        "unit": declared.unit,
        "good": declared.good,
        "definition": declared.definition,
        "as_of": entry.as_of.isoformat() if entry.as_of else None,
        "when": entry.when(),
        "not_available": entry.reason or None,
        "caveats": list(entry.caveats),
        "sources": [
            {
                "dataset": source.dataset, "title": source.title, "coverage": source.coverage,
                "as_of": source.as_of.isoformat() if source.as_of else None,
            }
            for source in entry.sources
        ],
        "missing": list(entry.missing),
        "coverage": [
            {
                "geography": coverage.geography,
                "placed": _json_cell(coverage.placed),
                "not_placed": {BUCKETS[name]: _json_cell(cell) for name, cell in coverage.left_out.items()},
            }
            for coverage in entry.coverage
        ],
        "compared_with": None if entry.comparator is None
        else {"title": entry.comparator.title, "value": entry.comparator.value},
        "modelled_at": list(entry.modelled_at),
        "figures": [_json_figure(figure) for figure in _all(entry.figures)],
        "trend": [
            {"geography": geography, "area_code": code, "recent": direction_of(entry.indicator, points) or None,
             "points": [_json_point(point) for point in points]}
            for (geography, code), points in entry.trend.items()
        ],
        "breakdowns": [
            {"title": cut.title, "code": cut.codes.get(code, code), "figures": [_json_figure(f) for f in _all(figures)]}
            for cut in entry.cuts.values()
            for code, figures in cut.figures.items()
        ],
    }  # fmt: skip


def _json_figure(figure: Figure) -> dict[str, Any]:
    return {
        "geography": figure.area.geography,
        "area_code": figure.area.code,
        "value": _json_cell(figure.value),
        "numerator": _json_cell(figure.numerator),
        "denominator": _json_cell(figure.denominator),
        "lower_95": figure.lower,
        "upper_95": figure.upper,
        "compared": figure.compared,
    }


def _json_point(point: TrendPoint) -> dict[str, Any]:
    return {
        "period": point.span.name,
        "value": _json_cell(point.value),
        "lower_95": point.lower,
        "upper_95": point.upper,
        "comparable": point.comparable,
    }


def _json_cell(cell: Cell) -> float | str:
    """Give a number, or the marker as a text: no reader can take it for a number."""
    return str(cell.marker) if cell.value is None else cell.value


def _all(figures: Mapping[str, tuple[Figure, ...]]) -> Iterator[Figure]:
    for listed in figures.values():
        yield from listed
