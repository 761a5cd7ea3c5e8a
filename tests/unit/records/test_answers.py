"""How answers are kept: which records and why only the key opens, and nothing beside them can be altered unseen."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from almoner.governance.ports import Answer
from almoner.kernel.errors import KeyMissing
from tests.workspace_builder import TinyWorkspace, write_workspace

if TYPE_CHECKING:
    from almoner.records.answers import OrmAnswers

ONE, OTHER = ("housing.tenancies", "T4711#JNT"), ("elections.register", "E-0815")
KEYS = (b"s" * 32, b"p" * 32)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace whose records serve."""
    tiny = write_workspace(tmp_path / "workspace")
    tiny.open()
    return tiny


def answers(sealing: bytes = KEYS[0], pairing: bytes = KEYS[1]) -> OrmAnswers:
    """Open the answers; Django has to be set up first."""
    from almoner.records.answers import OrmAnswers

    return OrmAnswers(sealing, pairing)


def answer(kept: OrmAnswers, minute: int = 0, reason: str = "The tenancy file says so") -> Answer:
    """Give an answer about the two."""
    at = dt.datetime(2026, 5, 1, 12, minute, tzinfo=dt.UTC)
    return Answer("D1", kept.pair_of(ONE, OTHER), ONE, OTHER, "same", "answer", "ann", reason, at)


def test_answers_come_back_as_they_were_oldest_first(tiny: TinyWorkspace) -> None:
    kept = answers()
    later, earlier = answer(kept, 9, "Looked again"), answer(kept, 3)
    kept.keep([later])
    kept.keep([earlier])
    assert kept.answers() == [earlier, later]


def test_the_database_shows_neither_records_nor_reasons(tiny: TinyWorkspace) -> None:
    kept = answers()
    kept.keep([answer(kept)])
    raw = b"".join(path.read_bytes() for path in tiny.root.glob("records.sqlite*"))
    assert b"ReviewAnswer".lower() in raw.lower()
    for word in (b"T4711", b"E-0815", b"tenancy file", b"elections.register"):
        assert word not in raw


def test_a_pair_is_one_whatever_its_order_and_another_key_gives_another(tiny: TinyWorkspace) -> None:
    kept = answers()
    assert kept.pair_of(ONE, OTHER) == kept.pair_of(OTHER, ONE)
    assert kept.pair_of(ONE, OTHER) != answers(pairing=b"q" * 32).pair_of(ONE, OTHER)


@pytest.mark.parametrize(("column", "value"), [("verdict", "different"), ("actor", "bob"), ("kind", "ruling")])
def test_an_altered_answer_is_found_out(tiny: TinyWorkspace, column: str, value: str) -> None:
    from almoner.records.models import ReviewAnswer

    kept = answers()
    kept.keep([answer(kept)])
    ReviewAnswer.objects.update(**{column: value})
    with pytest.raises(KeyMissing):
        kept.answers()


def test_another_key_opens_nothing(tiny: TinyWorkspace) -> None:
    kept = answers()
    kept.keep([answer(kept)])
    with pytest.raises(KeyMissing):
        answers(sealing=b"x" * 32).answers()
