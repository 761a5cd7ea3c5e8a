"""The style of drawings in the council's own colours, so that no page holds a style; and files that are downloaded."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.charts.colours import palette_of
from almoner.charts.style import chart_css, map_css
from almoner.web.pages import EVERYBODY, Visit, page


@page("charts.css", need=EVERYBODY, purpose="The colours of charts and maps")
def chart_style(visit: Visit) -> HttpResponse:
    """Give the rules for every drawing."""
    palette = palette_of(visit.site.workspace.registry.controller.brand_colour)
    rules = f"{chart_css(palette)}\n{map_css(palette)}\n"
    answer = HttpResponse(rules, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def download(visit: Visit, name: str, text: str) -> HttpResponse:
    """Give out a table as a file, and note that it was."""
    visit.workspace.note("figures.download", file=name)
    answer = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
