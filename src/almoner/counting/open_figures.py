"""SQL that brings a published figure from the areas for which it was published to the areas of a profile.

Where the two differ, a figure is shared out by postcodes, so that no number of ours about people enters an
open figure. An area without a figure stays NULL: it must never become 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from almoner.counting.levels import Levels
from almoner.counting.plans import (
    DRAWN,
    PLACE,
    Reads,
    content_name,
    date_literal,
    literal,
    merged,
    one_of,
    quoted,
)
from almoner.counting.spans import Span
from almoner.kernel.errors import RegistryError
from almoner.kernel.steps import Step
from almoner.registry.measures import OpenFigure
from almoner.registry.registry import Registry

OPEN_COLUMNS = ("span", "geography", "area_code", "number", "split")

WHOLE_SHARE = 0.999
"""A published area lies wholly in another if all but a rounding of its postcodes do."""

MISSING_FROM_SUM, MISSING_FROM_MEAN = 0.02, 0.5
"""How much of an area, by postcodes, may lack a published figure: more, and the area has none either."""


def open_steps(
    figure: OpenFigure, levels: Levels, registry: Registry, spans: Sequence[Span]
) -> tuple[list[Step], Reads]:
    """Make the steps of a published figure.

    In: spans: the first is the headline's, for which the dataset's newest rows count; the others are its trend.
    Out: the last gives span, geography, area_code, number, split: the number of published areas that only lie in part
        in the area; where there are any, or where means were combined, the number is modelled.
    """
    published = _published(figure, spans)
    steps = [published]
    reads: list[Reads] = [{figure.dataset: figure.columns()}]
    if figure.weight is not None:
        reads.append(
            {
                figure.weight.dataset: tuple(
                    dict.fromkeys((figure.weight.code, figure.weight.value, *figure.weight.where))
                )
            }
        )
    direct = [geography for geography in levels.geographies if geography.name == figure.geography]
    shared = [(name, located_by) for name, located_by in levels.counted() if name != figure.geography]
    number = _or_zero("CASE WHEN o.weight IS NULL THEN o.number ELSE o.number / o.weight END", figure)
    selects = [
        f"SELECT s.span AS span, a.geography AS geography, a.area_code AS area_code, {number} AS number, 0 AS split\n"
        f"FROM area AS a CROSS JOIN (SELECT DISTINCT span FROM {published.name}) AS s"
        f" {'LEFT ' if figure.absent == 'zero' else ''}JOIN {published.name} AS o"
        f" ON o.code = a.area_code AND o.span = s.span WHERE a.geography = {literal(geography.name)}"
        for geography in direct
    ]
    if registry.postcode_directory is not None:
        weights, read = _weights(figure, shared, levels, registry)
        steps.append(weights)
        reads.append(read)
        selects.append(_shared_out(figure, published.name, weights.name))
    elif len(shared) > 1:
        raise RegistryError(
            f"The open figure of '{figure.dataset}' is for other areas than the indicator's.",
            why="Without a postcode directory nobody can say how the areas lie in one another.",
            todo="Declare [postcode_directory] in the registry.",
        )
    union = "\nUNION ALL\n".join(selects)
    name = content_name("open_by_area", union)
    steps.append(Step(name, "the published figure by area", union, OPEN_COLUMNS, keep=True))
    return [*levels.steps(), *steps], merged(reads)


def _conditions(where: dict[str, str | tuple[str, ...]], *, positive: bool) -> list[str]:
    found = []
    for column, wanted in where.items():
        values = (wanted,) if isinstance(wanted, str) else wanted
        condition = one_of(f"CAST({quoted(column)} AS VARCHAR)", values)
        found.append(condition if positive else f"NOT ({condition})")
    return found


def _published(figure: OpenFigure, spans: Sequence[Span]) -> Step:
    """One number per span and area as published; several rows of an area are combined first.

    Where rows are counted, an area that the dataset knows, but not for what is counted or for those months, has 0.
    weight is NULL but for means with a weight: then number is the sum of weight times figure.
    """
    view, code = quoted(figure.dataset), quoted(figure.code)
    conditions = [*_conditions(figure.where, positive=True), *_conditions(figure.unless, positive=False)]
    parts = []
    for position, span in enumerate(spans):
        source, chosen, covered = view, list(conditions), "TRUE"
        if figure.date is not None and (position > 0 or figure.months is not None):
            day = f"CAST({quoted(figure.date)} AS DATE)"
            if position == 0:
                source = f"{view} CROSS JOIN (SELECT MAX({day}) AS newest FROM {view}) AS n"
                chosen.append(f"{day} > n.newest - INTERVAL {figure.months} MONTH")
            else:
                source = f"{view} CROSS JOIN (SELECT MIN({day}) AS oldest, MAX({day}) AS newest FROM {view}) AS n"
                chosen.append(f"{day} BETWEEN {date_literal(span.starts_on)} AND {date_literal(span.ends_on)}")
                # A period that the dataset does not cover from its first to its last month has no figure.
                covered = (
                    f"n.oldest <= {date_literal(span.starts_on)}"
                    f" AND n.newest >= {date_literal(span.ends_on.replace(day=1))}"
                )
        elif position > 0:
            continue
        parts.append(_combined(figure, span, source, code, chosen, covered))
    sql = "\nUNION ALL\n".join(parts)
    name = content_name("open_figure", sql)
    columns = ("span", "code", "number", "weight")
    return Step(name, "the figure as published, one row per area", sql, columns, keep=True)


def _combined(figure: OpenFigure, span: Span, source: str, code: str, conditions: list[str], covered: str) -> str:
    head = f"SELECT {literal(span.name)} AS span, {code} AS code,"
    tail = f"CAST(NULL AS DOUBLE) AS weight FROM {source} WHERE {code} IS NOT NULL AND {covered}"
    fits = " AND ".join(conditions) or "TRUE"
    summands = (figure.value or figure.code, *figure.plus)
    value = "(" + " + ".join(f"TRY_CAST({quoted(column)} AS DOUBLE)" for column in summands) + ")"
    if figure.value is None:
        counted = f"SUM(CASE WHEN {fits} THEN 1 ELSE 0 END)"
        return f"{head} CAST({counted} AS DOUBLE) AS number, {tail} GROUP BY {code}"
    if figure.combine == "sum":
        # A row that should count and has no number makes the sum unknown.
        rows = f"SUM(CASE WHEN {fits} THEN 1 ELSE 0 END)"
        some = "" if figure.absent == "zero" else f"{rows} > 0 AND "
        whole = f"{some}{rows} = COUNT(CASE WHEN {fits} THEN {value} END)"
        counted = f"CASE WHEN {whole} THEN COALESCE(SUM(CASE WHEN {fits} THEN {value} END), 0) END"
        return f"{head} CAST({counted} AS DOUBLE) AS number, {tail} GROUP BY {code}"
    plain = f"{head} AVG({value}) AS number, {tail} AND {fits} AND {value} IS NOT NULL GROUP BY {code}"
    weight = figure.weight
    if weight is None:
        return plain
    chosen = _conditions(dict(weight.where), positive=True)
    return (
        f"SELECT p.span AS span, p.code AS code, p.number * w.weight AS number, w.weight AS weight FROM ({plain}) AS p"
        f" JOIN (SELECT {quoted(weight.code)} AS code, SUM(TRY_CAST({quoted(weight.value)} AS DOUBLE)) AS weight"
        f" FROM {quoted(weight.dataset)} WHERE {' AND '.join(chosen) or 'TRUE'} GROUP BY {quoted(weight.code)}) AS w"
        f" ON w.code = p.code WHERE w.weight > 0"
    )


def _weights(
    figure: OpenFigure, shared: Sequence[tuple[str, str]], levels: Levels, registry: Registry
) -> tuple[Step, Reads]:
    """Count the postcodes that each published area shares with each target area and with the place."""
    directory = registry.postcode_directory
    assert directory is not None
    lookup = registry.lookup.get(figure.geography)
    columns = {each.name: each.postcode_column for each in levels.all()}
    source = registry.geography[lookup.geography if lookup else figure.geography].postcode_column
    view, reads = quoted(directory.dataset), {directory.dataset: dict.fromkeys((source, *columns.values()))}
    listed = ", ".join(quoted(column) for column in reads[directory.dataset])
    postcodes = f"SELECT {quoted(source)} AS code, {listed}, 1.0 AS weight FROM {view}"
    more: Reads = {}
    if lookup is not None:
        # Where several old areas became one, each of its postcodes belongs to all of them in equal parts.
        old, new = quoted(lookup.code), quoted(lookup.to_code)
        links = f"SELECT DISTINCT {old} AS old, {new} AS new FROM {quoted(lookup.dataset)} WHERE {old} IS NOT NULL"
        postcodes = (
            f"SELECT l.old AS code, {', '.join('d.' + quoted(c) for c in reads[directory.dataset])},"
            f" 1.0 / l.parents AS weight FROM {view} AS d JOIN (SELECT old, new, COUNT(*) OVER (PARTITION BY new)"
            f" AS parents FROM ({links}) AS m) AS l ON l.new = d.{quoted(source)}"
        )
        more = {lookup.dataset: (lookup.code, lookup.to_code)}
    union = "\nUNION ALL\n".join(
        _weight_select(postcodes, columns[located_by], name, located_by, levels) for name, located_by in shared
    )
    named = ("code", "geography", "area_code", "weight", "share")
    step = Step(
        content_name("open_share", union), "postcodes shared by the published areas and the profile's", union, named,
        keep=True,
    )  # fmt: skip
    return step, merged([{name: tuple(found) for name, found in reads.items()}, more])


def _weight_select(postcodes: str, target: str, geography: str, located_by: str, levels: Levels) -> str:
    """Add up shared postcodes, and which share they are of all postcodes of the published area."""
    code = literal(PLACE) if geography == PLACE else "a.area_code"
    match = f"area AS a ON a.geography = {literal(located_by)} AND a.area_code = s.target"
    if geography == DRAWN:
        match = f"{levels.drawn_name} AS a ON a.member = s.target"
    return (
        f"SELECT code, {literal(geography)} AS geography, area_code,"
        f" SUM(weight) AS weight, SUM(weight / whole) AS share FROM (\n"
        f"  SELECT s.code, {code} AS area_code, s.weight, s.whole FROM (\n"
        f"    SELECT code, {quoted(target)} AS target, SUM(weight) AS weight,"
        f" SUM(SUM(weight)) OVER (PARTITION BY code) AS whole\n"
        f"    FROM ({postcodes}) AS d WHERE code IS NOT NULL GROUP BY code, {quoted(target)}\n"
        f"  ) AS s JOIN {match}\n"
        f") AS p GROUP BY code, area_code"
    )


def _shared_out(figure: OpenFigure, published: str, weights: str) -> str:
    """Combine the published figures of an area: sums and counts by share, means by what they are weighted by."""
    value = _or_zero("o.number", figure)
    number, lacking = f"SUM({value} * w.share)", MISSING_FROM_SUM
    if figure.combine == "mean":
        lacking = MISSING_FROM_MEAN
        number = f"SUM({value} * w.weight) / SUM(CASE WHEN {value} IS NOT NULL THEN w.weight END)"
        if figure.weight is not None:
            number = "SUM(o.number * w.share) / SUM(o.weight * w.share)"
    missing = f"SUM(CASE WHEN {value} IS NULL THEN w.weight ELSE 0 END) <= {lacking} * SUM(w.weight)"
    return (
        f"SELECT s.span AS span, w.geography AS geography, w.area_code AS area_code,"
        f" CASE WHEN {missing} THEN CAST({number} AS DOUBLE) END AS number,"
        f" SUM(CASE WHEN w.share < {WHOLE_SHARE} THEN 1 ELSE 0 END) AS split\n"
        f"FROM {weights} AS w CROSS JOIN (SELECT DISTINCT span FROM {published}) AS s"
        f" LEFT JOIN {published} AS o ON o.code = w.code AND o.span = s.span"
        f" GROUP BY s.span, w.geography, w.area_code"
    )


def _or_zero(number: str, figure: OpenFigure) -> str:
    return f"COALESCE({number}, 0)" if figure.absent == "zero" else number
