"""What is typed is read as it was meant: dates, places, numbers and names, each spelt as records are."""

from __future__ import annotations

import datetime as dt

import pytest

from almoner.kernel.errors import UsageError
from almoner.single_view.dates import Born, read_born
from almoner.single_view.wanted import Asked, Wanted, name_words, read_wanted, read_words, wanted_of

TEXTS = [
    ("jon smyth 12/03/1987 M14", Asked(("JON", "SMYTH"), Born(1987, 3, 12), district="M14")),
    ("O'Brien Siobhan 1990", Asked(("OBRIEN", "SIOBHAN"), Born(1990))),
    ("Siobhán O’Brien, 3 March 1990", Asked(("SIOBHAN", "OBRIEN"), Born(1990, 3, 3))),
    ("Smith, John M14 7JR", Asked(("JOHN", "SMITH"), postcode="M14 7JR")),
    ("john smith m147jr", Asked(("JOHN", "SMITH"), postcode="M14 7JR")),
    ("12 moss lane", Asked(house="12", street="MOSS LANE")),
    ("jane doe 12a moss ln", Asked(("JANE", "DOE"), house="12", flat="A", street="MOSS LANE")),
    ("flat 3, 12 moss lane john smith", Asked(("JOHN", "SMITH"), house="12", flat="3", street="MOSS LANE")),
    ("susan lane 1970", Asked(("SUSAN", "LANE"), Born(1970))),
    ("NHS 943 476 5919", Asked(numbers=("nhs_number:9434765919", "uprn:9434765919"), keys=("9434765919",))),
    ("Jean-Luc Smith", Asked(("JEAN", "LUC", "SMITH"))),
    ("MR D Silva", Asked(("DSILVA",))),
    ("D Smith", Asked(("D", "SMITH"))),
    ("John Smith HB12345", Asked(("JOHN", "SMITH"), keys=("HB12345",))),
    ("smith 31/02/1987", Asked(("SMITH",), Born(1987, 2))),
    ("PXK9B24HM1346", Asked(person_id="PXK9B24HM1346")),
]


@pytest.mark.parametrize(("text", "asked"), TEXTS, ids=[text for text, _ in TEXTS])
def test_free_text_is_read_as_it_was_meant(text: str, asked: Asked) -> None:
    assert read_words(text) == asked


DATES = {
    "1987-03-21": Born(1987, 3, 21), "21/03/1987": Born(1987, 3, 21), "21.3.87": Born(1987, 3, 21),
    "March 1987": Born(1987, 3), "03/1987": Born(1987, 3), "1987-03": Born(1987, 3), "1987": Born(1987),
    "21st March 1987": Born(1987, 3, 21), "21031987": Born(1987, 3, 21), "03/21/1987": Born(1987, 3, 21),
}  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_dates_are_read_whole_or_in_part(text: str) -> None:
    assert read_born(text) == DATES[text]


@pytest.mark.parametrize("text", ["", "yesterday", "1687", "21/03/1987 or later", "99999999"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_born(text)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("O'Brien", ("OBRIEN",)), ("O Brien", ("OBRIEN",)), ("Mc Donald", ("MCDONALD",)), ("Łukasz Ståhl", ("LUKASZ", "STAHL")),
        ("dr  who", ("WHO",)), ("Smith-Jones", ("SMITH", "JONES")), ("Müller, Jörg", ("JORG", "MULLER")), ("李", ()),
    ],
)  # fmt: skip
def test_names_are_spelt_as_records_are(name: str, words: tuple[str, ...]) -> None:
    assert name_words(name) == words


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(), Wanted("   "), Wanted("J"), Wanted("1987"), Wanted("M14 7JR"), Wanted(postcode="M14 7JR"), Wanted("12/03/1987"),
        Wanted(address="Moss Lane"), Wanted(sex="F"), Wanted(date_of_birth=dt.date(1987, 3, 12)), Wanted("'; DROP TABLE --1"[:3]),
    ],
)  # fmt: skip
def test_what_would_list_people_is_refused(wanted: Wanted) -> None:
    with pytest.raises(UsageError, match="Say whom"):
        read_wanted(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("Smith"), Wanted("", dt.date(1987, 3, 12), "M14 7JR"), Wanted(number="9434765919"), Wanted("12 Moss Lane"),
        Wanted(address="12", postcode="M14 7JR"), Wanted(record="housing/tenancies/T10"),
    ],
)  # fmt: skip
def test_what_names_somebody_is_looked_for(wanted: Wanted) -> None:
    assert read_wanted(wanted).says_enough()


def test_fields_go_before_what_was_typed() -> None:
    asked = read_wanted(Wanted("Smith 1970 M1", dt.date(1987, 3, 12), "M14", "12 Moss Lane", sex="female"))
    assert asked.born == Born(1987, 3, 12)
    assert (asked.district, asked.house, asked.street, asked.sex) == ("M14", "12", "MOSS LANE", "F")


def test_a_record_is_named_in_three_parts() -> None:
    assert read_wanted(Wanted(record="a/b/c/d")).numbers == ("record:a.b/C/D",)
    with pytest.raises(UsageError, match="SOURCE"):
        read_wanted(Wanted(record="housing.tenancies T10"))


def test_a_row_is_looked_for_by_what_it_says() -> None:
    row = {"forename": "JON", "surname": "VAN DER BERG", "date_of_birth": dt.date(1987, 1, 1), "birth_year_only": True,
           "nhs_number": "9434765919", "postcode": "M14 7JR", "sex": "M", "uprn": None}  # fmt: skip
    asked = read_wanted(wanted_of(row))
    assert asked.words == ("JON", "VAN", "DER", "BERG")
    assert asked.born == Born(1987)
    assert (asked.numbers, asked.postcode, asked.sex) == (("nhs_number:9434765919",), "M14 7JR", "M")


def test_a_long_text_is_cut_and_never_fails() -> None:
    assert len(read_words("smith " * 10_000).words) <= 6
