"""The frame that all pages of profiles share: style, script, policy, the band that says they are drafts.

A page needs nothing but itself: no request to anybody, no script but the one whose digest its policy names.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from almoner.charts.colours import palette_of
from almoner.charts.style import chart_css, map_css
from almoner.charts.wording import bare_title
from almoner.methods.cells import MEANINGS
from almoner.profiles.figures import STATUS, ProfileSet, day_text
from almoner.profiles.tree import file_stems, kinds_of, safe_name

INDEX = "profiles.html"
AREAS, TOPICS = "areas", "topics"


@dataclass(frozen=True)
class Site:
    """A set of profiles with the addresses of its pages. papers: whether printable papers lie beside the pages."""

    profiles: ProfileSet
    stems: dict[tuple[str, str], str]
    topics: dict[str, str]
    papers: frozenset[tuple[str, str]] = frozenset()

    def area(self, geography: str, code: str) -> str:
        """Give the address of an area's page, from the index."""
        return f"{AREAS}/{self.stems[geography, code]}.html"

    def paper(self, geography: str, code: str) -> str:
        """Give the address of an area's printable paper, from the index; empty if it has none."""
        return f"{AREAS}/{self.stems[geography, code]}.pdf" if (geography, code) in self.papers else ""

    def topic(self, title: str) -> str:
        """Give the address of a topic's page, from the index."""
        return f"{TOPICS}/{self.topics[title]}.html"


def site_of(profiles: ProfileSet, papers: frozenset[tuple[str, str]] = frozenset()) -> Site:
    """Give every page its address."""
    topics: dict[str, str] = {}
    for title in profiles.topics():
        name = safe_name(title.lower())
        topics[title] = name if name not in topics.values() else f"{name}--{len(topics)}"
    return Site(profiles, file_stems(profiles.areas), topics, papers)


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("almoner.profiles"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["day"] = day_text
    made.filters["bare"] = bare_title
    return made


@functools.cache
def script_source() -> str:
    """Give the pages' own script as a Content-Security-Policy allows it: by its digest, so no other script runs."""
    script = _environment().get_template("profiles.js").render()
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def render(template: str, site: Site, up: str, **values: Any) -> str:
    """Render one page. In: up: how to get from it to the folder of the index: nothing, or '../'."""
    profiles = site.profiles
    palette = palette_of(profiles.brand_colour)
    return _environment().get_template(template).render(
        site=site, profiles=profiles, up=up, status=STATUS, palette=palette, script_source=script_source(),
        chart_css=Markup(chart_css(palette)),  # noqa: S704 -- a style sheet of charts, with colours alone  # nosec B704
        map_css=Markup(map_css(palette)),  # noqa: S704 -- as above  # nosec B704
        meanings=[(str(marker), meaning) for marker, meaning in MEANINGS.items()],
        kinds=kinds_of(profiles.areas),
        **values,
    )  # fmt: skip
