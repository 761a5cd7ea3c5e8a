"""Counts pairs of records by whether the numbers that both hold agree, and by what else they give to go by.

It works on two tables of one shape, each laid out in an engine of linkage's own: `record`, the records as the run
joined them, and `trial`, a part of them as it was joined without numbers (see quality_holdout). Only counts leave.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from almoner.linkage.facts import UNIQUE_NUMBERS
from almoner.linkage.features import IDENTIFIERS
from almoner.linkage.shapes import as_mentions
from almoner.linkage.steps import read_table

LARGEST_HOLDING = 30
"""A number that more records hold is a default or a fault of a source, and tells nobody apart."""

MOST_OF_A_PERSON = 200
"""Of a person with more records only so many are paired: their pairs grow with the square."""

BUCKETS = 4096
"""People are dealt into so many heaps, from which samples are taken whole."""

CLASSES = {
    "own number": "both bear the same number of their own system, or one names nobody and gives such a number alone",
    "birthday": "both give a whole birthday",
    "name and place": "both give a full forename and an address or a postcode, but not both a birthday",
    "initial and place": "both give an initial at the least and an address or a postcode",
    "less": "less than that",
}
"""What two records give to go by, numbers aside."""

NAMELESS = "coalesce({0}.forename, {0}.surname, '') = ''"
"""A record that names nobody is joined by its number or its system's, and by nothing else."""

_CLASS_SQL = f"""CASE
    WHEN a.local_id = b.local_id OR {NAMELESS.format("a")} OR {NAMELESS.format("b")} THEN 'own number'
    WHEN a.born AND b.born THEN 'birthday'
    WHEN a.named AND b.named AND a.placed AND b.placed THEN 'name and place'
    WHEN a.placed AND b.placed AND length(a.forename) > 0 AND length(b.forename) > 0 THEN 'initial and place'
    ELSE 'less' END"""

SAYS_SQL = """date_of_birth IS NOT NULL AND NOT coalesce(birth_year_only, false) AS born,
    coalesce(length(forename) > 1 AND NOT coalesce(forename_is_initial, false), false) AS named,
    coalesce(uprn, postcode) IS NOT NULL AS placed"""

AGES = ((16, "under 16"), (25, "16 to 24"), (45, "25 to 44"), (65, "45 to 64"), (80, "65 to 79"), (200, "80 and over"))

_SAME = "(" + " OR ".join(f"coalesce(a.{name} = b.{name}, false)" for name in IDENTIFIERS) + ")"
_UNLIKE = "(" + " OR ".join(f"coalesce(a.{name} <> b.{name}, false)" for name in UNIQUE_NUMBERS) + ")"
_NUMBERED = f"coalesce({', '.join(IDENTIFIERS)}) IS NOT NULL"

_GROUPS_SQL = """['all', 'source:' || a.as_dataset, 'age:' || coalesce(a.age_group, 'not known'),
    'sex:' || coalesce(a.sex_group, 'not known')]"""


@dataclass(frozen=True)
class Tally:
    """Ordered pairs whose numbers tell the truth, of one group and class, and how many people they come from.

    right, wrong: joined, the number being the same or another. missed: apart, though the number is the same.
    """

    right: int
    wrong: int
    missed: int
    joined_people: int
    true_people: int


Key = tuple[str, str]
"""(group, class)."""


