"""Puts the profiles into one page that needs nothing else: no request, no script, readable by anybody.

The template gets finished words and drawings; it decides nothing about figures. Every figure on the page
comes from a protected cell.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from almoner.charts.colours import palette_of
from almoner.charts.geometry import draw
from almoner.charts.rows import Drawn, axis, row_plot
from almoner.charts.scales import Scale, scale_over
from almoner.charts.style import chart_css
from almoner.charts.wording import UNIT_AFTER, UNIT_TITLES, bare_title, cell_text, interval_text
from almoner.counting.areas import Area
from almoner.counting.counts import BUCKETS
from almoner.counting.plans import PLACE
from almoner.methods.cells import MEANINGS, Cell, Marker
from almoner.profiles.figures import STATUS, Figure, IndicatorFigures, ProfileSet, day_text
from almoner.profiles.maps import MapOf, choose_geography, definitions, draw_map
from almoner.profiles.tree import anchor_of, sections_of


@dataclass(frozen=True)
class Line:
    """One row of a table: an area or an indicator with its figure, in words."""

    name: str
    value: str
    interval: str
    plot: Markup
    marked: bool
    map_class: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class View:
    """One indicator as the page shows it."""

    entry: IndicatorFigures
    unit: str
    unit_after: str
    headline: Line
    chart: tuple[Line, ...]
    chart_axis: Markup
    chart_level: str
    map: MapOf | None
    map_level: str
    map_lines: tuple[Line, ...]
    intervals: bool


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("almoner.profiles"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def script_source() -> str:
    """Give the page's own script as a Content-Security-Policy allows it: by its digest, so no other script runs."""
    script = _environment().get_template("profiles.js").render()
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def render_page(profiles: ProfileSet) -> str:
    """Render the whole page."""
    environment = _environment()
    environment.filters["day"] = day_text
    environment.filters["bare"] = bare_title
    drawings = draw(profiles.areas.outlines)
    levels = [name for name in profiles.areas.coarse_to_fine() if name in profiles.areas.of]
    frame = levels[0] if levels[0] in drawings else None
    views = [_view(entry, profiles, levels, drawings, frame) for entry in profiles.indicators]
    mapped = list(dict.fromkeys(view.map.geography for view in views if view.map))
    topics: dict[str, list[View]] = {}
    for view in views:
        topics.setdefault(view.entry.indicator.topic, []).append(view)
    palette = palette_of(profiles.brand_colour)
    return environment.get_template("profiles.html").render(
        profiles=profiles,
        status=STATUS,
        palette=palette,
        chart_css=Markup(chart_css(palette)),  # noqa: S704 -- a style sheet of charts, with colours alone
        script_source=script_source(),
        shapes=definitions(drawings, mapped, frame),
        topics=topics,
        views=views,
        levels=[(name, profiles.areas.geographies[name], profiles.areas.of[name]) for name in levels],
        sections=list(_sections(profiles, views)),
        index=list(_index(profiles)),
        meanings=[(str(marker), meaning) for marker, meaning in MEANINGS.items()],
        coverage=list(_coverage_lines(profiles)),
        buckets=BUCKETS,
    )


def _view(
    entry: IndicatorFigures,
    profiles: ProfileSet,
    levels: list[str],
    drawings: dict[str, Any],
    frame: str | None,
) -> View:
    unit = entry.indicator.unit
    reference = None if unit == "count" else entry.of_place().value.value
    chart_level = next((name for name in levels if name in entry.figures), "")
    listed = entry.figures.get(chart_level, ())
    scale = _scale_of(listed)
    geography = None if entry.reason else choose_geography(entry, levels[::-1], drawings)
    drawn: MapOf | None = None
    map_lines: tuple[Line, ...] = ()
    if geography is not None:
        plural = bare_title(profiles.areas.geographies[geography].plural)
        over = frame if frame != geography else None
        drawn = draw_map(entry, geography, plural, drawings[geography], over)
        map_lines = tuple(
            _line(figure, entry, None, None, drawn.class_labels[figure.area.code])
            for figure in entry.figures[geography]
        )
    return View(
        entry=entry,
        unit=UNIT_TITLES[unit],
        unit_after=UNIT_AFTER[unit],
        headline=_line(entry.of_place(), entry, None if unit == "count" else scale, None),
        chart=tuple(_line(figure, entry, scale, reference) for figure in listed),
        chart_axis=axis(scale, unit),
        chart_level=chart_level,
        map=drawn,
        map_level=bare_title(profiles.areas.geographies[geography].plural) if geography else "",
        map_lines=map_lines,
        intervals=any(figure.lower is not None for figures in entry.figures.values() for figure in figures),
    )


