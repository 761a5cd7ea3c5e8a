"""One page for one topic: each indicator with its map, its chart of the largest areas, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from almoner.charts.geometry import Drawing
from almoner.charts.rows import axis, row_plot
from almoner.charts.scales import Scale, scale_over
from almoner.charts.wording import UNIT_AFTER, UNIT_TITLES, bare_title, cell_text, interval_text
from almoner.counting.plans import PLACE
from almoner.methods.cells import Marker
from almoner.profiles.figures import Figure, IndicatorFigures
from almoner.profiles.frame import Site, render
from almoner.profiles.maps import MapOf, choose_geography, definitions, draw_map
from almoner.profiles.spines import drawn_of


@dataclass(frozen=True)
class Line:
    """One row of a table: an area with its figure, in words. href: its page, from the index."""

    name: str
    value: str
    interval: str
    plot: Markup
    marked: bool
    map_class: str = ""
    href: str = ""


@dataclass(frozen=True)
class View:
    """One indicator as a topic's page shows it."""

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


def render_topic(site: Site, title: str, entries: Sequence[IndicatorFigures], drawings: dict[str, Drawing]) -> str:
    """Render a topic's page."""
    levels = site.profiles.areas.coarse_to_fine()
    frame = levels[0] if levels[0] in drawings else None
    views = [view_of(entry, site, drawings, frame) for entry in entries]
    mapped = list(dict.fromkeys(view.map.geography for view in views if view.map))
    shapes = definitions(drawings, mapped, frame)
    return render("topic.html", site, "../", title=title, views=views, shapes=shapes)


def view_of(entry: IndicatorFigures, site: Site, drawings: dict[str, Drawing], frame: str | None) -> View:
    """Put one indicator into words and drawings. In: frame: the geography whose outlines lie over a map."""
    areas, unit = site.profiles.areas, entry.indicator.unit
    levels = areas.coarse_to_fine()
    reference = None if unit == "count" else entry.of_place().value.value
    chart_level = next((name for name in levels if name in entry.figures), "")
    listed = entry.figures.get(chart_level, ())
    drawn_too = listed if unit == "count" else (*listed, entry.of_place())
    scale = scale_over(number for each in drawn_too for number in (each.value.value, each.lower, each.upper))
    geography = None if entry.reason else choose_geography(entry, levels[::-1], drawings)
    drawn: MapOf | None = None
    map_lines: tuple[Line, ...] = ()
    if geography is not None:
        plural = bare_title(areas.geographies[geography].plural)
        drawn = draw_map(entry, geography, plural, drawings[geography], frame if frame != geography else None)
        map_lines = tuple(
            line_of(figure, entry, site, map_class=drawn.class_labels[figure.area.code])
            for figure in entry.figures[geography]
        )
    return View(
        entry=entry,
        unit=UNIT_TITLES[unit],
        unit_after=UNIT_AFTER[unit],
        headline=line_of(entry.of_place(), entry, site, None if unit == "count" else scale),
        chart=tuple(line_of(figure, entry, site, scale, reference) for figure in listed),
        chart_axis=axis(scale, unit),
        chart_level=chart_level,
        map=drawn,
        map_level=bare_title(areas.geographies[geography].plural) if geography else "",
        map_lines=map_lines,
        intervals=any(figure.lower is not None for figures in entry.figures.values() for figure in figures),
    )


def line_of(
    figure: Figure, entry: IndicatorFigures, site: Site, scale: Scale | None = None, reference: float | None = None,
    *, map_class: str = "",
) -> Line:  # fmt: skip
    """Put one figure into words and a drawing."""
    area = figure.area
    return Line(
        name=area.name,
        value=cell_text(figure.value, entry.indicator.unit, entry.decimals),
        interval=interval_text(figure.lower, figure.upper, entry.decimals),
        plot=row_plot(drawn_of(figure), scale, reference) if scale else Markup(""),
        marked=figure.value.marker is not Marker.VALUE,
        map_class=map_class,
        href="" if area.geography == PLACE else site.area(area.geography, area.code),
    )
