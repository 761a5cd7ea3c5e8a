"""The life of a case, read from `machine.toml` and checked: kinds, states, outcomes, transitions.

Nothing else may decide what state follows another, who may bring it about, or what an outcome needs.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from almoner.kernel.errors import RequestRefused, UsageError
from almoner.registry.governing import Right
from almoner.requests.clocks.declared import Event, clocks

Group = Literal["foi", "rights"]
Who = Literal["anybody", "second", "fresh"]
START = ""
"""The state before a case is opened."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Kind(_Part):
    """A kind of case."""

    name: str
    title: str
    group: Group
    prefix: str = Field(pattern=r"^[A-Z]{3}$")
    clock: str
    review_clock: str = ""
    laws: tuple[str, ...] = ()
    extension: str = ""
    source: str


class State(_Part):
    """A state of a case."""

    meaning: str
    open: bool


class Outcome(_Part):
    """What may come out of a case."""

    name: str
    title: str
    kinds: tuple[str, ...]
    second_person: bool = False
    discloses: bool = False
    needs: Literal["", "exemption", "over_limit"] = ""
    forbids: Literal["", "exemption"] = ""
    letter: Literal["answer", "refusal"]


class Transition(_Part):
    """One thing that may happen to a case. No kinds and groups: to every one."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    action: str
    sources: tuple[str, ...] = Field(alias="from")
    to: str
    right: Right
    who: Who = "anybody"
    kinds: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    asks: Event | None = None
    letter: str = ""

    def suits(self, kind: Kind) -> bool:
        """Say whether it may happen to cases of a kind."""
        return (not self.kinds or kind.name in self.kinds) and (not self.groups or kind.group in self.groups)


class Machine(_Part):
    """The whole life of cases."""

    kind: dict[str, Kind]
    state: dict[str, State]
    outcome: dict[str, Outcome]
    transition: tuple[Transition, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> Machine:
        faults = [*self._unknown_names(), *self._dead_states()]
        actions = [each.action for each in self.transition]
        faults += [f"'{action}' is declared twice" for action in set(actions) if actions.count(action) > 1]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _unknown_names(self) -> list[str]:
        used = {state for each in self.transition for state in (*each.sources, each.to) if state}
        faults = [f"there is no state '{name}'" for name in sorted(used - set(self.state))]
        for kind in self.kind.values():
            names = [name for name in (kind.clock, kind.review_clock) if name]
            faults += [f"there is no clock '{name}'" for name in names if name not in clocks()]
        named = {name for each in self.outcome.values() for name in each.kinds}
        named |= {name for each in self.transition for name in each.kinds}
        return faults + [f"there is no kind '{name}'" for name in sorted(named - set(self.kind))]

    def _dead_states(self) -> list[str]:
        """Find states that no case can come to, and open ones that it can't leave."""
        reached = {START}
        for _ in self.state:
            reached |= {each.to for each in self.transition if not each.sources or reached & set(each.sources)}
        left = {source for each in self.transition if each.to for source in each.sources}
        faults = [f"no case comes to '{name}'" for name in sorted(set(self.state) - reached)]
        return faults + [
            f"no case leaves '{name}'" for name, each in self.state.items() if each.open and name not in left
        ]

    def find(self, action: str) -> Transition:
        """Find a transition. Raises: UsageError."""
        found = next((each for each in self.transition if each.action == action), None)
        if found is None:
            raise UsageError(f"Nothing called '{action}' can happen to a case.")
        return found

    def follow(self, case_id: str, kind: str, state: str, action: str) -> tuple[Transition, str]:
        """Give what happens and the state it leads to.

        Raises: RequestRefused, naming what can be done instead.
        """
        transition = self.find(action)
        if state in transition.sources and transition.suits(self.kind[kind]):
            return transition, transition.to or state
        possible = [each.action for each in self.transition if state in each.sources and each.suits(self.kind[kind])]
        raise RequestRefused(
            f"A case that is {state.replace('_', ' ')} can't be changed by '{action}'.",
            where=f"case {case_id}",
            why=self.state[state].meaning,
            todo=f"What can be done: {', '.join(possible)}." if possible else "Open a new case.",
        )

    def outcomes_of(self, kind: str) -> list[str]:
        """Name the outcomes that a kind of case may have."""
        return [name for name, each in self.outcome.items() if kind in each.kinds]

    def open_states(self) -> list[str]:
        """Name the states in which somebody still has to do something."""
        return [name for name, each in self.state.items() if each.open]


def machine_of(text: str) -> Machine:
    """Read a machine from TOML. Raises: ValueError with every fault."""
    document = tomllib.loads(text)
    for part in ("kind", "outcome"):
        document[part] = {name: {"name": name, **each} for name, each in document[part].items()}
    return Machine.model_validate(document)


@functools.cache
def machine() -> Machine:
    """Read the machine of the product."""
    return machine_of(resources.files("almoner.requests.casework").joinpath("machine.toml").read_text("utf-8"))
