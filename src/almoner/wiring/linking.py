"""Joins records into people: reads identity through the gate, runs linkage, writes the spine."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from almoner.governance.permit import Permit
from almoner.intake.identity_plan import slots_of
from almoner.kernel.errors import UsageError
from almoner.kernel.steps import Step
from almoner.kernel.tables import PERSONS, SPINE
from almoner.linkage import LinkOutcome, LinkSettings, PreviousSpine, link
from almoner.linkage.relations import DeclaredRelation, protected_people, relationships, without_the_dead
from almoner.registry.datasets import Dataset
from almoner.store.catalogue import SpineEntry
from almoner.wiring.workspace import Workspace

PURPOSE = "matching"
SEED_BYTES = 4
"""Sampling starts from a number of the workspace's own: the same records give the same people, and no outsider can
work out their ids."""

_PREVIOUS = ("person_record", "person", "person_event", "address", "household", "household_member")
_MENTION_COLUMNS = (*PERSONS.names, "dataset", "source", "as_of", "is_live", "version", "snapshot_unique", "party_of")


def link_records(workspace: Workspace, progress: Callable[[str], None]) -> dict[str, Any]:
    """Join every record that may be matched; keep the ids of people who stay the same.

    Out: the run's numbers. Raises: AccessRefused, Busy, ResourceExhausted.
    """
    workspace.require("link")
    started = time.monotonic()
    with workspace.lake.catalogue.lease("link"):
        workspace.lake.sweep("spine")
        present = workspace.lake.catalogue.spine()
        digest = _input_digest(workspace)
        if present is not None and present.deliveries_digest == digest:
            progress("Nothing has changed since the last run: the people stay as they are.")
            return {**present.metrics, "merges": 0, "splits": 0, "seconds": round(time.monotonic() - started, 2)}
        permit = workspace.permits.standing(workspace.actor, PURPOSE, "Joining records about the same person")
        mentions = _mentions(workspace, permit)
        progress(f"{mentions.num_rows:,} mentions of people to join")
        outcome = link(
            mentions,
            previous=_previous(workspace, permit),
            decisions=(),
            settings=_settings(workspace),
            seed=_seed(workspace),
        )
        for warning in outcome.warnings:
            progress(warning)
        entry = _write(workspace, permit, mentions, outcome, digest)
        counted: dict[str, Any] = {name: int(value) for name, value in entry.metrics.items()}
        workspace.note("link", **counted)
        workspace.lake.sweep("spine")
    return {**entry.metrics, "seconds": round(time.monotonic() - started, 2)}


def export_links(workspace: Workspace, file: Path, reason: str) -> int:
    """Write source, dataset, record_id and person_id of every linked record. Out: how many rows.

    Raises: AccessRefused without the right, UsageError where the file is no Parquet file or can't be written.
    """
    workspace.require("link_export")
    if file.suffix != ".parquet":
        raise UsageError("The export is a Parquet file.", where=str(file), todo="Name it FILE.parquet.")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    step = Step(
        "links",
        "Which record is whose",
        """SELECT split_part(dataset, '.', 1) AS source, split_part(dataset, '.', 2) AS dataset, record_id, person_id
           FROM "spine.person_record" ORDER BY source, dataset, record_id""",
        ("source", "dataset", "record_id", "person_id"),
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


def _input_digest(workspace: Workspace) -> str:
    digest = hashlib.sha256(workspace.registry.digest.encode())
    for entry in workspace.lake.catalogue.deliveries():
        digest.update(f"{entry.dataset}|{entry.number}|{entry.digest}|{entry.accepted}\n".encode())
    return digest.hexdigest()


def _mentions(workspace: Workspace, permit: Permit) -> pa.Table:
    """Read every record that is still held: what it says now, and what it said before where that was different."""
    datasets = linkable(workspace)
    if not datasets:
        raise UsageError("Nothing that may be matched has been taken in.", todo="Run 'almoner intake' first.")
    union = " UNION ALL BY NAME ".join(_mentions_of(dataset) for dataset in datasets)
    said = ", ".join(name for name in PERSONS.names if name != "row_id")
    distinct = f"""SELECT {", ".join(_MENTION_COLUMNS)} FROM ({union})
        QUALIFY row_number() OVER (PARTITION BY dataset, record_id, hash({said}) ORDER BY version DESC, row_id DESC) = 1
        ORDER BY dataset, record_id, row_id"""
    step = Step("mentions", "Each mention of a person, and what it said before", distinct, _MENTION_COLUMNS)
    reads = {f"persons:{dataset.full_name}": () for dataset in datasets}
    return workspace.gate.run(permit, [step], reads).to_arrow()


def _mentions_of(dataset: Dataset) -> str:
    slots = slots_of(dataset)
    keyed = [f"'{slot.name}'" for slot in slots if slot.keyed]
    unique = f"slot IN ({', '.join(keyed)})" if keyed else "FALSE"
    party = "CAST(NULL AS VARCHAR)"
    if dataset.distinct_people_within is not None:
        place = dataset.key.index(dataset.distinct_people_within) + 1
        party = f"'{dataset.full_name}:' || split_part(record_id, '/', {place})"
    elif len(slots) > 1:
        party = f"'{dataset.full_name}:' || CAST(row_id AS VARCHAR)"
    return f"""SELECT *, '{dataset.full_name}' AS dataset, '{dataset.source}' AS source,
               {unique} AS snapshot_unique, {party} AS party_of FROM "persons:{dataset.full_name}" """


def _previous(workspace: Workspace, permit: Permit) -> PreviousSpine | None:
    if workspace.lake.catalogue.spine() is None:
        return None
    tables = {}
    for name in _PREVIOUS:
        columns = tuple(SPINE[name].names)
        step = Step("previous_" + name, "The spine as the last run left it", f'SELECT * FROM "spine.{name}"', columns)
        tables[name] = workspace.gate.run(permit, [step], {f"spine.{name}": ()}).to_arrow()
    return PreviousSpine(**tables)


def _seed(workspace: Workspace) -> int:
    return int.from_bytes(workspace.ring.derived("linkage.seed")[:SEED_BYTES]) >> 1


def _settings(workspace: Workspace) -> LinkSettings:
    engine = workspace.settings.engine
    return LinkSettings(memory=engine.memory, threads=engine.threads, spill=engine.spill or None)


def _write(workspace: Workspace, permit: Permit, mentions: pa.Table, outcome: LinkOutcome, digest: str) -> SpineEntry:
    tables = {name: getattr(outcome, name) for name in SPINE if hasattr(outcome, name)}
    tables["relationship"] = relationships(_relations(workspace, permit), outcome.person_record)
    tables["residence"] = without_the_dead(outcome.residence, mentions, outcome.person_record)
    tables["protected"] = protected_people(mentions, outcome.person_record, outcome.household_member)
    catalogue = workspace.lake.catalogue
    number = catalogue.next_number()
    parts = workspace.lake.spine_parts(number)
    try:
        for name, table in tables.items():
            parts.write(name, table, "spine")
        entry = SpineEntry(number, parts.finish(), digest, dict(outcome.metrics))
    except BaseException:
        parts.abandon()
        raise
    catalogue.commit_spine(entry)
    return entry


def _relations(workspace: Workspace, permit: Permit) -> Iterator[DeclaredRelation]:
    """Read, for each declared relationship, the rows that state it."""
    given = workspace.gate.columns_for(permit)
    for dataset in linkable(workspace):
        suffixes = {slot.name: slot.suffix for slot in slots_of(dataset)}
        for fact in dataset.facts:
            stated = fact.relationship
            if stated is None or stated.person not in suffixes:
                continue
            columns = {"detail": stated.detail, "other_key": stated.other.key}
            used = {alias: name for alias, name in columns.items() if name and name in given.get(dataset.full_name, ())}
            if stated.other.key and "other_key" not in used:
                continue
            shown = [f'CAST("{name}" AS VARCHAR) AS {alias}' for alias, name in used.items()]
            step = Step(
                "relation_rows",
                "Rows that state a relationship",
                f'SELECT {", ".join(["row_id", "record_key", *shown])} FROM "{dataset.full_name}"',
                ("row_id", "record_key", *used),
            )
            rows = workspace.gate.run(permit, [step], {dataset.full_name: tuple(used.values())}).to_arrow()
            yield DeclaredRelation(
                dataset.full_name, stated.kind, suffixes[stated.person], rows,
                suffixes.get(stated.other.slot or ""), stated.other.dataset,
            )  # fmt: skip
