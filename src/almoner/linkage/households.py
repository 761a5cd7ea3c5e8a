"""Where people live, and with whom: residences from dated mentions, households from current residences.

A place with more people than a household has, or that the settings name, is communal: its people are listed
but are nobody's household. A sealed person has no residence here, and a dead one no household: neither may be
inferred.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from almoner.kernel.steps import Step
from almoner.linkage.identity import IdMaker
from almoner.linkage.shapes import LinkSettings, PreviousSpine, spine_table
from almoner.linkage.steps import read_table, run_steps

PRIVATE, COMMUNAL = "private", "communal"

RESIDENCE_STEPS = (
    Step(
        "stay",
        "Each person at each place: since when, last seen when, how many say so, whether any still does.",
        """
        SELECT p.person_id, a.place, min(m.starts_on) AS starts_on, max(m.as_of) AS last_seen_on,
               count(DISTINCT m.source) AS source_count, max(m.starts_on) AS last_start,
               bool_or(m.is_latest AND coalesce(m.is_live, true)) AS is_live
        FROM mention m
        JOIN mention_place a USING (mention)
        JOIN mention_person p USING (mention)
        WHERE a.place IS NOT NULL AND NOT coalesce(m.sealed, false)
        GROUP BY 1, 2
        """,
        ("person_id", "place", "starts_on", "last_seen_on", "source_count", "last_start", "is_live"),
    ),
    Step(
        "residence",
        "One current place for each: the one still told of, told of last, by most, most recently begun.",
        """
        SELECT s.person_id, i.address_id, s.starts_on,
               CASE WHEN s.is_live THEN NULL ELSE s.last_seen_on END AS ends_on,
               s.last_seen_on, s.is_live AND s.rank = 1 AS is_current, s.source_count
        FROM (
            SELECT *, row_number() OVER (
                PARTITION BY person_id
                ORDER BY is_live DESC, last_seen_on DESC NULLS LAST, source_count DESC,
                         last_start DESC NULLS LAST, place
            ) AS rank
            FROM stay
        ) s
        JOIN place_id i USING (place)
        ORDER BY s.person_id, s.rank
        """,
        ("person_id", "address_id", "starts_on", "ends_on", "last_seen_on", "is_current", "source_count"),
    ),
    Step(
        "lives_at",
        "Who lives where now. The dead live nowhere.",
        """
        SELECT r.address_id, r.person_id
        FROM residence r
        WHERE r.is_current AND r.person_id NOT IN (
            SELECT p.person_id FROM mention m JOIN mention_person p USING (mention)
            WHERE m.is_latest AND m.dead_on IS NOT NULL
        )
        ORDER BY r.address_id, r.person_id
        """,
        ("address_id", "person_id"),
    ),
)


def find_residences(engine: duckdb.DuckDBPyConnection) -> pa.Table:
    """Find where people live and lived.

    In: tables mention, mention_place, mention_person (mention, person_id), place_id (place, address_id).
    Out: the residence table; table lives_at (address_id, person_id).
    """
    run_steps(engine, RESIDENCE_STEPS)
    return read_table(engine, "SELECT * FROM residence")


def form_households(
    engine: duckdb.DuckDBPyConnection, previous: PreviousSpine, settings: LinkSettings, maker: IdMaker
) -> tuple[pa.Table, pa.Table]:
    """Form households: the people who now live at one address. Out: household and household_member.

    A household keeps its id while anybody of it still lives there. A communal establishment is none: it has no members,
    so that nobody is shown as living with strangers.
    """
    as_of = engine.execute("SELECT max(as_of) FROM mention").fetchall()[0][0]
    uprns = dict(engine.execute("SELECT address_id, uprn FROM place_id JOIN place USING (place)").fetchall())
    living: dict[str, list[str]] = {}
    for address, person in engine.execute("SELECT address_id, person_id FROM lives_at").fetchall():
        living.setdefault(address, []).append(person)
    known = _previous_households(previous)
    rows: list[dict[str, object]] = []
    members: list[dict[str, str]] = []
    for address, people in living.items():
        communal = len(people) > settings.communal_above or uprns.get(address) in settings.communal_addresses
        household = _kept_id(known, address, people) or maker.make("H", f"{address}|{people[0]}")
        kind = COMMUNAL if communal else PRIVATE
        rows.append({"household_id": household, "address_id": address, "as_of": as_of, "kind": kind})
        members += [{"household_id": household, "person_id": person} for person in people if not communal]
    return spine_table("household", rows), spine_table("household_member", members)


def _previous_households(previous: PreviousSpine) -> dict[str, list[tuple[str, set[str]]]]:
    members: dict[str, set[str]] = {}
    for row in previous.household_member.to_pylist():
        members.setdefault(row["household_id"], set()).add(row["person_id"])
    known: dict[str, list[tuple[str, set[str]]]] = {}
    for row in previous.household.to_pylist():
        household = row["household_id"]
        known.setdefault(row["address_id"], []).append((household, members.get(household, set())))
    return known


def _kept_id(known: Mapping[str, list[tuple[str, set[str]]]], address: str, people: list[str]) -> str | None:
    shared = [(len(before & set(people)) if before else 1, household) for household, before in known.get(address, ())]
    best = max(shared, default=(0, ""))
    return best[1] if best[0] else None
