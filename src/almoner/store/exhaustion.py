"""Tells when the engine ran out of memory, in whichever form it says so, and says it to the user in one.

DuckDB raises an error of its own where a statement is run, but a result that is read as Arrow batches comes through a
C stream, which knows nothing but a text: there the same failure arrives as an OSError.
"""

from __future__ import annotations

import duckdb

from almoner.kernel.errors import ResourceExhausted

_SAID = "Out of Memory Error"


def out_of_memory(error: BaseException | None) -> bool:
    """Say whether an error means that memory ran out."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return True
    return isinstance(error, OSError) and str(error).startswith(_SAID)


def memory_ran_out(where: str) -> ResourceExhausted:
    """Make the error that users see. In: where = what was being done."""
    return ResourceExhausted(
        "The engine ran out of memory.",
        where=where,
        why="It may not spill to a disk that is not declared encrypted.",
        todo="Raise engine.memory in almoner.toml, or declare engine.spill (tmpfs or an encrypted volume).",
    )
