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
from almoner.registry.registry import Registry

Reads = Mapping[str, Sequence[str]]
"""What is read: dataset → columns; 'persons:', 'places:', 'quarantine:' with a dataset; 'quality:' with a dataset →
names of its expectations; 'spine.<table>'; 'memory.<table>'."""

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
_PSEUDONYMOUS_SPINE = ("spine.link", "spine.resident")


def check_read(registry: Registry, permit: Permit, name: str, columns: tuple[str, ...], today: dt.date) -> None:
    """Refuse unless a permit gives what is named.

    Raises: AccessRefused, NotFound where no such dataset is declared.
    """
    kind, _, rest = name.partition(":")
    refusal: str | None = None
    if name.startswith("spine."):
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
    elif kind == "quarantine":
        registry.dataset(rest)
        if not registry.purpose[permit.purpose].mends_quarantine:
            refusal = f"purpose '{permit.purpose}' does not mend rows in quarantine"
    elif kind == "quality":
        refusal = reviewing_refusal(registry, permit, registry.dataset(rest), today, columns)
    else:
        refusal = dataset_refusal(registry, permit, registry.dataset(rest), today)
        if refusal is None and kind == "persons":
            refusal = identity_refusal(registry, permit, _IDENTITY_KINDS)
    if refusal:
        raise AccessRefused(
            f"The gate refuses '{name}': {refusal}.",
            why="Data is used only as the notice, the agreement and the purpose say.",
            todo="Use a purpose that sees it, if yours is the work it is for.",
        )
