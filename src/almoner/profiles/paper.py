"""An area's profile on paper: the same rows as on its page, as a tagged PDF.

Drawings say in their alternative text what they show; a page number and the state of a draft stand at the foot of each
page. Nothing here has more than the page has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from almoner.charts.colours import palette_of
from almoner.charts.geometry import Drawing
from almoner.charts.paper import typeset
from almoner.charts.style import chart_css
from almoner.charts.svg import standalone
from almoner.charts.wording import bare_title
from almoner.counting.areas import Area
from almoner.methods.cells import MEANINGS
from almoner.profiles.area_page import Row, area_rows, locator
from almoner.profiles.figures import STATUS, day_text
from almoner.profiles.frame import Site
from almoner.profiles.spines import Spine
from almoner.profiles.tree import Kind, around, kinds_of, within

SPINE_SIZE, SPARK_SIZE = (150.0, 22.0), (70.0, 24.0)


def area_paper(
    site: Site, kind: Kind, area: Area, spine_of: Callable[[str, str], Spine], drawings: dict[str, Drawing]
) -> bytes:
    """Typeset an area's profile."""
    profiles = site.profiles
    areas = profiles.areas
    plural = {each.name: each.plural for each in kinds_of(areas)}
    style = chart_css(palette_of(profiles.brand_colour))
    topics: dict[str, list[dict[str, Any]]] = {}
    for row in area_rows(site, area, spine_of):
        topics.setdefault(row.entry.indicator.topic, []).append(_row(row, area, style))
    data = {
        "draft": STATUS,
        "publisher": f"{profiles.controller}, {profiles.service}",
        "colour": palette_of(profiles.brand_colour).brand,
        "area": area.name,
        "place": profiles.place,
        "plural": bare_title(kind.plural),
        "subtitle": f"{kind.title}{f' {area.code}' if area.code != area.name else ''} in {profiles.place}."
        f" Position at {day_text(profiles.as_of)}.",
        "map": _map(site, area, drawings, style),
        "where": [
            *([f"{_short(areas.title(each.geography))} around it", each.name] for each in around(areas, area)),
            *([f"{_short(plural[each.geography])} within it", each.name] for each in within(areas, area)),
        ],
        "topics": [[title, rows] for title, rows in topics.items()],
        "signs": [[str(marker), meaning] for marker, meaning in MEANINGS.items()],
        "largest_small": str(profiles.rule.largest_small),
        "base": str(profiles.rule.base),
        "notes": list(profiles.notes),
    }
    return typeset("almoner.profiles", "templates/area.typ", data, profiles.as_of)


def _short(title: str) -> str:
    """Leave the vintage out: 'Wards, 2024' is 'Wards'."""
    return title.partition(",")[0]


def _row(row: Row, area: Area, style: str) -> dict[str, Any]:
    declared = row.entry.indicator
    return {
        "title": declared.title,
        "unit": row.unit + (f", {row.span}" if row.span else ""),
        "modelled": row.modelled,
        "value": row.value,
        "interval": row.interval,
        "against": row.against,
        "against_title": row.against_title,
        "compared": row.compared,
        "spine": _file(row.spine, SPINE_SIZE, style),
        "spine_alt": f"{area.name}: {row.value}; {row.against_title}: {row.against}. "
        + (f"Range: {row.range}." if row.range else "No range is shown."),
        "spark": _file(row.spark, SPARK_SIZE, style),
        "spark_alt": "Over time: " + "; ".join(f"{time.period} {time.value}" for time in row.times) + ".",
        "span": f"{row.times[0].period} to {row.times[-1].period}" if row.times else "",
        "reason": row.reason,
        "definition": declared.definition,
        "source": "; ".join(source.text() for source in row.entry.sources),
        "caveats": " ".join(row.entry.caveats),
    }


def _map(site: Site, area: Area, drawings: dict[str, Drawing], style: str) -> dict[str, str]:
    drawn = locator(site.profiles.areas, area, drawings)
    if not drawn:
        return {}
    drawing = drawings[area.geography]
    size = (drawing.width + 8.0, drawing.height + 8.0)
    return {"file": _file(drawn, size, style), "alt": f"Map: where {area.name} lies in {site.profiles.place}."}


def _file(drawing: Markup, size: tuple[float, float], style: str) -> str:
    return standalone(drawing, *size, style).decode() if drawing else ""
