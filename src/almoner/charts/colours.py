"""Colours: those of charts, the same in every product, and those of the page, derived from the council's own.

Colour never stands alone: what differs in colour also differs in shape, place or words.

Source: Government Analysis Function, "Data visualisation: colours in charts" (2022, updated 2023), for the palettes of
charts; Ottosson, "A perceptual color space for image processing" (2020), for Oklab; WCAG 2.2, 1.4.3 for contrast.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

Rgb = tuple[float, float, float]

TEXT_CONTRAST = 7.0
"""Contrast of coloured text on white: level AAA, so that it also holds on the page's tinted surfaces."""

DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE, DARK_GREY, LIGHT_PURPLE = (
    "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1",
)  # fmt: skip
CATEGORICAL = (DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE, DARK_GREY, LIGHT_PURPLE)
"""For kinds that have no order, to be taken in this order and no more than needed."""

SEQUENTIAL = (DARK_BLUE, "#2073BC", "#6BACE6")
"""For kinds that have an order."""

COMPARED = {
    "better": TURQUOISE, "worse": DARK_PINK, "higher": DARK_BLUE, "lower": "#2073BC", "similar": DARK_GREY,
}  # fmt: skip
"""How a figure stands to its comparator. The mark's shape and the words beside it say the same."""

_LIGHTEST, _DARKEST = 0.94, 0.36
_WHITE: Rgb = (1.0, 1.0, 1.0)
_FALLBACK = "#1d4e6b"


@dataclass(frozen=True)
class Palette:
    """brand: the colour as declared; on_brand: text on it; ink: the brand dark enough for text on white."""

    brand: str
    on_brand: str
    ink: str
    tint: str
    ramp: tuple[str, ...]


def palette_of(brand: str, classes: int = 5) -> Palette:
    """Derive the palette from a colour such as '#1d4e6b'; anything else gives the product's own."""
    colour = brand if re.fullmatch(r"#[0-9a-fA-F]{6}", brand) else _FALLBACK
    lightness, chroma, hue = _to_lch(_parse(colour))
    steps = [_LIGHTEST + (_DARKEST - _LIGHTEST) * step / (classes - 1) for step in range(classes)]
    ramp = tuple(_hex(_from_lch(step, _chroma_at(step, chroma), hue)) for step in steps)
    dark_text = contrast(_parse(colour), _parse("#111111"))
    white_text = contrast(_parse(colour), _WHITE)
    ink = lightness
    while contrast(_from_lch(ink, chroma, hue), _WHITE) < TEXT_CONTRAST and ink > 0.05:
        ink -= 0.01
    return Palette(
        brand=colour,
        on_brand="#ffffff" if white_text >= dark_text else "#111111",
        ink=_hex(_from_lch(ink, chroma, hue)),
        tint=_hex(_from_lch(0.972, min(chroma, 0.012), hue)),
        ramp=ramp,
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """Give the WCAG contrast ratio of two colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def contrast_of(one: str, other: str) -> float:
    """Give the WCAG contrast ratio of two colours written as '#rrggbb'."""
    return contrast(_parse(one), _parse(other))


def _chroma_at(lightness: float, chroma: float) -> float:
    """Fade the colour out towards white, where strong colours don't exist."""
    return min(chroma, 0.13) * min(1.0, (1.0 - lightness) / 0.35 + 0.08)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _parse(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in colour)


def _to_lch(colour: Rgb) -> tuple[float, float, float]:
    red, green, blue = (_linear(part) for part in colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_lch(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    clipped = [min(max(part, 0.0), 1.0) for part in (red, green, blue)]
    return _gamma(clipped[0]), _gamma(clipped[1]), _gamma(clipped[2])
