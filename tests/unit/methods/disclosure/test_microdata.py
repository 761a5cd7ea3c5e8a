"""An extract is refused if anybody stands alone in it, or all who look alike share a secret."""

from __future__ import annotations

import math

import pytest

from almoner.kernel.errors import CalculationError
from almoner.methods.disclosure.microdata import entropy_diversity, judge_extract

# Source: Machanavajjhala et al. (2007), figures 1 to 3: the inpatients, four-anonymous and then three-diverse.
FOUR_ANONYMOUS = {"zip": ["130**"] * 4 + ["1485*"] * 4 + ["130**"] * 4, "age": ["<30"] * 4 + [">=40"] * 4 + ["3*"] * 4}
CONDITIONS = ["heart", "heart", "viral", "viral", "cancer", "heart", "viral", "viral"] + ["cancer"] * 4
THREE_DIVERSE = {"zip": ["1305*"] * 4 + ["1485*"] * 4 + ["1306*"] * 4, "age": ["<=40"] * 4 + [">40"] * 4 + ["<=40"] * 4}
DIVERSE = [
    "heart",
    "viral",
    "cancer",
    "cancer",
    "cancer",
    "heart",
    "viral",
    "viral",
    "heart",
    "viral",
    "cancer",
    "cancer",
]


def test_the_published_inpatients_are_four_anonymous_and_all_of_one_class_have_cancer():
    found = judge_extract(FOUR_ANONYMOUS, {"condition": CONDITIONS}, smallest_class=4)
    assert found.smallest_class == 4 and not found.lonely.any()
    assert found.fewest_secrets == {"condition": 1} and found.telling["condition"].sum() == 4
    assert not found.passes


def test_the_published_remedy_is_three_diverse():
    found = judge_extract(THREE_DIVERSE, {"condition": DIVERSE}, smallest_class=4, fewest_secrets=3)
    assert found.passes and found.fewest_secrets == {"condition": 3}
    # 1, 1, 2 of four: e to the entropy.
    assert entropy_diversity(THREE_DIVERSE, DIVERSE) == pytest.approx(
        math.exp(2 * 0.25 * math.log(4) + 0.5 * math.log(2))
    )


def test_who_has_no_value_is_alone_with_that():
    found = judge_extract({"age": [30] * 5 + [None]})
    assert found.smallest_class == 1 and found.lonely.tolist() == [False] * 5 + [True]


def test_columns_of_different_length_are_refused():
    with pytest.raises(CalculationError):
        judge_extract({"age": [1, 2], "sex": ["f"]})
    with pytest.raises(CalculationError):
        judge_extract({})


def test_an_empty_extract_has_nobody_in_it():
    assert judge_extract({"age": []}, {"secret": []}).passes
