"""Dates by their declared forms, never guessed; what systems write when no date is known becomes missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from almoner.intake.standardise.expressions import literal


def parse_date(expr: str, formats: Sequence[str], *, birth: bool, as_of: str) -> str:
    """Read a date. A two-digit year of birth is never after `as_of`."""
    tries = [f"CAST(try_strptime({expr}, {literal(form)}) AS DATE)" for form in formats]
    parsed = tries[0] if len(tries) == 1 else f"coalesce({', '.join(tries)})"
    if birth and any("%y" in form for form in formats):
        late = f"d > DATE {literal(as_of)}"
        return f"list_transform([{parsed}], lambda d: CASE WHEN {late} THEN CAST(d - INTERVAL 100 YEAR AS DATE) ELSE d END)[1]"
    return parsed


def is_placeholder_date(expr: str, dates: Sequence[dt.date]) -> str:
    """Say whether a date stands for none."""
    return f"{expr} IN ({', '.join('DATE ' + literal(day.isoformat()) for day in dates)})"
