"""The ledger against an attacker who knows nothing of lines, pieces and walks, on ledgers made at random.

Figures overlap, nest and tile in several dimensions at once, over several releases, exact, rounded and suppressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest

from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger, Space
from almoner.methods.disclosure.partitions import Categories
from almoner.methods.disclosure.released import ReleaseTable, state
from almoner.methods.disclosure.repair import suppress
from tests.unit.methods.disclosure.judge import Box, Figure, Judge, smallest_boxes

LEDGERS = 150
WALKED = 40
RELEASES = 3
NAMES = ("area", "band", "cut")


@dataclass(frozen=True)
class World:
    """A little place: true counts by atom, the sets that figures may be about, and tables of them."""

    shape: tuple[int, ...]
    counts: np.ndarray[Any, Any]
    sets: tuple[dict[str, frozenset[int]], ...]
    space: Space
    tables: tuple[ReleaseTable, ...]

    def box(self, table: ReleaseTable, row: int) -> Box:
        """Give the atoms' coordinates of a cell."""
        return tuple(sets[table.codes[name][row]] for name, sets in zip(NAMES, self.sets, strict=False))

    def figures(self, tables: Any) -> list[Figure]:
        """Give what anybody can read in some tables."""
        return [
            Figure(self.box(table, row), table.low[row], table.high[row])
            for table in tables
            for row in range(len(table))
        ]

    def protected(self, tables: Any) -> set[Box]:
        """Give the boxes whose small counts nobody may narrow down."""
        return {self.box(table, row) for table in tables for row in np.flatnonzero(table.protected)}


def world_of(seed: int) -> World:
    """Make a place and three releases about it."""
    random = np.random.default_rng(seed)
    shape = tuple(int(n) for n in random.integers(2, 5, 2 if seed % 3 else 3) - (seed % 3 == 0))
    sets = tuple(_sets(random, size, dimension) for dimension, size in enumerate(shape))
    counts = random.poisson(random.choice([1.0, 3.0, 8.0]), shape)
    space = Space(
        {
            name: Categories(name, {code: [str(unit) for unit in units] for code, units in each.items()})
            for name, each in zip(NAMES, sets, strict=False)
        }
    )
    return World(shape, counts, sets, space, tuple(_table(random, n, counts, sets) for n in range(RELEASES)))


def _sets(random: np.random.Generator, size: int, dimension: int) -> dict[str, frozenset[int]]:
    """Name the atoms, a few sets that overlap, and everything."""
    found = {f"unit:{n}": frozenset({n}) for n in range(size)} | {"whole:all": frozenset(range(size))}
    for number in range(3):
        chosen = frozenset(map(int, random.choice(size, int(random.integers(1, size + 1)), replace=False)))
        found[f"{'xyz'[number % 3]}:{dimension}{number}"] = chosen
    return found


def _table(
    random: np.random.Generator, number: int, counts: np.ndarray[Any, Any], sets: tuple[dict[str, frozenset[int]], ...]
) -> ReleaseTable:
    """Make a release: one or two crosses of some sets, some of their cells left out."""
    codes: list[tuple[str, ...]] = []
    for _ in range(int(random.integers(1, 3))):
        most = int(random.choice([1, 2, 4]))
        lists = [
            random.choice(list(each), int(random.integers(1, min(len(each), most) + 1)), replace=False) for each in sets
        ]
        codes += [cell for cell in product(*(map(str, each) for each in lists)) if random.random() < 0.9]
    codes = list(dict.fromkeys(codes)) or [tuple(next(iter(each)) for each in sets)]
    values = [
        float(counts[np.ix_(*(sorted(each[code]) for code, each in zip(cell, sets, strict=True)))].sum())
        for cell in codes
    ]
    columns = {name: [cell[place] for cell in codes] for place, name in enumerate(NAMES[: len(sets)])}
    small = (np.array(values) > 0) & (np.array(values) <= 4)
    base = 5 if random.random() < 0.4 else None
    return state(f"release {number}", "p", columns, values, withheld=small, base=base)


@pytest.mark.parametrize("seed", range(WALKED))
def test_a_ledger_with_too_many_atoms_is_judged_just_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("almoner.methods.disclosure.witnesses.MOST_ATOMS", 0)
    test_what_passes_gives_nothing_away_and_what_is_refused_would_have(seed)


@pytest.mark.parametrize("seed", range(LEDGERS))
def test_what_passes_gives_nothing_away_and_what_is_refused_would_have(seed: int) -> None:
    world = world_of(seed)
    ledger, out = Ledger(world.space), []
    for table in world.tables:
        verdict = check(ledger, [table])
        before, after = (Judge(world.shape, world.figures(tables)) for tables in (out, [*out, table]))
        secret = world.protected([*out, table])
        narrow = set(after.narrow(secret)) - set(before.narrow(secret))
        shown = {
            tuple(sets[code] for sets, code in zip(world.sets, finding.cell.values(), strict=True))
            for finding in verdict.findings
            if finding.shown
        }
        assert not verdict.contradictions
        assert narrow <= shown, "something that can be deduced was let through"
        assert shown <= set(after.narrow(secret)), "something that can't be deduced was refused"
        pieces = {box for box in smallest_boxes(world.shape) if 0 < world.counts[np.ix_(*map(list, box))] <= 4}
        missed = set(after.narrow(pieces)) - set(before.narrow(pieces))
        assert not missed or verdict.findings, "a small piece that no table shows was let through"
        mended = suppress(ledger, (table,))
        if mended is not None:
            ledger, out = ledger.with_tables(mended), [*out, *mended]
    told = Judge(world.shape, world.figures(out)).narrow(world.protected(out))
    assert not told, "a protected count of a repaired release can be deduced"
