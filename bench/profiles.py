"""All profiles of a city through the gate, against the same figures in hand-written SQL.

The lake is written directly: residents with homes, and facts as deliveries of datasets of ordinary shape. The SQL is
what an analyst would write for these figures with DuckDB: one pass for each kind of fact, over plain Parquet files and
over the same encrypted files. Both count; protection and pages come on top and are timed by themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from almoner.counting.areas import read_areas
from almoner.facts import run_with_facts
from almoner.profiles.build import build_profiles
from almoner.profiles.steps import asked_of, levels_of
from almoner.profiles.tallies import Tallies
from almoner.wiring.workspace import Workspace
from bench.profiles_data import AS_OF, DATASETS, PLACED, make_city
from bench.profiles_sql import by_hand

ROUNDS = 3


def compare(folder: Path, people: int, facts: int) -> dict[str, Any]:
    """Time both, in turn. Out: seconds and ratios; whether the numbers are the same."""
    workspace = make_city(folder, people, facts)
    plain = _plain_copies(workspace, folder / "plain")
    encrypted = _encrypted(workspace)
    found: dict[str, Any] = {"people": people, "facts": facts, "indicators": len(workspace.registry.indicator)}
    ways: dict[str, Callable[[], Any]] = {
        "gate": lambda: _count(workspace),
        "sql_on_plain_parquet": lambda: by_hand(_connection(plain)),
        "sql_on_encrypted_scan": lambda: by_hand(_connection(encrypted)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    results: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started, before = time.perf_counter(), time.process_time()
            results[name] = way()
            seconds[name].append(time.perf_counter() - started)
            processor[name].append(time.process_time() - before)
    best = {name: min(times) for name, times in seconds.items()}
    least = {name: min(times) for name, times in processor.items()}
    started = time.perf_counter()
    build_profiles(_run(workspace), workspace.registry, AS_OF, dated=dict.fromkeys(DATASETS, AS_OF))
    whole = time.perf_counter() - started
    return found | {
        **{f"{name}_seconds": round(value, 2) for name, value in best.items()},
        **{f"{name}_processor_seconds": round(value, 2) for name, value in least.items()},
        "gate_to_plain": round(best["gate"] / best["sql_on_plain_parquet"], 2),
        "gate_to_encrypted": round(best["gate"] / best["sql_on_encrypted_scan"], 2),
        "gate_to_plain_processor": round(least["gate"] / least["sql_on_plain_parquet"], 2),
        "gate_to_encrypted_processor": round(least["gate"] / least["sql_on_encrypted_scan"], 2),
        "whole_profiles_seconds": round(whole, 2),
        "same_numbers": results["gate"] == results["sql_on_plain_parquet"] == results["sql_on_encrypted_scan"],
        "limit": 1.5,
    }


def _run(workspace: Workspace) -> Any:
    permit = workspace.permits.standing(workspace.actor, "research", "benchmark", project="profiles")
    return run_with_facts(workspace.registry, workspace.gate, permit, counted=True)


def _count(workspace: Workspace) -> dict[str, float]:
    """Count every indicator at every area through the gate. Out: the numbers of the place and their sum by LSOA."""
    run, registry = _run(workspace), workspace.registry
    areas = read_areas(run, registry, outlined=False)
    tallies = Tallies(run, registry, levels_of(registry, areas))
    asked = {name: asked_of(indicator, AS_OF) for name, indicator in registry.indicator.items()}
    tallies.ask(ask for each in asked.values() for ask in each.all())
    return _summed(tallies, asked, areas)


def _summed(tallies: Tallies, asked: Any, areas: Any) -> dict[str, float]:
    found = {}
    for name, each in asked.items():
        found[name] = round(
            sum(tallies.area(each.numerator, "now", "lsoa21", area.code).number for area in areas.of["lsoa21"])
            + 1000 * tallies.area(each.numerator, "now", "place", "place").number
        )
    return found


def _plain_copies(workspace: Workspace, folder: Path) -> dict[str, str]:
    folder.mkdir()
    copies = {}
    for name, data in _encrypted(workspace).items():
        file = folder / f"{name}.parquet"
        pq.write_table(data.to_table(), file, compression="snappy", row_group_size=122_880)
        copies[name] = str(file)
    return copies


def _encrypted(workspace: Workspace) -> dict[str, Any]:
    """Open the files of the lake without the gate: a stub of this benchmark."""
    lake = workspace.lake
    joined = lake.catalogue.spine()
    tables = {name: lake.spine_table(joined, name) for name in ("person", "address", "residence", "household_member",
                                                                "person_record")}  # fmt: skip
    for name in (*DATASETS, "open_data.postcodes"):
        dataset = workspace.registry.dataset(name)
        entries = lake.catalogue.deliveries(name)
        tables[name.replace(".", "_")] = lake.part(entries, "general", dataset)
        if name in PLACED:
            tables[f"{name.replace('.', '_')}_places"] = lake.part(entries, "places", dataset)
    return tables


def _connection(tables: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    for name, data in tables.items():
        if isinstance(data, str):
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{data}')")
        else:
            connection.register(name, data)
    return connection
