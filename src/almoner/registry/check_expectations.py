"""Checks what is expected of a dataset: that the columns and datasets it names are there, and can be compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from almoner.registry.datasets import AS_DELIVERED, Column, Dataset
from almoner.registry.expectations import Between, Expectation
from almoner.registry.findings import Finding
from almoner.registry.registry import Registry

Path = tuple[str | int, ...]

_NUMBERS = ("integer", "decimal")
_DATES = ("date", "timestamp")
_TAKEN = frozenset(
    {
        "number", "delivery", "position", "as_of", "row_id", "record_key", "record_id", "person_ref",
        "household_ref", "person_id", "household_id", "other_ref",
    }
)  # fmt: skip
"""What a reader of the quality of a dataset gets beside the expectations, and what points to a person anywhere."""
_CHECKED = ("nhs_number", "nino", "upn", "uln", "uprn", "postcode", "phone", "email", "surname", "forename")


def expectation_findings(registry: Registry, dataset: Dataset) -> Iterator[Finding]:
    """Yield everything that is wrong with what is expected of one dataset."""
    for name, expectation in dataset.expectations.items():
        path: Path = ("source", dataset.source, "datasets", dataset.name, "expectations", name)
        if name in _TAKEN or name.endswith(AS_DELIVERED):
            yield Finding(path, f"'{name}' is taken", "two columns would have one name", "give it another name")
        lacking = [column for column in expectation.columns() if column not in dataset.columns]
        for column in lacking:
            yield Finding(
                path, f"column '{column}' is not declared", "nothing could be measured", _near(column, dataset.columns)
            )
        if not lacking:
            yield from _sense(dataset, expectation, path)
        yield from _other_dataset(registry, expectation, path)
        yield from _dated(dataset, expectation, path)


def _sense(dataset: Dataset, expectation: Expectation, path: Path) -> Iterator[Finding]:
    """Yield rules whose columns are of the wrong kind for them."""
    columns = dataset.columns
    if (between := expectation.between) is not None:
        yield from _range(columns[between.column], between, (*path, "between"))
    if expectation.in_order is not None:
        first, then = (columns[name] for name in expectation.in_order)
        if _family(first) is None or _family(first) != _family(then):
            yield Finding(
                (*path, "in_order"), f"'{first.name}' is {first.type} and '{then.name}' {then.type}",
                "only two dates or two numbers have an order", "give both columns a type that fits",
            )  # fmt: skip
    if expectation.adds_up is not None:
        for name in (*expectation.adds_up.parts, expectation.adds_up.total):
            if columns[name].type not in _NUMBERS:
                yield Finding(
                    (*path, "adds_up"), f"'{name}' is {columns[name].type}", "only numbers add up",
                    "give the column the type integer or decimal",
                )  # fmt: skip
    if expectation.understood is not None:
        column = columns[expectation.understood]
        if column.codes is None and column.identifies not in _CHECKED:
            yield Finding(
                (*path, "understood"), f"every value of '{column.name}' is understood",
                "it is neither a code nor an identifier with a check", "use between, or give the column codes",
            )  # fmt: skip
    if expectation.agrees is not None and not dataset.people:
        yield Finding((*path, "agrees"), "the dataset names nobody", "no two records are one person's", "remove it")


def _range(column: Column, between: Between, path: Path) -> Iterator[Finding]:
    family = _family(column)
    if family is None:
        yield Finding(
            path, f"'{column.name}' is {column.type}", "only a number or a date lies between two others",
            "give the column another type, or declare its codes",
        )  # fmt: skip
        return
    bounds = [bound for bound in (between.lowest, between.highest) if bound is not None]
    for bound in bounds:
        dated = isinstance(bound, dt.date) or bound == "as_of"
        if dated != (family == "date"):
            yield Finding(
                path, f"'{bound}' does not fit a column of type {column.type}", "the two can't be compared",
                "write a number for numbers, a date such as 2020-01-31 or \"as_of\" for dates",
            )  # fmt: skip
    if len(bounds) == 2 and type(bounds[0]) is type(bounds[1]) and bounds[0] > bounds[1]:  # type: ignore[operator]
        yield Finding(path, "the lowest value is above the highest", "every row would miss it", "exchange the two")


def _family(column: Column) -> str | None:
    if column.codes is not None:
        return None
    return "number" if column.type in _NUMBERS else "date" if column.type in _DATES else None


def _other_dataset(registry: Registry, expectation: Expectation, path: Path) -> Iterator[Finding]:
    refers = expectation.refers
    if refers is None:
        return
    others = {each.full_name: each for each in registry.datasets()}
    if refers.dataset not in others:
        why = "nothing could be compared"
        yield Finding((*path, "refers"), f"dataset '{refers.dataset}' is not declared", why,
                      _near(refers.dataset, others))  # fmt: skip
    elif refers.to not in others[refers.dataset].columns:
        yield Finding(
            (*path, "refers"), f"column '{refers.to}' of '{refers.dataset}' is not declared",
            "nothing could be compared", _near(refers.to, others[refers.dataset].columns),
        )  # fmt: skip


def _dated(dataset: Dataset, expectation: Expectation, path: Path) -> Iterator[Finding]:
    if expectation.within_days is not None and (dataset.cadence == "once" or dataset.open):
        yield Finding(
            (*path, "within_days"), "the dataset has no cadence" if dataset.open else "the dataset comes once",
            "no delivery of it is ever due", "remove it, or declare the cadence",
        )  # fmt: skip
    twins = [each for each in dataset.expectations.values() if each.within_days is not None]
    if expectation.within_days is not None and len(twins) > 1 and twins[0] is not expectation:
        yield Finding(
            (*path, "within_days"), "the dataset has two days on which it is due", "they contradict each other",
            "keep one of them",
        )  # fmt: skip


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    return f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(names) or 'none declared'}"
