"""Writes who each record is and who each person is: the spine's records, persons, and questions for people.

A person's name, birthday and sex are what most of the records say, for finding and showing; the records stay
what their sources wrote.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from almoner.kernel.steps import Step
from almoner.linkage.clusters import Clusters, Edge
from almoner.linkage.comparisons import COMPARISONS, NAME
from almoner.linkage.score import evidence_text, probability_of
from almoner.linkage.shapes import spine_table
from almoner.linkage.steps import read_table, run_steps

ALONE = "alone"
"""What decided a record that no other record was joined to."""

SAME_NUMBER = "own system's number same"
"""The evidence of a record that names nobody and was joined by the number that its system gave somebody."""

QUIET = frozenset({"apart", "dates", "sex", "suffix", "forename"})
"""Refusals that need nobody's eyes: the fact behind them settles the matter."""


def _most_frequent(column: str, order: str = "") -> str:
    return f"""
        SELECT person_id, {column} FROM said WHERE {column} IS NOT NULL
        GROUP BY person_id, {column}
        QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY {order} count(*) DESC, {column}) = 1
    """


def _evidence_sql() -> str:
    """Write the SQL of the words of `score.evidence_text`."""
    said = (
        f"CASE gamma_{each.name} "
        + " ".join(f"WHEN {gamma} THEN '{each.name} {each.word(gamma)}'" for gamma in range(len(each.levels)))
        + " END"
        for each in COMPARISONS
        if each is not NAME
    )
    return f"concat_ws(', ', {', '.join(said)})"


_EVIDENCE = _evidence_sql()

PERSON_STEPS = (
    Step(
        "person",
        "Each person as most records have them; full forenames before initials, birthdays before guesses.",
        f"""
        WITH said AS (
            SELECT p.person_id, m.forename, m.surname,
                   CASE WHEN NOT coalesce(m.birth_year_only, false) THEN m.date_of_birth END AS date_of_birth,
                   coalesce(m.sex, t.sex) AS sex
            FROM mention m JOIN mention_person p USING (mention) LEFT JOIN title_sex t ON t.title = m.title
            WHERE m.is_latest
        ),
        forenames AS ({_most_frequent("forename", "length(forename) = 1,")}),
        surnames AS ({_most_frequent("surname")}),
        births AS ({_most_frequent("date_of_birth", "date_of_birth IN (SELECT dob FROM dob_heaped),")}),
        sexes AS ({_most_frequent("sex")})
        SELECT a.person_id, a.first_seen, forename, surname, date_of_birth, sex, a.record_count
        FROM (
            SELECT person_id, min(coalesce(told_from, as_of)) AS first_seen, count_if(is_latest) AS record_count
            FROM mention JOIN mention_person USING (mention) GROUP BY person_id
        ) a
        LEFT JOIN forenames USING (person_id)
        LEFT JOIN surnames USING (person_id)
        LEFT JOIN births USING (person_id)
        LEFT JOIN sexes USING (person_id)
        ORDER BY a.person_id
        """,
        ("person_id", "first_seen", "forename", "surname", "date_of_birth", "sex", "record_count"),
    ),
)


def describe_people(engine: duckdb.DuckDBPyConnection) -> pa.Table:
    """Describe people. In: tables mention, mention_person, title_sex, dob_heaped. Out: the person table.

    Somebody is first seen with the earliest delivery that is still held and tells of them: of one that is gone, no
    trace is left.
    """
    run_steps(engine, PERSON_STEPS)
    return read_table(engine, "SELECT * FROM person")


