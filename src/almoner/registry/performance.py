"""Declarations about performance: measures with targets, owners and the duty each serves, and whom to compare with.

A measure says what is counted with the same words as an indicator, and how long something takes with words of its own.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from almoner.registry.declared import Declared, Named, Words
from almoner.registry.measures import Count


class Duration(Declared):
    """How long something took, in days, counted in the period in which it ended. Exactly one way to know it.

    event: events whose quantity is the days that they took; involvement: from its start to its end;
    start and finish: from an event of a person to that person's first event of the other kind, that day or later.
    """

    event: str | None = None
    involvement: str | None = None
    start: tuple[str, ...] = ()
    finish: tuple[str, ...] = ()
    details: tuple[str, ...] = Field(default=(), description="Details that count; empty: all.")
    within: int | None = Field(default=None, ge=0, description="Percent within so many days; without it: the median.")
    at_most: int = Field(
        default=1095, ge=1, description="What took longer is left out: it is a fault, or another case."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Duration:
        ways = (self.event is not None, self.involvement is not None, bool(self.start and self.finish))
        if sum(ways) != 1 or bool(self.start) != bool(self.finish):
            raise ValueError("a duration has an event, or an involvement, or start and finish")
        return self

    def kinds(self) -> tuple[str, ...]:
        """Name the kinds of event that it reads; none for an involvement."""
        return (self.event,) if self.event is not None else (*self.start, *self.finish)


class Target(Declared):
    """What is to be reached from a day on, and who set it. Targets may change over time."""

    value: float
    starts_on: dt.date
    source: Words = Field(description="The plan, contract or law that sets it.")


class StepChange(Declared):
    """A day from which the figures are not comparable with those before: limits are made anew from it."""

    on: dt.date
    reason: Words


class Benchmark(Declared):
    """Published figures of other councils for the same measure: an open dataset, and the columns that matter."""

    dataset: str
    group: str = Field(description="The benchmark group to compare with.")
    council: str
    period: str
    value: str
    lower: str | None = None
    upper: str | None = None
    where: dict[str, str] = {}

    def columns(self) -> tuple[str, ...]:
        """Name the columns that are read, each once."""
        named = (self.council, self.period, self.value, self.lower, self.upper, *self.where)
        return tuple(dict.fromkeys(column for column in named if column is not None))


class BenchmarkGroup(Named):
    """Councils to compare with, and who chose them."""

    title: Words
    us: Words = Field(description="The name of this council in published figures.")
    members: tuple[Words, ...] = Field(min_length=1)
    source: Words


class Measure(Named):
    """How well a service does something, over time, against a target."""

    title: Words
    topic: Words
    unit: Literal["count", "percent", "per_1000", "days", "pounds"]
    every: Literal["month", "quarter", "year", "financial_year"] = "month"
    periods: int = Field(default=24, ge=2, le=240)
    good: Literal["low", "high", "none"] = "none"
    numerator: Count | None = None
    denominator: Count | None = None
    duration: Duration | None = None
    definition: Words
    owner: Words = Field(description="The role that answers for it, never a person's name.")
    serves: Words = Field(description="The duty or policy that it serves.")
    caveats: str = ""
    targets: tuple[Target, ...] = ()
    step_changes: tuple[StepChange, ...] = ()
    held_from: dt.date | None = Field(
        default=None, description="From when the source holds it; periods before are not received, not none."
    )
    funnel: str | None = Field(default=None, description="The geography whose areas a funnel plot compares.")
    cuts: tuple[str, ...] = Field(default=(), description="Breakdowns for equality monitoring.")
    benchmark: Benchmark | None = None

    @model_validator(mode="after")
    def _whole(self) -> Measure:
        if (self.numerator is None) == (self.duration is None):
            raise ValueError("a measure has either a numerator or a duration")
        if self.duration is not None:
            wanted = "percent" if self.duration.within is not None else "days"
            if self.unit != wanted or self.denominator is not None:
                raise ValueError(f"this duration has the unit {wanted}, and no denominator")
            return self
        if self.unit in ("percent", "per_1000") and self.denominator is None:
            raise ValueError(f"unit {self.unit} needs a denominator")
        for name, days in (
            ("targets", [each.starts_on for each in self.targets]),
            ("step_changes", [each.on for each in self.step_changes]),
        ):
            if days != sorted(set(days)):
                raise ValueError(f"{name} stand in order of time, each day once")
        return self

    def counts(self) -> tuple[Count, ...]:
        """Give what it counts."""
        return tuple(count for count in (self.numerator, self.denominator) if count is not None)

    def target_on(self, day: dt.date) -> Target | None:
        """Give the target that holds on a day."""
        held = [target for target in self.targets if target.starts_on <= day]
        return held[-1] if held else None

    def is_rate(self) -> bool:
        """Say whether it is a share or a rate of something that is counted."""
        return self.unit in ("percent", "per_1000")
