"""Puts small areas under the larger areas that a reader knows, by where most of their postcodes lie.

For finding one's way only: no figure is ever added up along this tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from almoner.counting.areas import Area, Areas

MAX_COLUMNS = 7
"""More areas than this side by side are split into several tables."""


@dataclass(frozen=True)
class Group:
    """Areas side by side in one table: a middle area with its small areas, or small areas alone."""

    anchor: str
    title: str
    columns: tuple[Area, ...]


@dataclass(frozen=True)
class Section:
    """One of the largest areas, with the groups of smaller areas that lie mostly within it."""

    anchor: str
    area: Area | None
    title: str
    groups: tuple[Group, ...]


def anchor_of(area: Area) -> str:
    """Give the id by which the page links to an area."""
    return "a-" + re.sub(r"[^A-Za-z0-9]", "_", f"{area.geography}-{area.code}")


def sections_of(areas: Areas) -> list[Section]:
    """Group all areas under those of the geography with the fewest, alphabetically."""
    levels = areas.coarse_to_fine()
    top, middle, small = levels[0], levels[1:2], levels[2:]
    sections = [
        Section(anchor_of(area), area, area.name, _groups(areas, (top, area.code), middle, small))
        for area in areas.of[top]
    ]
    left_over = _groups(areas, (top, None), middle, small)
    if left_over:
        sections.append(Section("a-elsewhere", None, "Areas that no postcode places", left_over))
    return sections


def _groups(areas: Areas, around: tuple[str, str | None], middle: list[str], small: list[str]) -> tuple[Group, ...]:
    """Make the groups of one section."""
    if not middle:
        return ()
    inside = [area for area in areas.of[middle[0]] if _parent(areas, area, around[0]) == around[1]]
    if not small:
        return tuple(_split(inside, "Smaller areas"))
    found = []
    for area in inside:
        children = [
            child for level in small for child in areas.of[level] if _parent(areas, child, middle[0]) == area.code
        ]
        found.append(Group(anchor_of(area), area.name, (area, *children)))
    return tuple(found)


def _split(listed: list[Area], title: str) -> list[Group]:
    return [
        Group(anchor_of(listed[start]) + "-g", title, tuple(listed[start : start + MAX_COLUMNS]))
        for start in range(0, len(listed), MAX_COLUMNS)
    ]


def _parent(areas: Areas, area: Area, geography: str) -> str | None:
    return areas.parent.get((area.geography, area.code), {}).get(geography)
