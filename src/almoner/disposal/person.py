"""Finds everything that is held of one named person: their records in every version, and rows in quarantine.

Whoever asks has written the audit event. It gives row ids and references; what it compares with never leaves it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almoner.disposal.concerned import files_of, inside, scanned, texts
from almoner.disposal.work import Work
from almoner.intake.identity_plan import slots_of
from almoner.intake.keeping_out import said_of
from almoner.kernel.tables import PERSONS
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry
from almoner.store.barred import UNREAD, Reference, Referrer, digests_of
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry, PartFile
from almoner.store.lake import Lake
from almoner.store.rewriting import RowIds, among, row_ids

_NUMBERS = ("nhs_number", "nino", "upn", "uln", "email")
"""By any of these alone a row in quarantine is the person's."""


@dataclass(frozen=True)
class Holding:
    """What is held of a person in one dataset: rows that name nobody else, and rows that name others too."""

    dataset: Dataset
    alone: RowIds
    shared: dict[str, RowIds]
    """slot → rows."""
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Said:
    """What a person's records say, for comparison with bytes that could not be read."""

    numbers: frozenset[str]
    names: frozenset[tuple[str, str]]
    """Forename and surname."""
    others: frozenset[str]
    """Dates of birth as written in different ways, and postcodes."""

    def in_bytes(self, raw: bytes) -> bool:
        """Say whether bytes are about the person: a number of theirs; or both names with a birthday or a postcode."""
        text = raw.replace(b"\x00", b"").decode("utf-8", "replace").upper()
        bare = text.replace(" ", "")
        if any(number in bare for number in self.numbers):
            return True
        named = any(one in text and other in text for one, other in self.names)
        return named and any(each in text or each.replace(" ", "") in bare for each in self.others)


@dataclass(frozen=True)
class PersonRecord:
    """A record of a person, as the spine has it."""

    dataset: str
    record_id: str
    slot: str
    row_id: int


def records_of(lake: Lake, persons: Iterable[str]) -> list[PersonRecord]:
    """Give the records of persons."""
    spine = lake.catalogue.spine()
    found: list[PersonRecord] = []
    wanted = texts(persons)
    if spine is None or not len(wanted):
        return found
    columns = ("dataset", "record_id", "slot", "row_id")
    for table in scanned(lake, files_of(spine, "person_record"), (*columns, "person_id")):
        theirs = table.filter(pa.array(inside(table.column("person_id"), wanted)))
        found += [PersonRecord(*row) for row in zip(*(theirs.column(n).to_pylist() for n in columns), strict=True)]
    return found


def key_of(dataset: Dataset, record_id: str, slot: str) -> str:
    """Give the key of the row that a record stands in: its id without the slot's suffix."""
    suffix = next((each.suffix for each in slots_of(dataset) if each.name == slot), "")
    return record_id.removesuffix(suffix) if suffix else record_id


def holding_of(
    registry: Registry, lake: Lake, referrer: Referrer, name: str, records: Sequence[tuple[str, str]]
) -> tuple[Holding, list[pa.Table]]:
    """Find the rows of a person in one dataset, in every delivery. In: record id and slot of each record.

    Out: and the persons rows, which say what the person's records say.
    """
    dataset = registry.dataset(name)
    entries = [e for e in lake.catalogue.deliveries(name, superseded=True) if e.files]
    wanted = texts(record_id for record_id, _ in records)
    mine: dict[str, list[RowIds]] = defaultdict(list)
    said: list[pa.Table] = []
    rows: list[RowIds] = []
    for table in _persons(lake, dataset, entries, wanted):
        here = pa.array(inside(table.column("record_id"), wanted))
        theirs = table.filter(here)
        if theirs.num_rows:
            said.append(theirs)
            for slot in pc.unique(theirs.column("slot")).to_pylist():
                chosen = theirs.filter(pc.equal(theirs.column("slot"), slot))
                mine[slot].append(chosen.column("row_id").to_numpy())
            rows.append(theirs.column("row_id").to_numpy())
    every = row_ids(np.concatenate(rows)) if rows else row_ids([])
    with_others = _with_others(lake, dataset, entries, every, wanted) if len(slots_of(dataset)) > 1 else row_ids([])
    alone = every[~np.isin(every, with_others)]
    shared = {slot: row_ids(np.concatenate(found)) for slot, found in mine.items()}
    shared = {slot: found[np.isin(found, with_others)] for slot, found in shared.items()}
    references = _references(referrer, dataset, records, said)
    return Holding(dataset, alone, {s: r for s, r in shared.items() if len(r)}, references), said


def _persons(lake: Lake, dataset: Dataset, entries: Sequence[DeliveryEntry], wanted: pa.Array) -> Iterable[pa.Table]:
    """Read those files of persons in which one of some records stands: first that column alone."""
    lock = lake.lock_of("persons")
    for file in (file for entry in entries for file in entry.parts("persons")):
        names = lake.parquet.groups(lake.folder / file.path, lock, ("record_id",))
        if any(inside(table.column("record_id"), wanted).any() for table in names):
            yield from _read(lake, file, dataset)


