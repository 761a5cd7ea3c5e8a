"""What a column of a record is to the person: theirs, somebody else's, words to be searched, or plain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
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
    """Name the person of a row whom a column is about; None where it is the row's place, or said of nobody."""
    if column.person is not None:
        return None if column.person == PLACE else column.person
    slots = slots_of(dataset)
    sole = len(slots) == 1 and column.identifies is not None and column.identifies not in PLACE_IDENTIFIERS
    return slots[0].name if sole else None


def main_slots(dataset: Dataset) -> set[str]:
    """Name the people of a row whose record it is: those whom its key names. Where that is nobody, all of them."""
    slots = slots_of(dataset)
    return {each.name for each in slots if not each.suffix} or {each.name for each in slots}


def points_to_another(dataset: Dataset) -> set[str]:
    """Name the columns that hold the key of another person's record."""
    found = {slot.address_of.key for slot in dataset.people.values() if slot.address_of is not None}
    for fact in dataset.facts:
        if fact.relationship is not None and fact.relationship.other.key is not None:
            found.add(fact.relationship.other.key)
    return found - set(dataset.key)


class Kinds:
    """What each column of a dataset is to the person, by who of the row they are."""

    def __init__(self, registry: Registry, dataset: Dataset) -> None:
        self._registry, self.dataset = registry, dataset
        self.pointing = points_to_another(dataset)
        self.main = main_slots(dataset)
        self._stated = _stated_of(dataset)
        self._known: dict[frozenset[str], dict[str, FieldKind]] = {}

    def of(self, slots: Collection[str]) -> dict[str, FieldKind]:
        """Give the kind of every column. In: slots: which of the row's people they are."""
        key = frozenset(slots)
        if key not in self._known:
            self._known[key] = {name: self._kind(each, key) for name, each in self.dataset.columns.items()}
        return self._known[key]

    def _kind(self, column: Column, slots: frozenset[str]) -> FieldKind:
        slot = slot_of(self.dataset, column)
        if slot is not None and slot not in slots:
            return "other"
        if column.identifies is not None and column.person != PLACE:
            return "own" if slot is not None or self.lives_there(slots) else "other"
        if column.name in self.pointing or (slot is None and not self._is_about(column, slots)):
            return "other"
        if column.type != "text" or column.codes or column.name in self.dataset.key:
            return "plain"
        category = self._registry.category[column.category]
        if category.name == PROFESSIONALS:
            return "professional"
        return "own" if category.tier == "identity" and len(slots_of(self.dataset)) == 1 else "text"

    def lives_there(self, slots: Collection[str]) -> bool:
        """Say whether the row's address is theirs: the record is, or the dataset states that they live there.

        Whoever is only named, as a pupil's other parent is, may not be allowed to know it.
        """
        living = {fact.residence.person for fact in self.dataset.facts if fact.residence is not None}
        return not self.main.isdisjoint(slots) or not living.isdisjoint(slots)

    def _is_about(self, column: Column, slots: frozenset[str]) -> bool:
        """Say whether what is said of nobody by name is about them, and not only about whoever else the row names."""
        if len(slots_of(self.dataset)) < 2 or column.name in self.dataset.key or column.person == PLACE:
            return True
        stated = self._stated.get(column.name)
        return bool(stated & {*slots, PLACE}) if stated else bool(slots & self.main)


def _stated_of(dataset: Dataset) -> dict[str, set[str]]:
    """Give for each column of whom the dataset's facts state it."""
    found: dict[str, set[str]] = {}
    for fact in dataset.facts:
        of: list[tuple[str | None, tuple[str | None, ...]]] = []
        if (stay := fact.involvement) is not None:
            of.append((stay.person, (stay.detail, stay.starts, stay.ends, stay.professional)))
        if (event := fact.event) is not None:
            of.append((event.person, (event.on, event.detail, event.quantity, event.since)))
        if (said := fact.attribute) is not None:
            of.append((said.of, (said.value,)))
        for person, columns in of:
            for name in filter(None, columns):
                found.setdefault(name, set()).add(person or PLACE)
    return found


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
