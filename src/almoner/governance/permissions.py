"""Rules about people: who may act for a purpose, and who may do what to the system. `check_x` raises with a reason."""

from __future__ import annotations

from almoner.governance.ports import Records
from almoner.kernel.errors import AccessRefused
from almoner.registry.governing import Right
from almoner.registry.registry import Registry


def rights_of(registry: Registry, records: Records, actor: str) -> frozenset[str]:
    """Name the rights that an actor's roles give."""
    roles = (registry.role[name] for name in records.roles_of(actor) if name in registry.role)
    return frozenset(right for role in roles for right in role.rights)


def purposes_of(registry: Registry, records: Records, actor: str) -> frozenset[str]:
    """Name the purposes that an actor's roles serve."""
    roles = (registry.role[name] for name in records.roles_of(actor) if name in registry.role)
    return frozenset(purpose for role in roles for purpose in role.purposes)


def check_right(registry: Registry, records: Records, actor: str, right: Right) -> None:
    """Refuse unless a role of the actor gives the right.

    Raises: AccessRefused, naming the roles that would.
    """
    if right in rights_of(registry, records, actor):
        return
    giving = sorted(name for name, role in registry.role.items() if right in role.rights)
    raise AccessRefused(
        f"'{actor}' has no role with the right '{right}'.",
        why="Rights come from roles, and roles are granted to people, never taken.",
        todo=f"Ask for one of the roles: {', '.join(giving) or 'none declares it'} ('almoner role grant').",
    )


def check_purpose(registry: Registry, records: Records, actor: str, purpose: str) -> None:
    """Refuse unless a role of the actor serves the purpose.

    Raises: AccessRefused, naming the roles that would.
    """
    if purpose not in registry.purpose:
        raise AccessRefused(
            f"Purpose '{purpose}' is not declared.",
            why="Data may be used only for the purposes that the notice states.",
            todo=f"Use one of: {', '.join(sorted(registry.purpose))}.",
        )
    if purpose in purposes_of(registry, records, actor):
        return
    serving = sorted(name for name, role in registry.role.items() if purpose in role.purposes)
    raise AccessRefused(
        f"'{actor}' has no role that serves the purpose '{purpose}'.",
        why="A purpose is served by the people whose work it is.",
        todo=f"Ask for one of the roles: {', '.join(serving) or 'none declares it'} ('almoner role grant').",
    )
