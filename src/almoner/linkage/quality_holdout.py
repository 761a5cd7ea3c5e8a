"""Links a part of the records again as if nobody had a number, to see how well names, birthdays and places do alone.

Where two records both hold the same kind of number, the number says whether they are one person. Linkage has used
it, so agreement with it proves little. Here it is held out: every number in the part is blanked, the part is linked
anew with the run's own model, and only then are the numbers looked at.

Records with a number say more than records without. So some are made to say no more than one without a number does
(a *stand-in*: a voter gives no birthday), and count under the dataset of the record that they stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb
import pyarrow as pa

from almoner.linkage.features import IDENTIFIERS
from almoner.linkage.quality_pairs import BUCKETS, NAMELESS, SAYS_SQL
from almoner.linkage.run import link
from almoner.linkage.shapes import MENTIONS, Decision, LinkSettings, as_mentions
from almoner.linkage.steps import read_number, read_table

MOST_MENTIONS = 20_000
"""A part of this size gives intervals of a percentage point or two, and is small beside a large run."""

SHARE_OF_STAND_INS = 2 / 3
"""Of the tested records but the fullest of each person, which stays as it is: nearly everybody has one such."""

_SILENCED = (
    "title", "forename", "middle_names", "known_as", "previous_surname", "date_of_birth", "sex", "phone", "email",
    "local_id", "uprn", "address", "house_number", "street", "postcode",
)  # fmt: skip
"""What a stand-in says only if the record that it stands for says it. Not the flat: most homes have none."""

_SAID_BY = {"sex": "coalesce(sex, title)"}
"""A title tells the sex as well as a column does."""

_NEAR = (
    "uprn", "postcode || '|' || house_number", "CAST(date_of_birth AS VARCHAR) || '|' || left(surname, 3)",
    "surname || '|' || forename || '|' || left(postcode, 4)", "phone", "email", "local_id", "person_id", *IDENTIFIERS,
)  # fmt: skip
"""By what somebody might be taken for a tested person: whoever shares one of these belongs in the part."""


def try_without_numbers(
    engine: duckdb.DuckDBPyConnection,
    mentions: pa.Table,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    model_json: str,
    seed: int,
) -> int:
    """Link a part of the records anew with every number blanked.

    In: table record, the mentions it was made of, and the decisions and model of the run. Out: how many mentions the
    part has (0: nobody has two records with the same kind of number); table trial: the part's records as they were
    made to be, the person they came to (person_id), and whether they are tested.
    """
    _choose(engine)
    if not read_number(engine, "SELECT count(*) FROM record WHERE tested"):
        return 0
    _make_stand_ins(engine, seed)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE made AS {_made_sql()}")
    part = _part(engine, mentions)
    known = set(zip(part["dataset"].to_pylist(), part["record_id"].to_pylist(), strict=True))
    kept = [each for each in decisions if each.left in known and each.right in known]
    again = replace(settings, model_json=model_json, earlier_model_json=None)
    outcome = link(part, previous=None, decisions=kept, settings=again, seed=seed)
    engine.register("whose", outcome.person_record.select(["dataset", "record_id", "person_id"]))
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE trial AS
           SELECT m.* REPLACE (w.person_id AS person_id, true AS counted)
           FROM made m JOIN whose w USING (dataset, record_id)"""
    )
    engine.unregister("whose")
    return int(part.num_rows)


