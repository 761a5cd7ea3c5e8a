"""Counts the borough's indicators the slow way, row by row in plain Python: the judge of the SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from almoner.counting.plans import PLACE
from almoner.registry.measures import Count
from tests.unit.profiles.borough import AREA_COLUMNS, AS_OF, Row

LEVELS = {"ward23": "ward23_code", "msoa21": "msoa21_code", "lsoa21": "lsoa21_code"}

Tally = dict[tuple[str, str | None], tuple[float, float, int]]
"""(geography, area code) → number, amount, contributors."""


def tally(rows: dict[str, list[Row]], count: Count) -> Tally:
    """Count what can be placed, by area."""
    declared = {
        "ward23": {row["code"] for row in rows["open_data.wards"]},
        "msoa21": {row["code"] for row in rows["open_data.msoas"]},
        "lsoa21": {row["code"] for row in rows["open_data.lsoas"]},
    }
    counted: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _countable(rows, count):
        for geography, column in LEVELS.items():
            if row[column] in declared[geography]:
                counted[geography, row[column]].append(row)
        if row["lsoa21_code"] in declared["lsoa21"]:
            counted[PLACE, PLACE].append(row)
    found: Tally = {}
    for geography, codes in (*declared.items(), (PLACE, {PLACE})):
        for code in codes:
            found[geography, code] = _measure(counted[geography, code], count)
    return found


def _measure(rows: list[Row], count: Count) -> tuple[float, float, int]:
    people = {row["person_ref"] for row in rows if row["person_ref"]}
    nameless = sum(row["person_ref"] is None for row in rows)
    amount = sum(row["amount"] or 0.0 for row in rows)
    if count.count == "households" or count.fact == "households":
        households = len({row["household_ref"] for row in rows})
        return households, amount, households
    number = len(people) if count.count == "persons" or count.fact == "residents" else len(rows)
    return number, amount, len(people) + nameless


def _countable(rows: dict[str, list[Row]], count: Count) -> list[Row]:
    """Give the rows that count, each with its areas, household, age and amount."""
    residents = {row["person_ref"]: row for row in rows["spine.resident"]}
    found = []
    if count.fact in ("residents", "households"):
        found = [{**row, "amount": None} for row in rows["spine.resident"]]
    elif count.fact == "attribute":
        found = _newest(rows["fact.attribute"], count)
    else:
        found = [dict(row) for row in rows[f"fact.{count.fact}"] if _fits(row, count)]
    kept = []
    for row in found:
        home = residents.get(row["person_ref"], {})
        merged: dict[str, Any] = {**{c: home.get(c) for c in AREA_COLUMNS}, **row}
        if count.fact == "attribute":
            merged |= {c: row.get(c) or home.get(c) for c in AREA_COLUMNS}
        merged["household_ref"] = home.get("household_ref")
        if "households" in (count.count, count.fact) and merged["household_ref"] is None:
            continue
        if count.ages is not None:
            youngest, oldest = map(int, count.ages.split("-"))
            if home.get("age") is None or not youngest <= home["age"] <= oldest:
                continue
        merged["amount"] = _amount(row, count)
        if count.count in ("sum", "mean") and merged["amount"] is None:
            continue
        kept.append(merged)
    return kept


def _amount(row: Row, count: Count) -> float | None:
    if count.count not in ("sum", "mean"):
        return None
    try:
        return float(row["quantity" if count.fact == "event" else "value"])
    except ValueError:
        return None


def _fits(row: Row, count: Count) -> bool:
    name = row["service" if count.fact == "involvement" else "kind"]
    if (count.names and name not in count.names) or (count.details and row["detail"] not in count.details):
        return False
    if count.fact == "event":
        day = row["happened_on"]
        if count.months is None:
            return day is None or day <= AS_OF
        return day is not None and _since(count.months) < day <= AS_OF
    if row["starts_on"] is not None and row["starts_on"] > AS_OF:
        return False
    if count.open_only:
        return row["ends_on"] is None or row["ends_on"] > AS_OF
    return count.months is None or row["ends_on"] is None or row["ends_on"] > _since(count.months)


def _newest(rows: list[Row], count: Count) -> list[Row]:
    found = []
    for row in rows:
        if row["name"] not in count.names or (row["as_of"] and row["as_of"] > AS_OF):
            continue
        same = [
            other["as_of"]
            for other in rows
            if other["as_of"] is not None
            and other["as_of"] <= AS_OF
            and (other["person_ref"], other["dataset"], other["name"])
            == (row["person_ref"], row["dataset"], row["name"])
        ]
        if row["person_ref"] is not None and same and row["as_of"] != max(same):
            continue
        if not count.details or row["value"] in count.details:
            found.append(dict(row))
    return found


def _since(months: int) -> dt.date:
    assert months == 12, "the judge knows twelve months only"
    return dt.date(AS_OF.year - 1, AS_OF.month, AS_OF.day)
