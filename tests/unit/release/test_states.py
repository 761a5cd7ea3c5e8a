"""The life cycle is a table: everything else that is tried in a state is refused."""

from __future__ import annotations

from typing import get_args

import pytest

from almoner.kernel.errors import ReleaseRefused
from almoner.release.states import MEANINGS, TRANSITIONS, Action, State, next_state

LIFE: dict[tuple[State, Action], State] = {
    ("draft", "edit"): "draft", ("draft", "repair"): "draft", ("draft", "pass"): "checked", ("draft", "fail"): "draft",
    ("checked", "edit"): "draft", ("checked", "repair"): "draft", ("checked", "pass"): "checked",
    ("checked", "fail"): "draft", ("checked", "approve"): "approved",
    ("approved", "edit"): "draft", ("approved", "repair"): "draft", ("approved", "pass"): "approved",
    ("approved", "fail"): "draft", ("approved", "publish"): "released",
    ("released", "withdraw"): "withdrawn",
    ("draft", "discard"): "discarded", ("checked", "discard"): "discarded", ("approved", "discard"): "discarded",
}  # fmt: skip


@pytest.mark.parametrize("state", get_args(State))
@pytest.mark.parametrize("action", get_args(Action))
def test_only_what_the_table_says_may_happen(state: State, action: Action) -> None:
    if (state, action) in LIFE:
        assert next_state("R1", state, action) == LIFE[state, action]
    else:
        with pytest.raises(ReleaseRefused) as refused:
            next_state("R1", state, action)
        assert refused.value.why == MEANINGS[state] and refused.value.todo


def test_every_state_is_explained_and_only_a_second_person_approves() -> None:
    assert set(MEANINGS) == set(get_args(State))
    assert [each.action for each in TRANSITIONS if each.who == "a second person"] == ["approve"]


@pytest.mark.parametrize("state", ["withdrawn", "discarded"])
def test_nothing_leads_out_of_withdrawn_and_discarded(state: State) -> None:
    assert not [each for each in TRANSITIONS if state in each.sources]
