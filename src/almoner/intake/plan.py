"""The SQL with which every batch of a dataset is read, checked and standardised: one SELECT, made from the registry.

It never drops a row: a row that can't be accepted comes out with the number of its fault.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from almoner.intake.identity_plan import PersonPlan, PlacePlan, person_plans, place_plan
from almoner.intake.standardise import map_codes, parse_date
from almoner.intake.standardise.codes import STANDARD_MAPPINGS
from almoner.intake.standardise.expressions import literal
from almoner.intake.standardise.staging import select_staged
from almoner.registry.datasets import Column, Dataset, Feed
from almoner.registry.layout import AS_DELIVERED, keeps_original
from almoner.registry.registry import Registry
from almoner.store.engine import quoted

RAW = "batch"
"""The view that holds a batch: one text column per source column, trimmed, and `position`."""

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
    """How one dataset's batches are read.

    sql: gives position, record_key, action, fault (index into `faults`, or NULL), key_hash, content_hash, the typed
    columns, their text as delivered, and `p<n>:<field>` and `place:<field>` for standardised identity.
    """

    sql: str
    faults: tuple[FaultKind, ...]
    people: tuple[PersonPlan, ...]
    place: PlacePlan | None


def make_plan(registry: Registry, dataset: Dataset, feed: Feed, as_of: dt.date) -> LandingPlan:
    """Write the plan for a dataset's feed."""
    typed = {name: _typed(registry, dataset, column, as_of) for name, column in dataset.columns.items()}
    faults, tests = [], []
    for fault, test in _faults(registry, dataset, feed):
        faults.append(fault)
        tests.append(f"WHEN {test} THEN {len(faults) - 1}")
    people = person_plans(dataset, as_of, registry)
    place = place_plan(dataset)
    raw = _raw_columns(dataset)
    typed_columns = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in typed.items())
    raw_again = ", ".join(quoted(name) for name in _read_names(dataset))
    relation = f"(SELECT position, {raw_again}, {typed_columns} FROM (SELECT position, {raw} FROM {RAW}))"
    if place is not None:
        relation = f"({select_staged(relation, {**_as_they_are(dataset), **place.selected()}, place.staged)})"
    outputs = {
        "position": "position",
        "record_key": _key(dataset),
        "action": _action(feed),
        "fault": f"CASE {' '.join(tests)} ELSE NULL END" if tests else "CAST(NULL AS INTEGER)",
        "key_hash": f"hash({_key(dataset)})",
        "content_hash": f"hash({', '.join(_sent(column) for column in dataset.columns.values())})",
        **dict(_own_columns(dataset)),
        **{name: quoted(name) for name in (place.selected() if place else ())},
    }
    for plan in people:
        outputs.update(plan.selected())
    sql = select_staged(relation, outputs, [work for plan in people for work in plan.staged])
    return LandingPlan(sql, tuple(faults), tuple(people), place)


def _as_they_are(dataset: Dataset) -> dict[str, str]:
    names = ["position", *_read_names(dataset), *dataset.columns]
    return {name: quoted(name) for name in names}


def _raw_columns(dataset: Dataset) -> str:
    """Name each value as it is read; values that say 'not given' become NULL, and are kept as sent beside it."""
    shown = []
    for column in dataset.columns.values():
        text = quoted(column.source_name)
        if column.missing:
            values = ", ".join(literal(value.upper()) for value in column.missing)
            shown.append(f"{text} AS {quoted('sent:' + column.name)}")
            text = f"CASE WHEN upper({text}) IN ({values}) THEN NULL ELSE {text} END"
        shown.append(f"{text} AS {quoted('raw:' + column.name)}")
    return ", ".join(shown)


def _read_names(dataset: Dataset) -> list[str]:
    """List the columns that hold text as read: 'raw:<column>', and 'sent:<column>' where that can differ."""
    sent = ["sent:" + column.name for column in dataset.columns.values() if column.missing]
    return [*("raw:" + name for name in dataset.columns), *sent]


def _sent(column: Column) -> str:
    return quoted(("sent:" if column.missing else "raw:") + column.name)


def _own_columns(dataset: Dataset) -> Iterator[tuple[str, str]]:
    for name, column in dataset.columns.items():
        yield name, quoted(name)
        if keeps_original(column):
            sent, own = _sent(column), quoted(name)
            changed = f"{own} IS DISTINCT FROM {sent}" if column.codes else f"{own} IS NULL"
            yield name + AS_DELIVERED, f"CASE WHEN {changed} THEN {sent} END"


