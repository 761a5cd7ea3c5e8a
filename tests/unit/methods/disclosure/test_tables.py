"""Tables of two and three dimensions with hierarchies: nothing withheld can be worked out."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from almoner.methods.disclosure.attacker import deduce
from almoner.methods.disclosure.secondary import withhold
from almoner.methods.disclosure.sums import sums_of
from almoner.methods.disclosure.tables import number_cells, table_groups

PLACE = {"place": ["north", "south"], "north": ["n1", "n2"], "south": ["s1", "s2", "s3"]}
OTHER_WAY = {"place": ["east", "west"]}
AGE = {"all": ["young", "old"], "old": ["65", "80"]}
SEX = {"both": ["f", "m"]}


def _leaves(hierarchy, top):
    return [leaf for part in hierarchy[top] for leaf in _leaves(hierarchy, part)] if top in hierarchy else [top]


def _counts(cells, hierarchies, inner):
    def count(position):
        leaves = [_leaves(h, code) for h, code in zip(hierarchies, position, strict=True)]
        return sum(inner[tuple(all_leaves)] for all_leaves in np.array(np.meshgrid(*leaves)).T.reshape(-1, len(leaves)))

    return np.array([count(position) for position in cells], dtype=float)


def _check(cells, hierarchies, counts):
    groups = table_groups(cells, [[h] for h in hierarchies])
    small = (counts > 0) & (counts <= 4)
    withheld = withhold(counts, small, groups, 4)
    assert np.all(withheld[small]) and not np.any(withheld & (counts == 0))
    low, high = deduce(sums_of(groups), np.where(withheld, 1, counts), np.where(withheld, np.inf, counts))
    assert np.all((high - low)[small] >= 4)
    return withheld


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=15, max_size=15))
def test_two_dimensions_with_hierarchies(values):
    leaves = [_leaves(PLACE, "place"), _leaves(AGE, "all")]
    inner = {(a, b): values[i * 3 + j] for i, a in enumerate(leaves[0]) for j, b in enumerate(leaves[1])}
    codes = [["place", "north", "south", *leaves[0]], ["all", "old", *leaves[1]]]
    cells = number_cells([codes])
    _check(cells, [PLACE, AGE], _counts(cells, [PLACE, AGE], inner))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=30, max_size=30))
def test_three_dimensions_with_hierarchies(values):
    leaves = [_leaves(PLACE, "place"), _leaves(AGE, "all"), ["f", "m"]]
    inner = {
        (a, b, c): values[(i * 3 + j) * 2 + k]
        for i, a in enumerate(leaves[0])
        for j, b in enumerate(leaves[1])
        for k, c in enumerate(leaves[2])
    }
    codes = [["place", "north", "south", *leaves[0]], ["all", "old", *leaves[1]], ["both", "f", "m"]]
    cells = number_cells([codes])
    _check(cells, [PLACE, AGE, SEX], _counts(cells, [PLACE, AGE, SEX], inner))


def test_linked_tables_share_their_cells():
    """Area by age, and area by sex: the areas' totals stand in both."""
    cells = number_cells(
        [[["place", "n", "s"], ["all", "young", "old"], ["both"]], [["place", "n", "s"], ["all"], ["both", "f", "m"]]]
    )
    assert len(cells) == 9 + 6
    groups = table_groups(cells, [[{"place": ["n", "s"]}], [{"all": ["young", "old"]}], [SEX]])
    number = cells["n", "all", "both"]
    assert sum(group.total == number for group in groups) == 2
    assert sum(number in group.parts for group in groups) == 1


def test_a_place_split_in_two_ways_gives_two_sums():
    cells = number_cells([[["place", "north", "south", "east", "west"]]])
    assert len(table_groups(cells, [[PLACE, OTHER_WAY]])) == 2
