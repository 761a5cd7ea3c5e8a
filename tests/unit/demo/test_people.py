"""The people are whole: families hang together, hard cases are there, nobody is what cannot be."""

from __future__ import annotations

import re

import numpy as np
import pytest

from almoner.demo.households import Role
from almoner.demo.months import MONTHS, birthday, whole_years
from almoner.demo.names import feminine, fold
from almoner.demo.people import NOBODY, People
from almoner.demo.town import Town, raise_town
from tests.unit.demo.conftest import PEOPLE


@pytest.fixture(scope="module")
def people(town: Town) -> People:
    """Give the people of the borough."""
    return town.people


def test_the_first_month_has_the_people_that_were_asked_for(people: People) -> None:
    lately_dead = (people.died <= MONTHS[0].last).sum()
    away = people.looked_after[0] & ~people.present[0] & np.isnat(people.died)
    assert people.present[0].sum() + lately_dead + away.sum() == PEOPLE


@pytest.mark.parametrize(("size", "seed"), [(200, 1), (333, 2), (777, 3)])
def test_small_boroughs_have_every_hard_case(size: int, seed: int) -> None:
    people = raise_town(size, seed).people
    assert people.twin.sum() >= 2
    assert people.looked_after[0].sum() >= 6
    assert people.do_not_disclose.any()
    assert people.is_former().sum() >= 3
    assert (people.born > MONTHS[0].last).any(), "a birth"
    assert (people.died > MONTHS[0].last).any() and (people.died <= MONTHS[0].last).any(), "deaths"
    assert (people.home[0] != people.home[1]).any(), "moves"


def test_parents_are_older_than_their_children(people: People) -> None:
    for parent, oldest in ((people.mother, 56), (people.father, 75)):
        child = np.flatnonzero(parent >= 0)
        years = (people.born[child] - people.born[parent[child]]).astype(int) / 365.2425
        assert years.min() > 15.5 and years.max() < oldest


def test_twins_share_mother_household_and_birthday(people: People) -> None:
    twins = np.flatnonzero(people.twin)
    days: dict[tuple[int, str], int] = {}
    for row in twins.tolist():
        key = (
            int(people.mother[row]) if people.mother[row] >= 0 else int(people.father[row]),
            str(people.born[row]),
        )
        days[key] = days.get(key, 0) + 1
    assert days and all(count >= 2 for count in days.values())


def test_some_sons_bear_their_fathers_name_at_his_address(people: People) -> None:
    sons = np.flatnonzero((people.father >= 0) & ~people.female & (people.role == Role.CHILD))
    same = people.forename[sons] == people.forename[people.father[sons]]
    assert 1 <= same.sum() < 0.2 * len(sons)


def test_partners_are_each_others(people: People) -> None:
    for month in (0, 1):
        partner = people.partner[month]
        paired = np.flatnonzero(partner >= 0)
        assert len(paired) and np.array_equal(partner[partner[paired]], paired)


def test_brothers_and_sisters_have_different_forenames(people: People) -> None:
    rows = np.flatnonzero((people.mother >= 0) & np.isin(people.role, [Role.CHILD, Role.STEP_CHILD, Role.NEWBORN]))
    rows = rows[~people.is_former()[rows]]
    names = [f"{people.mother[row]}/{people.forename[row]}" for row in rows.tolist()]
    assert len(names) - len(set(names)) <= 2  # an adopted child may get a name that is there


def test_former_identities_share_no_number_and_are_in_no_household(people: People) -> None:
    now = np.flatnonzero(people.sealed_from != NOBODY)
    former = people.sealed_from[now]
    assert people.is_former()[former].all() and not people.present[:, former].any()
    assert (people.nhs[now] != people.nhs[former]).all()
    assert (people.forename[now] != people.forename[former]).any()
    assert not any(people.upn[former]) and not any(people.phone[former])
    assert len(set(people.nhs.tolist())) == len(people)


def test_who_is_present_is_alive_and_lives_in_the_borough(town: Town, people: People) -> None:
    for month in (0, 1):
        here = people.present[month]
        assert town.dwellings.inside()[people.home[month][here]].all()
        assert (people.born[here] <= MONTHS[month].last).all()
        assert not (people.died[here] <= MONTHS[month].last).any()


def test_a_month_brings_every_kind_of_event(people: People) -> None:
    both = people.always_present()
    assert (people.surname[0] != people.surname[1]).any(), "a wedding"
    assert ((people.partner[0] >= 0) & (people.partner[1] < 0) & both).any(), "a parting"
    assert (people.present[0] & ~people.present[1] & np.isnat(people.died)).any(), "somebody leaves"
    arrived = ~people.present[0] & people.present[1] & (people.born <= MONTHS[0].last)
    assert arrived.any(), "somebody arrives"
    assert (people.looked_after[1] & ~people.looked_after[0]).any(), "somebody comes into care"
    assert (people.looked_after[0] & ~people.looked_after[1]).any(), "somebody goes home"
    changed = people.home[0] != people.home[1]
    assert (people.moved_on[1][changed] >= MONTHS[1].first).all()


def test_an_occupancy_is_held_by_somebody_who_lives_there(town: Town) -> None:
    held, people = town.occupancy, town.people
    for month in (0, 1):
        rows = np.flatnonzero(held.held[month])
        assert len(rows) > 300
        assert np.array_equal(people.home[month][held.lead[rows]], held.home[rows])
        assert (people.age(month)[held.lead[rows]] >= 18).all()
        second = held.second[month][rows]
        assert (second != held.lead[rows]).all()


def test_names_are_names(people: People) -> None:
    shape = re.compile(r"(?:[A-ZÀ-ſȘȚŞŁŚŻ]['’]?|Mc|Mac|El-|Al-)?[A-ZÀ-ſȘȚ][\w'-]*")
    names = {*people.forename, *people.birth_surname, *people.surname[1]}
    names |= {word for middle in people.middle if middle for word in middle.split()}
    assert [name for name in names if not shape.fullmatch(name)] == []


def test_names_are_skewed_and_varied(people: People) -> None:
    surnames, counts = np.unique(people.surname[0].astype(str), return_counts=True)
    assert len(surnames) > 400 and 0.01 < counts.max() / len(people) < 0.05
    groups, members = np.unique(people.ethnic.astype(str), return_counts=True)
    assert len(groups) >= 14 and groups[members.argmax()] == "WB"


def test_women_bear_the_feminine_form() -> None:
    both = np.array([True, False])
    assert feminine(np.array(["Kowalski"] * 2, dtype=object), both).tolist() == ["Kowalska", "Kowalski"]
    assert fold("Łukasz Gonçalves Ștefania") == "Lukasz Goncalves Stefania"


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("2008-04-01", "2026-03-31", 17),
        ("2008-03-31", "2026-03-31", 18),
        ("2026-04-02", "2026-03-31", -1),
        ("2024-02-29", "2026-03-01", 2),
    ],
)
def test_whole_years(born: str, on: str, age: int) -> None:
    assert whole_years(np.array([born], dtype="datetime64[D]"), np.datetime64(on))[0] == age


def test_birthday_of_a_leap_day_is_the_first_of_march() -> None:
    assert str(birthday(np.array(["2008-02-29"], dtype="datetime64[D]"), 18)[0]) == "2026-03-01"
