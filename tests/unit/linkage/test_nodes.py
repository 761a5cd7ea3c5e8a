"""What becomes a node, what is compared, and how many pairs there can be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from almoner.linkage import Decision, LinkSettings
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.blocking import Blocked, find_pairs
from almoner.linkage.features import build_nodes, number_mentions, surname_parts
from almoner.linkage.steps import open_engine
from tests.unit.linkage.mentions import HOME, mention, run, table


def nodes(rows: Sequence[dict[str, Any]], decisions: Sequence[Decision] = ()) -> list[dict[str, Any]]:
    """Give the nodes that mentions become."""
    with open_engine(LinkSettings()) as engine:
        number_mentions(engine, table(rows))
        resolve_addresses(engine)
        build_nodes(engine, decisions)
        return engine.sql("SELECT * FROM node ORDER BY node").to_arrow_table().to_pylist()


def blocked(rows: Sequence[dict[str, Any]], **settings: Any) -> Blocked:
    """Give what blocking finds among mentions."""
    chosen = LinkSettings(**settings)
    with open_engine(chosen) as engine:
        number_mentions(engine, table(rows))
        resolve_addresses(engine)
        build_nodes(engine, ())
        return find_pairs(engine, chosen)


SAME = [mention(f"c.e/{n}", "ZAINAB TALWICK", "1980-05-06", **HOME) for n in range(3)]


def test_what_says_the_same_is_one_node() -> None:
    (node,) = nodes(SAME)
    assert node["mentions"] == 3


def test_two_rows_of_a_register_are_two_nodes_though_they_say_the_same() -> None:
    assert len(nodes([row | {"snapshot_unique": True} for row in SAME])) == 3


def test_a_row_that_somebody_decided_about_is_a_node_of_its_own() -> None:
    decision = Decision(("c.e", "0"), ("c.e", "1"), "different")
    assert sorted(node["mentions"] for node in nodes(SAME, [decision])) == [1, 1, 1]


def test_a_sealed_row_is_no_node() -> None:
    assert nodes([row | {"sealed": True} for row in SAME]) == []


def test_a_title_says_the_sex_and_an_initial_is_no_forename() -> None:
    (node,) = nodes([mention("r.t/1", "Z TALWICK", title="MRS", **HOME)])
    assert (node["sex"], node["forename"], node["initial"]) == ("F", None, "Z")


def test_a_year_alone_is_no_birthday() -> None:
    (node,) = nodes([mention("r.t/1", "ZAINAB TALWICK", "1980-01-01", birth_year_only=True)])
    assert (node["dob"], node["birth_year"]) == (None, 1980)


def test_a_birthday_that_too_many_share_is_marked() -> None:
    people = [
        mention(
            f"h.p/{n}", f"{chr(65 + n % 26) * 4} SUR{chr(65 + n // 26) * 3}", str(date(1970, 3, 1) + timedelta(n * 7))
        )
        for n in range(200)
    ]
    heaped = [mention(f"h.q/{n}", f"{chr(65 + n) * 4} DEFAULT{chr(65 + n)}", "1971-01-02") for n in range(26)]
    marked = {node["dob"] for node in nodes(people + heaped) if node["dob_heaped"]}
    assert marked == {date(1971, 1, 2)}


def test_one_initial_shared_by_a_surname_at_an_address_is_no_family() -> None:
    rows = [mention("h.p/1", "ADAM TALWICK", **HOME), mention("h.p/2", "ALICE TALWICK", **HOME)]
    assert [node["is_kin"] for node in nodes(rows)] == [False, False]
    rows.append(mention("h.p/3", "RUBY TALWICK", **HOME))
    assert [node["is_kin"] for node in nodes(rows)] == [True, True, True]


@pytest.mark.parametrize(
    ("surname", "parts"),
    [
        ("SMITH", {"SMITH"}),
        ("HILL TAYLOR", {"HILL TAYLOR", "HILLTAYLOR", "HILL", "TAYLOR"}),
        ("AL HASSAN", {"AL HASSAN", "ALHASSAN", "HASSAN"}),
        ("O NEILL", {"O NEILL", "ONEILL", "NEILL"}),
    ],
)
def test_surname_parts(surname: str, parts: set[str]) -> None:
    assert set(surname_parts(surname)) == parts


def crowd(n: int, **same: Any) -> list[dict[str, Any]]:
    """Give n unlike people who share whatever `same` says."""
    words = [f"{chr(65 + k % 26)}{chr(65 + k // 26 % 26)}{chr(65 + k // 676 % 26)}" for k in range(n)]
    return [
        mention(f"h.p/{k}", f"F{word}X S{word}Y", str(date(1930, 1, 1) + timedelta(k))) | same
        for k, word in enumerate(words)
    ]


@pytest.mark.parametrize(
    "same",
    [
        HOME,
        {"date_of_birth": date(1900, 1, 1)},
        {"phone": "+441615550000"},
        {"local_id": "x:1"},
        {"nhs_number": "9990000018"},
        {"surname": "TALWICK", "date_of_birth": date(1900, 1, 1)},
    ],
    ids=["an address", "a birthday", "a telephone", "a person number", "an NHS number", "a surname and birthday"],
)
def test_pairs_stay_linear_whatever_is_shared(same: dict[str, Any]) -> None:
    people = 3000
    assert blocked(crowd(people, **same)).pairs < 100 * people


def test_a_narrower_key_relieves_one_that_is_too_wide() -> None:
    assert blocked(crowd(300, **HOME)).given_up == {}
    assert blocked(crowd(300, surname="TALWICK", forename="ADAM", **HOME)).given_up["address"] == 300


def test_what_was_given_up_is_said_without_a_value() -> None:
    outcome = run(crowd(300, phone="+441615550000"), block_limit=50)
    assert outcome.warnings == (
        "300 nodes share a phone with too many others; pairs found by nothing else are not compared.",
    )
    assert outcome.metrics["persons"] == 300


def test_a_care_home_still_finds_its_residents_by_name() -> None:
    rows = crowd(200, **HOME)
    again = [mention(f"e.r/{k}", f"{row['forename']} {row['surname']}", **HOME) for k, row in enumerate(rows)]
    outcome = run(rows + again)
    assert outcome.metrics["persons"] == 200
    assert outcome.household["kind"].to_pylist() == ["communal"]
