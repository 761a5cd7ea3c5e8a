"""How long it takes to erase one person from many rows, and to look at everybody's triggers in a night.

Rows come in by the real intake. The spine and linkage's memory are written as linkage would leave them, without linkage:
two records to a person. Each piece runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from almoner.kernel.tables import SPINE
from almoner.linkage.memory import MEMORY, about_table
from almoner.store.catalogue import SpineEntry, memory_part
from almoner.store.lake import Lake
from almoner.wiring.erasing import erase
from almoner.wiring.retention import falls_due, run_retention
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from bench.child import run_piece
from bench.workspace import REGISTRY, make_workspace, write_claims

DATASET = "benefits.claims"
RULE = """[retention.seven]
title = "By birth"
years = 94
counted_from = "date_of_birth"
authority = "Limitation Act 1980"
"""
OLD = REGISTRY[REGISTRY.index("[retention.seven]") : REGISTRY.index("[role.operator]")]
BLOCK = 500_000


def compare(folder: Path, rows: int, people: int) -> dict[str, Any]:
    """Measure both."""
    folder.mkdir(parents=True)
    found: dict[str, Any] = {}
    for name, count in (("erasure", rows), ("nightly", people)):
        made = run_piece("bench.retention", "make", str(folder / name), str(count))
        found[name] = {**made, **run_piece("bench.retention", name, str(folder / name), str(count))}
    return found


def make(folder: Path, rows: int) -> dict[str, Any]:
    """Take rows in and write a spine of them; nothing of this is measured."""
    root = make_workspace(folder)
    council = root / "registry" / "council.toml"
    council.write_text(REGISTRY.replace(OLD, RULE).replace('["intake", "grant"]', '["intake", "grant", "retention"]'))
    (root / "inbox").mkdir()
    write_claims(root / "inbox" / "claims_20260101.csv", rows)
    workspace, _ = open_workspace(root)
    assert not take_in(workspace, [root / "inbox"], lambda _: None).refused
    write_spine(workspace.lake)
    size = sum(path.stat().st_size for path in (root / "lake").rglob("*.parquet"))
    workspace.close()
    return {"rows": rows, "lake_megabytes": round(size / 1e6)}


def write_spine(lake: Lake) -> None:
    """Write who is who as linkage leaves it: every two records are one person's."""
    (entry,) = lake.catalogue.deliveries(DATASET)
    number = lake.catalogue.next_number()
    parts = lake.spine_parts(number)
    first = 0
    for file in entry.parts("persons"):
        for table in lake.parquet.groups(lake.folder / file.path, "identity"):
            for name, rows in _block(table, first).items():
                parts.write(name, rows, "spine")
            first += table.num_rows
    for name, schema in {**SPINE, **{memory_part(n): s for n, s in MEMORY.items()}}.items():
        if name not in _WRITTEN:
            parts.write(name, schema.empty_table(), "spine")
    parts.write(memory_part("about"), about_table(decisions=[], is_whole=True), "spine")
    parts.write(memory_part("inputs"), pa.table({"name": [DATASET], "held": ["all"]}), "spine")
    lake.catalogue.commit_spine(SpineEntry(number, parts.finish(), "bench", {}))


_WRITTEN = (
    "person_record", "person", "residence", "address",
    *(memory_part(name) for name in ("mention", "node", "edge", "block", "person_of", "text", "about")),
)  # fmt: skip


def _block(persons: pa.Table, first: int) -> dict[str, pa.Table]:
    """Make a block of each table from a block of persons."""
    n = persons.num_rows
    numbers = np.arange(first, first + n)
    person = pa.array(np.char.mod("P%012d", numbers // 2))
    home = pa.array(np.char.mod("A%012d", numbers // 2))
    even = pa.array(numbers % 2 == 0)
    named = {name: persons.column(name) for name in persons.column_names}
    told = {**named, "dataset": [DATASET] * n, "person_id": person, "address_id": home, "node": pa.array(numbers, pa.int32()),
            "mention": pa.array(numbers, pa.int32()), "text": pa.array(numbers // 2, pa.int32()), "l": pa.array(numbers, pa.int32()),
            "r": pa.array(numbers + 1, pa.int32()), "key": pa.array(numbers.astype(np.uint64)), "dob": named["date_of_birth"],
            "place": home, "is_latest": [True] * n, "times": pa.array(np.full(n, 2), pa.int32()), "record_count": pa.array(np.full(n, 2))}  # fmt: skip
    made = {}
    for name in _WRITTEN[:-1]:
        schema = SPINE.get(name) or MEMORY[name.removeprefix("memory.")]
        columns = [_column(told.get(f.name), f, n) for f in schema]
        table = pa.table(columns, schema=pa.schema([f.with_nullable(True) for f in schema]))
        once = name in ("person", "residence", "address", memory_part("edge"), memory_part("text"))
        made[name] = table.filter(even) if once else table
    return made


def _column(values: Any, field: pa.Field, count: int) -> pa.Array | pa.ChunkedArray:
    if values is None:
        return pa.nulls(count, field.type)
    return (values if isinstance(values, pa.ChunkedArray | pa.Array) else pa.array(values)).cast(field.type)


def erasure(folder: Path, rows: int) -> dict[str, Any]:
    """Erase one person of whom two rows are held."""
    workspace, _ = open_workspace(folder)
    person = f"P{rows // 4:012d}"
    started, busy = time.perf_counter(), time.process_time()
    done = erase(workspace, person, "Measuring an erasure", "BENCH-1")
    told = {
        "seconds": round(time.perf_counter() - started, 1), "cpu_seconds": round(time.process_time() - busy, 1),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2), "rows_gone": done.rows,
        "load_average": os.getloadavg()[0],
    }  # fmt: skip
    written = [file for step in done.told.values() for file in step.get("written", ())]
    return {**told, "files_written": len(written)}


def nightly(folder: Path, people: int) -> dict[str, Any]:
    """Look at everybody's triggers, and dispose of what is due."""
    workspace, _ = open_workspace(folder)
    started = time.perf_counter()
    found = falls_due(workspace)
    looked = time.perf_counter() - started
    done = run_retention(workspace, lambda _: None)
    return {
        "due_rows": sum(each.rows for each in found), "seconds_to_look": round(looked, 1),
        "seconds_to_run": round(time.perf_counter() - started - looked, 1),
        "disposed_rows": sum(each.rows for each in done),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "load_average": os.getloadavg()[0],
    }  # fmt: skip


PIECES = {"make": make, "erasure": erasure, "nightly": nightly}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(PIECES[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))) + "\n")
    sys.stdout.flush()
    os._exit(0)
