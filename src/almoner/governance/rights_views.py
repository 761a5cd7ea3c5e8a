"""What the rights in force make of the parts of the lake, before any view is made of them.

Corrected values stand in the place of what the source sent, wherever a part is read; a home that rests on a corrected
address is given to nobody until records were joined anew. Rows of a delivery that was not joined yet are told apart by
their key; those of which nobody knows yet whose they are wait, for a purpose that may not see everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa

from almoner.governance.following import owners_of
from almoner.governance.in_force import Correction, InForce, slots_changed
from almoner.kernel.tables import ADDRESS_FIELDS, PERSONS
from almoner.registry.datasets import Dataset
from almoner.registry.layout import tier_of
from almoner.registry.registry import Registry
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry, SpineEntry
from almoner.store.current import current_rows_sql
from almoner.store.engine import Session, Viewable, literal, quoted
from almoner.store.lake import Lake

_NOTHING_CORRECTED = """SELECT NULL AS "right", NULL AS record_key, NULL AS "column", NULL AS was, NULL AS now,
                               NULL AS held WHERE FALSE"""
_counted: dict[str, Any] = {}
ADDRESS = frozenset(field.name for field in ADDRESS_FIELDS)
NAMED = ("forename", "surname", "date_of_birth", "sex")
"""What the spine says of a person as their records do."""
PEOPLE = "persons"
PLACES = "places"
RIGHTS_UNTIL = "rights_until"
"""Among a spine's numbers: the instant up to which corrections were in what it was joined from."""
_SQL = {
    "text": "VARCHAR", "integer": "BIGINT", "decimal": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
}  # fmt: skip
_OF_PERSON = {name: "DATE" if pa.types.is_date(PERSONS.field(name).type) else "" for name in PERSONS.names}


