"""Declarations about figures: geographies, indicators and open data used beside the council's own records."""

from __future__ import annotations

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


class Count(Declared):
    """What is counted, from the common facts, through the gate."""

    fact: Literal["residents", "households", "involvement", "event", "attribute"]
    names: tuple[str, ...] = Field(default=(), description="Services, kinds or attribute names that count.")
    details: tuple[str, ...] = Field(default=(), description="Details or values that count; empty: all.")
    count: Literal["persons", "rows", "households", "sum", "mean"] = "rows"
    ages: str | None = Field(default=None, pattern=r"^\d{1,3}-\d{1,3}$")
    months: int | None = Field(default=None, ge=1, description="Events of the last so many months.")
    open_only: bool = Field(default=False, description="Only involvements that are open on the as-of date.")


class OpenFigure(Declared):
    """A published figure by area: dataset, the columns of code and value, and how rows and areas are combined."""

    dataset: str
    code: str
    value: str | None = Field(default=None, description="The column of the figure; none where rows are counted.")
    geography: str
    combine: Literal["sum", "mean", "count"] = "mean"
    where: dict[str, str] = {}
    date: str | None = Field(default=None, description="The column of a row's date, for 'months'.")
    months: int | None = Field(default=None, ge=1, description="Rows of the newest so many months that there are.")

    @model_validator(mode="after")
    def _whole(self) -> OpenFigure:
        if (self.value is None) != (self.combine == "count"):
            raise ValueError('an open figure has a value column, unless combine = "count" counts rows')
        if (self.date is None) != (self.months is None):
            raise ValueError("months and the date column that they go by stand together")
        return self

    def columns(self) -> tuple[str, ...]:
        """Name the columns that are read, each once."""
        named = (self.code, self.value, self.date, *self.where)
        return tuple(dict.fromkeys(column for column in named if column is not None))


class Indicator(Named):
    """One figure of a profile."""

    title: Words
    topic: Words
    unit: Literal["count", "percent", "per_1000", "pounds", "score"]
    good: Literal["low", "high", "none"] = "none"
    numerator: Count | None = None
    denominator: Count | None = None
    open_figure: OpenFigure | None = None
    geographies: tuple[str, ...]
    definition: Words
    caveats: str = ""
