"""What the index of people is made from: who is sure to bear which names, birthdays and numbers, and lives where.

Only records that are surely somebody's count, so nobody is found by another's name; sealed people are left out
entirely; addresses are those that the gate's views show. Each step reads views of one purpose and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from almoner.governance.reads import Reads
from almoner.kernel.steps import Step
from almoner.single_view.certainty import surely

ROLES = {"forename": 1, "middle_names": 2, "known_as": 4, "surname": 8, "previous_surname": 16}
"""What a name is to whom it names; the parts of a name are told together by adding these."""
NUMBERS = ("nhs_number", "nino", "upn", "uln", "local_id", "phone", "email", "uprn")
_SAID = ("record_id", *ROLES, "date_of_birth", "birth_year_only", *NUMBERS, "postcode", "house_number", "street")
_SPINE = ("spine.link", "spine.person", "spine.protected", "spine.residence", "spine.address")


def search_reads(datasets: Sequence[str]) -> Reads:
    """Name what the index is made from."""
    return dict.fromkeys((*_SPINE, *(f"persons:{name}" for name in datasets)), ())


def search_steps(datasets: Sequence[str]) -> Mapping[str, Sequence[Step]]:
    """Give the steps of each table; `person` is a number from 0, in the order of the ids."""
    first = [_people(datasets), _sure(datasets), _HOMES]
    return {name: [*first, step] for name, step in _TABLES.items()}


def _people(datasets: Sequence[str]) -> Step:
    given = ", ".join(f"'{name}'" for name in datasets) or "NULL"
    return Step(
        "findable",
        "Everybody who may be found, numbered: known by some sure record, and not sealed",
        f"""SELECT CAST(row_number() OVER (ORDER BY p.person_id) - 1 AS INTEGER) AS person, p.person_id, p.forename,
                   p.surname, p.date_of_birth, p.sex
            FROM "spine.person" AS p
            WHERE p.person_id IN (SELECT person_ref FROM "spine.link" WHERE dataset IN ({given}) AND {surely()})
              AND p.person_id NOT IN (SELECT person_id FROM "spine.protected" WHERE because = 'sealed')""",
        ("person", "person_id", "forename", "surname", "date_of_birth", "sex"),
        keep=True,
    )


def _sure(datasets: Sequence[str]) -> Step:
    columns = ", ".join(f"p.{name}" for name in _SAID)
    parts = [
        f"""SELECT f.person, '{name}' AS dataset, {columns}
            FROM "persons:{name}" AS p
            JOIN "spine.link" AS l ON l.dataset = '{name}' AND l.row_id = p.row_id AND l.slot = p.slot
            JOIN findable AS f ON f.person_id = l.person_ref
            WHERE {surely()} AND NOT coalesce(p.sealed, FALSE)"""
        for name in datasets
    ]
    nobody = ", ".join(f"CAST(NULL AS {_type(name)}) AS {name}" for name in ("person", "dataset", *_SAID))
    return Step(
        "sure",
        "What records say that are surely somebody's",
        " UNION ALL ".join(parts) or f"SELECT {nobody} WHERE FALSE",
        ("person", "dataset", *_SAID),
        keep=True,
    )


def _type(name: str) -> str:
    return {"person": "INTEGER", "date_of_birth": "DATE", "birth_year_only": "BOOLEAN"}.get(name, "VARCHAR")


_HOMES = Step(
    "home",
    "Where they live and lived, as far as it is shown and a sure record says so",
    """WITH place AS (SELECT DISTINCT person, uprn, postcode, house_number, street FROM sure)
       SELECT f.person, r.address_id, bool_or(r.is_current) AS is_current
       FROM "spine.residence" AS r
       JOIN findable AS f USING (person_id)
       JOIN "spine.address" AS a USING (address_id)
       WHERE (f.person, a.uprn) IN (SELECT (person, uprn) FROM place WHERE uprn IS NOT NULL)
          OR (f.person, a.postcode) IN (SELECT (person, postcode) FROM place WHERE postcode IS NOT NULL)
          OR (f.person, a.house_number, a.street) IN
             (SELECT (person, house_number, street) FROM place WHERE street IS NOT NULL)
       GROUP BY f.person, r.address_id""",
    ("person", "address_id", "is_current"),
    keep=True,
)

_NAMES = " UNION ALL ".join(
    f"SELECT person, CAST({role} AS UTINYINT) AS role, {name} AS name FROM sure WHERE {name} IS NOT NULL"
    for name, role in ROLES.items()
)
_NUMBERS = " UNION ALL ".join(
    f"SELECT md5_number_lower('{name}:' || {name}) AS number, person FROM sure WHERE {name} IS NOT NULL"
    for name in NUMBERS
)

_TABLES = {
    "people": Step(
        "people",
        "Who may be found, and what is shown to choose by",
        """SELECT f.person_id, f.forename, f.surname, f.date_of_birth, f.sex,
                  f.person_id IN (SELECT person_id FROM "spine.protected") AS withheld
           FROM findable AS f ORDER BY f.person""",
        ("person_id", "forename", "surname", "date_of_birth", "sex", "withheld"),
    ),
    "names": Step(
        "names", "Every name that their records bear", f"SELECT DISTINCT * FROM ({_NAMES})", ("person", "role", "name")
    ),
    "births": Step(
        "births",
        "Every birthday; of a year alone, 19870000",
        """SELECT DISTINCT person, CAST(year(date_of_birth) * 10000 + CASE WHEN coalesce(birth_year_only, FALSE) THEN 0
                  ELSE month(date_of_birth) * 100 + day(date_of_birth) END AS INTEGER) AS day
           FROM sure WHERE date_of_birth IS NOT NULL""",
        ("person", "day"),
    ),
    "numbers": Step(
        "numbers",
        "Their numbers and their records', as digests: a number can be looked for, and none can be read out",
        f"""SELECT DISTINCT number, person FROM ({_NUMBERS} UNION ALL
            SELECT md5_number_lower('record:' || dataset || '/' || upper(record_id)) AS number, person FROM sure)""",
        ("number", "person"),
    ),
    "homes": Step("homes", "Where they live and lived", "SELECT * FROM home", ("person", "address_id", "is_current")),
    "addresses": Step(
        "addresses",
        "The addresses of these homes",
        """SELECT a.address_id, a.address, a.flat, a.house_number, a.street, a.postcode
           FROM "spine.address" AS a WHERE a.address_id IN (SELECT address_id FROM home)""",
        ("address_id", "address", "flat", "house_number", "street", "postcode"),
    ),
    "datasets": Step(
        "datasets", "Whose keys may be numbers", "SELECT DISTINCT dataset FROM sure ORDER BY dataset", ("dataset",)
    ),
}
