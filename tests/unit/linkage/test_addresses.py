"""Which texts are one address, and which stay apart."""

from __future__ import annotations

import pytest

from tests.unit.linkage.mentions import mention, run


def places(*addresses: dict[str, str | None]) -> list[str | None]:
    """Give the current address id of one unlike person for each address."""
    rows = [
        mention(f"a.b/{n}", f"{'ABCDEFG'[n] * 5} {'TUVWXYZ'[n] * 6}", f"19{n}0-0{n + 1}-1{n}", **address)
        for n, address in enumerate(addresses)
    ]
    outcome = run(rows)
    assert outcome.metrics["persons"] == len(rows)
    home = {row["person_id"]: row["address_id"] for row in outcome.residence.to_pylist()}
    people = {row["record_id"]: row["person_id"] for row in outcome.person_record.to_pylist()}
    return [home.get(people[str(n)]) for n in range(len(rows))]


def at(
    house: str | None, street: str | None, postcode: str | None, flat: str | None = None, uprn: str | None = None
) -> dict[str, str | None]:
    return {"house_number": house, "street": street, "postcode": postcode, "flat": flat, "uprn": uprn}


OAK = at("12", "OAK ROAD", "M1 1AA", uprn="990000000001")

SAME = {
    "the text without its UPRN": at("12", "OAK ROAD", "M1 1AA"),
    "the UPRN without the text": at(None, None, None, uprn="990000000001"),
    "a street misspelt": at("12", "OAK RAOD", "M1 1AA"),
    "no street": at("12", None, "M1 1AA"),
    "no postcode, where no other place has the text": at("12", "OAK ROAD", None),
    "one slip in the postcode": at("12", "OAK ROAD", "M1 1AB"),
    "the UPRN with a text of its own": at("12A", "OAKE ROAD", "M1 1AC", uprn="990000000001"),
}
LIME = at("78", "LIME STREET", "M15 5FG", flat="4", uprn="990000000007")
OTHER = {
    "the next house": at("14", "OAK ROAD", "M1 1AA"),
    "a flat of the house": at("12", "OAK ROAD", "M1 1AA", flat="2"),
    "another street of the postcode": at("12", "ELM GROVE", "M1 1AA"),
    "the same text in a far postcode": at("12", "OAK ROAD", "SK8 4GH"),
    "another UPRN": at("12", "OAK ROAD", "M1 1AA", uprn="990000000009"),
}


@pytest.mark.parametrize("address", SAME.values(), ids=SAME)
def test_one_address(address: dict[str, str | None]) -> None:
    first, second = places(OAK, address)
    assert first is not None
    assert first == second


@pytest.mark.parametrize("address", OTHER.values(), ids=OTHER)
def test_two_addresses(address: dict[str, str | None]) -> None:
    first, second = places(OAK, address)
    assert None not in (first, second)
    assert first != second


def test_a_text_that_could_be_two_places_stays_its_own() -> None:
    far = at("12", "OAK ROAD", "SK8 4GH", uprn="990000000007")
    here, there, unknown = places(OAK, far, at("12", "OAK ROAD", None))
    assert len({here, there, unknown}) == 3


def test_nothing_said_is_no_address() -> None:
    assert places(OAK, at(None, None, None))[1] is None
    assert places(OAK, at(None, None, "M1 1AA"))[1] is None


def test_the_address_is_written_as_it_mostly_is() -> None:
    rows = [
        mention("a.b/1", "ADAM TALWICK", "1980-05-06", **at("12", "OAK ROAD", "M1 1AA", uprn="990000000001")),
        mention("a.b/2", "RUBY PENFORD", "1990-08-01", **at("12", "OAK ROAD", "M1 1AA")),
        mention("a.b/3", "NOAH SEDLEY", "2001-02-28", **at("12", "OAK RAOD", "M1 1AA")),
    ]
    (address,) = run(rows).address.to_pylist()
    assert (address["street"], address["postcode"], address["uprn"]) == ("OAK ROAD", "M1 1AA", "990000000001")


def test_a_flat_in_a_named_building_is_the_flat_of_the_numbered_one() -> None:
    numbered, named = places(LIME, at(None, "LIME STREET", "M15 5FG", flat="4"))
    assert numbered is not None
    assert numbered == named


def test_a_flat_that_two_buildings_have_stays_its_own() -> None:
    other = at("80", "LIME STREET", "M15 5FG", flat="4", uprn="990000000008")
    one, two, named = places(LIME, other, at(None, "LIME STREET", "M15 5FG", flat="4"))
    assert len({one, two, named}) == 3
