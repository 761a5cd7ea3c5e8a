"""Withholds the small counts of a draft for their own sake, before anything is checked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from almoner.methods.disclosure.primary import SmallNumberRule, is_small
from almoner.release.draft import Column, CountColumn, Draft, Said


def without_small_counts(draft: Draft, rule: SmallNumberRule) -> Draft:
    """Withhold every count from 1 to the threshold."""
    tables = tuple(
        replace(table, columns=tuple(_withheld(column, rule) for column in table.columns)) for table in draft.tables
    )
    return draft.with_tables(tables)


def _withheld(column: Column, rule: SmallNumberRule) -> Column:
    if not isinstance(column, CountColumn):
        return column
    small = is_small(np.array([0.0 if count is None else count for count in column.exact]), rule)
    said: list[Said] = ["withheld" if hide else each for each, hide in zip(column.said, small, strict=True)]
    return replace(column, said=tuple(said))
