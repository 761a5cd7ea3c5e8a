"""The workspace that the web application is measured on: people of the look-up's town, with what services say of them.

Each person has two to five records, four to nine facts, a household of two or three and, every third, a family.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from almoner.registry.datasets import Dataset
from almoner.registry.layout import tier_schemas
from almoner.wiring.workspace import Workspace
from bench.lookup_data import AS_OF, SETTINGS, Town, make_town, write_spine

WEB = "\n[web]\ndebug = true\nlocal_sign_in = true\nworkers = {workers}\nthreads = {threads}\nidle_minutes = 120\n"
MORE = (("nhs_gp.patients", "patient", 0.9), ("dwp.awards", "claimant", 0.35),
        ("revenue_and_benefits.council_tax", "liable", 0.45))  # fmt: skip
WORKERS = 20
"""Front-line workers, each with a name of their own."""
RELATED = 0.3


def write_workspace(folder: Path, people: int, *, workers: int, threads: int) -> tuple[Workspace, Town]:
    """Write it."""
    town = make_town(people)
    settings = SETTINGS + WEB.format(workers=workers, threads=threads)
    workspace = write_spine(folder, town, settings=settings, filling=_filled, more=MORE, homes=_homes)
    for number in range(WORKERS):
        workspace.records.grant_roles(worker(number), ("front_line",), "benchmark")
    return workspace, town


def worker(number: int) -> str:
    """Name a worker."""
    return f"worker.{number:02d}"


def _filled(workspace: Workspace, dataset: str, rows: np.ndarray, rng: np.random.Generator) -> dict[str, pa.Table]:
    """Give every tier of a delivery its columns: days, codes and sums at random, nothing that identifies."""
    declared = workspace.registry.dataset(dataset)
    found = {}
    for tier, schema in tier_schemas(workspace.registry, declared).items():
        columns = [
            pa.array(rows) if field.name == "row_id" else _column(workspace, declared, str(tier), field, len(rows), rng)
            for field in schema
        ]
        found[str(tier)] = pa.table(columns, schema=schema)
    return found


def _column(
    workspace: Workspace, dataset: Dataset, tier: str, field: pa.Field, count: int, rng: np.random.Generator
) -> pa.Array:
    name = field.name
    if tier == "identity" or name.endswith("__as_delivered") or name in ("marker", "exemption"):
        return pa.nulls(count, field.type)
    declared = dataset.columns[name]
    if declared.codes:
        codes = list(workspace.registry.codes[declared.codes].values) or ["A"]
        return pa.array(np.array(codes, object)[rng.integers(0, len(codes), count)], field.type)
    if pa.types.is_date(field.type) or pa.types.is_timestamp(field.type):
        if name in ("ends", "closed_at"):
            return pa.nulls(count, field.type)
        days = np.datetime64(AS_OF - dt.timedelta(days=2000)) + rng.integers(0, 2000, count)
        return pa.array(days).cast(pa.date32()).cast(field.type)
    if pa.types.is_floating(field.type):
        return pa.array(rng.integers(0, 90_000, count) / 100).cast(field.type)
    if pa.types.is_integer(field.type):
        return pa.array(rng.integers(0, 5, count)).cast(field.type)
    if pa.types.is_boolean(field.type):
        return pa.array(rng.random(count) < 0.2)
    words = np.array([f"{name.replace('_', ' ').capitalize()} {number}" for number in range(40)], object)
    return pa.array(words[rng.integers(0, len(words), count)], field.type)


def _homes(town: Town) -> dict[str, Any]:
    """Form households of who lives at an address; of every third, a family: a couple and their children."""
    by_home: dict[int, list[int]] = {}
    for person, home in enumerate(town.home):
        by_home.setdefault(home, []).append(person)
    household = {"household_id": [], "address_id": [], "as_of": [], "kind": []}
    member: dict[str, list[Any]] = {"household_id": [], "person_id": []}
    kin: dict[str, list[Any]] = {name: [] for name in ("person_id", "other_person_id", "relation", "source",
                                                       "match_probability")}  # fmt: skip
    family: dict[str, list[Any]] = {"family_id": [], "as_of": []}
    belongs: dict[str, list[Any]] = {"family_id": [], "person_id": [], "role": []}
    stated: dict[str, list[Any]] = {name: [] for name in ("person_id", "other_person_id", "kind", "relation", "source",
                                                          "conflict", "match_probability")}  # fmt: skip
    rng = np.random.default_rng(3)
    for home, people in by_home.items():
        name = f"H{home:012d}"
        _add(household, name, f"A{home:012d}", AS_OF, "private")
        for person in people:
            _add(member, name, town.person[person])
        if len(people) > 1 and rng.random() < RELATED:
            _add(family, f"F{home:012d}", AS_OF)
            one, *others = (town.person[person] for person in people[:5])
            for place, other in enumerate([one, *others]):
                _add(belongs, f"F{home:012d}", other, "adult" if place < 2 else "child")
            for place, other in enumerate(others):
                there, back = ("partner", "partner") if place == 0 else ("child", "parent")
                _add(kin, other, one, there, "council_housing.tenancies", 1.0)
                _add(kin, one, other, back, "council_housing.tenancies", 1.0)
                _add(stated, other, one, "household member", there, "council_housing.tenancies", None, 1.0)
    return {"household": household, "household_member": member, "kinship": kin, "family": family,
            "family_member": belongs, "relationship": stated}  # fmt: skip


def _add(table: dict[str, list[Any]], *values: Any) -> None:
    for column, value in zip(table.values(), values, strict=True):
        column.append(value)
