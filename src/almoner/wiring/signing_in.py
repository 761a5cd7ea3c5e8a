"""Lets the identity provider say who holds which role: what it no longer says is taken away at the next sign-in.

Roles that people granted here stay as they are. Must never give a role that the registry does not declare.
"""

from __future__ import annotations

from collections.abc import Sequence

from almoner.kernel.errors import AccessRefused
from almoner.wiring.workspace import Workspace

PROVIDER = "identity provider"
"""Who gave a role, as the records keep it."""


def roles_told(workspace: Workspace, claimed: Sequence[str]) -> tuple[str, ...]:
    """Give the roles of the registry that app roles or groups stand for, as the settings map them."""
    mapped = workspace.settings.oidc.roles
    roles = (mapped[each] for each in claimed if each in mapped)
    return tuple(dict.fromkeys(role for role in roles if role in workspace.registry.role))


def follow_provider(workspace: Workspace, claimed: Sequence[str]) -> None:
    """Bring an actor's roles into line with what the provider says of them; each change is in the log first.

    Raises: AccessRefused where nothing gives them a role: then they don't belong here.
    """
    actor, records = workspace.actor, workspace.records
    told = frozenset(roles_told(workspace, claimed))
    held = records.roles_given_by(actor, PROVIDER)
    for role in sorted(held - told):
        workspace.note("role.revoke", role=role, to=actor, because=PROVIDER)
        records.revoke_role(actor, role)
    for role in sorted(told - records.roles_of(actor)):
        workspace.note("role.grant", role=role, to=actor, because=PROVIDER)
        records.grant_roles(actor, (role,), PROVIDER)
    if not records.roles_of(actor):
        raise AccessRefused(
            "You have no role in this service.",
            why="The council's directory names none for you.",
            todo="Ask your manager, or whoever looks after access.",
        )
