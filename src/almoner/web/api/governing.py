"""For the programs of information governance: what is declared, what has landed, drift and the audit log."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from almoner.governance.audit import LoggedEvent
from almoner.web.api.routes import route, visit_of
from almoner.web.api.shapes import MOST, Listed, Part, Shape, part_of
from almoner.web.governance import rights
from almoner.web.governance.audit_log import newest_events, proof_of
from almoner.web.governance.registry_pages import find_source, flows_of, lapsing
from almoner.web.pages import right
from almoner.wiring.delivered import landed
from almoner.wiring.noticing import notice_drift
from almoner.wiring.quarantine import quarantine_summary

FAR = 100_000
"""Days: whatever lapses at all."""


class SourceEntry(Shape):
    """A source."""

    name: str
    title: str
    owner: str
    agreement: str
    datasets: list[str]


class LapseEntry(Shape):
    """An agreement or a project, with the day on which it ends."""

    what: str
    title: str
    owner: str
    on: dt.date
    over: bool


class RegistryDocument(Shape):
    """What is declared: sources, and what lapses when."""

    sources: list[SourceEntry]
    lapses: list[LapseEntry]


class FlowEntry(Shape):
    """What a source sends in a dataset, and for what."""

    dataset: str
    title: str
    open: bool
    coverage: str
    categories: list[str]
    purposes: list[str]
    retention: str


class SourceDocument(SourceEntry):
    """A source with its flows."""

    flows: list[FlowEntry]


class DeliveryEntry(Shape):
    """A delivery: what came, what was accepted, what is in quarantine."""

    dataset: str
    delivery: str
    as_of: dt.date
    landed_at: dt.datetime | None
    rows_in: int
    accepted: int
    quarantined: int


class QuarantineEntry(Shape):
    """Rows in quarantine of a file, by column and reason."""

    dataset: str
    delivery: str
    file: str
    column: str
    code: str
    rows: int


class DriftEntry(Shape):
    """Where notice and practice have come apart."""

    kind: str
    severity: str
    what: str
    where: str
    why: str
    todo: str


class Asked(Shape):
    """Which events are asked for: what is left out does not narrow. person: a person's id."""

    actor: str = Field(default="", max_length=200)
    action: str = Field(default="", max_length=200)
    dataset: str = Field(default="", max_length=200)
    person: str = Field(default="", max_length=200)
    outcome: Literal["", "allowed", "refused", "failed"] = ""
    limit: int = Field(default=50, ge=1, le=MOST, strict=True)


class EventEntry(Shape):
    """An event of the audit log."""

    sequence: int
    at: dt.datetime
    actor: str
    action: str
    outcome: str
    purpose: str | None
    permit: str | None
    datasets: list[str]


class Events(Shape):
    """The newest events that suit, the newest first."""

    events: list[EventEntry]
    limit: int


class Proof(Shape):
    """What a check of the whole log found; the head, to be kept elsewhere, where nothing is wrong."""

    intact: bool
    size: int
    root: str
    faults: list[str]
    head_signature: str | None
    public_key: str | None


@route("governance/registry", need=rights.REGISTRY, purpose="Seeing what is declared", answers=RegistryDocument)
def api_registry(request: HttpRequest) -> dict[str, object]:
    """List sources, and agreements and projects with the days on which they lapse."""
    visit = visit_of(request)
    registry = visit.workspace.registry
    return {
        "sources": [_source(name, each) for name, each in registry.source.items()],
        "lapses": lapsing(registry, visit.site.now.date(), days=FAR),
    }


@route("governance/registry/<str:source>", need=rights.REGISTRY, purpose="Seeing what a source sends, and for what",
       answers=SourceDocument)  # fmt: skip
def api_source(request: HttpRequest, source: str) -> dict[str, object]:
    """Show a source."""
    registry = visit_of(request).workspace.registry
    found = find_source(registry, source)
    flows = [
        {
            "dataset": each["dataset"].full_name, "title": each["dataset"].title, "open": each["dataset"].open,
            "coverage": each["dataset"].coverage, "categories": each["categories"], "purposes": each["purposes"],
            "retention": each["retention"].title,
        }
        for each in flows_of(registry, found)
    ]  # fmt: skip
    return {**_source(source, found), "flows": flows}


@route("governance/deliveries", need=rights.DELIVERIES, purpose="Seeing what has landed", audit="deliveries.list",
       answers=Listed[DeliveryEntry])  # fmt: skip
def api_deliveries(request: HttpRequest, part: Query[Part]) -> dict[str, object]:
    """List deliveries, the newest first."""
    workspace = visit_of(request).workspace
    workspace.note("deliveries.list")
    return part_of(landed(workspace), part)


@route("governance/quarantine", need=right("quarantine"), purpose="Seeing why rows could not be taken in", audit="run",
       answers=Listed[QuarantineEntry])  # fmt: skip
def api_quarantine(request: HttpRequest, part: Query[Part]) -> dict[str, object]:
    """Count rows in quarantine by file, column and reason."""
    return part_of(quarantine_summary(visit_of(request).workspace, None), part)


@route("governance/notice", need=right("notice"), purpose="Checking that the notice is true", audit="notice.check",
       answers=Listed[DriftEntry])  # fmt: skip
def api_drift(request: HttpRequest, part: Query[Part]) -> dict[str, object]:
    """List where notice and practice have come apart, the worst first."""
    return part_of(notice_drift(visit_of(request).workspace), part)


@route("governance/audit", need=right("audit"), purpose="Seeing who looked at what, and why", audit="audit.show",
       answers=Events, post=True, personal=True)  # fmt: skip
def api_audit(request: HttpRequest, asked: Asked) -> dict[str, object]:
    """Give the newest events that suit. What is asked stands in a document: it can be a person's id."""
    said = {name: value.replace("\x00", "") for name, value in asked.model_dump(exclude={"limit"}).items()}
    found = newest_events(visit_of(request), said, asked.limit)
    return {"events": [_event(each) for each in found], "limit": asked.limit}


@route("governance/audit/proof", need=right("audit"), purpose="Proving that the log is whole", audit="audit.verify",
       answers=Proof)  # fmt: skip
def api_audit_proof(request: HttpRequest) -> dict[str, object]:
    """Recompute the whole log; give what came of it."""
    report, head = proof_of(visit_of(request))
    return {
        "intact": report.intact, "size": report.size, "root": report.root.hex(),
        "faults": [each.what for each in report.faults],
        "head_signature": head.signature.hex() if head else None,
        "public_key": head.public_key.hex() if head else None,
    }  # fmt: skip


def _source(name: str, source: Any) -> dict[str, object]:
    return {
        "name": name, "title": source.title, "owner": source.owner, "agreement": source.agreement,
        "datasets": [each.full_name for each in source.datasets.values()],
    }  # fmt: skip


def _event(logged: LoggedEvent) -> dict[str, object]:
    event = logged.event
    return {
        "sequence": logged.sequence, "at": event.at, "actor": event.actor, "action": event.action,
        "outcome": event.outcome, "purpose": event.purpose, "permit": event.permit_id, "datasets": list(event.datasets),
    }  # fmt: skip
