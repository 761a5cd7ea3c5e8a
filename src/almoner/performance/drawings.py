"""Draws an XmR chart and a funnel plot: widths in per cent, texts in pixels, every mark with a shape of its own.

A gap stays a gap. What is drawn is what the tables beside the drawing hold, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from almoner.charts.scales import Scale, scale_over
from almoner.charts.svg import element, percent, picture
from almoner.methods.funnel import Place
from almoner.methods.spc import Good, Variation, judged
from almoner.performance.figures import Funnel, MeasureFigures
from almoner.performance.icons import BLUE, GREY, ORANGE, PURPLE

HEIGHT = 300
_TOP, _BOTTOM, _LEFT, _RIGHT = 18.0, 34.0, 9.0, 97.0
_MOST_NAMES = 7

SHAPES: dict[str, tuple[str, str]] = {
    "common": ("circle", GREY),
    "improvement": ("diamond", BLUE),
    "concern": ("square", ORANGE),
    "neither": ("triangle", PURPLE),
}
"""What a mark says → its shape and colour."""

FUNNEL_SHAPES: dict[Place, str] = {
    Place.INSIDE: "common",
    Place.ABOVE_95: "improvement",
    Place.BELOW_95: "improvement",
    Place.ABOVE_998: "neither",
    Place.BELOW_998: "neither",
}


def meaning_of(direction: int, good: Good) -> str:
    """Name what a point says: common, improvement, concern, neither."""
    variation = judged(direction, good)
    if variation is Variation.COMMON:
        return "common"
    return {"improvement": "improvement", "concern": "concern"}.get(variation.value.partition(",")[0], "neither")


def mark(meaning: str, x: str, y: float) -> Markup:
    """Draw one mark about a place."""
    shape, colour = SHAPES[meaning]
    drawn = {
        "circle": element("circle", r=4, fill=colour),
        "diamond": element("path", d="M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z", fill=colour),
        "square": element("rect", x=-5, y=-5, width=10, height=10, fill=colour),
        "triangle": element("path", d="M0 -6.5 L6 5 L-6 5 Z", fill=colour),
    }[shape]
    return element("svg", drawn, x=x, y=y, overflow="visible", class_="mk")


def sample(meaning: str) -> Markup:
    """Draw a mark for a legend."""
    return element(
        "svg", mark(meaning, "8", 8), width=16, height=16, aria_hidden="true", focusable="false", class_="sample"
    )


def xmr_chart(entry: MeasureFigures, description: str, text: Callable[[float], str]) -> Markup:
    """Draw the chart of a measure that has an analysis."""
    assert entry.analysis is not None
    chart, points = entry.analysis.chart, entry.points
    targets = [point.target for point in points]
    drawn = [_number(value) for each in (chart.values, chart.lower, chart.upper, chart.mean) for value in each]
    scale = scale_over([*drawn, *targets], from_zero=False)
    xs = [_x(number, len(points)) for number in range(len(points))]
    parts = [*_grid(scale, text), *_periods([point.span.name for point in points], xs)]
    steps = list(np.asarray(chart.step))
    for kind, levels in (("mean", chart.mean), ("limit", chart.lower), ("limit", chart.upper)):
        parts += _levels([_number(value) for value in levels], steps, xs, scale, f"rule {kind}")
    parts += _targets(targets, xs, scale)
    for at in [at for at in range(1, len(points)) if steps[at] != steps[at - 1]]:
        middle = (xs[at] + xs[at - 1]) / 2
        parts.append(
            element("line", class_="step", x1=percent(middle), x2=percent(middle), y1=_TOP - 8, y2=HEIGHT - _BOTTOM)
        )
        parts.append(element("text", "step change", x=percent(middle), y=_TOP - 8, dx=4, class_="note"))
    values = [_number(value) for value in chart.values]
    for (x1, y1), (x2, y2) in pairwise(zip(xs, values, strict=True)):
        if y1 is not None and y2 is not None:
            parts.append(_line("trend", x1, _y(scale, y1), x2, _y(scale, y2)))
    for x, value, direction in zip(xs, values, chart.directions, strict=True):
        if value is not None:
            parts.append(mark(meaning_of(int(direction), entry.measure.good), percent(x), _y(scale, value)))
    name = f"xmr-{entry.measure.name}"
    return picture(name, f"{entry.measure.title}: chart over time", description, *parts, class_="lines xmr",
                   width="100%", height=HEIGHT)  # fmt: skip


def funnel_chart(name: str, title: str, funnel: Funnel, description: str, text: Callable[[float], str]) -> Markup:
    """Draw a funnel plot: figure against size, with the limits at each size."""
    shown = [(each, each.value.value, each.denominator.value) for each in funnel.points]
    curves = [value for limits in funnel.limits for value in limits]
    scale = scale_over([*curves, *(value for _, value, _ in shown)], from_zero=False)
    across = scale_over(funnel.sizes, from_zero=False)

    def at(size: float) -> float:
        return _LEFT + across.share(size) * (_RIGHT - _LEFT)

    parts = list(_grid(scale, text))
    for tick in across.ticks():
        parts.append(element("text", f"{tick:,.0f}", x=percent(at(tick)), y=HEIGHT - 14, text_anchor="middle"))
    average = _y(scale, funnel.average)
    parts.append(_line("rule mean", _LEFT, average, _RIGHT, average))
    for column, kind in enumerate(("inner", "inner", "outer", "outer")):
        ends = [(at(size), _y(scale, limits[column])) for size, limits in zip(funnel.sizes, funnel.limits, strict=True)]
        parts += [_line(f"curve {kind}", x1, y1, x2, y2) for (x1, y1), (x2, y2) in pairwise(ends)]
    for point, value, size in shown:
        if value is None or size is None:
            continue
        meaning = FUNNEL_SHAPES.get(point.place, "common")
        parts.append(mark(meaning, percent(at(size)), _y(scale, value)))
        if meaning != "common":
            left = at(size) > 70
            parts.append(element("text", point.area.name, x=percent(at(size)), y=_y(scale, value) + 4,
                                 dx=-10 if left else 10, text_anchor="end" if left else "start"))  # fmt: skip
    return picture(name, title, description, *parts, class_="lines funnel", width="100%", height=HEIGHT)


def _x(number: int, points: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (number / (points - 1) if points > 1 else 0.5)


def _y(scale: Scale, value: float) -> float:
    return HEIGHT - _BOTTOM - scale.share(value) * (HEIGHT - _BOTTOM - _TOP)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return element("line", class_=kind, x1=percent(x1), y1=y1, x2=percent(x2), y2=y2)


def _levels(
    levels: Sequence[float | None], steps: Sequence[int], xs: Sequence[float], scale: Scale, kind: str
) -> list[Markup]:
    """Draw a level from point to point, parted at step changes; where it changes within a stretch, as a stair."""
    parts = []
    for at, (one, other) in enumerate(pairwise(levels)):
        if one is None or other is None or steps[at] != steps[at + 1]:
            continue
        parts.append(_line(kind, xs[at], _y(scale, one), xs[at + 1], _y(scale, one)))
        if one != other:
            parts.append(_line(kind, xs[at + 1], _y(scale, one), xs[at + 1], _y(scale, other)))
    return parts


def _targets(targets: Sequence[float | None], xs: Sequence[float], scale: Scale) -> list[Markup]:
    """Draw the target of each period over its own share of the width, so that a new one shows at once."""
    half = (xs[1] - xs[0]) / 2 if len(xs) > 1 else 2.0
    parts = []
    for at, (x, target) in enumerate(zip(xs, targets, strict=True)):
        if target is None:
            continue
        parts.append(_line("rule target", x - half, _y(scale, target), x + half, _y(scale, target)))
        before = targets[at - 1] if at else None
        if before is not None and before != target:
            parts.append(_line("rule target", x - half, _y(scale, before), x - half, _y(scale, target)))
    return parts


def _grid(scale: Scale, text: Callable[[float], str]) -> list[Markup]:
    parts = []
    for tick in scale.ticks():
        y = _y(scale, tick)
        parts.append(_line("grid", _LEFT - 1, y, _RIGHT + 2, y))
        parts.append(element("text", text(tick), x=percent(_LEFT - 1.5), y=y + 4, text_anchor="end"))
    return parts


def _periods(names: Sequence[str], xs: Sequence[float]) -> list[Markup]:
    """Name the first and the last period, and some between."""
    every = max(1, -(-len(names) // _MOST_NAMES))
    kept = [at for at in range(len(names)) if (len(names) - 1 - at) % every == 0]
    return [element("text", names[at], x=percent(xs[at]), y=HEIGHT - 12, text_anchor="middle") for at in kept]
