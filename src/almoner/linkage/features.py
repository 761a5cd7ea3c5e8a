"""Turns mentions into nodes: what a mention says about who it is, each different saying once.

Mentions that say exactly the same are one node, so that scoring works on fewer. Two mentions that are known
to be different people (two rows of one person-keyed snapshot, two slots of one row, records under a decision)
never share a node, and a sealed mention has none: it can't be joined to anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from almoner.kernel.steps import Step
from almoner.linkage.shapes import MENTIONS, Decision
from almoner.linkage.steps import drop_tables, run_steps, store_table
from almoner.linkage.variants import roots_of, roots_table

PARTICLES = frozenset({"AL", "EL", "BIN", "BINT", "IBN", "DE", "DA", "DI", "DOS", "DEL", "DER", "DEN", "VAN", "VON"})
"""Parts of a surname that say nothing by themselves."""

TITLE_SEX = {
    "MR": "M",
    "MASTER": "M",
    "SIR": "M",
    "MRS": "F",
    "MISS": "F",
    "MS": "F",
    "LADY": "F",
    "DAME": "F",
}

IDENTIFIERS = ("nhs_number", "nino", "upn", "uln")
"""Numbers that one person holds for life, verified by check digit or form before they get here."""


def numbered_only(node: str) -> str:
    """Write the SQL that says whether a node names nobody but gives its own system's number of somebody."""
    said = (f"{node}.{name}" for name in ("initial", "forename", "surname", *IDENTIFIERS))
    return f"({node}.local_id IS NOT NULL AND coalesce({', '.join(said)}) IS NULL)"


HEAPED_FLOOR, HEAPED_SPREAD = 6.0, 6.0
"""A birthday is heaped (a default date, or an unknown one) when more different names share it than a Poisson
count around the year's daily mean by this many standard deviations plus the floor would give."""

MOST_HOUSEMATES, MOST_MOVES = 30, 6
"""Sayings at one address, and addresses of one person, above which they say nothing about who moved with whom."""

MATE = "hash(surname, forename, dob)"
"""Under what somebody is known who moved along."""

LONGEST_NAME = 60
"""Letters of a name that are compared. A name field that holds a case note must not slow down everybody's."""

_NAMES = ("forename", "middle_names", "surname", "known_as", "previous_surname")

NODE_COLUMNS = (
    "node", "forename", "initial", "forename_roots", "middle", "middle_initial", "middle_roots",
    "surname", "surnames", "suffix", "dob", "birth_year", "dob_heaped", "sex", *IDENTIFIERS, "local_id",
    "phone", "email", "place", "building", "door", "flat", "postcode", "outward", "mentions", "is_kin", "housemates",
)  # fmt: skip

PROFILE = ", ".join(NODE_COLUMNS[1:-3])

HEAPED_STEP = Step(
    "dob_heaped",
    "Birthdays that more people seem to share than can be: defaults and guesses.",
    f"""
        WITH names AS (
            SELECT date_of_birth AS dob, count(DISTINCT (surname, left(forename, 1))) AS people
            FROM mention
            WHERE date_of_birth IS NOT NULL AND NOT coalesce(birth_year_only, false)
            GROUP BY 1
        ), years AS (
            SELECT year(dob) AS birth_year, sum(people) / 365.25 AS expected FROM names GROUP BY 1
        )
        SELECT dob
        FROM names JOIN years ON years.birth_year = year(dob)
        WHERE people > expected + {HEAPED_SPREAD} * sqrt(expected) + {HEAPED_FLOOR}
        """,
    ("dob",),
)

