"""Joins records into people: reads identity through the gate, runs linkage, writes the spine."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from almoner.governance.permit import Permit
from almoner.intake.identity_plan import slots_of
from almoner.kernel.errors import RegistryError, UsageError
from almoner.kernel.steps import Step
from almoner.kernel.tables import SPINE
from almoner.linkage import LinkOutcome, LinkSettings, PreviousSpine, link
from almoner.linkage.quality_document import in_short
from almoner.registry.datasets import Dataset
from almoner.store.catalogue import SpineEntry
from almoner.wiring.kept_model import KeptModel, model_in
from almoner.wiring.link_quality import measured_quality
from almoner.wiring.mentions import read_mentions
from almoner.wiring.relating import FAMILY, relate
from almoner.wiring.reviewing import decisions_digest, standing_decisions
from almoner.wiring.stated_relations import stated_relations
from almoner.wiring.workspace import Workspace

PURPOSE = "matching"
SEED_BYTES = 4
"""Sampling starts from a number of the workspace's own: the same records give the same people, and no outsider can
work out their ids."""

_PREVIOUS = ("person_record", "person", "person_event", "address", "household", "household_member")


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
        digest = _input_digest(workspace, decisions_digest(workspace, stands))
        if present is not None and present.deliveries_digest == digest and not (retrain or rebuild):
            progress("Nothing has changed since the last run: the people stay as they are.")
            again = {**_in_short(present.metrics), "merges": 0, "splits": 0}
            return {**again, "seconds": round(time.monotonic() - started, 2)}
        permit = workspace.permits.standing(workspace.actor, PURPOSE, "Joining records about the same person")
        datasets = linkable(workspace)
        if not datasets:
            raise UsageError("Nothing that may be matched has been taken in.", todo="Run 'almoner intake' first.")
        mentions = read_mentions(workspace, permit, datasets)
        progress(f"{mentions.num_rows:,} mentions of people to join")
        kept = KeptModel(workspace.root)
        earlier = None if retrain or present is None else kept.for_records(mentions.num_rows)
        settings = replace(link_settings(workspace), earlier_model_json=earlier)
        outcome = link(
            mentions,
            previous=None if present is None else PreviousSpine(**_spine_before(workspace, permit, _PREVIOUS)),
            decisions=stands,
            settings=replace(settings, kept_margin=0.0) if rebuild else settings,
            seed=seed_of(workspace),
        )
        for warning in outcome.warnings:
            progress(warning)
        quality = measured_quality(mentions, outcome, stands, settings, seed_of(workspace))
        entry = _write(workspace, permit, mentions, outcome, digest, quality)
        if outcome.model_json != earlier:
            kept.keep(outcome.model_json, mentions.num_rows)
        counted: dict[str, Any] = {name: value for name, value in entry.metrics.items() if isinstance(value, int)}
        workspace.note("link", **counted)
        workspace.lake.sweep("spine")
    return {**_in_short(entry.metrics), "seconds": round(time.monotonic() - started, 2)}


def export_links(workspace: Workspace, file: Path, reason: str) -> int:
    """Write whose every linked record is, how probable that is and what decided it. Out: how many rows.

    The columns: source, dataset, record_id, person_id, probability (of the pair that brought the record in; NULL where
    nothing was weighed), decided_by.
    Raises: AccessRefused without the right, UsageError where the file is no Parquet file or can't be written.
    """
    workspace.require("link_export")
    if file.suffix != ".parquet":
        raise UsageError("The export is a Parquet file.", where=str(file), todo="Name it FILE.parquet.")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    step = Step(
        "links",
        "Which record is whose",
        """SELECT split_part(dataset, '.', 1) AS source, split_part(dataset, '.', 2) AS dataset, record_id, person_id,
                  match_probability AS probability, decided_by
           FROM "spine.person_record" ORDER BY source, dataset, record_id""",
        ("source", "dataset", "record_id", "person_id", "probability", "decided_by"),
    )
    table = workspace.gate.run(permit, [step], {"spine.person_record": ()}).to_arrow()
    workspace.note("export", what="links", rows=table.num_rows)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        pq.write_table(table, temporary)
        os.replace(temporary, file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError("The file can't be written.", where=str(file), why=str(error.strerror)) from error
    return int(table.num_rows)


def linkable(workspace: Workspace) -> list[Dataset]:
    """List the datasets that name people and may be matched, and of which something has landed."""
    landed = {entry.dataset for entry in workspace.lake.catalogue.deliveries()}
    return [
        dataset
        for dataset in workspace.registry.datasets()
        if slots_of(dataset) and PURPOSE in dataset.purposes and dataset.full_name in landed
    ]


def _input_digest(workspace: Workspace, decisions: str) -> str:
    digest = hashlib.sha256(f"{workspace.registry.digest}|{decisions}".encode())
    for entry in workspace.lake.catalogue.deliveries():
        digest.update(f"{entry.dataset}|{entry.number}|{entry.digest}|{entry.accepted}\n".encode())
    return digest.hexdigest()


def _spine_before(workspace: Workspace, permit: Permit, names: Sequence[str]) -> dict[str, pa.Table]:
    tables = {}
    for name in names:
        columns = tuple(SPINE[name].names)
        step = Step("previous_" + name, "The spine as the last run left it", f'SELECT * FROM "spine.{name}"', columns)
        tables[name] = workspace.gate.run(permit, [step], {f"spine.{name}": ()}).to_arrow()
    return tables


def seed_of(workspace: Workspace) -> int:
    """Give the number from which this workspace's sampling starts."""
    return int.from_bytes(workspace.ring.derived("linkage.seed")[:SEED_BYTES]) >> 1


