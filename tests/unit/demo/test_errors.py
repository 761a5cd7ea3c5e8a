"""Slips change what they are meant to change, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from almoner.demo import errors
from almoner.demo.chance import choices
from almoner.kernel import identifiers


@pytest.mark.parametrize(
    ("word", "bits", "slip"),
    [
        ("Thompson", 0, "Tohmpson"),
        ("Thompson", 1, "Tompson"),
        ("Thompson", 2, "Thhompson"),
        ("Thompson", 3, "Tgompson"),
        ("Phillips", 4, "Fillips"),
        ("Zoe", 4, "Zo"),
        ("Al", 0, "Al"),
    ],
)
def test_mistype(word: str, bits: int, slip: str) -> None:
    assert errors.mistype(word, bits) == slip


@pytest.mark.parametrize(
    ("name", "bits", "other"),
    [("Mohammed", 0, "Muhammad"), ("Ahmad", 1, "Ahmet"), ("Brenda", 5, "Brenda")],
)
def test_spell_otherwise(name: str, bits: int, other: str) -> None:
    assert errors.spell_otherwise(name, bits) == other


def test_shorten_and_recombine() -> None:
    assert errors.shorten("William", 1) == "Will" and errors.shorten("Aoife", 1) == "Aoife"
    assert [errors.recombine("Patel-Jones", n) for n in range(4)] == [
        "Patel Jones", "Jones", "Patel", "Pateljones",
    ]  # fmt: skip
    assert [errors.recombine("O'Neill", n) for n in range(3)] == ["ONeill", "O Neill", "O’Neill"]


@pytest.mark.parametrize(
    ("right", "swapped"),
    [
        ("1980-03-04", "1980-04-03"),
        ("1980-12-01", "1980-01-12"),
        ("1980-03-25", "1980-03-25"),
        ("NaT", "NaT"),
    ],
)
def test_swap_day_and_month(right: str, swapped: str) -> None:
    days = errors.swap_day_and_month(np.array([right], dtype="datetime64[D]"))
    assert str(days[0]) == swapped


def test_misdate_makes_the_slip_that_is_asked_for() -> None:
    days = np.full(4, np.datetime64("1980-03-04"))
    made = errors.misdate(days, np.arange(4)).astype(str).tolist()
    assert made == ["1980-04-03", "1980-03-05", "1979-03-05", "1980-03-01"]


@pytest.mark.parametrize("bits", range(9))
def test_a_misnumbered_nhs_number_fails_its_check(bits: int) -> None:
    assert identifiers.nhs_number(errors.misnumber("9993446092", bits)) is None


def test_misnumber_leaves_what_has_no_two_different_digits() -> None:
    assert errors.misnumber("1111", 3) == "1111"


@pytest.mark.parametrize("bits", range(4))
def test_badly_spaced_postcodes_and_phones_are_still_readable(bits: int) -> None:
    assert identifiers.postcode(errors.respace_postcode("ZX10 4AB", bits)) == "ZX10 4AB"
    phone = errors.respace_phone("01144960021", bits)
    assert "".join(c for c in phone if c.isdigit()).removeprefix("44").removeprefix("0") == "1144960021"


def test_change_touches_only_flagged_rows_and_leaves_blanks() -> None:
    values = choices(["Robert", "Robert", None])
    changed = errors.change(values, np.zeros(3, dtype=np.uint64), np.array([True, False, True]), errors.shorten)
    assert changed.tolist() == ["Bob", "Robert", None] and values[0] == "Robert"
