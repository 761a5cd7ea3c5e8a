"""The log on a real disk, and on a real PostgreSQL where there is one: durable, gapless, erasable."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import secrets
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from almoner.governance import merkle
from almoner.governance.audit import AuditEvent, EventFilter, LogKey, SignedHead, VerifyReport
from almoner.kernel.errors import AuditError, KeyMissing
from almoner.records.audit_log import PostgresAuditLog, SqliteAuditLog

KEY = b"k" * 32
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
NOBODY = 65534
Log = SqliteAuditLog | PostgresAuditLog


def an_event(number: int = 0, **changes: Any) -> AuditEvent:
    columns = {"housing.repairs": ("reported_on", "trade")}
    fields: dict[str, Any] = {"at": AT + timedelta(seconds=number), "actor": f"user{number % 3}"}
    fields |= {"action": "read", "outcome": "allowed", "purpose": "front_line", "scope": "one_person"}
    fields |= {"permit_id": f"permit-{number % 2}", "datasets": tuple(columns), "columns": columns}
    return AuditEvent(**{**fields, **changes})


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


def test_what_was_appended_is_read_back_and_verifies(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    hashes = []
    for number in range(11):
        receipt = log.append(an_event(number))
        hashes.append(receipt.leaf_hash)
        assert receipt.sequence == number + 1
        assert receipt.root == merkle.tree_root(hashes)
    logged = list(open_log().events())
    assert [entry.event for entry in logged] == [an_event(number) for number in range(11)]
    assert [entry.leaf_hash for entry in logged] == hashes
    report = log.verify()
    assert report == VerifyReport(11, merkle.tree_root(hashes), 0, ())


def test_filters(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    for number in range(12):
        log.append(an_event(number), subjects=[f"P{number % 4}", "PX"] if number % 2 else [])
    log.append(an_event(12, outcome="refused", action="refused", datasets=("nhs.visits",), permit_id=None))

    def found(**wanted: Any) -> list[int]:
        return [entry.sequence for entry in log.events(EventFilter(**wanted))]

    assert found(actor="user1") == [2, 5, 8, 11]
    assert found(actor="user1", newest_first=True, limit=2) == [11, 8]
    assert found(permit_id="permit-1") == [2, 4, 6, 8, 10, 12]
    assert found(action="refused") == found(outcome="refused") == found(dataset="nhs.visits") == [13]
    assert found(since=AT + timedelta(seconds=3), until=AT + timedelta(seconds=5)) == [4, 5]
    assert found(subject="P1") == [2, 6, 10]
    assert found(subject="PX", permit_id="permit-1", limit=3) == [2, 4, 6]
    assert found(subject="never seen") == []
    assert found(limit=0) == []


def test_heads_kept_outside_bind_the_log(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    heads = [log.head()]
    for number in range(9):
        log.append(an_event(number))
        heads.append(SignedHead.from_document(log.export_head()))
    report = log.verify(heads)
    assert (report.intact, report.heads_checked) == (True, 9 + 10)
    for head in heads:
        assert log.verify_against(head).intact
        assert log.consistency(head).holds(LogKey(KEY).public_key)
    for wrong in (
        LogKey(KEY).sign_head(4, b"x" * 32, AT),
        LogKey(KEY).sign_head(10, b"x" * 32, AT),
        LogKey(b"s" * 32).sign_head(4, heads[4].root, AT),
    ):
        assert not log.verify_against(wrong).intact
        with pytest.raises(AuditError, match="does not extend"):
            log.consistency(wrong)


def test_no_person_and_no_reason_stands_in_an_event(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    receipt = log.append(an_event(), subjects=["PCANARY1"], reason="Visit to Ada Canary\x00")
    log.append(an_event(1), subjects=["PCANARY1", "PCANARY2"], reason="Visit to Ada Canary\x00")
    first, second = log.events()
    assert b"CANARY" not in first.event.to_leaf().upper()
    assert set(first.event.subject_digests) < set(second.event.subject_digests)
    assert first.event.reason_digest != second.event.reason_digest
    assert log.reason_text(receipt.sequence) == "Visit to Ada Canary\x00"
    assert log.verify().intact


def test_an_erased_person_is_unlinkable_and_every_proof_stands(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    log.append(an_event(0), subjects=["P1"], reason="about one")
    log.append(an_event(1), subjects=["P2"], reason="about two")
    head, leaves, erasure = log.head(), list(log.events()), an_event(2, action="audit.erase_subject")
    erased = log.erase_subject("P1", erasure, reason="disposal 17")
    assert (erased.found, erased.texts_erased, erased.receipt.sequence) == (True, 1, 3)
    assert list(log.events(EventFilter(subject="P1"))) == []
    assert [log.reason_text(number) for number in (1, 2, 3)] == [None, "about two", "disposal 17"]
    assert list(log.events(EventFilter(limit=2))) == leaves
    assert log.verify_against(head).intact
    assert log.consistency(head).holds(log.public_key)
    # Seen again, the person stands under another digest: the past stays unlinkable.
    log.append(an_event(3), subjects=["P1"])
    assert [entry.sequence for entry in log.events(EventFilter(subject="P1"))] == [4]
    again = log.erase_subject("nobody", erasure)
    assert (again.found, again.texts_erased) == (False, 0)
    assert log.verify().intact


def test_a_single_reason_can_be_erased(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    log.append(an_event(0, scope="all"), reason="names somebody")
    assert log.erase_reason(1, an_event(1, action="audit.erase_reason")).found
    assert log.reason_text(1) is None
    assert not log.erase_reason(1, an_event(1, action="audit.erase_reason")).found
    assert log.verify().intact


def test_only_the_log_digests_and_only_erasing_records_an_erasure(open_log: Callable[..., Log]) -> None:
    log = open_log(create=True)
    with pytest.raises(AuditError, match="Only the log itself"):
        log.append(an_event(subject_digests=("0" * 64,)))
    with pytest.raises(AuditError, match="by erasing"):
        log.append(an_event(action="audit.erase_subject"))
    with pytest.raises(AuditError, match="recorded as"):
        log.erase_subject("P1", an_event())
    with pytest.raises(AuditError, match="recorded as"):
        log.erase_reason(1, an_event())
    assert log.append(an_event()).sequence == 1


def test_a_log_is_not_begun_by_accident_nor_opened_with_another_key(open_log: Callable[..., Log], path: Path) -> None:
    path.touch()
    with pytest.raises(AuditError, match="no audit log here"):
        open_log()
    log = open_log(create=True)
    log.append(an_event())
    assert open_log(create=True).append(an_event()).sequence == 2
    with pytest.raises(KeyMissing):
        open_log(key=b"j" * 32)


@pytest.fixture
def kept(path: Path) -> SqliteAuditLog:
    log = SqliteAuditLog(path, KEY, create=True)
    for number in range(8):
        log.append(an_event(number), subjects=[f"P{number % 3}"], reason=f"reason {number}")
    log.export_head()
    log.append(an_event(8))
    log.close()
    return log


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
# What the attacker runs, and what the report must say.
ATTACKS = {
    f"{CHANGE}": "does not match its hash",
    f"{CHANGE}; UPDATE audit_event SET leaf_hash = sha(leaf)": "has another root",
    "UPDATE audit_event SET leaf = x'ff00' WHERE sequence = 4": "can't be read",
    "DELETE FROM audit_event WHERE sequence = 9": "state says 9 entries, but 8",
    "DELETE FROM audit_event WHERE sequence = 9; UPDATE audit_tree SET size = 8": "not signed",
    "DELETE FROM audit_event WHERE sequence = 5": "Entries 5 to 5 are missing",
    "DELETE FROM audit_event WHERE sequence = 5; UPDATE audit_tree SET size = 8;"
    "UPDATE audit_event SET sequence = sequence - 1 WHERE sequence > 5": "not the one in the state",
    "UPDATE audit_event SET sequence = 99 WHERE sequence = 3; UPDATE audit_event SET sequence = 3"
    " WHERE sequence = 6; UPDATE audit_event SET sequence = 6 WHERE sequence = 99": "has another root",
    f"{COPY.format(10)} WHERE sequence = 1; UPDATE audit_tree SET size = 10": "not the one in the state",
    "UPDATE audit_event SET actor = 'other' WHERE sequence = 2": "found by does not match",
    "DELETE FROM audit_subject WHERE sequence = 2": "index of who was looked at",
    "DELETE FROM audit_salt": "salt of a subject is missing",
    "UPDATE audit_text SET words = CAST('kind' AS BLOB) WHERE sequence = 1": "not the one that was given",
    "DELETE FROM audit_text WHERE sequence = 1": "reason of an entry is missing",
    "UPDATE audit_head SET document = '[]'": "exported head can't be read",
    """UPDATE audit_head SET document = replace(document, '"size": 8', '"size": 7')""": "not signed",
    "UPDATE audit_tree SET at = 'never'": "state is not signed",
    "DELETE FROM audit_tree": "state is missing",
    "ALTER TABLE audit_text ADD COLUMN more TEXT": "were altered",
}


@pytest.mark.parametrize(("statements", "expected"), ATTACKS.items(), ids=range(len(ATTACKS)))
def test_tampering_is_detected(kept: SqliteAuditLog, path: Path, statements: str, expected: str) -> None:
    attack(path, *statements.split(";"))
    report = kept.verify()
    assert any(expected in fault.what for fault in report.faults), report.faults


def test_a_log_that_was_emptied_is_not_begun_anew(kept: SqliteAuditLog, path: Path) -> None:
    tables = ("event", "subject", "head", "salt", "text", "tree")
    attack(path, *(f"DELETE FROM audit_{name}" for name in tables))
    emptied = SqliteAuditLog(path, KEY, create=True)
    assert not emptied.verify().intact
    with pytest.raises(AuditError, match="changed from outside"):
        emptied.append(an_event())


def test_looking_is_not_tampering(kept: SqliteAuditLog, path: Path) -> None:
    attack(path, "SELECT * FROM audit_event")
    assert kept.verify() == VerifyReport(9, kept.head().root, 1, ())


def test_a_log_forged_as_a_whole_lacks_only_the_signature(kept: SqliteAuditLog, path: Path) -> None:
    """Everything recomputed as the product would: what is left to find is the key that the forger lacks."""
    kept.append(an_event(9))  # so that a writer is open that trusts what it wrote last
    leaves = [bytes(leaf) for (leaf,) in sqlite3.connect(path).execute("SELECT leaf FROM audit_event")]
    leaves[3] = leaves[3].replace(b"front", b"back")
    frontier = merkle.Frontier()
    _ = [frontier.append(merkle.leaf_hash(leaf)) for leaf in leaves]
    attack(
        path,
        CHANGE,
        "UPDATE audit_event SET leaf_hash = sha(leaf)",
        f"UPDATE audit_tree SET peaks = x'{frontier.to_bytes().hex()}', root = x'{frontier.root().hex()}'",
        "DELETE FROM audit_head",
    )
    assert [fault.what for fault in kept.verify().faults] == ["The state is not signed with this log's key."]
    for use in (kept.head, kept.export_head, lambda: kept.append(an_event())):
        with pytest.raises(AuditError, match="changed from outside"):
            use()


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


def test_an_old_copy_put_back_is_found_by_a_head_kept_outside(kept: SqliteAuditLog, path: Path) -> None:
    shutil.copy(path, path.with_suffix(".old"))
    kept.append(an_event(9))
    head = SignedHead.from_document(json.loads(json.dumps(kept.head().to_document())))
    kept.close()
    shutil.copy(path.with_suffix(".old"), path)
    restored = SqliteAuditLog(path, KEY)
    assert restored.verify().intact
    assert "shorter" in restored.verify_against(head).faults[0].what
    restored.append(an_event(99))
    assert "another root" in restored.verify_against(head).faults[0].what


def test_what_was_erased_and_comes_back_is_reported(kept: SqliteAuditLog, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE saved AS SELECT * FROM audit_salt")
        connection.execute("CREATE TABLE words AS SELECT * FROM audit_text")
    connection.close()
    kept.erase_subject("P0", an_event(action="audit.erase_subject"), reason="disposal")
    kept.erase_reason(2, an_event(action="audit.erase_reason"))
    attack(
        path,
        "INSERT OR IGNORE INTO audit_salt SELECT * FROM saved",
        "INSERT OR IGNORE INTO audit_text SELECT * FROM words",
        "DROP TABLE saved",
        "DROP TABLE words",
    )
    assert [fault.what for fault in kept.verify().faults] == [
        "The salt of an erased subject is back.",
        "A reason about an erased subject is back.",
        "An erased reason is back.",
    ]


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


def test_an_append_that_fails_midway_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteAuditLog(path, KEY, create=True)
    log.append(an_event())
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(merkle.Frontier, "append", lambda *_: 1 / 0)
        log.append(an_event(), subjects=["P1"], reason="x")
    assert log.append(an_event(), subjects=["P1"]).sequence == 2
    assert log.reason_text(2) is None
    assert log.verify().intact


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


def test_the_log_is_importable_without_django() -> None:
    code = "import sys, almoner.records.audit_log; sys.exit(bool({'django', 'psycopg'} & sys.modules.keys()))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
