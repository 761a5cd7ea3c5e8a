"""What a disposal takes away can be written down, read back, joined, and narrowed to what is still due."""

from __future__ import annotations

import numpy as np

from almoner.disposal.work import Work, joined, packed, still_due, unpacked
from almoner.store.barred import Reference
from almoner.store.rewriting import row_ids

SHIFT = 1 << 32
ONE = Reference("a.b", "", 1, "x" * 64)
TWO = Reference("a.b", "tenant", 2, "y" * 64)
WORK = Work(
    rows=row_ids([3 * SHIFT + 5, SHIFT + 1, SHIFT + 2]),
    quarantined=row_ids([2 * SHIFT + 9]),
    emptied=row_ids([7]),
    people={("a.b", "joint"): row_ids([4 * SHIFT + 4])},
    gone=("P1",),
    references=(ONE,),
)


def same(one: Work, other: Work) -> bool:
    """Say whether two works are one."""
    arrays = all(
        np.array_equal(getattr(one, n), getattr(other, n)) for n in ("rows", "anonymised", "quarantined", "emptied")
    )
    people = {key: rows.tolist() for key, rows in one.people.items()}
    return (
        arrays
        and people == {key: rows.tolist() for key, rows in other.people.items()}
        and ((one.gone, one.references) == (other.gone, other.references))
    )


def test_it_comes_back_as_it_was_written() -> None:
    assert same(unpacked(packed(WORK)), WORK)
    assert same(unpacked(packed(Work())), Work())


def test_it_knows_its_deliveries_and_what_each_holds_of_it() -> None:
    assert WORK.deliveries() == {1, 2, 3, 4, 7}
    assert WORK.of_delivery(1).rows.tolist() == [SHIFT + 1, SHIFT + 2]
    assert WORK.of_delivery(4).people[("a.b", "joint")].tolist() == [4 * SHIFT + 4]
    assert not WORK.of_delivery(5)
    assert WORK.of_delivery(7).emptied.tolist() == [7]


def test_several_are_one() -> None:
    both = joined([WORK, Work(rows=row_ids([SHIFT + 1, 9 * SHIFT]), references=(ONE, TWO))])
    assert both.rows.tolist() == [SHIFT + 1, SHIFT + 2, 3 * SHIFT + 5, 9 * SHIFT]
    assert both.references == (ONE, TWO)
    assert not joined([])


def test_what_is_due_no_longer_stays() -> None:
    planned = Work(rows=row_ids([1, 2, 3]), emptied=row_ids([7, 8]), references=(ONE, TWO))
    now = Work(rows=row_ids([2, 3, 4]), emptied=row_ids([8]), references=(TWO,))
    left = still_due(planned, now)
    assert (left.rows.tolist(), left.emptied.tolist(), left.references) == ([2, 3], [8], (TWO,))
