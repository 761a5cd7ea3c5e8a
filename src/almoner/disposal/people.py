"""Takes persons and records out of the spine and of what linkage remembers, and commits the spine that is left.

Whoever is concerned and stays is not forgotten: the id stays with the records, what only a record that goes said is
blanked, and linkage is made to join those records anew in its next run, as records that it has not met. Nothing here
decides who is who.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.disposal.concerned import (
    LOCK,
    MENTION,
    Concerned,
    concerned_by,
    files_of,
    inside,
    naming,
    record_names,
    scanned,
    texts,
)
from almoner.disposal.memory import forgetting
from almoner.disposal.work import Work
from almoner.store.catalogue import PartFile, SpineEntry, memory_part
from almoner.store.lake import Lake
from almoner.store.rewriting import among, rewritten

_SAID = ("forename", "surname", "date_of_birth", "sex")
_UNSURE = ""
"""A digest that no run computes: the next run of linkage does not take the spine for current."""

Keep = Callable[[pa.Table], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class SpineRewritten:
    """What became of the spine: files that go and files that are new, persons who went, and who are joined anew."""

    removed: tuple[PartFile, ...] = ()
    written: tuple[PartFile, ...] = ()
    gone: int = 0
    changed: int = 0
    records: int = 0


def dispose_in_spine(lake: Lake, work: Work, concerned: Concerned | None = None) -> SpineRewritten:
    """Commit a spine without what the work takes away. Call it under the lease 'link', then sweep.

    In: concerned = whom it concerns, if that is known already.
    """
    present = lake.catalogue.spine()
    if present is None:
        return SpineRewritten()
    concerned = concerned or concerned_by(lake, present, work)
    if not concerned:
        return SpineRewritten()
    number = lake.catalogue.next_number()
    folder = f"spine/{number:08d}"
    changes = {**_spine_changes(lake, present, concerned), **forgetting(lake, present, concerned, work)}
    after: list[PartFile] = []
    for file in present.files:
        change = changes.get(file.part)
        if change is None:
            after.append(file)
        elif (made := rewritten(lake, file, LOCK, folder, change)) is not None:
            after.append(made)
    after += _still_there(lake, folder, present.files, after)
    lake.catalogue.commit_spine(replace(present, number=number, files=tuple(after), deliveries_digest=_UNSURE))
    return SpineRewritten(
        removed=tuple(file for file in present.files if file not in after),
        written=tuple(file for file in after if file not in present.files),
        gone=len(concerned.gone),
        changed=len(concerned.changed),
        records=len(concerned.records),
    )


def _still_there(lake: Lake, folder: str, before: Sequence[PartFile], after: list[PartFile]) -> list[PartFile]:
    """Write an empty file of each part that has lost its last row: linkage wants to find each part that it left."""
    missing = {file.part for file in before} - {file.part for file in after}
    made = []
    for part in sorted(missing):
        file = next(each for each in before if each.part == part)
        schema = lake.parquet.outline(lake.folder / file.path, LOCK).schema
        writer = lake.parquet.writer(lake.folder / folder / f"{part}-empty.parquet", schema, LOCK)
        writer.write(schema.empty_table())
        made.append(PartFile(part, str(writer.path.relative_to(lake.folder)), 0, writer.close()))
    return made


def _spine_changes(lake: Lake, entry: SpineEntry, concerned: Concerned) -> dict[str, Callable[[pa.Table], pa.Table]]:
    known = _known_of(lake, entry, concerned)
    homes, households, families = _left_empty(lake, entry, concerned, known)
    gone = concerned.gone

    def neither(table: pa.Table) -> npt.NDArray[np.bool_]:
        return ~(inside(table.column("person_id"), gone) | inside(table.column("other_person_id"), gone))

    def told_by_others(table: pa.Table) -> npt.NDArray[np.bool_]:
        ends = inside(table.column("person_id"), concerned.changed)
        ends |= inside(table.column("other_person_id"), concerned.changed)
        return neither(table) & ~(ends & inside(table.column("source"), texts(concerned.sources)))

    keeps: dict[str, Keep] = {
        "person_record": lambda t: ~(naming(t, concerned.records) | inside(t.column("person_id"), gone)),
        "residence": known.keeps_residence,
        "household_member": lambda t: ~inside(t.column("person_id"), gone),
        "family_member": lambda t: ~inside(t.column("person_id"), gone),
        "protected": lambda t: ~inside(t.column("person_id"), gone),
        "person_event": neither,
        "relationship": told_by_others,
        "kinship": told_by_others,
        "household": lambda t: ~inside(t.column("household_id"), households),
        "family": lambda t: ~inside(t.column("family_id"), families),
        "review": lambda t: (
            ~(
                naming(t, concerned.records, "left_dataset", "left_record_id")
                | naming(t, concerned.records, "right_dataset", "right_record_id")
            )
        ),
    }
    changes = {part: _keeping(keep) for part, keep in keeps.items()}
    changes["address"] = _address_change(lake, entry, concerned, homes)
    without_gone = _keeping(lambda t: ~inside(t.column("person_id"), gone))
    return changes | {"person": lambda table: known.person(without_gone(table))}


def _address_change(
    lake: Lake, entry: SpineEntry, concerned: Concerned, homes: pa.Array
) -> Callable[[pa.Table], pa.Table]:
    """Make the change to addresses: those that are left go; those that are called as nobody writes any more are blank
    but for UPRN and postcode, until linkage calls them anew."""
    found = [pa.table({name: pa.array([], pa.string()) for name in _PLACE})]
    for table in scanned(lake, files_of(entry, memory_part("text")), ("text", *_PLACE)):
        here = pa.array(among(table.column("text"), concerned.vanished))
        found.append(table.filter(here).select(_PLACE))
    unwritten = texts(_written(pa.concat_tables(found)).to_pylist())

    def change(table: pa.Table) -> pa.Table:
        table = _keeping(lambda t: ~inside(t.column("address_id"), homes))(table)
        out = inside(_written(table), unwritten)
        for name in ("address", "flat", "house_number", "street") if out.any() else ():
            column = table.column(name)
            blank = pc.if_else(pa.array(out), pa.scalar(None, column.type), column)
            table = table.set_column(table.column_names.index(name), name, blank)
        return table

    return change


_PLACE = ("flat", "house_number", "street", "address")


def _written(table: pa.Table) -> pa.ChunkedArray:
    columns = [table.column(name).cast(pa.string()).fill_null("") for name in _PLACE]
    return pc.binary_join_element_wise(*columns, "\x1f")


def _keeping(keep: Keep) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        kept = keep(table)
        return table if kept.all() else table.filter(pa.array(kept))

    return change


@dataclass(frozen=True)
class _Known:
    """What records that stay say of persons of whom something goes: pairs of a person and a value, one text each."""

    concerned: Concerned
    said: Mapping[str, pa.Array]
    counts: Mapping[str, int]
    homes: pa.Array
    """person, address id."""

    def person(self, table: pa.Table) -> pa.Table:
        """Blank in person what no record that stays says."""
        theirs = inside(table.column("person_id"), self.concerned.changed)
        if not theirs.any():
            return table
        for name in _SAID:
            column = table.column(name)
            unsaid = theirs & ~inside(_pairs(table.column("person_id"), column), self.said[name])
            value = pc.if_else(pa.array(unsaid), pa.scalar(None, column.type), column)
            table = table.set_column(table.column_names.index(name), name, value)
        people = table.column("person_id").to_pylist()
        counts = [self.counts.get(p, n) for p, n in zip(people, table.column("record_count").to_pylist(), strict=True)]
        place = table.column_names.index("record_count")
        return table.set_column(place, "record_count", pa.array(counts, table.schema.field(place).type))

    def keeps_residence(self, table: pa.Table) -> npt.NDArray[np.bool_]:
        """Say which residences nobody's leaving takes away: of a person who stays, those at an address still told."""
        person = table.column("person_id")
        unsaid = ~inside(_pairs(person, table.column("address_id")), self.homes)
        return ~(inside(person, self.concerned.gone) | (inside(person, self.concerned.changed) & unsaid))


