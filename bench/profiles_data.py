"""A city with its facts, written straight into the lake: residents, what happened, and who is in which service.

Shapes are those of a council's feeds: places have postcodes, people have records that linkage has joined.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from almoner.kernel.tables import PERSONS, PLACES, ROWS, SPINE
from almoner.registry.layout import tier_schemas
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry, SpineEntry
from almoner.wiring.workspace import Workspace, open_workspace
from bench.profiles_registry import DETAILS, registry_text, source_texts

AS_OF = dt.date(2026, 4, 30)
LSOAS, PER_LSOA = 295, 110
"""Small areas and postcodes in each, as in a city of half a million."""
PEOPLE_PER_HOME = 2.4
SHARES = {
    "police.incidents": 0.20, "streets.requests": 0.14, "health.contacts": 0.24, "schools.absences": 0.20,
    "gp.patients": 0.11, "benefits.awards": 0.06, "schools.pupils": 0.02, "housing.tenancies": 0.03,
}  # fmt: skip
"""Which share of the facts is in which dataset."""
DATASETS = tuple(SHARES)
PLACED = ("police.incidents", "streets.requests")
SETTINGS = '[engine]\nmemory = "4GB"\nthreads = 2\n[first_user]\nroles = ["analyst"]\n'


def make_city(folder: Path, people: int, facts: int, seed: int = 3) -> Workspace:
    """Write a workspace with so many people and facts."""
    root = folder / "w"
    (root / "registry" / "sources").mkdir(parents=True)
    (root / "registry" / "council.toml").write_text(registry_text())
    for name, text in source_texts().items():
        (root / "registry" / "sources" / f"{name}.toml").write_text(text)
    (root / "almoner.toml").write_text(SETTINGS)
    workspace, _ = open_workspace(root)
    rng = np.random.default_rng(seed)
    postcodes = np.array([f"M{n // 100} {n % 100 // 10}{chr(65 + n % 10)}A" for n in range(LSOAS * PER_LSOA)])
    _write_directory(workspace, postcodes)
    ids = np.array([f"P{number:012d}" for number in range(people)])
    links = []
    for name, share in SHARES.items():
        links.append(_write_dataset(workspace, name, int(facts * share), ids, postcodes, rng))
    _write_spine(workspace, ids, postcodes, pa.concat_tables([link for link in links if link is not None]), rng)
    return workspace


def _write_directory(workspace: Workspace, postcodes: Any) -> None:
    number = np.arange(len(postcodes))
    lsoa = number // PER_LSOA
    # Wards cut through small areas, as they do.
    codes = {
        "postcode": postcodes,
        "lsoa21_code": [f"E0100{each:04d}" for each in lsoa],
        "msoa21_code": [f"E0200{each // 5:04d}" for each in lsoa],
        "ward_code": [f"E0500{each // 1009:04d}" for each in number],
    }
    _deliver(workspace, "open_data.postcodes", len(postcodes), codes, {})


def _write_dataset(
    workspace: Workspace, name: str, count: int, ids: Any, postcodes: Any, rng: np.random.Generator
) -> pa.Table | None:
    start = np.datetime64(AS_OF) - np.timedelta64(3 * 365, "D")
    day = start + rng.integers(0, 3 * 365 + 1, count).astype("timedelta64[D]")
    detail = rng.choice(np.array(DETAILS[name]), count)
    columns: dict[str, Any] = {"ref": [f"{name[:2]}{n}" for n in range(count)], "day": day, "detail": detail}
    if name == "schools.absences":
        columns["sessions"] = rng.integers(1, 12, count)
    if name in ("gp.patients", "benefits.awards", "schools.pupils", "housing.tenancies"):
        ended = rng.random(count) < 0.3
        ends = day + rng.integers(1, 700, count).astype("timedelta64[D]")
        columns["until"] = pa.array(ends, pa.date32(), mask=~ended)
    if name in PLACED:
        _deliver(workspace, name, count, columns, {"postcode": rng.choice(postcodes, count)})
        return None
    row = _deliver(workspace, name, count, columns, {})
    whose = rng.integers(0, len(ids), count)
    nothing = pa.nulls(count, pa.float64())
    return pa.table(
        {"dataset": [name] * count, "record_id": columns["ref"], "slot": ["person"] * count, "row_id": row,
         "person_id": ids[whose], "match_weight": nothing, "match_probability": np.full(count, 0.99),
         "evidence": [""] * count, "decided_by": ["model"] * count}
    ).cast(SPINE["person_record"])  # fmt: skip


def _deliver(workspace: Workspace, name: str, count: int, columns: dict[str, Any], place: dict[str, Any]) -> Any:
    lake, dataset = workspace.lake, workspace.registry.dataset(name)
    number = lake.catalogue.next_number()
    row = (number << ROW_ID_SHIFT) + np.arange(1, count + 1)
    parts = lake.delivery_parts(number)
    for tier, schema in tier_schemas(workspace.registry, dataset).items():
        if any(each in columns for each in schema.names):
            given = {"row_id": row, **columns}
            table = pa.table({f.name: _array(given.get(f.name), f.type, count) for f in schema})
            parts.write(tier, table, tier)
    keys = columns["ref"] if "ref" in columns else list(columns["postcode"])
    parts.write("rows", pa.table({"row_id": row, "record_key": keys, "action": ["I"] * count}).cast(ROWS), "identity")
    if place:
        table = pa.table({f.name: _array({"row_id": row, **place}.get(f.name), f.type, count) for f in PLACES})
        parts.write("places", table, "identity")
    elif not dataset.open:
        said = {"row_id": row, "slot": ["person"] * count, "record_id": keys}
        parts.write("persons", pa.table({f.name: _array(said.get(f.name), f.type, count) for f in PERSONS}), "identity")
    lake.catalogue.commit_delivery(
        DeliveryEntry(number, name, "2026-04", "snapshot", AS_OF, None, str(number), count, count, 0,
                      files=parts.finish())
    )  # fmt: skip
    return row


def _array(values: Any, kind: pa.DataType, count: int) -> pa.Array:
    if values is None:
        return pa.nulls(count, kind)
    return pa.array(values).cast(kind) if not isinstance(values, pa.Array) else values.cast(kind)


def _write_spine(
    workspace: Workspace, ids: Any, postcodes: Any, links: pa.Table, rng: np.random.Generator
) -> None:  # fmt: skip
    lake, count = workspace.lake, len(ids)
    homes = int(count / PEOPLE_PER_HOME)
    home = rng.integers(0, homes, count)
    at = rng.choice(postcodes, homes)
    addresses = np.array([f"A{n:012d}" for n in range(homes)])
    households = np.array([f"H{n:012d}" for n in range(homes)])
    born = (np.datetime64(AS_OF) - rng.integers(0, 95 * 365, count).astype("timedelta64[D]")).astype("datetime64[D]")
    day = np.full(count, np.datetime64(AS_OF))
    tables: dict[str, dict[str, Any]] = {
        "person": {"person_id": ids, "date_of_birth": born, "sex": rng.choice(np.array(["F", "M"]), count)},
        "address": {"address_id": addresses, "postcode": at},
        "residence": {"person_id": ids, "address_id": addresses[home], "starts_on": day,
                      "is_current": np.ones(count, dtype=bool), "standing": ["current"] * count},
        "household": {"household_id": households, "address_id": addresses},
        "household_member": {"household_id": households[home], "person_id": ids},
    }  # fmt: skip
    number = lake.catalogue.next_number()
    parts = lake.spine_parts(number)
    parts.write("person_record", links, "spine")
    for name, given in tables.items():
        size = len(next(iter(given.values())))
        table = pa.table({f.name: _array(given.get(f.name), f.type, size) for f in SPINE[name]})
        parts.write(name, table, "spine")
    lake.catalogue.commit_spine(SpineEntry(number, parts.finish(), "benchmark", {}))
