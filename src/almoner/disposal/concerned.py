"""Finds in the spine and in linkage's memory whom a disposal concerns: records that go, persons who go with them, and
persons who stay but of whom less is known.

It reads few columns of each file, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.disposal.work import Work
from almoner.store.catalogue import PartFile, SpineEntry, memory_part
from almoner.store.lake import Lake
from almoner.store.rewriting import RowIds, among, row_ids

LOCK = "spine"
MENTION = memory_part("mention")
_BETWEEN = "\x1f"
_RECORD = ("dataset", "record_id", "slot", "row_id")


@dataclass(frozen=True)
class Concerned:
    """Whom a disposal concerns.

    records: those that go. again: those that stay, of persons of whom something goes: they are to be joined anew.
    gone: persons of whom nothing stays. changed: persons of whom something stays.
    """

    records: pa.Array
    again: pa.Array
    gone: pa.Array
    changed: pa.Array
    datasets: frozenset[str]
    """Of the records that are to be joined anew."""
    sources: frozenset[str]
    """The datasets of the records that go."""
    vanished: RowIds
    """Ways of writing a place, by their numbers in linkage's memory, that nobody who stays writes."""
    unplaced: pa.Array
    """The places that are written so: who lives there is joined anew, for the place may be called by such a way."""

    def __bool__(self) -> bool:
        return len(self.records) + len(self.gone) + len(self.changed) > 0


def nobody_concerned(gone: Iterable[str] = ()) -> Concerned:
    """Give what a disposal concerns where nobody has been joined yet."""
    return Concerned(texts(), texts(), texts(gone), texts(), frozenset(), frozenset(), row_ids([]), texts())


def record_names(table: pa.Table, dataset: str = "dataset", record_id: str = "record_id") -> pa.ChunkedArray:
    """Give records one text each."""
    return pc.binary_join_element_wise(
        table.column(dataset).cast(pa.string()), table.column(record_id).cast(pa.string()), _BETWEEN
    )


def naming(
    table: pa.Table, records: pa.Array, dataset: str = "dataset", record_id: str = "record_id"
) -> npt.NDArray[np.bool_]:
    """Say which rows name one of some records: by the record id first, since joining texts costs most."""
    ids = texts(text.partition(_BETWEEN)[2] for text in records.to_pylist())
    found = inside(table.column(record_id), ids)
    if found.any():
        near = table.select([dataset, record_id]).filter(pa.array(found))
        found[np.flatnonzero(found)] = inside(record_names(near, dataset, record_id), records)
    return found


def named_records(records: pa.Array) -> list[tuple[str, str]]:
    """Give back the dataset and the record id of records."""
    return [(text.partition(_BETWEEN)[0], text.partition(_BETWEEN)[2]) for text in records.to_pylist()]


def texts(values: Iterable[str] = ()) -> pa.Array:
    """Give texts as an array, each once."""
    return pa.array(sorted(set(values)), pa.string())


def inside(column: pa.ChunkedArray | pa.Array, values: pa.Array) -> npt.NDArray[np.bool_]:
    """Say of each text of a column whether it is one of some; NULL is none."""
    if not len(values):
        return np.zeros(len(column), bool)
    return np.asarray(pc.is_in(column.cast(pa.string()), values).fill_null(False).to_numpy(zero_copy_only=False))


def files_of(entry: SpineEntry, part: str) -> list[PartFile]:
    """Give the files of a part of a spine."""
    return [file for file in entry.files if file.part == part]


def scanned(lake: Lake, files: Sequence[PartFile], columns: Sequence[str]) -> Iterator[pa.Table]:
    """Read columns of files, a row group at a time."""
    for file in files:
        yield from lake.parquet.groups(lake.folder / file.path, LOCK, columns)


def concerned_by(lake: Lake, entry: SpineEntry, work: Work) -> Concerned:
    """Find whom a disposal concerns."""
    persons = files_of(entry, "person_record")
    forced = texts(work.gone)
    records: list[pa.Array] = []
    theirs: list[pa.Array] = [forced]
    for table in scanned(lake, persons, (*_RECORD, "person_id")):
        out = _taken(table, work) | inside(table.column("person_id"), forced)
        records.append(_flat(record_names(table.filter(pa.array(out)))))
        theirs.append(_flat(table.column("person_id").filter(pa.array(out))))
    going = _once(records)
    versions = [
        _flat(record_names(table.filter(pa.array(_taken(table, work)))))
        for table in scanned(lake, files_of(entry, MENTION), _RECORD)
    ]
    vanished, unplaced, neighbours = _places_left(lake, entry, work, going)
    touched = _once([going, *versions, neighbours])  # of a record that stays, an earlier version may go
    for table in scanned(lake, persons, ("dataset", "record_id", "person_id")) if len(touched) > len(going) else ():
        theirs.append(_flat(table.column("person_id").filter(pa.array(naming(table, touched)))))
    found = _sorted_out(lake, persons, going, _once(theirs), forced)
    return replace(found, vanished=vanished, unplaced=unplaced)


