"""Keeps out what was disposed of: the source goes on sending it, in every full snapshot, and it may not come back.

A person who was erased is kept out for good, as that record's person; who else stands in the row is taken in. What went
by the schedule is kept out as long as the row says that it is past its time: a case that was opened again comes back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.governance.retention import clock_of, is_past
from almoner.intake.identity_plan import columns_of
from almoner.intake.plan import LandingPlan
from almoner.intake.working import ROW_KEY
from almoner.kernel.tables import PERSONS
from almoner.registry.datasets import AS_DELIVERED, Dataset
from almoner.registry.registry import Registry
from almoner.store.barred import UNREAD, WHOLE, Barred, digests_of

_SAID = [name for name in PERSONS.names if name not in ("row_id", "slot", "record_id")]
_BETWEEN = "\x1f"


def said_of(columns: Mapping[str, pa.Array | pa.ChunkedArray], count: int) -> pa.Array:
    """Write what rows say of a person as one text each: by it a record is known that has no key of its own.

    In: columns of PERSONS by name; those that are missing read as not given.
    """
    texts = [_text(columns[name]) if name in columns else pa.array([""] * count) for name in _SAID]
    return pc.binary_join_element_wise(*texts, _BETWEEN)


def _text(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    held = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_dictionary(held.type):
        held = held.dictionary_decode()
    if pa.types.is_boolean(held.type):
        held = held.fill_null(False)
    return held.cast(pa.string()).fill_null("")


class KeepingOut:
    """Takes out of each lot of a delivery what was disposed of."""

    def __init__(
        self, registry: Registry, dataset: Dataset, plan: LandingPlan, barred: Barred | None, today: dt.date
    ) -> None:
        self._dataset = dataset
        self._plan = plan
        self._barred = barred
        self._today = today
        self._rule = registry.retention_of(dataset)
        self._clock = clock_of(dataset, self._rule)
        self.rows = 0
        """Rows that were left out."""
        self.people = 0
        """People who were left out of rows that name others too."""

    def applied(self, done: pa.Table) -> pa.Table:
        """Give a worked lot without what was disposed of."""
        if not self._barred or not done.num_rows:
            return done
        found = self._found(done)
        gone = {place for place, slots in found.items() if WHOLE in slots and self._still_past(done, place)}
        for number, plan in enumerate(self._plan.people):
            theirs = [p for p, slots in found.items() if plan.slot.name in slots and p not in gone]
            if theirs:
                done = self._without_person(done, number, theirs)
        nobody = self._naming_nobody(done, [place for place in found if place not in gone and found[place] - {WHOLE}])
        self.people += sum(len(slots - {WHOLE}) for place, slots in found.items() if place not in gone | nobody)
        gone |= nobody
        self.rows += len(gone)
        if not gone:
            return done
        kept = np.ones(done.num_rows, bool)
        kept[sorted(gone)] = False
        return done.filter(pa.array(kept))

    def unread(self, raws: Sequence[bytes]) -> set[int]:
        """Find among records that can't be accepted those that were disposed of, byte for byte. Out: their places."""
        if not self._barred:
            return set()
        found = self._barred.found_in(pa.array(digests_of(raws), pa.string()))
        gone = {place for place, slots in found.items() if UNREAD in slots}
        self.rows += len(gone)
        return gone

    def _found(self, done: pa.Table) -> dict[int, frozenset[str]]:
        assert self._barred is not None
        if self._dataset.key:
            return self._barred.found_in(done.column(ROW_KEY))
        found: dict[int, frozenset[str]] = {}
        for plan in self._plan.people:
            fields = {name: done.column(plan.column(name)) for name in plan.fields}
            for place, slots in self._barred.found_in(said_of(fields, done.num_rows)).items():
                found[place] = found.get(place, frozenset()) | (slots & {plan.slot.name, WHOLE})
        return {place: slots for place, slots in found.items() if slots}

    def _still_past(self, done: pa.Table, place: int) -> bool:
        """Whether a row that went by the schedule is still past its time; without a day, a delivery is a new one."""
        if self._clock is None:
            return False
        row = {name: done.column(name)[place].as_py() for name in self._clock.columns()}
        return is_past(self._clock, self._rule, self._today, row)

    def _without_person(self, done: pa.Table, number: int, places: Sequence[int]) -> pa.Table:
        """Blank what rows say of one of their people."""
        plan = self._plan.people[number]
        own = [column.name for column in columns_of(self._dataset, plan.slot).values()]
        names = [*own, *(name + AS_DELIVERED for name in own), *(plan.column(field) for field in plan.fields)]
        mask = np.zeros(done.num_rows, bool)
        mask[list(places)] = True
        for name in names:
            if name in done.column_names:
                done = _blanked(done, name, mask)
        named = pc.if_else(pa.array(mask), False, done.column(plan.column("named")))
        return done.set_column(done.column_names.index(plan.column("named")), plan.column("named"), named)

    def _naming_nobody(self, done: pa.Table, places: Sequence[int]) -> set[int]:
        """Find rows that name nobody any more: there is nothing left that they could be about."""
        named = [done.column(plan.column("named")) for plan in self._plan.people]
        return {place for place in places if not any(column[place].as_py() for column in named)}


def _blanked(table: pa.Table, name: str, mask: npt.NDArray[np.bool_]) -> pa.Table:
    column = table.column(name)
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    blank = pc.if_else(pa.array(mask), pa.scalar(None, plain.type), plain)
    return table.set_column(table.column_names.index(name), name, blank)
