"""A year of publications, put out one after another: an attacker who shares nothing with the ledger recovers none.

The same publications with counts of 1 to 4 suppressed and nothing else give many away: both numbers are asserted. A
larger place is put out by `python -m bench --only disclosure`.
"""

from __future__ import annotations

import numpy as np
import pytest

from almoner.methods.disclosure.released import ReleaseTable
from tests.attack_suite import Borough, borough, cell_of, plainly, publications, put_out, table_of
from tests.unit.methods.disclosure.judge import Box, Figure, Judge

EDITIONS = ("new cases, edition 1", "new cases, edition 2")
YEAR = 6
"""Publications of a year, when bulletins appear every half-year: two bulletins, two of drawn areas, two answers."""

MOST_ASKED = 100
"""How many protected counts are asked for in an edition; chosen at random."""


@pytest.fixture(scope="module")
def place() -> Borough:
    return borough(4, 1.0, 1)


def attacked(place: Borough, tables: list[ReleaseTable]) -> tuple[int, int]:
    """Attack everything that is out, each edition by itself. Out: counts found out; counts tried."""
    found = tried = 0
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
        asked = _some(sorted(secrets, key=lambda box: [sorted(part) for part in box]))
        judge = Judge(place.counts.shape, figures)
        found += len(judge.narrow(asked))
        tried += len(asked)
    return found, tried


def _some(boxes: list[Box]) -> list[Box]:
    chosen = np.random.default_rng(1).permutation(len(boxes))[:MOST_ASKED]
    return [boxes[number] for number in chosen]


@pytest.mark.slow
@pytest.mark.parametrize("base", [None, 5])
def test_plain_suppression_gives_many_counts_away_and_the_ledger_none(place: Borough, base: int | None) -> None:
    tables = [table_of(place, each, base) for each in publications(place, every=6) if each.cells][:YEAR]
    out = put_out(place, tables)
    assert {table.release for table in out} == {table.release for table in tables}, "every release could be mended"
    found, tried = attacked(place, out)
    assert found == 0 and tried > 10
    if base is None:
        plain_found, plain_tried = attacked(place, [plainly(table) for table in tables])
        assert plain_found > plain_tried / 2
