"""What an address holds of a choice: nothing lost, nothing taken from another list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almoner.charts.choosing import NEAREST, View, view_of
from almoner.kernel.errors import UsageError
from almoner.web.analysts.choice import choice_of_text, choice_text

CODES = [f"E01{number:06d}" for number in range(300)]


@given(st.sets(st.sampled_from(CODES)))
def test_what_was_written_is_read(chosen: set[str]) -> None:
    text = choice_text(chosen, CODES)
    assert choice_of_text(text, CODES[::-1]) == chosen and len(text) <= 60


@given(st.text(max_size=80))
def test_what_can_not_be_read_is_said(text: str) -> None:
    try:
        assert choice_of_text(text, CODES) <= set(CODES)
    except UsageError as error:
        assert "can't be read" in error.message


def test_a_choice_of_other_areas_is_noticed() -> None:
    with pytest.raises(UsageError):
        choice_of_text(choice_text({CODES[3]}, CODES), CODES[:-1])


@given(st.text(max_size=4), st.text(max_size=4), st.text(max_size=4), st.lists(st.integers(0, 5), max_size=12))
def test_a_view_never_leaves_the_map(nearness: str, across: str, down: str, steps: list[int]) -> None:
    view = view_of(nearness, across, down)
    for step in steps:
        view = (
            view.nearer(),
            view.farther(),
            view.moved(1, 0),
            view.moved(-1, 0),
            view.moved(0, 1),
            view.moved(0, -1),
        )[step]
        edge = 50 / view.nearness
        assert 1 <= view.nearness <= NEAREST
        assert edge - 1 <= view.across <= 101 - edge and edge - 1 <= view.down <= 101 - edge
    for _ in range(4):
        view = view.farther()
    assert view == View()
