"""Two to four areas beside one another. Which ones is in the address: areas are public, so a comparison can be shared.

Areas stand in the order in which they were chosen and figures in that of the registry: nothing is ranked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse

from almoner.charts.wording import UNIT_TITLES, cell_text, interval_text
from almoner.counting.areas import Area
from almoner.profiles.area_page import NOT_MADE
from almoner.profiles.figures import Figure, IndicatorFigures
from almoner.profiles.tree import Kind
from almoner.web.figures.profiles import LONGEST, NEED, areas_named, none_built, open_book, show_book
from almoner.web.pages import Visit, page
from almoner.web.rendering import address

FEWEST, MOST = 2, 4
MOST_FOUND = 20
"""Areas that a search offers: who finds more says more."""

Chosen = Sequence[tuple[str, Kind, Area]]


@dataclass(frozen=True)
class Compared:
    """One indicator: its figure in each chosen area, and in the whole place, with intervals."""

    entry: IndicatorFigures
    unit: str
    cells: tuple[tuple[str, str], ...]


@page("profiles/compare/", need=NEED, purpose="Seeing areas beside one another", audit="built.open")
def profile_compare(visit: Visit) -> HttpResponse:
    """Show the chosen areas beside one another, and let areas be added and left out."""
    book = open_book(visit)
    if book is None:
        return none_built(visit)
    stems = list(dict.fromkeys(visit.request.GET.getlist("area")))
    error = f"Choose up to {MOST} areas: the first {MOST} are shown" if len(stems) > MOST else ""
    chosen = [(stem, *book.area(stem)) for stem in stems[:MOST]]
    wanted = visit.request.GET.get("q", "").strip()[:LONGEST]
    offered = (
        [each for each in areas_named(book, wanted) if each not in [(k, a) for _, k, a in chosen]] if wanted else []
    )
    found = [(*each, _link(chosen, add=book.site.stems[each[0].name, each[1].code])) for each in offered[:MOST_FOUND]]
    topics = {}
    if len(chosen) >= FEWEST:
        topics = {title: list(_compared(entries, chosen)) for title, entries in book.profiles.topics().items()}
    return show_book(
        visit, book, "figures/compare.html", title="Compare areas", chosen=chosen, wanted=wanted, error=error,
        found=found,
        more=max(len(offered) - MOST_FOUND, 0), fewest=FEWEST, most=MOST, topics=topics,
        without={stem: _link(chosen, leave=stem) for stem, _, _ in chosen},
    )  # fmt: skip


def _link(chosen: Chosen, *, add: str = "", leave: str = "") -> str:
    stems = [stem for stem, _, _ in chosen if stem != leave] + ([add] if add else [])
    return f"{address('profile_compare')}?{urlencode([('area', stem) for stem in stems])}"


def _compared(entries: Sequence[IndicatorFigures], chosen: Chosen) -> Iterator[Compared]:
    for entry in entries:
        figures = [entry.by_code(kind.name).get(area.code) for _, kind, area in chosen]
        if not any(figures):
            continue
        cells = tuple(_words(entry, figure) for figure in (*figures, entry.of_place()))
        yield Compared(entry, UNIT_TITLES[entry.indicator.unit], cells)


def _words(entry: IndicatorFigures, figure: Figure | None) -> tuple[str, str]:
    if figure is None:
        return str(NOT_MADE.marker), ""
    value = cell_text(figure.value, entry.indicator.unit, entry.decimals)
    return value, interval_text(figure.lower, figure.upper, entry.decimals)
