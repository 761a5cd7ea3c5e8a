"""Who lived with somebody on a day: from their residences, by the rules by which the household of today is found.

It never shows who lived in the same establishment, nor whom an address would give away; what is not sure is not there.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

from almoner.facts import run_with_facts
from almoner.facts.read import FactReader
from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.kernel.errors import UsageError
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry
from almoner.single_view.certainty import surely
from almoner.single_view.gone import gone
from almoner.single_view.ids import plain_id

State = Literal["known", "communal", "withheld", "not known"]


@dataclass(frozen=True)
class HouseholdOn:
    """Who lived together on a day, as far as it is known and may be shown.

    household_id: of the household that still lives there, if this one is it. members: who lived there too.
    """

    person_id: str
    on: dt.date
    state: State
    address: str | None = None
    postcode: str | None = None
    household_id: str | None = None
    members: list[dict[str, Any]] = field(default_factory=list)


def household_on(registry: Registry, gate: Gate, permit: Permit, person_id: str, on: dt.date) -> HouseholdOn:
    """Find with whom a person lived on a day, under a permit that is about them.

    Raises: AccessRefused, NotFound, UsageError for a day to come.
    """
    if on > dt.datetime.now(dt.UTC).date():
        raise UsageError("That day is still to come.", todo="Name a day up to today.")
    run = run_with_facts(registry, gate, permit)
    who = plain_id(person_id)
    known = _standing(run, who)
    if known is None:
        raise gone(run, who)
    if known["withheld"]:
        return HouseholdOn(who, on, "withheld")
    home = _home(registry, run, who, on)
    if home is None:
        return HouseholdOn(who, on, "not known")
    where = {name: home[name] for name in ("address", "postcode")}
    if home["communal"]:
        return HouseholdOn(who, on, "communal", **where)
    members = _members(run, who, home["address_id"], on)
    return HouseholdOn(who, on, "known", **where, household_id=home["household_id"], members=members)


def lived_sql(on: dt.date) -> str:
    """Write who lived where on a day: (person_id, address_id), without what is disputed or not sure."""
    day = f"DATE '{on.isoformat()}'"
    return f"""SELECT person_id, address_id, is_current FROM "spine.residence"
               WHERE standing <> 'disputed' AND {surely()} AND coalesce(starts_on, first_seen_on) <= {day}
                 AND (is_current OR coalesce(ends_on, last_seen_on) >= {day})"""


def _standing(run: FactReader, who: str) -> dict[str, Any] | None:
    step = Step(
        "standing",
        "Whether there is such a person, and whether their whereabouts are withheld",
        f"""SELECT p.person_id, p.person_id IN (SELECT person_id FROM "spine.protected") AS withheld
            FROM "spine.person" AS p WHERE p.person_id = '{who}'""",
        ("person_id", "withheld"),
    )
    return run([step], dict.fromkeys(("spine.person", "spine.protected"), ())).one()


def _home(registry: Registry, run: FactReader, who: str, on: dt.date) -> dict[str, Any] | None:
    uprns = ", ".join(f"'{uprn}'" for uprn in registry.linkage.communal_uprns if uprn.isalnum()) or "''"
    step = Step(
        "home",
        "Where they lived on the day, and whether that was an establishment",
        f"""WITH lived AS ({lived_sql(on)})
            SELECT l.address_id, a.address, a.postcode, m.household_id,
                   coalesce(a.uprn IN ({uprns}), false) OR coalesce(h.kind = 'communal', false)
                   OR (SELECT count(*) FROM lived AS o WHERE o.address_id = l.address_id)
                      > {registry.linkage.communal_above} AS communal
            FROM lived AS l JOIN "spine.address" AS a ON a.address_id = l.address_id
            LEFT JOIN "spine.household" AS h ON h.address_id = l.address_id
            LEFT JOIN "spine.household_member" AS m
              ON m.person_id = l.person_id AND m.household_id = h.household_id AND l.is_current
            WHERE l.person_id = '{who}'""",
        ("address_id", "address", "postcode", "household_id", "communal"),
    )
    tables = ("spine.residence", "spine.address", "spine.household", "spine.household_member")
    return run([step], dict.fromkeys(tables, ())).one()


def _members(run: FactReader, who: str, address_id: str, on: dt.date) -> list[dict[str, Any]]:
    step = Step(
        "lived_with",
        "Who lived there too on the day, without those who must not be found",
        f"""WITH lived AS ({lived_sql(on)})
            SELECT p.person_id, p.forename, p.surname, p.date_of_birth
            FROM lived AS l JOIN "spine.person" AS p ON p.person_id = l.person_id
            WHERE l.address_id = '{plain_id(address_id)}' AND l.person_id <> '{who}'
              AND l.person_id NOT IN (SELECT person_id FROM "spine.protected")
              AND (p.date_of_birth IS NULL OR p.date_of_birth <= DATE '{on.isoformat()}')
            ORDER BY p.date_of_birth NULLS LAST, p.person_id""",
        ("person_id", "forename", "surname", "date_of_birth"),
    )
    return run([step], dict.fromkeys(("spine.residence", "spine.person", "spine.protected"), ())).rows()
