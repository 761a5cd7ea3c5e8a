"""The life of an extract as data: what is contradictory is refused, and nothing is sent that was not approved."""

from __future__ import annotations

from importlib import resources

import pytest

from almoner.kernel.errors import ShareRefused
from almoner.sharing.machine import machine, machine_of

TEXT = resources.files("almoner.sharing").joinpath("machine.toml").read_text("utf-8")


def paths_to(state: str) -> list[list[str]]:
    """List the ways, without going in circles, in which an extract comes to a state."""
    told, found = machine(), []

    def go(now: str, done: list[str], seen: set[str]) -> None:
        if now == state:
            found.append(done)
            return
        for each in told.transition:
            after = each.to or now
            fits = now in each.sources or (not each.sources and now == "")
            if fits and after not in seen:
                go(after, [*done, each.action], {*seen, after})

    go("", [], set())
    return found


def test_nothing_routine_is_sent_without_a_check_and_a_second_person() -> None:
    ways = paths_to("sent")
    assert ways
    for way in ways:
        assert way == ["emergency"] or (way.index("check") < way.index("approve") < way.index("send"))
    told = machine()
    assert {each.action for each in told.transition if each.who == "second"} == {"approve", "refuse", "review"}
    assert told.find("approve").right == "share_approve" != told.find("ask").right


def test_what_was_checked_again_is_approved_again() -> None:
    transition, state = machine().follow("SHR-1", "approved", "check")
    assert (transition.action, state) == ("check", "checked")


def test_a_refusal_names_what_can_be_done_instead() -> None:
    with pytest.raises(ShareRefused) as refused:
        machine().follow("SHR-1", "checked", "send")
    assert "approve" in refused.value.todo and "fail" not in refused.value.todo and "SHR-1" in refused.value.where
    with pytest.raises(ShareRefused, match="confirmed can't be changed"):
        machine().follow("SHR-1", "confirmed", "send")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('to = "approved"', 'to = "waved_through"', "there is no state 'waved_through'"),
        ('action = "withdraw"', 'action = "refuse"', "'refuse' is declared twice"),
        ('from = ["sent"]\nto = "confirmed"', 'from = ["sent"]\nto = "sent"', "no extract comes to 'confirmed'"),
        ('from = ["approved"]\nto = "sent"', 'from = ["checked"]\nto = "sent"', None),
        ('[state.confirmed]\nmeaning = "The recipient has confirmed that it is destroyed."\nopen = false',
         '[state.confirmed]\nmeaning = "The recipient has confirmed that it is destroyed."\nopen = true', "no extract leaves 'confirmed'"),
    ],
)  # fmt: skip
def test_a_machine_that_contradicts_itself_is_refused(old: str, new: str, fault: str | None) -> None:
    assert old in TEXT
    if fault is None:
        machine_of(TEXT.replace(old, new))
        return
    with pytest.raises(ValueError, match=fault):
        machine_of(TEXT.replace(old, new))
