"""What the ledger keeps is what was entered."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from almoner.methods.disclosure.released import state
from almoner.release.packing import pack, unpack

CODES = st.text(min_size=1, max_size=6)


@given(st.lists(st.tuples(CODES, CODES, st.integers(0, 10**6), st.booleans()), min_size=1, max_size=30))
def test_a_table_comes_back_as_it_was(rows: list[tuple[str, str, int, bool]]) -> None:
    areas, sexes, counts, withheld = zip(*rows, strict=True)
    table = state("R1", "pupils é", {"area": areas, "sex": sexes}, counts, withheld=withheld, base=5)
    back = unpack(pack(table))
    assert (back.release, back.population) == ("R1", "pupils é")
    assert {name: list(codes) for name, codes in back.codes.items()} == {"area": list(areas), "sex": list(sexes)}
    for name in ("low", "high", "exact", "protected"):
        assert np.array_equal(getattr(back, name), getattr(table, name))


def test_nothing_is_run_when_a_table_is_read_back() -> None:
    assert b"pickle" not in pack(state("R1", "p", {"area": ["a"]}, [10]))
