"""Writes the conditions under which a declared fact is told of a row.

They are in one place because a fact and a relationship must mean the same by a condition: a row left out by the one
must never be told by the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from almoner.intake.standardise.expressions import literal
from almoner.registry.datasets import Where


def where_sql(conditions: Sequence[Where]) -> str:
    """Write the WHERE clause over rows called `d`; nothing where there is no condition.

    A value that is missing is none of `values`, and none of `not_values`.
    """
    tests = []
    for condition in conditions:
        column = f'CAST(d."{condition.column}" AS VARCHAR)'
        if condition.values:
            tests.append(f"{column} IN ({_listed(condition.values)})")
        if condition.not_values:
            tests.append(f"({column} IS NULL OR {column} NOT IN ({_listed(condition.not_values)}))")
        if condition.filled is not None:
            tests.append(f'd."{condition.column}" IS {"NOT " if condition.filled else ""}NULL')
    return f" WHERE {' AND '.join(tests)}" if tests else ""


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(literal, values))
