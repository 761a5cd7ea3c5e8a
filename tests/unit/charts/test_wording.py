"""Numbers carry their unit, the same everywhere."""

from __future__ import annotations

import pytest

from almoner.charts.wording import bare_title, interval_text, never_a_formula, number_text, tick_text


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (1240, "count", 0, "1,240"),
        (3.456, "percent", 1, "3.5%"),
        (214.4, "pounds", 0, "£214"),
        (-5, "pounds", 0, "−£5"),
        (12.34, "per_1000", 1, "12.3"),
        (0.337, "score", 3, "0.337"),
    ],
)
def test_numbers_carry_their_unit(value: float, unit: str, decimals: int, text: str):
    assert number_text(value, unit, decimals) == text


def test_ticks_have_no_more_decimals_than_they_need():
    assert tick_text(20.0, "percent") == "20%"
    assert tick_text(0.5, "score") == "0.5" and tick_text(30000.0, "count") == "30,000"


def test_an_interval_is_whole_or_not_there():
    assert interval_text(3.04, 6.9, 1) == "3.0 to 6.9"
    assert interval_text(None, 6.9, 1) == "" == interval_text(3.0, None, 1)


@pytest.mark.parametrize(
    ("title", "within"), [("Ward, 2023", "ward"), ("LSOA, 2021", "LSOA"), ("Small area", "small area")]
)
def test_titles_within_a_sentence(title: str, within: str):
    assert bare_title(title) == within


@pytest.mark.parametrize("text", ["=1+1", "+44 161", "-1-2", "@x", "\tx", "\rx", "\nx", "-", "-5x"])
def test_a_text_is_no_formula(text: str):
    assert never_a_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-5.25", "5", "Ward", ""])
def test_numbers_and_words_stay_as_they_are(text: str):
    assert never_a_formula(text) == text