class RightsViews:
    """The rights in force as they bear on the parts that one session reads."""

    def __init__(
        self, registry: Registry, lake: Lake, session: Session, spine: SpineEntry | None, rights: InForce
    ) -> None:
        self._registry, self._lake, self._session = registry, lake, session
        self._spine, self.rights = spine, rights
        self._rows: dict[str, list[tuple[Correction, list[int]]]] = {}
        self._made = 0

    # ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────

    def part(self, dataset: Dataset, entries: Sequence[DeliveryEntry], part: str) -> str:
        """Open a part of deliveries with every correction in it; give its name in the session."""
        name = self.register(self._lake.part(entries, part, dataset))
        branches: dict[str, list[str]] = {}
        for correction, rows in self._corrected(dataset) if part != "rows" else ():
            for column, branch in self._branches(dataset, correction, rows, part):
                branches.setdefault(column, []).append(branch)
        return self._replaced(name, branches) if branches else name

    def _branches(
        self, dataset: Dataset, correction: Correction, rows: Sequence[int], part: str
    ) -> list[tuple[str, str]]:
        here = f"row_id IN ({', '.join(map(str, rows))})"
        if part == PEOPLE:
            return [
                (each.name, f"WHEN {here} AND slot = {literal(each.slot)} THEN {_value(each.now, each.name)}")
                for each in correction.fields
                if each.slot and rows
            ]
        if part == PLACES:
            changed = [each for each in correction.fields if not each.slot and rows]
            return [(each.name, f"WHEN {here} THEN {_value(each.now, each.name)}") for each in changed]
        column = dataset.columns.get(correction.column)
        if column is None or not rows or tier_of(self._registry, dataset, column) != part:
            return []
        value = "NULL" if correction.now is None else f"CAST({literal(correction.now)} AS {_SQL[column.type]})"
        return [(correction.column, f"WHEN {here} THEN {value}")]

    def _replaced(self, name: str, branches: dict[str, list[str]]) -> str:
        shown = [
            f"CASE {' '.join(each)} ELSE {quoted(column)} END AS {quoted(column)}" for column, each in branches.items()
        ]
        fixed = self._next("_right")
        self._session.define(fixed, f"SELECT * REPLACE ({', '.join(shown)}) FROM {name}")
        return fixed

    def _corrected(self, dataset: Dataset) -> list[tuple[Correction, list[int]]]:
        """Give the corrections of a dataset, each with the rows that say, in whatever delivery, what it corrects."""
        if dataset.full_name not in self._rows:
            found = [correction for _, correction in self.rights.corrections(dataset.full_name)]
            entries = self._lake.catalogue.deliveries(dataset.full_name) if found else []
            self._rows[dataset.full_name] = [(each, self._rows_of(dataset, each, entries)) for each in found]
        return self._rows[dataset.full_name]

    def _rows_of(self, dataset: Dataset, correction: Correction, entries: Sequence[DeliveryEntry]) -> list[int]:
        column = dataset.columns.get(correction.column)
        if column is None:
            return []
        sql = f"SELECT r.row_id FROM ({self.as_sent(dataset, correction, entries)}) AS r WHERE {self._says(correction)}"
        return [int(row) for row in self._session.query(sql).to_arrow().column("row_id").to_pylist()]

    def as_sent(self, dataset: Dataset, correction: Correction, entries: Sequence[DeliveryEntry]) -> str:
        """Write the SELECT of what the source sent in a corrected column: row_id, record_key, value as text."""
        tier = tier_of(self._registry, dataset, dataset.columns[correction.column])
        rows = self.register(self._lake.part(entries, "rows", dataset))
        values = self.register(self._lake.part(entries, tier, dataset))
        record = (
            f"k.record_key = {literal(correction.record_key)}" if dataset.key else f"k.row_id = {correction.row_id}"
        )
        return f"""SELECT k.row_id, k.record_key, CAST(v.{quoted(correction.column)} AS VARCHAR) AS value
                   FROM {rows} AS k JOIN {values} AS v USING (row_id) WHERE {record}"""

    def corrected_now(
        self, dataset: Dataset, entries: Sequence[DeliveryEntry], columns: Sequence[str], people: frozenset[str]
    ) -> str:
        """Write the SELECT of what is corrected in columns of people's records: was, now, and what the source says."""
        rows = self.register(self._lake.part(entries, "rows", dataset))
        current = current_rows_sql(rows, entries)
        found = []
        for right, persons in self.rights.holders:
            each = right.correction
            if each and each.dataset == dataset.full_name and each.column in columns and persons & people:
                was, now = ("NULL" if text is None else literal(text) for text in (each.was, each.now))
                found.append(
                    f"""SELECT {literal(right.id)} AS "right", s.record_key, {literal(each.column)} AS "column",
                               CAST({was} AS VARCHAR) AS was, CAST({now} AS VARCHAR) AS now, s.value AS held
                        FROM ({self.as_sent(dataset, each, entries)}) AS s SEMI JOIN ({current}) AS c USING (row_id)"""
                )
        return " UNION ALL ".join(found) or _NOTHING_CORRECTED

    @staticmethod
    def _says(correction: Correction) -> str:
        was = "NULL" if correction.was is None else literal(correction.was)
        return f"r.value IS NOT DISTINCT FROM {was}"

    # ── the spine ────────────────────────────────────────────────────────────────────────────────────────────────

    def spine(self, table: str, *, joining: bool) -> str:
        """Open a table of the spine as corrections leave it. In: joining = for whoever joins the records anew."""
        name = self.register(self._lake.spine_table(self._spine, table))
        if joining:
            return name
        if table == "person" and (branches := self._names_corrected):
            return self._replaced(name, branches)
        if table in ("residence", "household_member") and (away := self.not_at_home):
            kept = self._next("_right")
            self._session.define(kept, f"SELECT * FROM {name} WHERE person_id NOT IN ({away})")
            return kept
        return name

    @cached_property
    def _names_corrected(self) -> dict[str, list[str]]:
        branches: dict[str, list[str]] = {}
        for right, correction in self.rights.corrections():
            owners = owners_of(self._lake, self._spine, right.records) if correction.fields else {}
            for anchor, person in owners.items():
                for each in correction.fields:
                    if anchor.dataset == correction.dataset and each.slot == anchor.slot and each.name in NAMED:
                        was = f"{each.name} IS NOT DISTINCT FROM {_value(each.was, each.name)}"
                        branch = f"WHEN person_id = {literal(person)} AND {was} THEN {_value(each.now, each.name)}"
                        branches.setdefault(each.name, []).append(branch)
        return branches

    @cached_property
    def not_at_home(self) -> str:
        """Whose home rests on an address that was corrected after the records were joined; '' for nobody."""
        joined = (self._spine.metrics if self._spine else {}).get(RIGHTS_UNTIL, 0.0)
        late = [(right, each) for right, each in self.rights.corrections() if right.made_at.timestamp() >= joined]
        owners = owners_of(self._lake, self._spine, slots_changed(late, ADDRESS))
        return ", ".join(literal(person) for person in sorted(set(owners.values())))

    # ── whose rows ───────────────────────────────────────────────────────────────────────────────────────────────

    def without(
        self, dataset: Dataset, entries: Sequence[DeliveryEntry], held: Sequence[str], row: str, slot: str | None
    ) -> list[str]:
        """Write the conditions that leave people's rows out; with a slot, the people in their rows.

        Of rows that the spine does not have yet, those of a record of theirs, and those of which nobody knows yet
        whose they are, in a dataset whose records are joined. In: held = whom to leave out.
        """
        mine = self.rights.rows_of(held, dataset.full_name)
        found = []
        key = row if slot is None else f"({row}, {slot})"
        if mine:
            keys = [str(a.row_id) if slot is None else f"({a.row_id}, {literal(a.slot)})" for a in mine]
            found.append(f"{key} NOT IN ({', '.join(dict.fromkeys(keys))})")
        if unjoined := self._unjoined(dataset, entries, sorted({each.record_id for each in mine})):
            chosen = "row_id" if slot is None else "row_id, slot"
            found.append(f"{key} NOT IN (SELECT {chosen} FROM {unjoined})")
        return found

    def questions_without(self, held: Sequence[str]) -> list[str]:
        """Write the conditions that leave out open questions of linkage about people's records."""
        theirs = [(each.dataset, each.record_id) for person in held for each in self.rights.rows.get(person, ())]
        listed = ", ".join(f"({literal(dataset)}, {literal(record)})" for dataset, record in theirs)
        sides = ("left", "right") if theirs else ()
        return [f"({side}_dataset, {side}_record_id) NOT IN ({listed})" for side in sides]

    def _unjoined(self, dataset: Dataset, entries: Sequence[DeliveryEntry], theirs: Sequence[str]) -> str | None:
        """Write what people stand in rows that are not joined, or not any more, and are to be left out."""
        waiting = [entry for entry in entries if self._not_all_joined(dataset, entry)]
        if not waiting:
            return None
        people = self.register(self._lake.part(waiting, PEOPLE, dataset))
        records = self.register(self._lake.spine_table(self._spine, "person_record"))
        name = "record_id" if dataset.key else "row_id"
        conditions = [f"record_id IN ({', '.join(map(literal, theirs))})"] if theirs and dataset.key else []
        if self._is_joined(dataset):
            of_it = f"SELECT {name} FROM {records} WHERE dataset = {literal(dataset.full_name)}"
            conditions.append(f"{name} NOT IN ({of_it})")
        return f"(SELECT * FROM {people} WHERE {' OR '.join(conditions)})" if conditions else None

    def _is_joined(self, dataset: Dataset) -> bool:
        return any(self._registry.purpose[name].joins_records for name in dataset.purposes)

    def _not_all_joined(self, dataset: Dataset, entry: DeliveryEntry) -> bool:
        people = sum(file.rows for file in entry.parts(PEOPLE))
        return people != self._joined_rows.get((dataset.full_name, entry.number), 0)

    @cached_property
    def _joined_rows(self) -> dict[tuple[str, int], int]:
        """Count, of each dataset and delivery, the people in rows that the spine has; once for each spine."""
        key = str(self._lake.folder), self._spine.number if self._spine else 0
        if _counted.get("of") != key:
            records = self.register(self._lake.spine_table(self._spine, "person_record"))
            sql = f"SELECT dataset, row_id >> {ROW_ID_SHIFT} AS number, count(*) AS n FROM {records} GROUP BY ALL"
            rows = self._session.query(sql).to_arrow().to_pylist()
            _counted.update({"of": key, "rows": {(row["dataset"], row["number"]): row["n"] for row in rows}})
        found: dict[tuple[str, int], int] = _counted["rows"]
        return found

    # ── the session ──────────────────────────────────────────────────────────────────────────────────────────────

    def register(self, data: Viewable) -> str:
        """Register data under a name that nobody else has; nothing that is written by people can name it."""
        name = self._next("_raw")
        self._session.register(name, data)
        return name

    def _next(self, kind: str) -> str:
        self._made += 1
        return f"{kind}_{self._made}"


def _value(text: str | None, field: str) -> str:
    if text is None:
        return "NULL"
    boolean = pa.types.is_boolean(PERSONS.field(field).type)
    kind = "BOOLEAN" if boolean else _OF_PERSON[field]
    return f"CAST({literal(text)} AS {kind})" if kind else literal(text)
