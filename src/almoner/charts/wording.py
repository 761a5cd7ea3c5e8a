"""How figures, dates and units read: the same words in tables, maps, charts and descriptions."""

from __future__ import annotations

import re

from almoner.methods.cells import Cell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Source: OWASP, "CSV Injection" (2024)."""

_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?")

UNIT_TITLES = {
    "count": "number",
    "percent": "per cent",
    "per_1000": "per 1,000 people",
    "pounds": "pounds, average",
    "score": "score",
}

UNIT_AFTER = {
    "count": "",
    "percent": "",
    "per_1000": "per 1,000 people",
    "pounds": "on average",
    "score": "score",
}
"""What has to be said after a figure whose own text shows % or £."""


def number_text(value: float, unit: str, decimals: int) -> str:
    """Write a number with its unit: `1,240`, `3.5%`, `£214`."""
    text = f"{value:,.{decimals}f}"
    if unit == "pounds":
        return f"−£{text[1:]}" if text.startswith("-") else f"£{text}"
    return f"{text}%" if unit == "percent" else text


def tick_text(value: float, unit: str) -> str:
    """Write a number at an axis, with no more decimals than it has: `20%`, `£150`, `0.5`."""
    text = f"{value:,.10f}".rstrip("0").rstrip(".")
    return f"£{text}" if unit == "pounds" else f"{text}%" if unit == "percent" else text


def cell_text(cell: Cell, unit: str, decimals: int) -> str:
    """Write a cell: its number with its unit, or its marker."""
    return str(cell.marker) if cell.value is None else number_text(cell.value, unit, decimals)


def interval_text(lower: float | None, upper: float | None, decimals: int) -> str:
    """Write the interval as `3.0 to 6.9`; empty where there is none."""
    if lower is None or upper is None:
        return ""
    return f"{lower:,.{decimals}f} to {upper:,.{decimals}f}"


def bare_title(title: str) -> str:
    """Give a title as it stands within a sentence, without its vintage: 'Ward, 2023' → 'ward'."""
    bare = title.partition(",")[0]
    return bare if bare[1:2].isupper() else bare[:1].lower() + bare[1:]


def never_a_formula(text: str) -> str:
    """Keep a spreadsheet that opens a CSV file from taking a text for a formula; a negative number is none."""
    risky = text.startswith(FORMULA_STARTS) and not _NEGATIVE.fullmatch(text)
    return f"'{text}" if risky else text
