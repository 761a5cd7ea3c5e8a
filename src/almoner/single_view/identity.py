"""Who somebody is, with whom they live, to whom services say they belong: what of a record comes from the spine."""

from __future__ import annotations

from almoner.governance.gate import Piece
from almoner.single_view.certainty import surely

UNSURE, WRONG = "with uncertain match", "that is contradicted"
"""Why a stated relationship is counted and not shown."""


def identity_piece() -> Piece:
    """Give name, birth, sex and current address."""
    columns = (
        "person_id", "forename", "surname", "date_of_birth", "sex", "address", "postcode", "since", "last_seen_on",
        "record_count", "home", "home_since", "withheld", "communal",
    )  # fmt: skip
    tables = ("spine.person", "spine.residence", "spine.address", "spine.protected", "spine.household")
    return Piece(
        "identity",
        "Name, birth, sex, current address",
        f"""SELECT p.person_id AS about, p.person_id, p.forename, p.surname, p.date_of_birth, p.sex, a.address,
                   a.postcode, s.starts_on AS since, s.last_seen_on, p.record_count,
                   s.address_id AS home, coalesce(s.starts_on, s.first_seen_on) AS home_since,
                   EXISTS (SELECT 1 FROM "spine.protected" AS x WHERE x.person_id = p.person_id) AS withheld,
                   EXISTS (SELECT 1 FROM "spine.household" AS h WHERE h.address_id = s.address_id
                           AND h.kind = 'communal') AS communal
            FROM "spine.person" AS p
            LEFT JOIN "spine.residence" AS s ON s.person_id = p.person_id AND s.is_current AND {surely()}
            LEFT JOIN "spine.address" AS a ON a.address_id = s.address_id""",
        columns,
        dict.fromkeys(tables, ()),
    )


def household_piece() -> Piece:
    """Give who lives with somebody."""
    tables = ("spine.household_member", "spine.person", "spine.residence", "spine.protected")
    return Piece(
        "household",
        "Who lives with them",
        f"""SELECT m.person_id AS about, p.person_id, p.forename, p.surname, p.date_of_birth
            FROM "spine.household_member" AS m JOIN "spine.household_member" AS o USING (household_id)
            JOIN "spine.person" AS p ON p.person_id = o.person_id
            JOIN "spine.residence" AS r ON r.person_id = o.person_id AND r.is_current AND {surely()}
            WHERE o.person_id <> m.person_id
              AND p.person_id NOT IN (SELECT person_id FROM "spine.protected")""",
        ("person_id", "forename", "surname", "date_of_birth"),
        dict.fromkeys(tables, ()),
    )


def relations_piece() -> Piece:
    """Give what services state of somebody's relations, and which statements are only counted."""
    columns = (
        "person_id", "forename", "surname", "date_of_birth", "kind", "of_them", "source", "not_shown", "times",
    )  # fmt: skip
    said = "kind, source, conflict, match_probability"
    return Piece(
        "relations",
        "Their relations as services have recorded them",
        f"""WITH said AS (
                SELECT person_id AS about, other_person_id AS other, TRUE AS of_them, {said} FROM "spine.relationship"
                UNION ALL
                SELECT other_person_id, person_id, FALSE, {said} FROM "spine.relationship"
                WHERE person_id <> other_person_id
            )
            SELECT r.about, p.person_id, p.forename, p.surname, p.date_of_birth,
                   string_agg(DISTINCT r.kind, ', ' ORDER BY r.kind) AS kind, r.of_them,
                   string_agg(DISTINCT r.source, ', ' ORDER BY r.source) AS source,
                   CASE WHEN r.conflict IS NOT NULL THEN '{WRONG}' WHEN NOT {surely()} THEN '{UNSURE}' END AS not_shown,
                   count(*) AS times
            FROM said AS r JOIN "spine.person" AS p ON p.person_id = r.other
            WHERE p.person_id NOT IN (SELECT person_id FROM "spine.protected" WHERE because = 'sealed')
            GROUP BY ALL""",
        columns,
        dict.fromkeys(("spine.relationship", "spine.person", "spine.protected"), ()),
    )
