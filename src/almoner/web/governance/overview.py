"""Where governance begins: what awaits a decision, and what lapses soon."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.governance.registry_pages import lapsing
from almoner.web.pages import Visit, page, right
from almoner.web.rendering import render

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
    "share",
    "share_approve",
)
"""Whoever looks after anything."""


@page("governance/", need=ANY, purpose="Seeing what awaits governance")
def overview(visit: Visit) -> HttpResponse:
    """Show what awaits the visitor, and the pages that their rights open."""
    due = visit.workspace.reviews_due()
    return render(
        visit, "governance/overview.html", title="Governance", due=due,
        lapsing=lapsing(visit.workspace.registry, visit.site.now.date()),
    )  # fmt: skip
