"""Where people live now, and which of them are a household."""

from __future__ import annotations

from datetime import date

from tests.unit.linkage.mentions import AWAY, HOME, mention, people, run, spine


def test_the_people_of_one_address_are_a_household() -> None:
    rows = [
        mention("h.p/1", "ADAM TALWICK", "1980-05-06", **HOME),
        mention("h.p/2", "RUBY TALWICK", "1981-01-31", **HOME),
    ]
    outcome = run(rows)
    (household,) = outcome.household.to_pylist()
    assert household["kind"] == "private"
    assert set(outcome.household_member["person_id"].to_pylist()) == set(people(outcome).values())


def test_more_people_than_a_household_has_are_communal() -> None:
    letters = "ABCDEFGHIJKLM"
    rows = [
        mention(f"h.p/{n}", f"{x * 5} {x * 7}", f"1940-0{1 + n % 9}-{10 + n}", **HOME) for n, x in enumerate(letters)
    ]
    home = run(rows)
    assert home.household["kind"].to_pylist() == ["communal"]
    assert home.household_member.num_rows == 0, "nobody is a member of somebody else's household there"
    assert home.metrics["households"] == 0
    assert run(rows, previous=spine(home)).household["household_id"] == home.household["household_id"]
    assert run(rows[:12]).household["kind"].to_pylist() == ["private"]
    named = run(rows[:2], communal_addresses=frozenset({HOME["uprn"]}))
    assert named.household["kind"].to_pylist() == ["communal"]


def test_the_latest_delivery_says_where_somebody_lives_now() -> None:
    rows = [
        mention("h.p/1", "ADAM TALWICK", "1980-05-06", as_of=date(2026, 4, 30), **AWAY),
        mention("r.t/1", "ADAM TALWICK", "1980-05-06", as_of=date(2026, 3, 31), starts_on=date(2001, 7, 1), **HOME),
    ]
    outcome = run(rows)
    uprn = dict(zip(outcome.address["address_id"].to_pylist(), outcome.address["uprn"].to_pylist(), strict=True))
    lives = {uprn[row["address_id"]]: row for row in outcome.residence.to_pylist()}
    assert lives[AWAY["uprn"]]["is_current"] and not lives[HOME["uprn"]]["is_current"]
    assert lives[HOME["uprn"]]["starts_on"] == date(2001, 7, 1)
    assert outcome.household.num_rows == 1


def test_an_address_that_nobody_tells_of_any_more_has_ended() -> None:
    gone = mention("r.t/1", "ADAM TALWICK", "1980-05-06", is_live=False, as_of=date(2026, 3, 31), **HOME)
    (residence,) = run([gone]).residence.to_pylist()
    assert (residence["is_current"], residence["standing"]) == (False, "former")
    assert (residence["ends_on"], residence["last_seen_on"]) == (None, date(2026, 3, 31)), "nobody says when it ended"


def test_the_dead_and_the_sealed_are_in_no_household() -> None:
    rows = [
        mention("h.p/1", "ADAM TALWICK", "1930-05-06", dead_on=date(2026, 2, 1), **HOME),
        mention("h.p/2", "RUBY TALWICK", "1981-01-31", **HOME),
        mention("h.p/3", "NOAH TALWICK", "2014-09-30", sealed=True, **HOME),
    ]
    outcome = run(rows)
    assert outcome.household_member["person_id"].to_pylist() == [people(outcome)["h.p/2"]]
    assert people(outcome)["h.p/3"] not in outcome.residence["person_id"].to_pylist()


def test_a_household_keeps_its_id_while_anybody_of_it_stays() -> None:
    rows = [
        mention("h.p/1", "ADAM TALWICK", "1980-05-06", **HOME),
        mention("h.p/2", "RUBY TALWICK", "1981-01-31", **HOME),
    ]
    first = run(rows)
    baby = mention("h.p/3", "NOAH TALWICK", "2026-04-01", **HOME)
    assert run([rows[0], baby], previous=spine(first)).household["household_id"] == first.household["household_id"]
    newcomer = mention("h.p/9", "IDRIS PENFORD", "1951-11-29", **HOME)
    assert run([newcomer], previous=spine(first)).household["household_id"] != first.household["household_id"]


def test_a_person_is_described_by_what_most_records_say() -> None:
    rows = [
        mention("h.p/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", sex="F", **HOME),
        mention("c.e/1", "ZAINAB TALWICK", "1980-05-06", nhs_number="9990000018", **HOME),
        mention("c.e/2", "Z TALWICK", "1980-06-05", nhs_number="9990000018", **HOME),
    ]
    (person,) = run(rows).person.to_pylist()
    assert (person["forename"], person["surname"], person["sex"]) == ("ZAINAB", "TALWICK", "F")
    assert (person["date_of_birth"], person["record_count"]) == (date(1980, 5, 6), 3)
