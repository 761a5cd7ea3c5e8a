"""How long it takes to check a release against everything released before, and what that is spent on.

A synthetic ledger: counts by area (small areas within middle areas and wards, wards of an older date that cut across,
the place), by month and year to date, and by category. Earlier figures are rounded to the nearest 5 and small ones
suppressed, so that nearly every count is known as a range only: the hardest case, since nothing parts the problem.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger, Space
from almoner.methods.disclosure.partitions import WHOLE, Categories, Periods
from almoner.methods.disclosure.released import ReleaseTable, state
from bench.attack import LONGEST, growth

SMALL_AREAS = 282
MONTHS = 24
NEW_CATEGORIES = 7
POPULATION = "households with support, edition 1"
SEED = 20261122
HIDDEN_SHARE = 0.06


def compare(cells: int) -> dict[str, Any]:
    """Time the check of some 5,000 cells against `cells` earlier ones, published in two ways."""
    return {
        "earlier_cells": cells,
        "rounded": _time(cells, base=5),
        "exact_but_suppressed": _time(cells, base=None),
        "tangled": growth(longest=max(2.0, LONGEST * cells / 1_000_000)),
        "peer": "none in Python: acro judges one table at a time, sdcMicro, sdcTable and GaussSuppression are R",
    }


def _time(cells: int, base: int | None) -> dict[str, Any]:
    areas, members = _areas()
    categories = max(NEW_CATEGORIES, round(cells / (len(areas) * (2 * MONTHS - 1))))
    names = [f"kind:{number}" for number in range(categories - 1)]
    space = Space(
        {
            "area": Categories("area", members),
            "period": Periods(),
            "category": Categories("category", {name: [name] for name in names}),
        }
    )
    counts, hidden = _counts(categories)
    ledger = Ledger(space)
    for month in range(MONTHS):
        ledger = ledger.with_tables([_table(month, counts, hidden, areas, members, [WHOLE, *names], base)])
    new = _table(MONTHS, counts, hidden, areas, members, [WHOLE, *names][:NEW_CATEGORIES], base)
    started, used = time.perf_counter(), time.process_time()
    verdict = check(ledger, [new])
    return {
        "earlier_cells": sum(len(table) for tables in ledger.tables.values() for table in tables),
        "new_cells": len(new),
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(time.process_time() - used, 2),
        "counts_entangled": verdict.entangled,
        "counts_told": verdict.told,
        "findings": len(verdict.findings),
        "standing": len(verdict.standing),
    }


def _areas() -> tuple[list[str], dict[str, list[str]]]:
    """Make small areas, the middle areas and wards that they lie in, and old wards that cut across."""
    members: dict[str, list[str]] = {}
    for number in range(SMALL_AREAS):
        unit = f"unit{number}"
        members.setdefault(f"lsoa21:{number}", []).append(unit)
        members.setdefault(f"msoa21:{number // 5}", []).append(unit)
        members.setdefault(f"ward23:{number // 9}", []).append(unit)
        members.setdefault(f"ward11:{(number + 4) // 9}", []).append(unit)
    return [WHOLE, *members], members


def _counts(categories: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Make true counts by small area, month and category, and choose which small ones there are.

    A few counts are 3. Each is withheld together with a neighbouring area, the month beside it and another category, so
    that the earlier releases leave none open. The first category is the sum of the others.
    """
    random = np.random.default_rng(SEED)
    parts = random.poisson(
        random.gamma(2.0, 8.0, (SMALL_AREAS, 1, categories - 1)), (SMALL_AREAS, MONTHS + 1, categories - 1)
    )
    parts = np.maximum(parts, 9)
    hidden = np.zeros(parts.shape, dtype=bool)
    for area in range(0, SMALL_AREAS - 1):
        if area % 5 in (0, 2) and area // 9 == (area + 1) // 9 and (area + 4) // 9 == (area + 5) // 9:
            cubes = random.random(((MONTHS + 2) // 2, (categories - 1) // 2)) < HIDDEN_SHARE
            both = np.repeat(np.repeat(cubes, 2, axis=0), 2, axis=1)[: MONTHS + 1]
            hidden[area : area + 2, :, : both.shape[1]] |= both
            parts[area, ::2, : both.shape[1] : 2][cubes] = 3
    return np.concatenate([parts.sum(axis=2, keepdims=True), parts], axis=2), hidden


def _table(
    month: int,
    counts: NDArray[np.int64],
    hidden: NDArray[np.bool_],
    areas: list[str],
    members: dict[str, list[str]],
    categories: list[str],
    base: int | None,
) -> ReleaseTable:
    """Make the release of one month: the month, and the year to date from the second month on."""
    rows = [slice(None) if area == WHOLE else [int(unit[4:]) for unit in members[area]] for area in areas]
    by_area = np.stack([counts[row][:, :, : len(categories)].sum(axis=0) for row in rows])
    label = f"{2024 + (month + 3) // 12}-{(month + 3) % 12 + 1:02d}"
    periods = {label: by_area[:, month]}
    if month:
        periods[f"2024-04/{label}"] = by_area[:, : month + 1].sum(axis=1)
    codes = {
        "area": [area for _ in periods for area in areas for _ in categories],
        "period": [period for period in periods for _ in areas for _ in categories],
        "category": [category for _ in periods for _ in areas for category in categories],
    }
    values = np.concatenate([part.ravel() for part in periods.values()])
    # The year to date less the year to last month is the month: where the month is withheld, so is it.
    month_hidden = np.zeros(by_area[:, month].shape, dtype=bool)
    for row, area in enumerate(areas):
        if area.startswith("lsoa21:"):
            month_hidden[row, 1:] = hidden[int(area[7:]), month, : len(categories) - 1]
    withheld = np.concatenate([month_hidden.ravel() for _ in periods])
    return state(f"release of {label}", POPULATION, codes, values, withheld=withheld, base=base)
