"""The words of a plan: what an analyst may declare of the tables that are to leave. Knows no file and no figure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from almoner.registry.declared import Declared, Name, Words
from almoner.release.draft import FORMATS, Interval

LONGEST_WORDS = 300
"""Characters that the records keep of a title."""


class AreaPlan(Declared):
    """Where: the column of area codes, and their geography; or no column, and it is about the whole place."""

    column: str
    geography: str | None = None
    geography_column: str | None = None


class TimePlan(Declared):
    """When: one time for all rows, or a column. A period adds up with others; a moment does not."""

    kind: Literal["period", "moment"]
    value: str | None = None
    column: str | None = None


class CutPlan(Declared):
    """By what else: the column of a breakdown, and the list of the registry that its codes are of."""

    column: str
    codes: str = Field(alias="list")


class CountPlan(Declared):
    """A column of counts. `where`: codes of breakdowns that the whole column is about, as dimension = "list:code"."""

    title: Words
    population: Words
    exact: bool = False
    where: dict[str, str] = {}


class RatePlan(Declared):
    """A column made of two columns of counts."""

    title: Words
    numerator: str
    denominator: str
    per: float = Field(default=100.0, gt=0)
    decimals: int = Field(default=1, ge=0, le=4)
    interval: Interval = ""


class SumPlan(Declared):
    """A column of sums of amounts, with what shows whether one contributor makes most of it up: that stays here."""

    title: Words
    population: Words
    contributors: str = Field(description="The column of counts that says how many stand behind each sum.")
    largest: tuple[str, ...] = Field(min_length=2, description="Columns of the largest contributions, largest first.")
    base: int = Field(default=100, ge=1, description="The sums are rounded to the nearest multiple.")


class AveragePlan(Declared):
    """A column made of a column of sums and one of counts, as they are published."""

    title: Words
    sum: str
    count: str
    decimals: int = Field(default=0, ge=0, le=2)


class TablePlan(Declared):
    """One table. Columns of the file that are not declared are refused: nobody would have checked them."""

    title: Words
    file: Words
    labels: dict[str, str] = {}
    area: AreaPlan | None = None
    time: TimePlan
    breakdown: dict[str, CutPlan] = {}
    counts: dict[str, CountPlan] = Field(min_length=1)
    rates: dict[Name, RatePlan] = {}
    sums: dict[str, SumPlan] = {}
    averages: dict[Name, AveragePlan] = {}
    notes: tuple[str, ...] = ()


class KnownPlan(Declared):
    """A column of an extract by which somebody who knows a person could find them: its codes have to be declared."""

    title: Words
    category: Words
    geography: str | None = None
    codes: str | None = Field(default=None, alias="list")
    dimension: str | None = Field(default=None, description="The breakdown of the list; else the column's own name.")


class SecretPlan(Declared):
    """A column of an extract that nobody knows elsewhere, and is not to learn of anybody from it."""

    title: Words
    category: Words


class ExtractPlan(Declared):
    """Records that are to leave one by one. Every column is known elsewhere or sensitive: there is no third kind."""

    title: Words
    file: Words
    population: Words
    covers: Literal["population", "sample"]
    time: str
    quasi_identifiers: dict[str, KnownPlan] = Field(min_length=1)
    sensitive: dict[str, SecretPlan] = {}
    notes: tuple[str, ...] = ()


class CustomArea(Declared):
    """An area that somebody has drawn: what it is made of, as "geography:code"."""

    title: Words
    members: tuple[str, ...] = Field(min_length=1)


class Plan(Declared):
    """What an analyst wants to release."""

    title: Words = Field(max_length=LONGEST_WORDS)
    description: str = ""
    purpose: Words
    recipient: Words
    as_of: Words
    project: str | None = None
    datasets: tuple[str, ...] = Field(min_length=1, description="The datasets that the counts were made from.")
    source: str = ""
    notes: tuple[str, ...] = ()
    formats: tuple[Literal["csv", "xlsx", "json", "html", "pdf"], ...] = FORMATS  # type: ignore[assignment]
    custom_area: dict[Name, CustomArea] = {}
    table: dict[Name, TablePlan] = {}
    microdata: ExtractPlan | None = None
