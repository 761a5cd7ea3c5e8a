"""Where governance begins: what awaits a decision, and what lapses soon."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.governance.registry_pages import lapsing
from almoner.web.pages import Visit, page, right
from almoner.web.rendering import render
from almoner.wiring.serving import snapshot_state

ANY = right(
    "audit",
    "grant",
    "notice",
    "break_glass_review",
    "quarantine",
    "release",
    "release_approve",
    "intake",
    "link",
    "rectify",
    "requests",
    "share",
    "share_approve",
    "carry_out",
)
"""Whoever looks after anything."""


@page("governance/", need=ANY, purpose="Seeing what awaits governance")
def overview(visit: Visit) -> HttpResponse:
    """Show what awaits the visitor, and the pages that their rights open."""
    due = visit.workspace.reviews_due()
    return render(
        visit, "governance/overview.html", title="Governance", due=due,
        lapsing=lapsing(visit.workspace.registry, visit.site.now.date()), serving=_serving(visit),
    )  # fmt: skip


def _serving(visit: Visit) -> list[str]:
    """Say what is wrong with what this process serves by: its registry, and what searches and records read."""
    fault, lacking = visit.site.registry_fault, snapshot_state(visit.workspace)
    found = [lacking] if lacking else []
    if fault is not None:
        found.append(
            f"The registry was changed and has a fault ({fault.where}): {fault.why or fault.message}. "
            "The registry before the change holds until it is mended."
        )
    return found
