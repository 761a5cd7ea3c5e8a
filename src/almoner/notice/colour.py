"""Makes a council's own colour readable, whatever it is.

WCAG 2.2 asks 4.5:1 between text and its ground (success criterion 1.4.3). A council declares its colour once;
the page darkens it where it is used as ink and picks black or white to stand upon it.
"""

from __future__ import annotations

import re

from almoner.kernel.errors import RegistryError

READABLE = 4.5
"""Least contrast of text. Source: WCAG 2.2, success criterion 1.4.3, level AA."""

_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")

Rgb = tuple[int, int, int]


def parse_colour(colour: str) -> Rgb:
    """Read a colour written as #rgb or #rrggbb.

    Raises: RegistryError for anything else: what stands in a style sheet must not be free text.
    """
    if not _HEX.match(colour):
        raise RegistryError(
            "The council's colour is not a colour.",
            where="controller.brand_colour",
            why="It is written into the style sheet of the notice.",
            todo='Write it like "#1d4e6b".',
        )
    digits = colour[1:]
    pairs = [digit * 2 for digit in digits] if len(digits) == 3 else [digits[i : i + 2] for i in (0, 2, 4)]
    red, green, blue = (int(pair, 16) for pair in pairs)
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Give the contrast ratio of two colours, from 1 to 21.

    Source: WCAG 2.2, definitions of contrast ratio and relative luminance.
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_for(colour: str) -> str:
    """Darken a colour until it can be read on white."""
    rgb = parse_colour(colour)
    while contrast(rgb, (255, 255, 255)) < READABLE:
        red, green, blue = (int(part * 0.95) for part in rgb)
        rgb = red, green, blue
    return _written(rgb)


def ink_upon(colour: str) -> str:
    """Choose black or white, whichever is easier to read upon a colour."""
    rgb = parse_colour(colour)
    return "#ffffff" if contrast(rgb, (255, 255, 255)) >= contrast(rgb, (0, 0, 0)) else "#000000"


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _written(rgb: Rgb) -> str:
    return "#" + "".join(f"{part:02x}" for part in rgb)
