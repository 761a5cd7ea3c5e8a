"""What answers come to, and which decisions hold together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from almoner.linkage.deciding import Said, settle, standing
from almoner.linkage.shapes import Decision

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def said(*words: str) -> list[Said]:
    """Give answers written 'ann same' or 'ann same!' (a ruling), a minute apart."""
    found = []
    for place, text in enumerate(words):
        actor, verdict = text.rstrip("!").split()
        found.append(Said(actor, verdict, NOON + timedelta(minutes=place), text.endswith("!")))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("answers", "second", "state", "verdict"),
    [
        ([], False, "open", None),
        (["ann same"], False, "decided", "same"),
        (["ann same"], True, "second", "same"),
        (["ann same", "bob same"], True, "decided", "same"),
        (["ann same", "bob different"], True, "disputed", None),
        (["ann same", "bob different", "cat different"], True, "decided", "different"),
        (["ann same", "bob different", "cat unsure"], True, "disputed", None),
        (["ann same", "ann different"], True, "second", "different"),
        (["ann unsure"], False, "second", None),
        (["ann unsure", "bob unsure"], False, "unsure", None),
        (["ann unsure", "bob same"], True, "decided", "same"),
        (["ann same", "bob same", "cat different!"], True, "decided", "different"),
        (["cat different!", "ann same", "bob same"], True, "decided", "different"),
        (["cat different!", "ann same!"], True, "decided", "same"),
    ],
)
def test_answers_come_to(answers: list[str], second: bool, state: str, verdict: str | None) -> None:
    outcome = settle(said(*answers), second)
    assert (outcome.state, outcome.verdict) == (state, verdict)


A, B, C, D = (("h.p", letter) for letter in "ABCD")


def at(minute: int, decision: Decision) -> tuple[datetime, Decision]:
    """Say when a decision was made."""
    return NOON + timedelta(minutes=minute), decision


def test_of_two_that_contradict_each_other_at_second_hand_the_newer_stands() -> None:
    decisions = [
        at(1, Decision(A, B, "same")),
        at(2, Decision(B, C, "same")),
        at(3, Decision(C, D, "same")),
        at(4, Decision(A, D, "different")),
    ]
    for order in permutations(decisions):
        found = standing(order)
        assert found.decisions == (Decision(A, D, "different"), Decision(B, C, "same"), Decision(C, D, "same"))
        assert found.superseded == 1


def test_a_merge_after_an_unmerge_stands() -> None:
    found = standing([at(1, Decision(A, B, "different")), at(2, Decision(A, C, "same")), at(3, Decision(B, C, "same"))])
    assert found.decisions == (Decision(A, C, "same"), Decision(B, C, "same"))
    assert found.superseded == 1


def test_decisions_that_agree_all_stand() -> None:
    decisions = [at(1, Decision(A, B, "same")), at(2, Decision(A, C, "different")), at(3, Decision(B, C, "different"))]
    assert standing(decisions).superseded == 0
    assert len(standing(decisions).decisions) == 3
