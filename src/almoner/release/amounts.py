"""Protects sums of amounts within a release, and never lets two releases of the same sums overlap.

A sum is withheld if too few contribute, if a few contributors make up most of it, or if the second largest could tell
the largest. The ledger compares counts of people: it could not tell whether the difference of two sums is one person's.
So every part that the sums of a release leave over has to be one of its rows, and a second release that overlaps the
first is refused. Must never write a sum or a contribution into a message.

Source: Hundepool et al., Statistical Disclosure Control (2012), sections 4.2 and 4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.ledger import Space
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.primary import (
    DominanceRule,
    PercentRule,
    is_dominated,
    is_estimable,
    protection_needed,
)
from almoner.methods.disclosure.released import ReleaseTable, said_when_rounded, said_when_suppressed
from almoner.methods.disclosure.secondary import withhold
from almoner.methods.disclosure.sums import BoolArray, FloatArray, Group
from almoner.registry.releasing import ReleaseRules
from almoner.release.boxes import Box, box_of, groups_of, overlap
from almoner.release.codes import Codebook
from almoner.release.draft import ABSENT, CountColumn, Draft, DraftTable, Said, SumColumn

MOST_SUMS = 2_000
"""Cells of one population's sums in a release: each is compared with each."""

_MOST_PARTS = 10_000
Place = tuple[int, int, int]
"""Table, column, row of a draft."""


@dataclass(frozen=True)
class Sums:
    """The sums of one population in a draft, each cell once. contributors: how many stand behind; few: one makes it up
    or too few do; needed: how wide the range of each must stay."""

    population: str
    names: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    places: tuple[tuple[Place, ...], ...]
    exact: FloatArray
    contributors: FloatArray
    few: BoolArray
    needed: FloatArray

    def table(self, release: str, withheld: BoolArray, base: int) -> ReleaseTable:
        """State them as they are published."""
        codes = {name: [key[place] for key in self.keys] for place, name in enumerate(self.names)}
        low, high = said_when_rounded(self.exact, base)
        hidden = said_when_suppressed(self.exact)
        low, high = np.where(withheld, hidden[0], low), np.where(withheld, hidden[1], high)
        high = np.maximum(high, self.exact)  # pence lie between the whole numbers that rounding is thought of in
        return ReleaseTable(release, self.population, codes, np.minimum(low, self.exact), high, self.exact, self.few)


def without_telling_sums(draft: Draft, rules: ReleaseRules, codebook: Codebook) -> Draft:
    """Withhold every sum that tells of a contributor, and what would give it away within the release.

    Raises: ReleaseRefused where the sums can't be protected.
    """
    said: dict[Place, Said] = {}
    for sums in sums_of_draft(draft, rules):
        withheld = _protected(sums, codebook)
        said |= {place: "withheld" for row in np.flatnonzero(withheld) for place in sums.places[row]}
    if not said:
        return draft
    return draft.with_tables(tuple(_saying(number, table, said) for number, table in enumerate(draft.tables)))


def _saying(number: int, table: DraftTable, said: Mapping[Place, Said]) -> DraftTable:
    columns = [
        replace(column, said=tuple(said.get((number, place, row), each) for row, each in enumerate(column.said)))
        if isinstance(column, SumColumn)
        else column
        for place, column in enumerate(table.columns)
    ]
    return replace(table, columns=tuple(columns))


def stated_sums(
    draft: Draft, release: str, rules: ReleaseRules, codebook: Codebook, earlier: Sequence[ReleaseTable]
) -> list[ReleaseTable]:
    """Check the sums of a draft, and state them for the ledger.

    In: earlier: what is out of their populations.
    Raises: ReleaseRefused where one that tells of a contributor is not withheld, or some are out already.
    """
    tables = []
    for sums in sums_of_draft(draft, rules):
        withheld = np.array([_is_withheld(draft, places) for places in sums.places])
        if np.any(_protected(sums, codebook) & ~withheld):
            raise _refused(sums, "One that has to be withheld is not.", "Draft it again: what has to go is withheld.")
        _refuse_overlap(sums, codebook, [table for table in earlier if table.population == sums.population])
        base = max(_sum_at(draft, place).base for places in sums.places for place in places)
        tables.append(sums.table(release, withheld, base))
    return tables


