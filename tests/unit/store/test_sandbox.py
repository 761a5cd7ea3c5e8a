"""The process that runs people's SQL: no key, no path, no environment of ours, and its answers come back whole."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest

from almoner.kernel.errors import CalculationError, ResourceExhausted
from almoner.store import sandbox
from almoner.store.sandbox import run_sql

TABLES = {"education.roll": pa.table({"id": [1, 2], "name": ["A", None]}), 'odd"name': pa.table({"x": [1.5]})}


def run(sql: str, tables: dict[str, pa.Table] | None = None) -> list[dict[str, Any]]:
    """Run SQL over the tables."""
    return list(run_sql(TABLES if tables is None else tables, sql, memory="200MB", threads=1).to_pylist())


def test_tables_are_there_under_their_names() -> None:
    assert run('SELECT r.id, o.x FROM "education.roll" AS r, "odd""name" AS o ORDER BY id') == [
        {"id": 1, "x": 1.5},
        {"id": 2, "x": 1.5},
    ]


def test_an_empty_table_keeps_its_columns() -> None:
    assert run("SELECT count(*) AS n FROM t", {"t": TABLES["education.roll"].slice(0, 0)}) == [{"n": 0}]
    assert run_sql(
        {"t": TABLES["education.roll"]}, "SELECT * FROM t WHERE id > 5", memory="200MB", threads=1
    ).column_names == ["id", "name"]


def test_work_in_a_workspace_is_allowed_and_forgotten() -> None:
    assert run("CREATE TABLE mine AS SELECT 1 AS one; SELECT one FROM mine") == [{"one": 1}]
    with pytest.raises(CalculationError):
        run("SELECT one FROM mine")


def test_an_error_comes_back_in_the_engines_words() -> None:
    with pytest.raises(CalculationError, match="nowhere"):
        run("SELECT * FROM nowhere")


def test_the_child_is_given_nothing_but_the_order_and_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no path stand in its environment, arguments, folder or open files."""
    monkeypatch.setenv("ALMONER_MASTER_KEY", "Zqmasterkey")
    monkeypatch.setenv("DATABASE_URL", "postgres://u:Zqpassword@host/db")
    seen: dict[str, Any] = {}
    real = subprocess.Popen

    def watched(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
        seen.update(options, arguments=arguments)
        return real(arguments, **options)

    monkeypatch.setattr(sandbox.subprocess, "Popen", watched)
    assert run("SELECT 1 AS one") == [{"one": 1}]
    assert set(seen["env"]) <= {"PYTHONPATH", "PATH", "LANG"}
    assert "Zq" not in json.dumps([seen["env"], seen["arguments"]])
    assert seen["cwd"] == "/"
    assert seen.get("close_fds", True)
    assert not seen.get("pass_fds")


def test_a_child_that_dies_or_lasts_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises((ResourceExhausted, CalculationError)):
        run("SELECT count(*) FROM (SELECT DISTINCT hash(range) || repeat('x', 200) AS h FROM range(8000000))")
    monkeypatch.setattr(sandbox, "TIME_LIMIT_SECONDS", 0.01)
    with pytest.raises(ResourceExhausted, match="too long"):
        run("SELECT 1")


def test_the_child_locks_its_engine_before_it_runs_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the order other, the SQL could undo the lock."""
    done: list[str] = []

    class Watched:
        description = None

        def execute(self, sql: str) -> Watched:
            done.append(sql)
            return self

        def register(self, name: str, table: object) -> None:
            pass

        def unregister(self, name: str) -> None:
            pass

    order = json.dumps({"sql": "SELECT 1", "memory": "1GB", "threads": 1, "tables": []}).encode()
    monkeypatch.setattr(sandbox.duckdb, "connect", lambda *_, **__: Watched())
    monkeypatch.setattr(sandbox.os, "_exit", lambda code: None)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(len(order).to_bytes(8, "big") + order)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    sandbox._serve()
    assert done.index("SET enable_external_access = false") < done.index("SELECT 1")
    assert done.index("SET lock_configuration = true") < done.index("SELECT 1")
