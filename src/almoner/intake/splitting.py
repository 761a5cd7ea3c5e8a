"""Splits an accepted batch into the lake's parts: rows, one table a tier, persons, places."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from almoner.intake.identity_plan import PersonPlan
from almoner.intake.plan import LandingPlan
from almoner.kernel.tables import PERSONS, PLACES, ROWS
from almoner.registry.datasets import Dataset
from almoner.registry.layout import AS_DELIVERED, keeps_original, tier_schemas
from almoner.registry.registry import Registry
from almoner.store.catalogue import ROW_ID_SHIFT

_CHECKED = ("nhs_number", "nino", "upn", "uln", "uprn", "postcode", "phone", "email", "surname", "forename")


class Splitter:
    """Splits the batches of one delivery."""

    def __init__(self, registry: Registry, dataset: Dataset, plan: LandingPlan, number: int) -> None:
        self._dataset = dataset
        self._plan = plan
        self._base = number << ROW_ID_SHIFT
        self._schemas = tier_schemas(registry, dataset)
        self.coded = tuple(name for name, column in dataset.columns.items() if column.codes or column.type == "boolean")

    def split(self, done: pa.Table) -> dict[str, pa.Table]:
        """Give each part its rows.

        In: the plan's result, faulty rows taken out. Out: part → table; every tier has all rows in the same order.
        """
        row_id = pc.add(done.column("position"), self._base)
        done = done.append_column("row_id", row_id)
        parts: dict[str, pa.Table] = {"rows": done.select(ROWS.names).cast(ROWS)}
        for tier, schema in self._schemas.items():
            parts[tier] = done.select(schema.names).cast(schema)
        people = [self._persons(done, plan) for plan in self._plan.people]
        if people:
            parts["persons"] = pa.concat_tables(people)
        if self._plan.place is not None:
            parts["places"] = self._places(done)
        return parts

    def _persons(self, done: pa.Table, plan: PersonPlan) -> pa.Table:
        named = done.filter(done.column(plan.column("named")))
        count = named.num_rows
        columns: list[pa.ChunkedArray | pa.Array] = []
        for field in PERSONS:
            if field.name == "row_id":
                columns.append(named.column("row_id"))
            elif field.name == "slot":
                columns.append(pa.array([plan.slot.name]).take(pa.nulls(count, pa.int64()).fill_null(0)))
            elif field.name == "record_id":
                key = named.column("record_key")
                columns.append(pc.binary_join_element_wise(key, plan.slot.suffix, "") if plan.slot.suffix else key)
            elif field.name in plan.fields:
                columns.append(named.column(plan.column(field.name)).cast(field.type))
            elif field.name in ("sealed", "safety"):
                columns.append(pa.nulls(count, pa.bool_()).fill_null(False))
            else:
                columns.append(pa.nulls(count, field.type))
        return pa.table(columns, schema=PERSONS)

    def _places(self, done: pa.Table) -> pa.Table:
        assert self._plan.place is not None
        fields = self._plan.place.fields
        columns = [
            done.column("row_id")
            if field.name == "row_id"
            else done.column(f"place:{field.name}").cast(field.type)
            if field.name in fields
            else pa.nulls(done.num_rows, field.type)
            for field in PLACES
        ]
        table = pa.table(columns, schema=PLACES)
        known = pc.is_valid(pc.coalesce(*(table.column(name) for name in ("uprn", "address", "postcode"))))
        return table.filter(known)

    def quality(self, done: pa.Table) -> dict[str, int]:
        """Count what standardisation found: values read as missing, codes unknown, identifiers that can't be right."""
        found = dict(self._unread_values(done))
        for plan in self._plan.people:
            for name, column in self._identifying(plan):
                given = pc.is_valid(done.column(column))
                lost = pc.and_(given, pc.is_null(done.column(plan.column(name))))
                if count := pc.sum(pc.and_(lost, done.column(plan.column("named")))).as_py():
                    found[f"not_standard:{column}"] = count
        return found

    def _unread_values(self, done: pa.Table) -> Iterator[tuple[str, int]]:
        for name, column in self._dataset.columns.items():
            if not keeps_original(column):
                continue
            unread = pc.and_(pc.is_valid(done.column(name + AS_DELIVERED)), pc.is_null(done.column(name)))
            if count := pc.sum(unread).as_py():
                kind = "unmapped_code" if column.codes else "placeholder_date" if column.type == "date" else "unread"
                yield f"{kind}:{name}", count

    def _identifying(self, plan: PersonPlan) -> Iterator[tuple[str, str]]:
        for name, column in self._dataset.columns.items():
            if column.identifies in _CHECKED and column.identifies in plan.fields and column.person == plan.slot.name:
                yield column.identifies, name
