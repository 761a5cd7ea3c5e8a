"""Facts gathered from the catalogue and the audit log."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from almoner.governance.audit import AuditEvent
from almoner.notice import LandedDataset, Use, landed_from, uses_from
from almoner.store.catalogue import DeliveryEntry


def delivery(dataset: str, as_of: dt.date, sent_on: dt.date | None, digest: str) -> DeliveryEntry:
    return DeliveryEntry(
        number=1,
        dataset=dataset,
        delivery="2026-04",
        kind="snapshot",
        as_of=as_of,
        sent_on=sent_on,
        digest="",
        rows_in=0,
        accepted=0,
        quarantined=0,
        columns_digest=digest,
    )


def test_the_newest_delivery_of_each_dataset_counts() -> None:
    deliveries = [
        delivery("a.b", dt.date(2026, 4, 30), dt.date(2026, 5, 4), "new"),
        delivery("a.b", dt.date(2026, 3, 31), dt.date(2026, 4, 4), "old"),
        delivery("c.d", dt.date(2026, 3, 31), None, "same"),
    ]
    columns = {"a.b": ["row_id", "ref", "born", "born__as_delivered"]}
    assert landed_from(deliveries, columns) == (
        LandedDataset("a.b", dt.date(2026, 5, 4), frozenset({"ref", "born"}), "new"),
        LandedDataset("c.d", dt.date(2026, 3, 31), None, "same"),
    )


def event(
    outcome: Literal["allowed", "refused", "failed"], purpose: str | None, columns: dict[str, list[str]]
) -> AuditEvent:
    return AuditEvent(
        at=dt.datetime(2026, 5, 4, tzinfo=dt.UTC),
        actor="somebody",
        action="read",
        outcome=outcome,
        purpose=purpose,
        datasets=tuple(columns),
        columns=columns,
    )


def test_only_reads_that_showed_something_are_uses() -> None:
    events = [
        event("allowed", "research", {"a.b": ["ref"], "spine.resident": ["age"], "persons:c.d": ["surname"]}),
        event("allowed", "research", {"a.b": ["ref"]}),
        event("refused", "sale", {"a.b": ["ref"]}),
        event("failed", "sale", {"a.b": ["ref"]}),
        event("allowed", None, {"a.b": ["ref"]}),
    ]
    assert uses_from(events) == (
        Use("research"),
        Use("research", "a.b", frozenset({"ref"})),
        Use("research", "c.d"),
    )
