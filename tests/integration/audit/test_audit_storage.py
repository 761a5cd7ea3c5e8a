"""The log on a real disk, and on a real PostgreSQL where there is one: durable, gapless, closed to change."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import shutil
import signal
import sqlite3
import stat
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from almoner.governance.audit import LogKey
from almoner.kernel.errors import AuditError
from almoner.records.audit_log import PostgresAuditLog, SqliteAuditLog
from tests.integration.audit.logs import COPY, KEY, Log, an_event, attack

NOBODY = 65534
REFUSED = (
    "UPDATE audit_event SET actor = 'other'",
    "DELETE FROM audit_event WHERE sequence = 4",
    f"{COPY.format(11)} WHERE sequence = 4",
    "DELETE FROM audit_subject",
    "UPDATE audit_head SET document = ''",
    "DELETE FROM audit_head",
    "DELETE FROM audit_tree",
    "UPDATE audit_tree SET size = 3",
)
REPLACING = (
    "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE sequence = 4",
    "REPLACE INTO audit_head VALUES (1, '')",
    "REPLACE INTO audit_tree SELECT * FROM audit_tree",
)


def test_triggers_refuse_and_their_absence_is_noticed(kept: SqliteAuditLog, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        for statement in (*REFUSED, *REPLACING):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()
    assert kept.verify().intact
    attack(path, restore=False)
    assert ["triggers" in fault.what for fault in kept.verify().faults] == [True]


def test_postgres_refuses_changes_and_verification_finds_forced_ones(server: tuple[Any, str, str]) -> None:
    psycopg, url, schema = server
    log = PostgresAuditLog(url, KEY, schema=schema, create=True)
    for number in range(5):
        log.append(an_event(number), subjects=["P1"], reason="x")
    log.export_head()
    with psycopg.connect(url, autocommit=True, options=f"-c search_path={schema}") as connection:
        for statement in (*REFUSED, "TRUNCATE audit_event", "TRUNCATE audit_tree"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(statement)
        assert log.verify().intact
        connection.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        assert "triggers" in log.verify().faults[0].what
        connection.execute("UPDATE audit_event SET leaf = leaf || ' '::bytea WHERE sequence = 2")
        connection.execute("DELETE FROM audit_event WHERE sequence = 4")
        connection.execute("ALTER TABLE audit_event ENABLE TRIGGER ALL")
    faults = [(fault.sequence, fault.what[:25]) for fault in log.verify().faults]
    assert (2, "An entry does not match i") in faults
    assert (4, "Entries 4 to 4 are missin") in faults


def test_a_lost_or_absent_server_is_an_audit_error(server: tuple[Any, str, str]) -> None:
    psycopg, url, schema = server
    log = PostgresAuditLog(url, KEY, schema=schema, create=True, wait_seconds=1)
    log.append(an_event())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [log._writer.info.backend_pid])
        with pytest.raises(AuditError, match="could not be written"):
            log.append(an_event())
        assert log.append(an_event()).sequence == 2
        connection.execute("BEGIN")
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('almoner audit'), hashtext(%s))", [schema])
        with pytest.raises(AuditError, match="could not be written"):
            log.append(an_event())
        connection.execute("ROLLBACK")
    with pytest.raises(AuditError) as raised:
        PostgresAuditLog("host=/nonexistent password=CANARY", KEY, schema=schema)
    assert "CANARY" not in " ".join(raised.value.lines())


def test_erased_bytes_are_gone_from_the_files(path: Path) -> None:
    log = SqliteAuditLog(path, KEY, create=True)
    for number in range(300):
        log.append(an_event(number), subjects=[f"P{number % 60}"], reason=f"CANARY-{number % 60:02}-visit")
    lookup = LogKey(KEY).lookup("P7")
    salt = sqlite3.connect(path).execute("SELECT salt FROM audit_salt WHERE lookup = ?", (lookup,)).fetchone()[0]

    def on_disk(wanted: bytes) -> bool:
        return any(wanted in file.read_bytes() for file in path.parent.iterdir())

    assert on_disk(salt) and on_disk(b"CANARY-07-visit")
    assert log.erase_subject("P7", an_event(action="audit.erase_subject")).bytes_cleared
    assert not on_disk(salt) and not on_disk(b"CANARY-07-visit") and not on_disk(lookup)
    assert on_disk(b"CANARY-08-visit")


def in_a_child(work: Callable[[], None]) -> int:
    """Run work in a process whose limits and user may be changed; give its exit code."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except AuditError:
            os._exit(7)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def append_many(open_log: Callable[..., Log], number: int, count: int, together: Any, failures: Any) -> None:
    try:
        together.wait(60)
        log = open_log(create=True)
        for each in range(count):
            if each == count // 2:
                together.wait(60)  # nobody goes on before everybody has written: they overlap for certain
            log.append(an_event(each, actor=f"process{number}"), subjects=[f"P{each % 5}"], reason="x")
    except BaseException as error:
        failures.put(repr(error))


