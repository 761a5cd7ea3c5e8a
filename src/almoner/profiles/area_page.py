"""One page for one area: each figure beside the comparator's, in the range of all areas of its kind, and over time.

Every number drawn also stands in a table. Figures come in the order of the registry, never by size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from almoner.charts.geometry import Drawing
from almoner.charts.lines import sparkline
from almoner.charts.svg import element, picture
from almoner.charts.wording import UNIT_TITLES, bare_title, cell_text, interval_text, number_text
from almoner.counting.areas import Area, Areas
from almoner.counting.plans import PLACE
from almoner.methods.cells import Cell, Marker
from almoner.profiles.figures import Figure, IndicatorFigures, TrendPoint
from almoner.profiles.frame import Site, render
from almoner.profiles.spines import Spine
from almoner.profiles.tree import Kind, around, kinds_of, within
from almoner.profiles.trends import direction_of

COMPARED_WORDS = {
    "better": "better than", "worse": "worse than", "higher": "higher than", "lower": "lower than",
    "similar": "similar to",
}  # fmt: skip
NOT_MADE = Cell.not_applicable("not made for areas of this size")


@dataclass(frozen=True)
class Time:
    """One period: the area's figure, its interval, the place's figure, and what is to be known of it."""

    period: str
    value: str
    interval: str
    place: str
    note: str


@dataclass(frozen=True)
class Row:
    """One indicator of the area, in words and drawings. against: the comparator's figure, and whose that is."""

    entry: IndicatorFigures
    unit: str
    value: str
    interval: str
    marked: bool
    reason: str
    against: str
    against_title: str
    compared: str
    modelled: bool
    spine: Markup
    spark: Markup
    span: str
    range: str
    times: tuple[Time, ...]
    direction: str
    cuts: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


def area_rows(site: Site, area: Area, spine_of: Callable[[str, str], Spine]) -> list[Row]:
    """Give the area's figures, one for each indicator that is made for areas of its kind."""
    found = []
    for entry in site.profiles.indicators:
        if area.geography in entry.figures:
            figure = entry.by_code(area.geography).get(area.code)
            if figure is not None:
                found.append(_row(site, entry, figure, spine_of(entry.indicator.name, area.geography)))
    return found


def render_area(
    site: Site, kind: Kind, area: Area, spine_of: Callable[[str, str], Spine], drawings: dict[str, Drawing]
) -> str:
    """Render an area's page."""
    areas = site.profiles.areas
    topics: dict[str, list[Row]] = {}
    for row in area_rows(site, area, spine_of):
        topics.setdefault(row.entry.indicator.topic, []).append(row)
    return render(
        "area.html", site, "../", area=area, kind=kind, kind_bare=bare_title(kind.title),
        kind_plural=bare_title(kind.plural), topics=topics, locator=locator(areas, area, drawings),
        around=[(areas.title(each.geography), each) for each in around(areas, area)],
        within=grouped_within(areas, area),
        modelled=any(row.modelled for listed in topics.values() for row in listed),
        paper=site.paper(area.geography, area.code),
    )  # fmt: skip


def locator(areas: Areas, area: Area, drawings: dict[str, Drawing]) -> Markup:
    """Draw where the area lies among the largest areas; nothing if it has no outline."""
    top = areas.coarse_to_fine()[0]
    drawing = drawings.get(area.geography)
    if drawing is None or area.code not in drawing.paths:
        return Markup("")
    frame = drawings.get(top, drawing)
    parts = [element("path", class_="land", d=path) for path in frame.paths.values()]
    parts.append(element("path", class_="here", d=drawing.paths[area.code]))
    if area.geography != top:
        x, y = drawing.middles[area.code]
        parts.append(element("circle", class_="ring", cx=x, cy=y, r=60))
    where = around(areas, area)
    lies = f" It lies mostly in {where[0].name}." if where else ""
    size = f"-4 -4 {drawing.width + 8} {drawing.height + 8}"
    description = f"{area.name} is filled in.{lies} The areas around and within it are listed beside the map."
    title = f"Map: {area.name} in {areas.place}"
    return picture("where", title, description, *parts, class_="map locator", viewBox=size)


def _row(site: Site, entry: IndicatorFigures, figure: Figure, spine: Spine) -> Row:
    unit, decimals = entry.indicator.unit, entry.decimals
    trend = entry.trend.get((figure.area.geography, figure.area.code), ())
    words, against = COMPARED_WORDS.get(figure.compared, ""), entry.comparator
    is_place = against is None or against.title == site.profiles.place
    return Row(
        entry=entry,
        unit=UNIT_TITLES[unit],
        value=cell_text(figure.value, unit, decimals),
        interval=interval_text(figure.lower, figure.upper, decimals),
        marked=figure.value.marker is not Marker.VALUE,
        reason=entry.reason,
        against=cell_text(entry.of_place().value, unit, decimals)
        if against is None or is_place
        else number_text(against.value, unit, decimals),
        against_title=site.profiles.place if against is None else against.title,
        compared=f"{words} {against.title}" if words and against is not None else "",
        modelled=figure.area.geography in entry.modelled_at,
        spine=spine.row(figure),
        # What was made otherwise is in the table, and in no line with what is made as it is now.
        spark=sparkline([point.value.value if point.comparable else None for point in trend]),
        span=entry.when(),
        range=spine.words(),
        times=tuple(_times(entry, trend)),
        direction=direction_of(entry.indicator, trend),
        cuts=tuple(_cuts(entry, figure)),
    )


def _times(entry: IndicatorFigures, trend: Sequence[TrendPoint]) -> Iterator[Time]:
    unit, decimals = entry.indicator.unit, entry.decimals
    of_place = {point.span.name: point.value for point in entry.trend.get((PLACE, PLACE), ())}
    for point in trend:
        yield Time(
            point.span.name,
            cell_text(point.value, unit, decimals),
            interval_text(point.lower, point.upper, decimals),
            cell_text(of_place.get(point.span.name, NOT_MADE), unit, decimals),
            "" if point.comparable else "made otherwise: not comparable",
        )


def _cuts(entry: IndicatorFigures, figure: Figure) -> Iterator[tuple[str, tuple[tuple[str, str, str], ...]]]:
    """Yield each breakdown: its title, and for each code what it means, the area's figure and its interval."""
    unit, decimals, area = entry.indicator.unit, entry.decimals, figure.area
    for cut in entry.cuts.values():
        lines = [
            (cut.codes.get(code, code), cell_text(each.value, unit, decimals),
             interval_text(each.lower, each.upper, decimals))
            for code, figures in cut.figures.items()
            for each in figures.get(area.geography, ())
            if each.area.code == area.code
        ]  # fmt: skip
        if lines:
            yield cut.title, tuple(lines)


def grouped_within(areas: Areas, area: Area) -> list[tuple[str, list[Area]]]:
    """List the smaller areas within an area by kind, under what the kind is called in the plural."""
    listed = within(areas, area)
    grouped = [(kind.plural, [each for each in listed if each.geography == kind.name]) for kind in kinds_of(areas)]
    return [(plural, of_kind) for plural, of_kind in grouped if of_kind]
