"""The log: what was appended is read back, proved, erased, and cannot be altered unnoticed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from almoner.governance import merkle
from almoner.governance.audit import EventFilter, LogKey, SignedHead, VerifyReport
from almoner.kernel.errors import AuditError, KeyMissing
from almoner.records.audit_log import SqliteAuditLog
from tests.integration.audit.logs import AT, CHANGE, COPY, KEY, Log, an_event, attack


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


def test_an_append_that_fails_midway_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteAuditLog(path, KEY, create=True)
    log.append(an_event())
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(merkle.Frontier, "append", lambda *_: 1 / 0)
        log.append(an_event(), subjects=["P1"], reason="x")
    assert log.append(an_event(), subjects=["P1"]).sequence == 2
    assert log.reason_text(2) is None
    assert log.verify().intact


def test_the_log_is_importable_without_django() -> None:
    code = "import sys, almoner.records.audit_log; sys.exit(bool({'django', 'psycopg'} & sys.modules.keys()))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