def _choose(engine: duckdb.DuckDBPyConnection) -> None:
    """Mark in table record who is tested, and who is in the part: they, and whoever might be taken for them.

    Tested is who has two records with the same kind of number; as many people as keep the part within its bound.
    """
    partnered = " OR ".join(
        f"({name} IS NOT NULL AND count({name}) OVER (PARTITION BY {name}) > 1)" for name in IDENTIFIERS
    )
    partnered = f"NOT {NAMELESS.format('record')} AND ({partnered})"
    engine.execute(f"CREATE OR REPLACE TEMP TABLE record AS SELECT *, ({partnered}) AS partnered FROM record")
    heaps = BUCKETS
    while True:
        engine.execute(f"CREATE OR REPLACE TEMP TABLE chosen AS {_near_sql(heaps)}")
        if heaps == 1 or read_number(engine, "SELECT count(*) FROM chosen") <= MOST_MENTIONS:
            break
        heaps //= 2
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE record AS
            SELECT r.*, c.row_key IS NOT NULL AS chosen, r.partnered AND r.bucket < {heaps} AS tested
            FROM record r LEFT JOIN chosen c USING (row_key)"""
    )


def _near_sql(heaps: int) -> str:
    if heaps == BUCKETS:
        return "SELECT row_key FROM record"
    keys = ", ".join(f"'{place}|' || ({key})" for place, key in enumerate(_NEAR))
    return f"""
        WITH keyed AS (
            SELECT row_key, partnered AND bucket < {heaps} AS tested, unnest([{keys}]) AS key FROM record
        )
        SELECT DISTINCT row_key FROM keyed SEMI JOIN (SELECT DISTINCT key FROM keyed WHERE tested) USING (key)
        """


def _make_stand_ins(engine: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Choose for a share of the tested records one without a number, at random, whose silence they are to keep.

    It is one of somebody of about their age, for no voters' roll has children, and gives an address if they do.
    Out: table stand_in: row_key, as_dataset, says_<column>, says_whole_forename.
    """
    says = ", ".join(f"{_SAID_BY.get(name, name)} IS NOT NULL AS says_{name}" for name in _SILENCED)
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE stand_in AS
        WITH silent AS (
            SELECT dataset AS as_dataset, {says}, named AS says_whole_forename, age_group, placed,
                   row_number() OVER (PARTITION BY age_group, placed ORDER BY hash(row_key, {seed})) - 1 AS place,
                   count(*) OVER (PARTITION BY age_group, placed) AS places
            FROM record WHERE chosen AND age_group IS NOT NULL AND coalesce({", ".join(IDENTIFIERS)}) IS NULL
        ), playing AS (
            SELECT row_key, age_group, placed,
                   row_number() OVER (PARTITION BY age_group, placed ORDER BY hash(row_key, {seed + 1})) - 1 AS place
            FROM (
                SELECT *, row_number() OVER (
                    PARTITION BY was ORDER BY (born AND named AND placed) DESC, hash(row_key, {seed + 3})
                ) AS turn
                FROM record WHERE tested
            ) WHERE turn > 1 AND hash(row_key, {seed + 2}) % 1000 < {int(1000 * SHARE_OF_STAND_INS)}
        )
        SELECT p.row_key, s.* EXCLUDE (place, places, age_group, placed)
        FROM playing p
        JOIN silent s ON s.age_group = p.age_group AND s.placed = p.placed AND s.place = p.place % s.places
        """
    )


def _made_sql() -> str:
    """Write the chosen records as the trial has them."""
    said = [_said_sql(name) for name in _SILENCED]
    return f"""
        WITH silenced AS (
            SELECT r.* EXCLUDE (born, named, placed) REPLACE (
                       {", ".join(said)}, coalesce(s.as_dataset, r.as_dataset) AS as_dataset,
                       coalesce(r.snapshot_unique, false) AND s.row_key IS NULL AS snapshot_unique,
                       CASE WHEN s.row_key IS NULL THEN r.party_of END AS party_of
                   ), s.row_key IS NOT NULL AS is_stand_in
            FROM record r LEFT JOIN stand_in s USING (row_key)
            WHERE r.chosen AND NOT ({NAMELESS.format("r")} AND r.local_id IS NULL)
        )
        SELECT *, {SAYS_SQL} FROM silenced
        """


def _said_sql(name: str) -> str:
    value = f"r.{name}"
    if name == "forename":
        value = "CASE WHEN s.says_whole_forename IS FALSE THEN left(r.forename, 1) ELSE r.forename END"
    return f"CASE WHEN s.row_key IS NULL OR s.says_{name} THEN {value} END AS {name}"


def _part(engine: duckdb.DuckDBPyConnection, mentions: pa.Table) -> pa.Table:
    """Give the mentions of the part without numbers; of a stand-in only the newest, as an older one says more."""
    names = ", ".join(MENTIONS.names)
    blank = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in IDENTIFIERS)
    engine.register("given", as_mentions(mentions))
    part = read_table(
        engine,
        f"""
        SELECT * REPLACE ({blank}) FROM (
            SELECT {names} FROM made
            UNION ALL
            SELECT {", ".join("g." + name for name in MENTIONS.names)} FROM given g
            JOIN made m ON m.dataset = g.dataset AND m.record_id = g.record_id AND m.row_id <> g.row_id
            WHERE NOT m.is_stand_in
        ) ORDER BY dataset, record_id, row_id
        """,
    )
    engine.unregister("given")
    return part
