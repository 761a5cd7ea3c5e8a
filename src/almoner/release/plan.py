"""Reads a table that an analyst declares: a TOML file that says what the columns of its CSV files are about.

The counts in the files are true counts. A cell is a whole number, [x] (not available) or [z] (not applicable); an
empty cell is a fault, for nobody could tell what it means. No value of a cell gets into a message, only its place.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from almoner.kernel.errors import CalculationError, UsageError
from almoner.methods.disclosure.partitions import WHOLE, Periods
from almoner.registry.declared import Declared, Name, Words
from almoner.release.codes import AREA, DRAWN, MOMENT, PERIOD
from almoner.release.draft import (
    ABSENT,
    FORMATS,
    Column,
    CountColumn,
    Draft,
    DraftTable,
    Interval,
    LabelColumn,
    RateColumn,
    Said,
)

LONGEST_WORDS = 300
"""Characters that the records keep of a title or a population."""
_A_NUMBER = re.compile(r"[£+-]?[0-9][0-9,]*(\.[0-9]+)?%?")
LARGEST_FILE = 50_000_000
"""Bytes: a table for people is far smaller."""


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
    population: Words = Field(max_length=LONGEST_WORDS)
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
    table: dict[Name, TablePlan] = Field(min_length=1)


@dataclass(frozen=True)
class Planned:
    """A draft, and the areas that it draws itself: code → what it is made of, as "geography:code"."""

    draft: Draft
    custom_areas: Mapping[str, tuple[str, ...]]


def read_plan(path: Path) -> Planned:
    """Read a plan and its tables.

    Raises: UsageError with every fault that it finds in the plan, or the first in a table.
    """
    plan = _plan(path)
    tables = tuple(_table(name, table, path.parent, plan) for name, table in plan.table.items())
    draft = Draft(
        title=plan.title, description=plan.description, purpose=plan.purpose, recipient=plan.recipient,
        as_of=plan.as_of, tables=tables, project=plan.project, datasets=plan.datasets, source=plan.source,
        notes=plan.notes, formats=tuple(plan.formats),
    )  # fmt: skip
    return Planned(draft, {_drawn(name, area): area.members for name, area in plan.custom_area.items()})


def _plan(path: Path) -> Plan:
    try:
        return Plan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(
            "The plan can't be read.",
            where=path.name,
            why=error.strerror or "",
            todo="Name a TOML file that declares tables.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The plan is not valid TOML: {error}", where=path.name, todo="Mend its syntax.") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise UsageError(
            f"The plan has faults: {faults}", where=path.name, todo="See docs/how-to/release-figures.md."
        ) from error


def _table(name: str, plan: TablePlan, folder: Path, whole: Plan) -> DraftTable:
    columns = _read(folder, plan.file)
    coded = {cut.column for cut in plan.breakdown.values()}
    if plan.area is not None:
        coded |= {plan.area.column, *filter(None, [plan.area.geography_column])}
    if plan.time.column is not None:
        coded.add(plan.time.column)
    _same_columns(plan.file, list(columns), coded | set(plan.labels) | set(plan.counts))
    _are_labels(plan.file, columns, set(plan.labels) - coded)
    rows = len(next(iter(columns.values()), ()))
    if taken := {AREA, PERIOD, MOMENT} & set(plan.breakdown):
        raise UsageError(
            f"'{min(taken)}' is no breakdown.", where=f"table {name}", todo="Areas and times have tables of their own."
        )
    codes = dict(_codes(plan, columns, rows, whole))
    labels = [
        LabelColumn(column, plan.labels.get(column, column), tuple(columns[column]))
        for column in columns
        if column not in plan.counts
    ]
    counts = [_counts(column, each, columns[column], codes, plan.file) for column, each in plan.counts.items()]
    return DraftTable(name, plan.title, (*labels, *counts, *_rates(name, plan, set(columns))), plan.notes)


def _rates(name: str, plan: TablePlan, columns: set[str]) -> Iterator[Column]:
    if twice := set(plan.rates) & columns:
        raise UsageError(
            f"'{min(twice)}' is a column already.", where=f"table {name}", todo="Give the rate a name of its own."
        )
    for rate, each in plan.rates.items():
        for part in (each.numerator, each.denominator):
            if part not in plan.counts:
                raise UsageError(
                    f"A rate is made of '{part}', which is no column of counts.", where=f"table {name}",
                    todo=f"Use one of: {', '.join(plan.counts)}.",
                )  # fmt: skip
        yield RateColumn(rate, each.title, each.numerator, each.denominator, each.per, each.decimals, each.interval)


def _read(folder: Path, file: str) -> dict[str, list[str]]:
    path = folder / file
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError("The table is too large to be one for people.", where=file, todo="Split or coarsen it.")
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            heads = next(reader, [])
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            "The table can't be read.", where=file, why=type(error).__name__, todo="Give a CSV file in UTF-8."
        ) from error
    if len(set(heads)) != len(heads) or not heads or not rows:
        raise UsageError("The table has no rows, or two columns of one name.", where=file, todo="Mend the file.")
    for number, row in enumerate(rows, 2):
        if len(row) != len(heads):
            raise UsageError(
                f"Line {number} has {len(row)} fields instead of {len(heads)}.", where=file, todo="Mend that line."
            )
    return {head: [row[place].strip() for row in rows] for place, head in enumerate(heads)}


def _same_columns(file: str, there: Sequence[str], declared: set[str]) -> None:
    if missing := declared - set(there):
        raise UsageError(
            f"The table has no column {', '.join(sorted(missing))}.", where=file, todo="Mend the plan or the file."
        )
    if more := [str(place) for place, name in enumerate(there, 1) if name not in declared]:
        raise UsageError(  # by place: of a file without headings, the first line is somebody's record
            f"Nobody has said what these columns are, counted from the left: {', '.join(more)}.",
            where=file,
            why="What is not declared can't be checked, so it can't be released.",
            todo="Declare them as labels, counts or breakdowns, or take them out.",
        )


def _are_labels(file: str, columns: Mapping[str, Sequence[str]], labels: set[str]) -> None:
    """Refuse numbers among what only labels rows: they would go out unchecked."""
    for column in sorted(labels):
        for number, text in enumerate(columns[column], 2):
            if _A_NUMBER.fullmatch(text):
                raise UsageError(
                    f"Line {number}, column '{column}' is a number, but is declared as a label.",
                    where=file,
                    why="A figure that is no count can't be checked, so it can't be released.",
                    todo="Declare the column as a count, an area, a time or a breakdown.",
                )


def _codes(
    plan: TablePlan, columns: Mapping[str, list[str]], rows: int, whole: Plan
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the codes of each dimension, row by row."""
    if plan.area is not None:
        given = [plan.area.geography or ""] * rows
        if plan.area.geography_column is not None:
            given = columns[plan.area.geography_column]
        areas = zip(given, columns[plan.area.column], strict=True)
        yield AREA, tuple(_area(geography, code, whole, plan.file) for geography, code in areas)
    times = [plan.time.value or ""] * rows if plan.time.column is None else columns[plan.time.column]
    for number, time in enumerate(times, 2):
        _are_days(time, f"{plan.file}, line {number}")
    yield (PERIOD if plan.time.kind == "period" else MOMENT), tuple(times)
    for name, cut in plan.breakdown.items():
        yield name, tuple(code if code == WHOLE else f"{cut.codes}:{code}" for code in columns[cut.column])


