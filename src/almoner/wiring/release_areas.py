"""Reads what areas are made of, through the gate: the postcodes in each area of each declared geography."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from almoner.counting.areas import area_step
from almoner.counting.plans import Plan, Run, quoted
from almoner.kernel.errors import UsageError
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.release.codes import AREA

_INSIDE = Step(
    "inside",
    "which areas belong to the place, in a form that every permit may see",
    "SELECT geography, area_code, COUNT(*) AS entries FROM area GROUP BY geography, area_code",
    ("geography", "area_code", "entries"),
)


def read_members(run: Run, registry: Registry) -> dict[str, dict[str, frozenset[str]]]:
    """Give what the areas of the place are made of. Out: dimension → `geography:code` → postcodes."""
    directory = registry.postcode_directory
    if directory is None or not registry.geography:
        return {}
    areas, reads = area_step(registry)
    inside = {(row["geography"], row["area_code"]) for row in Plan((areas, _INSIDE), reads).rows(run)}
    columns = {name: geography.postcode_column for name, geography in registry.geography.items()}
    listed = [directory.postcode, *dict.fromkeys(columns.values())]
    names = ", ".join(quoted(column) for column in listed)
    sql = f"SELECT {names}, COUNT(*) AS entries FROM {quoted(directory.dataset)} GROUP BY {names}"
    postcodes = Step("postcodes", "which postcodes lie in which areas", sql, (*listed, "entries"))
    found: dict[str, set[str]] = defaultdict(set)
    for row in Plan((postcodes,), {directory.dataset: tuple(listed)}).rows(run):
        for name, column in columns.items():
            if (name, row[column]) in inside:
                found[f"{name}:{row[column]}"].add(row[directory.postcode])
    return {AREA: {code: frozenset(parts) for code, parts in found.items()}}


def with_custom_areas(
    members: Mapping[str, Mapping[str, frozenset[str]]], custom: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, frozenset[str]]]:
    """Add the areas that a plan draws.

    Raises: UsageError where one is made of an area that is not known.
    """
    known = dict(members.get(AREA, {}))
    drawn: dict[str, frozenset[str]] = {}
    for code, parts in custom.items():
        if unknown := [part for part in parts if part not in known]:
            raise UsageError(
                f"The area '{code}' is made of areas that are not known: {', '.join(unknown)}.",
                todo="Write them as geography:code, for example lsoa21:E01005060.",
            )
        drawn[code] = frozenset().union(*(known[part] for part in parts))
    return {**{name: dict(codes) for name, codes in members.items()}, AREA: known | drawn}
