"""Splits an accepted batch into the lake's parts: rows, one table a tier, persons, places."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almoner.intake.identity_plan import PersonPlan
from almoner.intake.plan import LandingPlan
from almoner.intake.tallies import tally
from almoner.intake.working import ROW_ACTION, ROW_KEY, ROW_POSITION
from almoner.kernel.tables import PERSONS, PLACES, ROWS
from almoner.registry.datasets import Dataset
from almoner.registry.layout import tier_schemas
from almoner.registry.registry import Registry
from almoner.store.catalogue import ROW_ID_SHIFT


class Splitter:
    """Splits the batches of one delivery."""

    def __init__(self, registry: Registry, dataset: Dataset, plan: LandingPlan, number: int) -> None:
        self._registry = registry
        self._dataset = dataset
        self._plan = plan
        self._base = number << ROW_ID_SHIFT
        self._schemas = tier_schemas(registry, dataset)
        self._persons_schema = _told_of_people(plan)
        self.coded = tuple(name for name, column in dataset.columns.items() if column.codes or column.type == "boolean")

    def split(self, done: pa.Table) -> dict[str, pa.Table]:
        """Give each part its rows.

        In: a worked lot, faulty rows taken out. Out: part → table; every tier has all rows in the same order. Texts
        may be dictionaries where the part's schema says text.
        """
        done = done.append_column("row_id", pc.add(done.column(ROW_POSITION), self._base))
        rows = {"row_id": done.column("row_id"), "record_key": done.column(ROW_KEY), "action": done.column(ROW_ACTION)}
        parts: dict[str, pa.Table] = {"rows": _shaped(rows, ROWS)}
        for tier, schema in self._schemas.items():
            parts[tier] = _shaped(done, schema)
        if self._plan.people:
            parts["persons"] = _together([self._persons(done, plan) for plan in self._plan.people])
        if self._plan.place is not None:
            parts["places"] = self._places(done)
        return parts

    def _persons(self, done: pa.Table, plan: PersonPlan) -> pa.Table:
        named = _only(done, done.column(plan.column("named")))
        count = named.num_rows
        found: dict[str, pa.ChunkedArray | pa.Array] = {"row_id": named.column("row_id")}
        key = named.column(ROW_KEY)
        found["record_id"] = pc.binary_join_element_wise(_plain(key), plan.slot.suffix, "") if plan.slot.suffix else key
        found["slot"] = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([plan.slot.name]))
        for name in plan.fields:
            found[name] = named.column(plan.column(name))
        for name in ("sealed", "safety"):
            found.setdefault(name, pa.array(np.zeros(count, bool)))
        return _shaped(found, self._persons_schema, count)

    def _places(self, done: pa.Table) -> pa.Table:
        assert self._plan.place is not None
        found = {name: done.column(f"place:{name}") for name in self._plan.place.fields}
        telling = [found[name].is_valid() for name in ("uprn", "address", "postcode") if name in found]
        table = _shaped({"row_id": done.column("row_id"), **found}, PLACES, done.num_rows)
        return _only(table, reduce(pc.or_, telling))

    def quality(self, done: pa.Table) -> dict[str, int]:
        """Count what reading and standardising found, by column."""
        return tally(self._registry, self._dataset, self._plan, done)


def _told_of_people(plan: LandingPlan) -> pa.Schema:
    """Give the columns of persons that any slot fills: what no file holds reads as NULL."""
    told = {"row_id", "slot", "record_id", "sealed", "safety"}.union(*(person.fields for person in plan.people))
    return pa.schema([field for field in PERSONS if field.name in told])


def _together(tables: list[pa.Table]) -> pa.Table:
    """Put tables of one shape below one another; a column stays a dictionary where it is one in all of them."""
    if len(tables) == 1:
        return tables[0]
    for name in tables[0].column_names:
        if len({table.column(name).type for table in tables}) > 1:
            place = tables[0].column_names.index(name)
            tables = [table.set_column(place, name, _plain(table.column(name))) for table in tables]
    return pa.concat_tables(tables).unify_dictionaries()


def _only(table: pa.Table, wanted: pa.ChunkedArray) -> pa.Table:
    """Keep the rows that are wanted; the table itself where all are."""
    return table if pc.all(wanted).as_py() else table.filter(wanted)


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values


def _shaped(found: Mapping[str, pa.ChunkedArray | pa.Array] | pa.Table, schema: pa.Schema, count: int = 0) -> pa.Table:
    """Give the columns of a schema, NULL where they were not found; texts may stay dictionaries."""
    held = {name: found.column(name) for name in found.column_names} if isinstance(found, pa.Table) else found
    columns = {}
    for field in schema:
        values = held[field.name] if field.name in held else pa.nulls(count, field.type)
        own = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        columns[field.name] = values if own == field.type else values.cast(field.type)
    return pa.table(columns)
