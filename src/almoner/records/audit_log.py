"""The audit log: one transaction stores an event and the new state of the tree, signed.

Apart from the other records, because an audit event must survive the rollback of the request that caused it: it is
on disk, in a storage of its own (`records.audit_storage`), when `append` returns. Triggers refuse any change of an
event. Only salts and reason texts can be erased, and only together with an event that says so.
Must never use Django's ORM, nor put a driver's message into an error: it can hold a value or a password.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast

from almoner.governance import audit, merkle
from almoner.governance.audit import AuditEvent, ErasureReceipt, EventFilter, LogState, SignedHead
from almoner.governance.audit_check import LogCheck
from almoner.kernel.errors import AuditError, KeyMissing
from almoner.records.audit_storage import Connection, PostgresStorage, SqliteStorage, Storage

SALT_BYTES = 32
# Appends queue behind each other; a read that waits longer than this for its audit entry is refused.
WAIT_SECONDS = 30.0
# The schema in PostgreSQL: its own, so that rights to it can be given apart.
SCHEMA = "almoner_audit"
_PAGE = 2000


class _SqlAuditLog:
    """The log itself, the same over both databases: all its SQL has `?` for a value."""

    def __init__(self, storage: Storage, signing_key: bytes, create: bool) -> None:
        self._key = audit.LogKey(signing_key)
        self.public_key = self._key.public_key
        self._storage = storage
        self._lock = threading.Lock()
        self._writer: Connection | None = None
        self._writer_process = 0
        self._inherited: list[Connection] = []
        self._trusted: tuple[Any, ...] = ()
        with self._lock, self._reported("The audit log could not be opened."):
            self._open(self._writer_connection(), create)

    def _open(self, connection: Connection, create: bool) -> None:
        try:
            if not self._storage.prepare(connection, create=create):
                if not create:
                    raise AuditError(
                        "There is no audit log here.",
                        where=self._storage.where,
                        why="A log that was begun must not be replaced by an empty one.",
                        todo="Put the log back from the backup.",
                    )
                self._begin(connection)
            row = self._run(connection, "SELECT public_key FROM audit_tree").fetchone()
            # A state that is gone is not begun anew: appending refuses and verification says so.
            if row is not None and row[0] != self.public_key:
                raise KeyMissing(
                    "This audit log was begun with another key.",
                    where=self._storage.where,
                    todo="Give the master key that the workspace was made with.",
                )
            connection.execute("COMMIT")
        except BaseException:
            self._drop_writer()
            raise

    def _begin(self, connection: Connection) -> None:
        for statement in self._storage.schema:
            connection.execute(statement)
        state = LogState.of(merkle.Frontier(), datetime.now(UTC), self._key)
        self._run(connection, _FIRST_STATE, (*state, self.public_key))

    def close(self) -> None:
        """Let go of the database; the next append opens it again."""
        with self._lock:
            self._drop_writer()

    def _run(self, connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:
        return connection.execute(statement.replace("?", self._storage.placeholder), values)

    @contextmanager
    def _reported(self, failed: str) -> Iterator[None]:
        try:
            yield
        except self._storage.errors as error:
            raise AuditError(
                failed,
                where=self._storage.where,
                why=f"{type(error).__name__} {getattr(error, 'sqlite_errorname', '')}".strip(),
                todo="Check that the disk has room and that the file or server is there and may be written.",
            ) from None

    def _writer_connection(self) -> Connection:
        if self._writer_process != os.getpid():
            self._drop_writer()
        if self._writer is None:
            self._writer = self._storage.connect(writing=True)
            self._writer_process = os.getpid()
        return self._writer

    def _drop_writer(self) -> None:
        writer, self._writer, self._trusted = self._writer, None, ()
        if writer is not None and self._writer_process != os.getpid():
            # After a fork the connection is the parent's: even closing it would break theirs.
            self._inherited.append(writer)
        elif writer is not None:
            with suppress(*self._storage.errors):
                writer.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._lock, self._reported("The audit log could not be written."):
            connection = self._writer_connection()
            try:
                for statement in self._storage.begin_write:
                    connection.execute(statement)
                yield connection
                connection.execute("COMMIT")
                self._storage.require_in_place()
            except BaseException:
                # Closing undoes the transaction, whatever state it is in.
                self._drop_writer()
                raise

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Give one unchanging view of the log, on a connection of its own so that no append has to wait."""
        with self._reported("The audit log could not be read."):
            connection = self._storage.connect(writing=False)
            try:
                connection.execute(self._storage.begin_read)
                yield connection
            finally:
                connection.close()

    def append(
        self, event: AuditEvent, *, subjects: Sequence[str] = (), reason: str | None = None
    ) -> audit.AuditReceipt:
        """Record an event; when this returns, it is on disk.

        In: subjects = ids of the persons concerned, reason = the words typed; neither enters the event.
        Raises: AuditError when it is not durably written, or is an erasure (which has its own methods).
        """
        if event.action in (audit.ERASE_SUBJECT, audit.ERASE_REASON):
            raise AuditError("An erasure is recorded by erasing, not by itself.", where=event.action)
        with self._writing() as connection:
            digests = [self._subject_digest(connection, subject) for subject in subjects]
            receipt = self._store(connection, event, digests, reason)
        return receipt

    def _state(self, connection: Connection) -> LogState:
        row = self._run(connection, _STATE).fetchone()
        return LogState(*row) if row == self._trusted else LogState.read(row, self._key)

    def _store(
        self, connection: Connection, event: AuditEvent, digests: Sequence[str], reason: str | None
    ) -> audit.AuditReceipt:
        if event.subject_digests or event.reason_digest:
            raise AuditError("Only the log itself may fill the digests of an event.", where=event.action)
        frontier = self._state(connection).frontier()
        sequence = frontier.size + 1
        reason_digest = None if reason is None else self._keep_reason(connection, sequence, reason)
        entry = replace(event, subject_digests=tuple(sorted(set(digests))), reason_digest=reason_digest)
        leaf = entry.to_leaf()
        hashed = merkle.leaf_hash(leaf)
        frontier.append(hashed)
        state = LogState.of(frontier, entry.at, self._key)
        # The event goes first: its trigger compares it with the state before.
        self._run(connection, _NEW_EVENT, (sequence, leaf, hashed, *entry.searched()))
        for digest in entry.subject_digests:
            self._run(connection, "INSERT INTO audit_subject VALUES (?, ?)", (sequence, digest))
        self._run(connection, _NEW_STATE, state)
        self._trusted = tuple(state)
        return audit.AuditReceipt(sequence, hashed, state.root)

    def _salt(self, connection: Connection, subject: str) -> bytes | None:
        lookup = self._key.lookup(subject)
        row = self._run(connection, "SELECT salt FROM audit_salt WHERE lookup = ?", (lookup,)).fetchone()
        return None if row is None else cast(bytes, row[0])

    def _subject_digest(self, connection: Connection, subject: str) -> str:
        salt = self._salt(connection, subject)
        if salt is None:
            salt = secrets.token_bytes(SALT_BYTES)
            self._run(connection, "INSERT INTO audit_salt VALUES (?, ?)", (self._key.lookup(subject), salt))
        return audit.salted_digest(salt, self._key.lookup(subject))

    def _keep_reason(self, connection: Connection, sequence: int, reason: str) -> str:
        salt, words = secrets.token_bytes(SALT_BYTES), reason.encode("utf-8", "backslashreplace")
        self._run(connection, "INSERT INTO audit_text VALUES (?, ?, ?)", (sequence, salt, words))
        return audit.salted_digest(salt, words)

    def erase_subject(self, subject: str, event: AuditEvent, *, reason: str | None = None) -> ErasureReceipt:
        """Make all that the log holds about a person unlinkable, and record that as an event.

        The salt goes, and every reason typed for an event about the person: reasons tend to hold names.
        In: event = one with action ERASE_SUBJECT.
        """
        event.require_action(audit.ERASE_SUBJECT)
        with self._writing() as connection:
            salt, texts, digests = self._salt(connection, subject), 0, []
            if salt is not None:
                lookup = self._key.lookup(subject)
                digests = [audit.salted_digest(salt, lookup)]
                texts = self._run(connection, f"DELETE {_TEXTS_OF}", digests).rowcount
                self._run(connection, "DELETE FROM audit_salt WHERE lookup = ?", (lookup,))
            receipt = self._store(connection, event, digests, reason)
        return ErasureReceipt(receipt, salt is not None, texts, self._clear_erased())

    def erase_reason(self, sequence: int, event: AuditEvent, *, reason: str | None = None) -> ErasureReceipt:
        """Erase the reason typed for one event, and record that as an event.

        In: event = one with action ERASE_REASON.
        """
        event.require_action(audit.ERASE_REASON)
        event = replace(event, detail={**event.detail, audit.ERASED_SEQUENCE: sequence})
        with self._writing() as connection:
            texts = self._run(connection, f"DELETE {_TEXT_AT}", (sequence,)).rowcount
            receipt = self._store(connection, event, (), reason)
        return ErasureReceipt(receipt, bool(texts), texts, self._clear_erased())

    def _clear_erased(self) -> bool:
        with self._lock, self._reported("What was erased could not be cleared from the disk."):
            return self._storage.clear_erased(self._writer_connection())

    def _pages(
        self, connection: Connection, where: tuple[str, Sequence[Any]] = ("", ()), backwards: bool = False
    ) -> Iterator[list[Any]]:
        """Give the stored events page by page: a log can be larger than memory."""
        mark, beyond, order = (2**62, "<", "DESC") if backwards else (0, ">", "ASC")
        statement = (
            f"SELECT e.sequence, e.leaf, e.leaf_hash, {_SEARCHED} FROM audit_event e"
            f" WHERE e.sequence {beyond} ? {where[0]} ORDER BY e.sequence {order} LIMIT {_PAGE}"
        )
        while page := self._run(connection, statement, (mark, *where[1])).fetchall():
            yield page
            mark = page[-1][0]

    def events(self, wanted: EventFilter = audit.EVERYTHING) -> Iterator[audit.LoggedEvent]:
        """Give the events that a filter asks for, in the order of the log or newest first."""
        with self._reading() as connection:
            where = self._condition(connection, wanted)
            entries = (
                audit.LoggedEvent(sequence, AuditEvent.from_leaf(leaf), hashed)
                for page in self._pages(connection, where, wanted.newest_first)
                for sequence, leaf, hashed, *_ in page
            )
            yield from islice((entry for entry in entries if wanted.suits(entry.event)), wanted.limit)

    def _condition(self, connection: Connection, wanted: EventFilter) -> tuple[str, list[str]]:
        terms = [f"AND e.{name} {sign} ?" for name, sign, _ in wanted.terms()]
        values = [value for *_, value in wanted.terms()]
        if wanted.subject is not None:
            salt = self._salt(connection, wanted.subject)
            terms.append("AND e.sequence IN (SELECT sequence FROM audit_subject WHERE digest = ?)")
            # Without a salt nothing in the log is about this person, or it is so no longer.
            values.append("" if salt is None else audit.salted_digest(salt, self._key.lookup(wanted.subject)))
        return " ".join(terms), values

    def reason_text(self, sequence: int) -> str | None:
        """Give the reason typed for an event; None when there was none or it has been erased."""
        with self._reading() as connection:
            row = self._run(connection, f"SELECT words {_TEXT_AT}", (sequence,)).fetchone()
        return None if row is None else bytes(row[0]).decode()

    def head(self) -> SignedHead:
        """Sign the log as it stands."""
        with self._reading() as connection:
            return self._signed(connection)

    def _signed(self, connection: Connection) -> SignedHead:
        state = self._state(connection)
        return self._key.sign_head(state.size, state.root, datetime.now(UTC))

    def export_head(self) -> dict[str, str | int]:
        """Sign the log as it stands, remember that, and give the document to keep outside."""
        with self._writing() as connection:
            document = self._signed(connection).to_document()
            self._run(connection, _NEW_HEAD, (json.dumps(document, sort_keys=True),))
        return document

    def _span_root(self, connection: Connection, start: int, end: int) -> bytes:
        pages = self._pages(connection, ("AND e.sequence > ? AND e.sequence <= ?", (start, end)))
        return merkle.tree_root(merkle.leaf_hash(leaf) for page in pages for _, leaf, *_ in page)

    def consistency(self, old: SignedHead) -> audit.ConsistencyProof:
        """Prove that the log as it stands extends an older head.

        Raises: AuditError when it does not.
        """
        with self._reading() as connection:
            new = self._signed(connection)
            # An impossible size has no spans, and so no proof that holds.
            spans = merkle.consistency_spans(old.size, new.size) if 0 <= old.size <= new.size else []
            hashes = tuple(self._span_root(connection, *span) for span in spans)
        proof = audit.ConsistencyProof(old, new, hashes)
        proof.require(self.public_key)
        return proof

    def verify_against(self, head: SignedHead) -> audit.VerifyReport:
        """Recompute the whole log and check that it extends a head kept outside."""
        return self.verify([head])

    def verify(self, outside: Sequence[SignedHead] = ()) -> audit.VerifyReport:
        """Recompute the whole log; compare it with its state, its exported heads and heads from outside.

        Raises: AuditError when the log can't be read at all.
        """
        with self._reading() as connection:
            exported = self._run(connection, "SELECT document FROM audit_head ORDER BY number").fetchall()
            check = LogCheck(self._key, [document for (document,) in exported], outside)
            for fault in self._storage.structure_faults(connection):
                check.fault(fault)
            self._check_entries(connection, check)
            check.salts(self._run(connection, "SELECT lookup, salt FROM audit_salt"))
            self._check_erased(connection, check)
            state = self._run(connection, _STATE).fetchone()
            return check.finish(None if state is None else LogState(*state))

    def _check_entries(self, connection: Connection, check: LogCheck) -> None:
        for page in self._pages(connection):
            between = (page[0][0], page[-1][0])
            indexed = f"SELECT sequence, digest FROM audit_subject {_BETWEEN}"
            texts = f"SELECT sequence, salt, words FROM audit_text {_BETWEEN}"
            check.page(page, self._run(connection, indexed, between), self._run(connection, texts, between))

    def _check_erased(self, connection: Connection, check: LogCheck) -> None:
        subjects, reasons = check.erasures()
        for digest, erased_at in subjects.items():
            # The erasure itself names the person's digest and may hold a reason of its own.
            texts = f"SELECT 1 {_TEXTS_OF} AND sequence < ?"
            if self._run(connection, texts, (digest, erased_at)).fetchone():
                check.fault("A reason about an erased subject is back.", erased_at)
        for sequence in sorted(reasons):
            if self._run(connection, f"SELECT 1 {_TEXT_AT}", (sequence,)).fetchone():
                check.fault("An erased reason is back.", sequence)


