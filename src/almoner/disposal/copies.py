"""Takes rows and persons out of copies: analysts' workspaces, and files that suppliers delivered into the inbox.

A delivered file that was taken in and holds what goes is removed as a whole: all that it told is in the lake. A file
that was not taken in is never removed here: what is to be kept out of it is kept out when it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almoner.disposal.person import Said
from almoner.disposal.work import Work
from almoner.governance.permit import Permit
from almoner.governance.pseudonyms import person_pseudonyms, row_pseudonyms
from almoner.governance.workspaces import LOCK, AnalystWorkspace
from almoner.intake.discovery import look_into
from almoner.intake.landing import digest_of
from almoner.registry.registry import Registry
from almoner.store.catalogue import DeliveryEntry
from almoner.store.lake import Lake
from almoner.store.rewriting import RowIds, row_ids

_BLOCK = 1 << 20
Derive = Callable[[str], bytes]


def every_row(lake: Lake, entries: Iterable[DeliveryEntry], work: Work) -> RowIds:
    """Give all rows that a disposal concerns, those of deliveries that go as a whole among them."""
    found = [work.rows, work.anonymised, *work.people.values()]
    for entry in entries:
        if entry.number in set(work.emptied.tolist()):
            for file in entry.parts("rows"):
                lock = lake.lock_of("rows")
                found += [
                    t.column("row_id").to_numpy()
                    for t in lake.parquet.groups(lake.folder / file.path, lock, ("row_id",))
                ]
    return row_ids(np.concatenate(found))


def dispose_in_copy(
    lake: Lake, folder: Path, copy: AnalystWorkspace, permit: Permit, derive: Derive, rows: RowIds, gone: pa.Array
) -> tuple[dict[str, str], list[str]]:
    """Write an analyst's tables anew without rows and persons. Out: table → file, and the files that are to go."""
    numbers, persons = pa.array(rows, pa.int64()), gone
    if permit.form != "identifiable":
        named = permit.project or permit.id
        numbers = row_pseudonyms(numbers, derive(f"row:{named}"))
        persons = person_pseudonyms(pa.chunked_array([gone]), derive(f"pseudonym:{named}"))
    tables, old = dict(copy.tables), []
    for name, file in copy.tables.items():
        table = lake.parquet.read(folder / file, LOCK)
        kept = _without(table, numbers, persons)
        if kept.num_rows < table.num_rows:
            number = 1 + max(int(each.split(".")[0]) for each in tables.values())
            writer = lake.parquet.writer(folder / f"{number:03d}.parquet", table.schema, LOCK)
            writer.write(kept)
            writer.close()
            tables[name] = writer.path.name
            old.append(file)
    return tables, old


def _without(table: pa.Table, numbers: pa.Array, persons: pa.Array) -> pa.Table:
    out = np.zeros(table.num_rows, bool)
    for name, values in (("row_id", numbers), ("person_ref", persons), ("person_id", persons)):
        if name in table.column_names and len(values):
            found = pc.is_in(table.column(name).cast(values.type), values).fill_null(False)
            out |= np.asarray(found.to_numpy())
    return table.filter(pa.array(~out)) if out.any() else table


def delivered_files(
    registry: Registry, inbox: Path, entries: Sequence[DeliveryEntry], today: dt.date
) -> dict[str, list[Path]]:
    """Give the files of the workspace's own inbox from which deliveries were taken in: 'dataset delivery' → files.

    A file that has changed since, and so waits to be taken in anew, is not among them.
    """
    if not inbox.is_dir():
        return {}
    landed = {(e.dataset, e.delivery, e.digest) for e in entries}
    named = {(dataset, delivery) for dataset, delivery, _ in landed}
    found: dict[str, list[Path]] = {}
    for each in look_into(registry, [inbox], today=today).deliveries:
        known = (each.dataset.full_name, each.name)
        if known in named and (*known, digest_of(each)) in landed:
            found.setdefault(" ".join(known), []).extend(file.path for file in each.files)
    return found


def remove_files(files: Mapping[str, Sequence[Path]]) -> list[dict[str, Any]]:
    """Remove delivered files. Out: what they were, by digest: a file's name is the supplier's, and tells nothing."""
    removed = []
    for delivery, paths in files.items():
        for path in paths:
            if path.is_file():
                removed.append({"delivery": delivery, "digest": file_digest(path), "bytes": path.stat().st_size})
                path.unlink()
    return removed


def file_digest(path: Path) -> str:
    """Compute a file's SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def still_waiting(inbox: Path, removed: Iterable[Path], said: Said) -> list[str]:
    """Find files of the inbox that were not taken in and speak of a person, line by line. Out: their paths in it."""
    if not inbox.is_dir():
        return []
    passed = set(removed)
    found = []
    for path in sorted(each for each in inbox.rglob("*") if each.is_file() and each not in passed):
        with path.open("rb") as stream:
            if any(said.in_bytes(line) for line in stream):
                found.append(path.relative_to(inbox).as_posix())
    return found
