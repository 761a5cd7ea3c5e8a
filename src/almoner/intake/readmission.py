"""Reads quarantined rows again under the registry as it now is, from the bytes that quarantine kept."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from almoner.intake.opening import open_reader, wanted_columns
from almoner.intake.plan import make_plan
from almoner.intake.readers import BadRecord, ParquetOptions, Reader, open_parquet
from almoner.intake.splitting import Splitter
from almoner.intake.working import ROW_FAULT, ROW_KEY, ROW_POSITION, Workshop
from almoner.registry.datasets import Dataset, Feed
from almoner.registry.registry import Registry
from almoner.store.catalogue import DeliveryEntry
from almoner.store.engine import Engine
from almoner.store.lake import Lake

_MENDABLE = "duplicate_row"
"""A copy of an accepted row adds nothing: it stays where it is."""


@dataclass(frozen=True)
class _Again:
    """What reading again gave: accepted rows as the plan's result."""

    done: pa.Table
    positions: frozenset[int]


def readmit_delivery(
    registry: Registry, lake: Lake, engine: Engine, dataset: Dataset, entry: DeliveryEntry, only: frozenset[int]
) -> int:
    """Accept those quarantined rows of a delivery that now can be. Call it under the intake lease.

    In: `only` names positions; empty means all. Out: how many rows were accepted.
    """
    held = _read_part(lake, dataset, entry, "quarantine")
    wanted = held.filter(pc.not_equal(held.column("code"), _MENDABLE))
    if only:
        wanted = wanted.filter(pc.is_in(wanted.column("position"), pa.array(sorted(only), pa.int64())))
    if not wanted.num_rows:
        return 0
    feed = next((feed for feed in dataset.feeds if feed.delivery == entry.kind), dataset.feeds[0])
    plan = make_plan(registry, dataset, feed, entry.as_of)
    splitter = Splitter(registry, dataset, plan, entry.number)
    taken = pc.unique(_read_part(lake, dataset, entry, "rows").column("record_key"))
    tables = []
    with Workshop(engine) as workshop:
        working = workshop.start(plan)
        for table, positions in _read_again(dataset, feed, wanted, entry.header):
            done = working.lot(table, positions)
            done = done.filter(pc.less(done.column(ROW_FAULT), 0))
            tables.append(done.filter(pc.invert(pc.is_in(done.column(ROW_KEY), taken))))
    again = _unambiguous(pa.concat_tables(tables).unify_dictionaries()) if tables else None
    if again is None or not again.positions:
        return 0
    _rewrite(lake, dataset, entry, splitter, again, held)
    return len(again.positions)


def references_of(dataset: Dataset, entry: DeliveryEntry, raws: Sequence[tuple[int, bytes]]) -> dict[int, str]:
    """Read the supplier's own reference of quarantined rows from their bytes, as far as they can be read.

    In: position and bytes. Out: position → key values joined by '/'; rows that can't be read are not there.
    """
    feed = next((feed for feed in dataset.feeds if feed.delivery == entry.kind), dataset.feeds[0])
    names = [dataset.columns[name].source_name for name in dataset.key]
    rows = pa.table({"position": [each[0] for each in raws], "raw": [each[1] for each in raws]})
    found = {}
    for table, positions in _read_again(dataset, feed, rows, entry.header):
        values = [table.column(name)[0].as_py() for name in names if name in table.column_names]
        if told := "/".join(value.strip() for value in values if value and value.strip()):
            found[int(positions[0])] = told
    return found


def _unambiguous(done: pa.Table) -> _Again:
    """Keep rows whose key no other re-admitted row has: the others still contradict one another."""
    keys = done.column(ROW_KEY).to_pylist()
    counts = Counter(keys)
    kept = done.filter(pa.array([counts[key] == 1 for key in keys], pa.bool_()))
    return _Again(kept, frozenset(kept.column(ROW_POSITION).to_pylist()))


