"""What the codes of released figures are made of: without it nobody could tell which figures overlap.

Areas are known by the smallest places in them, as the open directory of the day of the draft gives them; codes that
have gone from later directories keep what they had. Breakdowns are declared. Two kinds of code say it themselves:
`span:0-15` (whole numbers) and `any:a|b` (any of these).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.ledger import Space
from almoner.methods.disclosure.partitions import WHOLE, Categories, Dimension, Moments, Periods
from almoner.methods.disclosure.released import ReleaseTable
from almoner.registry.registry import Registry

AREA, PERIOD, MOMENT = "area", "period", "moment"
DRAWN = "custom:"
"""What the codes of areas begin with that somebody has drawn for one release."""

Members = Mapping[str, Mapping[str, frozenset[str]]]
"""Dimension → code → its smallest parts."""

_SPAN = re.compile(r"span:(\d{1,3})-(\d{1,3})")
_ANY = "any:"
_ELSE = "else:else"
"""What no code of a breakdown covers: without it, the codes would be taken to make up everything."""


class Codebook:
    """The codes that are known."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def space(self, tables: Iterable[ReleaseTable]) -> Space:
        """Give the dimensions that the cells of some tables are cut by.

        Raises: ReleaseRefused for a code that nobody has declared.
        """
        used: dict[str, dict[str, str]] = {}
        for table in tables:
            for name, codes in table.codes.items():
                places = used.setdefault(name, {})
                for row, code in enumerate(codes, 1):
                    places.setdefault(code, f"cell {row} of '{table.population}'")
        return Space({name: self._dimension(name, codes) for name, codes in sorted(used.items())})

    def knows(self, name: str, code: str) -> bool:
        """Say whether a code of a dimension can be compared with others."""
        known = self._members.get(name, {})
        return name in (PERIOD, MOMENT) or code == WHOLE or code in known or bool(_own_parts(code))

    def _dimension(self, name: str, used: Mapping[str, str]) -> Dimension:
        if name == PERIOD:
            return Periods()
        if name == MOMENT:
            return Moments()
        members = {code: set(parts) for code, parts in self._members.get(name, {}).items()}
        for code in sorted(set(used) - set(members) - {WHOLE}):
            members[code] = _own_parts(code)
            if not members[code]:
                raise _undeclared(name, used[code])
        if name != AREA:
            members[_ELSE] = {_ELSE}
        return Categories(name, members)


def _own_parts(code: str) -> set[str]:
    """Give the parts that a code says itself; none where it doesn't."""
    if (found := _SPAN.fullmatch(code)) and int(found[1]) <= int(found[2]):
        return {str(number) for number in range(int(found[1]), int(found[2]) + 1)}
    return set(filter(None, code.removeprefix(_ANY).split("|"))) if code.startswith(_ANY) else set()


def _undeclared(name: str, where: str) -> ReleaseRefused:
    """Refuse a code without writing it: where the wrong column was named it is anything."""
    return ReleaseRefused(
        f"Nobody has said what a code of '{name}' is made of.",
        where=where,
        why="What it overlaps can't be known, so no figure with it can be checked.",
        todo="For areas, check geography and code against the postcode directory; else declare a [breakdown].",
    )


def breakdowns(registry: Registry) -> dict[str, dict[str, frozenset[str]]]:
    """Give the codes that the registry declares, as `list:code`."""
    return {
        name: {
            f"{listed}:{code}": frozenset(parts)
            for listed, codes in declared.lists.items()
            for code, parts in codes.items()
        }
        for name, declared in registry.breakdown.items()
    }
