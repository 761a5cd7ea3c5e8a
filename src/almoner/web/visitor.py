"""Who visits: an actor with roles, or nobody. What they may do is asked of the records at each request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """Who visits. No actor: nobody has signed in."""

    actor: str = ""
    roles: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody has signed in; so the libraries ask."""
        return bool(self.actor)
