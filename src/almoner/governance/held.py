"""What is still held today: retention by whole deliveries.

Reads the catalogue alone; it must never open a file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from almoner.governance.retention import clock_of, keep_until
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry
from almoner.store.catalogue import DeliveryEntry
from almoner.store.lake import Lake


def kept_deliveries(lake: Lake, registry: Registry, dataset: Dataset, today: dt.date) -> list[DeliveryEntry]:
    """Give the deliveries of a dataset whose retention has not ended."""
    kept = lake.catalogue.deliveries(dataset.full_name)
    rule = registry.retention_of(dataset)
    if clock_of(dataset, rule) is None and not dataset.open:
        kept = [entry for entry in kept if keep_until(entry.as_of, rule) >= today]
    return kept


def newest(deliveries: Sequence[DeliveryEntry]) -> dict[str, dt.date]:
    """Give the as-of date of each dataset's newest delivery."""
    found: dict[str, dt.date] = {}
    for entry in deliveries:
        found[entry.dataset] = max(entry.as_of, found.get(entry.dataset, entry.as_of))
    return found