def sums_of_draft(draft: Draft, rules: ReleaseRules) -> list[Sums]:
    """Gather the sums of each population in a draft. Raises: ReleaseRefused where one is given two values."""
    listed: dict[str, dict[tuple[tuple[str, str], ...], list[Place]]] = {}
    for number, table in enumerate(draft.tables):
        for place, column in enumerate(table.columns):
            if isinstance(column, SumColumn):
                cells = listed.setdefault(column.population, {})
                for row in range(len(column.exact)):
                    if column.said[row] not in ABSENT:
                        codes = {name: codes[row] for name, codes in column.codes.items() if codes[row] != WHOLE}
                        cells.setdefault(tuple(sorted(codes.items())), []).append((number, place, row))
    return [_gathered(draft, population, cells, rules) for population, cells in listed.items() if cells]


def _gathered(
    draft: Draft, population: str, cells: Mapping[tuple[tuple[str, str], ...], list[Place]], rules: ReleaseRules
) -> Sums:
    names = tuple(sorted({name for key in cells for name, _ in key}))
    keys = tuple(tuple(dict(key).get(name, WHOLE) for name in names) for key in cells)
    exact, contributors, few, needed = [], [], [], []
    for places in cells.values():
        column, row = _sum_at(draft, places[0]), places[0][2]
        given = {(_sum_at(draft, place).exact[place[2]], _sum_at(draft, place).largest[place[2]]) for place in places}
        number = _contributors(draft, places[0], column)
        if len(given) != 1:
            raise ReleaseRefused(
                f"Two different sums are given for the same cell of '{population}'.", where=f"draft '{draft.title}'",
                why="One of them is wrong, or they are about others.", todo="Mend the tables.",
            )  # fmt: skip
        total = float(column.exact[row] or 0.0)
        parts = _contributions(total, column.largest[row], number)
        if parts is None or len(column.largest[row]) < rules.dominance_n:
            raise ReleaseRefused(
                f"Sum, largest contributions and contributors of '{column.name}' do not fit together.",
                where=f"table '{draft.tables[places[0][0]].name}', row {row + 1}",
                why="Whether it tells of one of them can't be judged.",
                todo=f"Give the {max(2, rules.dominance_n)} largest contributions of each sum, or more, as they are.",
            )  # fmt: skip
        exact.append(total)
        contributors.append(number)
        few.append(total > 0 and _tells(parts, number, rules))
        needed.append(max(2 * protection_needed(parts, PercentRule(rules.percent_p)), rules.percent_p / 100 * total))
    return Sums(
        population, names, keys, tuple(tuple(places) for places in cells.values()), np.array(exact),
        np.array(contributors), np.array(few, dtype=bool), np.array(needed),
    )  # fmt: skip


def _contributions(total: float, largest: Sequence[float], number: float) -> tuple[float, ...] | None:
    """Give the contributions: those that are known, and the rest in equal parts, none of them larger than a known one.

    Out: None where sum, contributions and contributors can't all be true.
    """
    rest = max(total - sum(largest), 0.0)
    others = int(number) - sum(each > 0 for each in largest)
    if others < 0 or rest > others * largest[-1] + 0.01:
        return None
    parts = min(others, _MOST_PARTS)
    return (*largest, *([rest / parts] * parts if parts else ()))


def _tells(parts: Sequence[float], number: float, rules: ReleaseRules) -> bool:
    dominance = DominanceRule(rules.dominance_n, rules.dominance_k)
    return (
        number <= rules.largest_small
        or is_dominated(parts, dominance)
        or is_estimable(parts, PercentRule(rules.percent_p))
    )


