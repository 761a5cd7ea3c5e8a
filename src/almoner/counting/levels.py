"""At which areas to count: declared geographies, the whole place, and areas that somebody has drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from almoner.counting.plans import DRAWN, PLACE, content_name, literal
from almoner.kernel.errors import UsageError
from almoner.kernel.steps import Step
from almoner.registry.measures import Geography


@dataclass(frozen=True)
class DrawnArea:
    """An area that somebody has drawn: the areas of one geography that it is made of."""

    code: str
    title: str
    geography: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.members or len(set(self.members)) != len(self.members):
            raise UsageError(
                f"The area '{self.code}' is made of nothing, or of one area twice.", todo="Name each member once."
            )

    @property
    def lasting_code(self) -> str:
        """Give a code that stands for these members alone, whatever else is ever drawn under the same name."""
        made_of = "|".join(f"{self.geography}:{member}" for member in sorted(self.members))
        return f"{DRAWN}:{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"

    def parts(self) -> tuple[str, ...]:
        """Give what it is made of, as geography:code."""
        return tuple(f"{self.geography}:{member}" for member in self.members)


@dataclass(frozen=True)
class Levels:
    """At which geographies to count; `base` says who is inside the place as a whole."""

    geographies: tuple[Geography, ...]
    base: Geography
    drawn: tuple[DrawnArea, ...] = ()
    drawn_from: Geography | None = None

    def all(self) -> tuple[Geography, ...]:
        """Give the geographies and the base, and what drawn areas are made of, each once."""
        found = {geography.name: geography for geography in (*self.geographies, self.base)}
        if self.drawn_from is not None:
            found.setdefault(self.drawn_from.name, self.drawn_from)
        return tuple(found.values())

    def counted(self) -> list[tuple[str, str]]:
        """Give each geography to count at, with the one by whose codes its areas are found."""
        found = [(each.name, each.name) for each in self.geographies]
        found.append((PLACE, self.base.name))
        if self.drawn and self.drawn_from is not None:
            found.append((DRAWN, self.drawn_from.name))
        return found

    @property
    def drawn_name(self) -> str:
        """Name the step that says what drawn areas are made of: other areas, another name."""
        return content_name("drawn", self._drawn_sql())

    def steps(self) -> list[Step]:
        """Make that step, where areas are drawn: one row per drawn area and member."""
        if not self.drawn:
            return []
        columns = ("area_code", "member")
        return [Step(self.drawn_name, "what drawn areas are made of", self._drawn_sql(), columns, keep=True)]

    def _drawn_sql(self) -> str:
        return "\nUNION ALL\n".join(
            f"SELECT {literal(area.code)} AS area_code, {literal(member)} AS member"
            for area in self.drawn
            for member in area.members
        )


def drawn_areas(named: Sequence[tuple[str, str, tuple[str, ...]]]) -> tuple[DrawnArea, ...]:
    """Make drawn areas from (code, title, members), each member written 'geography:code'.

    Raises: UsageError where the members of all of them are not of one geography.
    """
    split = [(code, title, [member.partition(":") for member in members]) for code, title, members in named]
    geographies = {geography for _, _, parts in split for geography, sign, _ in parts if sign}
    if split and (len(geographies) != 1 or any(not sign for _, _, parts in split for _, sign, _ in parts)):
        raise UsageError(
            "Drawn areas have to be made of areas of one geography.",
            why="Areas of two geographies may overlap, and people would be counted twice.",
            todo="Write members as geography:code, for example lsoa21:E01005060.",
        )
    return tuple(
        DrawnArea(code, title, next(iter(geographies)), tuple(part for _, _, part in parts))
        for code, title, parts in split
    )
