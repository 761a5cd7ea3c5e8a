"""The registry as people read it: sources, what flows from them, under which agreements, and what lapses when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from almoner.kernel.errors import NotFound
from almoner.registry.datasets import Source
from almoner.registry.registry import Registry
from almoner.web.governance import rights
from almoner.web.pages import Visit, page
from almoner.web.rendering import render

SOON_DAYS = 90
"""What lapses within this is shown before anything else: an agreement takes about a quarter to renew."""


@dataclass(frozen=True)
class Lapse:
    """Something that ends: an agreement or a project."""

    what: str
    title: str
    owner: str
    on: dt.date
    over: bool


def lapsing(registry: Registry, today: dt.date, days: int = SOON_DAYS) -> list[Lapse]:
    """List what has lapsed or will soon, the earliest first."""
    found = [
        *(Lapse("Agreement", each.title, each.owner, each.expires_on, each.expires_on < today)
          for each in registry.agreement.values()),
        *(Lapse("Project", each.title, each.approved_by, each.ends_on, each.ends_on < today)
          for each in registry.project.values()),
    ]  # fmt: skip
    return sorted((each for each in found if (each.on - today).days <= days), key=lambda each: each.on)


@page("governance/registry/", need=rights.REGISTRY, purpose="Seeing what is declared")
def registry_sources(visit: Visit) -> HttpResponse:
    """List sources, agreements and projects with the days on which they lapse."""
    registry, today = visit.workspace.registry, visit.site.now.date()
    return render(
        visit, "governance/registry.html", title="Registry", registry=registry, today=today,
        lapses=lapsing(registry, today, days=100_000),
    )  # fmt: skip


@page("governance/registry/<str:source>/", need=rights.REGISTRY, purpose="Seeing what a source sends, and for what")
def registry_source(visit: Visit, source: str) -> HttpResponse:
    """Show a source: its datasets, columns by category, purposes, agreement, retention."""
    registry = visit.workspace.registry
    found = find_source(registry, source)
    return render(
        visit, "governance/source.html", title=found.title, source=found, flows=flows_of(registry, found),
        agreement=registry.agreement.get(found.agreement),
    )  # fmt: skip


def find_source(registry: Registry, name: str) -> Source:
    """Find a declared source. Raises: NotFound."""
    if name not in registry.source:
        raise NotFound("No such source is declared.")
    return registry.source[name]


def flows_of(registry: Registry, source: Source) -> list[dict[str, Any]]:
    """List what a source sends: each dataset with its categories, its retention and the purposes it serves."""
    return [
        {
            "dataset": dataset,
            "categories": sorted({registry.category[column.category].title for column in dataset.columns.values()}),
            "retention": registry.retention_of(dataset),
            "purposes": [registry.purpose[name].title for name in dataset.purposes if name in registry.purpose],
        }
        for dataset in source.datasets.values()
    ]
