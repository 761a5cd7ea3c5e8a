"""Where an area lies: the larger areas around it and the smaller ones within, by where most of their postcodes are.

For finding one's way only: no figure is ever added up along this tree.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from almoner.counting.areas import Area, Areas
from almoner.counting.plans import DRAWN


@dataclass(frozen=True)
class Kind:
    """All areas of one kind, and how they are called: one, and several."""

    name: str
    title: str
    plural: str
    areas: tuple[Area, ...]


def kinds_of(areas: Areas) -> list[Kind]:
    """List the kinds of areas from the one with the fewest to the one with the most; drawn areas last."""
    found = [
        Kind(name, areas.geographies[name].title, areas.geographies[name].plural, areas.of[name])
        for name in areas.coarse_to_fine()
    ]
    return [*found, Kind(DRAWN, areas.title(DRAWN), "Drawn areas", areas.listed_drawn())] if areas.drawn else found


def around(areas: Areas, area: Area) -> list[Area]:
    """List the larger areas in which most of an area's postcodes lie, the largest kind first."""
    found = areas.parent.get((area.geography, area.code), {})
    return [
        each
        for geography in areas.coarse_to_fine()
        for each in areas.of[geography]
        if found.get(geography) == each.code
    ]


def within(areas: Areas, area: Area) -> list[Area]:
    """List the smaller areas whose postcodes lie mostly in an area; of a drawn one, what it is made of."""
    if area.geography == DRAWN:
        (drawn,) = (each for each in areas.drawn if each.code == area.code)
        return [each for each in areas.of[drawn.geography] if each.code in drawn.members]
    return [
        each
        for geography in areas.coarse_to_fine()
        if geography != area.geography
        for each in areas.of[geography]
        if areas.parent.get((geography, each.code), {}).get(area.geography) == area.code
    ]


def file_stems(areas: Areas) -> dict[tuple[str, str], str]:
    """Give each area the name of its files: geography and code, kept to letters, digits and hyphens, each name once."""
    listed = [area for kind in kinds_of(areas) for area in sorted(kind.areas, key=lambda each: each.code)]
    stems = [safe_name(f"{area.geography}-{area.code}") for area in listed]
    # Folders of many machines take big and small letters for the same.
    times, seen = Counter(stem.lower() for stem in stems), Counter[str]()
    names = {}
    for area, stem in zip(listed, stems, strict=True):
        seen[stem.lower()] += 1
        names[area.geography, area.code] = stem if times[stem.lower()] == 1 else f"{stem}--{seen[stem.lower()]}"
    return names


def safe_name(text: str) -> str:
    """Keep of a text what may stand in a file name and in an address."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "x"