def link_settings(workspace: Workspace) -> LinkSettings:
    """Give the settings under which this workspace's records are joined."""
    engine, declared = workspace.settings.engine, workspace.registry.linkage
    return LinkSettings(
        link_probability=declared.link_probability,
        review_probability=declared.review_probability,
        communal_above=declared.communal_above,
        communal_addresses=frozenset(declared.communal_uprns),
        block_limit=declared.block_limit,
        address_limit=declared.address_limit,
        model_json=_declared_model(workspace.root / "registry", declared.model),
        memory=engine.memory,
        threads=engine.threads,
        spill=engine.spill or None,
    )


def _declared_model(registry: Path, name: str) -> str | None:
    """Read the model that the registry names, if it names one."""
    if not name:
        return None
    file = registry / name
    if not file.is_file():
        raise RegistryError(
            "The linkage model that the registry names is not there.",
            where=str(file),
            why="Joining by another model than the declared one would give other people.",
            todo="Put the file there, or take 'model' out of registry/linkage.toml: it is then learnt from the data.",
        )
    return model_in(file.read_text(encoding="utf-8"))


def _in_short(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Give a run's numbers with its quality in short."""
    return {**metrics, "quality": in_short(metrics.get("quality", {}))}


def _write(
    workspace: Workspace,
    permit: Permit,
    mentions: pa.Table,
    outcome: LinkOutcome,
    digest: str,
    quality: Mapping[str, Any],
) -> SpineEntry:
    tables = {name: getattr(outcome, name) for name in SPINE if hasattr(outcome, name)}
    stated = stated_relations(workspace, permit, linkable(workspace))
    found = relate(stated, mentions, outcome, _spine_before(workspace, permit, FAMILY), seed_of(workspace))
    tables |= found.tables
    catalogue = workspace.lake.catalogue
    number = catalogue.next_number()
    parts = workspace.lake.spine_parts(number)
    try:
        for name, table in tables.items():
            parts.write(name, table, "spine")
        metrics: dict[str, Any] = {**outcome.metrics, **found.metrics, "quality": quality}
        entry = SpineEntry(number, parts.finish(), digest, metrics)
    except BaseException:
        parts.abandon()
        raise
    catalogue.commit_spine(entry)
    return entry
