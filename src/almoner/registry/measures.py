"""Declarations about figures: geographies, indicators and open data used beside the council's own records."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from almoner.registry.declared import Declared, Named, Words


class Boundaries(Declared):
    """An open dataset that holds the outlines: code, name and GeoJSON geometry columns."""

    dataset: str
    code: str
    area_name: str
    geometry: str


class AreaNames(Declared):
    """An open dataset that gives areas the names that people use: code and name columns."""

    dataset: str
    code: str
    area_name: str


class Geography(Named):
    """A set of areas with its vintage. `postcode_column` is its code in the postcode directory."""

    title: Words
    plural: Words
    postcode_column: str
    boundaries: Boundaries | None = None
    names: AreaNames | None = Field(default=None, description="Names to show in place of those of the boundaries.")


class PostcodeDirectory(Declared):
    """The open dataset that places postcodes: its postcode column."""

    dataset: str
    postcode: str
    latitude: str | None = None
    longitude: str | None = None


class Among(Declared):
    """People who must also have an open involvement: so that who is eligible can be set against who is served."""

    services: tuple[str, ...] = Field(min_length=1)


class Count(Declared):
    """What is counted, from the common facts, through the gate."""

    fact: Literal["residents", "households", "involvement", "event", "attribute"]
    names: tuple[str, ...] = Field(default=(), description="Services, kinds or attribute names that count.")
    details: tuple[str, ...] = Field(default=(), description="Details or values that count; empty: all.")
    count: Literal["persons", "rows", "households", "sum", "mean"] = "rows"
    ages: str | None = Field(default=None, pattern=r"^\d{1,3}-\d{1,3}$")
    months: int | None = Field(default=None, ge=1, description="Events of the last so many months.")
    open_only: bool = Field(default=False, description="Only involvements that are open on the as-of date.")
    size: str | None = Field(
        default=None, pattern=r"^\d{1,2}-\d{1,2}$", description="Only households of so many residents, such as '1-1'."
    )

    among: Among | None = Field(default=None, description="Only people who are also involved with one of these.")

    @model_validator(mode="after")
    def _sized(self) -> Count:
        if self.among is not None and self.fact not in ("residents", "involvement"):
            raise ValueError("only residents and involvements can be among those with another involvement")
        if self.size is not None and self.fact != "households":
            raise ValueError("only households have a size")
        return self


class Cut(Named):
    """A breakdown of people by which any figure about them may be cut; whoever has no code is 'unknown'."""

    title: Words
    of: Literal["sex", "age", "attribute"]
    bands: tuple[str, ...] = Field(default=(), description="Age bands, such as '0-15'.")
    attribute: str | None = Field(default=None, description="The attribute that holds the code.")
    codes: dict[str, str] = Field(default={}, description="Code = what it means; any other code is 'unknown'.")
    values: dict[str, str] = Field(default={}, description="Value in the records = code, where they differ.")

    @model_validator(mode="after")
    def _whole(self) -> Cut:
        if (self.of == "age") != bool(self.bands) or (self.of == "attribute") != (self.attribute is not None):
            raise ValueError("a cut by age has bands, a cut by an attribute names it, and no other has either")
        if self.of != "age" and not self.codes:
            raise ValueError("a cut has codes")
        if set(self.values.values()) - set(self.codes):
            raise ValueError("values stand for codes that the cut has")
        return self


class OpenWeight(Declared):
    """By what a mean of published figures is weighted: a column of numbers, such as people, by the same areas."""

    dataset: str
    code: str
    value: str
    where: dict[str, str] = {}


class OpenFigure(Declared):
    """A published figure by area: dataset, the columns of code and value, and how rows and areas are combined.

    Counts and sums are added up, and shared out where areas cut through one another. A mean of published figures is a
    model, and is labelled as one wherever it is more than the figure as published.
    """

    dataset: str
    code: str
    value: str | None = Field(default=None, description="The column of the figure; none where rows are counted.")
    plus: tuple[str, ...] = Field(default=(), description="Further columns that are added to the value's.")
    geography: str = Field(description="A declared geography, or a [lookup] for areas of another vintage.")
    combine: Literal["sum", "mean", "count"] = "mean"
    where: dict[str, str | tuple[str, ...]] = Field(
        default={}, description="Column = the value, or values, that count."
    )
    unless: dict[str, str | tuple[str, ...]] = Field(default={}, description="Column = values that do not count.")
    date: str | None = Field(default=None, description="The column of a row's date, for 'months' and trends.")
    months: int | None = Field(default=None, ge=1, description="Rows of the newest so many months that there are.")
    weight: OpenWeight | None = Field(default=None, description="What a mean is weighted by; else the postcodes.")
    absent: Literal["unknown", "zero"] = Field(
        default="unknown", description="What it means that an area has no row: zero where only what there is is listed."
    )

    @model_validator(mode="after")
    def _whole(self) -> OpenFigure:
        if (self.value is None) != (self.combine == "count"):
            raise ValueError('an open figure has a value column, unless combine = "count" counts rows')
        if self.months is not None and self.date is None:
            raise ValueError("months need the date column that they go by")
        if self.weight is not None and self.combine != "mean":
            raise ValueError("only a mean is weighted")
        return self

    def columns(self) -> tuple[str, ...]:
        """Name the columns that are read, each once."""
        named = (self.code, self.value, *self.plus, self.date, *self.where, *self.unless)
        return tuple(dict.fromkeys(column for column in named if column is not None))


class Lookup(Named):
    """Areas of another vintage: an open dataset that says in which areas of a declared geography each of them lies."""

    title: Words
    dataset: str
    code: str = Field(description="The column of the codes of the other vintage.")
    to_code: str = Field(description="The column of the codes of the declared geography.")
    geography: str = Field(description="The declared geography.")


class DrawnNeighbourhood(Named):
    """A neighbourhood that people have drawn: the areas that it is made of, as "geography:code"."""

    title: Words
    members: tuple[str, ...] = Field(min_length=1)


class Break(Declared):
    """A day from which figures are made otherwise: a list of codes was changed, or a boundary moved."""

    on: dt.date
    why: Words


class Trend(Declared):
    """Which earlier periods are shown. What happens is counted in each of them; what lasts, as at its end."""

    every: Literal["month", "quarter", "year", "financial_year"]
    points: int = Field(ge=2, le=60)


class Benchmark(Declared):
    """A figure published elsewhere that an indicator is set against, such as that of the country."""

    title: Words
    value: float


class Indicator(Named):
    """One figure of a profile."""

    title: Words
    topic: Words
    unit: Literal["count", "percent", "per_1000", "pounds", "score"]
    good: Literal["low", "high", "none"] = Field(default="none", description="The polarity: which way is better.")
    population: str = Field(default="", description="Whom or what the figure is about.")
    period: str = Field(default="", description="Which time it is about.")
    numerator: Count | None = None
    denominator: Count | None = None
    open_figure: OpenFigure | None = None
    open_denominator: OpenFigure | None = Field(
        default=None, description="A published number that the numerator, open or not, is divided by."
    )
    geographies: tuple[str, ...]
    definition: Words
    caveats: str = ""
    breaks: tuple[Break, ...] = ()
    trend: Trend | None = None
    cuts: tuple[str, ...] = Field(default=(), description="Breakdowns that the profile shows of it.")
    benchmark: Benchmark | None = Field(default=None, description="What it is set against, if not the whole place.")

    @property
    def is_rate(self) -> bool:
        """Say whether it is one number divided by another."""
        return self.denominator is not None or self.open_denominator is not None
