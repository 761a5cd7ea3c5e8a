"""Finds a person by name, date of birth, postcode or number: a few candidates, never a list to browse."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.intake.standardise import name_part, postcode, split_name
from almoner.intake.standardise.expressions import literal
from almoner.intake.standardise.staging import select_staged
from almoner.kernel.errors import UsageError
from almoner.kernel.steps import Step

MOST_CANDIDATES = 10
"""More than these is a list to browse."""
LIKE_NAME = 0.88
"""Jaro-Winkler similarity from which a name is taken for a misspelling of another."""


@dataclass(frozen=True)
class Wanted:
    """Whom somebody is looking for: as typed."""

    name: str = ""
    date_of_birth: dt.date | None = None
    postcode: str = ""
    address: str = ""


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant: just enough to choose by."""

    person_id: str
    forename: str | None
    surname: str | None
    date_of_birth: dt.date | None
    sex: str | None
    postcode: str | None
    address: str | None
    withheld: bool
    likeness: float


def find_people(gate: Gate, permit: Permit, wanted: Wanted) -> list[Candidate]:
    """Look for a person; the likeliest first.

    Raises: UsageError where too little is given, AccessRefused where too many answer.
    """
    if not wanted.name.strip() and not (wanted.date_of_birth and wanted.postcode):
        raise UsageError(
            "Say whom to look for.",
            why="A search without a name would list people.",
            todo="Give a name, with a date of birth or postcode where you know one.",
        )
    reads = dict.fromkeys(("spine.person", "spine.residence", "spine.address", "spine.protected"), ())
    rows = gate.find(permit, [_step(wanted)], reads, limit=MOST_CANDIDATES).rows()
    return [Candidate(**row) for row in rows]


def _step(wanted: Wanted) -> Step:
    conditions = []
    if wanted.name.strip():
        conditions.append(
            f"(t.surname IS NULL OR jaro_winkler_similarity(p.surname, t.surname) >= {LIKE_NAME})"
            f" AND (t.forename IS NULL OR jaro_winkler_similarity(p.forename, t.forename) >= {LIKE_NAME}"
            " OR (length(t.forename) = 1 AND left(p.forename, 1) = t.forename))"
        )
    if wanted.date_of_birth is not None:
        conditions.append(f"p.date_of_birth = DATE {literal(wanted.date_of_birth.isoformat())}")
    if wanted.postcode:
        conditions.append(f"a.postcode = (SELECT {postcode('pc')} FROM (SELECT {literal(wanted.postcode)} AS pc))")
    if wanted.address:
        conditions.append(f"contains(upper(a.address), upper({literal(wanted.address)}))")
    return Step(
        "candidates",
        "People who may be meant, without those who are sealed; whereabouts of protected people withheld",
        f"""WITH t AS ({_typed(wanted.name)}),
            safe AS (SELECT DISTINCT person_id FROM "spine.protected"),
            sealed AS (SELECT person_id FROM "spine.protected" WHERE because = 'sealed'),
            home AS (SELECT person_id, any_value(address_id) AS address_id FROM "spine.residence"
                     WHERE is_current GROUP BY person_id)
            SELECT p.person_id, p.forename, p.surname, p.date_of_birth, p.sex,
                   CASE WHEN safe.person_id IS NULL THEN a.postcode END AS postcode,
                   CASE WHEN safe.person_id IS NULL THEN a.address END AS address,
                   safe.person_id IS NOT NULL AS withheld,
                   coalesce(jaro_winkler_similarity(p.surname, t.surname), 0.5)
                       + coalesce(jaro_winkler_similarity(p.forename, t.forename), 0.5) AS likeness
            FROM "spine.person" AS p CROSS JOIN t
            LEFT JOIN home AS h ON h.person_id = p.person_id
            LEFT JOIN "spine.address" AS a ON a.address_id = h.address_id
            LEFT JOIN safe ON safe.person_id = p.person_id
            WHERE p.person_id NOT IN (SELECT person_id FROM sealed) AND {" AND ".join(conditions)}
            ORDER BY likeness DESC, p.person_id LIMIT {MOST_CANDIDATES + 1}""",
        ("person_id", "forename", "surname", "date_of_birth", "sex", "postcode", "address", "withheld", "likeness"),
    )


def _typed(name: str) -> str:
    """Standardise the name as typed as records are; one word alone is a surname."""
    names = split_name("typed", "forename_first")
    surname, forename = names.parts["surname"], names.parts["forename"]
    columns = {
        "surname": f"coalesce({surname}, {name_part('typed')})",
        "forename": f"CASE WHEN {surname} IS NOT NULL THEN {forename} END",
    }
    return select_staged(f"(SELECT {literal(name)} AS typed)", columns, [names])