_FIRST_STATE = "INSERT INTO audit_tree VALUES (1, ?, ?, ?, ?, ?, ?)"
_STATE = "SELECT size, peaks, root, at, signature FROM audit_tree"
_NEW_STATE = "UPDATE audit_tree SET size = ?, peaks = ?, root = ?, at = ?, signature = ?"
_SEARCHED = ", ".join(audit.SEARCHED)
_NEW_EVENT = f"INSERT INTO audit_event (sequence, leaf, leaf_hash, {_SEARCHED}) VALUES ({', '.join('?' * 8)})"
_NEW_HEAD = "INSERT INTO audit_head SELECT count(*) + 1, CAST(? AS TEXT) FROM audit_head"
_BETWEEN = "WHERE sequence BETWEEN ? AND ?"
_TEXT_AT = "FROM audit_text WHERE sequence = ?"
_TEXTS_OF = "FROM audit_text WHERE sequence IN (SELECT sequence FROM audit_subject WHERE digest = ?)"


class SqliteAuditLog(_SqlAuditLog):
    """The log in a SQLite file of its own."""

    def __init__(
        self, path: Path, signing_key: bytes, *, create: bool = False, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        """Open the log; with create, begin it when it is not there.

        Raises: AuditError when it is not there or can't be opened, KeyMissing when the key is not the log's.
        """
        storage = SqliteStorage(Path(path), wait_seconds)
        if create:
            # It may be there already; what else is wrong shows when it is opened.
            with suppress(OSError):
                storage.make_file()
        super().__init__(storage, signing_key, create)


class PostgresAuditLog(_SqlAuditLog):
    """The log in a PostgreSQL schema of its own."""

    def __init__(
        self,
        url: str,
        signing_key: bytes,
        *,
        create: bool = False,
        wait_seconds: float = WAIT_SECONDS,
        schema: str = SCHEMA,
    ) -> None:
        """Open the log; with create, begin it when it is not there.

        Raises: AuditError when it is not there or can't be reached, KeyMissing when the key is not the log's.
        """
        super().__init__(PostgresStorage(url, schema, wait_seconds), signing_key, create)
