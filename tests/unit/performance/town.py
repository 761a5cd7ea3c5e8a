"""A small invented town and a stand-in for the gate under a permit for aggregates: what measures may read.

Everything that is run has to pass the gate's own rule for aggregates, unless the permit sees records.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from almoner.governance.aggregation import check_aggregate
from almoner.kernel.errors import AccessRefused
from almoner.kernel.steps import Step
from almoner.registry.performance import BenchmarkGroup, Measure
from almoner.registry.registry import Registry

AS_OF = dt.date(2026, 4, 30)
Row = dict[str, Any]
WARDS = {"W1": "Ash", "W2": "Birch", "W3": "Cedar"}

_TYPES = {
    "person_ref": pa.string(), "household_ref": pa.string(), "age": pa.int32(), "sex": pa.string(),
    "dataset": pa.string(), "service": pa.string(), "detail": pa.string(), "kind": pa.string(), "name": pa.string(),
    "value": pa.string(), "quantity": pa.float64(), "starts_on": pa.date32(), "ends_on": pa.date32(),
    "as_of": pa.date32(), "happened_on": pa.date32(), "row_id": pa.int64(),
}  # fmt: skip
COLUMNS = {
    "spine.resident": ("person_ref", "household_ref", "age", "sex", "ward_code"),
    "fact.involvement": ("person_ref", "dataset", "service", "detail", "starts_on", "ends_on", "as_of", "row_id"),
    "fact.event": (
        "person_ref",
        "dataset",
        "kind",
        "detail",
        "quantity",
        "happened_on",
        "as_of",
        "row_id",
        "ward_code",
    ),
    "fact.attribute": ("person_ref", "dataset", "name", "value", "as_of", "ward_code"),
    "open_data.wards": ("code", "name", "geometry"),
    "open_data.benchmarks": ("council", "period", "value", "lower", "upper"),
}


@dataclass
class Town:
    """Rows by view. sees_records: the permit gives rows; refused: views that it does not give at all."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    sees_records: bool = False
    refused: frozenset[str] = frozenset()

    def run(self, steps: Sequence[Step], reads: Mapping[str, tuple[str, ...]]) -> Any:
        """Run steps over what they say they read."""
        if not self.sees_records:
            check_aggregate(steps)
        engine = duckdb.connect(":memory:")
        for view, columns in reads.items():
            if view in self.refused:
                raise AccessRefused(f"'{view}' is not permitted for this purpose.")
            unknown = set(columns) - set(COLUMNS[view])
            assert not unknown, f"{view} has no {unknown}"
            engine.register("rows", self._table(view, columns))
            engine.execute(f'CREATE TABLE "{view}" AS SELECT * FROM rows')
        for step in steps:
            engine.execute(f'CREATE TEMP VIEW "{step.name}" AS {step.sql}')
            got = [row[0] for row in engine.execute(f'DESCRIBE "{step.name}"').fetchall()]
            assert tuple(got) == step.columns, f"step {step.name} gives {got}"
        table = engine.sql(f'SELECT * FROM "{steps[-1].name}"').to_arrow_table()
        return _Rows(table)

    def _table(self, view: str, columns: Sequence[str]) -> pa.Table:
        number = pa.float64() if view == "open_data.benchmarks" else pa.string()
        kinds = {**_TYPES, **({"value": number, "lower": number, "upper": number} if number == pa.float64() else {})}
        rows = self.rows.get(view, [])
        return pa.table(
            {name: pa.array([row.get(name) for row in rows], type=kinds.get(name, pa.string())) for name in columns}
        )


@dataclass
class _Rows:
    table: pa.Table

    def to_arrow(self) -> pa.Table:
        return self.table


def town(**rows: list[Row]) -> Town:
    """Make a town of 300 residents in three wards, with rows of facts: event=…, involvement=…"""
    residents = [
        {
            "person_ref": f"P{n:04d}", "household_ref": f"H{n // 3}", "age": 5 + n % 80,
            "sex": "F" if n % 2 else "M", "ward_code": ("W1", "W2", "W3")[n % 3],
        }
        for n in range(300)
    ]  # fmt: skip
    made = {
        "spine.resident": residents,
        "open_data.wards": [{"code": code, "name": name} for code, name in WARDS.items()],
    }
    names = {"event": "fact.event", "involvement": "fact.involvement", "attribute": "fact.attribute"}
    for kind, listed in rows.items():
        made[names.get(kind, f"open_data.{kind}")] = [
            {"dataset": "services.calls", "row_id": number, **row} for number, row in enumerate(listed)
        ]
    return Town(made)