def lay_out_records(engine: duckdb.DuckDBPyConnection, mentions: pa.Table, records: pa.Table, people: pa.Table) -> None:
    """Lay out table record: the newest version of every record that is not sealed, and whose it is.

    In: MENTIONS, the spine's person_record and person. Beside the mention's columns: row_key; person_id, and was, the
    same (in a trial they differ); as_dataset; age_group, sex_group of the person; born, named, placed; bucket;
    counted. A number that too many hold reads as NULL.
    """
    given = {"given": as_mentions(mentions), "whose": records.select(["dataset", "record_id", "person_id"])}
    given["described"] = people.select(["person_id", "date_of_birth", "sex"])
    for name, table in given.items():
        engine.register(name, table)
    held = ", ".join(
        f"CASE WHEN count({name}) OVER (PARTITION BY {name}) <= {LARGEST_HOLDING} THEN {name} END AS {name}"
        for name in IDENTIFIERS
    )
    age = "date_diff('day', d.date_of_birth, (SELECT max(as_of) FROM given)) / 365.25"
    ages = " ".join(f"WHEN {age} < {below} THEN '{name}'" for below, name in AGES)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE record AS
        WITH newest AS (
            SELECT * FROM given QUALIFY row_number() OVER (PARTITION BY dataset, record_id ORDER BY row_id DESC) = 1
        )
        SELECT g.* REPLACE ({held}), row_number() OVER (ORDER BY g.dataset, g.record_id) AS row_key,
               w.person_id, w.person_id AS was, g.dataset AS as_dataset, CASE {ages} END AS age_group,
               d.sex AS sex_group, {SAYS_SQL.replace("date_of_birth", "g.date_of_birth")},
               CAST(hash(w.person_id) % {BUCKETS} AS INTEGER) AS bucket,
               row_number() OVER (PARTITION BY w.person_id ORDER BY hash(g.dataset, g.record_id))
                   <= {MOST_OF_A_PERSON} AS counted
        FROM newest g JOIN whose w USING (dataset, record_id) LEFT JOIN described d ON d.person_id = w.person_id
        WHERE NOT coalesce(g.sealed, false)
        """
    )
    for name in given:
        engine.unregister(name)


def numbered_pairs(engine: duckdb.DuckDBPyConnection) -> dict[Key, Tally]:
    """Count the pairs of table record that hold the same kind of number, as the run left them; the class is ''."""
    return _tallies(engine, "record", "TRUE", "''")


def tried_pairs(engine: duckdb.DuckDBPyConnection) -> dict[Key, Tally]:
    """Count the pairs of table trial that hold the same kind of number, from the side of the tested records."""
    return _tallies(engine, "trial", "a.tested", _CLASS_SQL)


def unnumbered_pairs(engine: duckdb.DuckDBPyConnection) -> dict[Key, int]:
    """Count the joined ordered pairs of table record that hold no number of one kind: nothing vouches for them."""
    rows = engine.execute(
        f"""
        SELECT who, class, count(*) FROM (
            SELECT unnest({_GROUPS_SQL}) AS who, {_CLASS_SQL} AS class
            FROM record a JOIN record b ON a.person_id = b.person_id AND a.row_key <> b.row_key
            WHERE a.counted AND b.counted AND NOT {_SAME} AND NOT {_UNLIKE}
        ) GROUP BY ALL
        """
    ).fetchall()
    return {(who, of_class): pairs for who, of_class, pairs in rows}


def people_tried(engine: duckdb.DuckDBPyConnection, datasets: Collection[str]) -> pa.Table:
    """Give how each tested person fared in the trial, and one record of theirs by which others may count them.

    In: table trial; the datasets of which the record may be. Out: one row per person: dataset, row_id, slot,
    right_pairs, wrong_pairs, missed_pairs. For a read under another permit; never for people's eyes.
    """
    engine.register("allowed", pa.table({"dataset": pa.array(sorted(datasets), pa.string())}))
    table = read_table(
        engine,
        f"""
        WITH numbered AS (SELECT * FROM trial WHERE {_NUMBERED}), pairs AS ({_pairs_sql("a.tested")}), fared AS (
            SELECT a.was, count(*) FILTER ({_SAME} AND a.person_id = b.person_id) AS right_pairs,
                   count(*) FILTER (NOT {_SAME} AND a.person_id = b.person_id) AS wrong_pairs,
                   count(*) FILTER ({_SAME} AND a.person_id <> b.person_id) AS missed_pairs
            FROM pairs p JOIN numbered a ON a.row_key = p.one JOIN numbered b ON b.row_key = p.other
            WHERE {_SAME} OR {_UNLIKE} GROUP BY a.was
        )
        SELECT r.dataset, r.row_id, coalesce(r.slot, '') AS slot, right_pairs, wrong_pairs, missed_pairs
        FROM fared f JOIN record r ON r.was = f.was SEMI JOIN allowed USING (dataset)
        QUALIFY row_number() OVER (PARTITION BY f.was ORDER BY r.row_key) = 1
        """,
    )
    engine.unregister("allowed")
    return table


def _tallies(engine: duckdb.DuckDBPyConnection, table: str, condition: str, of_class: str) -> dict[Key, Tally]:
    """Each pair counts once from either side; the group is that of the side it is looked at from."""
    rows = engine.execute(
        f"""
        WITH numbered AS (SELECT * FROM {table} WHERE {_NUMBERED}), pairs AS ({_pairs_sql(condition)}), judged AS (
            SELECT unnest({_GROUPS_SQL}) AS who, {of_class} AS class, a.was, {_SAME} AS same,
                   a.person_id = b.person_id AS joined
            FROM pairs p JOIN numbered a ON a.row_key = p.one JOIN numbered b ON b.row_key = p.other
            WHERE {_SAME} OR {_UNLIKE}
        )
        SELECT who, class, count(*) FILTER (joined AND same), count(*) FILTER (joined AND NOT same),
               count(*) FILTER (NOT joined AND same), count(DISTINCT was) FILTER (joined),
               count(DISTINCT was) FILTER (same)
        FROM judged GROUP BY ALL
        """
    ).fetchall()
    return {(row[0], row[1]): Tally(*row[2:]) for row in rows}


def _pairs_sql(condition: str) -> str:
    """Write the ordered pairs of the table `numbered` that are joined or hold the same number, each once."""
    ways = [("person_id", "a.counted AND b.counted"), *((name, "TRUE") for name in IDENTIFIERS)]
    return " UNION ".join(
        f"SELECT a.row_key AS one, b.row_key AS other FROM numbered a JOIN numbered b"
        f" ON a.{name} = b.{name} AND a.row_key <> b.row_key WHERE {condition} AND {within}"
        for name, within in ways
    )
