"""Two years of publications, put out one after another: an attacker who shares nothing with the ledger recovers none.

The same publications with counts of 1 to 4 suppressed and nothing else give many away: both numbers are asserted. Every
protected count is asked for. A larger place is put out by `python -m bench --only disclosure`.
"""

from __future__ import annotations

import numpy as np
import pytest

from almoner.methods.disclosure.released import ReleaseTable
from tests.attack_suite import (
    CUSTOM_AREAS,
    MONTHS,
    Borough,
    borough,
    cell_of,
    plainly,
    publications,
    put_out,
    table_of,
)
from tests.unit.methods.disclosure.judge import Figure, Judge

EDITIONS = ("new cases, edition 1", "new cases, edition 2")
MANY = 100
"""At least so many protected counts are tried."""


@pytest.fixture(scope="module")
def place() -> Borough:
    return borough(4, 0.4, 1)


def attacked(place: Borough, tables: list[ReleaseTable]) -> tuple[int, int, int]:
    """Attack everything that is out, each edition by itself. Out: counts found out, narrowed too far, and tried."""
    found = narrowed = tried = 0
    for edition in EDITIONS:
        out = [table for table in tables if table.population == edition]
        figures = [
            Figure(place.box(cell_of(table, row)), table.low[row], table.high[row])
            for table in out
            for row in range(len(table))
        ]
        if not out:
            continue
        secrets = {place.box(cell_of(table, row)) for table in out for row in np.flatnonzero(table.protected)}
        asked = sorted(secrets, key=lambda box: [sorted(part) for part in box])
        judge = Judge(place.counts.shape, figures)
        ranges = judge.narrow(asked)
        found += sum(lowest == highest for lowest, highest in ranges.values())
        narrowed += len(ranges)
        tried += len(asked)
    return found, narrowed, tried


@pytest.mark.slow
@pytest.mark.parametrize("base", [None, 5])
def test_plain_suppression_gives_many_counts_away_and_the_ledger_none(place: Borough, base: int | None) -> None:
    tables = [table_of(place, each, base) for each in publications(place, every=3)]
    assert sum(table.release.startswith("custom") for table in tables) == CUSTOM_AREAS
    assert {code for table in tables for code in table.codes["period"] if "/" not in code} == set(MONTHS)
    out = put_out(place, tables)
    # What can't be mended by withholding is not answered: a few of the drawn areas, never a bulletin.
    assert {table.release for table in tables if table.release.startswith("bulletin")} <= {each.release for each in out}
    assert len(out) > 0.95 * len(tables)
    found, narrowed, tried = attacked(place, out)
    assert found == narrowed == 0 and tried > MANY
    if base is None:
        plain_found, _, plain_tried = attacked(place, [plainly(table) for table in tables])
        assert plain_found > plain_tried / 2