def _are_days(time: str, where: str) -> None:
    try:
        Periods().mask(time)
    except CalculationError as error:
        raise UsageError(
            "A row has no time that can be read.",
            where=where,
            why="What is written otherwise would be taken for another time, and not compared.",
            todo="Write 2026-04-30, 2026-04, FY2025-26 or 2025-04/2025-09.",
        ) from error


def _area(geography: str, code: str, plan: Plan, file: str) -> str:
    if code == WHOLE:
        return WHOLE
    if code in plan.custom_area:
        return _drawn(code, plan.custom_area[code])
    if not geography or not code:
        raise UsageError("A row has no area, or no geography for it.", where=file, todo="Write * for everything.")
    return f"{geography}:{code}"


def _drawn(name: str, area: CustomArea) -> str:
    """Give the code of a drawn area: drawn otherwise it has another, so that what is out stays what it was."""
    members = "|".join(sorted(set(area.members)))
    return f"{DRAWN}{name}.{hashlib.sha256(members.encode()).hexdigest()[:8]}"


def _counts(
    column: str, plan: CountPlan, texts: list[str], codes: Mapping[str, tuple[str, ...]], file: str
) -> CountColumn:
    exact: list[float | None] = []
    said: list[Said] = []
    for number, text in enumerate(texts, 2):
        absent = next((sign for sign in ABSENT if sign == text), None)
        if absent is None and not (text.isascii() and text.isdigit()):
            raise UsageError(
                f"Line {number}, column '{column}' is neither a whole number nor [x] or [z].",
                where=file,
                why="A count that is left out or withheld beforehand can't be checked, and is not a zero.",
                todo="Give the true count: what has to be withheld is withheld here.",
            )
        exact.append(None if absent else float(text))
        said.append(absent or ("exact" if plan.exact else "rounded"))
    more = {name: (code,) * len(texts) for name, code in plan.where.items()}
    return CountColumn(column, plan.title, plan.population, {**codes, **more}, tuple(exact), tuple(said))
