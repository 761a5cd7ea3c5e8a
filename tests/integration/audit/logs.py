"""Logs to test with, events to put into them, and an attacker who can write their file."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from almoner.governance import merkle
from almoner.governance.audit import AuditEvent
from almoner.records.audit_log import PostgresAuditLog, SqliteAuditLog

KEY = b"k" * 32
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
Log = SqliteAuditLog | PostgresAuditLog


def an_event(number: int = 0, **changes: Any) -> AuditEvent:
    columns = {"housing.repairs": ("reported_on", "trade")}
    fields: dict[str, Any] = {"at": AT + timedelta(seconds=number), "actor": f"user{number % 3}"}
    fields |= {"action": "read", "outcome": "allowed", "purpose": "front_line", "scope": "one_person"}
    fields |= {"permit_id": f"permit-{number % 2}", "datasets": tuple(columns), "columns": columns}
    return AuditEvent(**{**fields, **changes})


def attack(path: Path, *statements: str, restore: bool = True) -> None:
    """Run statements with the triggers out of the way, and put those back so that they betray nothing."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.create_function("sha", 1, lambda leaf: merkle.leaf_hash(bytes(leaf)))
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers if restore else ():
            connection.execute(sql)
    connection.close()


CHANGE = "UPDATE audit_event SET leaf = CAST(replace(leaf, 'front', 'back') AS BLOB) WHERE sequence = 4"
BESIDE = "leaf, leaf_hash, at, actor, action, outcome, permit_id"
COPY = f"INSERT INTO audit_event SELECT {{}}, {BESIDE} FROM audit_event"
