"""Follows people through the spine: whose the records of a right are now, whatever was merged or split since.

What it finds holds for one version of the spine and one of the rights, and is kept until either changes. It reads the
spine for the gate alone and gives out ids, never a value.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almoner.governance.in_force import Anchor, InForce, RightInForce, RightsBook
from almoner.registry.registry import Registry
from almoner.store.catalogue import SpineEntry
from almoner.store.lake import Lake
from almoner.store.taking import taken


class RightsShelf:
    """The rights in force, with whom they hold for now."""

    def __init__(self, lake: Lake, book: RightsBook) -> None:
        self._lake = lake
        self._book = book
        self._lock = threading.Lock()
        self._known: tuple[int, int, InForce] | None = None

    def now(self) -> InForce:
        """Give the rights in force: found anew where a right or the spine has changed."""
        version = self._book.version()
        spine = self._lake.catalogue.spine() if version else None
        number = spine.number if spine else 0
        with self._lock:
            if self._known is None or self._known[:2] != (version, number):
                rights = self._book.rights() if version else []
                self._known = version, number, in_force_now(self._lake, spine, version, rights)
            return self._known[2]


def in_force_now(lake: Lake, spine: SpineEntry | None, version: int, rights: Sequence[RightInForce]) -> InForce:
    """Find whom rights hold for in a version of the spine."""
    owners = owners_of(lake, spine, [anchor for right in rights for anchor in right.records])
    holders = []
    for right in rights:
        found = frozenset(owner for anchor in right.records if (owner := owners.get(anchor)))
        holders.append((right, found or known_as_too(lake, [right.person_id])))
    return InForce(version, tuple(holders), _rows_by_person(lake, spine, holders))


def _rows_by_person(
    lake: Lake, spine: SpineEntry | None, holders: Sequence[tuple[RightInForce, frozenset[str]]]
) -> dict[str, tuple[Anchor, ...]]:
    people = pa.array(sorted({person for _, persons in holders for person in persons}), pa.string())
    found: dict[str, tuple[Anchor, ...]] = defaultdict(tuple)
    if spine is not None and len(people):
        columns = ("dataset", "record_id", "slot", "row_id", "person_id")
        for row in _rows(lake, spine, "person_record", columns, "person_id", people):
            person = row.pop("person_id")
            found[person] += (Anchor(**row),)
    return dict(found)


def owners_of(lake: Lake, spine: SpineEntry | None, anchors: Sequence[Anchor]) -> dict[Anchor, str]:
    """Say whose records are now; those that are joined to nobody any more are not there."""
    if spine is None or not anchors:
        return {}
    ids = pa.array(sorted({anchor.record_id for anchor in anchors}), pa.string())
    found: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for row in _rows(lake, spine, "person_record", ("dataset", "record_id", "row_id", "person_id"), "record_id", ids):
        found[row["dataset"], row["record_id"]][row["row_id"]] = row["person_id"]
    owners = {}
    for anchor in anchors:
        rows = found.get((anchor.dataset, anchor.record_id), {})
        if owner := rows.get(anchor.row_id) if anchor.row_id else next(iter(rows.values()), None):
            owners[anchor] = owner
    return owners


def anchors_of(registry: Registry, lake: Lake, person_id: str) -> tuple[Anchor, ...]:
    """Give the records of a person as they are joined now."""
    spine = lake.catalogue.spine()
    if spine is None:
        return ()
    columns = ("dataset", "record_id", "slot", "row_id")
    rows = _rows(lake, spine, "person_record", columns, "person_id", pa.array([person_id], pa.string()))
    keyed = {each.full_name for each in registry.datasets() if each.key}
    return tuple(Anchor(**{**row, "row_id": 0} if row["dataset"] in keyed else row) for row in rows)


def known_as_too(lake: Lake, persons: Iterable[str]) -> frozenset[str]:
    """Give persons with every id under which their records now stand: merged, split and moved ids are followed."""
    found = set(persons)
    spine = lake.catalogue.spine()
    events: list[tuple[str, str, str]] = []
    if spine is not None and found:
        table = lake.spine_table(spine, "person_event")
        told = (table if isinstance(table, pa.Table) else table.to_table()).select(
            ["kind", "person_id", "other_person_id"]
        )
        told = told.filter(pc.is_valid(told.column("other_person_id")))
        events += zip(*(told.column(n).cast(pa.string()).to_pylist() for n in told.column_names), strict=True)
    while True:
        more = {other for kind, person, other in events if kind in ("merged", "moved") and person in found}
        more |= {person for kind, person, other in events if kind == "split" and other in found}
        if more <= found:
            return frozenset(found)
        found |= more


def _rows(
    lake: Lake, spine: SpineEntry, table: str, columns: Sequence[str], where: str, values: pa.Array
) -> list[dict[str, Any]]:
    return list(taken(lake.spine_table(spine, table), where, pa.chunked_array([values]), columns).to_pylist())
