"""Runs SQL that people write: in a process of its own, over copies of the tables they may see, and nothing else.

The child has no key, no path of the workspace and no environment of ours; its DuckDB has external access off and its
configuration locked. There is no bypass to look for, because nothing else is there.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from typing import BinaryIO

import duckdb
import pyarrow as pa

from almoner.kernel.errors import CalculationError, ResourceExhausted

TIME_LIMIT_SECONDS = 600
_LENGTH = struct.Struct(">Q")


def run_sql(tables: Mapping[str, pa.Table], sql: str, *, memory: str, threads: int) -> pa.Table:
    """Run SQL over copies of tables. Names with a dot are quoted in the SQL: "education.school_roll".

    Raises: CalculationError with the engine's words, without values; ResourceExhausted.
    """
    order = json.dumps({"sql": sql, "memory": memory, "threads": threads, "tables": list(tables)}).encode()
    environment = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }
    with subprocess.Popen(  # our own words, and no shell  # nosec B603
        [sys.executable, "-m", "almoner.store.sandbox"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd="/",
    ) as child:  # fmt: skip
        payload = b"".join(_framed(part) for part in (order, *(_ipc(table) for table in tables.values())))
        try:
            answer, _ = child.communicate(payload, timeout=TIME_LIMIT_SECONDS)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise ResourceExhausted(
                "The query took too long.", why=f"It is stopped after {TIME_LIMIT_SECONDS} s."
            ) from error
    if child.returncode != 0 or not answer:
        raise ResourceExhausted("The query's process died.", why="It ran out of memory.", todo="Ask for less at once.")
    kind, body = answer[:1], answer[1:]
    if kind == b"E":
        raise CalculationError(body.decode(), why="The engine could not run this SQL.", todo="Mend the SQL.")
    return pa.ipc.open_stream(body).read_all()


def _framed(part: bytes) -> bytes:
    return _LENGTH.pack(len(part)) + part


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _read(stream: BinaryIO) -> bytes:
    (length,) = _LENGTH.unpack(stream.read(_LENGTH.size))
    return stream.read(length)


def _serve() -> None:
    """Be the child: read the order and the tables, copy, lock, run, answer."""
    order = json.loads(_read(sys.stdin.buffer))
    connection = duckdb.connect(":memory:", config={"memory_limit": order["memory"], "threads": order["threads"],
                                            "temp_directory": "", "python_enable_replacements": False})  # fmt: skip
    for name in order["tables"]:
        table = pa.ipc.open_stream(_read(sys.stdin.buffer)).read_all()
        connection.register("_incoming", table)
        safe = '"' + name.replace('"', '""') + '"'
        connection.execute(f"CREATE TABLE {safe} AS SELECT * FROM _incoming")
        connection.unregister("_incoming")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    try:
        result = connection.execute(order["sql"])
        found = result.to_arrow_table() if result.description else pa.table({"done": [True]})
        sys.stdout.buffer.write(b"A" + _ipc(found))
    except duckdb.Error as error:
        sys.stdout.buffer.write(b"E" + _told(error).encode())
    sys.stdout.buffer.flush()
    os._exit(0)


def _told(error: duckdb.Error) -> str:
    """Give the engine's words where they speak of the SQL alone; of an error at a value, the kind and the place.

    An error is copied into tickets and mails, so it must not carry what stands in the tables.
    """
    words = str(error)
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        return words
    if isinstance(error, duckdb.PermissionException | duckdb.NotImplementedException):
        return words
    _, marked, place = words.partition("\nLINE ")
    kind = type(error).__name__.removesuffix("Exception")
    told = f"{kind} error while rows were computed. The engine's words may hold a value, so they are not shown."
    return told + (f"\nLINE {place}" if marked else "")


if __name__ == "__main__":
    _serve()
