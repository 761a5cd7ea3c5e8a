"""What is still held today, and who may not be seen though they are: retention, and people's rights against a use.

Reads the catalogue alone, but for the one question whether a person was ever known, of which it says nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from almoner.governance.ports import Restriction
from almoner.governance.retention import clock_of, keep_until
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry
from almoner.store.catalogue import DeliveryEntry
from almoner.store.engine import Viewable
from almoner.store.lake import Lake


def kept_deliveries(lake: Lake, registry: Registry, dataset: Dataset, today: dt.date) -> list[DeliveryEntry]:
    """Give the deliveries of a dataset whose retention has not ended."""
    kept = lake.catalogue.deliveries(dataset.full_name)
    rule = registry.retention_of(dataset)
    if clock_of(dataset, rule) is None and not dataset.open:
        kept = [entry for entry in kept if keep_until(entry.as_of, rule) >= today]
    return kept


def held_back(registry: Registry, purpose: str, restrictions: Sequence[Restriction]) -> list[str]:
    """Name those whom a purpose may not see: they restricted processing, or objected to it (UK GDPR Art 18, 21)."""
    if registry.purpose[purpose].despite_restriction:
        return []
    return sorted(
        each.person_id
        for each in restrictions
        if each.kind == "restriction" or not each.purposes or purpose in each.purposes
    )


def knows_person(lake: Lake, person_id: str) -> bool:
    """Say whether the spine has, or ever had, a person of this id; nothing else of them: who asks records it."""
    return any(_has_person(lake.spine_table(lake.catalogue.spine(), name), person_id) for name in _NAMING_PEOPLE)


_NAMING_PEOPLE = ("person", "person_event")


def _has_person(table: Viewable, person_id: str) -> bool:
    batches = table.to_batches() if isinstance(table, pa.Table) else table.to_batches(columns=["person_id"])
    return any(pc.is_in(batch.column("person_id"), pa.array([person_id])).true_count for batch in batches)