def calls(numbers: Mapping[str, int], kind: str = "Call", **more: Any) -> list[Row]:
    """Make so many events in each month ('2026-03'), spread over people and wards."""
    found = []
    for month, number in numbers.items():
        first = dt.date.fromisoformat(f"{month}-01")
        for n in range(number):
            found.append(
                {
                    "kind": kind, "happened_on": first + dt.timedelta(days=n % 28), "person_ref": f"P{n % 300:04d}",
                    "ward_code": ("W1", "W2", "W3")[n % 3], **more,
                }
            )  # fmt: skip
    return found


def months(first: str, *numbers: int) -> dict[str, int]:
    """Name successive months, each with its number."""
    year, month = map(int, first.split("-"))
    return {
        f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02d}": number for n, number in enumerate(numbers)
    }


def measure(**declared: Any) -> Measure:
    """Declare a measure with the least that one needs: calls, every month."""
    base: Row = {
        "name": "calls", "title": "Calls", "topic": "Calls", "unit": "count", "definition": "Calls in the month.",
        "owner": "Head of Calls", "serves": "Calls Act 2020 s1", "periods": 12,
    }  # fmt: skip
    if "duration" not in declared:
        base["numerator"] = {"fact": "event", "names": ["Call"]}
    return Measure.model_validate({**base, **declared})


def registry(*measures: Measure, group: BenchmarkGroup | None = None) -> Registry:
    """Make the registry of the town."""
    wards = {"dataset": "open_data.wards", "code": "code", "area_name": "name", "geometry": "geometry"}
    column = {"category": "open"}

    def opened(name: str) -> Row:
        return {
            "name": name, "source": "open_data", "title": name.title(), "files": f"{name}.csv", "open": True,
            "format": {"csv": {}}, "key": ["code"],
            "columns": {c: {"name": c, "from": c, **column} for c in COLUMNS[f"open_data.{name}"]},
        }  # fmt: skip

    kinds = ("Call", "Other call", "Call answered", "Request", "Answer")
    facts = [{"event": {"kind": kind, "on": "day"}} for kind in kinds]
    facts += [{"involvement": {"person": "caller", "service": "Support"}}]
    columns = {name: {"name": name, "from": name, **column} for name in ("id", "day")}
    dataset = {
        "name": "calls", "source": "services", "title": "Calls", "files": "calls.csv", "format": {"csv": {}},
        "key": ["id"], "columns": columns, "facts": facts, "caveats": "Only answered calls are kept.",
    }  # fmt: skip
    source = {"organisation": "council", "owner": "x", "agreement": "x", "retention": "x"}
    return Registry.model_validate(
        {
            "controller": {"title": "Town Council", "service": "Research", "address": "Hall", "place": "The Town"},
            "data_protection_officer": {"title": "DPO", "email": "dpo@example.org"},
            "category": {}, "lawful_basis": {}, "purpose": {}, "retention": {}, "role": {},
            "geography": {
                "ward": {"name": "ward", "title": "Ward", "plural": "Wards", "postcode_column": "ward_code",
                         "boundaries": wards},
            },
            "cut": {
                "sex": {"name": "sex", "title": "Sex", "of": "sex", "codes": {"F": "Women", "M": "Men"}},
                "age": {"name": "age", "title": "Age", "of": "age", "bands": ["0-17", "18-120"]},
            },
            "measure": {each.name: each.model_dump() | {"name": each.name} for each in measures},
            "benchmark_group": {} if group is None else {"near": group.model_dump() | {"name": "near"}},
            "source": {
                "services": {"name": "services", "title": "Services", **source, "datasets": {"calls": dataset}},
                "open_data": {"name": "open_data", "title": "Open", **source,
                              "datasets": {name: opened(name) for name in ("wards", "benchmarks")}},
            },
        }
    )  # fmt: skip
