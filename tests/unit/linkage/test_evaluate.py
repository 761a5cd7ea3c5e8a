"""The measures of quality, against a slow count and known answers."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from almoner.linkage.evaluate import b_cubed, pairwise

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12)


@given(LABELS)
def test_pairs_are_counted_as_a_slow_count_would(labels: list[tuple[int, int]]) -> None:
    found = {n: label[0] for n, label in enumerate(labels)}
    truth = {n: label[1] for n, label in enumerate(labels)}
    joined = {pair for pair in combinations(found, 2) if found[pair[0]] == found[pair[1]]}
    true = {pair for pair in combinations(truth, 2) if truth[pair[0]] == truth[pair[1]]}
    quality = pairwise(found, truth)
    assert (quality.found_pairs, quality.true_pairs) == (len(joined), len(true))
    assert quality.right_pairs == len(joined & true)


def test_known_answers() -> None:
    truth = dict(zip("abcdef", [1, 1, 1, 2, 2, 3], strict=True))
    found = dict(zip("abcdef", [1, 1, 2, 2, 2, 3], strict=True))
    quality = pairwise(found, truth)
    assert (quality.precision, quality.recall) == (2 / 4, 2 / 4)
    cubed = b_cubed(found, truth)
    assert round(cubed.precision, 4) == round((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3 + 1) / 6, 4)
    assert round(cubed.recall, 4) == round((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6, 4)


def test_records_without_a_truth_are_left_out() -> None:
    assert pairwise({"a": 1, "b": 1, "x": 1}, {"a": 7, "b": 7}).found_pairs == 1


def test_nothing_joined_is_precise_and_recalls_nothing() -> None:
    quality = pairwise({"a": 1, "b": 2}, {"a": 7, "b": 7})
    assert (quality.precision, quality.recall, quality.f1) == (1.0, 0.0, 0.0)
