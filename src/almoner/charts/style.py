"""The style of all drawings: one sheet for pages, and for drawings that stand alone in a PDF."""

from __future__ import annotations

from almoner.charts.colours import COMPARED, DARK_BLUE, DARK_GREY, DARK_PINK, ORANGE, Palette

SOFT = "#4d565f"
_GRID = "#d9dde1"


def chart_css(palette: Palette) -> str:
    """Write the rules for every class that a drawing of this layer has. No text of anybody's gets into it."""
    ink = palette.ink
    rules = [
        ".plot,.axis,.spark,.lines{display:block;overflow:visible}.plot,.axis{min-width:5.5rem}.spark{min-width:4rem}",
        f".axis text,.lines text{{font-size:12px;fill:{SOFT};font-family:inherit}}",
        f".ci{{stroke:{ink};stroke-width:2.5;stroke-opacity:.55}}.pt{{fill:{ink}}}.bar{{fill:{ink};fill-opacity:.78}}",
        ".ref{stroke:#b3541e;stroke-width:1.5;stroke-dasharray:3 2}",
        ".range{fill:#e3e7eb}.half{fill:#c3cad1}",
        f".spine{{stroke:{DARK_GREY};stroke-width:1.5}}",
        f".spread .ci{{stroke:{DARK_GREY};stroke-width:1.5;stroke-opacity:1}}",
        ".spread .pt,.key .pt{stroke:#fff;stroke-width:1}",
        f".trend{{stroke:{ink};stroke-width:2;stroke-linecap:round}}.grid{{stroke:{_GRID};stroke-width:1}}",
        f".rule{{stroke-width:1.5}}.rule.mean{{stroke:{DARK_GREY}}}.rule.limit{{stroke:{SOFT};stroke-dasharray:5 3}}",
        f".rule.target{{stroke:{DARK_PINK};stroke-dasharray:1.5 3;stroke-width:2}}",
        f".rule.comparator{{stroke:{DARK_BLUE};stroke-dasharray:8 3}}",
        f".pt.neutral{{fill:{DARK_GREY}}}.pt.concern{{fill:{ORANGE}}}.pt.improvement{{fill:#2073BC}}",
        f".pt.not-compared{{fill:#fff;stroke:{DARK_GREY};stroke-width:1.5}}",
        *(f".pt.{name}{{fill:{colour}}}" for name, colour in COMPARED.items()),
    ]
    return "\n".join(rules)
