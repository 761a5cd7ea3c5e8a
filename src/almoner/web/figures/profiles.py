"""Draft profiles of neighbourhoods: found by name or in lists, shown by area, topic and indicator, beside one another.

They are drafts: for checking and for planning inside the council. What is published stands among the releases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse

from almoner.charts.geometry import Drawing, draw
from almoner.charts.wording import bare_title
from almoner.counting.areas import Area
from almoner.kernel.errors import NotFound
from almoner.methods.cells import MEANINGS
from almoner.profiles.area_page import Row, area_rows, grouped_within, locator
from almoner.profiles.figures import STATUS, IndicatorFigures, ProfileSet
from almoner.profiles.frame import Site, site_of
from almoner.profiles.maps import definitions
from almoner.profiles.spines import spines_of
from almoner.profiles.table import csv_text
from almoner.profiles.topic_page import view_of
from almoner.profiles.tree import Kind, around, kinds_of
from almoner.web.figures.style import download
from almoner.web.pages import Visit, page, serves
from almoner.web.rendering import address, render
from almoner.wiring import profiling
from almoner.wiring.kept_figures import Kept, kept_profiles
from almoner.wiring.measuring import PURPOSE as MONITORING

NEED = serves(MONITORING, profiling.PURPOSE)
HOW = "almoner profile build --out profiles"
LONGEST = 80
"""Letters of a search that count."""


@dataclass(frozen=True)
class WebSite(Site):
    """Profiles with the addresses that their pages have here."""

    def area(self, geography: str, code: str) -> str:
        """Give the address of an area's page."""
        return address("profile_area", area=self.stems[geography, code])

    def topic(self, title: str) -> str:
        """Give the address of a topic's page."""
        return address("profile_topic", topic=self.topics[title])


@dataclass(frozen=True)
class Book:
    """The profiles that a visitor may see, with what finds their pages."""

    kept: Kept[ProfileSet]
    site: WebSite
    drawings: dict[str, Drawing]

    @property
    def profiles(self) -> ProfileSet:
        """The profiles."""
        return self.kept.value

    def area(self, stem: str) -> tuple[Kind, Area]:
        """Find an area by its part of an address. Raises: NotFound."""
        for kind in kinds_of(self.profiles.areas):
            for area in kind.areas:
                if self.site.stems[kind.name, area.code] == stem:
                    return kind, area
        raise NotFound("There is no profile of such an area.", todo="Look for its name in the list of areas.")

    def topic(self, name: str) -> tuple[str, list[IndicatorFigures]]:
        """Find a topic by its part of an address. Raises: NotFound."""
        for title, entries in self.profiles.topics().items():
            if self.site.topics[title] == name:
                return title, entries
        raise NotFound("There is no such topic.", todo="See the list of topics.")

    def rows(self, kind: Kind, area: Area, topic: str = "") -> dict[str, list[Row]]:
        """Give an area's figures by topic, or those of one topic."""
        spine_of = spines_of({entry.indicator.name: entry for entry in self.profiles.indicators})
        part = self.profiles.topics().get(topic) if topic else None
        site = self.site if part is None else replace(self.site, profiles=replace(self.profiles, indicators=(*part,)))
        found: dict[str, list[Row]] = {}
        for row in area_rows(site, area, spine_of):
            found.setdefault(row.entry.indicator.topic, []).append(row)
        return found


@page("profiles/", need=NEED, purpose="Finding a neighbourhood's profile", audit="built.open")
def profiles(visit: Visit) -> HttpResponse:
    """List topics, and areas by kind; find areas by a part of their name."""
    book = open_book(visit)
    if book is None:
        return none_built(visit)
    wanted = visit.request.GET.get("q", "").strip()[:LONGEST]
    declared = visit.workspace.registry.indicator
    return show_book(
        visit, book, "figures/profiles.html", title="Neighbourhood profiles", wanted=wanted,
        found=areas_named(book, wanted) if wanted else None, kinds=kinds_of(book.profiles.areas),
        topics=list(book.profiles.topics().items()), notes=book.profiles.notes,
        missing=[(declared[name].title, reason) for name, reason in book.kept.missing.items() if name in declared],
    )  # fmt: skip


@page("profiles/areas/<str:area>/", need=NEED, purpose="Seeing what an area is like", audit="built.open")
def profile_area(visit: Visit, area: str) -> HttpResponse:
    """Show an area: where it is, and each figure beside that of the whole place."""
    book = open_book(visit)
    if book is None:
        return none_built(visit)
    kind, found = book.area(area)
    areas, topics = book.profiles.areas, book.rows(kind, found)
    return show_book(
        visit, book, "figures/area.html", title=found.name, area=found, kind=kind, stem=area, topics=topics,
        kind_bare=bare_title(kind.title), kind_plural=bare_title(kind.plural),
        locator=locator(areas, found, book.drawings),
        around=[(areas.title(each.geography), each) for each in around(areas, found)],
        within=grouped_within(areas, found),
        modelled=any(row.modelled for listed in topics.values() for row in listed),
    )  # fmt: skip


@page("profiles/areas/<str:area>/<str:topic>/", need=NEED, purpose="Seeing an area's figures of a topic in detail",
      audit="built.open")  # fmt: skip
