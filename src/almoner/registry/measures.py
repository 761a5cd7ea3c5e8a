"""Declarations about figures: geographies, indicators and open data used beside the council's own records."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from almoner.registry.declared import Declared, Named, Words


class Boundaries(Declared):
    """An open dataset that holds the outlines: code, name and GeoJSON geometry columns."""

    dataset: str
    code: str
    area_name: str
    geometry: str


class Geography(Named):
    """A set of areas with its vintage. `postcode_column` is its code in the postcode directory."""

    title: Words
    plural: Words
    postcode_column: str
    boundaries: Boundaries | None = None


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
    """A published figure by area: dataset, the columns of code and value, and the weight to join areas with."""

    dataset: str
    code: str
    value: str
    geography: str
    combine: Literal["sum", "mean"] = "mean"
    where: dict[str, str] = {}


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
