"""Logs over either database, opened as often as a test likes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from almoner.records.audit_log import PostgresAuditLog, SqliteAuditLog
from tests.integration.audit.logs import KEY, Log, an_event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
def server() -> Iterator[tuple[Any, str, str]]:
    """The driver, the address of a PostgreSQL server, and a schema on it that goes after the test."""
    url = os.environ.get("ALMONER_TEST_DATABASE_URL")
    if not url:
        pytest.skip("ALMONER_TEST_DATABASE_URL names no PostgreSQL server to test against")
    psycopg = pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed")
    schema = f"audit_test_{secrets.token_hex(6)}"
    yield psycopg, url, schema
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@pytest.fixture(params=["sqlite", "postgres"])
def open_log(request: pytest.FixtureRequest, path: Path) -> Callable[..., Log]:
    """How to open the same log again and again, over either database."""
    if request.param == "sqlite":
        return lambda key=KEY, **options: SqliteAuditLog(path, key, **options)
    _, url, schema = request.getfixturevalue("server")
    return lambda key=KEY, **options: PostgresAuditLog(url, key, schema=schema, **options)


@pytest.fixture
def kept(path: Path) -> SqliteAuditLog:
    log = SqliteAuditLog(path, KEY, create=True)
    for number in range(8):
        log.append(an_event(number), subjects=[f"P{number % 3}"], reason=f"reason {number}")
    log.export_head()
    log.append(an_event(8))
    log.close()
    return log
