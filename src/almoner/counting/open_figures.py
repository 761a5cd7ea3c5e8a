"""SQL that brings a published figure from the areas for which it was published to the areas of a profile.

Where the two differ, a figure is shared out by postcodes, so that no number of ours about people enters an
open figure. An area without a figure stays NULL: it must never become 0.
"""

from __future__ import annotations

from almoner.counting.counts import Levels
from almoner.counting.plans import PLACE, Reads, content_name, literal, merged, quoted
from almoner.kernel.errors import RegistryError
from almoner.kernel.steps import Step
from almoner.registry.measures import Geography, OpenFigure
from almoner.registry.registry import Registry

OPEN_COLUMNS = ("geography", "area_code", "number")


def open_steps(figure: OpenFigure, levels: Levels, registry: Registry) -> tuple[list[Step], Reads]:
    """Make the steps of a published figure; the last gives geography, area_code, number."""
    published = _published(figure)
    reads: list[Reads] = [{figure.dataset: figure.columns()}]
    direct = [geography for geography in levels.geographies if geography.name == figure.geography]
    shared = [geography for geography in levels.geographies if geography.name != figure.geography]
    selects = [
        f"SELECT a.geography AS geography, a.area_code AS area_code, o.number AS number\n"
        f"FROM area AS a JOIN {published.name} AS o ON o.code = a.area_code"
        f" WHERE a.geography = {literal(geography.name)}"
        for geography in direct
    ]
    steps = [published]
    if registry.postcode_directory is not None:
        weights, read = _weights(figure, shared, levels.base, registry)
        steps.append(weights)
        reads.append(read)
        selects.append(_shared_out(figure, published.name, weights.name))
    elif shared:
        raise RegistryError(
            f"The open figure of '{figure.dataset}' is for other areas than the indicator's.",
            why="Without a postcode directory nobody can say how the areas lie in one another.",
            todo="Declare [postcode_directory] in the registry.",
        )
    union = "\nUNION ALL\n".join(selects)
    name = content_name("open_by_area", union)
    steps.append(Step(name, "the published figure by area", union, OPEN_COLUMNS, keep=True))
    return steps, merged(reads)


def _published(figure: OpenFigure) -> Step:
    """One number per area as published; several rows of an area are combined first.

    An area that the dataset knows, but not for what is counted or for those months, has counted 0.
    """
    view, code = quoted(figure.dataset), quoted(figure.code)
    conditions = [f"CAST({quoted(column)} AS VARCHAR) = {literal(text)}" for column, text in figure.where.items()]
    source = view
    if figure.date is not None:
        day = f"CAST({quoted(figure.date)} AS DATE)"
        source = f"{view} CROSS JOIN (SELECT MAX({day}) AS newest FROM {view}) AS n"
        conditions.append(f"{day} > n.newest - INTERVAL {figure.months} MONTH")
    if figure.value is None:
        counted = f"SUM(CASE WHEN {' AND '.join(conditions) or 'TRUE'} THEN 1 ELSE 0 END)"
        conditions = [f"{code} IS NOT NULL"]
    else:
        value = f"TRY_CAST({quoted(figure.value)} AS DOUBLE)"
        counted = f"{'SUM' if figure.combine == 'sum' else 'AVG'}({value})"
        conditions.append(f"{value} IS NOT NULL")
    sql = (
        f"SELECT {code} AS code, CAST({counted} AS DOUBLE) AS number"
        f" FROM {source} WHERE {' AND '.join(conditions)} GROUP BY {code}"
    )
    name = content_name("open_figure", sql)
    return Step(name, "the figure as published, one row per area", sql, ("code", "number"), keep=True)


def _weights(figure: OpenFigure, targets: list[Geography], base: Geography, registry: Registry) -> tuple[Step, Reads]:
    """Count the postcodes that each published area shares with each target area and with the place."""
    directory = registry.postcode_directory
    assert directory is not None
    source = registry.geography[figure.geography].postcode_column
    selects = [
        _weight_select(directory.dataset, source, target.postcode_column, target.name, "a.area_code", target.name)
        for target in targets
    ]
    selects.append(_weight_select(directory.dataset, source, base.postcode_column, PLACE, literal(PLACE), base.name))
    union = "\nUNION ALL\n".join(selects)
    step = Step(
        content_name("open_share", union),
        "postcodes shared by the published areas and the profile's",
        union,
        ("code", "geography", "area_code", "postcodes", "share"),
        keep=True,
    )
    columns = dict.fromkeys((source, base.postcode_column, *(target.postcode_column for target in targets)))
    return step, {directory.dataset: tuple(columns)}


def _weight_select(view: str, source: str, target: str, geography: str, code: str, located_by: str) -> str:
    """Count shared postcodes, and which share they are of all postcodes of the published area."""
    source_column, target_column = quoted(source), quoted(target)
    return (
        f"SELECT code, {literal(geography)} AS geography, area_code,"
        f" SUM(postcodes) AS postcodes, SUM(1.0 * postcodes / all_postcodes) AS share FROM (\n"
        f"  SELECT s.code, {code} AS area_code, s.postcodes, s.all_postcodes FROM (\n"
        f"    SELECT {source_column} AS code, {target_column} AS target, COUNT(*) AS postcodes,"
        f" SUM(COUNT(*)) OVER (PARTITION BY {source_column}) AS all_postcodes\n"
        f"    FROM {quoted(view)} WHERE {source_column} IS NOT NULL\n"
        f"    GROUP BY {source_column}, {target_column}\n"
        f"  ) AS s JOIN area AS a ON a.geography = {literal(located_by)} AND a.area_code = s.target\n"
        f") AS p GROUP BY code, area_code"
    )


def _shared_out(figure: OpenFigure, published: str, weights: str) -> str:
    """Combine the published figures of an area: sums and counts by share, means weighted by postcodes."""
    mean = "SUM(o.number * w.postcodes) / SUM(w.postcodes)"
    number = mean if figure.combine == "mean" else "SUM(o.number * w.share)"
    return (
        f"SELECT w.geography AS geography, w.area_code AS area_code, CAST({number} AS DOUBLE) AS number\n"
        f"FROM {weights} AS w JOIN {published} AS o ON o.code = w.code GROUP BY w.geography, w.area_code"
    )
