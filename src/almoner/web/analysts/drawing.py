"""Draws an area from small ones, on a map or from a list, and keeps it. The choice stands in the address alone."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpResponse

from almoner.charts.choosing import View, choice_map, view_of
from almoner.counting.levels import DrawnArea
from almoner.kernel.errors import UsageError
from almoner.profiles.queries import askable
from almoner.web.analysts.choice import choice_of_text, choice_text
from almoner.web.analysts.places import Places, places_of
from almoner.web.pages import Visit, go_to, page, serves
from almoner.web.rendering import address, render
from almoner.wiring.drawing import MOST_TITLE, keep_area, own_area, own_areas, remove_area
from almoner.wiring.profiling import PURPOSE

NEED = serves(PURPOSE)


@page("areas/", need=NEED, purpose="Seeing the areas that one has drawn")
def drawn_areas(visit: Visit) -> HttpResponse:
    """List the visitor's own areas."""
    kept = own_areas(visit.workspace)
    return render(visit, "analysts/areas.html", title="Your areas", kept=kept)


@page("areas/draw/", need=NEED, purpose="Drawing an area from small ones", audit="area.keep", forms=True)
def draw_area(visit: Visit) -> HttpResponse:
    """Show the map and the list of small areas, with what is chosen; keep it under a name."""
    places, errors = places_of(visit), {}
    codes = [area.code for area in places.small]
    given = visit.request.GET
    view = view_of(given.get("z", ""), given.get("x", ""), given.get("y", ""))
    try:
        chosen = choice_of_text(given.get("a", ""), codes)
    except UsageError as error:
        chosen = frozenset()
        errors["title" if visit.posted else "choice"] = f"{error.message} {error.todo}"
    title = visit.field("title", MOST_TITLE + 1)
    if visit.posted:
        chosen = frozenset(visit.request.POST.getlist("member")) & set(codes)
        if visit.field("do") != "keep":
            return go_to("draw_area", query=_query(choice_text(chosen, codes), view))
        errors = {}
        try:
            made = keep_area(visit.workspace, title, places.areas.base, tuple(chosen), places.areas)
            return go_to("drawn_area", area_id=made.id)
        except UsageError as error:
            errors["title" if chosen else "choice"] = f"{error.message} {error.todo}"
    return render(
        visit, "analysts/draw.html", title="Draw an area", places=places, chosen=chosen, errors=errors, named=title,
        drawn=_map(places, chosen, view, codes), steps=_steps(choice_text(chosen, codes), view),
        small=places.areas.geographies[places.areas.base].plural, status=400 if errors else 200,
        here_query=_query(choice_text(chosen, codes), view), longest=MOST_TITLE,
    )  # fmt: skip


@page("areas/<str:area_id>/", need=NEED, purpose="Seeing an area that one has drawn", audit="area.remove", forms=True)
def drawn_area(visit: Visit, area_id: str) -> HttpResponse:
    """Show an area, what can be asked about it, and remove it."""
    kept = own_area(visit.workspace, area_id)
    if visit.posted:
        remove_area(visit.workspace, area_id)
        return go_to("drawn_areas")
    places = places_of(visit)
    return render(
        visit, "analysts/area.html", title="An area that you have drawn", kept=kept, names=places.names(),
        picture=_picture(places, kept.area), topics=_topics(visit, area_id),
        again=choice_text(set(kept.area.members), [area.code for area in places.small]),
        small=places.areas.geographies[places.areas.base].plural,
    )  # fmt: skip


def _map(places: Places, chosen: frozenset[str], view: View, codes: list[str]) -> object:
    """Draw the map; nothing where the workspace has no outlines of small areas."""
    drawing = places.drawings.get(places.areas.base)
    if drawing is None or not drawing.paths:
        return None

    def link(code: str) -> str:
        return f"?{_query(choice_text(chosen ^ {code}, codes), view)}#map"

    around = places.drawings.get(places.grouping or "")
    return choice_map(drawing, places.names(), chosen, view, around=around, link=link)


def _picture(places: Places, area: DrawnArea) -> object:
    drawing = places.drawings.get(area.geography)
    if drawing is None or not drawing.paths:
        return None
    around = places.drawings.get(places.grouping or "")
    return choice_map(drawing, places.names(), frozenset(area.members), View(), around=around)


def _steps(choice: str, view: View) -> list[tuple[str, str]]:
    """Give the links by which the map is moved, those that would change something."""
    ways = [
        ("Zoom in", view.nearer()), ("Zoom out", view.farther()), ("North", view.moved(0, -1)),
        ("South", view.moved(0, 1)), ("West", view.moved(-1, 0)), ("East", view.moved(1, 0)),
        ("Whole map", View()),
    ]  # fmt: skip
    return [(words, f"?{_query(choice, to)}#map") for words, to in ways if to != view]


def _query(choice: str, view: View) -> str:
    seen = {} if view.nearness == 1 else {"z": view.nearness, "x": view.across, "y": view.down}
    return urlencode({**({"a": choice} if choice else {}), **seen})


def _topics(visit: Visit, area_id: str) -> list[tuple[str, str]]:
    """Give questions about an area ready to be checked: what its profile would hold, topic by topic."""
    topics: dict[str, list[str]] = {}
    for indicator in askable(visit.workspace.registry):
        topics.setdefault(indicator.topic, []).append(indicator.name)
    return [(topic, f"{address('check_question')}?{_about(names, area_id)}") for topic, names in topics.items()]


def _about(indicators: Iterable[str], area_id: str) -> str:
    pairs = [("indicator", name) for name in indicators]
    return urlencode([*pairs, ("where", "drawn"), ("drawn", area_id), ("compare", "place")])
