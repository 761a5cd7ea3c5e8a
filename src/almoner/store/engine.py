"""The engine: DuckDB in memory, one for each process; each reader gets a cursor that holds only its own views.

Nothing unencrypted may reach a disk, so the engine spills only to a directory that is declared safe (tmpfs, or an
encrypted volume); without one, a query that needs more memory than it has fails with a clear message.
"""

from __future__ import annotations

import atexit
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from almoner.kernel.errors import CalculationError
from almoner.kernel.steps import Step
from almoner.store.exhaustion import memory_ran_out, out_of_memory
from almoner.store.relation import Relation
from almoner.store.standing import StandingQuery

Viewable: TypeAlias = ds.Dataset | pa.Table | pa.RecordBatchReader
"""What a view can stand on."""

BATCH_ROWS = 122_880


@dataclass(frozen=True)
class EngineSettings:
    """memory: as DuckDB writes it, '4GB'. spill: a directory on tmpfs or an encrypted volume, else None."""

    memory: str = "4GB"
    threads: int = 2
    spill: Path | None = None


class Engine:
    """The process's engine."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._fed: duckdb.DuckDBPyConnection | None = None
        atexit.register(self.close)

    def session(self, views: Mapping[str, Viewable] | None = None) -> Session:
        """Open a session that sees only the given views."""
        with self._lock:
            if self._root is None:
                self._root = _connect(self.settings, plain=False)
            cursor = self._root.cursor()
        return Session(cursor, views or {})

    def standing(self, sql: str) -> StandingQuery:
        """Open a SELECT over `fed(i, v)` that stays open: `StandingQuery` says how it is fed."""
        with self._lock:
            if self._fed is None:
                self._fed = _connect(replace(self.settings, threads=1), plain=True)
            cursor = self._fed.cursor()
        with _Said("standing query"):
            return StandingQuery(cursor, sql)

    def close(self) -> None:
        """Let go of the engine and all it holds."""
        with self._lock:
            for root in (self._root, self._fed):
                if root is not None:
                    root.close()
            self._root = self._fed = None


def _connect(settings: EngineSettings, *, plain: bool) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": settings.memory,
            "threads": settings.threads,
            "temp_directory": str(settings.spill or ""),
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": True,
        },
    )
    if plain:  # rewriting thousands of expressions takes longer than it gains
        connection.execute("SET disabled_optimizers = 'expression_rewriter,statistics_propagation'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET enable_external_access = false")  # only now: it forbids to set temp_directory
    connection.execute("SET lock_configuration = true")
    return connection


class Session:
    """A cursor with its views. Kept inside the store and the gate: never handed out."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, views: Mapping[str, Viewable]) -> None:
        self._cursor = cursor
        self._made: dict[str, str] = {}
        for name, data in views.items():
            self._cursor.register(name, data)

    def register(self, name: str, data: Viewable) -> None:
        """Add a view over data."""
        self._cursor.register(name, data)

    def define(self, name: str, sql: str, *, keep: bool = False) -> None:
        """Add a view over earlier views; `keep` computes it once."""
        with _Said(name):
            self._cursor.execute(f"CREATE OR REPLACE TEMP {'TABLE' if keep else 'VIEW'} {quoted(name)} AS {sql}")

    def run(self, steps: Sequence[Step]) -> Relation:
        """Run steps in order; give the result of the last.

        A step that was run before is not run again, unless a step that it reads has been since.
        Raises: CalculationError where a step does not give the columns it names; ResourceExhausted.
        """
        for step in steps[:-1]:
            if self._made.get(step.name) == step.sql:
                continue
            kind = "TABLE" if step.keep else "VIEW"
            with _Said(step.name):
                self._cursor.execute(f"CREATE OR REPLACE TEMP {kind} {quoted(step.name)} AS {step.sql}")
                found = [row[0] for row in self._cursor.execute(f"DESCRIBE {quoted(step.name)}").fetchall()]
            _check_columns(step, found)
            self._forget_readers(step.name)
            self._made[step.name] = step.sql
        last = steps[-1]
        relation = self.query(last.sql, last.name)
        _check_columns(last, relation.columns)
        return relation

    def _forget_readers(self, name: str) -> None:
        """Forget the steps that name this one, and those that name them: they hold what it gave before."""
        named = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")  # "home" is not read where "home_visits" is
        for reader in [each for each, sql in self._made.items() if named.search(sql)]:
            if self._made.pop(reader, None) is not None:
                self._forget_readers(reader)

    def query(self, sql: str, name: str = "query") -> Relation:
        """Run one SELECT."""
        with _Said(name):
            reader = self._cursor.sql(sql).to_arrow_reader(BATCH_ROWS)
        return Relation(reader.schema, _stream(reader, name))

    def close(self) -> None:
        """Let go of the cursor and its views."""
        self._cursor.close()


def sized_as_files(table: pa.Table) -> Viewable:
    """Give a table whose size the engine does not know, as it does not know that of a file.

    It takes files for small tables: joined to one whose size it knows, it would hash the larger side.
    """
    return ds.dataset(table)


def quoted(name: str) -> str:
    """Write a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Write text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def _stream(reader: pa.RecordBatchReader, name: str) -> Iterator[pa.RecordBatch]:
    with _Said(name):
        yield from reader


def _check_columns(step: Step, found: Sequence[str]) -> None:
    if step.columns and tuple(found) != step.columns:
        raise CalculationError(
            f"Step '{step.name}' gave other columns than it names.",
            where=f"named: {', '.join(step.columns)}; given: {', '.join(found)}",
            why="Later steps rely on the columns that a step names.",
            todo="This is a fault of the step: mend its SELECT or its columns.",
        )


class _Said:
    """Turns the engine's errors into ours, without the values that its messages quote."""

    def __init__(self, step: str) -> None:
        self._step = step

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if out_of_memory(error):
            raise memory_ran_out(f"step '{self._step}'") from None
        if isinstance(error, duckdb.Error | pa.ArrowException | OSError):
            raise CalculationError(
                f"Step '{self._step}' failed: {type(error).__name__}.",
                where=_without_values(str(error)),
                why="The engine could not carry it out.",
                todo="If the registry was changed, run 'almoner check'; otherwise report this step's name.",
            ) from None


def _without_values(message: str) -> str:
    """Keep an engine message only where it can't quote data: binder, catalogue and parser messages name columns."""
    first = message.splitlines()[0] if message else ""
    safe = ("Binder Error", "Catalog Error", "Parser Error", "Permission Error")
    return first[:300] if first.startswith(safe) else ""
