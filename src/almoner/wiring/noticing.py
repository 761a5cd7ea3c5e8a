"""Builds the public notice and the record of processing, and checks both against what is held and done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from almoner.governance.audit import EventFilter
from almoner.governance.retention import clock_of, keep_until
from almoner.intake.declaration import declaration_digest
from almoner.notice import (
    DisposedUnder,
    Drift,
    HeldFacts,
    KeptOn,
    SharedOut,
    build_notice,
    built_pages,
    find_drift,
    landed_from,
    stated_section,
    uses_from,
)
from almoner.notice.drift_practice import RETENTION_SECTION
from almoner.registry.releasing import PUBLIC
from almoner.wiring.disposals import disposals_of
from almoner.wiring.holding import in_force
from almoner.wiring.releasing import book_of
from almoner.wiring.shares import shares_of
from almoner.wiring.workspace import Workspace, utc_now

FOLDER = "notice"
LATE_DAYS = 31
"""So long after its last day a delivery may still be there: until the next monthly run of retention."""


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
    since = _since(workspace)
    sent = [each for each in shares_of(workspace).shares() if each.sent_at is not None and each.destroy_by is not None]
    released = {each.recipient for each in book_of(workspace).releases() if each.state in ("released", "withdrawn")}
    facts = HeldFacts(
        today=today,
        landed=landed_from(workspace.lake.catalogue.deliveries()),
        declared_digests=digests,
        uses=uses_from(logged.event for logged in workspace.audit.events(EventFilter(since=since))),
        recipients=frozenset({each.recipient for each in sent} | (released - {PUBLIC})),
        shared=tuple(
            SharedOut(each.sharing, each.recipient, each.destroy_by or today, each.confirmed_at is not None)
            for each in sent
        ),
        disposed=tuple(
            DisposedUnder(each.subject, each.action)
            for each in disposals_of(workspace).disposals("done")
            if each.kind == "schedule" and since is not None and each.made_at >= since
        ),
        kept_on=tuple(_kept_on(workspace, today)),
        stated_retention=stated_section(workspace.root / FOLDER, RETENTION_SECTION),
        built=pages or None,
    )
    workspace.note("notice.check")
    return find_drift(registry, facts)


def _kept_on(workspace: Workspace, today: dt.date) -> Iterator[KeptOn]:
    """Find deliveries that should have gone: of datasets that count by the delivery's own day, and no hold keeps."""
    held = {(each.kind, each.target) for each in in_force(workspace)}
    for dataset in workspace.registry.datasets():
        rule = workspace.registry.retention_of(dataset)
        kept = ("dataset", dataset.full_name) in held or ("rule", rule.name) in held
        if dataset.open or kept or rule.action == "review" or rule.counted_from != "delivery":
            continue
        if clock_of(dataset, rule) is not None:
            continue
        entries = workspace.lake.catalogue.deliveries(dataset.full_name, superseded=True)
        last = [keep_until(each.as_of, rule) for each in entries if each.accepted]
        if late := [day for day in last if day < today - dt.timedelta(days=LATE_DAYS)]:
            yield KeptOn(dataset.full_name, len(late), min(late))


def _since(workspace: Workspace) -> dt.datetime | None:
    """Give the instant at which the present notice was built: what was done before, an earlier one answered for."""
    page = workspace.root / FOLDER / "notice.html"
    return dt.datetime.fromtimestamp(page.stat().st_mtime, dt.UTC) if page.is_file() else None