def _read(lake: Lake, file: PartFile, dataset: Dataset) -> Iterable[pa.Table]:
    for batch in lake.reopen(file, dataset):
        yield pa.Table.from_batches([batch])


def _with_others(
    lake: Lake, dataset: Dataset, entries: Sequence[DeliveryEntry], rows: RowIds, wanted: pa.Array
) -> RowIds:
    """Give those of a person's rows that name somebody else as well."""
    found = [row_ids([])]
    for entry in entries:
        for file in entry.parts("persons"):
            for table in lake.parquet.groups(lake.folder / file.path, lake.lock_of("persons"), ("row_id", "record_id")):
                others = among(table.column("row_id"), rows) & ~inside(table.column("record_id"), wanted)
                found.append(table.column("row_id").to_numpy()[others])
    return row_ids(np.concatenate(found))


def _references(
    referrer: Referrer, dataset: Dataset, records: Sequence[tuple[str, str]], said: Sequence[pa.Table]
) -> tuple[Reference, ...]:
    if dataset.key:
        slots = [slot for _, slot in records]
        keys = [key_of(dataset, record_id, slot) for record_id, slot in records]
        return tuple(referrer.refer(dataset.full_name, slots, keys))
    found: list[Reference] = []
    for table in said:
        columns = {name: table.column(name) for name in PERSONS.names if name in table.column_names}
        told = said_of(columns, table.num_rows).to_pylist()
        found += referrer.refer(dataset.full_name, table.column("slot").to_pylist(), told)
    return tuple(dict.fromkeys(found))


def said_by(tables: Iterable[pa.Table]) -> Said:
    """Gather what a person's records say."""
    numbers: set[str] = set()
    names: set[tuple[str, str]] = set()
    others: set[str] = set()
    for row in (row for table in tables for row in table.to_pylist()):
        numbers.update(str(row[name]).upper() for name in _NUMBERS if row.get(name))
        if row.get("forename") and row.get("surname"):
            names.add((row["forename"].upper(), row["surname"].upper()))
        if row.get("postcode"):
            others.add(row["postcode"].upper())
        if isinstance(born := row.get("date_of_birth"), dt.date):
            others.update(born.strftime(form) for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d", "%d-%m-%Y"))
    return Said(frozenset(numbers), frozenset(names), frozenset(others))


def quarantined_of(
    registry: Registry, lake: Lake, referrer: Referrer, said: Said, keys: dict[str, frozenset[str]]
) -> tuple[RowIds, list[Reference]]:
    """Find rows in quarantine, of any dataset, that are about the person. In: keys = dataset → the person's records."""
    references: list[Reference] = []
    from almoner.intake.readmission import references_of

    found: list[int] = []
    for entry in lake.catalogue.deliveries(superseded=True):
        if not entry.parts("quarantine"):
            continue
        dataset = registry.dataset(entry.dataset)
        held = lake.part([entry], "quarantine", dataset)
        table = held if isinstance(held, pa.Table) else held.to_table(columns=["position", "raw"])
        raws = list(zip(table.column("position").to_pylist(), table.column("raw").to_pylist(), strict=True))
        theirs = {position for position, raw in raws if said.in_bytes(raw)}
        if mine := keys.get(entry.dataset):
            near = [(p, raw) for p, raw in raws if p not in theirs and any(key.encode() in raw for key in mine)]
            theirs |= {p for p, key in references_of(dataset, entry, near).items() if key in mine}
        found += [(entry.number << ROW_ID_SHIFT) + position for position in theirs]
        digests = digests_of([raw for position, raw in raws if position in theirs])
        references += referrer.refer(entry.dataset, [UNREAD] * len(digests), digests)
    return row_ids(found), references


def work_on_person(registry: Registry, lake: Lake, referrer: Referrer, person_id: str) -> tuple[Work, Said]:
    """Give what has to be taken away so that nothing of a person is held."""
    by_dataset: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in records_of(lake, [person_id]):
        by_dataset[each.dataset].append((each.record_id, each.slot))
    rows = [row_ids([])]
    people: dict[tuple[str, str], RowIds] = {}
    references: list[Reference] = []
    said: list[pa.Table] = []
    keys: dict[str, frozenset[str]] = {}
    for name, records in by_dataset.items():
        holding, tables = holding_of(registry, lake, referrer, name, records)
        rows.append(holding.alone)
        people.update({(name, slot): found for slot, found in holding.shared.items()})
        references += holding.references
        said += tables
        keys[name] = frozenset(key_of(holding.dataset, record_id, slot) for record_id, slot in records)
    told = said_by(said)
    quarantined, unread = quarantined_of(registry, lake, referrer, told, keys)
    work = Work(
        rows=row_ids(np.concatenate(rows)),
        quarantined=quarantined,
        people=people,
        gone=(person_id,),
        references=tuple(dict.fromkeys([*references, *unread])),
    )
    return work, told