def _places_left(lake: Lake, entry: SpineEntry, work: Work, going: pa.Array) -> tuple[RowIds, pa.Array, pa.Array]:
    """Find ways of writing a place that nobody who stays writes, those places, and the records of who lives there."""
    mentions, columns = files_of(entry, MENTION), (*_RECORD, "text")
    leaving: list[RowIds] = [row_ids([])]
    for table in scanned(lake, mentions, columns):
        out = _taken(table, work) | naming(table, going)
        leaving.append(row_ids(table.column("text").filter(pa.array(out)).drop_null().to_numpy()))
    vanished = row_ids(np.concatenate(leaving))
    staying: list[RowIds] = [row_ids([])]
    for table in scanned(lake, mentions, columns) if len(vanished) else ():
        same = table.filter(pa.array(among(table.column("text").fill_null(-1), vanished)))
        kept = ~(_taken(same, work) | naming(same, going))
        staying.append(row_ids(same.column("text").filter(pa.array(kept)).to_numpy()))
    vanished = np.setdiff1d(vanished, np.concatenate(staying))
    if not len(vanished):
        return vanished, texts(), texts()
    told = [pa.table({"text": [], "place": []}, schema=pa.schema([("text", pa.int32()), ("place", pa.string())]))]
    written = pa.concat_tables([*told, *scanned(lake, files_of(entry, memory_part("text")), ("text", "place"))])
    unplaced = _once([_flat(written.column("place").filter(pa.array(among(written.column("text"), vanished))))])
    there = row_ids(written.column("text").filter(pa.array(inside(written.column("place"), unplaced))).to_numpy())
    neighbours = []
    for table in scanned(lake, mentions, columns):
        here = pa.array(among(table.column("text").fill_null(-1), np.setdiff1d(there, vanished)))
        neighbours.append(_flat(record_names(table.filter(here))))
    return vanished, unplaced, _once(neighbours)


def _sorted_out(
    lake: Lake, persons: Sequence[PartFile], going: pa.Array, affected: pa.Array, forced: pa.Array
) -> Concerned:
    """Part the persons whom a disposal concerns into those who stay and those who go."""
    again: list[pa.Array] = []
    staying: list[pa.Array] = []
    datasets: set[str] = set()
    for table in scanned(lake, persons, ("dataset", "record_id", "person_id")):
        kept = inside(table.column("person_id"), affected) & ~naming(table, going)
        kept &= ~inside(table.column("person_id"), forced)
        again.append(_flat(record_names(table.filter(pa.array(kept)))))
        staying.append(_flat(table.column("person_id").filter(pa.array(kept))))
        datasets.update(pc.unique(table.column("dataset").filter(pa.array(kept)).cast(pa.string())).to_pylist())
    changed = _once(staying)
    gone = affected.filter(pa.array(~inside(affected, changed)))
    sources = frozenset(dataset for dataset, _ in named_records(going))
    return Concerned(going, _once(again), gone, changed, frozenset(datasets), sources, row_ids([]), texts())


def _taken(table: pa.Table, work: Work) -> npt.NDArray[np.bool_]:
    """Say of each record, or version of one, whether its row or its place in the row goes."""
    held = table.column("row_id")
    found = among(held, row_ids(np.concatenate([work.rows, work.anonymised])))
    if len(work.emptied):
        found |= np.isin(held.to_numpy() >> 32, work.emptied)
    for (dataset, slot), rows in work.people.items():
        theirs = inside(table.column("dataset"), texts([dataset])) & inside(table.column("slot"), texts([slot]))
        found |= theirs & among(held, rows)
    return found


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    held = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return held.cast(pa.string())


def _once(arrays: Sequence[pa.Array]) -> pa.Array:
    return pc.unique(pa.concat_arrays(arrays)).drop_null() if arrays else texts()
