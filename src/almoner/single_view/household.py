"""Who lived with somebody on a day: from their residences, by the rules by which the household of today is found.

It never shows who lived in the same establishment, nor whom an address would give away; what is not sure is not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.kernel.errors import NotFound, UsageError
from almoner.registry.registry import Registry
from almoner.single_view.homes import home_piece, residents_piece
from almoner.single_view.identity import identity_piece
from almoner.single_view.reading import LiveRows, Rows, published

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


def published_household(
    registry: Registry, gate: Gate, permit: Permit, person_id: str, on: dt.date
) -> HouseholdOn | None:
    """Find from the snapshot with whom a person lived on a day; None where the views are to be read.

    Raises: AccessRefused, NotFound, UsageError for a day to come.
    """
    _require_past(on)
    shown = published(registry, gate, permit, person_id, places=True)
    if shown is None:
        return None
    return _found(registry, shown.pieces, on, lambda home: shown.places.get(home, {}).get("residents", []))


def household_on(registry: Registry, gate: Gate, permit: Permit, person_id: str, on: dt.date) -> HouseholdOn:
    """Find with whom a person lived on a day, from the views that a permit about them gives.

    Raises: AccessRefused, NotFound, UsageError for a day to come.
    """
    _require_past(on)
    live = LiveRows(registry, gate, permit)
    rows = live.all((identity_piece(), home_piece(registry)), person_id)
    return _found(registry, rows, on, lambda home: live.of(residents_piece(), home))


def _require_past(on: dt.date) -> None:
    if on > dt.datetime.now(dt.UTC).date():
        raise UsageError("That day is still to come.", todo="Name a day up to today.")


def _found(
    registry: Registry, rows: Rows, on: dt.date, living_at: Callable[[str], Sequence[Mapping[str, Any]]]
) -> HouseholdOn:
    if not rows["identity"]:
        raise NotFound("There is no such person.", todo="Look them up: almoner find NAME.")
    known = rows["identity"][0]
    who = known["person_id"]
    if known["withheld"]:
        return HouseholdOn(who, on, "withheld")
    homes = [home for home in rows["homes"] if _lived(home, on)]
    if not homes:
        return HouseholdOn(who, on, "not known")
    home = max(homes, key=lambda each: (each["is_current"], each["since"] or dt.date.min, each["address_id"]))
    where = {name: home[name] for name in ("address", "postcode")}
    others = [each for each in living_at(home["address_id"]) if _lived(each, on)]
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
