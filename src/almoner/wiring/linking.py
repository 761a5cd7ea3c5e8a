"""Joins records into people: what changed where something is remembered, everybody where not; writes the spine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from almoner.governance.permit import Permit
from almoner.governance.rights_views import RIGHTS_UNTIL
from almoner.kernel.errors import UsageError
from almoner.kernel.tables import SPINE
from almoner.linkage import Decision, LinkOutcome, link
from almoner.linkage.increment import update
from almoner.linkage.quality_document import in_short, with_reviews
from almoner.registry.datasets import Dataset
from almoner.store.catalogue import PartFile, SpineEntry, memory_part
from almoner.wiring.kept_model import KeptModel
from almoner.wiring.link_inputs import (
    PURPOSE,
    input_digest,
    link_settings,
    linkable,
    previous_spine,
    seed_of,
    spine_tables,
)
from almoner.wiring.link_quality import measured_quality
from almoner.wiring.mentions import read_mentions
from almoner.wiring.relating import FAMILY, relate
from almoner.wiring.remembered import (
    INPUTS,
    RememberedSpine,
    carried_over,
    inputs_of,
    inputs_table,
    is_remembered,
    last_day,
    marked_mentions,
    read_changed,
)
from almoner.wiring.reviewing import decisions_digest, standing_decisions
from almoner.wiring.sampling import reviewed_quality
from almoner.wiring.serving import publish_snapshot
from almoner.wiring.stated_relations import stated_relations
from almoner.wiring.workspace import Workspace, utc_now


def link_records(
    workspace: Workspace, progress: Callable[[str], None], *, retrain: bool = False, rebuild: bool = False
) -> dict[str, Any]:
    """Join every record that may be matched; keep the ids of people who stay the same.

    In: retrain learns the model anew from the records; else the last run's is used again while it fits them. rebuild
    joins everybody anew, as if nobody had been joined before: only people's decisions and their ids are kept.
    Out: the run's numbers. Raises: AccessRefused, Busy, ResourceExhausted.
    """
    workspace.require("link")
    started = time.monotonic()
    with workspace.lake.catalogue.lease("link"):
        workspace.lake.sweep("spine")
        present = workspace.lake.catalogue.spine()
        stands = standing_decisions(workspace).decisions
        digest = input_digest(workspace, decisions_digest(workspace, stands))
        if present is not None and present.deliveries_digest == digest and not (retrain or rebuild):
            progress("Nothing has changed since the last run: the people stay as they are.")
            publish_snapshot(workspace, progress)
            again = {**_in_short(present.metrics), "merges": 0, "splits": 0}
            return {**again, "seconds": round(time.monotonic() - started, 2)}
        permit = workspace.permits.standing(workspace.actor, PURPOSE, "Joining records about the same person")
        datasets = linkable(workspace)
        if not datasets:
            raise UsageError("Nothing that may be matched has been taken in.", todo="Run 'almoner intake' first.")
        job = _Job(workspace, permit, datasets, stands, digest, present, progress)
        found = None if retrain or rebuild else job.update()
        entry, outcome = found or job.whole(retrain=retrain, rebuild=rebuild)
        for warning in outcome.warnings:
            progress(warning)
        counted: dict[str, Any] = {name: value for name, value in entry.metrics.items() if isinstance(value, int)}
        workspace.note("link", **counted)
        workspace.lake.sweep("spine")
    publish_snapshot(workspace, progress)
    return {**_in_short(entry.metrics), "seconds": round(time.monotonic() - started, 2)}


@dataclass(frozen=True)
class _Job:
    """One run: what it may read, what stood before, and what people decided."""

    workspace: Workspace
    permit: Permit
    datasets: list[Dataset]
    decisions: Sequence[Decision]
    digest: str
    present: SpineEntry | None
    progress: Callable[[str], None]

    def update(self) -> tuple[SpineEntry, LinkOutcome] | None:
        """Join what changed since the last run; None where all must be joined anew."""
        if self.present is None or not is_remembered(self.present):
            return None
        memory = RememberedSpine(self.workspace, self.permit)
        inputs = inputs_of(self.workspace, self.datasets)
        fresh = read_changed(self.workspace, self.permit, self.datasets, memory, inputs)
        previous = previous_spine(self.workspace, self.permit)
        if fresh is None or previous is None:
            return None
        self.progress(f"{fresh.mentions.num_rows:,} mentions of people to compare with what is known")
        outcome = update(
            fresh,
            memory=memory,
            previous=previous,
            decisions=self.decisions,
            settings=link_settings(self.workspace),
            seed=seed_of(self.workspace),
        )
        if outcome is None:
            return None
        measured: Mapping[str, Any] = self.present.metrics  # the numbers' are the last whole run's, and say their day
        quality = with_reviews(measured.get("quality", {}), reviewed_quality(self.workspace))
        carried = carried_over(self.present, outcome.remembered)
        marked = marked_mentions(memory if carried else None, outcome.remembered)
        return self._write(outcome, marked, inputs, quality, carried), outcome

    def whole(self, *, retrain: bool, rebuild: bool) -> tuple[SpineEntry, LinkOutcome]:
        """Join everybody."""
        inputs = inputs_of(self.workspace, self.datasets)
        mentions = read_mentions(self.workspace, self.permit, self.datasets)
        self.progress(f"{mentions.num_rows:,} mentions of people to join")
        kept = KeptModel(self.workspace.root)
        earlier = None if retrain or self.present is None else kept.for_records(mentions.num_rows)
        settings = replace(link_settings(self.workspace), earlier_model_json=earlier, remember=True)
        seed = seed_of(self.workspace)
        outcome = link(
            mentions,
            previous=previous_spine(self.workspace, self.permit),
            decisions=self.decisions,
            settings=replace(settings, kept_margin=0.0) if rebuild else settings,
            seed=seed,
        )
        reviews = reviewed_quality(self.workspace)
        tried = replace(settings, remember=False)
        quality = measured_quality(mentions, outcome, self.decisions, tried, seed, reviews=reviews)
        entry = self._write(outcome, marked_mentions(None, outcome.remembered), inputs, quality, ())
        if outcome.model_json != earlier:
            kept.keep(outcome.model_json, mentions.num_rows)
        return entry, outcome

    def _write(
        self,
        outcome: LinkOutcome,
        marked: pa.Table,
        inputs: Mapping[str, str],
        quality: Mapping[str, Any],
        carried: tuple[PartFile, ...],
    ) -> SpineEntry:
        """Write the spine and what the next run needs, whole or not at all."""
        lake = self.workspace.lake
        tables = {name: getattr(outcome, name) for name in SPINE if hasattr(outcome, name)}
        stated = stated_relations(self.workspace, self.permit, self.datasets)
        before = spine_tables(self.workspace, self.permit, FAMILY)
        related = relate(stated, marked, outcome, before, seed_of(self.workspace), last_day(outcome.remembered))
        tables |= related.tables
        remembered = {**outcome.remembered, INPUTS: inputs_table(inputs)}
        tables |= {memory_part(name): table for name, table in remembered.items()}
        number = lake.catalogue.next_number()
        parts = lake.spine_parts(number)
        try:
            for name, table in tables.items():
                parts.write(name, table, "spine")
            told = {**outcome.metrics, **related.metrics, RIGHTS_UNTIL: utc_now().timestamp()}
            metrics: dict[str, Any] = {**told, "quality": quality}
            entry = SpineEntry(number, (*parts.finish(), *carried), self.digest, metrics)
        except BaseException:
            parts.abandon()
            raise
        lake.catalogue.commit_spine(entry)
        return entry


def told_of(metrics: Mapping[str, Any]) -> list[str]:
    """Say in lines what a run did."""
    said = {"records": "records", "persons": "people", "households": "households", "families": "families"}
    return [f"{metrics[name]:,} {title}" for name, title in said.items() if name in metrics]


def _in_short(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Give a run's numbers with its quality in short."""
    return {**metrics, "quality": in_short(metrics.get("quality", {}))}
