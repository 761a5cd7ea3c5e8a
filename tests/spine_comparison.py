"""Gives the spine in a form that says nothing of ids: two spines that tell the same are then equal.

A person stands for the records that are theirs, an address for what it says, a household for who lives where, a family
for its members. Row numbers and the ids themselves are left out.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from almoner.kernel.tables import SPINE
from tests.workspace_builder import TinyWorkspace

Rows = dict[str, list[dict[str, Any]]]


def spine_of(tiny: TinyWorkspace) -> Rows:
    """Read every table of a workspace's spine."""
    lake = tiny.open().lake
    entry = lake.catalogue.spine()
    found = {}
    for name in SPINE:
        table = lake.spine_table(entry, name)
        found[name] = (table.to_table() if hasattr(table, "to_table") else table).to_pylist()
    return found


def without_ids(spine: Rows) -> dict[str, Counter[Any]]:
    """Give each table as a count of what its rows say."""
    records: dict[str, set[str]] = {}
    for row in spine["person_record"]:
        records.setdefault(row["person_id"], set()).add(f"{row['dataset']}/{row['record_id']}")
    names: dict[str, Any] = {person: "+".join(sorted(held)) for person, held in records.items()}
    for row in spine["address"]:
        names[row["address_id"]] = "|".join(str(row[k]) for k in ("uprn", "postcode", "flat", "house_number", "street"))
    names |= {row["household_id"]: names[row["address_id"]] for row in spine["household"]}
    families: dict[str, set[str]] = {}
    for row in spine["family_member"]:
        families.setdefault(row["family_id"], set()).add(names[row["person_id"]])
    names |= {family: " & ".join(sorted(members)) for family, members in families.items()}
    return {
        table: Counter(tuple(_said(key, value, names) for key, value in row.items() if key != "row_id") for row in rows)
        for table, rows in spine.items()
        if table != "person_event"
    }


def _said(key: str, value: Any, names: dict[str, Any]) -> Any:
    if key.endswith("_id") and key not in ("record_id", "left_record_id", "right_record_id"):
        return names.get(value, "?")
    return round(value, 6) if isinstance(value, float) else value


def partition(spine: Rows) -> set[frozenset[str]]:
    """Give who was joined with whom."""
    found: dict[str, set[str]] = {}
    for row in spine["person_record"]:
        found.setdefault(row["person_id"], set()).add(f"{row['dataset']}/{row['record_id']}")
    return {frozenset(records) for records in found.values()}
