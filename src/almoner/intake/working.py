"""Carries out a plan on lots of rows: each different text of a column is worked once, then put where it stands.

Names, dates, postcodes and codes repeat, in a lot and from one delivery to the next, so nearly all of the work is
looking texts up. A column whose texts hardly repeat is worked as it is. Nothing that was found outlives the intake.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almoner.intake.column_work import FAULT, HASH, OWN, RAW, TEXT, ColumnWork, Output
from almoner.intake.plan import LandingPlan
from almoner.registry.datasets import AS_DELIVERED
from almoner.store.engine import Engine
from almoner.store.standing import StandingQuery

MOST_REMEMBERED = 250_000
"""Different texts of which one query's results are kept: some 50 MB."""
MOST_IN_ALL = 600_000
"""Different texts of which the results of all queries together are kept, when a lot begins."""
WORTH_IT = {"first": 0.4, "later": 0.15, "light": 0.1}
"""The share of a lot's rows whose text was never met, up to which looking texts up is worth it: in a first lot, in a
later one, and where the work on a text is light."""
FEW = 0.2
"""Texts that are at most this share of the rows are written as a dictionary."""
ENOUGH_ROWS = 10_000
"""From so many rows on one can tell whether a column's texts repeat."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

# What a worked lot says of each row itself. The colon keeps these apart from the dataset's own columns beside which
# they stand: a supplier's "action" is not ours, and no declared name can hold a colon.
ROW_POSITION = "row:position"
ROW_KEY = "row:record_key"
ROW_ACTION = "row:action"
ROW_FAULT = "row:fault"
ROW_KEY_HASH = "row:key_hash"
ROW_CONTENT_HASH = "row:content_hash"


@dataclass
class _Worked:
    """A column of a lot: what is known of each of its texts, and which text stands in each row."""

    found: dict[str, pa.Array]
    codes: pa.Array | None
    """For each row the number of its text; None where `found` is by row already."""
    _placed: dict[str, pa.Array] = field(default_factory=dict)

    def rows(self, name: str) -> pa.Array:
        """Give an output for each row: few texts as a dictionary, so that they are never copied out."""
        if self.codes is None:
            return self.found[name]
        if name not in self._placed:
            self._placed[name] = _place(self.found[name], self.codes)
        return self._placed[name]


def _place(values: pa.Array, codes: pa.Array) -> pa.Array:
    if not pa.types.is_string(values.type) or len(values) > FEW * len(codes):
        return values.take(codes)
    coded = values.dictionary_encode()  # texts that came to mean the same become one
    return pa.DictionaryArray.from_arrays(coded.indices.take(codes), coded.dictionary)


def _no_texts() -> pa.Array:
    return pa.array([], pa.string())


@dataclass
class _Remembered:
    """A standing query, and what it has found so far."""

    query: StandingQuery
    texts: pa.Array = field(default_factory=_no_texts)
    found: pa.Table | None = None

    def forget(self) -> None:
        """Let go of what was found; the query stays open."""
        self.texts, self.found = _no_texts(), None

    def of(self, texts: pa.Array, places: pa.Array) -> pa.Table:
        """Give what is known of different texts, working those that were never met. In: their places here."""
        if places.null_count:
            new = texts.filter(pc.is_null(places))
            if len(self.texts) + len(new) > MOST_REMEMBERED:
                return self.query.of(texts)
            result = self.query.of(new)
            found = result if self.found is None else pa.concat_tables([self.found, result]).combine_chunks()
            self.texts, self.found = pa.concat_arrays([self.texts, new]), found
            places = pc.index_in(texts, value_set=self.texts)
        assert self.found is not None or not len(texts)
        return self.found.take(places) if self.found is not None else self.query.of(texts)


class Workshop:
    """Works lots of any dataset, remembering what it has found. Use it as a context."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._workers = ThreadPoolExecutor(max(1, engine.settings.threads), thread_name_prefix="work")
        self._remembered: dict[str, _Remembered] = {}
        self._one_lot = threading.Lock()

    def __enter__(self) -> Workshop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.shutdown()
        for each in self._remembered.values():
            each.query.close()
        self._remembered.clear()

    def start(self, plan: LandingPlan) -> Working:
        """Begin the work on one delivery."""
        return Working(self, plan)

    def _query(self, sql: str) -> _Remembered:
        """Give a standing query, opened anew where it has failed: another delivery may have what it needs."""
        known = self._remembered.get(sql)
        if known is not None and known.query.failed:
            del self._remembered[sql]
            known.query.close()
            known = None
        if known is None:
            known = self._remembered[sql] = _Remembered(self._engine.standing(sql))
        return known

    def _make_room(self) -> None:
        if sum(len(each.texts) for each in self._remembered.values()) > MOST_IN_ALL:
            for each in self._remembered.values():
                each.forget()

    def carry_out(self, works: Sequence[ColumnWork], table: pa.Table, singly: set[str]) -> dict[str, _Worked]:
        """Work each column; columns of one query one after the other, since they share what it has found.

        In: singly = the columns whose texts do not repeat, to which those of this lot are added.
        """
        by_query: dict[str, list[ColumnWork]] = {}
        for work in sorted(works, key=lambda each: each.column not in singly):  # the longest work comes first
            by_query.setdefault(work.sql, []).append(work)
        with self._one_lot:  # a delivery that failed may still be at its next lot
            self._make_room()
            groups = [(self._query(sql), group) for sql, group in by_query.items()]
            given = [self._workers.submit(self._columns, each, group, table, singly) for each, group in groups]
            wait(given)  # of a lot that fails nothing may go on: it would be remembered beside the next lot's
        return {name: worked for each in given for name, worked in each.result().items()}

    def _columns(
        self, remembered: _Remembered, group: Sequence[ColumnWork], table: pa.Table, singly: set[str]
    ) -> dict[str, _Worked]:
        return {work.column: self._column(remembered, work, table, singly) for work in group}

    def _column(self, remembered: _Remembered, work: ColumnWork, table: pa.Table, singly: set[str]) -> _Worked:
        texts = table.column(work.source).combine_chunks()
        if work.column in singly:
            return self._as_it_is(remembered, work, texts)
        coded = texts.dictionary_encode("encode")
        different = trimmed(coded.dictionary)
        fed = _with_closing_blank(coded.dictionary, different) if work.closing_blank else different
        places = pc.index_in(fed, value_set=remembered.texts)
        share = WORTH_IT["light" if work.light else "later" if len(remembered.texts) else "first"]
        if len(texts) >= ENOUGH_ROWS and places.null_count > share * len(texts):
            singly.add(work.column)
            return self._as_it_is(remembered, work, texts)
        return _Worked(_named(work, remembered.of(fed, places), different), coded.indices)

    def _as_it_is(self, remembered: _Remembered, work: ColumnWork, texts: pa.Array) -> _Worked:
        bare = trimmed(texts)
        fed = _with_closing_blank(texts, bare) if work.closing_blank else bare
        return _Worked(_named(work, remembered.query.of(fed), bare), None)


