"""Draws figures over time: a small line for a table row, or a chart with limits, a target and marked points.

A gap stays a gap: no line is drawn across a point that is withheld or not there. The widths are per cent and the texts
pixels, so that a chart can be read at any width without a script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from almoner.charts.scales import Scale, scale_over
from almoner.charts.svg import decoration, element, percent, picture

SMALL_HEIGHT, HEIGHT = 24, 220
_TOP, _BOTTOM = 12, 26
_LEFT, _RIGHT = 14.0, 97.0
"""Per cent of the width where the first and the last point lie: the words of the scale stand before them."""


@dataclass(frozen=True)
class Point:
    """One point: what it is of ("April 2026"), its value if it may be shown, and how it is marked.

    marked: a class of the style sheet: better, worse, higher, lower, neutral, or nothing.
    """

    label: str
    value: float | None
    marked: str = ""


@dataclass(frozen=True)
class Rule:
    """A line across the chart: one level for each point (None: not there). kind: mean, limit, target or comparator."""

    kind: str
    label: str
    levels: tuple[float | None, ...]


def level(kind: str, label: str, value: float, points: int) -> Rule:
    """Make a rule of the same height throughout."""
    return Rule(kind, label, (value,) * points)


def sparkline(values: Sequence[float | None]) -> Markup:
    """Draw a small line of figures over time with a dot at the last that is shown; empty with fewer than two."""
    if sum(value is not None for value in values) < 2:
        return Markup("")
    scale = scale_over(values, from_zero=False)
    xs = _positions(len(values), 5.0, 95.0)
    ys = [None if value is None else _height(scale, value, 4, SMALL_HEIGHT - 4) for value in values]
    parts = _segments(xs, ys, "trend")
    last = max(number for number, y in enumerate(ys) if y is not None)
    parts += [
        element("circle", class_="pt", cx=percent(x), cy=y, r=3.2 if number == last else 1.6)
        for number, (x, y) in enumerate(zip(xs, ys, strict=True))
        if y is not None
    ]
    return decoration(*parts, class_="spark", width="100%", height=SMALL_HEIGHT)


def line_chart(
    name: str, title: str, description: str, points: Sequence[Point], rules: Sequence[Rule] = (), *,
    text: Callable[[float], str] = "{:g}".format, from_zero: bool = False,
) -> Markup:  # fmt: skip
    """Draw a chart over time. Its numbers must stand in a table beside it.

    In: name: unique in the page; text: how a number of the scale is written.
    """
    numbers = [point.value for point in points] + [each for rule in rules for each in rule.levels]
    scale = scale_over(numbers, from_zero=from_zero)
    xs = _positions(len(points), _LEFT, _RIGHT)

    def height(value: float | None) -> float | None:
        return None if value is None else _height(scale, value, _TOP, HEIGHT - _BOTTOM)

    parts = [*_grid(scale, text), *_dates(points, xs)]
    for rule in rules:
        parts += _segments(xs, [height(each) for each in rule.levels], f"rule {rule.kind}")
    parts += _segments(xs, [height(point.value) for point in points], "trend")
    parts += [
        element("circle", class_=f"pt {point.marked}".strip(), cx=percent(x), cy=y, r=5.5 if point.marked else 3.5)
        for point, x in zip(points, xs, strict=True)
        if (y := height(point.value)) is not None
    ]
    return picture(name, title, description, *parts, class_="lines", width="100%", height=HEIGHT)


def _positions(number: int, start: float, end: float) -> list[float]:
    return [start + (end - start) * (step / (number - 1) if number > 1 else 0.5) for step in range(number)]


def _height(scale: Scale, value: float, top: float, bottom: float) -> float:
    return bottom - scale.share(value) * (bottom - top)


def _segments(xs: Sequence[float], ys: Sequence[float | None], kind: str) -> list[Markup]:
    ends = pairwise(zip(xs, ys, strict=True))
    return [
        element("line", class_=kind, x1=percent(a), y1=b, x2=percent(c), y2=d)
        for (a, b), (c, d) in ends
        if b is not None and d is not None
    ]


def _grid(scale: Scale, text: Callable[[float], str]) -> list[Markup]:
    parts = []
    for tick in scale.ticks():
        y = _height(scale, tick, _TOP, HEIGHT - _BOTTOM)
        parts.append(element("line", class_="grid", x1=percent(_LEFT - 1), x2="100%", y1=y, y2=y))
        parts.append(element("text", text(tick), x=percent(_LEFT - 2), y=y + 4, text_anchor="end"))
    return parts


def _dates(points: Sequence[Point], xs: Sequence[float]) -> list[Markup]:
    """Name the first and the last point, and the middle one where there are enough."""
    named = sorted({0, len(points) - 1} | ({len(points) // 2} if len(points) > 4 else set()))
    anchors = {0: "start", len(points) - 1: "end"}
    return [
        element("text", points[number].label, x=percent(xs[number]), y=HEIGHT - 6,
                text_anchor=anchors.get(number, "middle"))
        for number in named if points
    ]  # fmt: skip