FEATURE_STEP = Step(
    "feature",
    "What each mention says, in the form in which it is compared. A sealed mention says nothing.",
    """
        SELECT m.mention,
               CASE WHEN length(m.forename) > 1 AND NOT coalesce(m.forename_is_initial, false)
                    THEN m.forename END AS forename,
               left(m.forename, 1) AS initial,
               list_sort(list_distinct(list_concat(
                   CASE WHEN length(m.forename) > 1 THEN coalesce(f.roots, []) ELSE [] END,
                   CASE WHEN length(m.known_as) > 1 THEN coalesce(k.roots, []) ELSE [] END
               ))) AS forename_roots,
               CASE WHEN length(split_part(m.middle_names, ' ', 1)) > 1
                    THEN split_part(m.middle_names, ' ', 1) END AS middle,
               left(m.middle_names, 1) AS middle_initial,
               coalesce(w.roots, []) AS middle_roots,
               m.surname,
               list_sort(list_distinct(list_concat(
                   coalesce(s.parts, []), coalesce(p.parts, [])
               ))) AS surnames,
               m.name_suffix AS suffix,
               CASE WHEN NOT coalesce(m.birth_year_only, false) THEN m.date_of_birth END AS dob,
               CAST(year(m.date_of_birth) AS SMALLINT) AS birth_year,
               h.dob IS NOT NULL AND NOT coalesce(m.birth_year_only, false) AS dob_heaped,
               coalesce(m.sex, t.sex) AS sex,
               m.nhs_number, m.nino, m.upn, m.uln, m.local_id, m.phone, m.email,
               a.place,
               coalesce(m.postcode, b.postcode)
                   || '|' || coalesce(b.house_number, m.house_number) AS building,
               coalesce(b.flat, m.flat, '') || '|' || coalesce(b.house_number, m.house_number)
                   || '|' || coalesce(b.street, m.street) AS door,
               coalesce(b.flat, m.flat) AS flat,
               coalesce(m.postcode, b.postcode) AS postcode,
               split_part(coalesce(m.postcode, b.postcode), ' ', 1) AS outward
        FROM mention m
        LEFT JOIN forename_roots f ON f.forename = m.forename
        LEFT JOIN forename_roots k ON k.forename = m.known_as
        LEFT JOIN middle_roots w ON w.middle_names = m.middle_names
        LEFT JOIN surname_parts s ON s.surname = m.surname
        LEFT JOIN surname_parts p ON p.surname = m.previous_surname
        LEFT JOIN title_sex t ON t.title = m.title
        LEFT JOIN dob_heaped h ON h.dob = m.date_of_birth
        LEFT JOIN mention_place a ON a.mention = m.mention
        LEFT JOIN place b ON b.place = a.place
        WHERE NOT coalesce(m.sealed, false)
        """,
    ("mention", *NODE_COLUMNS[1:-3]),
)

MOVED_WITH_STEP = Step(
    "moved_with",
    "With whom else, known by name and birthday, each name at an address was also to be found at another one.",
    f"""
    WITH named AS (
        SELECT DISTINCT place, surname, forename, CASE WHEN NOT dob_heaped THEN dob END AS dob FROM feature
        WHERE place IS NOT NULL AND surname IS NOT NULL AND forename IS NOT NULL
        QUALIFY count(*) OVER (PARTITION BY place) BETWEEN 2 AND {MOST_HOUSEMATES}
    ), mover AS (
        SELECT place, forename, {MATE} AS mate FROM named WHERE dob IS NOT NULL
        QUALIFY count(*) OVER (PARTITION BY surname, forename, dob) BETWEEN 2 AND {MOST_MOVES}
    )
    SELECT n.place, n.surname, n.forename, list_sort(list_distinct(list(mate))) AS housemates
    FROM named n JOIN mover m ON m.place = n.place AND m.forename <> n.forename GROUP BY ALL
    """,
    ("place", "surname", "forename", "housemates"),
)

