"""Where people live and lived: what the records tell becomes spells that do not contradict one another.

Sources lag, and few of them date an address, so no telling is taken at its word: a later beginning closes an earlier
address, the most sources settle what dates do not, and what is told but not believed is kept apart as disputed. A
sealed person has no residence. Nothing here may look at anybody but the person whose records they are.
"""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from almoner.kernel.steps import Step
from almoner.linkage.shapes import spine_table
from almoner.linkage.steps import drop_tables, read_table, run_steps

LAG_DAYS = 365
"""How long a move that one source tells is believed against more sources that go on telling the old address. Within
a year every register asks again: the electoral canvass and the council tax bill are yearly."""

GAP_DAYS = 92
"""The longest silence between two addresses in which the earlier is taken to have lasted until the later began."""

CURRENT, FORMER, DISPUTED = "current", "former", "disputed"

RESIDENCE_STEPS = (
    Step(
        "residence_day",
        "The day of the run: nothing that is to begin later has begun.",
        "SELECT coalesce((SELECT max(today) FROM given_day), max(as_of), DATE '1900-01-01') AS today FROM mention",
        ("today",),
    ),
    Step(
        "residence_death",
        "When somebody died, as the newest version of any record of theirs says.",
        """
        SELECT person_id, min(dead_on) AS dead_on FROM mention JOIN mention_person USING (mention)
        WHERE is_latest AND dead_on IS NOT NULL GROUP BY person_id
        """,
        ("person_id", "dead_on"),
    ),
    Step(
        "residence_version",
        "Each version of a record that puts somebody somewhere, and whether it moved them there.",
        """
        SELECT p.person_id, a.place, coalesce(m.source, m.dataset) AS source,
               coalesce(s.match_probability, 1) AS surely,
               CASE WHEN m.starts_on IS NOT NULL THEN greatest(m.starts_on, m.date_of_birth) END AS starts_on,
               coalesce(m.told_from, m.as_of, d.today) AS told_from,
               coalesce(m.told_until, m.as_of, d.today) AS told_until,
               CASE WHEN m.ends_on <= d.today THEN m.ends_on END AS ends_on,
               m.is_latest AND coalesce(m.is_live, true) AS is_live,
               coalesce(lag(a.place) OVER record <> a.place, false) AS is_move
        FROM mention m
        JOIN mention_place a USING (mention)
        JOIN mention_person p USING (mention)
        LEFT JOIN record_surely s USING (dataset, record_id)
        CROSS JOIN residence_day d
        WHERE a.place IS NOT NULL AND NOT coalesce(m.sealed, false) AND coalesce(m.starts_on <= d.today, true)
        WINDOW record AS (PARTITION BY m.dataset, m.record_id ORDER BY m.mention)
        """,
        ("person_id", "place", "source", "surely", "starts_on", "told_from", "told_until", "ends_on", "is_live",
         "is_move"),
    ),
    Step(
        "residence_telling",
        "Where each version puts somebody from when until when: nowhere after their death, and never back to front.",
        """
        SELECT person_id, place, source, surely, starts_on, told_from,
               coalesce(starts_on, CASE WHEN is_move THEN told_from END) AS arrives, lo, hi, ends_on,
               is_live AND ends_on IS NULL AS is_live, min(lo) OVER (PARTITION BY person_id, place) AS known_from
        FROM (
            SELECT v.* EXCLUDE (told_from, told_until, ends_on),
                   least(told_from, dead_on) AS told_from, least(ends_on, dead_on) AS ends_on,
                   least(coalesce(starts_on, told_from), told_until, ends_on, dead_on) AS lo,
                   greatest(least(coalesce(ends_on, told_until), dead_on), starts_on) AS hi
            FROM residence_version v LEFT JOIN residence_death USING (person_id)
            WHERE coalesce(starts_on <= ends_on, true)
              AND coalesce(coalesce(starts_on, CASE WHEN is_move THEN told_from END) <= dead_on, true)
        )
        """,
        ("person_id", "place", "source", "surely", "starts_on", "told_from", "arrives", "lo", "hi", "ends_on",
         "is_live", "known_from"),
    ),
    Step(
        "residence_beginning",
        "Each day on which somebody is told to begin somewhere: dated, moved there by a record, or first told of.",
        """
        SELECT person_id, place, begins, max(evidence) AS evidence,
               min(place) OVER (PARTITION BY person_id) <> max(place) OVER (PARTITION BY person_id) AS has_several
        FROM (
            SELECT person_id, place, arrives AS begins, CASE WHEN starts_on IS NULL THEN 1 ELSE 2 END AS evidence
            FROM residence_telling WHERE arrives IS NOT NULL
            UNION ALL
            SELECT person_id, place, min(lo), 0 FROM residence_telling WHERE arrives IS NULL GROUP BY person_id, place
        )
        GROUP BY person_id, place, begins
        """,
        ("person_id", "place", "begins", "evidence", "has_several"),
    ),
    Step(
        "residence_rival",
        "For each beginning of somebody with several places: what is told of each place on that day and after it.",
        """
        SELECT b.person_id, b.place, b.begins, t.place AS told_place, count(DISTINCT t.source) AS sources,
               max(t.hi) AS last_told, max(t.arrives) FILTER (WHERE t.arrives <= b.begins) AS last_arrived,
               max(t.lo) AS last_begun
        FROM residence_beginning b
        JOIN residence_telling t
          ON t.person_id = b.person_id AND t.hi >= b.begins
         AND (t.place = b.place OR t.lo <= b.begins OR (t.arrives IS NULL AND t.known_from <= b.begins))
        WHERE b.has_several
        GROUP BY b.person_id, b.place, b.begins, t.place
        """,
        ("person_id", "place", "begins", "told_place", "sources", "last_told", "last_arrived", "last_begun"),
    ),
    Step(
        "residence_believed",
        "The beginnings that count: a move within the lag, else what the most sources tell, told last, dated last.",
        f"""
        SELECT b.person_id, b.place, b.begins, b.evidence
        FROM residence_beginning b
        LEFT JOIN (
            SELECT person_id, place, begins,
                   first(told_place ORDER BY sources DESC, last_told DESC, last_arrived DESC NULLS LAST,
                         last_begun DESC, told_place) = place AS leads,
                   max(last_arrived) FILTER (WHERE told_place <> place) AS arrived_elsewhere
            FROM residence_rival GROUP BY person_id, place, begins
        ) r USING (person_id, place, begins)
        CROSS JOIN residence_day d
        WHERE CASE WHEN NOT b.has_several THEN true
                   WHEN b.evidence > 0 THEN r.leads OR b.begins > d.today - {LAG_DAYS}
                   ELSE r.leads AND coalesce(r.arrived_elsewhere <= d.today - {LAG_DAYS}, true) END
        QUALIFY row_number() OVER (
            PARTITION BY b.person_id, b.begins ORDER BY coalesce(r.leads, false) DESC, b.evidence DESC, b.place
        ) = 1
        """,
        ("person_id", "place", "begins", "evidence"),
    ),
    Step(
        "residence_spell",
        "Beginnings at one place with none elsewhere between them are one spell; it lasts until the next begins.",
        """
        SELECT person_id, place, begins, evidence,
               lead(begins) OVER person AS next_begins, lead(evidence) OVER person AS next_evidence
        FROM (
            SELECT *, place IS DISTINCT FROM lag(place) OVER (PARTITION BY person_id ORDER BY begins) AS is_first
            FROM residence_believed
        )
        WHERE is_first
        WINDOW person AS (PARTITION BY person_id ORDER BY begins)
        """,
        ("person_id", "place", "begins", "evidence", "next_begins", "next_evidence"),
    ),
    Step(
        "residence_told",
        "What the tellings of a place say within each of its spells.",
        """
        SELECT s.person_id, s.place, s.begins, any_value(s.evidence) AS evidence,
               any_value(s.next_begins) AS next_begins, any_value(s.next_evidence) AS next_evidence,
               min(greatest(least(t.told_from, t.hi), s.begins)) FILTER (
                   WHERE least(t.told_from, t.hi) < coalesce(s.next_begins, DATE '9999-12-31')
               ) AS first_seen_on,
               max(least(t.hi, coalesce(s.next_begins - 1, t.hi))) AS last_seen_on,
               max(t.hi) AS last_told, max(t.ends_on) AS ends_on, bool_or(t.is_live) AS is_live,
               max(t.surely) AS surely, count(DISTINCT t.source) AS source_count
        FROM residence_spell s
        JOIN residence_telling t
          ON t.person_id = s.person_id AND t.place = s.place AND t.hi >= s.begins
         AND t.lo < coalesce(s.next_begins, DATE '9999-12-31')
        GROUP BY s.person_id, s.place, s.begins
        """,
        ("person_id", "place", "begins", "evidence", "next_begins", "next_evidence", "first_seen_on", "last_seen_on",
         "last_told", "ends_on", "is_live", "surely", "source_count"),
    ),
    Step(
        "residence_all",
        "Every spell with its days, and what is told and not believed.",
        f"""
        SELECT person_id, place, CASE WHEN evidence = 2 THEN begins END AS starts_on,
               CASE WHEN last_told = ends_on AND NOT is_live AND coalesce(ends_on < next_begins, true) THEN ends_on
                    WHEN next_evidence = 2 AND last_told >= next_begins - {GAP_DAYS} THEN next_begins - 1
               END AS ends_on,
               first_seen_on, last_seen_on, source_count, surely,
               CASE WHEN next_begins IS NULL AND is_live THEN '{CURRENT}'
                    WHEN next_evidence = 0 AND is_live THEN '{DISPUTED}' ELSE '{FORMER}' END AS standing
        FROM residence_told
        UNION ALL
        SELECT person_id, place, min(starts_on), NULL, min(told_from), max(hi), count(DISTINCT source), max(surely),
               '{DISPUTED}'
        FROM residence_telling ANTI JOIN residence_spell USING (person_id, place)
        GROUP BY person_id, place
        """,
        ("person_id", "place", "starts_on", "ends_on", "first_seen_on", "last_seen_on", "source_count", "surely",
         "standing"),
    ),
    Step(
        "residence",
        "The residences. Death ends the last.",
        f"""
        SELECT r.person_id, i.address_id, starts_on,
               CASE WHEN standing = '{CURRENT}' THEN dead_on ELSE ends_on END AS ends_on, first_seen_on, last_seen_on,
               standing = '{CURRENT}' AND dead_on IS NULL AS is_current,
               CASE WHEN standing = '{CURRENT}' AND dead_on IS NOT NULL THEN '{FORMER}' ELSE standing END AS standing,
               source_count, CASE WHEN surely < 1 THEN surely END AS match_probability
        FROM residence_all r
        LEFT JOIN residence_death USING (person_id)
        JOIN place_id i USING (place)
        ORDER BY r.person_id, r.standing = '{DISPUTED}', is_current DESC,
                 coalesce(starts_on, first_seen_on) DESC NULLS LAST, i.address_id
        """,
        ("person_id", "address_id", "starts_on", "ends_on", "first_seen_on", "last_seen_on", "is_current", "standing",
         "source_count", "match_probability"),
    ),
    Step(
        "lives_at",
        "Who lives where now.",
        "SELECT address_id, person_id FROM residence WHERE is_current ORDER BY address_id, person_id",
        ("address_id", "person_id"),
    ),
)  # fmt: skip


def find_residences(engine: duckdb.DuckDBPyConnection, person_record: pa.Table, today: date | None = None) -> pa.Table:
    """Find where people live and lived.

    In: tables mention, mention_place, mention_person (mention, person_id), place_id (place, address_id); person_record,
    for how surely each record is theirs; today: the day of the run, by default that of the latest delivery. For some
    people only: the tables may be restricted to these people, if all versions of all their records are there and
    today is given. Out: the residence table; table lives_at (address_id, person_id).
    """
    engine.register("given_surely", person_record.select(["dataset", "record_id", "match_probability"]))
    engine.execute("CREATE OR REPLACE TEMP TABLE record_surely AS SELECT * FROM given_surely")
    engine.unregister("given_surely")
    engine.register("given_day", pa.table({"today": pa.array([today], pa.date32())}))
    run_steps(engine, RESIDENCE_STEPS)
    engine.unregister("given_day")
    drop_tables(engine, *(step.name for step in RESIDENCE_STEPS[1:-2]), "record_surely")
    return spine_table("residence", read_table(engine, "SELECT * FROM residence"))
