"""What a permit for sharing gives beyond no other rule: what the agreement lists, while it runs, for an extract alone.

Must never let such a permit be read by anybody: what it gives goes to the recipient, and nobody here looks at it.
"""

from __future__ import annotations

import datetime as dt

from almoner.governance.permit import Permit
from almoner.kernel.errors import AccessRefused
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry
from almoner.registry.sharing import Sharing


def lapse_of(registry: Registry, sharing: Sharing, today: dt.date) -> str | None:
    """Say why nothing is shared by it on a day, or None: its agreement has not begun, or has lapsed."""
    agreement = registry.agreement_for(sharing)
    if today < agreement.signed_on:
        return f"agreement '{agreement.name}' starts on {agreement.signed_on}"
    if today > agreement.expires_on:
        return f"agreement '{agreement.name}' lapsed on {agreement.expires_on}"
    if sharing.purpose not in agreement.purposes:
        return f"agreement '{agreement.name}' does not permit '{sharing.purpose}'"
    return None


def check_sharing_permit(registry: Registry, permit: Permit, today: dt.date) -> None:
    """Refuse a permit for a sharing that is declared no longer, means somebody else now, or has lapsed.

    Raises: AccessRefused.
    """
    if permit.sharing is None:
        return
    sharing = registry.sharing.get(permit.sharing)
    if sharing is None or sharing.purpose != permit.purpose:
        raise AccessRefused(
            f"Nothing is shared as '{permit.sharing}' for purpose '{permit.purpose}'.",
            why="What is shared is what the registry declares.",
            todo="Look it up in registry/sharing.toml, and ask anew.",
        )
    if reason := lapse_of(registry, sharing, today):
        raise AccessRefused(
            f"Nothing may be shared as '{sharing.name}': {reason}.",
            why="What leaves is bound by the agreement under which it goes.",
            todo=f"Ask {registry.agreement_for(sharing).owner} (owner of the agreement).",
        )


def check_not_looked_at(permit: Permit) -> None:
    """Refuse to show anybody what a permit for sharing gives. Raises: AccessRefused."""
    if permit.sharing is not None:
        raise AccessRefused(
            "A permit for sharing serves an extract, and nothing else.",
            why="What it gives goes to the recipient; nobody here has to look at it.",
            todo="Ask for a permit of your own purpose.",
        )


def shared_dataset_refusal(registry: Registry, permit: Permit, dataset: Dataset) -> str | None:
    """Say why a permit for sharing does not give a dataset, or None."""
    if permit.sharing is None or dataset.full_name in registry.sharing[permit.sharing].read_columns():
        return None
    return f"'{dataset.full_name}' is not in what is shared as '{permit.sharing}'"


def shared_column_refusal(registry: Registry, permit: Permit, dataset: Dataset, name: str) -> str | None:
    """Say why a permit for sharing does not give a column, or None."""
    if permit.sharing is None or dataset.open:
        return None
    if name in registry.sharing[permit.sharing].read_columns().get(dataset.full_name, ()):
        return None
    return f"'{dataset.full_name}.{name}' is not in what is shared as '{permit.sharing}'"


def pseudonym_scope(registry: Registry, permit: Permit) -> str:
    """Name whose pseudonyms a permit shows: a project's, a permit's own, or those of a recipient."""
    sharing = registry.sharing.get(permit.sharing or "")
    return permit.project or permit.id if sharing is None else recipient_scope(sharing.recipient, sharing.project)


def recipient_scope(recipient: str, project: str | None) -> str:
    """Name whose pseudonyms a recipient is given: two recipients', and two projects', never join."""
    return f"recipient:{recipient}:{project or ''}"
