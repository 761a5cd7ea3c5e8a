"""Who answers best stands first: by exact names, other forms, typing errors, dates in part, places and numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from almoner.single_view.search_index import digest_of
from almoner.single_view.searching import PeopleIndex, PeopleSearch
from almoner.single_view.wanted import Wanted, read_wanted

Person = tuple[str, str, str, int, str]
PEOPLE: list[Person] = [
    ("JOHN", "SMITH", "F", 19870312, "M14 7JR"),
    ("JON", "SMYTHE", "M", 19870312, "M20 1AB"),
    ("CATHERINE", "OBRIEN", "F", 19900203, "M14 7JR"),
    ("MARY JANE", "SMITH JONES", "F", 19550101, "M1 1AA"),
    ("ALI", "HASSAN", "M", 20010000, "M1 1AA"),
    ("HASSAN", "ALI", "M", 19790505, "M20 1AB"),
    ("THOMAS", "THOMAS", "M", 19600606, "M20 1AB"),
    *[("DAVID", "BROWN", "M", 19700101 + day, "M9 9AA") for day in range(12)],
]
ROLE = {"forename": 1, "middle_names": 2, "known_as": 4, "surname": 8, "previous_surname": 16}


def index_of(people: list[Person], names: list[tuple[int, str, str]] = []) -> PeopleIndex:  # noqa: B006
    """Make an index of people who each live at 10 of a street of their own postcode."""
    every = [(at, ROLE["forename"], each[0]) for at, each in enumerate(people)]
    every += [(at, ROLE["surname"], each[1]) for at, each in enumerate(people)]
    every += [(at, ROLE[role], name) for at, role, name in names]
    postcodes = sorted({each[4] for each in people})
    days = [dt.date(each[3] // 10000, max(each[3] // 100 % 100, 1), max(each[3] % 100, 1)) for each in people]
    count = len(people)
    tables = {
        "people": table(person_id=[f"P{at:012d}" for at in range(count)], forename=[p[0] for p in people],
                        surname=[p[1] for p in people], date_of_birth=days, sex=[p[2] for p in people], withheld=[False] * count),
        "names": pa.table({"person": pa.array([e[0] for e in every], pa.int32()), "role": pa.array([e[1] for e in every], pa.uint8()),
                           "name": [e[2] for e in every]}),
        "births": pa.table({"person": pa.array(range(count), pa.int32()), "day": pa.array([p[3] for p in people], pa.int32())}),
        "numbers": pa.table({"number": pa.array([digest_of(f"uprn:{at}") for at in range(count)], pa.uint64()),
                             "person": pa.array(range(count), pa.int32())}),
        "homes": pa.table({"person": pa.array(range(count), pa.int32()), "address_id": [f"A{p[4]}" for p in people],
                           "is_current": [True] * count}),
        "addresses": table(address_id=[f"A{each}" for each in postcodes], address=[f"10 ROAD {each}" for each in postcodes],
                           flat=[None] * len(postcodes), house_number=["10"] * len(postcodes),
                           street=[f"{word} LANE" for word in ("MOSS", "QUARRY", "ORCHARD", "MILL")[: len(postcodes)]],
                           postcode=postcodes),
        "datasets": table(dataset=["housing.tenancies"]),
    }  # fmt: skip
    return PeopleSearch().make(tables)


def table(**columns: list[Any]) -> pa.Table:
    """Make a table of texts, dates and truths."""
    return pa.table({name: pa.array(each, pa.string()) if each[0] is None else each for name, each in columns.items()})


INDEX = index_of(PEOPLE, [(2, "previous_surname", "DELANEY"), (1, "known_as", "JONNY")])


def found(wanted: Wanted | str, index: PeopleIndex = INDEX, **given: Any) -> list[dict[str, Any]]:
    """Look somebody up."""
    asked = read_wanted(Wanted(wanted) if isinstance(wanted, str) else wanted)
    return index.answer(asked, **{"limit": 10, "hidden": (), "only": (), **given}).to_pylist()


FIRST = [
    ("John Smith 12/03/1987", 0, "forename same, surname same, date of birth same"),
    ("Jon Smyth 12/03/1987 M14", 0, None),
    ("Kate O'Brien", 2, "forename another form of the name, surname same"),
    ("Catherine Delaney 1990", 2, "forename same, surname same, year of birth same"),
    ("obrien katherine 03/02/1990", 2, "names swapped"),
    ("Cathrine Obrein 02/03/1990", 2, "day and month of birth swapped"),
    ("C O'Brien 1990", 2, "forename initial"),
    ("Maryjane Smith-Jones", 3, None),
    ("Mary Jane Smithjones", 3, None),
    ("Ali Hassan", 4, "forename same, surname same"),
    ("Hassan Ali", 5, "forename same, surname same"),
    ("Ali Hassan 14/07/2001", 4, "year of birth same"),
    ("Jonny Smythe", 1, "forename same, surname same"),
    ("John Smith 12/03/1988", 0, "date of birth close"),
    ("David Brown 04/01/1970", 10, "date of birth same"),
]


@pytest.mark.parametrize(("text", "person", "words"), FIRST, ids=[each[0] for each in FIRST])
def test_who_is_meant_stands_first(text: str, person: int, words: str | None) -> None:
    best = found(text)[0]
    assert best["person_id"] == f"P{person:012d}"
    assert words is None or words in best["matched"]


@pytest.mark.parametrize(
    "text", ["Zebedee Quux", "Thomas Quux", "John Quux 01/01/1999", "20 Moss Lane", "NHS 943 476 5919"]
)
def test_nobody_answers_to_what_nobody_is(text: str) -> None:
    assert found(text) == []


def test_one_name_does_not_count_twice() -> None:
    people: list[Person] = [*PEOPLE, ("THOMAS", "BARNES", "M", 19600606, "M20 1AB")]
    assert [row["person_id"][-2:] for row in found("Thomas Thomas", index_of(people))] == ["06"]


def test_too_many_alike_are_one_more_than_the_limit() -> None:
    assert len(found("David Brown")) == 11
    assert len(found("David Brown", limit=12)) == 12
    assert len(found("David Brown 1970 M9 9AA")) == 11


def test_ties_are_in_the_order_of_the_ids() -> None:
    ids = [row["person_id"] for row in found("David Brown", limit=12)]
    assert ids == sorted(ids)


def test_an_exact_answer_keeps_the_others_away() -> None:
    assert len(found("John Smith 12/03/1987 M14 7JR")) == 1


def test_whom_the_permit_does_not_give_is_not_found() -> None:
    assert found("John Smith 12/03/1987", hidden=["P000000000000"], limit=10)[:1] != found("John Smith 12/03/1987")[:1]
    assert [row["person_id"] for row in found("John Smith", only=["P000000000001"])] in ([], ["P000000000001"])


def test_a_house_finds_who_lives_there() -> None:
    asked = Wanted(address="10", postcode="M14 7JR")
    assert {row["person_id"][-2:] for row in found(asked)} == {"00", "02"}
    assert found(Wanted(address="11", postcode="M14 7JR")) == []


def test_a_number_finds_its_bearer() -> None:
    assert [row["person_id"][-2:] for row in found(Wanted(number="3"))] == ["03"]
    assert found(Wanted(number="3"))[0]["matched"] == "number same"


def test_an_index_outlasts_being_kept() -> None:
    again = PeopleSearch().open(dict(INDEX.arrays()))
    assert found("Kate O'Brien", again) == found("Kate O'Brien")
    assert again.people == len(PEOPLE)


def test_an_index_of_nobody_answers_nobody() -> None:
    tables = {name: each.slice(0, 0) for name, each in _empty().items()}
    assert found("John Smith 1987 M14", PeopleSearch().make(tables)) == []
    assert found("12 Moss Lane M14 7JR", PeopleSearch().make(tables)) == []


def _empty() -> dict[str, pa.Table]:
    texts = {
        "people": ("person_id", "forename", "surname", "sex"),
        "addresses": ("address_id", "address", "flat", "house_number", "street", "postcode"),
    }
    made = {name: pa.table({each: pa.array([], pa.string()) for each in columns}) for name, columns in texts.items()}
    made["people"] = (
        made["people"]
        .append_column("date_of_birth", pa.array([], pa.date32()))
        .append_column("withheld", pa.array([], pa.bool_()))
    )
    made["names"] = pa.table(
        {"person": pa.array([], pa.int32()), "role": pa.array([], pa.uint8()), "name": pa.array([], pa.string())}
    )
    made["births"] = pa.table({"person": pa.array([], pa.int32()), "day": pa.array([], pa.int32())})
    made["numbers"] = pa.table({"number": pa.array([], pa.uint64()), "person": pa.array([], pa.int32())})
    made["homes"] = pa.table(
        {
            "person": pa.array([], pa.int32()),
            "address_id": pa.array([], pa.string()),
            "is_current": pa.array([], pa.bool_()),
        }
    )
    made["datasets"] = pa.table({"dataset": pa.array([], pa.string())})
    return made
