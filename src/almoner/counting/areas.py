"""The areas that may appear in a profile, how they lie in one another, and their outlines: open data only.

An area appears if the boundaries declare it or, where a geography has none, if most of its postcodes lie
within the place. Nothing here may read anything about people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from almoner.counting.levels import DrawnArea
from almoner.counting.plans import DRAWN, PLACE, Plan, Reads, Run, literal, merged, quoted
from almoner.kernel.errors import RegistryError, UsageError
from almoner.kernel.steps import Step
from almoner.methods.disclosure.sums import Group
from almoner.registry.measures import Geography
from almoner.registry.registry import Registry

NESTED_FROM = 0.98
"""A geography lies within another if at least this share of its postcodes is in the main one of each area.

Statistical areas nest by definition; a directory's few misplaced postcodes must not make that invisible.
"""

AREA_COLUMNS = ("geography", "area_code", "area_name")


@dataclass(frozen=True)
class Area:
    """One area of one geography."""

    geography: str
    code: str
    name: str


@dataclass(frozen=True)
class Areas:
    """Every area of every geography, in alphabetical order.

    base: the most detailed geography; it says what is inside the place.
    parent: (geography, code) → geography → the code of the area there that holds most of its postcodes.
    nested: geography → the geographies that it lies within.
    outlines: geography → code → GeoJSON geometry as text.
    drawn: areas that somebody has drawn from areas of one geography; they may overlap one another.
    """

    place: str
    geographies: dict[str, Geography]
    of: dict[str, tuple[Area, ...]]
    base: str
    parent: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    nested: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outlines: dict[str, dict[str, str]] = field(default_factory=dict)
    drawn: tuple[DrawnArea, ...] = ()

    def coarse_to_fine(self) -> list[str]:
        """Give the geographies from the one with the fewest areas to the one with the most."""
        return sorted(self.of, key=lambda name: (len(self.of[name]), name))

    def title(self, geography: str) -> str:
        """Give the title of a geography, e.g. 'Ward'."""
        named = {PLACE: self.place, DRAWN: "Drawn area"}
        return named[geography] if geography in named else self.geographies[geography].title

    def listed_drawn(self) -> tuple[Area, ...]:
        """Give the drawn areas, in alphabetical order."""
        areas = (Area(DRAWN, area.code, area.title) for area in self.drawn)
        return tuple(sorted(areas, key=lambda area: (area.name, area.code)))


def area_step(registry: Registry) -> tuple[Step, Reads]:
    """Make the step `area`: every area that may appear. In other plans' steps it says who is inside."""
    parts, reads = [], list[Reads]()
    bounded = [geography for geography in registry.geography.values() if geography.boundaries]
    for geography in registry.geography.values():
        if geography.boundaries is not None:
            outline = geography.boundaries
            sql = (
                f"SELECT {literal(geography.name)} AS geography, {quoted(outline.code)} AS area_code,"
                f" MIN({quoted(outline.area_name)}) AS area_name FROM {quoted(outline.dataset)}"
                f" WHERE {quoted(outline.code)} IS NOT NULL GROUP BY {quoted(outline.code)}"
            )
            read: Reads = {outline.dataset: (outline.code, outline.area_name)}
        else:
            sql, read = _areas_from_directory(registry, geography, bounded)
        parts.append(_with_names(geography, sql))
        reads.append(read)
        if geography.names is not None:
            reads.append({geography.names.dataset: (geography.names.code, geography.names.area_name)})
    step = Step("area", "every area of the place, by geography", "\nUNION ALL\n".join(parts), AREA_COLUMNS, keep=True)
    return step, merged(reads)


def _with_names(geography: Geography, areas: str) -> str:
    """Give areas the names that people use, where somebody has named them; the others keep theirs."""
    named = geography.names
    if named is None:
        return areas
    return (
        f"SELECT a.geography AS geography, a.area_code AS area_code, COALESCE(n.name, a.area_name) AS area_name"
        f" FROM ({areas}) AS a LEFT JOIN (SELECT {quoted(named.code)} AS code, MIN({quoted(named.area_name)}) AS name"
        f" FROM {quoted(named.dataset)} GROUP BY {quoted(named.code)}) AS n ON n.code = a.area_code"
    )


