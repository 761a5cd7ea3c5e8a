"""The columns of a file against those declared: what is refused, and what the refusal says."""

from __future__ import annotations

import pytest

from almoner.intake.readers.batch import Wanted
from almoner.intake.readers.header import place_columns, shown
from almoner.kernel.errors import DeliveryRefused

WANTED = {
    "Forename": Wanted(),
    "Surname": Wanted(),
    "Date of Birth": Wanted(),
    "Phone": Wanted(required=False),
}


def refusal(found: list[str], ignore: tuple[str, ...] = ()) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        place_columns(found, WANTED, ignore, "people.csv")
    return "\n".join(caught.value.lines())


def test_names_match_without_regard_to_case_and_outer_spaces() -> None:
    places = place_columns([" surname", "FORENAME ", "date of birth", "Spare"], WANTED, ["spare"], "people.csv")
    assert places == {"Forename": 1, "Surname": 0, "Date of Birth": 2, "Phone": None}


def test_all_missing_and_extra_columns_are_listed_with_the_closest_name() -> None:
    text = refusal(["Forename", "Surnames", "DateOfBirth", "Shoe Size"])
    assert "2 missing: 'Surname' (perhaps 'Surnames'), 'Date of Birth' (perhaps 'DateOfBirth')" in text
    assert (
        "3 not declared: 'Surnames' (perhaps 'Surname'), 'DateOfBirth' (perhaps 'Date of Birth'), 'Shoe Size'" in text
    )


def test_inner_spaces_are_part_of_a_name() -> None:
    assert "'Date  of Birth'" in refusal(["Forename", "Surname", "Date  of Birth"])


def test_a_column_may_not_come_twice() -> None:
    text = refusal(["Forename", "Surname", "surname ", "Date of Birth"])
    assert "1 more than once: 'surname'" in text


def test_ignored_columns_may_come_twice_and_without_a_name() -> None:
    found = ["Forename", "Surname", "Date of Birth", "", "x", "X", ""]
    assert place_columns(found, WANTED, ["", "x"], "f")["Surname"] == 1


def test_a_column_without_a_name_is_an_extra_one() -> None:
    assert "1 not declared: (no name)" in refusal(["Forename", "Surname", "Date of Birth", ""])


def test_what_may_be_data_in_place_of_a_header_is_not_shown() -> None:
    text = refusal(["ALICE", "LIDDELL", "04/05/1852"])
    assert "none of the declared columns" in text
    assert not any(value in text for value in ("ALICE", "LIDDELL", "1852"))


def test_all_optional_columns_do_not_let_data_pass_as_a_header() -> None:
    with pytest.raises(DeliveryRefused) as caught:
        place_columns(["ALICE"], {"Phone": Wanted(required=False)}, (), "f")
    assert "ALICE" not in "\n".join(caught.value.lines())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UPRN", "'UPRN'"),
        ("", "(no name)"),
        ("x" * 65, "(a name of 65 characters)"),
        ("07700 900123", "(a name of 12 characters)"),
    ],
)
def test_a_name_that_may_be_a_value_is_only_described(name: str, text: str) -> None:
    assert shown(name) == text


def test_a_wide_file_gives_a_readable_message() -> None:
    text = refusal(["Forename", *(f"column {chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(100))])
    assert "100 not declared" in text
    assert "and 70 more" in text


def test_the_refusal_of_undeclared_columns_says_how_to_leave_them_out() -> None:
    assert "ignore = ['Shoe Size', 'Hat']" in refusal(["Forename", "Surname", "Date of Birth", "Shoe Size", "Hat"])
    assert "ignore" not in refusal(["Forename", "Surname"])
