"""Puts the rows of planned tables in the order of their labels: an order by counts would tell of those withheld."""

from __future__ import annotations

import re
from dataclasses import replace

from almoner.methods.disclosure.partitions import WHOLE
from almoner.release.draft import Draft, DraftTable, LabelColumn

_NUMBER = re.compile(r"([0-9]+)")


def in_order_of_labels(draft: Draft) -> Draft:
    """Order the rows of every table by its labels from left to right; numbers in them by their size, * first."""
    return replace(draft, tables=tuple(_ordered(table) for table in draft.tables))


def _ordered(table: DraftTable) -> DraftTable:
    labels = [column.values for column in table.columns if isinstance(column, LabelColumn)]
    if not labels:
        return table
    rows = list(zip(*labels, strict=True))
    return table.take(sorted(range(len(rows)), key=lambda row: [_key(text) for text in rows[row]]))


def _key(text: str) -> tuple[bool, list[tuple[int, str]]]:
    parts = _NUMBER.split(text)
    return text != WHOLE, [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts]
