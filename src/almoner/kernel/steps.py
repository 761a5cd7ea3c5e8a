"""A named SQL step as a value: name, description, one SELECT, the columns it must give.

Steps are written in the portable subset of DuckDB SQL. A step may read the views that its runner was given and the
steps before it, by name; names with a dot are quoted ("spine.resident").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One SELECT with a name.

    columns: the columns that the result must have, in order; the runner checks them (none named: any).
    keep: materialise the result, because later steps read it more than once.
    """

    name: str
    description: str
    sql: str
    columns: tuple[str, ...]
    keep: bool = False
