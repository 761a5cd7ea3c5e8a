"""Reads a table that an analyst declares: a TOML file that says what the columns of its CSV files are about.

The counts in the files are true counts. A cell is a whole number, [x] (not available) or [z] (not applicable); an
empty cell is a fault, for nobody could tell what it means. No value of a cell gets into a message, only its place.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from almoner.kernel.errors import CalculationError, UsageError
from almoner.methods.disclosure.partitions import WHOLE, Periods
from almoner.release.codes import AREA, DRAWN, MOMENT, PERIOD, Codebook
from almoner.release.delimited import are_labels, read_columns, same_columns
from almoner.release.draft import (
    ABSENT,
    EXTRACT_FORMATS,
    Column,
    CountColumn,
    Draft,
    DraftTable,
    LabelColumn,
    RateColumn,
    Said,
    SumColumn,
)
from almoner.release.plan_amounts import averages, refuse_uncounted, sum_column
from almoner.release.plan_extract import extract_of, places_of, stated_classes
from almoner.release.plan_words import CountPlan, CustomArea, ExtractPlan, Plan, TablePlan
from almoner.release.populations import Population, Populations, chosen


@dataclass(frozen=True)
class Planned:
    """A draft, and the areas that it draws itself: code → what it is made of, as "geography:code"."""

    draft: Draft
    custom_areas: Mapping[str, tuple[str, ...]]
    places: Mapping[tuple[str, str], tuple[str, str]]
    """Table and dimension → the file and the column that its codes were read from."""
    coded: tuple[DraftTable, ...]
    """The tables whose codes have to be declared; of a sample they are in no draft."""


def read_plan(path: Path, populations: Populations) -> Planned:
    """Read a plan and its tables.

    In: populations: those that plans may name.
    Raises: UsageError with every fault that it finds in the plan, or the first in a table.
    """
    plan = _plan(path)
    read = [_table(name, table, path.parent, plan, populations) for name, table in plan.table.items()]
    tables = [table for table, _ in read]
    places = {place: column for _, found in read for place, column in found.items()}
    extract, coded = None, tables
    if plan.microdata is not None:
        population = _of_records(plan, plan.microdata, populations)
        extract, records = extract_of(plan.microdata, path.parent)
        coded = [stated_classes(plan.microdata, records, population)]
        tables = [records, *(coded if plan.microdata.covers == "population" else ())]
        places = dict(places_of(plan.microdata))
    draft = Draft(
        title=plan.title, description=plan.description, purpose=plan.purpose, recipient=plan.recipient,
        as_of=plan.as_of, tables=tuple(tables), project=plan.project, datasets=plan.datasets, source=plan.source,
        notes=plan.notes, formats=_formats(plan), extract=extract,
    )  # fmt: skip
    return Planned(
        draft, {_drawn(name, area): area.members for name, area in plan.custom_area.items()}, places, tuple(coded)
    )


def refuse_unknown_codes(planned: Planned, codebook: Codebook) -> None:
    """Refuse codes that nobody has declared, by their line and column: they may be anything, so they are not written.

    Raises: UsageError.
    """
    for table in planned.coded:
        stated: list[CountColumn | SumColumn] = [*table.counts(), *table.sums()]
        for column in stated:
            for name, codes in column.codes.items():
                wrong = next((row for row, code in enumerate(codes) if not codebook.knows(name, code)), None)
                if wrong is None:
                    continue
                file, read = planned.places.get((table.name, name), ("the plan", ""))
                line = f"Line {wrong + 2}, column '{read}'" if read and table.shown else f"Column '{read or name}'"
                raise UsageError(
                    f"{line} has a code that nobody has declared.", where=file,
                    why="What it overlaps can't be known, so no figure with it can be checked.",
                    todo="Check the geography and the list that the plan names; a list is declared as a [breakdown].",
                )  # fmt: skip


def _formats(plan: Plan) -> tuple[str, ...]:
    """Give the forms in which it leaves: records are for programs, so never as a page or on paper."""
    if plan.microdata is None:
        return tuple(plan.formats)
    if plan.table:
        raise UsageError(
            "A plan holds tables or records, not both.", where=plan.title, todo="Make two plans of it."
        )  # fmt: skip
    return tuple(name for name in plan.formats if name in EXTRACT_FORMATS) or EXTRACT_FORMATS


def _of_records(plan: Plan, extract: ExtractPlan, populations: Populations) -> Population:
    known = populations.get(extract.population)
    time = known.time if known else "moment"
    _are_days(extract.time, "microdata")
    return chosen(extract.population, populations, "microdata", time=time, datasets=plan.datasets)


def _plan(path: Path) -> Plan:
    try:
        plan = Plan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
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
    if not plan.table and plan.microdata is None:
        raise UsageError("The plan declares no table and no microdata.", where=path.name, todo="Declare one.")
    return plan


Places = dict[tuple[str, str], tuple[str, str]]


def _table(
    name: str, plan: TablePlan, folder: Path, whole: Plan, populations: Populations
) -> tuple[DraftTable, Places]:  # fmt: skip
    if taken := {AREA, PERIOD, MOMENT} & set(plan.breakdown):
        raise UsageError(
            f"'{min(taken)}' is no breakdown.", where=f"table {name}", todo="Areas and times have tables of their own."
        )
    columns = read_columns(folder, plan.file)
    coded = _coded(plan)
    secret = {column for each in plan.sums.values() for column in each.largest}
    amounts = {*plan.sums, *secret}
    same_columns(plan.file, list(columns), {*coded.values(), *_also_coded(plan), *plan.labels, *plan.counts, *amounts})
    are_labels(plan.file, columns, set(plan.labels) - {*coded.values(), *_also_coded(plan)})
    refuse_uncounted(name, plan)
    codes = dict(_codes(plan, columns, len(next(iter(columns.values()), ())), whole))
    labels = [
        LabelColumn(column, plan.labels.get(column, column), tuple(columns[column]))
        for column in columns
        if column not in {*plan.counts, *amounts}
    ]

    def population(wanted: str, *, sums: bool = False) -> Population:
        return chosen(
            wanted, populations, f"table {name}", time=plan.time.kind, datasets=whole.datasets, sums=sums
        )  # fmt: skip

    counts = [
        _counts(column, each, population(each.population), columns[column], codes, plan.file)
        for column, each in plan.counts.items()
    ]
    sums = [
        sum_column(column, each, population(each.population, sums=True), columns, codes, plan.file)
        for column, each in plan.sums.items()
    ]
    made = (*_rates(name, plan, set(columns)), *averages(name, plan, set(columns)))
    places = {(name, dimension): (plan.file, column) for dimension, column in coded.items()}
    return DraftTable(name, plan.title, (*labels, *counts, *sums, *made), plan.notes), places


def _coded(plan: TablePlan) -> dict[str, str]:
    """Give the column that holds the codes of each dimension."""
    coded = {name: cut.column for name, cut in plan.breakdown.items()}
    if plan.area is not None:
        coded[AREA] = plan.area.column
    if plan.time.column is not None:
        coded[PERIOD if plan.time.kind == "period" else MOMENT] = plan.time.column
    return coded


def _also_coded(plan: TablePlan) -> tuple[str, ...]:
    return (plan.area.geography_column,) if plan.area is not None and plan.area.geography_column else ()


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
    column: str, plan: CountPlan, population: Population, texts: list[str], codes: Mapping[str, tuple[str, ...]],
    file: str,
) -> CountColumn:  # fmt: skip
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
    return CountColumn(column, plan.title, population.ledger, {**codes, **more}, tuple(exact), tuple(said))
