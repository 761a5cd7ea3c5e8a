"""Where the audit log is kept: in a SQLite file, or in a schema of a PostgreSQL server.

Each storage says how its tables and the triggers that refuse changes are made, how a writer queues behind another,
and whether what is there is still as it was made. What stands in the tables, and what may be written, is for
`records.audit_log` alone. Must never use Django's ORM: the log is apart from the other records.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, TypeAlias

from almoner.governance import audit
from almoner.kernel.errors import AuditError

# A connection of either driver: both have execute and close, and nothing else is used.
Connection: TypeAlias = Any


def _tables(*, whole: str, raw: str, text: str, rows: str, keyed: str) -> tuple[str, ...]:
    """Give the tables, in the types of one database."""
    searched = ", ".join(f"{name} {text}" for name in audit.SEARCHED)
    return (
        f"CREATE TABLE audit_event (sequence {whole} PRIMARY KEY, leaf {raw} NOT NULL,"
        f" leaf_hash {raw} NOT NULL, {searched}){rows}",
        *(f"CREATE INDEX audit_event_{name} ON audit_event ({name})" for name in _INDEXED),
        f"CREATE TABLE audit_subject (sequence {whole} NOT NULL, digest {text} NOT NULL,"
        f" PRIMARY KEY (sequence, digest)){keyed}",
        "CREATE INDEX audit_subject_digest ON audit_subject (digest)",
        f"CREATE TABLE audit_tree (one INTEGER PRIMARY KEY CHECK (one = 1), size {whole} NOT NULL,"
        f" peaks {raw} NOT NULL, root {raw} NOT NULL, at TEXT NOT NULL, signature {raw} NOT NULL,"
        f" public_key {raw} NOT NULL){rows}",
        f"CREATE TABLE audit_head (number {whole} PRIMARY KEY, document TEXT NOT NULL){rows}",
        f"CREATE TABLE audit_salt (lookup {raw} PRIMARY KEY, salt {raw} NOT NULL){keyed}",
        f"CREATE TABLE audit_text (sequence {whole} PRIMARY KEY, salt {raw} NOT NULL, words {raw} NOT NULL){rows}",
    )


_INDEXED = ("at", "actor", "permit_id")
_KEPT = ("audit_event", "audit_subject", "audit_head", "audit_tree")
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
_TREE_LEAPS = "NEW.size {0} OLD.size + 1 OR NEW.public_key {0} OLD.public_key"
_SQLITE_SCHEMA = (
    *_tables(whole="INTEGER", raw="BLOB", text="TEXT", rows=" STRICT", keyed=" STRICT, WITHOUT ROWID"),
    *(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {_REFUSE}" for table in _KEPT),
    *(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {_REFUSE}" for table in _KEPT[:3]),
    f"""CREATE TRIGGER audit_tree_grows BEFORE UPDATE ON audit_tree
        WHEN {_TREE_LEAPS.format("IS NOT")} {_REFUSE}""",
    # INSERT OR REPLACE deletes without asking a delete trigger: so inserts are checked too.
    f"""CREATE TRIGGER audit_event_next BEFORE INSERT ON audit_event
        WHEN NEW.sequence IS NOT (SELECT size + 1 FROM audit_tree) {_REFUSE}""",
    f"""CREATE TRIGGER audit_head_next BEFORE INSERT ON audit_head
        WHEN NEW.number IS NOT (SELECT count(*) + 1 FROM audit_head) {_REFUSE}""",
    f"""CREATE TRIGGER audit_tree_once BEFORE INSERT ON audit_tree
        WHEN EXISTS (SELECT 1 FROM audit_tree) {_REFUSE}""",
)
_SQLITE_STRUCTURE = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


class SqliteStorage:
    """One file: 0600, WAL with a sync at every commit, deleted bytes overwritten."""

    schema = _SQLITE_SCHEMA
    placeholder = "?"
    begin_write = ("BEGIN IMMEDIATE",)
    begin_read = "BEGIN"
    errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError)

    def __init__(self, path: Path, wait_seconds: float) -> None:
        self._path = path
        self._wait = wait_seconds
        self._opened: os.stat_result | None = None
        self.where = path.name

    def connect(self, *, writing: bool) -> Connection:
        """Connect to the log that is there."""
        found = self._path.stat()
        # mode=rw: a log that has gone must not silently begin anew.
        uri = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=self._wait, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
        if writing:
            self._opened = found
        else:
            connection.execute("PRAGMA query_only=ON")
        return connection

    def make_file(self) -> None:
        """Make an empty file if there is none; SQLite itself syncs the folder when it adds its log file."""
        os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def prepare(self, connection: Connection, *, create: bool) -> bool:
        """Make the file ours alone, begin a transaction and say whether the tables are there."""
        if self._path.stat().st_mode & 0o077:
            self._path.chmod(0o600)
        self._use_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit_tree'").fetchone())

    def _use_wal(self, connection: Connection) -> None:
        # Two processes that switch a new file at once get "locked" without the usual wait.
        deadline = time.monotonic() + self._wait
        while True:
            try:
                if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                    return
            except sqlite3.OperationalError:
                pass
            if time.monotonic() > deadline:
                raise sqlite3.OperationalError("no write-ahead log")
            time.sleep(0.05)

    def require_in_place(self) -> None:
        """Stop when what was written is not in the file that the next reader will open."""
        if self._opened is None or not os.path.samestat(self._path.stat(), self._opened):
            raise sqlite3.OperationalError("the file was replaced")

    def structure_faults(self, connection: Connection) -> list[str]:
        """Say what is wrong with the tables and triggers themselves."""
        pattern = sqlite3.connect(":memory:")
        for statement in _SQLITE_SCHEMA:
            pattern.execute(statement)
        expected = pattern.execute(_SQLITE_STRUCTURE).fetchall()
        pattern.close()
        faults = []
        if connection.execute(_SQLITE_STRUCTURE).fetchall() != expected:
            faults.append("The tables or the triggers that refuse changes were altered.")
        try:
            sound = connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
        except sqlite3.Error:
            sound = False
        return faults if sound else [*faults, "The file is damaged: its indexes and tables disagree."]

    def clear_erased(self, connection: Connection) -> bool:
        """Move the overwritten pages into the file and empty the write-ahead log."""
        return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)


_CALL_REFUSE = "EXECUTE FUNCTION audit_refuse()"
_POSTGRES_SCHEMA = (
    # Compared byte by byte, as SQLite does: the default order of a server can be any.
    *_tables(whole="BIGINT", raw="BYTEA", text='TEXT COLLATE "C"', rows="", keyed=""),
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    """CREATE FUNCTION audit_next() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.sequence IS DISTINCT FROM (SELECT size + 1 FROM audit_tree) THEN
            RAISE EXCEPTION 'the audit log is append-only';
        END IF;
        RETURN NEW; END $$""",
    *(f"CREATE TRIGGER {t}_no_delete BEFORE DELETE OR TRUNCATE ON {t} {_CALL_REFUSE}" for t in _KEPT),
    *(f"CREATE TRIGGER {t}_no_update BEFORE UPDATE ON {t} {_CALL_REFUSE}" for t in _KEPT[:3]),
    "CREATE TRIGGER audit_tree_grows BEFORE UPDATE ON audit_tree FOR EACH ROW"
    f" WHEN ({_TREE_LEAPS.format('IS DISTINCT FROM')}) {_CALL_REFUSE}",
    "CREATE TRIGGER audit_event_next BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_next()",
)
_POSTGRES_STRUCTURE = """SELECT count(*) = 9 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace
    AND c.relname LIKE 'audit~_%' ESCAPE '~'"""


class PostgresStorage:
    """One schema; an advisory lock makes appends queue, as SQLite's write lock does."""

    where = "the audit database"
    schema = _POSTGRES_SCHEMA
    placeholder = "%s"
    begin_write = (
        "BEGIN",
        "SELECT pg_advisory_xact_lock(hashtext('almoner audit'), hashtext(current_schema()))",
    )
    begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def __init__(self, url: str, schema: str, wait_seconds: float) -> None:
        # Imported here: an installation on SQLite has no PostgreSQL driver.
        try:
            import psycopg
            from psycopg import sql
        except ImportError:
            raise AuditError(
                "The audit log in PostgreSQL needs its driver.", todo="Install the Python package psycopg."
            ) from None
        self._driver = psycopg
        self.errors: tuple[type[Exception], ...] = (psycopg.Error,)
        self._schema = sql.Identifier(schema)
        self._compose = sql.SQL
        self._url = url
        self._wait = wait_seconds

    def connect(self, *, writing: bool) -> Connection:
        """Connect to the server."""
        connection = self._driver.connect(self._url, autocommit=True, connect_timeout=max(1, int(self._wait)))
        connection.execute(self._compose("SET search_path TO {}").format(self._schema))
        # Waiting has an end, and a commit is on disk when it returns, whatever the server's defaults.
        connection.execute(f"SET lock_timeout = {int(self._wait * 1000)}")
        connection.execute("SET synchronous_commit = on")
        return connection

    def prepare(self, connection: Connection, *, create: bool) -> bool:
        """Begin a transaction that no other opening can overlap and say whether the tables are there."""
        connection.execute("BEGIN")
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('almoner audit'), 0)")
        if create:
            connection.execute(self._compose("CREATE SCHEMA IF NOT EXISTS {}").format(self._schema))
        return bool(connection.execute("SELECT to_regclass('audit_tree') IS NOT NULL").fetchone()[0])

    def require_in_place(self) -> None:
        """The server holds the tables: nothing can be swapped under an open connection."""

    def structure_faults(self, connection: Connection) -> list[str]:
        """Say what is wrong with the tables and triggers themselves."""
        whole = connection.execute(_POSTGRES_STRUCTURE).fetchone()[0]
        return [] if whole else ["The triggers that refuse changes were altered."]

    def clear_erased(self, connection: Connection) -> bool:
        """Free dead rows; says no, because the server's own write-ahead log keeps old bytes for a while."""
        connection.execute("VACUUM audit_salt, audit_text")
        return False


Storage: TypeAlias = SqliteStorage | PostgresStorage
