"""Where people lived, and who lived at an address: what the household of any day is found from."""

from __future__ import annotations

from almoner.governance.gate import Piece
from almoner.registry.registry import Registry
from almoner.single_view.certainty import surely

_LIVED = f"r.standing <> 'disputed' AND {surely()}"
_SPAN = "coalesce(r.starts_on, r.first_seen_on) AS since, coalesce(r.ends_on, r.last_seen_on) AS until, r.is_current"


def home_piece(registry: Registry) -> Piece:
    """Give where somebody lived and when, without what is disputed or not sure."""
    uprns = ", ".join(f"'{uprn}'" for uprn in registry.linkage.communal_uprns if uprn.isalnum()) or "''"
    columns = (
        "address_id", "address", "postcode", "since", "until", "is_current", "household_id", "communal",
    )  # fmt: skip
    tables = ("spine.residence", "spine.address", "spine.household", "spine.household_member")
    return Piece(
        "homes",
        "Where they lived, from when to when, and whether that is an establishment",
        f"""SELECT r.person_id AS about, r.address_id, a.address, a.postcode, {_SPAN}, m.household_id,
                   coalesce(a.uprn IN ({uprns}), false) OR coalesce(h.kind = 'communal', false) AS communal
            FROM "spine.residence" AS r JOIN "spine.address" AS a ON a.address_id = r.address_id
            LEFT JOIN "spine.household" AS h ON h.address_id = r.address_id
            LEFT JOIN "spine.household_member" AS m
              ON m.person_id = r.person_id AND m.household_id = h.household_id AND r.is_current
            WHERE {_LIVED}""",
        columns,
        dict.fromkeys(tables, ()),
    )


def residents_piece() -> Piece:
    """Give who lived at an address and when; hidden: those who must not be found there."""
    tables = ("spine.residence", "spine.person", "spine.protected")
    return Piece(
        "residents",
        "Who lived there, from when to when",
        f"""SELECT r.address_id AS about, p.person_id, p.forename, p.surname, p.date_of_birth, {_SPAN},
                   p.person_id IS NULL OR r.person_id IN (SELECT person_id FROM "spine.protected") AS hidden
            FROM "spine.residence" AS r LEFT JOIN "spine.person" AS p ON p.person_id = r.person_id
            WHERE {_LIVED}""",
        ("person_id", "forename", "surname", "date_of_birth", "since", "until", "is_current", "hidden"),
        dict.fromkeys(tables, ()),
        of_place=True,
    )
