"""The life of a case as data: what is declared holds together, and a fault in it is found."""

from __future__ import annotations

from importlib import resources

import pytest

from almoner.kernel.errors import RequestRefused, UsageError
from almoner.requests.casework.exemptions import exemptions_under
from almoner.requests.casework.machine import machine, machine_of
from almoner.requests.letters.wording import letter_names

TEXT = resources.files("almoner.requests.casework").joinpath("machine.toml").read_text("utf-8")


def test_every_kind_can_be_answered_and_closed() -> None:
    for kind in machine().kind.values():
        state = "received"
        for action in ("decide", "approve", "answer", "close"):
            _, state = machine().follow("X", kind.name, state, action)
        assert state == "closed" and machine().outcomes_of(kind.name)


def test_whatever_refuses_or_gives_something_out_needs_a_second_person() -> None:
    for name, outcome in machine().outcome.items():
        grave = outcome.discloses or outcome.letter == "refusal" or outcome.needs
        assert outcome.second_person or not grave, name
    approve = machine().find("approve")
    assert (approve.who, approve.right) == ("second", "requests_approve")
    assert machine().find("conclude").who == "fresh"


def test_a_kind_whose_outcomes_need_an_exemption_has_some() -> None:
    for kind in machine().kind.values():
        needing = [name for name in machine().outcomes_of(kind.name) if machine().outcome[name].needs == "exemption"]
        assert bool(needing) == bool(exemptions_under(kind.laws)), kind.name


def test_every_letter_that_is_named_is_there_and_none_is_left_over() -> None:
    named = {each.letter for each in machine().transition if each.letter}
    named |= {each.letter for each in machine().outcome.values()}
    assert named == set(letter_names())


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('to = "received"\nright = "requests"', 'to = "nowhere"\nright = "requests"', "no state 'nowhere'"),
        ('clock = "right"', 'clock = "rite"', "no clock 'rite'"),
        ('kinds = ["complaint"]', 'kinds = ["grumble"]', "no kind 'grumble'"),
        ('action = "assign"', 'action = "ask"', "'ask' is declared twice"),
        ('right = "requests_approve"', 'right = "king"', "king"),
        ('from = ["approved"]\nto = "answered"', 'from = ["approved"]\nto = "received"', "no case comes to 'answered'"),
        ('from = ["decided"]\nto = "approved"', 'from = ["received"]\nto = "approved"', None),
        ('who = "second"', 'who = "third"', "third"),
        ('letter = "review"', 'lettre = "review"', "lettre"),
    ],
)
def test_a_fault_in_the_table_is_found(old: str, new: str, fault: str | None) -> None:
    assert old in TEXT
    changed = TEXT.replace(old, new, 1)
    if fault is None:
        assert machine_of(changed)
        return
    with pytest.raises(ValueError, match=fault):
        machine_of(changed)


def test_what_can_not_follow_says_what_can() -> None:
    with pytest.raises(RequestRefused) as refused:
        machine().follow("FOI-1", "foi", "waiting_fee", "answer")
    assert "resume" in refused.value.todo and "identify" not in refused.value.todo
    with pytest.raises(RequestRefused):
        machine().follow("FOI-1", "foi", "received", "identify")
    with pytest.raises(UsageError):
        machine().find("burn")
