"""Makes linkage forget: what it remembers of records that go, and of those that it is to join anew.

What it remembers of everybody else stands, so that its next run costs what has changed. Where most is to be forgotten,
all is: the next run then joins everybody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.disposal.concerned import MENTION, Concerned, files_of, inside, named_records, naming, scanned, texts
from almoner.disposal.work import Work
from almoner.linkage.memory import MEMORY
from almoner.store.catalogue import PartFile, SpineEntry, memory_part
from almoner.store.lake import Lake
from almoner.store.rewriting import Change, among, row_ids

_WITH_UPRN = "U"
"""How linkage begins the key of a place that has a UPRN."""
_BORNE = ("forename", "surname", "dob")
_FORGOTTEN = "forgotten"
"""What `inputs` says of a dataset that is to be read again: no run reads this of any."""


def forgetting(lake: Lake, entry: SpineEntry, concerned: Concerned, work: Work) -> dict[str, Change]:
    """Make the changes to each table of the memory; none where linkage has left no memory."""
    if not files_of(entry, MENTION):
        return {}
    leaving = _Leaving(lake, entry, concerned, work)
    changes: dict[str, Change] = {
        "mention": _keeping(lambda t: ~leaving.mention(t)),
        "node": _keeping(lambda t: ~among(t.column("node"), leaving.nodes)),
        "block": _keeping(lambda t: ~among(t.column("node"), leaving.nodes)),
        "person_of": _keeping(lambda t: ~among(t.column("node"), leaving.nodes)),
        "edge": _keeping(lambda t: ~(among(t.column("l"), leaving.nodes) | among(t.column("r"), leaving.nodes))),
        "text": leaving.fewer_times,
        "place": _keeping(lambda t: ~inside(t.column("place"), leaving.places)),
        "frequency": _keeping(leaving.still_borne),
        "usual_sex": _keeping(lambda t: ~inside(t.column("forename"), leaving.values["forename"])),
        "heaped": _keeping(lambda t: ~inside(t.column("dob"), leaving.values["dob"])),
        "about": lambda t: _without_decisions(t, concerned),
        "inputs": lambda t: _read_again(t, concerned.datasets),
    }
    assert set(MEMORY) <= {*changes, "dead"}
    return {memory_part(name): change for name, change in changes.items()}


def _keeping(keep: Callable[[pa.Table], npt.NDArray[np.bool_]]) -> Change:
    def change(table: pa.Table) -> pa.Table:
        kept = keep(table)
        return table if kept.all() else table.filter(pa.array(kept))

    return change


class _Leaving:
    """What leaves the memory: mentions, and what no mention that stays needs."""

    def __init__(self, lake: Lake, entry: SpineEntry, concerned: Concerned, work: Work) -> None:
        self._lake, self._entry = lake, entry
        self._records = texts([*concerned.records.to_pylist(), *concerned.again.to_pylist()])
        self._rows = row_ids(np.concatenate([work.rows, work.anonymised]))
        self._emptied = work.emptied
        self.nodes, self.texts = self._numbers()
        self.places = self._unneeded_places(concerned)
        self.values: Mapping[str, pa.Array] = self._unborne()

    def _files(self, table: str) -> list[PartFile]:
        return files_of(self._entry, memory_part(table))

    def mention(self, table: pa.Table) -> npt.NDArray[np.bool_]:
        """Say which mentions go."""
        held = table.column("row_id")
        out = among(held, self._rows) | naming(table, self._records)
        return out | np.isin(held.to_numpy() >> 32, self._emptied) if len(self._emptied) else out

    def fewer_times(self, table: pa.Table) -> pa.Table:
        """Give the ways of writing a place with how often they still are; those that nobody writes go.

        A record that was only sent again was counted once, and stands in several mentions: what somebody who stays
        writes is never counted down to nothing.
        """
        touched = np.flatnonzero(among(table.column("text"), row_ids(list(self.written))))
        if not len(touched):
            return table
        times = table.column("times").to_numpy().copy()
        times[touched] -= [self.written[number] for number in table.column("text").to_numpy()[touched].tolist()]
        column = pa.array(np.maximum(times, 1), table.schema.field("times").type)
        changed = table.set_column(table.column_names.index("times"), "times", column)
        return changed.filter(pa.array(~among(table.column("text"), self.texts)))

    def _numbers(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Give the nodes and the written addresses of mentions that go, which no mention that stays has."""
        self.written: Counter[int] = Counter()
        columns = ("dataset", "record_id", "row_id", "node", "text")
        going: dict[str, list[npt.NDArray[np.int64]]] = {"node": [row_ids([])], "text": [row_ids([])]}
        for table in scanned(self._lake, self._files("mention"), columns):
            out = table.filter(pa.array(self.mention(table)))
            self.written.update(out.column("text").drop_null().to_pylist())
            for name, found in going.items():
                found.append(_filled(out.column(name)))
        left = {name: row_ids(np.concatenate(found)) for name, found in going.items()}
        staying: dict[str, list[npt.NDArray[np.int64]]] = {name: [row_ids([])] for name in going}
        for table in scanned(self._lake, self._files("mention"), columns):
            shared = {name: among(table.column(name).fill_null(-1), left[name]) for name in going}
            near = table.filter(pa.array(shared["node"] | shared["text"]))
            kept = near.filter(pa.array(~self.mention(near)))
            for name, found in staying.items():
                found.append(_filled(kept.column(name)))
        nodes, written = (np.setdiff1d(left[name], np.concatenate(staying[name])) for name in ("node", "text"))
        return nodes, written

    def _unneeded_places(self, concerned: Concerned) -> pa.Array:
        """Give the places that nobody who stays lives at, and those that are called as only whoever goes wrote them.

        A place with a UPRN keeps its address id while somebody is to be joined anew there.
        """
        staying = set()
        for table in scanned(self._lake, self._files("text"), ("text", "place")):
            out = among(table.column("text"), concerned.vanished)
            staying.update(table.column("place").filter(pa.array(~out)).to_pylist())
        return texts(
            place for place in concerned.unplaced.to_pylist() if place not in staying or place[:1] != _WITH_UPRN
        )

    def _unborne(self) -> dict[str, pa.Array]:
        """Give the names and birthdays that nobody bears any more: a rare one tells of who is gone."""
        going: dict[str, set[str]] = {name: set() for name in _BORNE}
        for table in scanned(self._lake, self._files("node"), ("node", *_BORNE)):
            out = pa.array(among(table.column("node"), self.nodes))
            for name in _BORNE:
                going[name].update(table.column(name).filter(out).cast(pa.string()).drop_null().to_pylist())
        if not any(going.values()):
            return {name: texts() for name in _BORNE}
        for table in scanned(self._lake, self._files("node"), ("node", *_BORNE)):
            stays = pa.array(~among(table.column("node"), self.nodes))
            for name in _BORNE:
                column = table.column(name).filter(stays).cast(pa.string())
                going[name] -= set(pc.unique(column.filter(pa.array(inside(column, texts(going[name]))))).to_pylist())
        return {name: texts(values) for name, values in going.items()}

    def still_borne(self, table: pa.Table) -> npt.NDArray[np.bool_]:
        """Say which rows of the table of frequencies somebody still bears."""
        out = np.zeros(table.num_rows, bool)
        for name in _BORNE:
            out |= inside(table.column("column"), texts([name])) & inside(table.column("value"), self.values[name])
        return ~out


def _filled(values: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(values.drop_null().to_numpy(), np.int64)


def _without_decisions(table: pa.Table, concerned: Concerned) -> pa.Table:
    """Forget decisions about records that go."""
    gone = set(named_records(concerned.records))
    said = [json.loads(text) for text in table.column("about").to_pylist()]
    for each in said:
        each["decisions"] = [d for d in each["decisions"] if not {(d[0], d[1]), (d[2], d[3])} & gone]
    return table.set_column(0, "about", pa.array([json.dumps(each) for each in said], pa.string()))


def _read_again(table: pa.Table, datasets: frozenset[str]) -> pa.Table:
    """Have the next run read datasets again, though they may hold what they held."""
    names, held = table.column("name").to_pylist(), table.column("held").to_pylist()
    told = [_FORGOTTEN if name in datasets else each for name, each in zip(names, held, strict=True)]
    return table.set_column(table.column_names.index("held"), "held", pa.array(told, pa.string()))
