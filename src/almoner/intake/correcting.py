"""Reads one corrected value as intake would have read it, and says which standardised fields follow from it.

A correction passes the same plan as a delivery, so that what it leads to can't differ from what the source would have
led to, had it sent the value itself. Nothing is written here, and no value stands in an error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from almoner.intake.identity_plan import columns_of, slots_of
from almoner.intake.plan import LandingPlan, code_mapping, make_plan
from almoner.intake.working import Workshop
from almoner.kernel.errors import UsageError
from almoner.registry.datasets import Column, Dataset
from almoner.registry.registry import Registry
from almoner.store.engine import Engine

_DAYS = {"date_of_birth": "date_of_birth", "date_of_death": "dead_on"}
Field = tuple[str, str]
"""(slot, field); the slot is '' for the row's place."""


@dataclass(frozen=True)
class Corrected:
    """A value as it is kept, and the fields that change with it: what each was and is now. None is no value."""

    value: str | None
    fields: Mapping[Field, tuple[str | None, str | None]]


def read_corrected(
    registry: Registry,
    engine: Engine,
    dataset: Dataset,
    column: Column,
    row: Mapping[str, str | None],
    typed: str,
    today: dt.date,
) -> Corrected:
    """Read what is typed as the value of a column, in a row that holds these texts.

    In: row = column → text as it is held; typed = '' for no value. Raises: UsageError where it can't be the value.
    """
    text = typed.strip() or None
    if text is None and column.required:
        raise _refused(column, "every record has to have a value there")
    if column.type in ("date", "timestamp"):
        value = None if text is None else _day(column, text)
        return Corrected(value, _days_changed(dataset, column, row.get(column.name), value))
    plan = make_plan(registry, dataset, dataset.feeds[0], today)
    texts = {name: value for name, value in row.items() if dataset.columns[name].type == "text"}
    before, after = _worked(engine, dataset, plan, [texts, {**texts, column.name: text}])
    value = _plain(after["own"].get(column.name))
    if text is not None and value is None:
        raise _refused(column, f"it is no {column.type}" if column.codes is None else "no code list knows it")
    if text is not None and column.codes is not None and value not in code_mapping(registry, column.codes).values():
        raise _refused(column, "it is no code of its list")
    changed = {
        name: (before["fields"].get(name), new)
        for name, new in after["fields"].items()
        if new != before["fields"].get(name)
    }
    return Corrected(value, changed)


def _worked(
    engine: Engine, dataset: Dataset, plan: LandingPlan, rows: list[dict[str, str | None]]
) -> list[dict[str, dict[Any, Any]]]:
    """Work rows as a lot of their own. Out: of each, the columns as typed, and every standardised field."""
    sent = {
        column.source_name: pa.array([row.get(name) for row in rows], pa.string())
        for name, column in dataset.columns.items()
    }
    with Workshop(engine) as workshop:
        done = workshop.start(plan).lot(pa.table(sent), np.arange(1, len(rows) + 1))
    found: list[dict[str, dict[Any, Any]]] = []
    for number in range(len(rows)):
        own = {name: done.column(name)[number].as_py() for name in dataset.columns}
        fields: dict[Field, str | None] = {}
        for person in plan.people:
            for name in person.fields:
                fields[person.slot.name, name] = _plain(done.column(person.column(name))[number].as_py())
        for name in plan.place.fields if plan.place else ():
            fields["", name] = _plain(done.column(f"place:{name}")[number].as_py())
        found.append({"own": own, "fields": fields})
    return found


def _days_changed(
    dataset: Dataset, column: Column, was: str | None, now: str | None
) -> dict[Field, tuple[str | None, str | None]]:
    """Name the fields that are a day of the row itself."""
    changed: dict[Field, tuple[str | None, str | None]] = {}
    for slot in slots_of(dataset):
        names = [name for name in ("starts_on", "ends_on", "event_on") if getattr(slot, name) == column.name]
        for kind, name in _DAYS.items():
            if (mine := columns_of(dataset, slot).get(kind)) is not None and mine.name == column.name:
                names.append(name)
        changed.update({(slot.name, name): (_bare_day(was), _bare_day(now)) for name in names})
    return changed


def _bare_day(text: str | None) -> str | None:
    return None if text is None else text[:10]


def _day(column: Column, text: str) -> str:
    try:
        if column.type == "date":
            return dt.date.fromisoformat(text).isoformat()
        return dt.datetime.fromisoformat(text).replace(tzinfo=None).isoformat(sep=" ")
    except ValueError:
        raise _refused(column, "it is no day; write it as 2026-03-03") from None


def _plain(value: Any) -> str | None:
    """Write a value as the engine writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _refused(column: Column, because: str) -> UsageError:
    return UsageError(
        f"This can't be the value of '{column.name}': {because}.",
        why="A correction has to be what the source itself could have sent.",
        todo="Look the column up in its registry file, and give the value in its form.",
    )
