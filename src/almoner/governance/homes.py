"""Where the people live whom a permit is about, and which rows of a dataset say something of that place.

Writes SQL over tables that the views register. An establishment is nobody's home here: who else lives there, and what
happens there, says nothing of one person.
"""

from __future__ import annotations

from collections.abc import Callable

from almoner.kernel.tables import ADDRESS_FIELDS

Spine = Callable[[str], str]
"""Gives the registered name of a table of the spine."""

WRITTEN = tuple(field.name for field in ADDRESS_FIELDS if field.name not in ("uprn", "address"))
"""How an address is told from its neighbours where no number of the property is given."""


def homes_sql(people: str, spine: Spine, *, hidden: bool) -> str:
    """Write the SELECT of the addresses at which people live now.

    In: people = a condition on residences (r). hidden = leave out addresses of those who must not be found.
    """
    protected = f"SELECT person_id FROM {spine('protected')}"
    unseen = (
        f" AND a.address_id NOT IN (SELECT address_id FROM {spine('residence')} WHERE person_id IN ({protected}))"
        if hidden
        else ""
    )
    communal = f"SELECT address_id FROM {spine('household')} WHERE kind = 'communal'"
    return f"""SELECT a.* FROM {spine("residence")} AS r JOIN {spine("address")} AS a ON a.address_id = r.address_id
               WHERE {people} AND r.is_current AND r.standing <> 'disputed'
                 AND a.address_id NOT IN ({communal}){unseen}"""


def at_home_sql(rows: str, homes: str, shown: str = "p.row_id") -> str:
    """Write the SELECT of rows (p) that stand at one of these addresses (a): by its number, else as it is written."""
    same = " AND ".join(f"p.{name} IS NOT DISTINCT FROM a.{name}" for name in WRITTEN)
    return f"""SELECT {shown} FROM {rows} AS p JOIN ({homes}) AS a
               ON p.uprn = a.uprn OR (p.postcode IS NOT NULL AND {same}
                  AND (p.uprn IS NULL OR a.uprn IS NULL) AND coalesce(p.house_number, p.address) IS NOT NULL)"""