def _typed(registry: Registry, dataset: Dataset, column: Column, as_of: dt.date) -> str:
    raw = quoted("raw:" + column.name)
    if column.codes is not None:
        return map_codes(raw, code_mapping(registry, column.codes), keep_unmapped=_keeps_unmapped(registry, column))
    if column.type == "integer":
        return f"coalesce(try_cast({raw} AS BIGINT), try_cast(replace({raw}, ',', '') AS BIGINT))"
    if column.type == "decimal":
        plain = f"replace(replace({raw}, ',', ''), '£', '')"
        return f"coalesce(try_cast({raw} AS DOUBLE), try_cast({plain} AS DOUBLE))"
    if column.type == "boolean":
        yes, no = (", ".join(literal(word) for word in words) for words in (_TRUE, _FALSE))
        return f"CASE WHEN upper({raw}) IN ({yes}) THEN TRUE WHEN upper({raw}) IN ({no}) THEN FALSE END"
    if column.type in ("date", "timestamp"):
        return _dated(registry, dataset, column, as_of)
    return raw


def _dated(registry: Registry, dataset: Dataset, column: Column, as_of: dt.date) -> str:
    raw = quoted("raw:" + column.name)
    formats = column.dates or dataset.format.dates
    if column.type == "timestamp":
        return "coalesce(" + ", ".join(f"try_strptime({raw}, {literal(f)})" for f in formats) + ")"
    birth = column.identifies == "date_of_birth"
    parsed = parse_date(raw, formats, birth=birth, as_of=as_of.isoformat())
    # Compared as text, in each declared form: cheaper than reading the date twice.
    written = {day.strftime(form) for day in registry.placeholder_dates for form in formats}
    return f"CASE WHEN {raw} IN ({', '.join(map(literal, sorted(written)))}) THEN NULL ELSE {parsed} END"


def code_mapping(registry: Registry, name: str) -> dict[str, str | None]:
    """Give a code list as one mapping from what is delivered to what it means; None: not known."""
    declared = registry.codes[name]
    shipped = STANDARD_MAPPINGS[declared.standard] if declared.standard else {}
    own = declared.values if declared.standard else {code: code for code in declared.values}
    return {**shipped, **own, **dict.fromkeys(declared.missing)}


def _keeps_unmapped(registry: Registry, column: Column) -> bool:
    """Codes of a list without a shipped standard stand as they are: the list only explains them."""
    return registry.codes[column.codes or ""].standard is None


def _key(dataset: Dataset) -> str:
    parts = [quoted("raw:" + name) for name in dataset.key]
    if not parts:
        return "CAST(position AS VARCHAR)"  # no key: each row stands for itself
    return parts[0] if len(parts) == 1 else "concat_ws('/', " + ", ".join(parts) + ")"


def _action(feed: Feed) -> str:
    if feed.action is None:
        return "'I'"
    raw = quoted("raw:" + feed.action.column)
    branches = [(feed.action.insert, "I"), (feed.action.update, "U"), (feed.action.delete, "D")]
    tests = " ".join(
        f"WHEN upper({raw}) IN ({', '.join(literal(v.upper()) for v in values)}) THEN '{action}'"
        for values, action in branches
        if values
    )
    return f"CASE {tests} END"


def _faults(registry: Registry, dataset: Dataset, feed: Feed) -> Iterator[tuple[FaultKind, str]]:
    for name in dataset.key:
        yield (
            FaultKind("key_missing", name, "the key is empty: the row can't be told from others"),
            (f"{quoted('raw:' + name)} IS NULL"),
        )
    if feed.action is not None:
        yield (
            FaultKind("unknown_action", feed.action.column, "the action is none of those declared"),
            f"({_action(feed)}) IS NULL",
        )
    for name, column in dataset.columns.items():
        raw, own = quoted("raw:" + name), quoted(name)
        if column.required and name not in dataset.key:
            yield FaultKind("required_missing", name, "a required value is empty"), f"{raw} IS NULL"
        if column.type == "date":
            formats = " or ".join(column.dates or dataset.format.dates)
            parsed = parse_date(raw, column.dates or dataset.format.dates, birth=False, as_of="9999-12-31")
            yield (
                FaultKind("not_a_date", name, f"not a date of the declared form {formats}"),
                f"({raw} IS NOT NULL AND {own} IS NULL AND {parsed} IS NULL)",
            )
        elif column.type != "text" and column.codes is None:
            yield (
                FaultKind(f"not_{column.type}", name, f"not of the declared type {column.type}"),
                f"({raw} IS NOT NULL AND {own} IS NULL)",
            )
        if column.codes is not None and registry.codes[column.codes].closed:
            known = ", ".join(literal(code.upper()) for code in ("", *code_mapping(registry, column.codes)))
            yield (
                FaultKind("unknown_code", name, f"the code is not in the list '{column.codes}'"),
                f"({raw} IS NOT NULL AND upper({raw}) NOT IN ({known}))",
            )
