"""What landing does with each row of a dataset, made from the registry: the work on each column, and how rows are put
together from it.

It never drops a row: a row that can't be accepted comes out with the number of its fault.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from almoner.intake.column_work import DELIVERED, OWN, RAW, Bench, ColumnWork, Output
from almoner.intake.identity_plan import PersonPlan, PlacePlan, person_plans, place_plan
from almoner.intake.standardise import map_codes, parse_date
from almoner.intake.standardise.codes import STANDARD_MAPPINGS
from almoner.intake.standardise.expressions import literal
from almoner.registry.datasets import Column, Dataset, Feed
from almoner.registry.layout import keeps_original
from almoner.registry.registry import Registry

_TRUE = ("Y", "YES", "TRUE", "T", "1")
_FALSE = ("N", "NO", "FALSE", "F", "0")


@dataclass(frozen=True)
class FaultKind:
    """A reason for which a row can go to quarantine: its code, the column, the words (no values)."""

    code: str
    column: str | None
    reason: str


@dataclass(frozen=True)
class LandingPlan:
    """How one dataset's rows are made.

    works: one for each column. faults: for each column that can have one, in the order in which they are looked for,
    the kinds by their number. action: None where every row is an insert.
    """

    works: tuple[ColumnWork, ...]
    faults: dict[str, tuple[FaultKind, ...]]
    key: tuple[Output, ...]
    action: Output | None
    delivered: tuple[str, ...]
    people: tuple[PersonPlan, ...]
    place: PlacePlan | None


def make_plan(registry: Registry, dataset: Dataset, feed: Feed, as_of: dt.date) -> LandingPlan:
    """Write the plan for a dataset's feed."""
    benches = {
        name: Bench(column, _typed(registry, dataset, column, as_of)) for name, column in dataset.columns.items()
    }
    faults = _all_faults(registry, dataset, feed, benches)
    delivered = [name for name, column in dataset.columns.items() if keeps_original(column)]
    for name in delivered:
        changed = f"{OWN} IS DISTINCT FROM sent" if dataset.columns[name].codes else f"{OWN} IS NULL"
        benches[name].output(DELIVERED, f"CASE WHEN {changed} THEN sent END")
    place = place_plan(dataset, benches)
    people = person_plans(dataset, benches, place)
    action = benches[feed.action.column].output("action", _action(feed)) if feed.action else None
    return LandingPlan(
        works=tuple(bench.work() for bench in benches.values()),
        faults=faults,
        key=tuple(Output(name, RAW) for name in dataset.key),
        action=action,
        delivered=tuple(delivered),
        people=tuple(people),
        place=place,
    )


def _typed(registry: Registry, dataset: Dataset, column: Column, as_of: dt.date) -> str:
    if column.codes is not None:
        return map_codes(RAW, code_mapping(registry, column.codes), keep_unmapped=_keeps_unmapped(registry, column))
    if column.type == "integer":
        return f"coalesce(try_cast({RAW} AS BIGINT), try_cast(replace({RAW}, ',', '') AS BIGINT))"
    if column.type == "decimal":
        plain = f"replace(replace({RAW}, ',', ''), '£', '')"
        return f"coalesce(try_cast({RAW} AS DOUBLE), try_cast({plain} AS DOUBLE))"
    if column.type == "boolean":
        yes, no = (", ".join(literal(word) for word in words) for words in (_TRUE, _FALSE))
        return f"CASE WHEN upper({RAW}) IN ({yes}) THEN TRUE WHEN upper({RAW}) IN ({no}) THEN FALSE END"
    if column.type in ("date", "timestamp"):
        return _dated(registry, dataset, column, as_of)
    return RAW


def _dated(registry: Registry, dataset: Dataset, column: Column, as_of: dt.date) -> str:
    formats = column.dates or dataset.format.dates
    if column.type == "timestamp":
        return "coalesce(" + ", ".join(f"try_strptime({RAW}, {literal(f)})" for f in formats) + ")"
    birth = column.identifies == "date_of_birth"
    parsed = parse_date(RAW, formats, birth=birth, as_of=as_of.isoformat())
    # Compared as text, in each declared form: cheaper than reading the date twice.
    written = {day.strftime(form) for day in registry.placeholder_dates for form in formats}
    return f"CASE WHEN {RAW} IN ({', '.join(map(literal, sorted(written)))}) THEN NULL ELSE {parsed} END"


def code_mapping(registry: Registry, name: str) -> dict[str, str | None]:
    """Give a code list as one mapping from what is delivered to what it means; None: not known."""
    declared = registry.codes[name]
    shipped = STANDARD_MAPPINGS[declared.standard] if declared.standard else {}
    own = declared.values if declared.standard else {code: code for code in declared.values}
    return {**shipped, **own, **dict.fromkeys(declared.missing)}


def _keeps_unmapped(registry: Registry, column: Column) -> bool:
    """Codes of a list without a shipped standard stand as they are: the list only explains them."""
    return registry.codes[column.codes or ""].standard is None


def _action(feed: Feed) -> str:
    """Write the action that a text names: I, U or D; NULL for any other."""
    assert feed.action is not None
    branches = [(feed.action.insert, "I"), (feed.action.update, "U"), (feed.action.delete, "D")]
    tests = " ".join(
        f"WHEN upper({RAW}) IN ({', '.join(literal(v.upper()) for v in values)}) THEN '{action}'"
        for values, action in branches
        if values
    )
    return f"CASE {tests} END"


def _all_faults(
    registry: Registry, dataset: Dataset, feed: Feed, benches: dict[str, Bench]
) -> dict[str, tuple[FaultKind, ...]]:
    """Set each column's tests; the key's faults come first, then the action's, then the others'."""
    acting = [feed.action.column] if feed.action else []
    found = {}
    for name in dict.fromkeys([*dataset.key, *acting, *dataset.columns]):
        tests = list(_faults(registry, dataset, feed, name))
        benches[name].faults(test for _, test in tests)
        if tests:
            found[name] = tuple(kind for kind, _ in tests)
    return found


def _faults(registry: Registry, dataset: Dataset, feed: Feed, name: str) -> Iterator[tuple[FaultKind, str]]:
    column = dataset.columns[name]
    if name in dataset.key:
        yield FaultKind("key_missing", name, "the key is empty: the row can't be told from others"), f"{RAW} IS NULL"
    if feed.action is not None and name == feed.action.column:
        unknown = FaultKind("unknown_action", name, "the action is none of those declared")
        yield unknown, f"({_action(feed)}) IS NULL"
    if column.required and name not in dataset.key:
        yield FaultKind("required_missing", name, "a required value is empty"), f"{RAW} IS NULL"
    if column.type == "date":
        formats = column.dates or dataset.format.dates
        parsed = parse_date(RAW, formats, birth=False, as_of="9999-12-31")
        kind = FaultKind("not_a_date", name, f"not a date of the declared form {' or '.join(formats)}")
        yield kind, f"({RAW} IS NOT NULL AND {OWN} IS NULL AND {parsed} IS NULL)"
    elif column.type != "text" and column.codes is None:
        kind = FaultKind(f"not_{column.type}", name, f"not of the declared type {column.type}")
        yield kind, f"({RAW} IS NOT NULL AND {OWN} IS NULL)"
    if column.codes is not None and registry.codes[column.codes].closed:
        known = ", ".join(literal(code.upper()) for code in ("", *code_mapping(registry, column.codes)))
        kind = FaultKind("unknown_code", name, f"the code is not in the list '{column.codes}'")
        yield kind, f"({RAW} IS NOT NULL AND upper({RAW}) NOT IN ({known}))"