def _rewrite(
    lake: Lake, dataset: Dataset, entry: DeliveryEntry, splitter: Splitter, again: _Again, held: pa.Table
) -> None:
    parts = lake.delivery_parts(entry.number)
    added = splitter.split(again.done)
    try:
        for file in entry.files:
            if file.part == "quarantine":
                continue
            for batch in lake.reopen(file, dataset):
                parts.write(file.part, pa.Table.from_batches([batch]), lake.lock_of(file.part), coded=splitter.coded)
        for part, table in added.items():
            parts.write(part, table, lake.lock_of(part), coded=splitter.coded)
        left = held.filter(pc.invert(pc.is_in(held.column("position"), pa.array(sorted(again.positions), pa.int64()))))
        if left.num_rows:
            parts.write("quarantine", left, lake.lock_of("quarantine"))
        files = parts.finish()
        accepted = entry.accepted + len(again.positions)
        left_over = entry.rows_in - accepted - entry.disposed
        lake.catalogue.replace_files(entry.number, files, accepted, left_over, entry.disposed)
    except BaseException:
        parts.abandon()
        raise
    lake.sweep("deliveries")


def _read_part(lake: Lake, dataset: Dataset, entry: DeliveryEntry, part: str) -> pa.Table:
    held = lake.part([entry], part, dataset)
    return held if isinstance(held, pa.Table) else held.to_table()


def _read_again(
    dataset: Dataset, feed: Feed, rows: pa.Table, header: Sequence[str]
) -> Iterator[tuple[pa.Table, npt.NDArray[np.int64]]]:
    """Read each row's bytes by the declared reader; rows that still can't be read are passed over."""
    positions = np.array(rows.column("position").to_pylist(), dtype=np.int64)
    raws = rows.column("raw").to_pylist()
    for number, raw in enumerate(raws):
        with _file_of(dataset, feed, raw, header) as path:
            reader: Reader
            if dataset.format.xlsx is not None or dataset.format.parquet is not None:
                reader = open_parquet(path, wanted_columns(dataset), ParquetOptions(ignore=frozenset(feed.ignore)))
            else:
                reader = open_reader(dataset, feed, path)
            for item in reader.read():
                if not isinstance(item, BadRecord) and len(item) == 1:
                    yield item.table, positions[number : number + 1]


@contextmanager
def _file_of(dataset: Dataset, feed: Feed, raw: bytes, header: Sequence[str]) -> Iterator[Path]:
    """Give a file in memory with one record, as the supplier would have sent it alone. It never reaches a disk."""
    handle = os.memfd_create("almoner", 0)
    try:
        with os.fdopen(os.dup(handle), "wb") as out:
            out.write(_alone(dataset, raw, header))
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def _alone(dataset: Dataset, raw: bytes, header: Sequence[str]) -> bytes:
    form = dataset.format
    if form.csv is not None:
        line = io.StringIO()
        csv.writer(line, delimiter=form.csv.delimiter, lineterminator="\n").writerow(header)
        titles = "\n" * (form.csv.header_row - 1)
        mark, codec = _spelling_of(form.csv.encoding, raw)
        return mark + (titles + line.getvalue()).encode(codec) + raw + "\n".encode(codec)
    if form.xml is not None:
        return b"<records>" + raw + b"</records>"
    if form.jsonl is not None:
        return raw + b"\n"
    if form.json_document is not None:
        return b'{"' + form.json_document.records.encode() + b'": [' + raw + b"]}"
    values = {name: None if value is None else str(value) for name, value in json.loads(raw).items()}
    sink = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([value], pa.string()) for name, value in values.items()}), sink)
    return sink.getvalue()


def _spelling_of(encoding: str, raw: bytes) -> tuple[bytes, str]:
    """Give the byte-order mark, and the encoding without it, of a record's bytes.

    Whether UTF-16 is big-endian stood at the start of the file, and quarantine kept the record alone: its delimiters
    and digits tell, as each has a zero byte, before or after it.
    """
    if encoding != "utf-16":
        return b"", {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    if raw[0::2].count(0) > raw[1::2].count(0):
        return codecs.BOM_UTF16_BE, "utf-16-be"
    return codecs.BOM_UTF16_LE, "utf-16-le"
