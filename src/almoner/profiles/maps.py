"""Draws maps as SVG on the server: shaded areas for rates, circles for counts.

Every area also stands in the table beside its map. A withheld figure is hatched, one that is not available
dotted; none of them may ever take the colour of a low figure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from almoner.charts.classes import break_points, class_of, map_classes
from almoner.charts.geometry import Drawing
from almoner.charts.wording import cell_text, number_text
from almoner.methods.cells import Marker
from almoner.profiles.figures import Figure, IndicatorFigures

MOSTLY_SHOWN = 0.6
"""A map is drawn at the finest level at which at least this share of areas has a figure."""

FEW_ENOUGH_FOR_CIRCLES = 80
"""Circles of more areas than this would hide one another."""

_LARGEST_CIRCLE = 56.0

_MARKER_CLASS = {
    Marker.SUPPRESSED: ("kc", "withheld [c]"),
    Marker.NOT_AVAILABLE: ("kx", "not available [x]"),
    Marker.NOT_APPLICABLE: ("kz", "not applicable [z]"),
    Marker.LOW: ("k0", "low [low]"),
}


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: CSS class of its swatch, its label, how many areas; circles have a radius."""

    swatch: str
    label: str
    areas: int = 0
    radius: float = 0.0


@dataclass(frozen=True)
class MapOf:
    """A map with its legend and the class of each area."""

    svg: Markup
    legend: tuple[LegendEntry, ...]
    geography: str
    class_labels: dict[str, str]


def choose_geography(entry: IndicatorFigures, fine_to_coarse: Sequence[str], drawn: dict[str, Drawing]) -> str | None:
    """Choose the level at which an indicator is mapped; None if no level has outlines and figures."""
    fitting = [name for name in fine_to_coarse if name in entry.figures and name in drawn]
    if entry.indicator.unit == "count":
        fitting = [name for name in fitting if len(entry.figures[name]) <= FEW_ENOUGH_FOR_CIRCLES] or fitting[-1:]
    for name in fitting:
        if _shown(entry.figures[name]) >= MOSTLY_SHOWN * len(entry.figures[name]):
            return name
    return max(fitting, key=lambda name: _shown(entry.figures[name]) / len(entry.figures[name]), default=None)


def draw_map(entry: IndicatorFigures, geography: str, level: str, drawing: Drawing, frame: str | None) -> MapOf:
    """Draw one indicator at one geography.

    In: level, how its areas are called ('wards'); frame, the geography whose outlines are laid over it.
    """
    circles = entry.indicator.unit == "count"
    figures = entry.figures[geography]
    values = [figure.value.value for figure in figures if figure.value.value is not None]
    breaks = [] if circles else break_points(values)
    classes: dict[str, str] = {}
    labels: dict[str, str] = {}
    for figure in figures:
        if figure.value.value is None:
            classes[figure.area.code], labels[figure.area.code] = _MARKER_CLASS[figure.value.marker]
        else:
            number = class_of(figure.value.value, breaks) + 1
            classes[figure.area.code] = "k9" if circles else f"k{number}"
            labels[figure.area.code] = "" if circles else str(number)
    unit, decimals = entry.indicator.unit, entry.decimals
    shapes = _shapes(figures, classes, geography, entry)
    if circles:
        largest = max(values, default=0.0)
        shapes += _circles(figures, drawing, largest, entry)
        legend = _circle_legend(largest, unit)
    else:
        legend = [
            LegendEntry(f"k{n}", f"{n}: {_range_text(found.lowest, found.highest, unit, decimals)}", found.areas)
            for n, found in enumerate(map_classes(values, breaks), 1)
        ]
    legend += _marker_legend(figures)
    svg = _svg(entry, level, drawing, shapes, frame, legend, circles=circles)
    return MapOf(svg, tuple(legend), geography, labels)


def shape_id(geography: str, code: str) -> str:
    """Give the id of an area's shape in the page."""
    return "s-" + re.sub(r"[^A-Za-z0-9]", "_", f"{geography}-{code}")


