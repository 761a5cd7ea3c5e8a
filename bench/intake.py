"""Intake against plain DuckDB on the same file: CSV → Parquet with types, nothing else."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from bench.child import run_piece
from bench.workspace import make_workspace, write_claims

TYPES = (
    "{'CLAIM':'VARCHAR','FORENAME':'VARCHAR','SURNAME':'VARCHAR','DOB':'DATE','NHS':'VARCHAR','POSTCODE':'VARCHAR',"
    "'ETHNICITY':'VARCHAR','STATUS':'VARCHAR','STARTED':'DATE','INCOME':'DOUBLE','AWARD':'DOUBLE','DEPENDANTS':'BIGINT'}"
)


ROUNDS = 3


def compare(folder: Path, rows: int) -> dict[str, Any]:
    """Time both on one file of so many rows, in turn, each in a process of its own; the best round of each counts."""
    file = folder / "inbox" / f"{rows}" / "claims_20260331.csv"
    file.parent.mkdir(parents=True)
    size = write_claims(file, rows)
    ours, plain = [], []
    for number in range(ROUNDS):
        root = folder / f"{rows}-{number}"
        ours.append(_timed("almoner", file, make_workspace(root / "workspace")))
        plain.append(_timed("duckdb", file, root / "plain.parquet"))
        shutil.rmtree(root)
    file.unlink()
    best, best_plain = (min(each["seconds"] for each in taken) for taken in (ours, plain))
    return {
        "rows": rows,
        "megabytes": round(size / 1e6),
        "almoner_rows_per_second": round(rows / best),
        "duckdb_rows_per_second": round(rows / best_plain),
        "throughput_ratio_to_plain_duckdb": round(best_plain / best, 3),
        "cpu_ratio_to_plain_duckdb": round(
            min(each["cpu_seconds"] for each in plain) / min(each["cpu_seconds"] for each in ours), 3
        ),
        "almoner_seconds": [each["seconds"] for each in ours],
        "duckdb_seconds": [each["seconds"] for each in plain],
        "almoner_peak_megabytes": max(each["peak_megabytes"] for each in ours),
        "duckdb_peak_megabytes": max(each["peak_megabytes"] for each in plain),
    }


def _timed(what: str, file: Path, target: Path) -> dict[str, float]:
    return run_piece("bench.intake", what, str(file), str(target))


def _run(what: str, file: Path, target: Path) -> None:
    if what == "almoner":
        from almoner.wiring.taking_in import take_in
        from almoner.wiring.workspace import open_workspace

        workspace, _ = open_workspace(target)
        _ = workspace.lake, workspace.audit
        started, busy = time.monotonic(), time.process_time()
        taken = take_in(workspace, [file.parent], lambda _text: None)
        seconds, cpu = time.monotonic() - started, time.process_time() - busy
        if taken.refused or not taken.deliveries or taken.deliveries[0]["quarantined"]:
            raise RuntimeError(f"not landed as expected: {taken}")
    else:
        import duckdb

        connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
        started, busy = time.monotonic(), time.process_time()
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{file}', header=true, columns={TYPES}, dateformat='%d/%m/%Y')) "
            f"TO '{target}' (FORMAT parquet)"
        )
        seconds, cpu = time.monotonic() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        json.dumps({"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "peak_megabytes": round(peak)}) + "\n"
    )
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