def test_four_processes_leave_a_gapless_log(open_log: Callable[..., Log]) -> None:
    context = multiprocessing.get_context("fork")
    failures, together = context.Queue(), context.Barrier(4)
    shared = (40, together, failures)
    writers = [context.Process(target=append_many, args=(open_log, n, *shared)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert failures.empty(), failures.get()
    log = open_log()
    report = log.verify()
    assert (report.size, report.faults) == (160, ())
    actors = Counter(entry.event.actor for entry in log.events())
    assert actors == {f"process{n}": 40 for n in range(4)}


def test_threads_and_a_forked_child_share_one_log(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    threads = [threading.Thread(target=lambda: [log.append(an_event()) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def append_twenty() -> None:
        for _ in range(20):
            log.append(an_event())

    child = multiprocessing.get_context("fork").Process(target=append_twenty)
    child.start()
    append_twenty()
    child.join(60)
    assert (child.exitcode, log.verify().size, log.verify().faults) == (0, 80, ())


def append_until_killed(path: Path, receipts: Any) -> None:
    log = SqliteAuditLog(path, KEY)
    while True:
        receipt = log.append(an_event(), subjects=["P1"], reason="x")
        receipts.send((receipt.sequence, receipt.leaf_hash))


def test_a_killed_writer_loses_nothing_that_it_was_told_is_on_disk(path: Path) -> None:
    SqliteAuditLog(path, KEY, create=True).close()
    chance, acknowledged = random.Random(6962), []
    for _ in range(6):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        writer = multiprocessing.get_context("fork").Process(target=append_until_killed, args=(path, theirs))
        writer.start()
        theirs.close()
        acknowledged.append(ours.recv())
        threading.Timer(chance.uniform(0.0, 0.15), writer.kill).start()
        # The pipe ends once the writer is dead.
        with suppress(EOFError, OSError):
            while True:
                acknowledged.append(ours.recv())
        writer.join()
        log = SqliteAuditLog(path, KEY)
        assert log.verify().intact
        assert log.append(an_event()).sequence > acknowledged[-1][0]
    stored = {entry.sequence: entry.leaf_hash for entry in log.events()}
    assert {sequence: stored.get(sequence) for sequence, _ in acknowledged} == dict(acknowledged)
    assert len(acknowledged) > 12


def test_a_full_disk_is_an_audit_error_and_leaves_the_log_whole(path: Path) -> None:
    log = SqliteAuditLog(path, KEY, create=True)
    log.append(an_event())
    log.close()

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limited = SqliteAuditLog(path, KEY)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        for _ in range(1000):
            limited.append(an_event())

    assert in_a_child(fill) == 7
    report = log.verify()
    assert report.intact and report.size > 1
    assert log.append(an_event()).sequence == report.size + 1


def test_a_file_that_may_not_be_written_is_an_audit_error() -> None:
    # Not under the test's own folder, which another user may not even enter.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.sqlite"
        log = SqliteAuditLog(path, KEY, create=True)
        log.append(an_event())
        log.close()
        path.chmod(0o444)
        Path(folder).chmod(0o555)

        def write() -> None:
            if os.getuid() == 0:
                os.setuid(NOBODY)
            assert os.access(path, os.R_OK) and not os.access(path, os.W_OK)
            SqliteAuditLog(path, KEY).append(an_event())

        assert in_a_child(write) == 7
        Path(folder).chmod(0o755)


def test_a_log_that_stays_locked_is_an_audit_error(path: Path) -> None:
    log = SqliteAuditLog(path, KEY, create=True, wait_seconds=0.1)
    log.append(an_event())
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(AuditError, match="could not be written") as raised:
        log.append(an_event())
    assert "SQLITE_BUSY" in raised.value.why
    assert log.verify().size == 1
    holder.execute("ROLLBACK")
    assert log.append(an_event()).sequence == 2


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_taken_away_under_the_log_is_an_audit_error(path: Path, replaced: bool) -> None:
    log = SqliteAuditLog(path, KEY, create=True)
    log.append(an_event())
    path.rename(path.with_suffix(".gone"))
    if replaced:
        shutil.copy(path.with_suffix(".gone"), path)
    with pytest.raises(AuditError):
        log.append(an_event())


def test_an_audit_error_repeats_no_value(path: Path) -> None:
    SqliteAuditLog(path, KEY, create=True).close()
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(AuditError) as raised:
        SqliteAuditLog(path, KEY).append(an_event(), subjects=["PCANARY"], reason="CANARY")
    shown = " ".join(raised.value.lines()) + repr(raised.value.__cause__)
    assert "CANARY" not in shown and str(path.parent) not in shown


def test_the_files_are_for_their_owner_only(path: Path) -> None:
    log = SqliteAuditLog(path, KEY, create=True)
    log.append(an_event())
    path.chmod(0o664)
    again = SqliteAuditLog(path, KEY)
    again.append(an_event())
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes["audit.sqlite"] == 0o600
    assert set(modes.values()) == {0o600}