def definitions(drawings: dict[str, Drawing], geographies: Sequence[str], frame: str | None) -> Markup:
    """Write the shapes that all maps share, once."""
    paths = [
        Markup('<path id="{}" d="{}"/>').format(shape_id(geography, code), path)
        for geography in geographies
        for code, path in drawings[geography].paths.items()
    ]
    if frame is not None:
        outline = "".join(drawings[frame].paths.values())
        paths.append(Markup('<path id="frame" d="{}"/>').format(outline))
    return Markup("\n").join(paths)


def _shown(figures: Sequence[Figure]) -> int:
    return sum(figure.value.value is not None for figure in figures)


def _range_text(lowest: float, highest: float, unit: str, decimals: int) -> str:
    if lowest == highest:
        return number_text(lowest, unit, decimals)
    return f"{number_text(lowest, unit, decimals)} to {number_text(highest, unit, decimals)}"


def _shapes(figures: Sequence[Figure], classes: dict[str, str], geography: str, entry: IndicatorFigures) -> Markup:
    return Markup("").join(
        Markup('<use href="#{}" class="{}"><title>{}: {}</title></use>').format(
            shape_id(geography, figure.area.code),
            classes[figure.area.code],
            figure.area.name,
            cell_text(figure.value, entry.indicator.unit, entry.decimals),
        )
        for figure in figures
    )


def _radius(value: float, largest: float) -> float:
    """Give a circle's radius: its surface stands for the value."""
    return _LARGEST_CIRCLE * math.sqrt(value / largest) if largest > 0 else 0.0


def _circles(figures: Sequence[Figure], drawing: Drawing, largest: float, entry: IndicatorFigures) -> Markup:
    parts = []
    for figure in sorted(figures, key=lambda figure: -(figure.value.value or 0.0)):
        middle = drawing.middles.get(figure.area.code)
        if middle is None or not figure.value.value:
            continue
        parts.append(
            Markup('<circle class="dot" cx="{:.0f}" cy="{:.0f}" r="{:.1f}"><title>{}: {}</title></circle>').format(
                *middle,
                _radius(figure.value.value, largest),
                figure.area.name,
                cell_text(figure.value, entry.indicator.unit, entry.decimals),
            )
        )
    return Markup("").join(parts)


def _circle_legend(largest: float, unit: str) -> list[LegendEntry]:
    if largest <= 0:
        return []
    size = 10 ** math.floor(math.log10(largest))
    top = math.floor(largest / size) * size
    return [
        LegendEntry("dot", number_text(value, unit, 0), radius=_radius(value, largest))
        for value in dict.fromkeys((top, top / 2, top / 5))
        if value >= 1 and value == int(value)
    ]


def _marker_legend(figures: Sequence[Figure]) -> list[LegendEntry]:
    found = []
    for marker, (swatch, label) in _MARKER_CLASS.items():
        areas = sum(figure.value.marker is marker for figure in figures)
        if areas:
            found.append(LegendEntry(swatch, label[0].upper() + label[1:], areas))
    return found


def _svg(
    entry: IndicatorFigures, level: str, drawing: Drawing, shapes: Markup, frame: str | None,
    legend: Sequence[LegendEntry], *, circles: bool,
) -> Markup:  # fmt: skip
    how = "The larger a circle, the higher the number." if circles else "The darker an area, the higher its figure."
    groups = "; ".join(f"{line.label}: {line.areas} areas" for line in legend if line.areas)
    description = f"{how} {groups}{'.' if groups else ''} All figures are in the table after the map."
    over = Markup('<use href="#frame" class="frame"/>') if frame else Markup("")
    return Markup(
        '<svg class="map" viewBox="-4 -4 {width} {height}" role="img"'
        ' aria-labelledby="map-{name}-t" aria-describedby="map-{name}-d">'
        '<title id="map-{name}-t">Map, {level}: {title}</title>'
        '<desc id="map-{name}-d">{description}</desc>{shapes}{over}</svg>'
    ).format(
        width=drawing.width + 8,
        height=drawing.height + 8,
        name=entry.indicator.name,
        level=level,
        title=entry.indicator.title,
        description=description,
        shapes=shapes,
        over=over,
    )
