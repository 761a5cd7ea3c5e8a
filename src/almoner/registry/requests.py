"""Declarations about requests that people make: the nation, limits of cost, reminders, bank holidays of one's own."""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

from pydantic import Field, model_validator

from almoner.registry.declared import Declared, Words

Nation = Literal["england", "wales", "scotland", "northern_ireland"]
NATIONS: tuple[Nation, ...] = get_args(Nation)


class BankHolidayChange(Declared):
    """A bank holiday that is proclaimed for once, moved, or not held."""

    title: Words
    nations: tuple[Nation, ...] = Field(default=NATIONS, min_length=1)
    on: dt.date | None = Field(default=None, description="The day that is a bank holiday; none: one only falls away.")
    instead_of: dt.date | None = Field(default=None, description="The day that is none, this once.")

    @model_validator(mode="after")
    def _changes_something(self) -> BankHolidayChange:
        if self.on is None and self.instead_of is None:
            raise ValueError("a change of bank holidays needs 'on', 'instead_of' or both")
        return self


class RequestRules(Declared):
    """How requests under information law and data protection law are handled."""

    nation: Nation = Field(
        default="england",
        description="Whose bank holidays put off a date under data protection law; FOI and EIR go by all four nations.",
    )
    authority: Literal["council", "central_government"] = Field(
        default="council", description="Decides the limit of cost of FOI s12: £450 or £600."
    )
    remind_working_days: tuple[int, ...] = Field(
        default=(10, 5, 1), description="So many working days before it is due, whoever has a case is reminded."
    )
    complaint_target_days: int = Field(
        default=60, ge=1, le=365, description="The council's own target for the outcome of a complaint."
    )
    lapse_working_days: int = Field(
        default=40, ge=1, le=260, description="A case may lapse once nobody has answered a question for so long."
    )
    contact: str = Field(default="", description="The address that stands on letters, and to which people write.")
    telephone: str = ""
    email: str = ""
    bank_holiday: tuple[BankHolidayChange, ...] = Field(
        default=(), description="Bank holidays that were proclaimed, moved or not held, beyond those that are known."
    )
