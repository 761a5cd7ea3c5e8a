"""Dates by their declared forms, never guessed; what systems write when no date is known is told apart.

It must never turn 31/02 into a date, nor read the year 82 where four digits are declared, nor swap day and month.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from almoner.intake.standardise.expressions import bind, literal
from almoner.kernel.errors import RegistryError

PLACEHOLDER_DATES = (
    dt.date(1753, 1, 1),  # Microsoft SQL Server: the first day that its datetime holds
    dt.date(1899, 12, 30),  # Microsoft Access, OLE automation: day 0
    dt.date(1899, 12, 31),  # Microsoft Excel: day 0
    dt.date(1900, 1, 1),  # Excel: day 1; SQL Server: what an empty text becomes
    dt.date(1901, 1, 1),  # housing and benefit systems
    dt.date(1111, 11, 11),  # typed by hand where a form demands a date
    dt.date(9999, 12, 31),  # "without end" in SAP and many others
)
"""Dates that stand for none. The Unix epoch, 1970-01-01, is not among them: some 2,000 residents of England were born
on that day. A council whose systems write it adds it to its registry."""

_DIRECTIVES = frozenset("dmYybBHMSfpIj%")
_PACKED_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_FIRST_YEAR = "DATE '1000-01-01'"


def parse_date(expr: str, formats: Sequence[str], *, birth: bool, as_of: str) -> str:
    """Read a date by the declared strptime formats, the first that fits; NULL when none does or the day doesn't exist.

    In: as_of: the ISO date that a birth can't be after: with `birth` a two-digit year is read as the latest one that
    isn't.
    Raises: RegistryError when a format has a directive that both engines don't share, or as_of is no date.
    """
    _check(formats, as_of)
    # Where both are declared, %y comes first: it refuses four digits, while %Y takes two for the year 82.
    short = [_read(expr, form) for form in formats if "%y" in form]
    full = [_read(expr, form) for form in formats if "%y" not in form]
    reads = []
    if short:
        earlier = "CAST(y - INTERVAL 100 YEAR AS DATE)"
        pivoted = bind(_first(short), "y", lambda y: f"CASE WHEN {y} > DATE '{as_of}' THEN {earlier} ELSE {y} END")
        reads.append(pivoted if birth else _first(short))
    if full:
        reads.append(bind(_first(full), "d", lambda d: f"CASE WHEN {d} >= {_FIRST_YEAR} THEN {d} END"))
    return _first(reads)


def is_placeholder_date(expr: str, dates: Iterable[dt.date] = PLACEHOLDER_DATES) -> str:
    """Say whether a date stands for none."""
    days = ", ".join(f"DATE '{day.isoformat()}'" for day in sorted(dates))
    return f"list_contains([{days}], {expr})"


def is_first_of_january(expr: str) -> str:
    """Say whether a birth is given as 1 January, as it is where only the year was known."""
    return f"(month({expr}) = 1 AND day({expr}) = 1)"


def _first(reads: Sequence[str]) -> str:
    return reads[0] if len(reads) == 1 else f"coalesce({', '.join(reads)})"


def _read(expr: str, form: str) -> str:
    parsed = f"CAST(try_strptime({expr}, {literal(form)}) AS DATE)"
    packed = re.fullmatch("(?:%[YymdHMS])+", form)
    if packed is None:
        return parsed
    # Without separators DuckDB makes do with fewer digits: 1983075 would be 5 July.
    width = sum(_PACKED_WIDTHS[letter] for letter in form if letter != "%")
    return f"CASE WHEN length({expr}) = {width} THEN {parsed} END"


def _check(formats: Sequence[str], as_of: str) -> None:
    unknown = {letter for form in formats for letter in re.findall("%(.)", form)} - _DIRECTIVES
    if unknown or not formats:
        raise RegistryError(
            f"a date format has an unknown directive: %{', %'.join(sorted(unknown))}" if unknown else "no date format",
            why="A date is read by declared formats only, and in the same way by every engine.",
            todo="Use %d %m %Y %y %b %B %j %H %I %M %S %f %p, for example %d/%m/%Y.",
        )
    try:
        dt.date.fromisoformat(as_of)
    except ValueError:
        raise RegistryError(
            "the day up to which births are read is no ISO date", todo="Write it as 2026-03-31."
        ) from None
