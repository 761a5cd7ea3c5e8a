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
        ".land{fill:#eceff1;stroke:#8a949c;stroke-width:2}",
        f".here{{fill:{ink}}}.ring{{fill:none;stroke:#b3541e;stroke-width:6}}",
        *(f".pt.{name}{{fill:{colour}}}" for name, colour in COMPARED.items()),
        ".xmr .step{stroke:#1b1f23;stroke-width:1;stroke-dasharray:2 3}.xmr .trend{stroke:#5c646b;stroke-width:1.5}",
        f".curve{{stroke:{SOFT};stroke-width:1.5}}",
        ".curve.inner{stroke-dasharray:6 4}.curve.outer{stroke-dasharray:1.5 3}",
    ]
    return "\n".join(rules)


def map_css(palette: Palette) -> str:
    """Write the rules for maps and their legends: classes of figures, and what has no figure."""
    rules = [
        "svg.map{display:block;width:100%;height:auto;max-height:44rem;background:#fff}",
        ".defs{position:absolute;width:0;height:0;overflow:hidden}",
        "svg.map use{stroke:#fff;stroke-width:1.2;stroke-linejoin:round}",
        "svg.map .frame{fill:none;stroke:#1b1f23;stroke-width:1.6;stroke-opacity:.55;pointer-events:none}",
        "svg.map use[class]:hover{stroke:#111;stroke-width:3}svg.map .frame:hover{stroke-width:1.6}",
        *(f".k{number}{{fill:{colour}}}" for number, colour in enumerate(palette.ramp, 1)),
        f".k0{{fill:{palette.ramp[0]}}}.k9{{fill:#eceff1}}",
        ".kc{fill:url(#hatch)}.kx{fill:url(#dots)}.kz{fill:#fff}svg.map .k9,svg.map .kz{stroke:#b4bcc3}",
        f".dot{{fill:{palette.ink};fill-opacity:.72;stroke:#fff;stroke-width:1.5}}",
    ]
    return "\n".join(rules)
