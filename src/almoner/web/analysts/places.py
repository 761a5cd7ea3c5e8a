"""The areas of the place as this process knows them: open data, read through the gate once for each state of the lake.

Must never hold anything about people: it is the one thing here that visitors share.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from almoner.charts.geometry import Drawing, draw
from almoner.counting.areas import Area, Areas
from almoner.web.pages import Visit
from almoner.wiring.drawing import areas_of_place
from almoner.wiring.looking_up import newest_deliveries


@dataclass(frozen=True)
class Places:
    """Areas with their outlines as they are drawn; grouping: the geography by which small areas are listed."""

    areas: Areas
    drawings: dict[str, Drawing]

    @property
    def small(self) -> tuple[Area, ...]:
        """The areas that others are drawn from."""
        return self.areas.of[self.areas.base]

    @property
    def grouping(self) -> str | None:
        """The geography with the fewest areas, if it is another than the small areas'."""
        widest = self.areas.coarse_to_fine()[0]
        return None if widest == self.areas.base else widest

    def grouped(self) -> list[tuple[str, list[Area]]]:
        """List the small areas by the larger area that they lie in; those that lie in none come last."""
        if self.grouping is None:
            return [(self.areas.place, list(self.small))]
        groups: dict[str, list[Area]] = {area.code: [] for area in self.areas.of[self.grouping]}
        rest: list[Area] = []
        for area in self.small:
            inside = self.areas.parent.get((area.geography, area.code), {}).get(self.grouping, "")
            groups.get(inside, rest).append(area)
        names = {area.code: area.name for area in self.areas.of[self.grouping]}
        found = [(names[code], listed) for code, listed in groups.items() if listed]
        return [*found, *([("Elsewhere", rest)] if rest else [])]

    def names(self) -> dict[str, str]:
        """Give the names of the small areas by their codes."""
        return {area.code: area.name for area in self.small}


_KNOWN: dict[tuple[object, ...], Places] = {}
_LOCK = threading.Lock()


def places_of(visit: Visit) -> Places:
    """Give the areas of the place.

    Raises: AccessRefused; UsageError where no project is in force; RegistryError where no area is known.
    """
    workspace = visit.workspace
    newest = newest_deliveries(workspace)
    opened = sorted((name, day) for name, day in newest.items() if workspace.registry.dataset(name).open)
    key = (str(workspace.root), len(workspace.lake.catalogue.deliveries()), *opened)
    with _LOCK:
        if key not in _KNOWN:
            areas = areas_of_place(workspace)
            _KNOWN.clear()
            _KNOWN[key] = Places(areas, draw(areas.outlines))
        return _KNOWN[key]