NODE_STEPS = (
    Step(
        "profile",
        "Each different saying once, with the mentions that say it.",
        f"SELECT {PROFILE}, min(mention) AS profile, list(mention) AS mentions FROM feature GROUP BY ALL",
        (*NODE_COLUMNS[1:-3], "profile", "mentions"),
    ),
    Step(
        "seat",
        "Which of the equal sayings are one node: not two live rows of a person-keyed snapshot, two slots of "
        "a row, two parties of one account, or a record that somebody decided about.",
        """
        WITH said AS (SELECT profile, unnest(mentions) AS mention FROM profile)
        SELECT said.profile, said.mention,
               CASE WHEN d.mention IS NOT NULL THEN 'd' || d.mention
                    WHEN m.is_apart THEN 'u' || m.dataset ELSE '' END AS bench,
               dense_rank() OVER (
                   PARTITION BY said.profile, m.dataset,
                       CASE WHEN m.is_apart THEN 'snapshot'
                            ELSE coalesce(m.party_of, CAST(m.row_id AS VARCHAR)) END
                   ORDER BY m.record_id
               ) AS seat
        FROM said
        JOIN mention m USING (mention)
        LEFT JOIN decided d USING (mention)
        """,
        ("profile", "mention", "bench", "seat"),
    ),
    Step(
        "node_of_mention",
        "The node of each mention, numbered in the order of the first mention.",
        """
        WITH seated AS (
            SELECT mention, min(mention) OVER (PARTITION BY profile, bench, seat) AS first FROM seat
        )
        SELECT mention, CAST(dense_rank() OVER (ORDER BY first) - 1 AS INTEGER) AS node FROM seated
        """,
        ("mention", "node"),
    ),
    MOVED_WITH_STEP,
    Step(
        "node",
        "The nodes: what Splink compares.",
        f"""
        WITH said AS (
            SELECT node, min(mention) AS mention, CAST(count(*) AS INTEGER) AS mentions
            FROM node_of_mention GROUP BY node
        ), family AS (
            SELECT place, surname FROM feature SEMI JOIN said USING (mention)
            GROUP BY place, surname HAVING min(initial) <> max(initial)
        )
        SELECT n.node, {", ".join("f." + name for name in NODE_COLUMNS[1:-3])}, n.mentions,
               k.is_kin IS NOT NULL AS is_kin, c.housemates
        FROM said n
        JOIN feature f USING (mention)
        LEFT JOIN (SELECT *, true AS is_kin FROM family) k
               ON k.place IS NOT DISTINCT FROM f.place AND k.surname IS NOT DISTINCT FROM f.surname
        LEFT JOIN moved_with c ON c.place = f.place AND c.surname = f.surname AND c.forename = f.forename
        ORDER BY n.node
        """,
        NODE_COLUMNS,
    ),
)


