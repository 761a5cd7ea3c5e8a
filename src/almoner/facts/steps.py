"""Writes the SQL of each kind of fact from the datasets' declarations. Deals with no source by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from almoner.facts.conditions import where_sql
from almoner.governance.reads import told_of_places
from almoner.intake.standardise.expressions import literal
from almoner.kernel.steps import Step
from almoner.registry.datasets import PLACE, Dataset, Event, Fact, Where
from almoner.registry.registry import Registry

KINDS = ("involvement", "event", "attribute", "residence")
"""Relationships are not read here: linkage resolves both ends and keeps them in the spine."""

Access = Mapping[str, Sequence[str]]
"""Dataset → columns that the permit gives."""


@dataclass
class FactQuery:
    """A step that gives a kind of fact, and what it reads."""

    step: Step
    reads: dict[str, set[str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """Facts whose columns the permit does not give: 'source.dataset: column'."""
    reference: str = "VARCHAR"
    """The type of what stands for a person."""


_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "involvement": (
        ("dataset", "VARCHAR"), ("service", "VARCHAR"), ("detail", "VARCHAR"),
        ("starts_on", "DATE"), ("ends_on", "DATE"), ("as_of", "DATE"), ("professional", "VARCHAR"),
        ("row_id", "BIGINT"), ("match_probability", "DOUBLE"),
    ),
    "event": (
        ("dataset", "VARCHAR"), ("kind", "VARCHAR"), ("detail", "VARCHAR"),
        ("quantity", "DOUBLE"), ("happened_on", "DATE"), ("as_of", "DATE"), ("row_id", "BIGINT"),
        ("match_probability", "DOUBLE"),
    ),
    "attribute": (
        ("dataset", "VARCHAR"), ("name", "VARCHAR"), ("value", "VARCHAR"),
        ("as_of", "DATE"), ("row_id", "BIGINT"), ("match_probability", "DOUBLE"),
    ),
    "residence": (
        ("dataset", "VARCHAR"), ("starts_on", "DATE"), ("ends_on", "DATE"),
        ("as_of", "DATE"), ("row_id", "BIGINT"), ("match_probability", "DOUBLE"),
    ),
}  # fmt: skip

PLACED = ("event", "attribute")
"""Kinds that carry the areas of their place."""


def fact_query(
    registry: Registry, kind: str, access: Access, *, reference: str = "VARCHAR", areas: bool = True
) -> FactQuery:
    """Write the step 'fact.<kind>' over everything that may be read.

    In: reference: the type of person_ref; areas: with the areas of its place.
    """
    placed = areas and kind in PLACED
    areas_of = [geography.postcode_column for geography in registry.geography.values()] if placed else []
    query = FactQuery(Step(f"fact.{kind}", "", "", ()), reference=reference)
    selects = [
        sql
        for dataset in registry.datasets()
        for fact in dataset.facts
        if getattr(fact, kind) is not None
        for sql in _select(dataset, fact, kind, access, areas_of, query)
    ]
    columns = [("person_ref", reference), *_COLUMNS[kind], *((area, "VARCHAR") for area in areas_of)]
    empty = "SELECT " + ", ".join(f'CAST(NULL AS {sql}) AS "{name}"' for name, sql in columns) + " WHERE FALSE"
    query.step = Step(
        f"fact.{kind}",
        f"Every {kind} that the declared datasets hold and the permit gives",
        " UNION ALL ".join([empty, *selects]),
        tuple(name for name, _ in columns),
        keep=True,
    )
    if selects:
        query.reads.setdefault("spine.link", set())
    return query


def home_query(registry: Registry, access: Access) -> FactQuery:
    """Write the step of everything that the declared datasets state of where a permit's people live, about nobody.

    Out: dataset, kind ('event' or 'attribute'), what, detail, happened_on, as_of.
    """
    query, selects = FactQuery(Step("at_home", "What is stated of the place itself", "", ())), []
    for dataset in registry.datasets():
        told = told_of_places(registry, dataset) & set(access.get(dataset.full_name, ()))
        for part in (each.event or each.attribute for each in dataset.facts):
            if part is None or getattr(part, "person", None) or getattr(part, "of", PLACE) != PLACE:
                continue
            kind = "event" if isinstance(part, Event) else "attribute"
            needed, extra = _columns_of(kind, part)
            if needed - told:
                query.left_out.append(f"{dataset.full_name}: not permitted")
                continue
            used = needed | (extra & told)
            query.reads.setdefault(f"home:{dataset.full_name}", set()).update(used)
            where = where_sql([*part.where, *_not_null(kind, part)])
            selects.append(
                f"""SELECT '{dataset.full_name}' AS dataset, '{kind}' AS kind, {_told(dataset, kind, part, used)}
                    FROM "home:{dataset.full_name}" AS d{where}"""
            )
    columns = ("dataset", "kind", "what", "detail", "happened_on", "as_of")
    query.step = Step("at_home", "What is stated of the place itself", " UNION ALL ".join(selects), columns)
    return query


def _told(dataset: Dataset, kind: str, part: Any, used: set[str]) -> str:
    if kind == "event":
        what, detail, _, on, as_of, _ = _event(dataset, part, used)
    else:
        (what, detail, as_of, _), on = _attribute(dataset, part, used), "CAST(NULL AS DATE)"
    return f"{what} AS what, {detail} AS detail, {on} AS happened_on, {as_of} AS as_of"


def _select(
    dataset: Dataset, fact: Fact, kind: str, access: Access, areas: Sequence[str], query: FactQuery
) -> Iterator[str]:
    given = access.get(dataset.full_name)
    part: Any = getattr(fact, kind)
    if given is None:
        query.left_out.append(f"{dataset.full_name}: not permitted")
        return
    needed, extra = _columns_of(kind, part)
    missing = sorted(needed - set(given))
    if missing:
        query.left_out.append(f"{dataset.full_name}: {', '.join(missing)} not permitted")
        return
    used = needed | (extra & set(given))
    query.reads.setdefault(dataset.full_name, set()).update(used)
    person = getattr(part, "person", None) or getattr(part, "of", None)
    about_place = person in (None, PLACE)
    joins = [] if about_place else [_link("l", dataset, str(person))]
    if areas:
        joins.extend(_area_joins(dataset, about_place=about_place, query=query))
    values = _VALUES[kind](dataset, part, used)
    shown = [f"CAST(NULL AS {query.reference})" if about_place else "l.person_ref", f"'{dataset.full_name}'", *values]
    shown.append("CAST(NULL AS DOUBLE)" if about_place else "l.match_probability")
    shown.extend(_area(dataset, area, about_place=about_place) for area in areas)
    where = where_sql([*part.where, *_not_null(kind, part)])
    yield f'SELECT {", ".join(shown)} FROM "{dataset.full_name}" AS d {" ".join(joins)}{where}'


def _columns_of(kind: str, part: Any) -> tuple[set[str], set[str]]:
    """Name the columns without which the fact says nothing, and those that only add to it."""
    needed = {condition.column for condition in part.where}
    extra = {
        getattr(part, name) for name in ("detail", "professional", "quantity", "since") if getattr(part, name, None)
    }
    for name in ("starts", "ends"):
        if getattr(part, name, None):
            extra.add(getattr(part, name))
    if kind == "event":
        needed.add(part.on)
    if kind == "attribute":
        needed.add(part.value)
        if part.as_of != "delivery":
            needed.add(part.as_of)
    return needed, extra


def _link(alias: str, dataset: Dataset, slot: str) -> str:
    return (
        f"JOIN \"spine.link\" AS {alias} ON {alias}.row_id = d.row_id AND {alias}.slot = '{slot}'"
        f" AND {alias}.dataset = '{dataset.full_name}'"
    )


def _has_place(dataset: Dataset) -> bool:
    return any(
        column.identifies in ("uprn", "address", "postcode") and column.person in (None, PLACE)
        for column in dataset.columns.values()
    )


def _area_joins(dataset: Dataset, *, about_place: bool, query: FactQuery) -> Iterator[str]:
    if _has_place(dataset):
        query.reads.setdefault(f"places:{dataset.full_name}", set())
        yield f'LEFT JOIN "places:{dataset.full_name}" AS pl ON pl.row_id = d.row_id'
    if not about_place:
        query.reads.setdefault("spine.resident", set())
        yield 'LEFT JOIN "spine.resident" AS r ON r.person_ref = l.person_ref'


def _area(dataset: Dataset, area: str, *, about_place: bool) -> str:
    options = ([f'pl."{area}"'] if _has_place(dataset) else []) + ([] if about_place else [f'r."{area}"'])
    return f"coalesce({', '.join(options)})" if options else "CAST(NULL AS VARCHAR)"


def _text(column: str | None, used: set[str]) -> str:
    return f'CAST(d."{column}" AS VARCHAR)' if column in used else "CAST(NULL AS VARCHAR)"


def _day(column: str | None, used: set[str]) -> str:
    return f'CAST(d."{column}" AS DATE)' if column in used else "CAST(NULL AS DATE)"


def _involvement(dataset: Dataset, part: Any, used: set[str]) -> list[str]:
    return [
        literal(part.service), _text(part.detail, used), _day(part.starts, used), _day(part.ends, used), "d.as_of",
        _text(part.professional, used), "d.row_id",
    ]  # fmt: skip


def _event(dataset: Dataset, part: Any, used: set[str]) -> list[str]:
    quantity = f'CAST(d."{part.quantity}" AS DOUBLE)' if part.quantity in used else "CAST(1 AS DOUBLE)"
    if part.since is not None:
        # Without the day on which it began nobody knows how long it took: that is not a day, nor none.
        took = f"DATE_DIFF('day', {_day(part.since, used)}, {_day(part.on, used)})"
        quantity = f"CAST({took} AS DOUBLE)" if part.since in used else "CAST(NULL AS DOUBLE)"
    return [literal(part.kind), _text(part.detail, used), quantity, _day(part.on, used), "d.as_of", "d.row_id"]


def _attribute(dataset: Dataset, part: Any, used: set[str]) -> list[str]:
    as_of = "d.as_of" if part.as_of == "delivery" else _day(part.as_of, used)
    return [literal(part.name), _text(part.value, used), as_of, "d.row_id"]


def _residence(dataset: Dataset, part: Any, used: set[str]) -> list[str]:
    return [_day(part.starts, used), _day(part.ends, used), "d.as_of", "d.row_id"]


_VALUES: dict[str, Callable[[Dataset, Any, set[str]], list[str]]] = {
    "involvement": _involvement,
    "event": _event,
    "attribute": _attribute,
    "residence": _residence,
}


def _not_null(kind: str, part: Any) -> list[Where]:
    column = {"event": "on", "attribute": "value"}.get(kind)
    return [Where(column=getattr(part, column), filled=True)] if column else []
