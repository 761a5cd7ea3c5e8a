"""How a dataset's columns lie in the lake: which tier file each is in, and with which type."""

from __future__ import annotations

import pyarrow as pa

from almoner.registry.datasets import AS_DELIVERED, Column, ColumnType, Dataset
from almoner.registry.governing import TIERS, Tier
from almoner.registry.registry import Registry

_ARROW: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
}

_RANK = {tier: rank for rank, tier in enumerate(("general", "special", "criminal"))}


def tier_of(registry: Registry, dataset: Dataset, column: Column) -> Tier:
    """Give the tier that holds a column: its category's, or the floor's where that is more sensitive.

    Identity columns stay in the identity tier, which research never reads whatever the floor.
    """
    tier = registry.category[column.category].tier
    if tier == "identity" or dataset.floor is None:
        return tier
    floor = registry.category[dataset.floor].tier
    return max(tier, floor, key=lambda each: _RANK.get(each, 0))


def keeps_original(column: Column) -> bool:
    """Say whether reading the column can change its text, so that the text as delivered is kept beside it."""
    return column.codes is not None or column.type in ("date", "timestamp", "boolean") or bool(column.missing)


def tier_columns(registry: Registry, dataset: Dataset, tier: Tier) -> list[Column]:
    """List the columns of a dataset that lie in a tier."""
    return [column for column in dataset.columns.values() if tier_of(registry, dataset, column) == tier]


def tier_schema(registry: Registry, dataset: Dataset, tier: Tier) -> pa.Schema | None:
    """Give the schema of a dataset's file in a tier, or None if it has no column there."""
    columns = tier_columns(registry, dataset, tier)
    if not columns:
        return None
    fields = [pa.field("row_id", pa.int64(), nullable=False)]
    for column in columns:
        fields.append(pa.field(column.name, _ARROW[column.type]))
        if keeps_original(column):
            fields.append(pa.field(column.name + AS_DELIVERED, pa.string()))
    return pa.schema(fields)


def tier_schemas(registry: Registry, dataset: Dataset) -> dict[Tier, pa.Schema]:
    """Give the schema of each tier that a dataset has."""
    found = ((tier, tier_schema(registry, dataset, tier)) for tier in TIERS)
    return {tier: schema for tier, schema in found if schema is not None}
