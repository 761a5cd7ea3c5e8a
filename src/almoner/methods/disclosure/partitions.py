"""Says what each code of a dimension is made of, so that any two figures can be compared whatever they are cut by.

A code is a set of atoms: the smallest pieces that any declared code tells apart. Areas are cut into the intersections
of all geographies and custom areas (old and new wards alike), periods into days, categories into those of the finest
list. A set is a whole number whose bits are the atoms. A code that is not declared is an error, never a guess: what it
overlaps would be missed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Protocol

from almoner.kernel.errors import CalculationError

WHOLE = "*"
"""The code for everything in a dimension: a table that does not mention a dimension is about all of it."""

_FIRST_DAY = dt.date(1990, 1, 1)
_DAYS = (dt.date(2090, 1, 1) - _FIRST_DAY).days
_FINANCIAL_YEAR = re.compile(r"FY(\d{4})-\d\d")


class Dimension(Protocol):
    """One way in which figures are cut."""

    def mask(self, code: str) -> int:
        """Give the atoms of a code. Raises: CalculationError for a code that is not declared."""

    def family(self, code: str) -> str:
        """Name the list that a code belongs to; the codes of a list mostly do not overlap."""


class Categories:
    """Codes that are declared by what they are made of: areas, age bands, ethnic groups."""

    def __init__(self, name: str, members: Mapping[str, Collection[str]]) -> None:
        """Declare a dimension.

        In: members: the smallest units of each code, for areas "ward23:E05000001": {postcodes or small areas}. Units
            that no code tells apart become one atom. The part of a code before ":" is its list, with its vintage.
        """
        self._name = name
        codes_of: dict[str, list[int]] = {}
        for number, units in enumerate(members.values()):
            for unit in units:
                codes_of.setdefault(unit, []).append(number)
        atoms: dict[tuple[int, ...], int] = {}
        masks = [0] * len(members)
        for numbers in map(tuple, codes_of.values()):
            bit = 1 << atoms.setdefault(numbers, len(atoms))
            for number in numbers:
                masks[number] |= bit
        self._masks = dict(zip(members, masks, strict=True))
        self._masks[WHOLE] = (1 << max(len(atoms), 1)) - 1

    def mask(self, code: str) -> int:
        """Give the atoms of a code."""
        found = self._masks.get(code, 0)
        if not found:
            raise CalculationError(
                f"A code of {self._name} is not declared, or nothing lies in it.",
                why="What it overlaps can't be known, so nothing with it can be checked.",
            )
        return found

    def family(self, code: str) -> str:
        """Name the list of a code."""
        return code.partition(":")[0]


class Periods:
    """Periods in which something happens: days, months, years, financial years and spans of them add up.

    Written 2026-04-01, 2026-04, 2026, FY2025-26, and 2025-04/2025-09 for a span whose both ends belong to it.
    """

    def mask(self, code: str) -> int:
        """Give the days of a period."""
        if code == WHOLE:
            return (1 << _DAYS) - 1
        try:
            start, _, end = code.partition("/")
            first, after = _span(start)[0], _span(end or start)[1]
        except ValueError:
            raise CalculationError(
                "What stands for a period is none.", todo="Write 2026-04, FY2025-26 or 2025-04/2025-09."
            ) from None
        low, high = (first - _FIRST_DAY).days, (after - _FIRST_DAY).days
        if not 0 <= low < high <= _DAYS:
            raise CalculationError("A period ends before it begins, or is out of range.")
        return (1 << high) - (1 << low)

    def family(self, code: str) -> str:
        """Name the kind of a period: by how it is written."""
        return "span" if "/" in code else str(len(code))


class Moments:
    """Dates at which something is counted that lasts (residents, open cases): no two of them add up."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mask(self, code: str) -> int:
        """Give the atom that stands for this moment alone."""
        return 1 << self._numbers.setdefault(code, len(self._numbers))

    def family(self, code: str) -> str:
        """Name the only list there is."""
        return "moment"


def _span(text: str) -> tuple[dt.date, dt.date]:
    """Give the first day of a period, and the first after it."""
    if found := _FINANCIAL_YEAR.fullmatch(text):
        year = int(found[1])
        return dt.date(year, 4, 1), dt.date(year + 1, 4, 1)
    numbers = [int(part) for part in text.split("-")]
    if len(numbers) == 3:
        day = dt.date(*numbers)
        return day, day + dt.timedelta(days=1)
    if len(numbers) == 2:
        year, month = numbers
        return dt.date(year, month, 1), dt.date(year + month // 12, month % 12 + 1, 1)
    (year,) = numbers
    return dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
