"""The shapes of documents that stand in more than one place: pages of long lists, reasons, and everything's ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

MOST = 200
"""Entries that are given at once."""
FURTHEST = 100_000
Entry = TypeVar("Entry")


class Shape(BaseModel):
    """A document: it holds what is declared, and nothing else."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Part(Shape):
    """Which part of a long list is asked for."""

    limit: int = Field(default=50, ge=1, le=MOST, description="How many entries.")
    offset: int = Field(default=0, ge=0, le=FURTHEST, description="How many entries are passed over first.")


class Listed(Shape, Generic[Entry]):
    """A part of a long list."""

    items: list[Entry]
    limit: int
    offset: int
    total: int
    more: bool = Field(description="Whether there are entries after these.")


def part_of(entries: Sequence[object], part: Part) -> dict[str, object]:
    """Give a part of a list as the document `Listed`."""
    end = part.offset + part.limit
    return {
        "items": entries[part.offset : end], "limit": part.limit, "offset": part.offset, "total": len(entries),
        "more": end < len(entries),
    }  # fmt: skip
