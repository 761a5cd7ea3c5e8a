"""The pages of a set of profiles: an index, a page for each topic, a page for each area.

The templates get finished words and drawings; they decide nothing about figures. Every figure on a page comes from a
protected cell.
"""

from __future__ import annotations

from collections.abc import Iterator

from almoner.charts.geometry import draw
from almoner.counting.counts import BUCKETS
from almoner.counting.plans import PLACE
from almoner.methods.cells import Cell
from almoner.profiles.area_page import render_area
from almoner.profiles.figures import ProfileSet
from almoner.profiles.frame import INDEX, Site, render
from almoner.profiles.paper import area_paper
from almoner.profiles.spines import spines_of
from almoner.profiles.topic_page import render_topic, view_of
from almoner.profiles.tree import kinds_of


def render_pages(site: Site) -> Iterator[tuple[str, bytes]]:
    """Render every page and paper, one after another. Out: its path from the index's folder, and what stands in it."""
    profiles = site.profiles
    yield INDEX, render_index(site).encode()
    drawings = draw(profiles.areas.outlines)
    for title, entries in profiles.topics().items():
        yield site.topic(title), render_topic(site, title, entries, drawings).encode()
    spine_of = spines_of({entry.indicator.name: entry for entry in profiles.indicators})
    for kind in kinds_of(profiles.areas):
        for area in kind.areas:
            yield site.area(kind.name, area.code), render_area(site, kind, area, spine_of, drawings).encode()
            if (kind.name, area.code) in site.papers:
                yield site.paper(kind.name, area.code), area_paper(site, kind, area, spine_of, drawings)


def render_index(site: Site) -> str:
    """Render the page that leads to all others."""
    profiles = site.profiles
    return render(
        "profiles.html", site, "",
        topics={
            title: [view_of(entry, site, {}, None) for entry in entries]
            for title, entries in profiles.topics().items()
        },
        coverage=list(_coverage_lines(profiles)),
    )  # fmt: skip


def _coverage_lines(profiles: ProfileSet) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield title, what was placed, and what was not, of each indicator that we counted ourselves."""
    for entry in profiles.indicators:
        for coverage in entry.coverage:
            if coverage.geography == PLACE:
                left_out = [(BUCKETS[bucket], _plain(cell)) for bucket, cell in coverage.left_out.items()]
                yield entry.indicator.title, _plain(coverage.placed), left_out


def _plain(cell: Cell) -> str:
    return cell.text(0)
