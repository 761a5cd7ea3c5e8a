"""Draws a match weight from its starting point to its total, comparison by comparison, as text and as SVG.

Shows words for levels and numbers, never a value of anybody's: a picture may lie about longer than a screen. Every bar
has its label and number in text, so that nothing rests on colour or on sight alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape  # it writes, and reads nothing  # nosec B406

from almoner.linkage.explain import PairExplained

BAR_CHARACTERS = 24
"""The width of the text's bars."""

WIDTH, LABELS, NUMBERS, ROW, TOP = 820, 300, 90, 30, 64
"""Sizes of the drawing, in its own units."""

UNKNOWN = "unknown"
"""The level of a comparison that one of the two has nothing to say to."""

MODEL_WORDS = {"anywhere": "any two people", "one_address": "two people at one address"}
"""What each model weighs a pair against."""


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall: from where to where, in bits."""

    label: str
    start: float
    end: float

    @property
    def change(self) -> float:
        """What the step adds."""
        return self.end - self.start


def bars_of(pair: PairExplained) -> list[Bar]:
    """Give the steps from nothing to the total: the starting point, each comparison, each rarity, the total."""
    bars = [Bar("starting point", 0.0, pair.prior)]
    for part in (each for each in pair.parts if each.level != UNKNOWN):
        at = bars[-1].end
        bars.append(Bar(f"{part.comparison}: {part.level}", at, at + part.weight))
        if part.adjustment:
            at = bars[-1].end
            rarity = "rare" if part.adjustment > 0 else "common"
            bars.append(Bar(f"{part.comparison}: the value is {rarity}", at, at + part.adjustment))
    return [*bars, Bar("total", 0.0, pair.total)]


def summary_of(pair: PairExplained) -> str:
    """Say the outcome in a sentence."""
    return f"{pair.total:+.2f} bits, a probability of {pair.probability:.2%}, against {MODEL_WORDS[pair.model]}"


def waterfall_text(pair: PairExplained) -> str:
    """Draw the waterfall as lines of text."""
    bars = bars_of(pair)
    widest = max(len(bar.label) for bar in bars)
    most = max(abs(bar.change) for bar in bars) or 1.0
    lines = []
    for bar in bars:
        marks = round(abs(bar.change) / most * BAR_CHARACTERS)
        sign = "+" if bar.change >= 0 else "-"
        lines.append(f"  {bar.label.ljust(widest)}  {bar.change:+8.2f}  {sign * marks}".rstrip())
    return "\n".join([f"Match weight: {summary_of(pair)}", *lines, *(f"  {text}" for text in _silent(pair))])


def _silent(pair: PairExplained) -> list[str]:
    """Name in a line what one of the two says nothing of: it weighs nothing."""
    names = [part.comparison for part in pair.parts if part.level == UNKNOWN]
    return [f"nothing to compare: {', '.join(names)}"] if names else []


def waterfall_svg(pair: PairExplained) -> str:
    """Draw the waterfall as an SVG document that stands by itself."""
    bars = bars_of(pair)
    low, high = min(0.0, *(min(b.start, b.end) for b in bars)), max(0.0, *(max(b.start, b.end) for b in bars))
    room = WIDTH - LABELS - NUMBERS
    scale = room / ((high - low) or 1.0)
    height = TOP + ROW * len(bars) + 24
    steps = "; ".join(f"{bar.label} {bar.change:+.2f}" for bar in bars)
    silent = "".join(f" {text}." for text in _silent(pair))
    spoken = escape(f"Waterfall of a match weight in bits. {steps}. {summary_of(pair)}.{silent}")
    zero = LABELS + (0.0 - low) * scale
    rows = [_row(bar, place, LABELS - low * scale, scale) for place, bar in enumerate(bars)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            ' aria-labelledby="title desc" font-family="sans-serif" font-size="14">',
            '<title id="title">Why two records weigh what they weigh</title>',
            f'<desc id="desc">{spoken}</desc>',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            '<text x="12" y="24" font-size="17" font-weight="bold" fill="#1a1a1a">Match weight, in bits</text>',
            f'<text x="12" y="46" fill="#1a1a1a">{escape(summary_of(pair))}</text>',
            f'<line x1="{zero:.1f}" y1="{TOP}" x2="{zero:.1f}" y2="{height - 20}" stroke="#595959"/>',
            *rows,
            "</svg>",
            "",
        ]
    )


def _row(bar: Bar, place: int, origin: float, scale: float) -> str:
    y = TOP + place * ROW
    left, right = sorted((origin + bar.start * scale, origin + bar.end * scale))
    colour = "#3d3d3d" if bar.label == "total" else "#1d4e6b" if bar.change >= 0 else "#a3420b"
    return (
        f'<text x="12" y="{y + 20}" fill="#1a1a1a">{escape(bar.label)}</text>'
        f'<rect x="{left:.1f}" y="{y + 6}" width="{max(right - left, 1.0):.1f}" height="{ROW - 12}" fill="{colour}"/>'
        f'<text x="{WIDTH - 12}" y="{y + 20}" text-anchor="end" fill="#1a1a1a">{bar.change:+.2f}</text>'
    )
