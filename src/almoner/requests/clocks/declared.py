"""The clocks as they are declared in `clocks.toml`. Nothing else may say how long something takes."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from almoner.kernel.errors import UsageError

Event = Literal["identity", "clarification", "fee"]
"""What somebody is asked for: proof of who they are, what they mean, money."""
Basis = Literal["law", "guidance", "target"]


class Clock(BaseModel):
    """One clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    counts: Literal["working_days", "months", "days"]
    length: int = Field(ge=1)
    first_day: Literal["following", "receipt"]
    calendar: Literal["any_part", "own"]
    rolls: bool = False
    restarts: tuple[Event, ...] = ()
    pauses: tuple[Event, ...] = ()
    extended: str = ""
    basis: Basis
    source: str

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Clock:
        if set(self.restarts) & set(self.pauses):
            raise ValueError("an event restarts a clock or pauses it, never both")
        return self

    def words(self) -> str:
        """Say how long it is: '20 working days'."""
        unit = self.counts.replace("_", " ")
        return f"{self.length} {unit}" if self.length > 1 else f"One {unit.removesuffix('s')}"


@functools.cache
def clocks() -> dict[str, Clock]:
    """Read every clock by its name."""
    text = resources.files("almoner.requests.clocks").joinpath("clocks.toml").read_text("utf-8")
    declared = tomllib.loads(text)["clock"]
    found = {name: Clock(name=name, **each) for name, each in declared.items()}
    assert all(not each.extended or each.extended in found for each in found.values())
    return found


def clock(name: str) -> Clock:
    """Find a clock. Raises: UsageError, naming those there are."""
    if name not in clocks():
        raise UsageError(f"There is no clock '{name}'.", todo=f"Use one of: {', '.join(clocks())}.")
    return clocks()[name]
