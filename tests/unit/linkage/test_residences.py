"""The rules of residence, each as an example; and what holds whatever the records tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from almoner.kernel.tables import SPINE
from almoner.linkage import LinkSettings
from almoner.linkage.addresses import resolve_addresses
from almoner.linkage.features import number_mentions
from almoner.linkage.residences import GAP_DAYS, LAG_DAYS, find_residences
from almoner.linkage.shapes import as_mentions
from almoner.linkage.steps import open_engine
from tests.unit.linkage.mentions import mention, table

TODAY = date(2026, 4, 30)
PLACES = {
    letter: {"uprn": f"99000000000{n}", "house_number": str(n), "street": "OAK ROAD", "postcode": "M1 1AA"}
    for n, letter in enumerate("ABCD", 1)
}


def told(record: str, place: str, since: str = "2026-03-31", until: str = "2026-04-30", **more: Any) -> dict[str, Any]:
    """Give a version of a record of one person: at which place, told by which deliveries."""
    row = mention(f"{record.partition('/')[0]}.d/{record}", "ADA TALWICK", "1980-05-06", **PLACES[place])
    days = {"told_from": date.fromisoformat(since), "told_until": date.fromisoformat(until)}
    dated = {name: date.fromisoformat(day) for name, day in more.items() if name.endswith("_on")}
    return row | days | {"as_of": days["told_until"]} | more | dated


def residences(rows: Sequence[dict[str, Any]], probability: float | None = None) -> list[dict[str, Any]]:
    """Give the residences of the people whom the records are about (SOURCE/PERSON-NUMBER), with the letter of the place."""
    with open_engine(LinkSettings()) as engine:
        number_mentions(engine, as_mentions(table(rows)))
        resolve_addresses(engine)
        engine.execute(
            "CREATE TEMP TABLE mention_person AS "
            "SELECT mention, 'P' || regexp_extract(record_id, '/([0-9]+)', 1) AS person_id FROM mention"
        )
        engine.execute("CREATE TEMP TABLE place_id AS SELECT place, place AS address_id FROM place")
        records = {(row["dataset"], row["record_id"]) for row in rows}
        known = [
            {"dataset": dataset, "record_id": record, "match_probability": probability} for dataset, record in records
        ]
        found = find_residences(engine, pa.Table.from_pylist(known, SPINE["person_record"]), TODAY).to_pylist()
    letters = {f"U{place['uprn']}": letter for letter, place in PLACES.items()}
    return [row | {"place": letters[row["address_id"]]} for row in found]


def spells(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, str | None, str | None]]:
    """Give place, standing, start and end of each residence, the newest first."""
    found = residences(rows)
    return [
        (r["place"], r["standing"], *(str(r[d]) if r[d] else None for d in ("starts_on", "ends_on"))) for r in found
    ]


EXAMPLES: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str, str | None, str | None]]]] = {
    "one address, told by two sources, dated by one": (
        [told("gp/1-1", "A"), told("tax/1-1", "A", starts_on="2019-05-01")],
        [("A", "current", "2019-05-01", None)],
    ),
    "a start at a new address closes the one before on the day before": (
        [told("tax/1-1", "A", until="2026-03-31", is_live=False, starts_on="2019-05-01"),
         told("rent/1-2", "B", "2026-04-30", starts_on="2026-04-10")],
        [("B", "current", "2026-04-10", None), ("A", "former", "2019-05-01", "2026-04-09")],
    ),
    "a move lately is believed, though more sources go on telling the old address": (
        [told("gp/1-1", "A"), told("school/1-1", "A"), told("dwp/1-1", "A"), told("tax/1-1", "B", starts_on="2026-02-01")],
        [("B", "current", "2026-02-01", None), ("A", "disputed", None, None)],
    ),
    "a start long ago that the most sources contradict is none: a home that is let": (
        [told("gp/1-1", "A", starts_on="2015-01-01"), told("school/1-1", "A"), told("tax/1-1", "B", starts_on="2023-06-01")],
        [("A", "current", "2015-01-01", None), ("B", "disputed", "2023-06-01", None)],
    ),
    "a record that tells another address than before has moved them, on a day that nobody knows": (
        [told("gp/1-1", "A", until="2026-03-31", row_id=1), told("gp/1-1", "B", "2026-04-30", row_id=2),
         told("dwp/1-1", "A")],
        [("B", "current", None, None), ("A", "former", None, None)],
    ),
    "who returns to an address has lived there twice": (
        [told("rent/1-1", "A", until="2024-06-30", is_live=False, starts_on="2019-01-01", ends_on="2021-03-31"),
         told("rent/1-2", "B", until="2024-06-30", is_live=False, starts_on="2021-04-01", ends_on="2024-05-31"),
         told("rent/1-3", "A", starts_on="2024-06-01")],
        [("A", "current", "2024-06-01", None), ("B", "former", "2021-04-01", "2024-05-31"),
         ("A", "former", "2019-01-01", "2021-03-31")],
    ),
    "a stale source makes nobody current at the old address when the new one is told no more": (
        [told("gp/1-1", "A", "2025-01-31"), told("rent/1-1", "B", "2025-09-30", "2026-03-31", is_live=False, starts_on="2025-09-15")],
        [("B", "former", "2025-09-15", None), ("A", "former", None, "2025-09-14")],
    ),
    "where no date helps, most sources": (
        [told("gp/1-1", "A"), told("school/1-1", "B"), told("dwp/1-1", "B")],
        [("B", "current", None, None), ("A", "disputed", None, None)],
    ),
    "of as many, the one told last": (
        [told("gp/1-1", "A", until="2026-03-31"), told("school/1-1", "B", "2026-04-30")],
        [("B", "current", None, None), ("A", "disputed", None, None)],
    ),
    "a stated end ends it, whoever still tells of it": (
        [told("care/1-1", "A", starts_on="2025-01-10", ends_on="2026-04-01")],
        [("A", "former", "2025-01-10", "2026-04-01")],
    ),
    "an end that is not known is not made up": (
        [told("gp/1-1", "A", until="2024-03-31", is_live=False), told("tax/1-1", "B", starts_on="2025-10-01")],
        [("B", "current", "2025-10-01", None), ("A", "former", None, None)],
    ),
    "a start to come is not yet one": (
        [told("gp/1-1", "A"), told("rent/1-1", "B", starts_on="2026-06-01")],
        [("A", "current", None, None)],
    ),
    "nobody lives anywhere before they are born": (
        [told("rent/1-1", "A", starts_on="1975-01-01")],
        [("A", "current", "1980-05-06", None)],
    ),
    "nobody begins anywhere after they died": (
        [told("gp/1-1", "A", dead_on="2026-01-15"), told("tax/1-1", "B", starts_on="2026-03-01")],
        [("A", "former", None, "2026-01-15")],
    ),
    "who died at home lived there until then": (
        [told("gp/1-1", "A", "2025-12-31", dead_on="2026-01-15")],
        [("A", "former", None, "2026-01-15")],
    ),
    "a sealed record tells of no address": ([told("care/1-1", "A", sealed=True)], []),
}  # fmt: skip


@pytest.mark.parametrize("example", list(EXAMPLES))
def test_the_rules(example: str) -> None:
    rows, expected = EXAMPLES[example]
    assert spells(rows) == expected
    Random(example).shuffle(rows)
    assert spells(rows) == expected, "in whatever order they come"


def test_what_a_record_said_before_it_was_sealed_is_no_residence_either() -> None:
    rows = [told("care/1-1", "A", until="2026-03-31", row_id=1), told("care/1-1", "B", row_id=2, sealed=True)]
    assert spells(rows) == []


def test_a_residence_is_as_sure_as_its_surest_record() -> None:
    assert [r["match_probability"] for r in residences([told("gp/1", "A")], 0.91)] == [0.91]
    assert [r["match_probability"] for r in residences([told("gp/1", "A")], None)] == [None]


def test_sources_are_counted_once_each() -> None:
    (home,) = residences([told("gp/1-1", "A"), told("gp/1-2", "A"), told("tax/1", "A")])
    assert (home["source_count"], home["first_seen_on"], home["last_seen_on"]) == (2, date(2026, 3, 31), TODAY)


def test_the_lag_and_the_gap_are_as_the_page_says() -> None:
    assert (LAG_DAYS, GAP_DAYS) == (365, 92)


def a_life(random: Random, person: int) -> list[dict[str, Any]]:
    """Give what up to seven versions of records tell of somebody, with dates that make no sense among them."""

    def day() -> date:
        return date(2018, 1, 1) + timedelta(random.randrange(3100))

    def perhaps(share: float) -> date | None:
        return day() if random.random() < share else None

    rows = []
    for number in range(random.randint(1, 7)):
        since, until = sorted((min(day(), TODAY), min(day(), TODAY)))
        record = random.choice(("gp", "gp", "tax", "rent", "care"))
        row = told(f"{record}/{person}-{random.randint(1, 2)}", random.choice("ABCD"), str(since), str(until))
        row |= {"row_id": 1000 * person + number, "is_live": random.random() < 0.5}
        rows.append(row | {"starts_on": perhaps(0.5), "ends_on": perhaps(0.3), "dead_on": perhaps(0.05)})
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_residences_never_contradict_each_other(seed: int) -> None:
    """On no day does anybody live at two places; one at the most is current; no spell ends before it begins."""
    random = Random(seed)
    lives = [row for person in range(1500) for row in a_life(random, person)]
    found = residences(lives)
    people: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        people.setdefault(row["person_id"], []).append(row)
    assert {row["standing"] for row in found} == {"current", "former", "disputed"}
    for rows in people.values():
        held = [row for row in rows if row["standing"] != "disputed"]
        assert sum(row["is_current"] for row in rows) <= 1
        assert all(row["is_current"] == (row["standing"] == "current") for row in rows)
        assert not any(row["ends_on"] for row in held if row["is_current"])
        spans = sorted(span(row) for row in held)
        assert all(first <= last for first, last in spans), held
        assert all(earlier[1] < later[0] for earlier, later in pairwise(spans)), held
    random.shuffle(lives)
    assert residences(lives) == found, "in whatever order they come"
    some = set(random.sample(sorted(people), 50))
    alone = residences([row for row in lives if f"P{row['record_id'].partition('/')[2].partition('-')[0]}" in some])
    assert alone == [row for row in found if row["person_id"] in some], "nobody else's records count"


def span(row: dict[str, Any]) -> tuple[date, date]:
    """Give the days on which somebody lived there: as `household` counts them."""
    last = date.max if row["is_current"] else row["ends_on"] or row["last_seen_on"]
    return row["starts_on"] or row["first_seen_on"], last
