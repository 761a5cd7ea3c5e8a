"""The areas of the place for those who need their names and codes only, in a form that every permit may see.

A permit for aggregates may run nothing but counts of groups, even over open data: so areas are read as groups.
"""

from __future__ import annotations

from almoner.counting.areas import AREA_COLUMNS, Area, Areas, area_step
from almoner.counting.plans import Plan, Run
from almoner.kernel.errors import RegistryError
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry

_LISTED = Step(
    "listed",
    "every area of the place, as groups",
    "SELECT geography, area_code, area_name, COUNT(*) AS entries FROM area GROUP BY geography, area_code, area_name",
    (*AREA_COLUMNS, "entries"),
)


def known_areas(run: Run, registry: Registry) -> Areas:
    """Read which areas there are, without their outlines and how they lie in one another.

    Raises: whatever the gate raises; RegistryError where no area is declared.
    """
    step, reads = area_step(registry)
    found: dict[str, list[Area]] = {name: [] for name in registry.geography}
    for row in Plan((step, _LISTED), reads).rows(run):
        found[row["geography"]].append(Area(row["geography"], row["area_code"], row["area_name"] or row["area_code"]))
    of = {name: tuple(sorted(areas, key=lambda area: (area.name, area.code))) for name, areas in found.items() if areas}
    if not of:
        raise RegistryError(
            "No area is known, so nothing can be counted.",
            why="Boundaries or the postcode directory have no rows.",
            todo="Declare geographies in the registry, and take in the open data that they name.",
        )
    base = max(of, key=lambda name: (registry.geography[name].boundaries is not None, len(of[name])))
    return Areas(registry.controller.place, {name: registry.geography[name] for name in of}, of, base)
