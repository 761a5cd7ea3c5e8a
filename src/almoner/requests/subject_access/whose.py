"""Learns from what was read whose name, number and address is the person's own, and whose is somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from almoner.registry.datasets import Column, Dataset
from almoner.registry.registry import Registry
from almoner.requests.subject_access.columns import Kinds, shown, slot_of
from almoner.requests.subject_access.patterns import compact, numbers_in, streets_in
from almoner.requests.subject_access.people import Others, Subject, split_name
from almoner.requests.subject_access.reading import Read

_NAMES = ("forename", "middle_names", "known_as")
_SURNAMES = ("surname", "previous_surname")
_NUMBERS = ("nhs_number", "nino", "upn", "uln", "local_id")


def subject_of(registry: Registry, read: Read) -> Subject:
    """Learn everything by which the person themselves is named or reached."""
    subject = Subject()
    person = read.person
    subject.add_names([person["forename"]], [person["surname"]])
    if person["date_of_birth"]:
        subject.births.add(shown(person["date_of_birth"]))
    for each in read.homes:
        if each["person_id"] == person["person_id"]:
            subject.add_home(each["house_number"], each["street"])
            subject.add_reach(None, None, each["postcode"])
    for name, rows in read.rows.items():
        kinds = Kinds(registry, registry.dataset(name))
        for row in rows:
            if row["slots"] & kinds.main:  # the key of a row in which they are only named is somebody else's
                subject.add_number(str(row["record_key"]))
            for said in row["said"]:
                _from_standardised(subject, said, lives_there=kinds.lives_there(row["slots"]))
            _from_row(kinds, row, subject)
    if person["sex"]:
        subject.sexes.add(person["sex"])
    return subject


def _from_standardised(subject: Subject, row: Mapping[str, Any], *, lives_there: bool) -> None:
    subject.add_names([row[name] for name in _NAMES], [row[name] for name in _SURNAMES])
    for name in _NUMBERS:
        subject.add_number(row[name])
    subject.add_reach(row["phone"], row["email"], row["postcode"] if lives_there else None)
    if lives_there:
        subject.add_home(row["house_number"], row["street"])
    if row["date_of_birth"]:
        subject.births.add(shown(row["date_of_birth"]))


def _from_row(kinds: Kinds, row: Mapping[str, Any], subject: Subject) -> None:
    """Learn from the columns of a row that are the person's own, also of versions that no longer hold."""
    own = kinds.of(row["slots"])
    for column in kinds.dataset.columns.values():
        value = row.get(column.name)
        if value is None or column.identifies is None or own[column.name] != "own":
            continue
        text = shown(value)
        if column.identifies in (*_NAMES, *_SURNAMES):
            subject.add_names(
                [text] if column.identifies in _NAMES else [], [text] if column.identifies in _SURNAMES else []
            )
        elif column.identifies == "full_name":
            forename, surname = split_name(text, column.order)
            subject.add_names([forename], [surname])
        elif column.identifies in _NUMBERS:
            subject.add_number(text)
        elif column.identifies == "date_of_birth":
            subject.births.add(text[:10])
        else:
            _from_reach(subject, text)


def _from_reach(subject: Subject, text: str) -> None:
    for found in numbers_in(text):
        kept = {"telephone number": subject.phones, "e-mail address": subject.emails, "postcode": subject.postcodes}
        kept.get(found.kind, subject.numbers).add(found.value)
    for number, words, *_ in streets_in(text):
        if words:
            subject.homes.add((number, words[0]))


def others_of(registry: Registry, read: Read, subject: Subject) -> Others:
    """Learn who is near the person, or stands in the same rows."""
    others = Others()
    for each in read.near:
        others.add_person(each["forename"], each["surname"], each["date_of_birth"])
    for each in read.homes:
        if each["person_id"] != read.person["person_id"]:
            others.add_home(each["house_number"], each["street"], each["postcode"])
    for name, rows in read.rows.items():
        kinds = Kinds(registry, registry.dataset(name))
        for row in rows:
            _others_in(kinds.dataset, row, row["slots"], others)
            if not row["slots"] & kinds.main:
                others.add_number(str(row["record_key"]))
            for column in kinds.pointing:
                if row.get(column) is not None and compact(shown(row[column])) not in subject.numbers:
                    others.add_number(shown(row[column]))
    return others


def _others_in(dataset: Dataset, row: Mapping[str, Any], slots: set[str], others: Others) -> None:
    named: dict[str, dict[str, tuple[Column, Any]]] = {}
    for column in dataset.columns.values():
        slot = slot_of(dataset, column)
        value = row.get(column.name)
        if slot is not None and slot not in slots and value is not None and column.identifies:
            named.setdefault(slot, {})[column.identifies] = (column, value)
    for told in named.values():
        text = {name: shown(value) for name, (_, value) in told.items()}
        forename, surname = text.get("forename"), text.get("surname")
        if "full_name" in text:
            forename, surname = split_name(text["full_name"], told["full_name"][0].order)
        others.add_person(forename, surname, text["date_of_birth"][:10] if "date_of_birth" in text else None)
        others.add_person(text.get("known_as"), surname)
        for name in _NUMBERS:
            others.add_number(text.get(name))
        for number, words, *_ in streets_in(text.get("address", "")):
            if words:
                others.homes.add((number, words[0]))
        if "postcode" in text:
            others.postcodes.add(compact(text["postcode"]))
