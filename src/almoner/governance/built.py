"""The shelf of figures that were worked out and are kept for pages: who may see what of them is decided each time.

A part tells from which datasets it was counted. It is given only to a purpose that sees at least as much of each of
them as the purpose that it was made for: figures made for one purpose must never be a way round another's limits.
Whoever opens is written down first. It keeps figures that are protected already, and never a row of anybody.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from almoner.governance.audit import AuditEvent, AuditLog, Outcome
from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.governance.policies import dataset_refusal, readable_columns
from almoner.kernel.errors import AccessRefused
from almoner.registry.registry import Registry
from almoner.store.catalogue import BuiltEntry
from almoner.store.lake import Lake

Decode = Callable[[str, str], Any]
"""Makes of a part's name and text what it means."""


@dataclass(frozen=True)
class BuiltPart:
    """One part of what is kept: its name, the datasets that it was counted from, and what it says."""

    name: str
    datasets: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class ToKeep:
    """What is to be kept of one kind, the day that it speaks of, and the purpose and project that it was made for.

    purpose: empty for what is about deliveries and no person.
    """

    kind: str
    as_of: dt.date
    parts: Sequence[BuiltPart]
    purpose: str = ""
    project: str = ""


@dataclass(frozen=True)
class Opened:
    """What somebody may see. key: the same for the same figures; withheld: part → why its opener may not see it."""

    key: str
    as_of: dt.date
    made_at: dt.datetime
    project: str
    parts: Mapping[str, Any]
    withheld: Mapping[str, str]


class BuiltShelf:
    """Keeps figures, and opens them."""

    def __init__(
        self, registry: Registry, lake: Lake, gate: Gate, audit: AuditLog, clock: Callable[[], dt.datetime]
    ) -> None:
        self._registry, self._lake, self._gate = registry, lake, gate
        self._audit, self._clock = audit, clock
        self._lock = threading.Lock()
        self._decoded: dict[str, tuple[str, dict[str, tuple[tuple[str, ...], Any]]]] = {}

    def keep(self, actor: str, kept: Sequence[ToKeep]) -> None:
        """Keep figures in the place of those of the same kinds: all of them, or none.

        Raises: Busy where others are keeping some; ResourceExhausted.
        """
        catalogue, now = self._lake.catalogue, self._clock()
        with catalogue.lease("built"):
            entries = []
            try:
                for each in kept:
                    datasets = sorted({name for part in each.parts for name in part.datasets})
                    self._note(actor, "built.keep", each.kind, datasets, purpose=each.purpose)
                    file = self._lake.write_built(each.kind, [vars(part) for part in each.parts])
                    entries.append(BuiltEntry(each.kind, each.purpose, each.project, actor, each.as_of, now, file))
                catalogue.commit_built(entries)
            finally:
                self._lake.sweep("built")

    def made_for(self, kind: str) -> tuple[str, str]:
        """Say for which purpose and project the figures of a kind were made; empty where none are kept."""
        entry = self._lake.catalogue.built(kind)
        return (entry.purpose, entry.project) if entry is not None else ("", "")

    def open(self, actor: str, permit: Permit | None, kind: str, decode: Decode) -> Opened | None:
        """Open the figures of a kind, as far as a permit may see them; None where none were ever kept.

        In: permit: None opens what is about deliveries and no person. Raises: AccessRefused.
        """
        if permit is not None:
            self._gate.check_in_force(permit)
        entry = self._lake.catalogue.built(kind)
        if entry is None:
            return None
        if permit is None and entry.purpose:
            self._note(actor, "built.open", kind, (), outcome="refused")
            raise AccessRefused("These figures are opened under a permit.", why="They were counted from people's data.")
        found = self._parts(entry, kind, decode)
        if found is None:
            return self.open(actor, permit, kind, decode)
        refusals = {name: self._refusal(entry, permit, datasets) for name, (datasets, _) in found.items()}
        given = {name: meant for name, (_, meant) in found.items() if not refusals[name]}
        read = tuple(sorted({dataset for name in given for dataset in found[name][0]}))
        self._note(actor, "built.open", kind, read, permit=permit)
        withheld = {name: reason for name, reason in refusals.items() if reason}
        return Opened(entry.file.path, entry.as_of, entry.made_at, entry.project, given, withheld)

    def _refusal(self, entry: BuiltEntry, permit: Permit | None, datasets: Sequence[str]) -> str:
        """Say why a permit does not open a part; empty where it does."""
        if permit is None:
            return ""
        declared = {each.full_name: each for each in self._registry.datasets()}
        today = self._clock().date()
        made = replace(permit, purpose=entry.purpose, project=entry.project or None)
        for name in datasets:
            dataset = declared.get(name)
            if dataset is None:
                return f"'{name}' is no longer declared"
            if reason := dataset_refusal(self._registry, permit, dataset, today):
                return reason
            seen, behind = (set(readable_columns(self._registry, each, dataset, today)) for each in (permit, made))
            if entry.purpose in self._registry.purpose and behind - seen:
                return f"purpose '{permit.purpose}' sees less of '{name}' than the figure may be made of"
        return ""

    def _parts(self, entry: BuiltEntry, kind: str, decode: Decode) -> dict[str, tuple[tuple[str, ...], Any]] | None:
        """Give every part with what it means, worked out once for all: who may see which is asked each time."""
        with self._lock:
            key, found = self._decoded.get(kind, ("", {}))
            if key != entry.file.path:
                parts = self._lake.built_parts(entry)
                if parts is None:
                    return None
                found = {name: (tuple(row["datasets"]), decode(name, row["text"])) for name, row in parts.items()}
                self._decoded[kind] = (entry.file.path, found)
            return found

    def _note(
        self, actor: str, action: str, kind: str, datasets: Sequence[str], *, permit: Permit | None = None,
        purpose: str = "", outcome: Outcome = "allowed",
    ) -> None:  # fmt: skip
        about = permit.purpose if permit else purpose
        event = AuditEvent(
            at=self._clock(), actor=actor, action=action, outcome=outcome, purpose=about or None,
            permit_id=permit.id if permit else None, datasets=tuple(datasets), form=permit.form if permit else None,
            detail={"kind": kind},
        )  # fmt: skip
        self._audit.append(event)
