"""The icons of variation and assurance, drawn anew by the conventions of the NHS: a ring, a letter, a line with dots.

Colour never stands alone: letters, arrows and the shape of the line say the same, and so do the words beside each icon.

Source: NHS England, "Making data count: SPC icons" (2023), for what each icon means and its colour.
"""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup

from almoner.charts.svg import decoration, element
from almoner.methods.spc import Assurance, Variation

BLUE, ORANGE, GREY, PURPLE = "#0b6ea8", "#b8500b", "#5c646b", "#5a2d91"
"""Improvement, concern, common cause, neither: darker than the NHS's own, for 4.5 to 1 on white."""

SIZE = 44

_WAVE = ((9.0, 25.0), (15.5, 18.0), (22.0, 26.0), (28.5, 18.0), (35.0, 24.0))
_UP = ((9.0, 31.0), (16.0, 29.0), (23.0, 19.0), (30.0, 11.0))
_DOWN = ((9.0, 13.0), (16.0, 15.0), (23.0, 25.0), (30.0, 33.0))

_VARIATION: dict[Variation, tuple[str, str, tuple[tuple[float, float], ...], int]] = {
    Variation.COMMON: (GREY, "", _WAVE, 0),
    Variation.IMPROVEMENT_HIGH: (BLUE, "H", _UP, 2),
    Variation.IMPROVEMENT_LOW: (BLUE, "L", _DOWN, 2),
    Variation.CONCERN_HIGH: (ORANGE, "H", _UP, 2),
    Variation.CONCERN_LOW: (ORANGE, "L", _DOWN, 2),
    Variation.NEUTRAL_HIGH: (PURPLE, "↑", _UP, 2),
    Variation.NEUTRAL_LOW: (PURPLE, "↓", _DOWN, 2),
    Variation.UNKNOWN: (GREY, "–", (), 0),
}

_ASSURANCE: dict[Assurance, tuple[str, str]] = {
    Assurance.PASS: (BLUE, "P"),
    Assurance.FAIL: (ORANGE, "F"),
    Assurance.INCONSISTENT: (GREY, "?"),
    Assurance.NONE: (GREY, ""),
    Assurance.UNKNOWN: (GREY, "–"),
}

VARIATION_WORDS: dict[Variation, str] = {
    Variation.COMMON: "Common cause: no significant change",
    Variation.IMPROVEMENT_HIGH: "Improvement: higher",
    Variation.IMPROVEMENT_LOW: "Improvement: lower",
    Variation.CONCERN_HIGH: "Concern: higher",
    Variation.CONCERN_LOW: "Concern: lower",
    Variation.NEUTRAL_HIGH: "Special cause: higher",
    Variation.NEUTRAL_LOW: "Special cause: lower",
    Variation.UNKNOWN: "Not enough data",
}

ASSURANCE_WORDS: dict[Assurance, str] = {
    Assurance.PASS: "Will consistently meet the target",
    Assurance.FAIL: "Will consistently miss the target",
    Assurance.INCONSISTENT: "May or may not meet the target",
    Assurance.NONE: "No target",
    Assurance.UNKNOWN: "Not enough data",
}


def variation_icon(variation: Variation) -> Markup:
    """Draw the icon of variation; its words must stand beside it."""
    colour, letter, points, last = _VARIATION[variation]
    parts = [_ring(colour)]
    for (x1, y1), (x2, y2) in pairwise(points):
        parts.append(element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=1.5))
    for number, (x, y) in enumerate(points):
        marked = last and number >= len(points) - last
        parts.append(
            element("circle", cx=x, cy=y, r=2.8, fill=colour if marked else "#fff", stroke=colour, stroke_width=1.4)
        )
    if letter:
        x, y = (31.0, 34.0) if points == _UP else (31.0, 20.0) if points else (22.0, 28.0)
        parts.append(_letter(letter, x, y, colour))
    return _icon(*parts)


def assurance_icon(assurance: Assurance) -> Markup:
    """Draw the icon of assurance; its words must stand beside it."""
    colour, letter = _ASSURANCE[assurance]
    parts = [_ring(colour)]
    if letter and letter != "–":
        at = {"P": 34.0, "F": 10.0, "?": 22.0}[letter]
        parts.append(
            element("line", x1=6, y1=at, x2=38, y2=at, stroke=colour, stroke_width=2, stroke_dasharray="4 2.5")
        )
        parts.append(element("circle", cx=22, cy=22, r=9.5, fill="#fff"))
    if letter:
        parts.append(_letter(letter, 22.0, 28.0, colour))
    return _icon(*parts)


def _icon(*parts: Markup) -> Markup:
    return decoration(*parts, class_="icon", width=SIZE, height=SIZE, viewBox="0 0 44 44")


def _ring(colour: str) -> Markup:
    return element("circle", cx=22, cy=22, r=20, fill="#fff", stroke=colour, stroke_width=3)


def _letter(letter: str, x: float, y: float, colour: str) -> Markup:
    return element("text", letter, x=x, y=y, text_anchor="middle", font_size="15", font_weight="700", fill=colour)
