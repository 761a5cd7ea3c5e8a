"""What a column of a record is to the person: theirs, somebody else's, words to be searched, or plain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from almoner.governance.retention import clock_of, keep_until
from almoner.intake.identity_plan import slots_of
from almoner.registry.datasets import PLACE, PLACE_IDENTIFIERS, Column, Dataset, Fact, Where
from almoner.registry.measures import Indicator
from almoner.registry.performance import Measure
from almoner.registry.registry import Registry
from almoner.requests.subject_access.held import AboutDataset, FieldKind

PROFESSIONALS = "professionals"
"""The category of the notice that names those who work with somebody."""


def slot_of(dataset: Dataset, column: Column) -> str | None:
    """Name the person of a row whom a column identifies; None where it is the row's place, or nobody."""
    if column.identifies is None or column.person == PLACE:
        return None
    if column.person is not None:
        return column.person
    slots = slots_of(dataset)
    return slots[0].name if len(slots) == 1 and column.identifies not in PLACE_IDENTIFIERS else None


def points_to_another(dataset: Dataset) -> set[str]:
    """Name the columns that hold the key of another person's record."""
    found = {slot.address_of.key for slot in dataset.people.values() if slot.address_of is not None}
    for fact in dataset.facts:
        if fact.relationship is not None and fact.relationship.other.key is not None:
            found.add(fact.relationship.other.key)
    return found


def kind_of(registry: Registry, dataset: Dataset, column: Column, slots: set[str]) -> FieldKind:
    """Say what a column is to the person. In: slots: which of the row's people they are."""
    slot = slot_of(dataset, column)
    if slot is not None:
        return "own" if slot in slots else "other"
    category = registry.category[column.category]
    if column.identifies is not None and column.person != PLACE:
        return "own"  # the row's address is that of everybody in it who has no other
    if column.name in points_to_another(dataset) and column.name not in dataset.key:
        return "other"
    if column.type != "text" or column.codes or column.name in dataset.key:
        return "plain"
    if category.name == PROFESSIONALS:
        return "professional"
    return "own" if category.tier == "identity" and len(slots_of(dataset)) == 1 else "text"


def shown(value: Any) -> str:
    """Give a value as it is held."""
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def meaning(registry: Registry, column: Column, value: Any) -> str:
    """Say a value in plain words, '' where that is what is held."""
    if column.codes and column.codes in registry.codes:
        told = registry.codes[column.codes].values.get(str(value), "")
        told = told or (_words(str(value)) if "_" in str(value) else "")
        return "" if told in (str(value), "") else told.replace("_", " ")
    if isinstance(value, dt.date):
        return f"{value.day} {value:%B %Y}"
    return f"{shown(value)} {column.unit}" if column.unit else ""


def title_of(column: Column) -> str:
    """Give what a column is called in plain words: its title, else its name."""
    return column.title or _words(" ".join(_ABBREVIATED.get(word, word) for word in column.name.split("_")))


def _words(text: str) -> str:
    plain = text.replace("_", " ")
    return plain[:1].upper() + plain[1:]


_ABBREVIATED = {
    "nhs": "NHS", "nino": "National Insurance number", "upn": "Unique Pupil Number", "uln": "Unique Learner Number",
    "uprn": "Unique Property Reference Number", "gp": "GP", "sen": "special educational needs",
}  # fmt: skip


def harm_of(registry: Registry, dataset: Dataset) -> str:
    """Name the test of serious harm that a whole dataset is held for, '' where none."""
    declared = registry.source_of(dataset).harm_test
    if declared is not None:
        return declared
    return "health" if dataset.floor is not None and registry.category[dataset.floor].harm_test else ""


def kept_until(registry: Registry, dataset: Dataset, row: Mapping[str, Any]) -> str:
    """Give the day to which the schedule keeps a row, 'while it is open', or '' where no day is known."""
    rule = registry.retention_of(dataset)
    clock = clock_of(dataset, rule)
    if clock is None:
        return keep_until(row["as_of"], rule).isoformat() if row.get("as_of") else ""
    spans = ((row.get(starts) if starts else True, row.get(ends)) for starts, ends in clock.spans)
    if any(start is not None and end is None for start, end in spans):
        return "while it is open"
    days = [day.date() if isinstance(day, dt.datetime) else day for name in clock.days if (day := row.get(name))]
    return keep_until(max(days), rule).isoformat() if days else ""


def about(registry: Registry, dataset: Dataset) -> AboutDataset:
    """Say of a dataset what UK GDPR Art 15(1) asks: purposes, bases, recipients, retention, source, logic."""
    source, rule = registry.source_of(dataset), registry.retention_of(dataset)
    purposes = [registry.purpose[name] for name in dataset.purposes if name in registry.purpose]
    bases = [registry.lawful_basis[each.lawful_basis] for each in purposes]
    years = " and ".join(
        f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((rule.years, "year"), (rule.months, "month")) if n
    )
    counted = _COUNTED[rule.counted_from]
    going = [each.title for each in registry.recipient.values() if set(each.purposes) & set(dataset.purposes)]
    return AboutDataset(
        dataset.title, source.title, source.organisation,
        tuple(dict.fromkeys(each.title for each in purposes)),
        tuple(dict.fromkeys(f"{each.title} ({each.article})" for each in bases)),
        f"{years or 'Not kept'} {counted}. {rule.authority}",
        tuple(going), logic_of(registry, dataset), dataset.coverage,
    )  # fmt: skip


_COUNTED = {
    "delivery": "from the delivery that held it",
    "last_seen": "from the last delivery that held it",
    "ends": "from the day on which it ended",
    "starts": "from the day on which it began",
    "date_of_birth": "from the date of birth",
    "date_of_death": "from the date of death",
}


def logic_of(registry: Registry, dataset: Dataset) -> tuple[str, ...]:
    """Say what the product makes of a dataset's records: flags and the rules that raise them, facts, figures."""
    found: list[str] = []
    for slot in dataset.people.values():
        for marker, what in (
            (slot.safety, "the address must not be shown"),
            (slot.sealed, "never tied to another identity"),
        ):
            if marker is not None:
                title = title_of(dataset.columns[marker.column])
                found.append(f"Flag ({what}): raised where '{title}' is {' or '.join(marker.values)}.")
    names: set[str] = set()
    for fact in dataset.facts:
        for name, where in _facts_of(fact):
            when = [f"'{each.column}' is {' or '.join(each.values)}" for each in where if each.values]
            names.add(name)
            found.append(f"Fact: {name.replace('_', ' ')}{', where ' + ' and '.join(when) if when else ''}.")
    every: list[Measure | Indicator] = [*registry.measure.values(), *registry.indicator.values()]
    for counted in every:
        counts = [each for each in (counted.numerator, counted.denominator) if each is not None]
        if names & {name for each in counts for name in each.names}:
            found.append(f"Counted, never by name: {counted.title}. {counted.definition}")
    return tuple(dict.fromkeys(found))


def _facts_of(fact: Fact) -> list[tuple[str, tuple[Where, ...]]]:
    """Give what a fact is called, and when it holds."""
    found = []
    if fact.involvement is not None:
        found.append((fact.involvement.service, fact.involvement.where))
    if fact.event is not None:
        found.append((fact.event.kind, fact.event.where))
    if fact.attribute is not None:
        found.append((fact.attribute.name, fact.attribute.where))
    return found
