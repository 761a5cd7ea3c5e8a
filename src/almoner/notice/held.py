"""What is really held and done, as the caller found it: the other side of every comparison with the registry.

Plain facts, named in the registry's words. The caller reads them from the catalogue, the audit log, the
register of releases and the folder of built pages; no value of any record can be among them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from almoner.governance.audit import AuditEvent
from almoner.notice.building import BuiltPage
from almoner.registry.datasets import AS_DELIVERED

_ROW_ID = "row_id"


@dataclass(frozen=True)
class LandedDataset:
    """A dataset of which at least one delivery has landed and is current."""

    dataset: str
    """source.dataset"""
    last_delivery_on: dt.date
    """The day its newest delivery was sent, or, where that is not known, the day that it describes."""
    columns: frozenset[str] | None = None
    """The declared names under which its columns lie in the lake; None if only the digest is known."""
    columns_digest: str = ""


@dataclass(frozen=True)
class Use:
    """A use of data that the audit log holds: the purpose, and the columns read of one dataset."""

    purpose: str
    dataset: str = ""
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SharedOut:
    """That something went to a recipient, and whether its destruction is confirmed."""

    sharing: str
    recipient: str
    destroy_by: dt.date
    destroyed: bool


@dataclass(frozen=True)
class DisposedUnder:
    """A disposal that was carried out: under which rule, and what was done."""

    rule: str
    action: str


@dataclass(frozen=True)
class KeptOn:
    """Deliveries of a dataset that are still held, the oldest of which was to be kept until a day."""

    dataset: str
    deliveries: int
    until: dt.date


@dataclass(frozen=True)
class HeldFacts:
    """Everything that the registry is compared with."""

    today: dt.date
    landed: tuple[LandedDataset, ...] = ()
    declared_digests: Mapping[str, str] | None = None
    """For each declared dataset the columns_digest that a delivery landed today would have."""
    uses: tuple[Use, ...] = ()
    """Uses since the present notice was built: what was done before, the notice of that time answered for."""
    recipients: frozenset[str] = frozenset()
    """Names, as the registry has them, of those to whom releases and extracts have gone."""
    shared: tuple[SharedOut, ...] = ()
    disposed: tuple[DisposedUnder, ...] = ()
    """Disposals by the schedule since the present notice was built."""
    kept_on: tuple[KeptOn, ...] = ()
    """What no legal hold keeps, and is held all the same."""
    stated_retention: str | None = None
    """What the built notice says of how long records are kept (`stated_section`); None: not looked at."""
    built: tuple[BuiltPage, ...] | None = None
    """The pages that stand built (`built_pages`); None: not looked at."""


class Delivered(Protocol):
    """As much of a catalogue's delivery as is needed here."""

    @property
    def dataset(self) -> str:
        """Give `source.dataset`."""

    @property
    def as_of(self) -> dt.date:
        """Give the day that it describes."""

    @property
    def sent_on(self) -> dt.date | None:
        """Give the day on which it was sent."""

    @property
    def columns_digest(self) -> str:
        """Give the digest of its columns."""


def landed_from(
    deliveries: Iterable[Delivered], columns: Mapping[str, Iterable[str]] | None = None
) -> tuple[LandedDataset, ...]:
    """Gather the current deliveries of a catalogue into one fact for each dataset.

    In: the deliveries in the order of landing; dataset → the columns that its files in the lake have, if
    known.
    """
    newest: dict[str, Delivered] = {}
    for delivery in deliveries:
        before = newest.get(delivery.dataset)
        if before is None or _day(delivery) >= _day(before):
            newest[delivery.dataset] = delivery
    known = columns or {}
    return tuple(
        LandedDataset(
            name,
            _day(delivery),
            frozenset(_declared_names(known[name])) if name in known else None,
            delivery.columns_digest,
        )
        for name, delivery in newest.items()
    )


def uses_from(events: Iterable[AuditEvent]) -> tuple[Use, ...]:
    """Gather what the audit log says was read; refused and failed reads showed nobody anything."""
    uses: dict[Use, None] = {}
    for event in events:
        if event.outcome != "allowed" or not event.purpose:
            continue
        uses[Use(event.purpose)] = None
        for name, read in event.columns.items():
            kind, _, of = name.partition(":")
            if not kind.startswith("spine."):
                # Of a dataset's standardised persons, places or quarantine the columns are not its own.
                uses[Use(event.purpose, of or kind, frozenset() if of else frozenset(read))] = None
    return tuple(uses)


def _day(delivery: Delivered) -> dt.date:
    return delivery.sent_on or delivery.as_of


def _declared_names(columns: Iterable[str]) -> Iterable[str]:
    """Leave out what the lake adds to a dataset's own columns."""
    return (name for name in columns if name != _ROW_ID and not name.endswith(AS_DELIVERED))
