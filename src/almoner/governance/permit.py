"""A permit: who may read, for which purpose, about whom, in which form, why, and until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from almoner.registry.governing import Form, Scope

PermitState = Literal["requested", "granted", "revoked"]


@dataclass(frozen=True)
class Permit:
    """Leave to read. Only the gate acts on it; holding one proves nothing that the records don't say."""

    id: str
    actor: str
    purpose: str
    form: Form
    scope: Scope
    reason: str = field(repr=False)
    starts_at: dt.datetime
    expires_at: dt.datetime
    state: PermitState = "requested"
    subjects: tuple[str, ...] = field(default=(), repr=False)
    """The person ids that a one_person permit is about."""
    project: str | None = None
    granted_by: str | None = None
    reason_code: str = "stated"
    break_glass: bool = False
    sharing: str | None = None
    """What of the registry's sharings it serves: it then gives what that lists, in pseudonyms of that recipient."""

    def in_force(self, at: dt.datetime) -> bool:
        """Say whether the permit gives anything at this instant."""
        return self.state == "granted" and self.starts_at <= at < self.expires_at