def _pairs(person: pa.ChunkedArray, value: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(person.cast(pa.string()), value.cast(pa.string()), "\x1f")


def _known_of(lake: Lake, entry: SpineEntry, concerned: Concerned) -> _Known:
    """Read what the records that stay say of the persons who stay."""
    columns = ("dataset", "record_id", "forename", "surname", "date_of_birth", "sex", "uprn", "address", "postcode")
    found = []
    if len(concerned.again):
        for table in scanned(lake, files_of(entry, MENTION), columns):
            here = table.filter(pa.array(naming(table, concerned.again)))
            found.append(here.append_column("record", record_names(here)))
    said = pa.concat_tables(found).combine_chunks() if found else None
    if said is None or not said.num_rows:
        return _Known(concerned, dict.fromkeys(_SAID, texts()), {}, texts())
    owners: dict[str, str] = {}
    for table in scanned(lake, files_of(entry, "person_record"), ("dataset", "record_id", "person_id")):
        here = table.filter(pa.array(naming(table, concerned.again)))
        owners.update(zip(record_names(here).to_pylist(), here.column("person_id").to_pylist(), strict=True))
    person = pa.chunked_array([pa.array([owners.get(each) for each in said.column("record").to_pylist()], pa.string())])
    counts: dict[str, int] = {}
    for each in owners.values():
        counts[each] = counts.get(each, 0) + 1
    values = {
        name: texts(each for each in _pairs(person, said.column(name)).to_pylist() if each is not None)
        for name in _SAID
    }
    return _Known(concerned, values, counts, _homes(lake, entry, person, said))


def _homes(lake: Lake, entry: SpineEntry, person: pa.ChunkedArray, said: pa.Table) -> pa.Array:
    """Give person and address id of every address that a record which stays names."""
    by_place: dict[tuple[str | None, str | None], set[str]] = {}
    by_uprn: dict[str, set[str]] = {}
    for one, uprn, address, postcode in zip(
        person.to_pylist(), *(said.column(name).to_pylist() for name in ("uprn", "address", "postcode")), strict=True
    ):
        if one is None:
            continue
        if uprn:
            by_uprn.setdefault(uprn, set()).add(one)
        if address or postcode:
            by_place.setdefault((address, postcode), set()).add(one)
    found = []
    for table in scanned(lake, files_of(entry, "address"), ("address_id", "uprn", "address", "postcode")):
        for home, uprn, address, postcode in zip(
            *(table.column(n).to_pylist() for n in table.column_names), strict=True
        ):
            bearers = by_uprn.get(uprn, set()) | by_place.get((address, postcode), set())
            found += [f"{one}\x1f{home}" for one in bearers]
    return texts(found)


def _left_empty(
    lake: Lake, entry: SpineEntry, concerned: Concerned, known: _Known
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Find addresses, households and families that only whoever goes was tied to."""
    homes = _without_others(lake, entry, "residence", "address_id", known.keeps_residence)
    stays: Keep = lambda t: ~inside(t.column("person_id"), concerned.gone)  # noqa: E731
    members = _without_others(lake, entry, "household_member", "household_id", stays)
    families = _without_others(lake, entry, "family_member", "family_id", stays)
    at_home = texts()
    if len(homes):
        found = []
        for table in scanned(lake, files_of(entry, "household"), ("household_id", "address_id")):
            here = pa.array(inside(table.column("address_id"), homes))
            found += table.column("household_id").filter(here).to_pylist()
        at_home = texts(found)
    return homes, texts([*members.to_pylist(), *at_home.to_pylist()]), families


def _without_others(lake: Lake, entry: SpineEntry, part: str, column: str, keep: Keep) -> pa.Array:
    """Give the values of a column that stand in rows which go and in none which stays."""
    columns = ("person_id", column) if part != "residence" else ("person_id", "address_id")
    going: list[str] = []
    for table in scanned(lake, files_of(entry, part), columns):
        going += table.column(column).filter(pa.array(~keep(table))).to_pylist()
    left = texts(each for each in going if each is not None)
    if not len(left):
        return left
    staying: list[str] = []
    for table in scanned(lake, files_of(entry, part), columns):
        kept = table.filter(pa.array(keep(table)))
        staying += kept.column(column).filter(pa.array(inside(kept.column(column), left))).to_pylist()
    return left.filter(pa.array(~inside(left, texts(staying))))
