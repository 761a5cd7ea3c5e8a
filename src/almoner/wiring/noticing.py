"""Builds the public notice and the record of processing, and checks both against what is held and done."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from almoner.governance.audit import EventFilter
from almoner.intake.declaration import declaration_digest
from almoner.notice import (
    Drift,
    HeldFacts,
    build_notice,
    built_pages,
    find_drift,
    landed_from,
    uses_from,
)
from almoner.wiring.workspace import Workspace, utc_now

FOLDER = "notice"


def write_notice(workspace: Workspace, out: Path | None) -> list[Path]:
    """Build the pages into a folder: the workspace's own unless another is named."""
    workspace.require("notice")
    paths = build_notice(workspace.registry, out or workspace.root / FOLDER, as_of=utc_now().date())
    workspace.note("notice.build", files=len(paths))
    return paths


def notice_drift(workspace: Workspace) -> list[Drift]:
    """Find where what is held and done has come apart from what is declared."""
    workspace.require("notice")
    today = utc_now().date()
    registry = workspace.registry
    digests = {dataset.full_name: declaration_digest(registry, dataset) for dataset in registry.datasets()}
    pages = built_pages(workspace.root / FOLDER)
    facts = HeldFacts(
        today=today,
        landed=landed_from(workspace.lake.catalogue.deliveries()),
        declared_digests=digests,
        uses=uses_from(logged.event for logged in workspace.audit.events(EventFilter(since=_since(workspace)))),
        built=pages or None,
    )
    workspace.note("notice.check")
    return find_drift(registry, facts)


def _since(workspace: Workspace) -> dt.datetime | None:
    """Give the instant at which the present notice was built: what was done before, an earlier one answered for."""
    page = workspace.root / FOLDER / "notice.html"
    return dt.datetime.fromtimestamp(page.stat().st_mtime, dt.UTC) if page.is_file() else None
