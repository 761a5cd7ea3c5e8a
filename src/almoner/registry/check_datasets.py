"""Checks one dataset: its columns, key, slots, codes, facts, purposes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from almoner.registry.datasets import (
    AS_DELIVERED,
    PLACE,
    PLACE_IDENTIFIERS,
    TAKEN_NAMES,
    Column,
    Dataset,
    Fact,
    PersonSlot,
    Relationship,
)
from almoner.registry.findings import Finding
from almoner.registry.registry import Registry
from almoner.registry.standards import STANDARD_CODES

Path = tuple[str | int, ...]

_DATE_DIRECTIVES = re.compile(r"%[YymdbBHMSfzjp]")


def dataset_findings(registry: Registry, dataset: Dataset) -> Iterator[Finding]:
    """Yield everything that is wrong with one dataset."""
    path: Path = ("source", dataset.source, "datasets", dataset.name)
    yield from _governance(registry, dataset, path)
    for name, column in dataset.columns.items():
        yield from _taken_name(name, (*path, "columns", name))
        yield from _column(registry, dataset, column, (*path, "columns", name))
    for key in dataset.key:
        yield from _known_column(dataset, key, (*path, "key"), "rows are told apart by the key")
    if not dataset.key and (dataset.people or any(feed.delivery != "snapshot" for feed in dataset.feeds)):
        yield Finding(
            (*path, "key"), "the key is empty", "people's records, deltas and additions are told apart by their key",
            "name the columns that identify a row in its source",
        )  # fmt: skip
    if dataset.distinct_people_within is not None and dataset.distinct_people_within not in dataset.key:
        yield Finding(
            (*path, "distinct_people_within"), f"'{dataset.distinct_people_within}' is not a column of the key",
            "which rows belong together is read from the key", f"use one of: {', '.join(dataset.key)}",
        )  # fmt: skip
    yield from _feeds(dataset, path)
    for name, slot in dataset.people.items():
        yield from _slot(dataset, slot, (*path, "people", name))
        yield from _address_of(registry, dataset, slot, (*path, "people", name, "address_of"))
    yield from _same_suffix(dataset, path)
    for position, fact in enumerate(dataset.facts):
        yield from _fact(registry, dataset, fact, (*path, "facts", position))


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    return f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(names) or 'none declared'}"


def _governance(registry: Registry, dataset: Dataset, path: Path) -> Iterator[Finding]:
    for purpose in dataset.purposes:
        if purpose not in registry.purpose:
            yield Finding(
                (*path, "purposes"), f"purpose '{purpose}' is not declared", "nobody could read it for that",
                _near(purpose, registry.purpose),
            )  # fmt: skip
    agreement = registry.agreement_of(dataset)
    if agreement is not None:
        for purpose in sorted(set(dataset.purposes) & set(registry.purpose) - set(agreement.purposes)):
            yield Finding(
                (*path, "purposes"), f"purpose '{purpose}' is not in agreement '{agreement.name}'",
                "the supplier has not agreed to it", "renegotiate the agreement, or take the purpose out",
            )  # fmt: skip
    if dataset.floor is not None and dataset.floor not in registry.category:
        yield Finding(
            (*path, "floor"), f"category '{dataset.floor}' is not declared", "the floor protects nothing",
            _near(dataset.floor, registry.category),
        )  # fmt: skip
    if dataset.retention is not None and dataset.retention not in registry.retention:
        yield Finding(
            (*path, "retention"), f"retention rule '{dataset.retention}' is not declared",
            "personal data may not be kept without limit", _near(dataset.retention, registry.retention),
        )  # fmt: skip
    identifying = [name for name, column in dataset.columns.items() if column.identifies]
    if (dataset.anonymised or dataset.open) and (identifying or dataset.people):
        yield Finding(
            (*path, "columns"), f"anonymised or open, but these columns identify: {', '.join(identifying) or 'people'}",
            "no identifier may come in by the anonymised route", "remove them, or take the flag away",
        )  # fmt: skip


def _known_column(dataset: Dataset, name: str, path: Path, why: str) -> Iterator[Finding]:
    if name not in dataset.columns:
        yield Finding(path, f"column '{name}' is not declared", why, _near(name, dataset.columns))


def _taken_name(name: str, path: Path) -> Iterator[Finding]:
    if name in TAKEN_NAMES:
        yield Finding(
            path, f"'{name}' is the name of a column that every dataset has beside its own",
            "readers could not tell the two apart", f"call it otherwise, e.g. supplier_{name}; 'from' stays as it is",
        )  # fmt: skip
    elif name.endswith(AS_DELIVERED):
        yield Finding(
            path, f"names that end in '{AS_DELIVERED}' are kept for values as they were delivered",
            "it could stand for another column's text, and would not be told as held",
            "call it otherwise; 'from' stays as it is",
        )  # fmt: skip


def _column(registry: Registry, dataset: Dataset, column: Column, path: Path) -> Iterator[Finding]:
    if column.category not in registry.category:
        yield Finding(
            (*path, "category"), f"category '{column.category}' is not declared",
            "without a category nobody knows who may see it", _near(column.category, registry.category),
        )  # fmt: skip
    elif column.identifies and registry.category[column.category].tier != "identity":
        yield Finding(
            (*path, "category"), f"identifies {column.identifies}, but category '{column.category}' is not identity",
            "research would see an identifier", "give it a category of the identity tier",
        )  # fmt: skip
    if column.codes is not None:
        if column.codes not in registry.codes:
            yield Finding(
                (*path, "codes"), f"code list '{column.codes}' is not declared", "its values can't be checked",
                _near(column.codes, registry.codes),
            )  # fmt: skip
        elif (standard := registry.codes[column.codes].standard) and standard not in STANDARD_CODES:
            yield Finding(
                ("codes", column.codes, "standard"), f"no shipped mapping '{standard}'", "codes stay unmapped",
                _near(standard, STANDARD_CODES),
            )  # fmt: skip
    if column.person is not None and column.person != PLACE and column.person not in dataset.people:
        yield Finding(
            (*path, "person"), f"person slot '{column.person}' is not declared", "nobody is named by it",
            _near(column.person, [*dataset.people, PLACE]),
        )  # fmt: skip
    of_nobody = column.person is None and len(dataset.people) > 1
    if column.identifies and of_nobody and column.identifies not in PLACE_IDENTIFIERS:
        yield Finding(
            (*path, "person"), f"identifies {column.identifies}, but not whom: the row has several people",
            "nobody would be named by it", f"add person = one of: {', '.join(dataset.people)}",
        )  # fmt: skip
    if column.person == PLACE and column.identifies not in PLACE_IDENTIFIERS:
        yield Finding(
            (*path, "person"), "a place has only uprn, address or postcode", "it is a person's", "name a slot"
        )
    if column.identifies == "local_id" and not column.system:
        yield Finding(
            (*path, "system"), "a local_id without a system", "numbers of two systems would be taken for one another",
            "add system = \"the system that gives the numbers\"",
        )  # fmt: skip
    for position, pattern in enumerate(column.dates or dataset.format.dates):
        if not _DATE_DIRECTIVES.search(pattern):
            yield Finding(
                (*path, "dates", position), f"'{pattern}' is not a strptime format", "no date would ever be read",
                "write it like \"%d/%m/%Y\"",
            )  # fmt: skip


def _feeds(dataset: Dataset, path: Path) -> Iterator[Finding]:
    for position, feed in enumerate(dataset.feeds):
        where = (*path, "feeds", position)
        if feed.action is not None:
            yield from _known_column(dataset, feed.action.column, where, "it says what to do with a row")
        if feed.delivery == "delta" and feed.action is None:
            yield Finding(
                where, "a delta without an action column", "an insert can't be told from a delete",
                "add action = { column = … }, or use delivery = \"append\"",
            )  # fmt: skip
        if not dataset.open and not ("{period}" in feed.files or "{sent}" in feed.files):
            yield Finding(
                where, "the file pattern has neither {period} nor {sent}", "two deliveries can't be told apart",
                "write e.g. \"school_roll_{sent}.csv\"",
            )  # fmt: skip


def _slot(dataset: Dataset, slot: PersonSlot, path: Path) -> Iterator[Finding]:
    sole = len(dataset.people) == 1
    mine = [c for c in dataset.columns.values() if c.person == slot.name or (c.person is None and sole)]
    if not {column.identifies for column in mine if column.identifies} - PLACE_IDENTIFIERS:
        yield Finding(path, "no column names this person", "nobody could be joined", "add a column that identifies")
    for key in ("event_on", "starts_on", "ends_on"):
        column = getattr(slot, key)
        if column is not None:
            yield from _known_column(dataset, column, (*path, key), "the date is read from it")
    for key in ("safety", "sealed"):
        marker = getattr(slot, key)
        if marker is not None:
            yield from _known_column(dataset, marker.column, (*path, key), "the flag is read from it")


def _address_of(registry: Registry, dataset: Dataset, slot: PersonSlot, path: Path) -> Iterator[Finding]:
    stated = slot.address_of
    if stated is None:
        return
    yield from _known_column(dataset, stated.key, path, "the record that has the address is found by it")
    shared = (None, PLACE, slot.name)
    if any(c.identifies in PLACE_IDENTIFIERS and c.person in shared for c in dataset.columns.values()):
        yield Finding(
            path, "the row has an address of its own", "nobody could tell which of the two is meant", "keep one of them"
        )
    others = {each.full_name: each for each in registry.datasets()}
    other = others.get(stated.dataset)
    if other is None:
        why = "the address would be nobody's"
        yield Finding(path, f"dataset '{stated.dataset}' is not declared", why, _near(stated.dataset, others))
    elif stated.slot is not None and stated.slot not in other.people:
        why = "nobody has the address"
        yield Finding(path, f"person slot '{stated.slot}' is not declared", why, _near(stated.slot, other.people))
    elif not any(column.identifies in PLACE_IDENTIFIERS for column in other.columns.values()):
        todo = "name a dataset with uprn, address or postcode"
        yield Finding(path, f"dataset '{stated.dataset}' has no address", "there is none to take", todo)


def _same_suffix(dataset: Dataset, path: Path) -> Iterator[Finding]:
    suffixes: dict[str, str] = {}
    for name, slot in dataset.people.items():
        if slot.suffix in suffixes:
            yield Finding(
                (*path, "people", name, "suffix"), f"same suffix as slot '{suffixes[slot.suffix]}'",
                "two people would have one record id", "give each slot a suffix of its own",
            )  # fmt: skip
        suffixes[slot.suffix] = name


def _fact(registry: Registry, dataset: Dataset, fact: Fact, path: Path) -> Iterator[Finding]:
    kind, part = next((k, v) for k, v in zip(_KINDS, fact.parts(), strict=True) if v is not None)
    where = (*path, kind)
    for key in ("starts", "ends", "professional", "detail", "on", "quantity", "since", "value"):
        column = getattr(part, key, None)
        if column is not None:
            yield from _known_column(dataset, column, where, f"'{key}' is read from it")
    for condition in part.where:
        yield from _known_column(dataset, condition.column, where, "the condition is read from it")
    as_of = getattr(part, "as_of", "delivery")
    if as_of != "delivery":
        yield from _known_column(dataset, as_of, where, "the date is read from it")
    person = getattr(part, "person", None) or getattr(part, "of", None)
    if person is not None and person != PLACE and person not in dataset.people:
        yield Finding(
            where, f"person slot '{person}' is not declared", "the fact would be about nobody",
            _near(person, [*dataset.people, PLACE]),
        )  # fmt: skip
    if isinstance(part, Relationship):
        yield from _relationship(registry, dataset, part, where)


def _relationship(registry: Registry, dataset: Dataset, part: Relationship, where: Path) -> Iterator[Finding]:
    told = dataset.columns.get(part.detail or "")
    if part.relations and part.detail is None:
        yield Finding(
            (*where, "relations"), "relations of codes, but no detail", "there is no code to read",
            "name the column as detail",
        )  # fmt: skip
    elif told is not None and told.codes in registry.codes:
        codes = registry.codes[told.codes].values
        for code in sorted(set(part.relations) - set(codes)):
            yield Finding(
                (*where, "relations"), f"'{code}' is no code of '{told.codes}'", "it would never be met",
                _near(code, codes),
            )  # fmt: skip
    other = part.other
    if (other.slot is None) == (other.dataset is None):
        yield Finding(where, "other is either a slot or a dataset with a key", "nobody at the other end", "name one")
    elif other.slot is not None and other.slot not in dataset.people:
        yield Finding(where, f"person slot '{other.slot}' is not declared", "nobody at the other end",
                      _near(other.slot, dataset.people))  # fmt: skip
    elif other.dataset is not None:
        if other.dataset not in {each.full_name for each in registry.datasets()}:
            yield Finding(where, f"dataset '{other.dataset}' is not declared", "nobody at the other end",
                          _near(other.dataset, [each.full_name for each in registry.datasets()]))  # fmt: skip
        yield from _known_column(dataset, other.key or "", where, "the other record is found by it")


_KINDS = ("involvement", "event", "attribute", "residence", "relationship")