def _areas_from_directory(registry: Registry, geography: Geography, bounded: list[Geography]) -> tuple[str, Reads]:
    """Take the codes of a geography without outlines from postcodes within those that have some."""
    directory = registry.postcode_directory
    if directory is None:
        raise RegistryError(
            f"Geography '{geography.name}' has neither boundaries nor a postcode directory.",
            why="Nobody could say which of its areas belong to the place.",
            todo="Declare [postcode_directory], or boundaries for the geography.",
        )
    column, view = quoted(geography.postcode_column), quoted(directory.dataset)
    select = f"SELECT {literal(geography.name)} AS geography, d.{column} AS area_code, d.{column} AS area_name"
    if not bounded or bounded[0].boundaries is None:
        sql = f"{select} FROM {view} AS d WHERE d.{column} IS NOT NULL GROUP BY d.{column}"
        return sql, {directory.dataset: (geography.postcode_column,)}
    inside, within = bounded[0].boundaries, bounded[0].postcode_column
    sql = (
        f"{select} FROM {view} AS d LEFT JOIN (SELECT DISTINCT {quoted(inside.code)} AS code"
        f" FROM {quoted(inside.dataset)}) AS b ON b.code = d.{quoted(within)}"
        f" WHERE d.{column} IS NOT NULL GROUP BY d.{column} HAVING 2 * COUNT(b.code) > COUNT(*)"
    )
    reads = {directory.dataset: (geography.postcode_column, within), inside.dataset: (inside.code,)}
    return sql, reads


def overlap_plan(registry: Registry) -> Plan | None:
    """Plan to count the postcodes that two areas of different geographies share."""
    directory = registry.postcode_directory
    geographies = list(registry.geography.values())
    if directory is None or len(geographies) < 2:
        return None
    parts = []
    for one in geographies:
        for other in geographies:
            if one is not other:
                left, right = quoted(one.postcode_column), quoted(other.postcode_column)
                parts.append(
                    f"SELECT {literal(one.name)} AS geography, {left} AS area_code,"
                    f" {literal(other.name)} AS other_geography, {right} AS other_code, COUNT(*) AS postcodes"
                    f" FROM {quoted(directory.dataset)} WHERE {left} IS NOT NULL AND {right} IS NOT NULL"
                    f" GROUP BY {left}, {right}"
                )
    columns = ("geography", "area_code", "other_geography", "other_code", "postcodes")
    step = Step("overlap", "postcodes shared by areas of two geographies", "\nUNION ALL\n".join(parts), columns)
    reads = {directory.dataset: tuple(dict.fromkeys(geography.postcode_column for geography in geographies))}
    return Plan((step,), reads, (directory.dataset,))


def outline_plan(geography: Geography) -> Plan | None:
    """Plan to read the outlines of one geography."""
    outline = geography.boundaries
    if outline is None:
        return None
    sql = (
        f"SELECT {quoted(outline.code)} AS area_code, MIN({quoted(outline.geometry)}) AS geometry"
        f" FROM {quoted(outline.dataset)} WHERE {quoted(outline.geometry)} IS NOT NULL"
        f" GROUP BY {quoted(outline.code)}"
    )
    step = Step("outline", f"outlines of {geography.plural}", sql, ("area_code", "geometry"))
    return Plan((step,), {outline.dataset: (outline.code, outline.geometry)}, (outline.dataset,))


