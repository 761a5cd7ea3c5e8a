"""The life cycle of a release as data: what may be done in which state, by whom, and what it leads to.

`docs/reference/release-states.md` is written from this table. Nothing else may decide what state follows another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from almoner.kernel.errors import ReleaseRefused
from almoner.registry.governing import Right

State = Literal["draft", "checked", "approved", "discarded", "released", "withdrawn"]
Action = Literal["edit", "repair", "pass", "fail", "approve", "publish", "withdraw", "discard"]
Who = Literal["anybody", "a second person"]

MEANINGS: dict[State, str] = {
    "draft": "Being made. Nobody outside sees it.",
    "checked": "Nothing protected can be deduced from it together with all that is out.",
    "approved": "A second person has said yes to exactly this content.",
    "discarded": "It never went out, and what it held is destroyed. That there was one stays known.",
    "released": "It is out, and its figures are in the ledger.",
    "withdrawn": "It was out and is no longer. Its figures stay in the ledger: what was published stays known.",
}


@dataclass(frozen=True)
class Transition:
    """One thing that may happen to a release. `who` with the right; a second person has written none of it."""

    action: Action
    sources: tuple[State, ...]
    target: State
    right: Right
    command: str
    who: Who = "anybody"


TRANSITIONS: tuple[Transition, ...] = (
    Transition("edit", ("draft", "checked", "approved"), "draft", "release", "almoner release draft"),
    Transition("repair", ("draft", "checked", "approved"), "draft", "release", "almoner release repair"),
    Transition("pass", ("draft", "checked"), "checked", "release", "almoner release check"),
    Transition("pass", ("approved",), "approved", "release", "almoner release check"),
    Transition("fail", ("draft", "checked", "approved"), "draft", "release", "almoner release check"),
    Transition("approve", ("checked",), "approved", "release_approve", "almoner release approve", "a second person"),
    Transition("discard", ("draft", "checked", "approved"), "discarded", "release", "almoner release discard"),
    Transition("publish", ("approved",), "released", "release", "almoner release publish"),
    Transition("withdraw", ("released",), "withdrawn", "release", "almoner release withdraw"),
)


def can_follow(state: State, action: Action) -> bool:
    """Say whether something may happen in a state."""
    return any(each.action == action and state in each.sources for each in TRANSITIONS)


def next_state(release: str, state: State, action: Action) -> State:
    """Give the state that an action leads to.

    Raises: ReleaseRefused, naming what can be done instead.
    """
    for transition in TRANSITIONS:
        if transition.action == action and state in transition.sources:
            return transition.target
    possible = sorted({each.command for each in TRANSITIONS if state in each.sources})
    raise ReleaseRefused(
        f"A release that is {state} can't be changed by '{action}'.",
        where=f"release {release}",
        why=MEANINGS[state],
        todo=f"What can be done: {', '.join(possible)}." if possible else "Draft a new release.",
    )
