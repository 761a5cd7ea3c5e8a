"""Counts, while rows land, what the review of data quality asks of them: nothing has to be read a second time.

Counts by column only: no value, and nothing of a row, may get into a tally.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from almoner.intake.identity_plan import columns_of, place_columns
from almoner.intake.plan import LandingPlan
from almoner.intake.working import ROW_ACTION
from almoner.registry.datasets import AS_DELIVERED, Column, Dataset
from almoner.registry.layout import keeps_original
from almoner.registry.registry import Registry

MEASURED = "measured"
"""Rows in which values were looked for: those accepted, but for the ones that say 'delete'."""

CHECKED = ("nhs_number", "nino", "upn", "uln", "uprn", "postcode", "phone", "email", "surname", "forename")
"""What is identified by a value that can be told wrong by itself."""


def tally(registry: Registry, dataset: Dataset, plan: LandingPlan, done: pa.Table) -> dict[str, int]:
    """Count over one worked lot without its faulty rows.

    Out: 'measured' rows; for a column 'missing:' (nothing that can be used), 'nobody:' (rows that name nobody whom it
    could be about, so that it is not missing), 'unmapped_code:', 'placeholder_date:', 'unread:', 'said_unknown:' (a
    code that says so), 'not_standard:' (an identifier that can't be right). What is none is left out.
    """
    kept = done.filter(pc.not_equal(_plain(done.column(ROW_ACTION)), "D")) if plan.action is not None else done
    found = {MEASURED: kept.num_rows}
    found.update(_missing(dataset, plan, kept))
    found.update(_unread(registry, dataset, done))
    found.update(_not_standard(dataset, plan, done))
    return {name: count for name, count in found.items() if count}


def _missing(dataset: Dataset, plan: LandingPlan, kept: pa.Table) -> Iterator[tuple[str, int]]:
    named = _named_by(dataset, plan)
    empty_rows: dict[str, pa.ChunkedArray] = {}
    for name in dataset.columns:
        nothing = pc.is_null(kept.column(name))
        count = _true(nothing)
        person = named.get(name)
        if person is not None:
            if person not in empty_rows:
                empty_rows[person] = pc.invert(kept.column(person))
            nobody = empty_rows[person]
            yield f"nobody:{name}", _true(nobody)
            count -= _true(pc.and_(nothing, nobody)) if count else 0
        yield f"missing:{name}", count


def _named_by(dataset: Dataset, plan: LandingPlan) -> dict[str, str]:
    """Say for each column that identifies a person which worked column says whether the row names that person."""
    return {
        column.name: person.column("named")
        for person in plan.people
        for column in columns_of(dataset, person.slot).values()
    }


def _unread(registry: Registry, dataset: Dataset, done: pa.Table) -> Iterator[tuple[str, int]]:
    for name, column in dataset.columns.items():
        if not keeps_original(column):
            continue
        delivered = done.column(name + AS_DELIVERED)
        unread = pc.and_(pc.is_valid(delivered), pc.is_null(done.column(name)))
        if not (count := _true(unread)):
            continue
        kind = "unmapped_code" if column.codes else "placeholder_date" if column.type == "date" else "unread"
        yield f"{kind}:{name}", count
        if column.codes:
            said = pc.is_in(pc.utf8_upper(_plain(delivered.filter(unread))), pa.array(_unknowns(registry, column)))
            yield f"said_unknown:{name}", _true(said)


def _unknowns(registry: Registry, column: Column) -> list[str]:
    """List what says, in this column, that a thing is not known."""
    return [word.upper() for word in (*registry.codes[column.codes or ""].missing, *column.missing)] or [""]


def _not_standard(dataset: Dataset, plan: LandingPlan, done: pa.Table) -> Iterator[tuple[str, int]]:
    for person in plan.people:
        for kind, column in columns_of(dataset, person.slot).items():
            if kind in CHECKED and kind in person.fields:
                given = pc.and_(pc.is_valid(done.column(column.name)), done.column(person.column("named")))
                yield f"not_standard:{column.name}", _true(pc.and_(given, pc.is_null(done.column(person.column(kind)))))
    if plan.place is not None:
        for kind, column in place_columns(dataset).items():
            if kind in CHECKED and kind in plan.place.fields:
                given = pc.is_valid(done.column(column.name))
                yield f"not_standard:{column.name}", _true(pc.and_(given, pc.is_null(done.column(f"place:{kind}"))))


def _true(values: pa.ChunkedArray) -> int:
    return int(pc.sum(values).as_py() or 0)


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values