def describe_records(engine: duckdb.DuckDBPyConnection, clusters: Clusters) -> pa.Table:
    """Say for each record whose it is, and why.

    In: tables mention, mention_person, node_of_mention, edge. Out: the person_record table.
    """
    engine.register("joined", clusters.joined)
    levels = [f"gamma_{each.name}" for each in COMPARISONS]
    table = engine.sql(
        f"""
        WITH taken AS (
            SELECT j.node, j.decided_by, j.weight, j.is_number, j.l IS NOT NULL AS is_edge, {", ".join(levels)}
            FROM joined j LEFT JOIN edge e ON e.l = j.l AND e.r = j.r
        ), said AS (
            SELECT {", ".join(levels)}, {_EVIDENCE} AS evidence FROM (SELECT DISTINCT {", ".join(levels)} FROM taken)
        ), brought AS (
            SELECT t.node, t.decided_by,
                   CASE WHEN NOT is_number THEN t.weight END AS match_weight,
                   CASE WHEN is_number THEN $same_number WHEN is_edge THEN said.evidence ELSE '' END AS evidence
            FROM taken t LEFT JOIN said USING ({", ".join(levels)})
        ), alone AS (
            SELECT person_id FROM mention JOIN mention_person USING (mention) WHERE is_latest
            GROUP BY person_id HAVING count(*) = 1
        )
        SELECT m.dataset, m.record_id, coalesce(m.slot, '') AS slot, m.row_id, p.person_id, j.match_weight,
               CASE WHEN j.match_weight IS NOT NULL
                    THEN 1 / (1 + pow(2, -greatest(least(j.match_weight, 200), -200))) END AS match_probability,
               coalesce(j.evidence, '') AS evidence,
               CASE WHEN a.person_id IS NOT NULL THEN '{ALONE}' ELSE coalesce(j.decided_by, 'model') END AS decided_by
        FROM mention m
        JOIN mention_person p USING (mention)
        LEFT JOIN node_of_mention n USING (mention)
        LEFT JOIN brought j USING (node)
        LEFT JOIN alone a ON a.person_id = p.person_id
        WHERE m.is_latest
        ORDER BY m.mention
        """,
        params={"same_number": SAME_NUMBER},
    ).to_arrow_table()
    engine.unregister("joined")
    return table


def list_questions(engine: duckdb.DuckDBPyConnection, clusters: Clusters) -> pa.Table:
    """List the pairs that a person should look at: one for each two groups that may be one person.

    Asked are uncertain pairs, pairs with a rival, and pairs that a number or a birthday contradicts. A pair
    that somebody decided is not asked again. In: tables mention, node_of_mention, edge. Out: the review
    table.
    """
    asked: dict[tuple[int, int], tuple[Edge, str]] = {}
    for edge, reason in clusters.refused:
        pair = tuple(sorted((clusters.label[edge.l], clusters.label[edge.r])))
        if pair[0] == pair[1] or reason in QUIET:
            continue
        best = asked.get((pair[0], pair[1]))
        if best is None or edge.weight > best[0].weight:
            asked[pair[0], pair[1]] = (edge, reason)
    evidence = _evidence(engine, {edge for edge, _ in asked.values()})
    names = _first_records(engine, {node for edge, _ in asked.values() for node in (edge.l, edge.r)})
    rows: list[dict[str, Any]] = []
    for edge, reason in sorted(asked.values(), key=lambda item: (-item[0].weight, item[0].l, item[0].r)):
        left, right = names[edge.l], names[edge.r]
        rows.append(
            {
                "left_dataset": left[0],
                "left_record_id": left[1],
                "right_dataset": right[0],
                "right_record_id": right[1],
                "match_weight": edge.weight,
                "match_probability": probability_of(edge.weight),
                "reason": f"{reason}: {evidence[edge.l, edge.r]}",
            }
        )
    return spine_table("review", rows)


def _evidence(engine: duckdb.DuckDBPyConnection, edges: set[Edge]) -> dict[tuple[int, int], str]:
    pairs = sorted({(edge.l, edge.r) for edge in edges})
    wanted = pa.table(
        {"l": pa.array([p[0] for p in pairs], pa.int32()), "r": pa.array([p[1] for p in pairs], pa.int32())}
    )
    engine.register("wanted", wanted)
    names = [each.name for each in COMPARISONS]
    rows = engine.execute(
        f"SELECT l, r, {', '.join('gamma_' + name for name in names)} FROM edge SEMI JOIN wanted USING (l, r)"
    ).fetchall()
    engine.unregister("wanted")
    texts: dict[tuple[int, ...], str] = {}
    for row in rows:
        gammas = row[2:]
        if gammas not in texts:
            texts[gammas] = evidence_text(dict(zip(names, gammas, strict=True)))
    return {(row[0], row[1]): texts[row[2:]] for row in rows}


def _first_records(engine: duckdb.DuckDBPyConnection, nodes: set[int]) -> dict[int, tuple[str, str]]:
    engine.register("wanted", pa.table({"node": pa.array(sorted(nodes), pa.int32())}))
    rows = engine.execute(
        """
        SELECT node, dataset, record_id FROM mention JOIN node_of_mention USING (mention) SEMI JOIN wanted USING (node)
        QUALIFY row_number() OVER (PARTITION BY node ORDER BY is_latest DESC, mention) = 1
        """
    ).fetchall()
    engine.unregister("wanted")
    return {node: (dataset, record_id) for node, dataset, record_id in rows}
