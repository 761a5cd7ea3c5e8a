"""What an event may hold, how it is written, and how heads and proofs are checked without the log."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almoner.governance import merkle
from almoner.governance.audit import (
    TEXT_LIMIT,
    AuditEvent,
    ConsistencyProof,
    Fault,
    LogKey,
    LogState,
    SignedHead,
    VerifyReport,
    salted_digest,
)
from almoner.governance.audit_check import LogCheck
from almoner.kernel.errors import AuditError, KeyMissing

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
KEY = LogKey(b"k" * 32)


def an_event(**changes: Any) -> AuditEvent:
    fields: dict[str, Any] = {"at": AT, "actor": "asha", "action": "read", "outcome": "allowed"}
    return AuditEvent(**{**fields, **changes})


def test_the_leaf_is_sorted_json_with_absent_fields_left_out() -> None:
    event = an_event(columns={"b.c": ["y", "x"]}, datasets=["b.c"], detail={"case_no": 7, "urgent": False})
    assert event.to_leaf() == (
        b'{"action":"read","actor":"asha","at":"2026-03-01T09:30:00.000000Z","columns":{"b.c":["y","x"]},'
        b'"datasets":["b.c"],"detail":{"case_no":7,"urgent":false},"outcome":"allowed","version":1}'
    )


def test_the_same_instant_in_another_zone_gives_the_same_leaf() -> None:
    summer_time = AT.astimezone(timezone(timedelta(hours=1)))
    assert an_event(at=summer_time).to_leaf() == an_event().to_leaf()


plain = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | plain


@settings(deadline=None, max_examples=100)
@given(
    at=st.datetimes(timezones=st.just(UTC)),
    texts=st.fixed_dictionaries({"actor": plain}, optional={"purpose": plain, "permit_id": plain}),
    columns=st.dictionaries(plain, st.lists(plain, min_size=1, max_size=3), max_size=3),
    detail=st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True), scalars, max_size=3),
    digests=st.lists(st.from_regex(r"[0-9a-f]{64}", fullmatch=True), max_size=2),
)
def test_an_event_comes_back_as_it_went_in(
    at: datetime,
    texts: dict[str, str],
    columns: dict[str, list[str]],
    detail: dict[str, Any],
    digests: list[str],
) -> None:
    event = an_event(at=at, columns=columns, datasets=tuple(columns), detail=detail, subject_digests=digests, **texts)
    assert AuditEvent.from_leaf(event.to_leaf()) == event
    assert AuditEvent.from_leaf(event.to_leaf()).to_leaf() == event.to_leaf()


CANARY = "CANARY-Okonkwo"
UNFIT = {
    "at": AT.replace(tzinfo=None),
    "action": f"Read {CANARY}",
    "outcome": CANARY,
    "actor": "",
    "purpose": CANARY + "\n",
    "permit_id": 12,
    "form": CANARY * TEXT_LIMIT,
    "scope": CANARY + "\x00",
    "reason_code": CANARY + "\ud800",
    "datasets": CANARY,
    "columns": {"a.b": [CANARY + "\r"]},
    "detail": {"note": [CANARY]},
    "subject_digests": (CANARY,),
    "reason_digest": CANARY,
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_can_not_be_recorded_safely_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(AuditError) as raised:
        an_event(**{name: UNFIT[name]})
    assert CANARY not in " ".join(raised.value.lines())
    assert raised.value.exit_code == 7


@pytest.mark.parametrize("detail", [{"x": float("nan")}, {"x": b"bytes"}, {"x": {"a": 1}}, {"Bad key": 1}, {"": 1}])
def test_detail_takes_safe_scalars_only(detail: dict[str, Any]) -> None:
    with pytest.raises(AuditError, match="detail"):
        an_event(detail=detail)


def test_every_text_field_is_checked() -> None:
    """A field added later must be added to the checks too."""
    assert UNFIT.keys() == {field.name for field in dataclasses.fields(AuditEvent)}


@pytest.mark.parametrize(
    "leaf", [b"", b"[]", b"\xff", b'{"version":1}', b'{"version":2}', b'{"version":1,"at":"x","nothing":1}']
)
def test_a_leaf_that_is_no_event_is_an_audit_error(leaf: bytes) -> None:
    with pytest.raises(AuditError, match="can't be read"):
        AuditEvent.from_leaf(leaf)


def test_a_digest_needs_its_salt() -> None:
    assert salted_digest(b"a" * 32, b"P1") != salted_digest(b"b" * 32, b"P1")
    assert salted_digest(b"a" * 32, b"P1") == salted_digest(b"a" * 32, b"P1")


def test_a_subject_is_looked_up_by_a_keyed_name() -> None:
    assert KEY.lookup("P1") == LogKey(b"k" * 32).lookup("P1")
    assert KEY.lookup("P1") != LogKey(b"j" * 32).lookup("P1")
    assert KEY.lookup("P1") != KEY.lookup("P2")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(KeyMissing):
        LogKey(b"short")


def test_a_head_survives_its_document_and_any_change_breaks_its_signature() -> None:
    head = KEY.sign_head(5, b"r" * 32, AT)
    document = json.loads(json.dumps(head.to_document()))
    assert SignedHead.from_document(document) == head
    assert head.is_signed_by(KEY.public_key)
    assert not dataclasses.replace(head, size=6).is_signed_by(KEY.public_key)
    assert not dataclasses.replace(head, root=b"s" * 32).is_signed_by(KEY.public_key)
    assert not dataclasses.replace(head, at=AT + timedelta(seconds=1)).is_signed_by(KEY.public_key)


def test_a_head_signed_by_somebody_else_with_their_own_key_inside_is_not_ours() -> None:
    stranger = LogKey(b"s" * 32)
    head = stranger.sign_head(5, b"r" * 32, AT)
    assert head.is_signed_by(stranger.public_key)
    assert not head.is_signed_by(KEY.public_key)
    assert not dataclasses.replace(head, public_key=KEY.public_key).is_signed_by(KEY.public_key)


def test_an_exported_head_can_not_stand_in_for_the_state() -> None:
    head, at = KEY.sign_head(5, b"r" * 32, AT), "2026-03-01T09:30:00.000000Z"
    assert KEY.signed_state(5, b"r" * 32, at, KEY.sign_state(5, b"r" * 32, at))
    assert not KEY.signed_state(5, b"r" * 32, at, head.signature)


@pytest.mark.parametrize(
    "change",
    [
        {"size": "5"},
        {"size": True},
        {"root": "xyz"},
        {"at": "2026-03-01"},
        {"document": "other"},
        {"at": None},
    ],
)
def test_a_document_that_is_no_head_is_an_audit_error(change: dict[str, Any]) -> None:
    with pytest.raises(AuditError, match="not a signed head"):
        SignedHead.from_document({**KEY.sign_head(5, b"r" * 32, AT).to_document(), **change})


def test_a_stored_state_is_taken_only_if_it_is_whole_and_ours() -> None:
    frontier = merkle.Frontier()
    for number in range(3):
        frontier.append(merkle.leaf_hash(bytes([number])))
    state = LogState.of(frontier, AT, KEY)
    assert LogState.read(tuple(state), KEY) == state
    other = bytes(32) + state.peaks[32:]
    changes = ({"size": 4}, {"peaks": other}, {"peaks": b""}, {"root": bytes(32)}, {"at": "never"})
    for row in (None, *(state._replace(**change) for change in changes)):
        with pytest.raises(AuditError, match="changed from outside"):
            LogState.read(row, KEY)
    with pytest.raises(AuditError, match="changed from outside"):
        LogState.read(state, LogKey(b"s" * 32))


def test_a_consistency_proof_needs_both_signatures() -> None:
    hashes = [merkle.leaf_hash(bytes([number])) for number in range(7)]
    old = KEY.sign_head(3, merkle.tree_root(hashes[:3]), AT)
    new = KEY.sign_head(7, merkle.tree_root(hashes), AT)
    proof = ConsistencyProof(old, new, tuple(merkle.consistency_proof(hashes, 3)))
    assert proof.holds(KEY.public_key)
    assert not proof.holds(LogKey(b"s" * 32).public_key)
    unsigned = dataclasses.replace(old, signature=b"0" * 64)
    assert not dataclasses.replace(proof, old=unsigned).holds(KEY.public_key)
    assert not dataclasses.replace(proof, hashes=proof.hashes[:-1]).holds(KEY.public_key)


def test_a_report_with_faults_stops() -> None:
    VerifyReport(1, b"", 0, ()).require_intact()
    with pytest.raises(AuditError, match="it was changed") as raised:
        VerifyReport(1, b"", 0, (Fault("it was changed", 12),)).require_intact()
    assert raised.value.where == "entry 12"


def test_a_badly_damaged_log_is_reported_in_a_bounded_list() -> None:
    check = LogCheck(KEY, [], [])
    check.page([(sequence, b"{}", b"wrong") for sequence in range(1, 301)], [], [])
    report = check.finish(None)
    assert len(report.faults) == 101
    assert report.faults[-1].what.endswith("more faults are not listed.")
