"""What is known of a delivery once it has been taken in, and what is kept of it for ever: counts, never rows.

What is kept outlives the delivery: a correction that replaces it, and its disposal, change nothing of what it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from almoner.registry.datasets import Dataset
from almoner.registry.expectations import Expectation

DELIVERY, COPIES = "delivery", "copies"
"""Measures of a whole delivery: rows that went to quarantine; rows that share a key with others."""

_EMPTY_FAULTS = ("required_missing", "key_missing")
_COPY_FAULTS = ("duplicate_row", "duplicate_key")


@dataclass(frozen=True)
class Arrival:
    """A delivery as intake left it. tallies: intake's counts by column."""

    number: int
    dataset: str
    delivery: str
    kind: str
    as_of: dt.date
    sent_on: dt.date | None
    landed_on: dt.date
    version: int
    rows_in: int
    quarantined: int
    replaced: bool = False
    tallies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """One figure of one delivery: of so many tested, so many missed what is expected.

    definition: which wording of a declared expectation was measured; a change of it starts a new stretch of the series.
    """

    number: int
    dataset: str
    delivery: str
    as_of: dt.date
    sent_on: dt.date | None
    landed_on: dt.date
    version: int
    measure: str
    missed: int
    tested: int
    definition: str = ""


class Book(Protocol):
    """Where figures are kept. Only ever added to."""

    def add(self, figures: Sequence[Kept]) -> int:
        """Keep figures that are not there yet; say how many were new."""

    def figures(self, dataset: str | None = None) -> list[Kept]:
        """List what is kept, by dataset and day."""


def complete(column: str) -> str:
    """Name the measure of a column's completeness."""
    return f"complete:{column}"


def understood(column: str) -> str:
    """Name the measure of a column's validity."""
    return f"understood:{column}"


def expects(name: str) -> str:
    """Name the measure of a declared expectation."""
    return f"expects:{name}"


def measure_of(expectation: Expectation) -> str:
    """Name the measure by which an expectation is judged: intake's own count where it counted just that."""
    if expectation.accepted:
        return DELIVERY
    if not expectation.where and expectation.complete is not None:
        return complete(expectation.complete)
    if not expectation.where and expectation.understood is not None:
        return understood(expectation.understood)
    return expects(expectation.name)


def essential(dataset: Dataset) -> frozenset[str]:
    """Name the columns that are declared to be filled in; none where nothing is said about any but the key."""
    stated = {each.complete for each in dataset.expectations.values() if each.complete and not each.where}
    if not any(each.complete for each in dataset.expectations.values()):
        return frozenset()
    required = {name for name, column in dataset.columns.items() if column.required}
    return frozenset({*stated, *required, *dataset.key})


def figures_of(dataset: Dataset, arrival: Arrival) -> list[Kept]:
    """Make the figures that follow from intake's counts: none by column where they were not counted."""
    found = [_kept(arrival, DELIVERY, _quarantined(arrival), arrival.rows_in)]
    copies = sum(arrival.tallies.get(f"quarantined:{code}", 0) for code in _COPY_FAULTS)
    found.append(_kept(arrival, COPIES, copies, arrival.rows_in))
    if not counted_by_column(arrival):
        return found
    measured = arrival.tallies.get("measured", 0)
    for name in dataset.columns:
        empty, wrong = _faults_of(arrival, name)
        missing, nobody = arrival.tallies.get(f"missing:{name}", 0), arrival.tallies.get(f"nobody:{name}", 0)
        found.append(_kept(arrival, complete(name), missing + empty, measured - nobody + empty))
        if not can_be_wrong(dataset, name):
            continue
        unmapped = arrival.tallies.get(f"unmapped_code:{name}", 0) - arrival.tallies.get(f"said_unknown:{name}", 0)
        bad = unmapped + arrival.tallies.get(f"not_standard:{name}", 0) + wrong
        given = measured - nobody - missing + unmapped + wrong
        found.append(_kept(arrival, understood(name), min(bad, max(given, 0)), max(given, 0)))
    return found


def counted_by_column(arrival: Arrival) -> bool:
    """Say whether intake counted by column: it did not before the review was there."""
    return "measured" in arrival.tallies or _quarantined(arrival) == arrival.rows_in


def can_be_wrong(dataset: Dataset, name: str) -> bool:
    """Say whether a value of a column can be told wrong by itself: a code, a date, a number, an identifier."""
    column = dataset.columns[name]
    return column.codes is not None or column.type != "text" or column.identifies in CHECKED


CHECKED = ("nhs_number", "nino", "upn", "uln", "uprn", "postcode", "phone", "email", "surname", "forename")


def _quarantined(arrival: Arrival) -> int:
    """Count what went to quarantine when it landed: rows that were re-admitted later were sent wrong all the same."""
    told = sum(count for name, count in arrival.tallies.items() if name.startswith("quarantined:"))
    return told or arrival.quarantined


def _faults_of(arrival: Arrival, column: str) -> tuple[int, int]:
    empty = wrong = 0
    for name, count in arrival.tallies.items():
        kind, _, rest = name.partition(":")
        if kind != "fault" or rest.rpartition(":")[0] != column:
            continue
        code = rest.rpartition(":")[2]
        if code in _EMPTY_FAULTS:
            empty += count
        elif code not in _COPY_FAULTS:
            wrong += count
    return empty, wrong


def _kept(arrival: Arrival, measure: str, missed: int, tested: int, definition: str = "") -> Kept:
    return Kept(
        arrival.number, arrival.dataset, arrival.delivery, arrival.as_of, arrival.sent_on, arrival.landed_on,
        arrival.version, measure, missed, tested, definition,
    )  # fmt: skip


def figure_of(arrival: Arrival, measure: str, missed: int, tested: int, definition: str) -> Kept:
    """Make a figure that was measured on a delivery's rows."""
    return _kept(arrival, measure, missed, tested, definition)