def _named(work: ColumnWork, found: pa.Table, texts: pa.Array) -> dict[str, pa.Array]:
    return {
        TEXT: texts,
        **dict.fromkeys(work.same, texts),
        **{name: found.column(name).combine_chunks() for name in found.column_names},
    }


def trimmed(texts: pa.Array) -> pa.Array:
    """Take white space off both ends of every text; what is left empty is NULL."""
    bare = pc.utf8_trim_whitespace(texts)
    empty = pc.equal(bare, "")
    return pc.if_else(empty, None, bare) if pc.any(empty).as_py() else bare


def _with_closing_blank(texts: pa.Array, bare: pa.Array) -> pa.Array:
    """Put the one blank that ends a text back; more than one is padding, and tells nothing."""
    ended = pc.match_substring_regex(texts, r"\S $")
    return pc.if_else(ended, pc.binary_join_element_wise(bare, " ", ""), bare) if pc.any(ended).as_py() else bare


class Working:
    """The work on one delivery."""

    def __init__(self, workshop: Workshop, plan: LandingPlan) -> None:
        self._workshop = workshop
        self._plan = plan
        self._singly: set[str] = set()

    def lot(self, table: pa.Table, positions: npt.NDArray[np.int64]) -> pa.Table:
        """Work a lot.

        Out: the ROW_ columns (of a fault its number among the plan's, -1 for none), each column typed and as
        delivered, `p<n>:named` and `p<n>:<field>` of people, `place:<field>`.
        """
        plan = self._plan
        worked = self._workshop.carry_out(plan.works, table, self._singly)
        count = len(positions)
        columns: dict[str, pa.Array] = {
            ROW_POSITION: pa.array(positions),
            ROW_KEY: self._record_key(worked, positions),
            ROW_ACTION: _rows(worked, plan.action) if plan.action else _same(count, "I"),
            ROW_FAULT: pa.array(self._faults(worked, count)),
            ROW_KEY_HASH: pa.array(self._hash(worked, [key.column for key in plan.key], positions)),
            ROW_CONTENT_HASH: pa.array(self._hash(worked, [work.column for work in plan.works], positions)),
        }
        for work in plan.works:
            columns[work.column] = worked[work.column].rows(OWN)
        for name in plan.delivered:
            columns[name + AS_DELIVERED] = worked[name].rows("delivered")
        for person in plan.people:
            fields = {name: _first_known(worked, outputs) for name, outputs in person.fields.items()}
            columns[person.column("named")] = _named_people(worked, fields, person.naming, person.organisations, count)
            columns.update({person.column(name): values for name, values in fields.items()})
        if plan.place is not None:
            for name, outputs in plan.place.fields.items():
                columns[f"place:{name}"] = _first_known(worked, outputs)
        return pa.table(columns)

    def _record_key(self, worked: dict[str, _Worked], positions: npt.NDArray[np.int64]) -> pa.Array:
        keys = [_plain(worked[key.column].rows(RAW)) for key in self._plan.key]
        if not keys:
            return pc.cast(pa.array(positions), pa.string())  # no key: each row stands for itself
        return keys[0] if len(keys) == 1 else pc.binary_join_element_wise(*keys, "/", null_handling="skip")

    def _faults(self, worked: dict[str, _Worked], count: int) -> npt.NDArray[np.int32]:
        """Give each row the number of its first fault among all of the plan's."""
        faults = np.full(count, -1, np.int32)
        first = 0
        for name, kinds in self._plan.faults.items():
            column = worked[name]
            if pc.max(column.found[FAULT]).as_py() != -1:
                own = column.rows(FAULT).to_numpy()
                faults = np.where((faults < 0) & (own >= 0), own + first, faults)
            first += len(kinds)
        return faults.astype(np.int32)

    def _hash(
        self, worked: dict[str, _Worked], names: Sequence[str], positions: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.uint64]:
        """Mix the hashes of some columns' texts; of none, each row's position."""
        mixed = np.zeros(len(positions), np.uint64)
        for name in names:
            _mix(mixed)
            mixed ^= worked[name].rows(HASH).to_numpy()
        if not names:
            mixed = positions.astype(np.uint64)
        _mix(mixed)
        return mixed


def _mix(values: npt.NDArray[np.uint64]) -> None:
    """Spread 64 bits in place. Source: Steele, Lea and Flood, SplitMix (2014), the first half of its finaliser."""
    values += _GOLDEN
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)


def _rows(worked: dict[str, _Worked], output: Output) -> pa.Array:
    return worked[output.column].rows(output.name)


def _first_known(worked: dict[str, _Worked], outputs: Sequence[Output]) -> pa.Array:
    if len(outputs) == 1:
        return _rows(worked, outputs[0])
    return pc.coalesce(*(_plain(_rows(worked, output)) for output in outputs))


def _named_people(
    worked: dict[str, _Worked],
    fields: dict[str, pa.Array],
    naming: Sequence[str],
    organisations: Sequence[Output],
    count: int,
) -> pa.Array:
    """Say for each row whether it names somebody: a name or a number is given, and it is no organisation."""
    named = np.zeros(count, bool)
    for name in naming:
        named |= pc.is_valid(fields[name]).to_numpy(zero_copy_only=False)
    for output in organisations:
        if pc.any(worked[output.column].found[output.name]).as_py():
            named &= ~_rows(worked, output).to_numpy(zero_copy_only=False)
    return pa.array(named)


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _same(count: int, text: str) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([text]))
