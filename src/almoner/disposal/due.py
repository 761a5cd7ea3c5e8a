"""Finds what is past its retention: rows by their own days, records by when they were last seen, deliveries by theirs.

A record is decided by its newest row, and goes with every earlier version of it: were only the newest to go, the one
before would count as current again. What the source holds no longer is not an open case, whatever its row says, and
where its row gives no day it counts from the delivery in which it was last seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from almoner.disposal.work import Work
from almoner.governance.retention import Clock, clock_of, keep_until, kept_sql, latest_sql, limit_sql
from almoner.registry.datasets import Dataset
from almoner.registry.governing import Retention
from almoner.registry.layout import tier_of
from almoner.registry.registry import Registry
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry
from almoner.store.current import current_deliveries
from almoner.store.engine import Engine, Session, literal, quoted
from almoner.store.lake import Lake
from almoner.store.rewriting import RowIds, row_ids


@dataclass(frozen=True)
class Due:
    """What of one dataset is past its retention.

    keys: the records, by their keys; none of a dataset whose deliveries fall due as a whole. undated: records of which
    no day is known, so that they never fall due. held: rows that a legal hold keeps.
    """

    dataset: str
    rule: Retention
    work: Work
    keys: tuple[str, ...]
    undated: int
    held: int

    @property
    def rows(self) -> int:
        """How many rows go, or are made anonymous."""
        return len(self.work.rows) + len(self.work.anonymised) + len(self.work.quarantined)


@dataclass(frozen=True)
class Held:
    """What legal holds keep of one dataset: all of it, or records and rows."""

    everything: bool = False
    keys: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


def due_in(registry: Registry, lake: Lake, engine: Engine, dataset: Dataset, today: dt.date, held: Held) -> Due:
    """Find what of a dataset is past its retention today. Whoever asks has written the audit event."""
    rule = registry.retention_of(dataset)
    entries = [e for e in lake.catalogue.deliveries(dataset.full_name, superseded=True) if e.files]
    quarantined = _quarantine_due(lake, dataset, entries, rule, today, registry.disposal.quarantine_days)
    if held.everything or not entries:
        return Due(dataset.full_name, rule, Work(), (), 0, sum(e.accepted for e in entries) if held.everything else 0)
    session = engine.session()
    try:
        finder = _Finder(registry, lake, session, dataset, rule, today, entries, held)
        clock = clock_of(dataset, rule)
        if clock is not None:
            return finder.by_records(finder.past_by_days(clock), quarantined, finder.undated(clock))
        if rule.counted_from == "last_seen":
            return finder.by_records(finder.past_by_last_seen(), quarantined, 0)
        return finder.by_deliveries(quarantined)
    finally:
        session.close()


def _quarantine_due(
    lake: Lake, dataset: Dataset, entries: Sequence[DeliveryEntry], rule: Retention, today: dt.date, days: int
) -> RowIds:
    """Find quarantined rows that are kept no longer: they have no day of their own."""
    found = []
    for entry in entries:
        if min(entry.as_of + dt.timedelta(days=days), _whole_until(entry, rule)) < today and entry.parts("quarantine"):
            table = lake.part([entry], "quarantine", dataset)
            held = table if isinstance(table, pa.Table) else table.to_table(columns=["position"])
            found.append(held.column("position").to_numpy() + (entry.number << ROW_ID_SHIFT))
    return row_ids(np.concatenate(found)) if found else row_ids([])


def _whole_until(entry: DeliveryEntry, rule: Retention) -> dt.date:
    return keep_until(entry.as_of, rule) if rule.counted_from in ("delivery", "last_seen") else dt.date.max


class _Finder:
    """One look at one dataset."""

    def __init__(
        self,
        registry: Registry,
        lake: Lake,
        session: Session,
        dataset: Dataset,
        rule: Retention,
        today: dt.date,
        entries: Sequence[DeliveryEntry],
        held: Held,
    ) -> None:
        self._registry, self._lake, self._session = registry, lake, session
        self._dataset, self._rule, self._today = dataset, rule, today
        self._entries = entries
        session.register("held_key", pa.table({"key": pa.array(held.keys, pa.string())}))
        session.register("held_row", pa.table({"row_id": pa.array(held.rows, pa.int64())}))
        self._lay_out()

    def _lay_out(self) -> None:
        """Define `version`, each row with its record's key and its place among its rows, and `record`."""
        standing = [entry for entry in self._entries if entry.superseded_by is None]
        live = {entry.number for entry in current_deliveries(standing)}
        order = sorted(self._entries, key=lambda e: (e.superseded_by is None, e.as_of, e.sent_on or e.as_of, e.number))
        told = [
            f"({e.number}, {rank}, DATE {literal(e.as_of.isoformat())}, {e.number in live})"
            for rank, e in enumerate(order)
        ]
        self._session.register("raw_rows", self._lake.part(self._entries, "rows", self._dataset))
        key = "r.record_key" if self._dataset.key else "CAST(r.row_id AS VARCHAR)"
        self._session.define(
            "version",
            f"""SELECT r.row_id, {key} AS key, r.action = 'D' AS deletes, d.as_of,
                       row_number() OVER (PARTITION BY {key} ORDER BY d.rank DESC, r.row_id DESC) = 1 AND d.live
                           AND r.action <> 'D' AS is_current,
                       row_number() OVER (PARTITION BY {key} ORDER BY r.action = 'D', d.rank DESC, r.row_id DESC)
                           AS newest
                FROM raw_rows AS r JOIN (VALUES {", ".join(told)}) AS d(number, rank, as_of, live)
                  ON d.number = (r.row_id >> {ROW_ID_SHIFT})
                WHERE NOT starts_with(r.record_key, 'anonymous-')""",
            keep=True,
        )
        self._session.define(
            "record",
            """SELECT key, max(row_id) FILTER (newest = 1) AS row_id, max(as_of) AS last_seen,
                      bool_or(is_current) AS is_current FROM version GROUP BY key""",
            keep=True,
        )

    def _dated(self, clock: Clock) -> str:
        """Write the tables that hold a clock's columns, joined to `record`; and how to write a column's name."""
        columns = self._dataset.columns
        tiers = {name: tier_of(self._registry, self._dataset, columns[name]) for name in clock.columns()}
        joined = "record AS r"
        self._alias = {name: f"t_{tier}" for name, tier in tiers.items()}
        for tier in dict.fromkeys(tiers.values()):
            self._session.register(f"raw_{tier}", self._lake.part(self._entries, tier, self._dataset))
            joined += f" JOIN raw_{tier} AS t_{tier} ON t_{tier}.row_id = r.row_id"
        return joined

    def _shown(self, name: str) -> str:
        return f"{self._alias[name]}.{quoted(name)}"

    def past_by_days(self, clock: Clock) -> str:
        """Write the SELECT of the records that are past by their own days."""
        joined = self._dated(clock)
        gone = f"coalesce({latest_sql(clock, self._shown)}, r.last_seen) < {limit_sql(self._rule, self._today)}"
        kept = kept_sql(clock, self._rule, self._today, self._shown)
        return f"SELECT r.key FROM {joined} WHERE CASE WHEN r.is_current THEN NOT {kept} ELSE {gone} END"

    def undated(self, clock: Clock) -> int:
        """Count the current records that give no day to count from, and are no open case."""
        joined = self._dated(clock)
        opened = [
            f"({self._shown(ends)} IS NULL" + (f" AND {self._shown(starts)} IS NOT NULL)" if starts else ")")
            for starts, ends in clock.spans
        ]
        still = f" AND NOT ({' OR '.join(opened)})" if opened else ""
        found = self._session.query(
            f"SELECT count(*) AS n FROM {joined} WHERE r.is_current AND {latest_sql(clock, self._shown)} IS NULL{still}"
        ).one()
        return int(found["n"]) if found else 0

    def past_by_last_seen(self) -> str:
        """Write the SELECT of the records that no delivery has held for too long."""
        return f"SELECT r.key FROM record AS r WHERE r.last_seen < {limit_sql(self._rule, self._today)}"

    def by_records(self, past: str, quarantined: RowIds, undated: int) -> Due:
        """Give the rows of records that are past, but for those that a hold keeps."""
        self._session.define("past", f"SELECT DISTINCT key FROM ({past})", keep=True)
        self._session.define(
            "kept_back",
            """SELECT key FROM held_key
               UNION SELECT v.key FROM version AS v JOIN held_row AS h ON h.row_id = v.row_id""",
            keep=True,
        )
        anonymising = self._rule.action == "anonymise"
        found = self._session.query(
            f"""SELECT v.row_id, {"v.newest = 1 AND NOT v.deletes" if anonymising else "FALSE"} AS stays,
                       k.key IS NOT NULL AS held
                FROM version AS v JOIN past AS p USING (key)
                LEFT JOIN (SELECT DISTINCT key FROM kept_back) AS k USING (key)"""
        ).to_arrow()
        held, stays = (found.column(name).to_numpy() for name in ("held", "stays"))
        rows = found.column("row_id").to_numpy()
        keys = self._session.query("SELECT key FROM past WHERE key NOT IN (SELECT key FROM kept_back) ORDER BY key")
        work = Work(
            rows=row_ids(rows[~held & ~stays]), anonymised=row_ids(rows[~held & stays]), quarantined=quarantined
        )
        told = tuple(keys.to_arrow().column("key").to_pylist())
        return Due(self._dataset.full_name, self._rule, work, told, undated, int(held.sum()))

    def by_deliveries(self, quarantined: RowIds) -> Due:
        """Give the deliveries that are past as a whole; of one that holds what a hold keeps, the other rows."""
        past = [entry for entry in self._entries if keep_until(entry.as_of, self._rule) < self._today]
        numbers = ", ".join(str(entry.number) for entry in past) or "-1"
        found = self._session.query(
            f"""SELECT v.row_id, v.key IN (SELECT key FROM held_key)
                       OR v.row_id IN (SELECT row_id FROM held_row) AS held,
                       {"v.newest = 1 AND NOT v.deletes" if self._rule.action == "anonymise" else "FALSE"} AS stays
                FROM version AS v WHERE (v.row_id >> {ROW_ID_SHIFT}) IN ({numbers})"""
        ).to_arrow()
        rows, held, stays = (found.column(name).to_numpy() for name in ("row_id", "held", "stays"))
        partly = set((rows[held | stays] >> ROW_ID_SHIFT).tolist())
        whole = row_ids([entry.number for entry in past if entry.number not in partly])
        singly = ~held & np.isin(rows >> ROW_ID_SHIFT, np.array(sorted(partly), np.int64))
        work = Work(
            rows=row_ids(rows[singly & ~stays]),
            anonymised=row_ids(rows[singly & stays]),
            quarantined=quarantined[~np.isin(quarantined >> ROW_ID_SHIFT, whole)],
            emptied=whole,
        )
        return Due(self._dataset.full_name, self._rule, work, (), 0, int(held.sum()))