def _line(
    figure: Figure, entry: IndicatorFigures, scale: Scale | None, reference: float | None, map_class: str = ""
) -> Line:
    return Line(
        name=figure.area.name,
        value=cell_text(figure.value, entry.indicator.unit, entry.decimals),
        interval=interval_text(figure.lower, figure.upper, entry.decimals),
        plot=row_plot(_drawn(figure), scale, reference) if scale else Markup(""),
        marked=figure.value.marker is not Marker.VALUE,
        map_class=map_class,
        anchor=anchor_of(figure.area),
    )


def _scale_of(figures: Sequence[Figure]) -> Scale:
    return scale_over(number for figure in figures for number in (figure.value.value, figure.lower, figure.upper))


def _drawn(figure: Figure) -> Drawn:
    return Drawn(figure.value.value, figure.lower, figure.upper)


def _sections(profiles: ProfileSet, views: list[View]) -> Iterator[dict[str, Any]]:
    """Yield each large area with its own table and those of the areas within."""
    scales = {view.entry.indicator.name: _scale_of(view.entry.figures.get(view.chart_level, ())) for view in views}
    known = {view.entry.indicator.name: _lookup(view.entry) for view in views}
    for section in sections_of(profiles.areas):
        topics: dict[str, list[tuple[View, Line]]] = {}
        for view in views if section.area else ():
            unit, name = view.entry.indicator.unit, view.entry.indicator.name
            figure = known[name].get((section.area.geography, section.area.code)) if section.area else None
            if figure is not None:
                reference = None if unit == "count" else view.entry.of_place().value.value
                line = _line(figure, view.entry, scales[name], reference)
                topics.setdefault(view.entry.indicator.topic, []).append((view, line))
        groups = [
            {
                "anchor": group.anchor,
                "title": group.title,
                "columns": group.columns,
                "anchors": [anchor_of(area) for area in group.columns],
                "rows": [
                    (view, _cells(known[view.entry.indicator.name], group.columns, view))
                    for view in views
                    if any(area.geography in view.entry.figures for area in group.columns)
                ],
            }
            for group in section.groups
        ]
        yield {"anchor": section.anchor, "title": section.title, "topics": topics, "groups": groups}


def _lookup(entry: IndicatorFigures) -> dict[tuple[str, str], Figure]:
    return {
        (figure.area.geography, figure.area.code): figure for figures in entry.figures.values() for figure in figures
    }


def _cells(known: dict[tuple[str, str], Figure], columns: tuple[Area, ...], view: View) -> list[tuple[str, str]]:
    """Give value and interval of one indicator for each area; [z] where it isn't made for that level."""
    unit, decimals = view.entry.indicator.unit, view.entry.decimals
    found = []
    for area in columns:
        figure = known.get((area.geography, area.code))
        if figure is None:
            found.append((str(Marker.NOT_APPLICABLE), ""))
        else:
            found.append((cell_text(figure.value, unit, decimals), interval_text(figure.lower, figure.upper, decimals)))
    return found


def _index(profiles: ProfileSet) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each geography's plural with the names and anchors of its areas."""
    for name in profiles.areas.coarse_to_fine():
        plural = profiles.areas.geographies[name].plural
        yield plural, [(area.name, anchor_of(area)) for area in profiles.areas.of[name]]


def _coverage_lines(profiles: ProfileSet) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield title, what was placed, and what was not, of each indicator that we counted ourselves."""
    for entry in profiles.indicators:
        for coverage in entry.coverage:
            if coverage.geography == PLACE:
                left_out = [(BUCKETS[bucket], _plain(cell)) for bucket, cell in coverage.left_out.items()]
                yield entry.indicator.title, _plain(coverage.placed), left_out


def _plain(cell: Cell) -> str:
    return cell.text(0)
