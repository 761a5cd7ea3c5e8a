"""Says of each name that may be read whether a permit gives it: datasets, standardised parts, quarantine, the spine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from almoner.governance.permit import Permit
from almoner.governance.policies import (
    check_columns,
    dataset_refusal,
    identity_refusal,
    reviewing_refusal,
)
from almoner.kernel.errors import AccessRefused
from almoner.registry.datasets import PLACE, Dataset
from almoner.registry.layout import tier_of
from almoner.registry.registry import Registry

Reads = Mapping[str, Sequence[str]]
"""What is read: dataset → columns; 'persons:', 'places:', 'quarantine:' with a dataset; 'home:' and 'registered:' with
a dataset: what it says of where the permit's people live now, and whom it has there; 'held:' with a dataset → columns
of every version of the permit's people's records, for answering them; 'quality:' with a dataset → names of its
expectations; 'corrections:' with a dataset → columns: what is corrected in them of the permit's people;
'spine.<table>'; 'memory.<table>'."""

MEMORY_PREFIX = "memory."
"""Before the tables that one run of linkage leaves for the next: for joining records alone."""

SPINE_KINDS: dict[str, frozenset[str]] = {
    "person_record": frozenset(),
    "household_member": frozenset(),
    "household": frozenset(),
    "relationship": frozenset(),
    "kinship": frozenset(),
    "family": frozenset(),
    "family_member": frozenset(),
    "person_event": frozenset(),
    "protected": frozenset(),
    "review": frozenset(),
    "residence": frozenset({"address"}),
    "address": frozenset({"address", "uprn", "postcode"}),
    "person": frozenset({"forename", "surname", "date_of_birth", "sex"}),
}
"""Which kinds of identity each table of the spine shows."""

_IDENTITY_KINDS = frozenset(
    {"forename", "surname", "full_name", "date_of_birth", "sex", "nhs_number", "uprn", "address", "postcode"}
)
_OF_PEOPLE = ("spine", "memory")
_PSEUDONYMOUS_SPINE = ("spine.link", "spine.resident")


def check_read(registry: Registry, permit: Permit, name: str, columns: tuple[str, ...], today: dt.date) -> None:
    """Refuse unless a permit gives what is named.

    Raises: AccessRefused, NotFound where no such dataset is declared.
    """
    kind, _, rest = name.partition(":")
    refusal: str | None = None
    if (
        permit.sharing is not None
        and (rest or ("." in name and name.partition(".")[0] in _OF_PEOPLE))
        and (name not in _PSEUDONYMOUS_SPINE)
    ):
        refusal = f"it is not in what is shared as '{permit.sharing}'"
    elif name.startswith("spine."):
        table = name.removeprefix("spine.")
        if name not in _PSEUDONYMOUS_SPINE:
            refusal = identity_refusal(registry, permit, SPINE_KINDS.get(table, _IDENTITY_KINDS))
    elif name.startswith(MEMORY_PREFIX):
        if permit.subjects or not registry.purpose[permit.purpose].joins_records:
            refusal = f"purpose '{permit.purpose}' does not join records"
        else:
            refusal = identity_refusal(registry, permit, _IDENTITY_KINDS)
    elif not rest:
        check_columns(registry, permit, registry.dataset(name), columns, today)
    else:
        refusal = _part_refusal(registry, permit, kind, registry.dataset(rest), columns, today)
    if refusal:
        raise AccessRefused(
            f"The gate refuses '{name}': {refusal}.",
            why="Data is used only as the notice, the agreement and the purpose say.",
            todo="Use a purpose that sees it, if yours is the work it is for.",
        )


def told_of_places(registry: Registry, dataset: Dataset) -> frozenset[str]:
    """Name the columns of the facts that a dataset states of places, about nobody.

    None of the special or criminal tiers: at a home that would be of somebody, whatever it is declared to be about.
    """
    found: set[str] = set()
    for fact in dataset.facts:
        if fact.event is not None and fact.event.person in (None, PLACE):
            event = fact.event
            found |= {event.on, *filter(None, (event.detail,)), *(each.column for each in event.where)}
        if fact.attribute is not None and fact.attribute.of == PLACE:
            attribute = fact.attribute
            dated = () if attribute.as_of == "delivery" else (attribute.as_of,)
            found |= {attribute.value, *dated, *(each.column for each in attribute.where)}
    return frozenset(name for name in found if tier_of(registry, dataset, dataset.columns[name]) == "general")


def _home_refusal(registry: Registry, permit: Permit, dataset: Dataset, columns: tuple[str, ...]) -> str | None:
    """Say why a permit does not give what a dataset says of its people's home, or None: of other columns, never."""
    if not permit.subjects:
        return "the permit names nobody whose home it could be"
    other = sorted(set(columns) - told_of_places(registry, dataset))
    return f"no fact about a place is told of: {', '.join(other)}" if other else _whereabouts_refusal(registry, permit)


def _registered_refusal(registry: Registry, permit: Permit, dataset: Dataset, today: dt.date) -> str | None:
    """Say why a permit does not give whom a dataset has at its people's home, or None.

    Only a register of addresses tells it: a service's own list would tell that a neighbour is with that service.
    """
    if not permit.subjects:
        return "the permit names nobody whose home it could be"
    if not dataset.address_register:
        return "it is no register of addresses, so that somebody is in it tells more of them than where they live"
    return dataset_refusal(registry, permit, dataset, today) or _whereabouts_refusal(registry, permit)


def _held_refusal(registry: Registry, permit: Permit) -> str | None:
    """Say why a permit does not give every version of its people's records, or None.

    What is over and what was corrected is for answering the person themselves: a purpose that goes on despite
    restriction, sees their whereabouts, and is about one person.
    """
    purpose = registry.purpose[permit.purpose]
    if not permit.subjects:
        return "the permit names nobody whose records they could be"
    if not (purpose.despite_restriction and purpose.sees_whereabouts and purpose.scope == "one_person"):
        return f"purpose '{permit.purpose}' sees what is held now, not every version of it"
    return identity_refusal(registry, permit, _IDENTITY_KINDS)


def _whereabouts_refusal(registry: Registry, permit: Permit) -> str | None:
    return identity_refusal(registry, permit, SPINE_KINDS["address"])


def _part_refusal(  # noqa: PLR0911 -- one for each kind of part
    registry: Registry, permit: Permit, kind: str, dataset: Dataset, columns: tuple[str, ...], today: dt.date
) -> str | None:
    """Say why a permit does not give a part of a dataset, or None."""
    if kind == "quarantine":
        if registry.purpose[permit.purpose].mends_quarantine:
            return None
        return f"purpose '{permit.purpose}' does not mend rows in quarantine"
    if kind == "quality":
        return reviewing_refusal(registry, permit, dataset, today, columns)
    if kind == "corrections":
        check_columns(registry, permit, dataset, columns, today)
        identified = permit.form == "identifiable" and permit.subjects
        return None if identified else "the permit does not name whose records were corrected"
    if kind in ("home", "held"):
        check_columns(registry, permit, dataset, columns, today)
        home = kind == "home"
        return _home_refusal(registry, permit, dataset, columns) if home else _held_refusal(registry, permit)
    if kind == "registered":
        return _registered_refusal(registry, permit, dataset, today)
    refusal = dataset_refusal(registry, permit, dataset, today)
    if refusal is None and kind == "persons":
        refusal = identity_refusal(registry, permit, _IDENTITY_KINDS)
    return refusal