def number_mentions(engine: duckdb.DuckDBPyConnection, mentions: pa.Table) -> None:
    """Number the mentions in an order that has nothing to do with the order in which they came.

    Out: table mention: the columns of MENTIONS, mention (0, 1, …), is_latest (the version that counts) and
    is_apart (a live row of a person-keyed snapshot). A version given twice counts once. What a record said before it
    was sealed is sealed with it.
    """
    shown = {name: f"left({name}, {LONGEST_NAME}) AS {name}" for name in _NAMES}
    shown["sealed"] = "n.is_sealed OR coalesce(sealed, false) AS sealed"
    columns = ", ".join(shown.get(name, name) for name in MENTIONS.names)
    places = pa.array(np.arange(mentions.num_rows), pa.int32())
    engine.register("given", mentions.append_column("place", places))
    engine.execute(
        """
        CREATE OR REPLACE TEMP TABLE numbered AS
        WITH versions AS (
            SELECT place, dataset, record_id, version, row_id, rank() OVER record = 1 AS is_latest,
                   first_value(coalesce(sealed, false)) OVER record AS is_sealed
            FROM given
            WINDOW record AS (PARTITION BY dataset, record_id ORDER BY version DESC NULLS LAST, row_id DESC)
            QUALIFY row_number() OVER (PARTITION BY dataset, record_id, row_id ORDER BY slot) = 1
        )
        SELECT place, is_latest, is_sealed,
               CAST(row_number() OVER (ORDER BY dataset, record_id, version, row_id) - 1 AS INTEGER) AS mention
        FROM versions
        """
    )
    engine.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE mention AS
        SELECT n.mention, {columns}, n.is_latest,
               n.is_latest AND coalesce(snapshot_unique, false) AND coalesce(is_live, true) AS is_apart
        FROM given JOIN numbered n USING (place)
        """
    )
    drop_tables(engine, "numbered")
    engine.unregister("given")


def tell_features(engine: duckdb.DuckDBPyConnection, heaped: pa.Table | None = None) -> None:
    """Tell what each mention says, in the form in which it is compared.

    In: tables mention, mention_place, place; heaped: the birthdays known to be heaped (dob), or None: they are found.
    Out: tables feature, dob_heaped, title_sex.
    """
    _register_names(engine)
    if heaped is None:
        run_steps(engine, (HEAPED_STEP,))
    else:
        store_table(engine, "dob_heaped", heaped)
    run_steps(engine, (FEATURE_STEP,))


def mark_decided(engine: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Mark the mentions that people decided about. In: table mention. Out: table decided (mention)."""
    named = sorted({key for decision in decisions for key in (decision.left, decision.right)})
    keys = pa.table(
        {
            "dataset": pa.array([key[0] for key in named], pa.string()),
            "record_id": pa.array([key[1] for key in named], pa.string()),
        }
    )
    store_table(engine, "decided_key", keys)
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE decided AS "
        "SELECT mention FROM mention JOIN decided_key USING (dataset, record_id) WHERE is_latest"
    )


def build_nodes(
    engine: duckdb.DuckDBPyConnection, decisions: Sequence[Decision], heaped: pa.Table | None = None
) -> None:
    """Turn the mentions into nodes.

    In: tables mention, mention_place, place; heaped as for tell_features. Out: tables node (NODE_COLUMNS),
    node_of_mention (mention, node) and decided.
    """
    tell_features(engine, heaped)
    mark_decided(engine, decisions)
    run_steps(engine, NODE_STEPS)
    drop_tables(engine, "profile", "seat", "moved_with")


def surname_parts(surname: str) -> list[str]:
    """Give the surnames that a surname may be written as: whole, joined up, and each part that says
    something."""
    parts = [part for part in surname.split(" ") if part not in PARTICLES and len(part) > 1]
    return sorted({surname, surname.replace(" ", ""), *parts})


def _register_names(engine: duckdb.DuckDBPyConnection) -> None:
    forenames = _distinct(engine, "forename") | _distinct(engine, "known_as")
    store_table(engine, "forename_roots", roots_table(forenames))
    middles = sorted(_distinct(engine, "middle_names"))
    store_table(engine, "middle_roots", _lists("middle_names", middles, "roots", map(_middle_roots, middles)))
    surnames = sorted(_distinct(engine, "surname") | _distinct(engine, "previous_surname"))
    store_table(engine, "surname_parts", _lists("surname", surnames, "parts", map(surname_parts, surnames)))
    titles = {"title": list(TITLE_SEX), "sex": list(TITLE_SEX.values())}
    store_table(engine, "title_sex", pa.table(titles))


def _middle_roots(middle_names: str) -> list[str]:
    return sorted({root for name in middle_names.split(" ") if len(name) > 1 for root in roots_of(name)})


def _distinct(engine: duckdb.DuckDBPyConnection, column: str) -> set[str]:
    rows = engine.execute(f"SELECT DISTINCT {column} FROM mention WHERE {column} IS NOT NULL").fetchall()
    return {row[0] for row in rows}


def _lists(key: str, keys: list[str], name: str, values: Iterable[list[str]]) -> pa.Table:
    return pa.table({key: pa.array(keys, pa.string()), name: pa.array(list(values), pa.list_(pa.string()))})
