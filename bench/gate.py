"""What the gate and encryption cost: one aggregate over a million rows, three ways in turn, many times over.

The ungated path is a stub of this benchmark: the product has no setting that opens it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from almoner.kernel.steps import Step
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from bench.workspace import make_workspace, write_claims

ROUNDS = 15
SQL = "SELECT dependants, status, count(*) AS claims, sum(income) AS income FROM {view} GROUP BY dependants, status"
COLUMNS = ("dependants", "status", "claims", "income")


def compare(folder: Path, rows: int) -> dict[str, Any]:
    """Time the gate, the same encrypted scan without it, and a plain Parquet scan, alternating."""
    file = folder / "gate" / "inbox" / "claims_20260331.csv"
    file.parent.mkdir(parents=True)
    write_claims(file, rows)
    workspace, _ = open_workspace(make_workspace(folder / "gate" / "w"))
    take_in(workspace, [file.parent], lambda _text: None)
    permit = workspace.permits.standing(workspace.actor, "planning", "benchmark")
    step = Step("claims", "Claims by dependants and status", SQL.format(view='"benefits.claims"'), COLUMNS)
    reads = {"benefits.claims": ("dependants", "status", "income")}
    dataset = workspace.registry.dataset("benefits.claims")
    entries = workspace.lake.catalogue.deliveries(dataset.full_name)
    plain_file = folder / "gate" / "plain.parquet"
    encrypted = workspace.lake.part(entries, "general", dataset)
    pq.write_table(encrypted.to_table(), plain_file, compression="snappy", row_group_size=122_880)
    ways: dict[str, Callable[[], int]] = {
        "gate": lambda: workspace.gate.run(permit, [step], reads).count(),
        "ungated_encrypted": lambda: _scan(workspace.lake.part(entries, "general", dataset)),
        "plain_parquet": lambda: _scan(ds.dataset(plain_file)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    return {
        "rows": rows,
        **{f"{name}_milliseconds": round(value * 1000, 1) for name, value in middle.items()},
        "gate_overhead_percent": round((middle["gate"] / middle["ungated_encrypted"] - 1) * 100, 1),
        "encryption_overhead_percent": round((middle["ungated_encrypted"] / middle["plain_parquet"] - 1) * 100, 1),
    }


_CONNECTION = duckdb.connect(config={"threads": 2})


def _scan(data: Any) -> int:
    cursor = _CONNECTION.cursor()
    cursor.register("claims", data)
    return len(cursor.sql(SQL.format(view="claims")).fetchall())
