"""Tables as councils publish them, with counts of 1 to 4 suppressed and nothing else, for an attacker to try."""

from __future__ import annotations

import numpy as np

from almoner.methods.disclosure.attacker import deduce
from almoner.methods.disclosure.entanglement import entangle
from almoner.methods.disclosure.ledger import Ledger, Space, cells_of
from almoner.methods.disclosure.partitions import Categories, Periods
from almoner.methods.disclosure.released import ReleaseTable, state
from almoner.methods.disclosure.repair import suppress

MONTHS = [f"2025-{month:02d}" for month in range(4, 13)] + ["2026-01", "2026-02", "2026-03"]
POPULATION = "claimants, edition 1"


def plain(table: ReleaseTable) -> ReleaseTable:
    """Suppress 1 to 4 and say so, as is usual."""
    small = (table.exact > 0) & (table.exact <= 4)
    return table.saying((np.ones(len(table)), np.full(len(table), 4.0)), small)


def careful(table: ReleaseTable) -> ReleaseTable:
    """Suppress 1 to 4 and don't say why."""
    small = (table.exact > 0) & (table.exact <= 4)
    return table.saying((np.ones(len(table)), np.full(len(table), np.inf)), small)


def recovered(space: Space, tables: list[ReleaseTable]) -> tuple[int, int]:
    """Let the attacker try everything at once. Out: hidden counts found out exactly; hidden counts."""
    cells = cells_of(space, tables)
    tied = entangle(cells, np.arange(len(cells)))
    low, high = deduce(tied.sums, tied.low, tied.high)
    published = slice(0, tied.published)
    assert np.all(low[published] <= tied.exact[published]) and np.all(high[published] >= tied.exact[published])
    hidden = (tied.high > tied.low)[published] & cells.protected[tied.cells]
    return int((hidden & (high - low < 0.5)[published]).sum()), int(hidden.sum())


def release_all(space: Space, tables: list[ReleaseTable]) -> list[ReleaseTable]:
    """Release one table after the other, each mended by suppression where the check asks for it."""
    ledger, released = Ledger(space), []
    for table in tables:
        mended = suppress(ledger, (careful(table),))
        assert mended is not None
        ledger = ledger.with_tables(mended)
        released += mended
    return released


def year_to_date(areas: int, mean: float, seed: int) -> tuple[Space, list[ReleaseTable]]:
    """Make monthly tables: the month and the year to date, by area."""
    names = [f"ward23:{number}" for number in range(areas)]
    space = Space({"area": Categories("area", {name: [name] for name in names}), "period": Periods()})
    counts = np.random.default_rng(seed).poisson(mean, (areas, len(MONTHS)))
    tables = []
    for number, month in enumerate(MONTHS):
        parts = [(names, month, counts[:, number])]
        if number:
            parts.append((names, f"{MONTHS[0]}/{month}", counts[:, : number + 1].sum(axis=1)))
        codes = {
            "area": [area for named, _, _ in parts for area in named],
            "period": [period for named, period, _ in parts for _ in named],
        }
        tables.append(state(month, POPULATION, codes, np.concatenate([values for *_, values in parts])))
    return space, tables


def two_boundaries(seed: int) -> tuple[Space, list[ReleaseTable]]:
    """Make one table by old and one by new wards: 17 small old wards were merged into a neighbour each."""
    random = np.random.default_rng(seed)
    members = {}
    for number in range(17):
        members[f"ward11:small{number}"] = [f"s{number}"]
        members[f"ward11:large{number}"] = [f"l{number}"]
        members[f"ward23:{number}"] = [f"s{number}", f"l{number}"]
    space = Space({"area": Categories("area", members)})
    people = {f"s{number}": int(random.integers(1, 5)) for number in range(17)}
    people |= {f"l{number}": int(random.integers(20, 90)) for number in range(17)}

    def table(release: str, prefix: str) -> ReleaseTable:
        codes = [code for code in members if code.startswith(prefix)]
        return state(
            release, POPULATION, {"area": codes}, [sum(people[unit] for unit in members[code]) for code in codes]
        )

    return space, [table("by old wards", "ward11"), table("by new wards", "ward23")]
