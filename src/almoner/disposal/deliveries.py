"""Takes rows and people out of the files of deliveries: only files that hold them are written anew.

A delivery has other files once the catalogue says so, in one transaction; until then it is as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.disposal.work import Work
from almoner.intake.identity_plan import columns_of, slots_of
from almoner.registry.datasets import AS_DELIVERED, Dataset
from almoner.registry.registry import Registry
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry, PartFile
from almoner.store.lake import Lake
from almoner.store.rewriting import Change, RowIds, among, may_hold, rewritten, row_ids

AT_ONCE = 2
"""Files that are written side by side: as many as the processors that a small machine has."""


@dataclass(frozen=True)
class Rewritten:
    """A delivery after a disposal: the files that it had and has no more, those in their place."""

    entry: DeliveryEntry
    before: tuple[PartFile, ...]
    after: tuple[PartFile, ...]

    @property
    def removed(self) -> tuple[PartFile, ...]:
        """The files that go."""
        return tuple(file for file in self.before if file not in self.after)

    @property
    def written(self) -> tuple[PartFile, ...]:
        """The files that are new."""
        return tuple(file for file in self.after if file not in self.before)


def dispose_in_delivery(registry: Registry, lake: Lake, entry: DeliveryEntry, work: Work) -> Rewritten:
    """Take out of one delivery what the work names, and have the catalogue name its other files.

    Call it under the lease 'intake'. In: work = the part of it that this delivery holds.
    """
    folder = f"deliveries/{entry.number:08d}"
    if len(work.emptied):
        after: list[PartFile] = []
    else:
        dataset = registry.dataset(entry.dataset)
        with ThreadPoolExecutor(AT_ONCE) as several:
            made = list(several.map(lambda file: _one_file(lake, dataset, file, folder, work), entry.files))
        after = [file for file in made if file is not None]
    found = Rewritten(entry, entry.files, tuple(after))
    if found.removed:
        accepted = sum(file.rows for file in after if file.part == "rows")
        quarantined = sum(file.rows for file in after if file.part == "quarantine")
        lake.catalogue.replace_files(entry.number, after, accepted, quarantined, entry.rows_in - accepted - quarantined)
    return found


def _one_file(lake: Lake, dataset: Dataset, file: PartFile, folder: str, work: Work) -> PartFile | None:
    lock = lake.lock_of(file.part)
    if file.part == "quarantine":
        if not len(work.quarantined):
            return file
        return rewritten(lake, file, lock, folder, _without_positions(work.quarantined))
    concerned = row_ids(np.concatenate([work.rows, work.anonymised, *work.people.values()]))
    if not len(concerned) or not may_hold(lake, file, lock, concerned):
        return file
    return rewritten(lake, file, lock, folder, change_of(dataset, file.part, work))


def change_of(dataset: Dataset, part: str, work: Work) -> Change:
    """Make the change that a disposal is to a part of a dataset's files."""
    slots = {slot.name: slot for slot in slots_of(dataset)}
    people = {slot: rows for (name, slot), rows in work.people.items() if name == dataset.full_name}
    blanked = {slot: [column.name for column in columns_of(dataset, slots[slot]).values()] for slot in people}

    def change(table: pa.Table) -> pa.Table:
        held = table.column("row_id")
        gone = among(held, work.rows)
        if part in ("persons", "places"):
            gone |= among(held, work.anonymised)
        if part == "persons":
            gone |= _people_among(table, people)
        else:
            for slot, rows in people.items():
                table = _without_values(table, among(held, rows), blanked[slot])
            table = _anonymous(table, part, dataset, among(held, work.anonymised))
        return table.filter(pa.array(~gone)) if gone.any() else table

    return change


def _people_among(table: pa.Table, people: Mapping[str, RowIds]) -> npt.NDArray[np.bool_]:
    found = np.zeros(table.num_rows, bool)
    for slot, rows in people.items():
        theirs = pc.equal(table.column("slot"), slot).to_numpy()
        found |= theirs & among(table.column("row_id"), rows)
    return found


def _without_values(table: pa.Table, where: npt.NDArray[np.bool_], names: list[str]) -> pa.Table:
    if not where.any():
        return table
    both = [each for own in names for each in (own, own + AS_DELIVERED) if each in table.column_names]
    for name in both:
        column = table.column(name)
        blank = pc.if_else(pa.array(where), pa.scalar(None, column.type), column)
        table = table.set_column(table.column_names.index(name), name, blank)
    return table


def _anonymous(table: pa.Table, part: str, dataset: Dataset, where: npt.NDArray[np.bool_]) -> pa.Table:
    """Leave codes, amounts and years of some rows: no identity, no text that people write, no key, no exact day."""
    if not where.any():
        return table
    chosen = pa.array(where)
    if part == "rows":
        keys = pa.array([f"anonymous-{secrets.token_hex(8)}" for _ in range(table.num_rows)])
        replaced = pc.if_else(chosen, keys, table.column("record_key"))
        return table.set_column(table.column_names.index("record_key"), "record_key", replaced)
    if part == "identity":
        return _without_values(table, where, [name for name in table.column_names if name != "row_id"])
    told = [c for name, c in dataset.columns.items() if name in table.column_names]
    texts = [c.name for c in told if (c.type == "text" and not c.codes) or c.name in dataset.key or c.identifies]
    table = _without_values(table, where, texts)
    for column in told:
        if column.type in ("date", "timestamp") and column.name not in texts:
            values = table.column(column.name)
            years = pc.if_else(chosen, pc.floor_temporal(values, unit="year").cast(values.type), values)
            table = table.set_column(table.column_names.index(column.name), column.name, years)
    delivered = [name.removesuffix(AS_DELIVERED) for name in table.column_names if name.endswith(AS_DELIVERED)]
    return _without_delivered(table, chosen, delivered)


def _without_delivered(table: pa.Table, chosen: pa.Array, names: list[str]) -> pa.Table:
    for name in (each + AS_DELIVERED for each in names):
        column = table.column(name)
        blank = pc.if_else(chosen, pa.scalar(None, column.type), column)
        table = table.set_column(table.column_names.index(name), name, blank)
    return table


def _without_positions(quarantined: RowIds) -> Change:
    positions = row_ids(quarantined & ((1 << ROW_ID_SHIFT) - 1))

    def change(table: pa.Table) -> pa.Table:
        gone = among(table.column("position"), positions)
        return table.filter(pa.array(~gone)) if gone.any() else table

    return change
