"""The records behind a figure: one row for each thing that was counted, with who it is about and why it counted.

The steps say the same as those that count: as many records come out as were counted. They give rows, so that the gate
runs them only for a permit that may see rows. Residents and households are never listed: a list of everybody is
not what stands behind a figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from almoner.counting.areas import area_step
from almoner.counting.asks import ages_of
from almoner.counting.plans import RESIDENT, Plan, Reads, Run, date_literal, literal, merged, one_of, quoted
from almoner.counting.spans import Span
from almoner.kernel.errors import UsageError
from almoner.kernel.steps import Step
from almoner.performance.steps import EVENT, INVOLVEMENT, datasets_of, ended_step
from almoner.registry.measures import Count, Geography
from almoner.registry.performance import Duration, Measure
from almoner.registry.registry import Registry

Part = Literal["numerator", "denominator"]

COLUMNS = ("person_ref", "row_id", "dataset", "kind", "detail", "began_on", "ended_on", "days")


@dataclass(frozen=True)
class CountedRecord:
    """One record that was counted. row_id: the record in its dataset; why: what made it count."""

    person_ref: str | None
    dataset: str
    row_id: int
    kind: str
    detail: str | None
    began_on: dt.date | None
    ended_on: dt.date | None
    days: int | None
    why: str


def records_of(
    run: Run, measure: Measure, registry: Registry, base: str, span: Span, part: Part = "numerator"
) -> list[CountedRecord]:
    """List the records behind a figure.

    In: base: the geography that says what is inside the place. Raises: UsageError where a figure has no records of its
    own; AccessRefused where the permit sees counts only.
    """
    plan, why = records_plan(measure, registry, registry.geography[base], span, part)
    found = [CountedRecord(**{name: row[name] for name in COLUMNS}, why=why) for row in plan.rows(run)]
    return sorted(found, key=lambda each: (each.dataset, each.ended_on or each.began_on or dt.date.min, each.row_id))


def records_plan(measure: Measure, registry: Registry, base: Geography, span: Span, part: Part) -> tuple[Plan, str]:
    """Plan to list what was counted, and say in words why it counted. Raises: UsageError."""
    if measure.duration is not None:
        return _ended(measure, measure.duration, registry, span, part)
    count = measure.numerator if part == "numerator" else measure.denominator
    if count is None or count.fact not in ("event", "involvement"):
        raise UsageError(
            "This figure has no records to list.",
            why="It counts residents, households or stated values: that would be a list of everybody.",
            todo="Ask for a figure that counts events or involvements.",
        )
    sql, reads = _events(count, base, span) if count.fact == "event" else _involvements(count, base, span)
    areas, area_reads = area_step(registry)
    last = Step("records", f"{measure.title}: what was counted", sql, COLUMNS)
    return Plan((areas, last), merged([area_reads, reads]), datasets_of(measure, registry)), _words(count, span)


def _ended(measure: Measure, duration: Duration, registry: Registry, span: Span, part: Part) -> tuple[Plan, str]:
    ended, reads = ended_step(duration)
    quick = f" AND e.days <= {duration.within}" if duration.within is not None and part == "numerator" else ""
    shown = ", ".join(f"e.{name} AS {name}" for name in COLUMNS)
    sql = (
        f"SELECT {shown} FROM {ended.name} AS e WHERE e.ended_on BETWEEN {date_literal(span.starts_on)}"
        f" AND {date_literal(span.ends_on)}{quick}"
    )
    why = f"ended from {span.starts_on} to {span.ends_on}"
    why += f", no more than {duration.within} days after it began" if quick else ""
    return Plan((ended, Step("records", f"{measure.title}: what ended", sql, COLUMNS)), reads), why


def _events(count: Count, base: Geography, span: Span) -> tuple[str, Reads]:
    column = quoted(base.postcode_column)
    resident, fits, more = _aged(count, "f.person_ref")
    amount = " AND f.quantity IS NOT NULL" if count.count in ("sum", "mean") else ""
    sql = (
        f"SELECT f.person_ref AS person_ref, f.row_id AS row_id, f.dataset AS dataset, f.kind AS kind,"
        f" f.detail AS detail, CAST(NULL AS DATE) AS began_on, f.happened_on AS ended_on,"
        f" CAST(NULL AS INTEGER) AS days\n"
        f"FROM {quoted(EVENT)} AS f JOIN area AS a ON a.geography = {literal(base.name)} AND a.area_code = f.{column}"
        f"{resident}\nWHERE {one_of('f.kind', count.names)} AND {one_of('f.detail', count.details)}"
        f" AND f.happened_on BETWEEN {date_literal(span.starts_on)} AND {date_literal(span.ends_on)}{amount}{fits}"
    )
    columns = ("person_ref", "row_id", "dataset", "kind", "detail", "happened_on", "quantity", base.postcode_column)
    return sql, merged([{EVENT: columns}, more])


def _involvements(count: Count, base: Geography, span: Span) -> tuple[str, Reads]:
    column = quoted(base.postcode_column)
    youngest = ages_of(count)
    fits = f" AND r.age BETWEEN {youngest[0]} AND {youngest[1]}" if youngest else ""
    ends_from = span.ends_on + dt.timedelta(days=1) if count.open_only else span.starts_on
    sql = (
        f"SELECT f.person_ref AS person_ref, f.row_id AS row_id, f.dataset AS dataset, f.service AS kind,"
        f" f.detail AS detail, f.starts_on AS began_on, f.ends_on AS ended_on, CAST(NULL AS INTEGER) AS days\n"
        f"FROM {quoted(INVOLVEMENT)} AS f JOIN {quoted(RESIDENT)} AS r ON r.person_ref = f.person_ref\n"
        f"JOIN area AS a ON a.geography = {literal(base.name)} AND a.area_code = r.{column}\n"
        f"WHERE {one_of('f.service', count.names)} AND {one_of('f.detail', count.details)}"
        f" AND (f.starts_on IS NULL OR f.starts_on <= {date_literal(span.ends_on)})"
        f" AND (f.ends_on IS NULL OR f.ends_on >= {date_literal(ends_from)}){fits}"
    )
    own = ("person_ref", "row_id", "dataset", "service", "detail", "starts_on", "ends_on")
    resident = ("person_ref", *(("age",) if youngest else ()), base.postcode_column)
    return sql, {INVOLVEMENT: own, RESIDENT: resident}


def _aged(count: Count, person: str) -> tuple[str, str, Reads]:
    """Write the join by which somebody's age is known, if it matters."""
    ages = ages_of(count)
    if ages is None:
        return "", "", {}
    join = f"\nJOIN {quoted(RESIDENT)} AS r ON r.person_ref = {person}"
    return join, f" AND r.age BETWEEN {ages[0]} AND {ages[1]}", {RESIDENT: ("person_ref", "age")}


def _words(count: Count, span: Span) -> str:
    if count.fact == "event":
        words = f"happened from {span.starts_on} to {span.ends_on}, in the area"
    else:
        words = f"open on {span.ends_on}" if count.open_only else f"lasted into {span.starts_on} to {span.ends_on}"
        words += ", of somebody who lives in the area"
    return words + (f", aged {count.ages}" if count.ages else "")


def document_of(record: CountedRecord) -> Mapping[str, Any]:
    """Give a record for --json."""
    return vars(record)
