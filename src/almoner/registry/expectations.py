"""What a supplier's data is expected to be: declared per dataset, so that a council needs no program for it.

An expectation says what may be missed, by how much, how bad that is, whose it is to put right, and what to do. It
says nothing of how it is measured, and it must never hold a value of somebody.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from almoner.registry.declared import Declared, Named

Dimension = Literal["completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy"]
"""The dimensions of data quality. Source: The Government Data Quality Framework (2020), part 3."""
DIMENSIONS: tuple[Dimension, ...] = (
    "completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy",
)  # fmt: skip

Severity = Literal["high", "medium", "low"]
Bound = int | float | dt.date | Literal["as_of"]

AGREED_FIELDS = ("date_of_birth", "sex", "surname", "forename", "nhs_number", "nino", "upn", "uln", "postcode")
Agreed = Literal["date_of_birth", "sex", "surname", "forename", "nhs_number", "nino", "upn", "uln", "postcode"]
"""Standardised fields that records of one person in different sources can agree on."""


class Condition(Declared):
    """A condition on a column: only rows that meet it are looked at."""

    column: str
    values: tuple[str, ...] = Field(default=(), alias="in")
    not_values: tuple[str, ...] = Field(default=(), alias="not_in")
    filled: bool | None = None


class Between(Declared):
    """The lowest and the highest value that a column may have; "as_of" is the day that the delivery describes."""

    column: str
    lowest: Bound | None = None
    highest: Bound | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Between:
        if self.lowest is None and self.highest is None:
            raise ValueError("a range has a lowest value, a highest value, or both")
        return self


class AddsUp(Declared):
    """Columns of numbers whose sum is another column."""

    parts: tuple[str, ...] = Field(min_length=2)
    total: str


class Refers(Declared):
    """A column whose values stand in a column of another dataset."""

    column: str
    dataset: str
    to: str


class Expectation(Named):
    """What is expected of a dataset: exactly one kind of rule, and what follows where it is missed."""

    complete: str | None = Field(default=None, description="A column that has a value that can be used.")
    understood: str | None = Field(
        default=None, description="A column whose values can be read: known codes, numbers that pass their check."
    )
    unique: tuple[str, ...] | None = Field(default=None, description="Columns that no two rows share.")
    between: Between | None = None
    in_order: tuple[str, str] | None = Field(default=None, description="Two columns: the first is not after the other.")
    adds_up: AddsUp | None = None
    refers: Refers | None = None
    agrees: Agreed | None = Field(
        default=None, description="What linked records of the same person in other sources should say too."
    )
    accepted: Literal[True] | None = Field(default=None, description="Rows are accepted, not sent to quarantine.")
    row_change: float | None = Field(
        default=None, ge=0, description="Per cent by which the rows of two deliveries in a row may differ."
    )
    within_days: int | None = Field(
        default=None, ge=0, le=400, description="Days after the end of a period by which its delivery is due."
    )
    since: dt.date | None = Field(
        default=None, description="For within_days: periods that ended before this day had another cadence."
    )
    at_most: float = Field(default=0, ge=0, le=100, description="Per cent of the rows that may miss it.")
    where: tuple[Condition, ...] = ()
    severity: Severity = "medium"
    owner: str = Field(default="", description="Who puts it right; empty: the owner of the source.")
    why: str = Field(default="", description="Why it matters.")
    todo: str = Field(default="", description="What the supplier should do.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Expectation:
        if len(self._kinds()) != 1:
            raise ValueError(f"an expectation is exactly one of {', '.join(KINDS)}")
        if self.since is not None and self.within_days is None:
            raise ValueError("'since' belongs to 'within_days'")
        if self.where and self.kind not in ROW_KINDS:
            raise ValueError(f"'where' chooses rows, and '{self.kind}' is not about single rows")
        if self.unique is not None and not self.unique:
            raise ValueError("'unique' names at least one column")
        return self

    def _kinds(self) -> list[str]:
        return [kind for kind in KINDS if getattr(self, kind) is not None]

    @property
    def kind(self) -> str:
        """Name the kind of rule."""
        return self._kinds()[0]

    def columns(self) -> tuple[str, ...]:
        """Name the dataset's own columns that it reads, each once."""
        found: list[str] = [name for name in (self.complete, self.understood) if name]
        found += [*(self.unique or ()), *(self.in_order or ())]
        found += [part.column for part in (self.between, self.refers) if part is not None]
        found += [*self.adds_up.parts, self.adds_up.total] if self.adds_up is not None else []
        return tuple(dict.fromkeys([*found, *(condition.column for condition in self.where)]))


KINDS = (
    "complete", "understood", "unique", "between", "in_order", "adds_up", "refers", "agrees", "accepted", "row_change",
    "within_days",
)  # fmt: skip
ROW_KINDS = ("complete", "understood", "unique", "between", "in_order", "adds_up", "refers")
"""Kinds that each row meets or misses."""
