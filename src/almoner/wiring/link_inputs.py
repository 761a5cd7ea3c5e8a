"""What a run of linkage starts from: the datasets that may be joined, the settings, and the spine of the last run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from almoner.governance.permit import Permit
from almoner.intake.identity_plan import slots_of
from almoner.kernel.errors import RegistryError
from almoner.kernel.steps import Step
from almoner.kernel.tables import SPINE
from almoner.linkage import LinkSettings, PreviousSpine
from almoner.registry.datasets import Dataset
from almoner.wiring.kept_model import model_in
from almoner.wiring.workspace import Workspace

PURPOSE = "matching"
SEED_BYTES = 4
"""Sampling starts from a number of the workspace's own: the same records give the same people, and no outsider can
work out their ids."""


def linkable(workspace: Workspace) -> list[Dataset]:
    """List the datasets that name people and may be matched, and of which something has landed."""
    landed = {entry.dataset for entry in workspace.lake.catalogue.deliveries()}
    return [
        dataset
        for dataset in workspace.registry.datasets()
        if slots_of(dataset) and PURPOSE in dataset.purposes and dataset.full_name in landed
    ]


def input_digest(workspace: Workspace, decisions: str) -> str:
    """Digest all that a run's outcome depends on: the registry, a declared model, decisions, deliveries, and what
    retention leaves of them today."""
    model = link_settings(workspace).model_json or ""
    digest = hashlib.sha256(f"{workspace.registry.digest}|{model}|{decisions}".encode())
    for entry in workspace.lake.catalogue.deliveries():
        digest.update(f"{entry.dataset}|{entry.number}|{entry.digest}|{entry.accepted}\n".encode())
    for dataset in linkable(workspace):
        digest.update(f"{dataset.full_name}|{workspace.gate.held(dataset.full_name)}\n".encode())
    return digest.hexdigest()


def previous_spine(workspace: Workspace, permit: Permit) -> PreviousSpine | None:
    """Read the spine as the last run left it; None before the first."""
    if workspace.lake.catalogue.spine() is None:
        return None
    return PreviousSpine(**spine_tables(workspace, permit, tuple(PreviousSpine.__dataclass_fields__)))


def spine_tables(workspace: Workspace, permit: Permit, names: Sequence[str]) -> dict[str, pa.Table]:
    """Read tables of the spine as the last run left them; empty ones before the first."""
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
