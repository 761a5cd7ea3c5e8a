"""The order of questions: first the one whose answer can be expected to change the most."""

from __future__ import annotations

import pytest

from almoner.linkage.questions import Question, chance_of_change, in_order
from almoner.linkage.weighing import weight_of


def question(
    pair: str, probability: float, *, kind: str = "apart", reason: str = "uncertain", moved: int = 1
) -> Question:
    """Give a question about two records, of whom the smaller side has `moved`."""
    return Question(
        pair, ("h.p", pair), ("r.t", pair), kind, f"{reason}: forename same", weight_of(probability), probability,  # type: ignore[arg-type]
        "P1", "P2", moved, moved + 3,
    )  # fmt: skip


def test_nearest_to_the_threshold_and_with_most_records_comes_first() -> None:
    found = in_order(
        [question("a", 0.2), question("b", 0.9), question("c", 0.5, moved=4), question("d", 0.94), question("e", 0.11)]
    )
    assert [each.pair for each in found] == ["c", "d", "b", "a", "e"]


def test_a_pair_that_something_speaks_against_might_as_well_not_be() -> None:
    assert chance_of_change("apart", "nhs_number: forename same", 0.9999) == 0.5
    assert chance_of_change("apart", "rival: forename same", 0.3) == 0.3
    assert chance_of_change("apart", "uncertain: forename same", 0.9) == 0.9


def test_a_thin_join_is_asked_by_how_likely_it_is_wrong() -> None:
    found = in_order(
        [question("a", 0.9, kind="joined", reason="thin"), question("b", 0.6, kind="joined", reason="thin")]
    )
    assert [(each.pair, round(each.value, 6)) for each in found] == [("b", 0.4), ("a", 0.1)]


def test_each_pair_is_asked_once_and_ties_are_always_broken_alike() -> None:
    questions = [question(pair, 0.5) for pair in "cabca"]
    assert [each.pair for each in in_order(questions)] == ["a", "b", "c"]
    assert in_order(questions) == in_order(questions[::-1])


@pytest.mark.parametrize(("reason", "against"), [("uncertain", None), ("rival", "rival"), ("nino", "nino")])
def test_what_speaks_against_is_named(reason: str, against: str | None) -> None:
    assert question("a", 0.5, reason=reason).contradicted == against