def _contributors(draft: Draft, place: Place, column: SumColumn) -> float:
    counts: Iterable[CountColumn] = draft.tables[place[0]].counts()
    found = next(each for each in counts if each.name == column.contributors).exact[place[2]]
    if found is None:
        raise ReleaseRefused(
            f"Nobody knows how many stand behind a sum of '{column.name}'.", where=f"row {place[2] + 1}",
            why="Whether it tells of one of them can't be judged.", todo="Give the count of contributors of each sum.",
        )  # fmt: skip
    return found


def _sum_at(draft: Draft, place: Place) -> SumColumn:
    column = draft.tables[place[0]].columns[place[1]]
    assert isinstance(column, SumColumn)
    return column


def _is_withheld(draft: Draft, places: Sequence[Place]) -> bool:
    return all(_sum_at(draft, place).said[place[2]] == "withheld" for place in places)


# ── protecting ───────────────────────────────────────────────────────────────────────────────────────────────────


def _protected(sums: Sums, codebook: Codebook) -> BoolArray:
    """Choose what to withhold: all that tells, and as many more as keep every range wide, whoever contributes."""
    if len(sums.keys) > MOST_SUMS:
        raise _refused(sums, "There are too many of them to be compared.", "Make tables of fewer rows.")
    if not sums.few.any():
        groups_of(boxes_of(sums, codebook), sums.population)
        return sums.few.copy()
    groups = groups_of(boxes_of(sums, codebook), sums.population)
    width = float(sums.needed[sums.few].max())
    withheld = withhold(sums.exact, sums.few, groups, width)
    while (group := _seen_through(groups, withheld, sums)) is not None:
        more = withheld.copy()
        more[_next(group, withheld, sums)] = True
        withheld = withhold(sums.exact, more, groups, width)
    return withheld


def _seen_through(groups: Sequence[Group], withheld: BoolArray, sums: Sums) -> Group | None:
    """Find a sum in which somebody who knows their own contribution could work out another's withheld sum."""
    for group in groups:
        hidden = [cell for cell in (group.total, *group.parts) if withheld[cell]]
        if len(hidden) == 2 and sums.few[hidden].any() and sums.contributors[hidden].min() <= 2:
            return group
    return None


def _next(group: Group, withheld: BoolArray, sums: Sums) -> int:
    free = [cell for cell in (*group.parts, group.total) if not withheld[cell] and sums.exact[cell] > 0]
    if not free:
        raise _refused(sums, "There is nothing left to withhold beside it.", "Leave the row out, or make it coarser.")
    return min(free, key=lambda cell: sums.exact[cell])


def boxes_of(sums: Sums, codebook: Codebook) -> list[Box]:
    """Give what each sum is about, as sets of the smallest parts of every dimension."""
    return _boxes(codebook.space([_unsaid(sums)]), sums.names, sums.keys)


def _unsaid(sums: Sums) -> ReleaseTable:
    return sums.table("", np.ones(len(sums.keys), dtype=bool), 1)


def _boxes(space: Space, names: Sequence[str], keys: Iterable[Sequence[str]]) -> list[Box]:
    return [box_of(space, dict(zip(names, key, strict=True))) for key in keys]


def _refuse_overlap(sums: Sums, codebook: Codebook, earlier: Sequence[ReleaseTable]) -> None:
    """Refuse sums of which a part is out already: two that differ by one person would tell what that one had."""
    if not earlier:
        return
    space = codebook.space([_unsaid(sums), *earlier])
    own = _boxes(space, sums.names, sums.keys)
    for table in earlier:
        names = tuple(table.codes)
        keys = zip(*table.codes.values(), strict=True) if names else [()] * len(table)
        theirs = _boxes(space, names, keys)
        if any(overlap(one, other) for one in own for other in theirs):
            raise _refused(
                sums, f"Sums that overlap them are out in release {table.release}.",
                "Release other periods, or areas, of which no sum is out; or counts only.",
            )  # fmt: skip


def _refused(sums: Sums, why: str, todo: str) -> ReleaseRefused:
    return ReleaseRefused(
        f"The sums of '{sums.population}' can't be released.", where=f"population '{sums.population}'",
        why=f"{why} Sums are not compared like counts: what one person had could be told from two of them.", todo=todo,
    )  # fmt: skip
