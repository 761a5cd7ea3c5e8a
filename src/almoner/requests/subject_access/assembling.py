"""Puts together what was read: each record in plain words, the links, who looked, to whom data went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from almoner.registry.registry import Registry
from almoner.requests.subject_access.columns import (
    Kinds,
    about,
    harm_of,
    kept_until,
    main_slots,
    meaning,
    shown,
    title_of,
)
from almoner.requests.subject_access.held import BETWEEN, FieldKind, Gathered, HeldEntry, HeldField
from almoner.requests.subject_access.ports import Disclosure, Look, Matter
from almoner.requests.subject_access.reading import Read
from almoner.requests.subject_access.redactions import find_redactions
from almoner.requests.subject_access.whose import others_of, subject_of

DECIDED = {
    "alone": "This record stands alone: nothing else was joined to it.",
    "rule": "Joined by a fixed rule: what the records say agrees so far that no weighing was needed.",
    "model": "Joined by weighing how far the records agree.",
    "decision": "Joined because a member of staff decided so.",
}


@dataclass(frozen=True)
class Beside:
    """What is held of the person besides their records. followed: former ids; notes: for the file."""

    looks: Sequence[Look] = ()
    disclosures: Sequence[Disclosure] = ()
    matters: Sequence[Matter] = ()
    followed: Sequence[str] = ()
    notes: Sequence[str] = ()


def assemble(registry: Registry, read: Read, beside: Beside, at: dt.datetime, by: str) -> Gathered:
    """Give everything that was gathered, with what is redacted by default."""
    subject = subject_of(registry, read)
    others = others_of(registry, read, subject)
    entries = [*_records(registry, read), *_links(registry, read), *_looks(registry, beside.looks)]
    entries += [*_disclosures(beside.disclosures), *_matters(beside.matters)]
    named = [str(name).title() for name in (read.person["forename"], read.person["surname"]) if name]
    gathered = Gathered(
        person_id=str(read.person["person_id"]), gathered_at=at.isoformat(timespec="seconds"), gathered_by=by,
        name=" ".join(named), born=shown(read.person["date_of_birth"]) if read.person["date_of_birth"] else "",
        followed=tuple(beside.followed), entries=tuple(entries), protected=read.protected,
        datasets={name: about(registry, registry.dataset(name)) for name in sorted(read.rows)},
        notes=(*beside.notes, *_notes(registry, read)),
    )  # fmt: skip
    return replace(gathered, redactions=tuple(find_redactions(gathered, subject, others, protected=read.protected)))


def _records(registry: Registry, read: Read) -> list[HeldEntry]:
    found = []
    for name in sorted(read.rows, key=lambda each: (registry.source_of(registry.dataset(each)).title, each)):
        kinds = Kinds(registry, registry.dataset(name))
        by_key: dict[str, list[Mapping[str, Any]]] = {}
        for row in read.rows[name]:
            by_key.setdefault(str(row["record_key"]), []).append(row)
        for rows in by_key.values():
            found += _versions(registry, kinds, sorted(rows, key=lambda row: (row["as_of"], row["row_id"])))
    return found


def _versions(registry: Registry, kinds: Kinds, rows: Sequence[Mapping[str, Any]]) -> list[HeldEntry]:
    """Give the versions of one record, the newest first; those that say the same are one."""
    dataset = kinds.dataset
    found: list[HeldEntry] = []
    for row in rows:
        fields = _fields(registry, kinds, row)
        day = row["as_of"].isoformat()
        entry = HeldEntry(
            "record", dataset.full_name, dataset.title, fields, (day,), bool(row["is_current"]),
            kept_until(registry, dataset, row), harm_of(registry, dataset),
        )  # fmt: skip
        last = found[-1] if found else None
        if last is not None and last.fields == fields:
            entry = replace(entry, held_on=(*last.held_on, day))
            found.pop()
        found.append(entry)
    return found[::-1]


def _fields(registry: Registry, kinds: Kinds, row: Mapping[str, Any]) -> tuple[HeldField, ...]:
    dataset, known = kinds.dataset, kinds.of(row["slots"])
    whole = harm_of(registry, dataset)
    found = []
    for column in dataset.columns.values():
        value = row.get(column.name)
        if value is None or value == "":
            continue
        harm = "health" if registry.category[column.category].harm_test and not whole else ""
        kind = known[column.name]
        if kind == "own" and registry.category[column.category].reveals_whereabouts:
            kind = "whereabouts"
        found.append(
            HeldField(column.name, title_of(column), shown(value), meaning(registry, column, value), kind, harm)
        )
    return tuple(found)


def _links(registry: Registry, read: Read) -> list[HeldEntry]:
    found = []
    for each in sorted(read.links, key=lambda link: (link["dataset"], link["record_id"])):
        dataset = registry.dataset(each["dataset"])
        sure = each["match_probability"]
        of_them = each["slot"] in main_slots(dataset)  # the key of a row in which they are only named is another's
        record = HeldField("record", "Record", str(each["record_id"]), "", "plain" if of_them else "other")
        told = [("how", "How", DECIDED.get(each["decided_by"], "Joined."))]
        told += [("sure", "How sure", f"{sure:.1%}")] if sure is not None else []
        told += [("because", "What agrees", str(each["evidence"]))] if each["evidence"] else []
        fields = (record, *(HeldField(name, title, text) for name, title, text in told))
        found.append(HeldEntry("link", each["dataset"], dataset.title, fields, harm=harm_of(registry, dataset)))
    return found


def _looks(registry: Registry, looks: Sequence[Look]) -> list[HeldEntry]:
    found = []
    for each in sorted(looks, key=lambda look: look.first_at):
        titles = [registry.dataset(name).title for name in each.datasets if _declared(registry, name)]
        purpose = registry.purpose[each.purpose].title if each.purpose in registry.purpose else each.purpose
        told: list[tuple[str, str, str, FieldKind]] = [
            ("when", "When", f"{each.first_at:%Y-%m-%d %H:%M}", "plain"),
            ("role", "By whom (role)", ", ".join(each.roles) or "Somebody who has no role any more", "plain"),
            ("who", "Name", each.actor, "staff"),
            ("did", "What was done", each.did + ("" if each.outcome == "allowed" else f" ({each.outcome})"), "plain"),
            ("purpose", "What for", purpose, "plain"),
            ("reason", "Reason given", each.reason, "text"),
            ("datasets", "Records that could be seen", BETWEEN.join(dict.fromkeys(titles)), "plain"),
        ]
        fields = tuple(HeldField(name, title, text, "", kind) for name, title, text, kind in told if text)
        found.append(HeldEntry("look", "", "Somebody looked", fields))
    return found


def _declared(registry: Registry, name: str) -> bool:
    source, _, dataset = name.partition(".")
    return source in registry.source and dataset in registry.source[source].datasets


def _disclosures(disclosures: Sequence[Disclosure]) -> list[HeldEntry]:
    found = []
    for each in disclosures:
        told = (
            ("recipient", "To whom", each.recipient),
            ("on", "When", each.on.isoformat()),
            ("purpose", "What for", each.purpose),
            ("what", "What", each.what),
            ("reference", "Reference", each.reference),
        )
        found.append(
            HeldEntry(
                "disclosure", "", "Data that went to somebody", tuple(HeldField(*part) for part in told if part[2])
            )
        )
    return found


def _matters(matters: Sequence[Matter]) -> list[HeldEntry]:
    found = []
    for each in matters:
        told = [(f"part_{number}", title, text) for number, (title, text) in enumerate(each.fields) if text]
        fields = tuple(HeldField(name, title, text, "", "text") for name, title, text in told)
        found.append(HeldEntry("matter", "", each.title, fields, (each.on.isoformat(),)))
    return found


def _notes(registry: Registry, read: Read) -> list[str]:
    """Say for the file what was not searched, and what a reviewer has to look at with care."""
    linked = {str(each["dataset"]) for each in read.links}
    lacking = sorted(linked - set(read.rows))
    notes = [
        f"Records of {name} are theirs, but this purpose does not give them: look there by hand." for name in lacking
    ]
    staff = [d.title for d in registry.datasets() if d.employer]
    if staff:
        notes.append(f"Not searched, because it is never joined with anything: {'; '.join(staff)}.")
    notes.append(
        "Not searched: rows in quarantine, which could not be read. Search them if the person is missing something."
    )
    me = (read.person["forename"], read.person["surname"])
    if any((each["forename"], each["surname"]) == me for each in read.near):
        notes.append(
            "Somebody near them has the same name: it can't tell them apart, so read each text with their name."
        )
    return notes
