"""The index by which a person is looked for: made by the gate from the views of one purpose, kept with the spine.

What a purpose does not show isn't in its index, so nobody can be found by it. An index is good for one version of the
spine, one registry and one day: agreements lapse and retention ends between two days. It must never be handed out:
the gate asks it, after it has decided and written the event.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

import pyarrow as pa

from almoner.governance.permit import Permit
from almoner.governance.policies import dataset_refusal
from almoner.governance.reads import Reads, check_read
from almoner.governance.showing import good_for
from almoner.kernel.errors import AccessRefused, Busy, LakeError
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.store.arrays import Arrays
from almoner.store.lake import Lake
from almoner.store.serving import Publishing

SEARCHED: Reads = dict.fromkeys(("spine.person", "spine.residence", "spine.address", "spine.protected"), ())
"""What a search reads, as its audit event names it."""

MOST_OPEN = 3
"""Indexes that a process keeps in memory: those of the purposes that look for people."""


class Index(Protocol):
    """What answers."""

    @property
    def people(self) -> int:
        """How many can be found."""

    def arrays(self) -> Arrays:
        """Give all that it is made of, to be kept."""

    def answer(self, asked: Any, *, limit: int, hidden: Collection[str], only: Collection[str]) -> pa.Table:
        """Give who is meant, the likeliest first; more rows than the limit where too many answer alike.

        In: hidden = persons whom the permit does not give today; only = those it is about, where it names any.
        """


class Search(Protocol):
    """A product's way to look for people: which views its index is made from, and how."""

    version: int

    def reads(self, datasets: Sequence[str]) -> Reads:
        """Name what the index is made from. In: the datasets whose people the purpose may see."""

    def steps(self, datasets: Sequence[str]) -> Mapping[str, Sequence[Step]]:
        """Give the steps of each table that the index is made from; all share one session."""

    def make(self, tables: Mapping[str, pa.Table]) -> Index:
        """Make the index."""

    def open(self, arrays: Arrays) -> Index:
        """Open one that was kept."""


_open: OrderedDict[tuple[str, str, str], Index] = OrderedDict()
_lock = threading.Lock()


class IndexShelf:
    """The indexes of one workspace: in memory, else in its snapshot."""

    def __init__(self, registry: Registry, lake: Lake, search: Search) -> None:
        self._registry = registry
        self._lake = lake
        self._search = search

    def find(self, permit: Permit, today: dt.date) -> Index | None:
        """Give the index of a permit's purpose that is good today, if it was made and can be read."""
        entry = self._lake.catalogue.snapshot()
        file = entry.part(self.part(permit, today)) if entry is not None else None
        if file is None:
            return None
        key = (str(self._lake.folder), permit.purpose, file.path)
        with _lock:
            if key in _open:
                _open.move_to_end(key)
                return _open[key]
        try:
            arrays = self._lake.index(file)
        except LakeError:
            return None  # it is damaged: as if it were not there
        return self._remember(key, self._search.open(arrays)) if arrays is not None else None

    def keep(self, permit: Permit, today: dt.date, spine: int, index: Index) -> Index:
        """Keep an index that was made between two links, beside what else the snapshot has of the same spine."""
        entry, part = self._lake.catalogue.snapshot(), self.part(permit, today)
        with suppress(Busy), self._lake.catalogue.lease("serving"):  # busy: another process makes the same
            same = entry is not None and entry.spine == spine
            others = f"search:{permit.purpose}:"
            kept = [file for file in entry.files if not file.part.startswith(others)] if entry and same else []
            publishing = Publishing(self._lake, spine, kept)
            publishing.index(part, index.arrays())
            if self.spine_number() != spine:
                publishing.abandon()
                return index
            found = publishing.publish(entry.told if entry and same else {}).part(part)
            assert found is not None
            self._remember((str(self._lake.folder), permit.purpose, found.path), index)
        return index

    def part(self, permit: Permit, today: dt.date) -> str:
        """Name the part of a snapshot that holds the index of a permit's purpose."""
        return f"search:{permit.purpose}:{good_for(self._registry, permit, today, self._search.version)}"

    def spine_number(self) -> int:
        """Say which version of the spine is the present one; 0 where there is none."""
        entry = self._lake.catalogue.spine()
        return entry.number if entry else 0

    def _remember(self, key: tuple[str, str, str], index: Index) -> Index:
        """Keep in memory, and let go of what is no longer good: of the same purpose, and beyond the limit."""
        with _lock:
            for other in [each for each in _open if each[:2] == key[:2]]:
                del _open[other]
            _open[key] = index
            while len(_open) > MOST_OPEN:
                _open.popitem(last=False)
        return index


def probe_of(registry: Registry, purpose: str, permit: Permit) -> Permit:
    """Give the permit whose views an index is made from: all that a purpose shows, about nobody in particular."""
    declared = registry.purpose[purpose]
    return replace(permit, id="index", purpose=purpose, form=declared.form, scope=declared.scope, subjects=())


def searching_purposes(registry: Registry) -> list[str]:
    """Name the purposes under which people are looked for: about one person, by name, without anybody's grant."""
    return [
        each.name
        for each in registry.purpose.values()
        if each.scope == "one_person" and each.form == "identifiable" and each.standing and each.project != "required"
    ]


def searched_datasets(registry: Registry, lake: Lake, permit: Permit, today: dt.date) -> list[str]:
    """Name the datasets whose people a permit lets be looked for: landed, given, and their names with them."""
    landed = {entry.dataset for entry in lake.catalogue.deliveries()}
    return [
        dataset.full_name
        for dataset in registry.datasets()
        if dataset.full_name in landed
        and not (dataset.open or dataset.anonymised)
        and any(column.identifies for column in dataset.columns.values())
        and dataset_refusal(registry, permit, dataset, today) is None
        and _names_given(registry, permit, dataset.full_name, today)
    ]


def _names_given(registry: Registry, permit: Permit, dataset: str, today: dt.date) -> bool:
    try:
        check_read(registry, permit, f"persons:{dataset}", (), today)
    except AccessRefused:
        return False
    return True