def profile_area_topic(visit: Visit, area: str, topic: str) -> HttpResponse:
    """Show an area's figures of one topic with definitions, earlier periods and breakdowns."""
    book = open_book(visit)
    if book is None:
        return none_built(visit)
    kind, found = book.area(area)
    title, _ = book.topic(topic)
    return show_book(
        visit, book, "figures/area_topic.html", title=f"{found.name}: {title}", area=found, kind=kind, stem=area,
        topic=title, rows=book.rows(kind, found, title).get(title, []), kind_plural=bare_title(kind.plural),
    )  # fmt: skip


@page("profiles/areas/<str:area>/figures.csv", need=NEED, purpose="Taking an area's figures along",
      audit="built.open", fresh=True)  # fmt: skip
def profile_area_csv(visit: Visit, area: str) -> HttpResponse:
    """Give out an area's figures as they are shown."""
    book = _needed(visit)
    _, found = book.area(area)
    return download(visit, f"draft-{area}.csv", csv_text(book.profiles, only=found))


@page("profiles/topics/<str:topic>/", need=NEED, purpose="Seeing what is known of a topic", audit="built.open")
def profile_topic(visit: Visit, topic: str) -> HttpResponse:
    """List a topic's indicators with the figure of the whole place; each leads to its map."""
    book = open_book(visit)
    if book is None:
        return none_built(visit)
    title, entries = book.topic(topic)
    views = [view_of(entry, book.site, {}, None) for entry in entries]
    return show_book(visit, book, "figures/topic.html", title=title, topic=topic, views=views)


@page("profiles/topics/<str:topic>/figures.csv", need=NEED, purpose="Taking the figures of a topic along",
      audit="built.open", fresh=True)  # fmt: skip
def profile_topic_csv(visit: Visit, topic: str) -> HttpResponse:
    """Give out the figures of a topic for all areas."""
    book = _needed(visit)
    _, entries = book.topic(topic)
    return download(visit, f"draft-{topic}.csv", csv_text(replace(book.profiles, indicators=tuple(entries))))


@page("profiles/indicators/<str:indicator>/", need=NEED, purpose="Seeing one figure on a map", audit="built.open")
def profile_indicator(visit: Visit, indicator: str) -> HttpResponse:
    """Show an indicator: its map, its chart of the largest areas, the tables that say the same, its definition."""
    book = open_book(visit)
    if book is None:
        return none_built(visit)
    entry = next((each for each in book.profiles.indicators if each.indicator.name == indicator), None)
    if entry is None:
        reason = book.kept.missing.get(indicator, "")
        raise NotFound("There is no such figure for you.", why=f"{reason[:1].upper()}{reason[1:]}." if reason else "",
                       todo="See the list of topics.")  # fmt: skip
    levels = book.profiles.areas.coarse_to_fine()
    frame = levels[0] if levels[0] in book.drawings else None
    view = view_of(entry, book.site, book.drawings, frame)
    mapped = [view.map.geography] if view.map else []
    return show_book(
        visit, book, "figures/indicator.html", title=entry.indicator.title, view=view,
        shapes=definitions(book.drawings, mapped, frame) if mapped else "",
    )  # fmt: skip


def book_of(kept: Kept[ProfileSet]) -> Book:
    """Give the profiles with their addresses. Outlines are drawn once for everybody: they are open data."""
    if kept.key not in _drawn:
        drawings = draw(kept.value.areas.outlines)
        _drawn.clear()
        _drawn[kept.key] = drawings
    made = site_of(kept.value)
    return Book(kept, WebSite(made.profiles, made.stems, made.topics), _drawn[kept.key])


_drawn: dict[str, dict[str, Drawing]] = {}


def open_book(visit: Visit) -> Book | None:
    kept = kept_profiles(visit.workspace, MONITORING)
    return book_of(kept) if kept is not None else None


def _needed(visit: Visit) -> Book:
    book = open_book(visit)
    if book is None:
        raise NotFound("No profiles have been built yet.", todo="The page of the list says how they are built.")
    return book


def areas_named(book: Book, wanted: str) -> list[tuple[Kind, Area]]:
    """Find areas by a part of their name, or by their code."""
    sought = wanted.casefold()
    listed = [(kind, area) for kind in kinds_of(book.profiles.areas) for area in kind.areas]
    return [(kind, area) for kind, area in listed if sought in area.name.casefold() or sought == area.code.casefold()]


def show_book(visit: Visit, book: Book, template: str, *, title: str, **values: Any) -> HttpResponse:
    return render(
        visit, template, title=title, book=book, kept=book.kept, site=book.site, profiles=book.profiles, up="",
        paper="", status_words=STATUS, meanings=[(str(marker), meaning) for marker, meaning in MEANINGS.items()],
        **values,
    )  # fmt: skip


def none_built(visit: Visit) -> HttpResponse:
    return render(
        visit, "figures/none.html", title="Neighbourhood profiles", what="No profiles have been built yet",
        why="Profiles are counted once for everybody: that takes from seconds to minutes.",
        how=HOW, who="An analyst",
    )  # fmt: skip