def read_areas(run: Run, registry: Registry, drawn: Sequence[DrawnArea] = (), *, outlined: bool = True) -> Areas:
    """Read the areas of the place through the gate.

    In: drawn: areas that somebody has drawn; outlined: read the outlines too.
    Raises: whatever the gate raises; RegistryError where no area is declared; UsageError where a drawn area is made of
        areas that are not there.
    """
    step, reads = area_step(registry)
    found: dict[str, list[Area]] = {name: [] for name in registry.geography}
    for row in Plan((step,), reads).rows(run):
        found[row["geography"]].append(Area(row["geography"], row["area_code"], row["area_name"] or row["area_code"]))
    if not any(found.values()):
        raise RegistryError(
            "No area is known, so no profile can be made.",
            why="Boundaries or the postcode directory have no rows.",
            todo="Declare geographies in the registry, and take in the open data that they name.",
        )
    of = {name: tuple(sorted(areas, key=lambda area: (area.name, area.code))) for name, areas in found.items() if areas}
    base = max(of, key=lambda name: (registry.geography[name].boundaries is not None, len(of[name])))
    parent, nested = _lie_within(run, registry, of)
    outlines = {}
    for name in of:
        plan = outline_plan(registry.geography[name])
        if plan is not None and outlined:
            outlines[name] = {row["area_code"]: row["geometry"] for row in plan.rows(run)}
    geographies = {name: registry.geography[name] for name in of}
    _known_members(drawn, of)
    return Areas(registry.controller.place, geographies, of, base, parent, nested, outlines, tuple(drawn))


def _known_members(drawn: Sequence[DrawnArea], of: dict[str, tuple[Area, ...]]) -> None:
    for area in drawn:
        known = {each.code for each in of.get(area.geography, ())}
        if unknown := [member for member in area.members if member not in known]:
            raise UsageError(
                f"The area '{area.code}' is made of areas that are not known: {', '.join(unknown)}.",
                todo="Write them as geography:code, for example lsoa21:E01005060; they must lie in the place.",
            )


def _lie_within(
    run: Run, registry: Registry, of: dict[str, tuple[Area, ...]]
) -> tuple[dict[tuple[str, str], dict[str, str]], dict[str, tuple[str, ...]]]:
    """Find the area of each coarser geography in which each area mostly lies, and which geographies nest."""
    plan = overlap_plan(registry)
    if plan is None:
        return {}, {}
    declared = {(area.geography, area.code) for areas in of.values() for area in areas}
    shared: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for row in plan.rows(run):
        one, other = (row["geography"], row["area_code"]), (row["other_geography"], row["other_code"])
        if one in declared and other in declared and len(of[one[0]]) > len(of[other[0]]):
            shared[(*one, other[0])][other[1]] = row["postcodes"]
    parent: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    inside: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (geography, code, coarser), postcodes in shared.items():
        main = max(sorted(postcodes), key=lambda other: postcodes[other])
        parent[geography, code][coarser] = main
        inside[geography, coarser][0] += postcodes[main]
        inside[geography, coarser][1] += sum(postcodes.values())
    nested: dict[str, list[str]] = defaultdict(list)
    for (geography, coarser), (main_count, all_count) in inside.items():
        if main_count >= NESTED_FROM * all_count:
            nested[geography].append(coarser)
    return dict(parent), {name: tuple(coarser) for name, coarser in nested.items()}


def groups_of(listed: Sequence[Area], areas: Areas) -> list[Group]:
    """Give the sums that anybody can do: areas to those that they nest in, the widest to the place."""
    index = {(area.geography, area.code): position for position, area in enumerate(listed)}
    present = {area.geography for area in listed}
    parts: dict[int, list[int]] = defaultdict(list)
    for area in listed[1:]:
        if area.geography == DRAWN:
            continue
        around = _directly_around(area.geography, present, areas)
        position = index[area.geography, area.code]
        if not around:
            parts[0].append(position)
        for geography in around:
            code = areas.parent.get((area.geography, area.code), {}).get(geography)
            if code is not None:
                parts[index[geography, code]].append(position)
    by_geography: dict[tuple[int, str], list[int]] = defaultdict(list)
    for total, positions in parts.items():
        for position in positions:
            by_geography[total, listed[position].geography].append(position)
    groups = [Group(total, tuple(positions)) for (total, _), positions in by_geography.items()]
    for drawn in areas.drawn:
        members = [index.get((drawn.geography, member)) for member in drawn.members]
        if (DRAWN, drawn.code) in index and None not in members:
            groups.append(Group(index[DRAWN, drawn.code], tuple(each for each in members if each is not None)))
    return groups


def _directly_around(geography: str, present: set[str], areas: Areas) -> list[str]:
    """Give the published geographies that a geography nests in, without those around one of these."""
    around = [name for name in areas.nested.get(geography, ()) if name in present]
    further = {wider for name in around for wider in areas.nested.get(name, ())}
    return [name for name in around if name not in further]
