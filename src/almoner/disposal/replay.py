"""Finds again what a ledger says was disposed of, in a workspace that was put back as it had been before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almoner.disposal.work import Work
from almoner.intake.keeping_out import said_of
from almoner.kernel.tables import PERSONS
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry
from almoner.store.barred import UNREAD, WHOLE, Barred, Reference, Referrer, digests_of
from almoner.store.catalogue import ROW_ID_SHIFT
from almoner.store.lake import Lake
from almoner.store.rewriting import RowIds, row_ids


def work_of_ledger(registry: Registry, lake: Lake, referrer: Referrer, references: Sequence[Reference]) -> Work:
    """Give the work that takes away what references are about, as far as it is here."""
    by_dataset: dict[str, list[Reference]] = defaultdict(list)
    for each in references:
        by_dataset[each.dataset].append(each)
    rows: list[RowIds] = [row_ids([])]
    people: dict[tuple[str, str], RowIds] = {}
    quarantined: list[int] = []
    for name, found in by_dataset.items():
        dataset = registry.dataset(name)
        barred = Barred(referrer, name, found)
        whole, blanked = _matches(lake, dataset, barred)
        quarantined += _unread(lake, dataset, barred) if any(each.slot == UNREAD for each in found) else []
        rows.append(whole)
        people.update({(name, slot): each for slot, each in blanked.items()})
    return Work(
        rows=row_ids(np.concatenate(rows)),
        quarantined=row_ids(quarantined),
        people=people,
        references=tuple(references),
    )


def _unread(lake: Lake, dataset: Dataset, barred: Barred) -> list[int]:
    """Give the rows in quarantine that were disposed of, byte for byte."""
    found: list[int] = []
    for entry in lake.catalogue.deliveries(dataset.full_name, superseded=True):
        for file in entry.parts("quarantine"):
            for batch in lake.reopen(file, dataset):
                positions = batch.column("position").to_pylist()
                places = barred.found_in(pa.array(digests_of(batch.column("raw").to_pylist()), pa.string()))
                gone = [place for place, slots in places.items() if UNREAD in slots]
                found += [(entry.number << ROW_ID_SHIFT) + positions[place] for place in gone]
    return found


def _matches(lake: Lake, dataset: Dataset, barred: Barred) -> tuple[RowIds, dict[str, RowIds]]:
    """Give the rows that go, and the rows in which one person is blanked: slot → rows."""
    whole: list[int] = []
    slots: dict[str, list[int]] = defaultdict(list)
    for table in _tables(lake, dataset):
        texts = table.column("text")
        numbers = table.column("row_id")
        for place, found in barred.found_in(texts).items():
            row = numbers[place].as_py()
            whole += [row] if WHOLE in found else []
            for slot in found - {WHOLE}:
                slots[slot].append(row)
    others = _naming_others(lake, dataset, slots)
    alone = {row for rows in slots.values() for row in rows} - others
    blanked = {slot: row_ids([row for row in rows if row in others]) for slot, rows in slots.items()}
    return row_ids([*whole, *alone]), {slot: rows for slot, rows in blanked.items() if len(rows)}


def _tables(lake: Lake, dataset: Dataset) -> Iterable[pa.Table]:
    """Read row ids and what a reference is made of: the record's key or, where it has none, what is said of people."""
    entries = [e for e in lake.catalogue.deliveries(dataset.full_name, superseded=True) if e.files]
    for file in (file for entry in entries for file in entry.parts("rows" if dataset.key else "persons")):
        for batch in lake.reopen(file, dataset):
            table = pa.Table.from_batches([batch])
            if dataset.key:
                yield pa.table({"row_id": table.column("row_id"), "text": table.column("record_key")})
            else:
                columns = {name: table.column(name) for name in PERSONS.names if name in table.column_names}
                yield pa.table({"row_id": table.column("row_id"), "text": said_of(columns, table.num_rows)})


def _naming_others(lake: Lake, dataset: Dataset, slots: dict[str, list[int]]) -> set[int]:
    """Give those of some rows that name people in other slots as well."""
    wanted = pa.array(sorted({row for rows in slots.values() for row in rows}), pa.int64())
    if not len(wanted):
        return set()
    mine = {(row, slot) for slot, rows in slots.items() for row in rows}
    found: set[int] = set()
    entries = [e for e in lake.catalogue.deliveries(dataset.full_name, superseded=True) if e.files]
    for file in (file for entry in entries for file in entry.parts("persons")):
        for table in lake.parquet.groups(lake.folder / file.path, lake.lock_of("persons"), ("row_id", "slot")):
            near = table.filter(pc.is_in(table.column("row_id"), wanted))
            pairs = zip(
                near.column("row_id").to_pylist(), near.column("slot").cast(pa.string()).to_pylist(), strict=True
            )
            found.update(row for row, slot in pairs if (row, slot) not in mine)
    return found
