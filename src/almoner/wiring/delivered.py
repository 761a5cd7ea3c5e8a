"""What has landed, from the catalogue: counts and dates of deliveries, and no row of any."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from almoner.wiring.workspace import Workspace


@dataclass(frozen=True)
class Landed:
    """A delivery as people look after it."""

    dataset: str
    delivery: str
    as_of: dt.date
    landed_at: dt.datetime | None
    rows_in: int
    accepted: int
    quarantined: int


def landed(workspace: Workspace) -> list[Landed]:
    """List the current deliveries, the newest first."""
    return [
        Landed(e.dataset, e.delivery, e.as_of, e.landed_at, e.rows_in, e.accepted, e.quarantined)
        for e in reversed(workspace.lake.catalogue.deliveries())
    ]
