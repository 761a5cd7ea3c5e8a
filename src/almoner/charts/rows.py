"""Draws one figure beside its table row: a dot with its interval, a bar, or its place in the range of all areas.

The table holds the numbers, so these drawings are decorations. Rows stay in the order that they are given in:
nothing here sorts by value.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from almoner.charts.scales import Scale
from almoner.charts.svg import decoration, element, percent
from almoner.charts.wording import tick_text

HEIGHT = 22
_MIDDLE = HEIGHT / 2


@dataclass(frozen=True)
class Drawn:
    """A figure as it may be drawn: nothing of it where it is withheld. compared: how it stands to the comparator."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    compared: str = ""


@dataclass(frozen=True)
class Spread:
    """How the shown figures of all areas of one kind lie: ends and quarters."""

    lowest: float
    lower_quarter: float
    upper_quarter: float
    highest: float


def axis(scale: Scale, unit: str) -> Markup:
    """Draw the scale for the head of the column: its ends and, where there is room, its middle."""
    ticks = scale.ticks()
    shown = [ticks[0], ticks[-1]] if len(ticks) % 2 == 0 else [ticks[0], ticks[len(ticks) // 2], ticks[-1]]
    anchors = ["start", "middle", "end"] if len(shown) == 3 else ["start", "end"]
    texts = [
        element("text", tick_text(tick, unit), x=percent(scale.at(tick)), y=12, text_anchor=anchor)
        for tick, anchor in zip(shown, anchors, strict=True)
    ]
    return decoration(*texts, class_="axis", width="100%", height=16)


def row_plot(figure: Drawn, scale: Scale, reference: float | None) -> Markup:
    """Draw one row: a dot with its interval, a bar where there is no interval, nothing if withheld."""
    parts = []
    if reference is not None:
        x = percent(scale.at(reference))
        parts.append(element("line", class_="ref", x1=x, x2=x, y1=0, y2=HEIGHT))
    if figure.value is not None and figure.lower is not None and figure.upper is not None:
        parts.append(_interval(figure, scale))
        parts.append(element("circle", class_="pt", cx=percent(scale.at(figure.value)), cy=_MIDDLE, r=4.5))
    elif figure.value is not None:
        start, end = sorted((scale.at(0.0), scale.at(figure.value)))
        parts.append(element("rect", class_="bar", x=percent(start), y=5, width=percent(end - start), height=12))
    return decoration(*parts, class_="plot", width="100%", height=HEIGHT)


def spine_row(figure: Drawn, spread: Spread | None, scale: Scale, middle: float) -> Markup:
    """Draw one row of a spine chart: the range of all areas, its middle half, the comparator, the area.

    In: scale: one with the comparator's value in its middle, so that the comparator is one line down all rows.
    """
    parts = []
    if spread is not None:
        parts.append(_band("range", spread.lowest, spread.highest, scale))
        parts.append(_band("half", spread.lower_quarter, spread.upper_quarter, scale))
    x = percent(scale.at(middle))
    parts.append(element("line", class_="spine", x1=x, x2=x, y1=0, y2=HEIGHT))
    if figure.value is not None:
        if figure.lower is not None and figure.upper is not None:
            parts.append(_interval(figure, scale))
        parts.append(mark(scale.at(figure.value), _MIDDLE, figure.compared, above=figure.value > middle))
    return decoration(*parts, class_="plot spread", width="100%", height=HEIGHT)


def mark(x: float, y: float, compared: str, *, above: bool) -> Markup:
    """Draw an area's mark: a triangle that points up or down where it differs, else a dot. Never colour alone.

    In: x in per cent, y in pixels; compared: better, worse, higher, lower, similar, or nothing.
    """
    kind = f"pt {compared.replace(' ', '-')}".strip()
    if compared in ("", "similar", "not compared"):
        return element("circle", class_=kind, cx=percent(x), cy=y, r=4.5)
    points = "0,-6 6,5 -6,5" if above else "0,6 6,-5 -6,-5"
    shape = element("polygon", class_=kind, points=points)
    return element("svg", shape, x=percent(x), y=y, width=1, height=1, overflow="visible")


def _interval(figure: Drawn, scale: Scale) -> Markup:
    low, high = (scale.at(end) for end in (figure.lower or 0.0, figure.upper or 0.0))
    return element("line", class_="ci", x1=percent(low), x2=percent(high), y1=_MIDDLE, y2=_MIDDLE)


def _band(name: str, low: float, high: float, scale: Scale) -> Markup:
    start, end = scale.at(low), scale.at(high)
    return element("rect", class_=name, x=percent(start), y=5, width=percent(end - start), height=12)
