"""What known figures give away together: beside a search through all sets there are, and through the ledger."""

from __future__ import annotations

import numpy as np
import pytest

from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger, Space
from almoner.methods.disclosure.partitions import Categories
from almoner.methods.disclosure.released import state
from almoner.methods.disclosure.unions import determined

A, B, C, D = 1, 2, 4, 8


def test_three_overlaps_in_turn_give_the_two_ends() -> None:
    masks, shares = determined((A | B, B | C, C | D))
    assert A | D in masks
    assert shares[masks.index(A | D)] == pytest.approx([1.0, -1.0, 1.0])


def test_three_overlaps_in_a_ring_give_each_part() -> None:
    masks, shares = determined((A | B, B | C, A | C))
    assert set(masks) >= {A, B, C}
    assert np.abs(shares) == pytest.approx(0.5), "half of one sum less another"


def test_what_only_nests_gives_no_more_than_the_rest() -> None:
    assert set(determined((A | B | C, A))[0]) == {B | C}


@pytest.mark.parametrize("seed", range(40))
def test_every_set_that_is_a_combination_is_made_of_those_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    given = tuple(int(mask) for mask in np.unique(random.integers(1, 64, size=5)))
    found, shares = determined(given)
    inside = np.array([[mask >> bit & 1 for bit in range(6)] for mask in given], dtype=float)
    assert np.allclose(shares @ inside, [[mask >> bit & 1 for bit in range(6)] for mask in found])
    rank = np.linalg.matrix_rank(inside)
    reachable = {
        mask
        for mask in range(1, 64)
        if np.linalg.matrix_rank(np.vstack([inside, [mask >> bit & 1 for bit in range(6)]])) == rank
    }
    parts = {*given, *found}
    assert parts <= reachable
    for mask in reachable:
        assert any(part & mask == part for part in parts), "a part of it is watched"


def test_a_chain_of_drawn_areas_is_not_answered_to_its_end() -> None:
    """41, 100 and 62 people, no overlap small: the last answer makes it known that A and D hold 3."""
    areas = {"drawn:1": {"a", "b"}, "drawn:2": {"b", "c"}, "drawn:3": {"c", "d"}, "drawn:4": {"a", "d"}}
    people = {"a": 1, "b": 40, "c": 60, "d": 2}
    ledger = Ledger(Space({"area": Categories("area", areas)}))
    verdicts = []
    for code in list(areas)[:3]:
        table = state(f"answer {code}", "open", {"area": [code]}, [sum(people[unit] for unit in areas[code])])
        verdicts.append(check(ledger, [table]).passes)
        ledger = ledger.with_tables([table])
    assert verdicts == [True, True, False]
