"""What the commands of governance share: whoever may review a use of break-glass is told while one awaits review."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from almoner.cli.opening import opened, say, table

if TYPE_CHECKING:
    from almoner.governance.ports import EmergencyCase
    from almoner.wiring.workspace import Workspace


def opened_for_governance(given: Path | None) -> Workspace:
    """Open the workspace; tell a reviewer on stderr what awaits review."""
    opening = opened(given)
    due = opening.reviews_due()
    if due:
        uses = "1 use" if len(due) == 1 else f"{len(due)} uses"
        oldest = min(case.opened_at for case in due)
        say(
            f"BREAK-GLASS: {uses} by somebody else await{'s' if len(due) == 1 else ''} your review,"
            f" the oldest since {oldest:%Y-%m-%d %H:%M} UTC. See: almoner break-glass list"
        )
    return opening


def reviews_table(due: Sequence[EmergencyCase]) -> str:
    """Lay out what awaits review."""
    rows = [(case.id, case.permit_id, case.actor, f"{case.opened_at:%Y-%m-%d %H:%M}") for case in due]
    return "Break-glass awaiting your review\n" + table(("case", "permit", "actor", "opened"), rows)
