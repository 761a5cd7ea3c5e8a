"""Runs linkage's SQL steps in an engine of its own: in memory, spilling nowhere unless told, closed to files.

A step is a value (`kernel.steps.Step`); this module is the only one in linkage that opens an engine.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from almoner.kernel.errors import CalculationError, ResourceExhausted
from almoner.kernel.steps import Step
from almoner.linkage.shapes import LinkSettings

logging.getLogger("splink").setLevel(logging.ERROR)


@contextmanager
def open_engine(settings: LinkSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine for one run and close it, with all that it held, at the end.

    Raises: ResourceExhausted when the run needs more memory than it may have.
    """
    engine = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": settings.memory,
            "threads": settings.threads,
            "temp_directory": settings.spill or "",
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": True,
        },
    )
    engine.execute("SET enable_progress_bar = false")
    engine.execute("SET enable_external_access = false")
    try:
        yield engine
    except duckdb.OutOfMemoryException:
        raise ResourceExhausted(
            f"Linkage needs more memory than the {settings.memory} it may have.",
            why="Nothing unencrypted may be spilled to an ordinary disk.",
            todo="Give it more memory, or declare a directory on an encrypted volume for it to spill to.",
        ) from None
    finally:
        engine.close()


def run_steps(engine: duckdb.DuckDBPyConnection, steps: Sequence[Step]) -> None:
    """Run each step into a table of its name.

    Raises: CalculationError when a step's columns are not those that it declares.
    """
    for step in steps:
        engine.execute(f'CREATE OR REPLACE TEMP TABLE "{step.name}" AS {step.sql}')
        got = tuple(row[0] for row in engine.execute(f'DESCRIBE "{step.name}"').fetchall())
        if got != step.columns:
            raise CalculationError(
                f"Step {step.name} gave the columns {', '.join(got)}.",
                why=f"It declares {', '.join(step.columns)}.",
            )


def drop_tables(engine: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Drop tables that no later step reads: a run must fit into the memory it may have."""
    for name in names:
        engine.execute(f'DROP TABLE IF EXISTS "{name}"')


def store_table(engine: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Put rows into a table of the engine's, in place of what it held."""
    engine.register("incoming", table)
    engine.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM incoming')
    engine.unregister("incoming")


def read_table(engine: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """Read a query's result."""
    return engine.sql(sql).to_arrow_table()


def read_number(engine: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Read the one whole number that a query gives."""
    return int(engine.execute(sql).fetchall()[0][0])
