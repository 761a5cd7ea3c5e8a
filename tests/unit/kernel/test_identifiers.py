"""National identifiers, in plain Python: published examples, forms, and single wrong digits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from almoner.kernel.identifiers import nhs_number, nino, postcode, uln, upn, uprn


@pytest.mark.parametrize(
    ("check", "text", "canonical"),
    [
        (nhs_number, "943 476 5919", "9434765919"),  # NHS Data Dictionary
        (nhs_number, "943476591٩", None),  # an Arabic digit
        (nhs_number, "1111111111", None),
        (nino, "AE 12 34 56 C", "AE123456C"),
        (nino, "QQ123456C", None),
        (upn, "H801200001001", "H801200001001"),
        (upn, "H80120000100B", "H80120000100B"),
        (upn, "S801200001001", None),
        (uln, "1000000043", "1000000043"),
        (uprn, "000123.0", "123"),
        (uprn, "0000", None),
        (postcode, "sw1a1aa", "SW1A 1AA"),
        (postcode, "M2O OLD", "M20 0LD"),
        (postcode, "ı20 1AA", None),  # a dotless i is no letter I
        (postcode, "AA", None),
    ],
)
def test_published_and_near(check: Callable[[str | None], str | None], text: str, canonical: str | None) -> None:
    assert check(text) == canonical


@pytest.mark.parametrize("check", [nhs_number, nino, upn, uln, uprn, postcode])
@pytest.mark.parametrize("text", [None, "", "  ", "-", "n/a"])
def test_nothing_gives_nothing(check: Callable[[str | None], str | None], text: str | None) -> None:
    assert check(text) is None


@given(stem=st.from_regex("[0-9]{9}", fullmatch=True), place=st.integers(0, 9), other=st.integers(1, 9))
def test_one_wrong_digit_fails_an_nhs_number(stem: str, place: int, other: int) -> None:
    valid = [stem + str(digit) for digit in range(10) if nhs_number(stem + str(digit))]
    assert len(valid) <= 1
    assume(valid)
    number = valid[0]
    wrong = number[:place] + str((int(number[place]) + other) % 10) + number[place + 1 :]
    assert nhs_number(wrong) is None


@given(stem=st.from_regex("[1-9][0-9]{8}", fullmatch=True), place=st.integers(0, 9), other=st.integers(1, 9))
def test_one_wrong_digit_fails_a_learner_number(stem: str, place: int, other: int) -> None:
    valid = [stem + str(digit) for digit in range(10) if uln(stem + str(digit))]
    assert len(valid) <= 1
    assume(valid)
    number = valid[0]
    assert uln(number[:place] + str((int(number[place]) + other) % 10) + number[place + 1 :]) is None


@given(st.from_regex("[0-9]{12}", fullmatch=True))
def test_each_pupil_number_has_one_check_letter(digits: str) -> None:
    assert sum(upn(letter + digits) is not None for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 1


@given(st.from_regex("[A-Z]{2}[0-9]{6}[A-D]?", fullmatch=True))
def test_nino_prefixes_as_the_manual_words_them(number: str) -> None:
    """The pattern is written out prefix by prefix; here the manual's sentences judge it."""
    first, second = number[0], number[1]
    letters = first not in "DFIQUV" and second not in "DFIOQUV"
    allocated = number[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
    dummy = number[:8] in {"AA000000", "AB123456"}
    assert nino(number) == (number if letters and allocated and not dummy else None)
