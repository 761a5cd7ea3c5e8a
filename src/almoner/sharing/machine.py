"""The life of an extract, read from `machine.toml` and checked. Nothing else may decide what state follows another."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from almoner.kernel.errors import ShareRefused
from almoner.registry.governing import Right

START = ""
"""The state before an extract is asked for."""


class State(BaseModel):
    """A state of an extract."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meaning: str
    open: bool
    out: bool = False


class Transition(BaseModel):
    """One thing that may happen to an extract."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    action: str
    sources: tuple[str, ...] = Field(alias="from")
    to: str
    right: Right
    who: Literal["anybody", "second"] = "anybody"


class Machine(BaseModel):
    """The whole life of extracts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: dict[str, State]
    transition: tuple[Transition, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> Machine:
        used = {state for each in self.transition for state in (*each.sources, each.to) if state}
        actions = [each.action for each in self.transition]
        left = {source for each in self.transition if each.to for source in each.sources}
        reached = {each.to for each in self.transition}
        faults = [f"there is no state '{name}'" for name in sorted(used - set(self.state))]
        faults += [f"'{action}' is declared twice" for action in sorted(set(actions)) if actions.count(action) > 1]
        faults += [f"no extract comes to '{name}'" for name in sorted(set(self.state) - reached)]
        faults += [f"no extract leaves '{name}'" for name, each in self.state.items() if each.open and name not in left]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def find(self, action: str) -> Transition:
        """Find a transition. Raises: KeyError for an action that there is not: a fault of the product."""
        return {each.action: each for each in self.transition}[action]

    def follow(self, share_id: str, state: str, action: str) -> tuple[Transition, str]:
        """Give what happens and the state it leads to. Raises: ShareRefused, naming what can be done instead."""
        transition = self.find(action)
        if state in transition.sources:
            return transition, transition.to or state
        possible = [each.action for each in self.transition if state in each.sources and each.action != "fail"]
        raise ShareRefused(
            f"An extract that is {state} can't be changed by '{action}'.",
            where=f"extract {share_id}",
            why=self.state[state].meaning,
            todo=f"What can be done: {', '.join(possible)}." if possible else "Ask for a new one.",
        )


def machine_of(text: str) -> Machine:
    """Read a machine from TOML. Raises: ValueError with every fault."""
    return Machine.model_validate(tomllib.loads(text))


@functools.cache
def machine() -> Machine:
    """Read the machine of the product."""
    return machine_of(resources.files("almoner.sharing").joinpath("machine.toml").read_text("utf-8"))
