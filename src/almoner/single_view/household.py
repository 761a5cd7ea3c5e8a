"""Who lived with somebody on a day: from their residences, by the rules by which the household of today is found.

It never shows who lived in the same establishment, nor whom an address would give away; what is not sure is not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from almoner.kernel.errors import UsageError
from almoner.registry.registry import Registry
from almoner.single_view.gone import gone
from almoner.single_view.ids import plain_id
from almoner.single_view.rows import About

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


def require_past(on: dt.date) -> None:
    """Refuse a day to come. Raises: UsageError."""
    if on > dt.datetime.now(dt.UTC).date():
        raise UsageError("That day is still to come.", todo="Name a day up to today.")


def household_on(registry: Registry, about: About, person_id: str, on: dt.date) -> HouseholdOn:
    """Find with whom a person lived on a day, from what was read about them. Raises: NotFound."""
    who = plain_id(person_id)
    rows = about.people.get(who, {})
    if not rows.get("identity"):
        raise gone(rows)
    if rows["identity"][0]["withheld"]:
        return HouseholdOn(who, on, "withheld")
    homes = [home for home in rows["homes"] if _lived(home, on)]
    if not homes:
        return HouseholdOn(who, on, "not known")
    home = max(homes, key=lambda each: (each["is_current"], each["since"] or dt.date.min, each["address_id"]))
    where = {name: home[name] for name in ("address", "postcode")}
    others = [each for each in about.residents(home["address_id"]) if _lived(each, on)]
    if home["communal"] or len(others) > registry.linkage.communal_above:
        return HouseholdOn(who, on, "communal", **where)
    members = [
        {name: each[name] for name in ("person_id", "forename", "surname", "date_of_birth")}
        for each in sorted(others, key=lambda e: (e["date_of_birth"] is None, e["date_of_birth"], e["person_id"] or ""))
        if not each["hidden"] and each["person_id"] != who and (each["date_of_birth"] or on) <= on
    ]
    return HouseholdOn(who, on, "known", **where, household_id=home["household_id"], members=members)


def _lived(row: Mapping[str, Any], on: dt.date) -> bool:
    """Say whether somebody lived there on a day: a residence without a beginning is of no day."""
    begun = row["since"] is not None and row["since"] <= on
    return begun and (row["is_current"] or (row["until"] is not None and row["until"] >= on))
