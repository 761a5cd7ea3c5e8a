"""What of a declaration decides how a delivery lands. Titles, purposes and facts may change and nothing lands anew."""

from __future__ import annotations

import hashlib
import json

from almoner.intake.plan import code_mapping
from almoner.registry.datasets import Dataset
from almoner.registry.layout import tier_of
from almoner.registry.registry import Registry

LANDS_AS = 2
"""Raised when what is declared comes to land as something else, so that what landed before lands anew.

2: actions are those declared, whatever the columns are called; an empty surname after a forename is no surname.
"""

_OF_DATASET = {"format", "key", "floor", "anonymised"}
_OF_SLOT = {"suffix", "sealed", "safety", "starts_on", "ends_on", "event_on"}
_NOT_OF_COLUMN = {"title", "unit", "category"}


def declaration_digest(registry: Registry, dataset: Dataset) -> str:
    """Compute the digest of how a dataset is declared: what it lands as."""
    columns = {
        name: {
            **column.model_dump(mode="json", exclude=_NOT_OF_COLUMN),
            "tier": tier_of(registry, dataset, column),
            "mapping": code_mapping(registry, column.codes) if column.codes else None,
        }
        for name, column in dataset.columns.items()
    }
    declared = {
        "lands_as": LANDS_AS,
        **dataset.model_dump(mode="json", include=_OF_DATASET),
        "feeds": [feed.model_dump(mode="json", exclude={"files"}) for feed in dataset.feeds],
        "columns": columns,
        "people": {name: slot.model_dump(mode="json", include=_OF_SLOT) for name, slot in dataset.people.items()},
        "placeholder_dates": sorted(day.isoformat() for day in registry.placeholder_dates),
    }
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()
