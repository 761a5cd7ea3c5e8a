"""What disposal asks of the records: its journal, its ledger, legal holds. `records` implements it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from almoner.disposal.work import Work
from almoner.store.barred import Reference

Kind = Literal["schedule", "erasure", "replay"]
State = Literal["awaiting", "approved", "doing", "done", "declined"]
HoldKind = Literal["person", "dataset", "rule"]


@dataclass(frozen=True)
class Disposal:
    """One disposal in whatever state. subject: the rule, or the reference of the case; never a person."""

    id: str
    kind: Kind
    subject: str
    action: str
    state: State
    made_by: str
    made_at: dt.datetime
    rows: int
    people: int
    approved_by: str | None = None
    approved_at: dt.datetime | None = None
    done: tuple[str, ...] = ()
    """The steps that were carried out."""
    told: dict[str, Any] = field(default_factory=dict)
    """What each step did: files and digests and counts, never data."""
    finished_at: dt.datetime | None = None


@dataclass(frozen=True)
class Hold:
    """A legal hold: what it outranks the schedule for, why, by whom, until when; None: until it is released."""

    id: str
    kind: HoldKind
    target: str
    reason: str
    made_by: str
    made_at: dt.datetime
    until: dt.date | None = None
    released_by: str | None = None
    released_at: dt.datetime | None = None
    released_because: str = ""

    def in_force(self, today: dt.date) -> bool:
        """Say whether it holds on a day."""
        return self.released_at is None and (self.until is None or today <= self.until)


class DisposalBook(Protocol):
    """The journal and the ledger."""

    def begin(self, disposal: Disposal, work: Work) -> None:
        """Write a disposal down with its work, whole or not at all; where it is under way, its references as well."""

    def approve(self, disposal_id: str, by: str, at: dt.datetime) -> None:
        """Let a disposal that waited go on. Raises: UsageError where it does not wait."""

    def start(self, disposal_id: str, work: Work) -> None:
        """Begin a disposal that was approved, with its work as it is now."""

    def decline(self, disposal_id: str, by: str, at: dt.datetime) -> None:
        """Give a disposal up; what it would have taken away is forgotten."""

    def work_of(self, disposal_id: str) -> Work:
        """Give the work of a disposal."""

    def note(self, disposal_id: str, step: str, told: dict[str, Any]) -> None:
        """Note that a step was carried out."""

    def finish(self, disposal_id: str, at: dt.datetime) -> None:
        """Note that all was carried out, and forget the work."""

    def disposals(self, state: State | None = None) -> list[Disposal]:
        """List disposals, oldest first."""

    def references(self) -> Iterator[tuple[str, Reference]]:
        """Give every reference of the ledger with the disposal that it comes from."""

    def known(self) -> frozenset[str]:
        """Name every disposal that the ledger knows."""

    def enter(self, disposal: Disposal, references: Iterable[Reference]) -> None:
        """Enter a disposal of an earlier state of the workspace, as begun, with its references."""


class HoldBook(Protocol):
    """Legal holds."""

    def place(self, hold: Hold) -> None:
        """Keep a hold."""

    def release(self, hold_id: str, by: str, at: dt.datetime, because: str) -> None:
        """Release a hold. Raises: NotFound."""

    def holds(self) -> list[Hold]:
        """List holds, newest first, those that were released too."""


class PersonRecords(Protocol):
    """What the records themselves hold of persons."""

    def forget(self, persons: Sequence[str], records: Sequence[tuple[str, str]]) -> dict[str, int]:
        """Take persons and records out of everything that the records hold. Out: how many entries, by kind."""

    def looked_at(self, persons: Sequence[str]) -> list[str]:
        """Name those of some persons whom a permit was about."""

    def clear(self) -> dict[str, Any]:
        """Overwrite what was deleted: empty the write-ahead log, give freed pages back. Out: whether that is sure."""
