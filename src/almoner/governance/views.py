"""The views that a permit gives: SELECTs over the lake's parts that hold its columns and rows and nothing more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from almoner.governance.circle import CIRCLE, circle_sql, near_sql
from almoner.governance.expecting import Rows, columns_read, delivered_too, missed_sql, plain
from almoner.governance.held import held_sql, kept_deliveries
from almoner.governance.homes import at_home_sql, homes_sql
from almoner.governance.in_force import InForce
from almoner.governance.permit import Permit
from almoner.governance.policies import dataset_refusal
from almoner.governance.pseudonyms import drawn_numbers, person_pseudonyms
from almoner.governance.retention import Clock, clock_of, kept_sql
from almoner.governance.rights_views import RightsViews
from almoner.governance.showing import is_published
from almoner.kernel.tables import ADDRESS_FIELDS, PERSONS, SPINE
from almoner.registry.datasets import AS_DELIVERED, Dataset
from almoner.registry.layout import tier_of
from almoner.registry.registry import Registry
from almoner.store.catalogue import ROW_ID_SHIFT, DeliveryEntry, SpineEntry
from almoner.store.current import current_deliveries, current_rows_sql, whole
from almoner.store.engine import Session, Viewable, literal, quoted, sized_as_files
from almoner.store.lake import Lake
from almoner.store.taking import taken

PROBABILITY_STEPS = 100
ADDRESS_NAMES = tuple(field.name for field in ADDRESS_FIELDS)
LINKS = "_links"
REFERRED = ("person", "household")
SAID = "said:"
"""Before the columns of what is said of a person, standardised, beside those of a dataset: no name holds a colon."""


@dataclass
class ViewMaker:
    """Defines the views of one read in one session."""

    registry: Registry
    lake: Lake
    permit: Permit
    session: Session
    today: dt.date
    rights: InForce
    pseudonym_key: bytes
    numbered: bool = False
    """People and households go by numbers drawn for this session alone, for those who only count them."""
    everybody: bool = False
    """Nobody is held back: for what hides people itself, each time that it is asked."""
    _has_circle: bool = field(default=False, init=False)
    _referred: dict[str, str] = field(default_factory=dict, init=False)

    def dataset(self, dataset: Dataset, columns: Sequence[str]) -> None:
        """Define the view of a dataset: row_id, as_of, the columns; record_key where people are identified."""
        entries = self._entries(dataset)
        tiers: dict[str, str] = {name: tier_of(self.registry, dataset, dataset.columns[name]) for name in columns}
        wanted = list(dict.fromkeys(tiers.values())) or ["rows"]
        base, *others = [self._raw(dataset, entries, part) for part in wanted]
        aliases = {part: f"t{position}" for position, part in enumerate(wanted)}
        shown = [self._shown(dataset, name, aliases[tiers[name]]) for name in columns]
        joins = [f"JOIN {raw} AS t{position} USING (row_id)" for position, raw in enumerate(others, start=1)]
        conditions = self._conditions(dataset, entries, columns, tiers, aliases)
        keyed = self.permit.form == "identifiable" and not dataset.open
        if keyed or not whole(entries):
            rows = self._raw(dataset, entries, "rows")
            joins.append(f"JOIN ({current_rows_sql(rows, entries)}) AS k USING (row_id)")
        selected = ["t0.row_id", f"{_as_of_sql(entries)} AS as_of", *(["k.record_key"] if keyed else []), *shown]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        self.session.define(
            dataset.full_name, f"SELECT {', '.join(selected)} FROM {base} AS t0 {' '.join(joins)}{where}"
        )

    def quality(self, dataset: Dataset, names: Sequence[str]) -> None:
        """Define 'quality:<dataset>': of each current row whether it misses each of the named expectations.

        number and delivery say in which delivery the row came; row_id, record_key and position are there where people
        are identified. No value is.
        """
        entries = self._entries(dataset)
        wanted = [dataset.expectations[name] for name in names]
        columns, delivered = columns_read(dataset, wanted), delivered_too(dataset, wanted)
        held = self._rows_sql(dataset, entries, columns, delivered)
        parts: dict[str, str] = {}

        def part(name: str) -> str:
            return parts.setdefault(name, self._raw(dataset, entries, name))

        rows = Rows("held", part, self._values)
        missed = [f"{missed_sql(self.registry, dataset, each, rows)} AS {quoted(each.name)}" for each in wanted]
        pointing = ["r.row_id", "r.record_key", f"r.row_id & {(1 << ROW_ID_SHIFT) - 1} AS position"]
        shown = [*(pointing if self.permit.form == "identifiable" else []), *missed]
        deliveries = " ".join(f"WHEN {entry.number} THEN {literal(entry.delivery)}" for entry in entries)
        named = f"CASE r.number {deliveries} END" if deliveries else "NULL"
        self.session.define(
            f"quality:{dataset.full_name}",
            f"""WITH held AS ({held})
                SELECT {", ".join(["r.number", f"{named} AS delivery", *shown])} FROM held AS r""",
        )

    def _rows_sql(
        self,
        dataset: Dataset,
        entries: Sequence[DeliveryEntry],
        columns: Sequence[str],
        delivered: Sequence[str],
        *,
        theirs: bool = True,
    ) -> str:
        """Write the SELECT of a dataset's current rows with columns as they are held; nobody may be shown it.

        In: theirs = only rows about the people whom the permit is about.
        """
        tiers: dict[str, str] = {name: tier_of(self.registry, dataset, dataset.columns[name]) for name in columns}
        wanted = list(dict.fromkeys(tiers.values())) or ["rows"]
        aliases = {part: f"t{position}" for position, part in enumerate(wanted)}
        base, *others = [self._raw(dataset, entries, part) for part in wanted]
        joins = [f"JOIN {raw} AS t{position} USING (row_id)" for position, raw in enumerate(others, start=1)]
        keyed = self.permit.form == "identifiable"
        if keyed or not whole(entries):
            rows = self._raw(dataset, entries, "rows")
            joins.append(f"JOIN ({current_rows_sql(rows, entries)}) AS k USING (row_id)")
        conditions = self._conditions(dataset, entries, columns, tiers, aliases, theirs=theirs)
        shown = [f"{aliases[tiers[name]]}.{quoted(name)}" for name in columns]
        shown += [f"{aliases[tiers[name]]}.{quoted(name + AS_DELIVERED)}" for name in delivered]
        shown += [f"t0.row_id >> {ROW_ID_SHIFT} AS number", f"{_as_of_sql(entries)} AS as_of", "t0.row_id"]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        key = ["k.record_key"] if keyed else []
        return f"SELECT {', '.join([*shown, *key])} FROM {base} AS t0 {' '.join(joins)}{where}"

    def _values(self, dataset: str, column: str) -> str:
        """Write the SELECT of the values that a column of any dataset holds now; for a comparison, not to be shown."""
        declared = self.registry.dataset(dataset)
        entries = self._entries(declared)
        tier = tier_of(self.registry, declared, declared.columns[column])
        raw = self._raw(declared, entries, tier)
        current = ""
        if not whole(entries):
            rows = current_rows_sql(self._raw(declared, entries, "rows"), entries)
            current = f" AND t0.row_id IN (SELECT row_id FROM ({rows}))"
        value = f"t0.{quoted(column)}"
        return f"SELECT {plain(value)} FROM {raw} AS t0 WHERE {value} IS NOT NULL{current}"

    def corrections(self, dataset: Dataset, columns: Sequence[str]) -> None:
        """Define 'corrections:<dataset>': what is corrected in these columns of the records of the permit's people.

        held: what the source says now; a record that it no longer has is not there.
        """
        shown = self._right.corrected_now(dataset, self._entries(dataset), columns, frozenset(self.permit.subjects))
        self.session.define(f"corrections:{dataset.full_name}", shown)

    def persons(self, dataset: Dataset) -> None:
        """Define 'persons:<dataset>': standardised identity of every version of every record that still is held.

        A record whose newest row says 'delete' is gone; one that the last snapshot no longer has is not live.
        """
        entries = _in_order(self._kept(dataset))
        people, rows = self._raw(dataset, entries, "persons"), self._raw(dataset, entries, "rows")
        live = current_rows_sql(rows, current_deliveries(entries))
        shown = [self._unless_protected(dataset, name) for name in PERSONS.names]
        held = f"r.record_key IN (SELECT record_key FROM ({current_rows_sql(rows, entries)}))"
        conditions = [held, *self._row_conditions(dataset, entries, slot="p.slot")]
        self.session.define(
            f"persons:{dataset.full_name}",
            f"""SELECT {", ".join(shown)}, {_as_of_sql(entries, "p")} AS as_of,
                       {_rank_sql(entries)} AS version, c.row_id IS NOT NULL AS is_live
                FROM {people} AS p JOIN {rows} AS r USING (row_id) LEFT JOIN ({live}) AS c USING (row_id)
                WHERE {" AND ".join(conditions)}""",
        )

    def held(self, dataset: Dataset, columns: Sequence[str]) -> None:
        """Define 'held:<dataset>': every version of every record about the permit's people that is still held.

        Out: once for each of the row's people that they are: row_id, as_of, record_key, is_current, the columns, slot,
        and what is said of them, standardised, each column after SAID.
        """
        entries = _in_order(self._kept(dataset))
        clock = clock_of(dataset, self.registry.retention_of(dataset))
        named = tuple(dict.fromkeys((*columns, *(clock.columns() if clock else ()))))
        tiers: dict[str, str] = {name: tier_of(self.registry, dataset, dataset.columns[name]) for name in named}
        mine = taken(self.lake.spine_table(self._joined, "person_record"), "person_id", list(self.permit.subjects))
        mine = mine.filter(pc.equal(mine.column("dataset"), dataset.full_name))
        rows = taken(self.lake.part(entries, "rows", dataset), "row_id", mine.column("row_id"))
        if dataset.key:
            rows = taken(self.lake.part(entries, "rows", dataset), "record_key", rows.column("record_key"))
        ids = rows.column("row_id")
        tables = {
            "records": mine,
            "rows": rows,
            "people": taken(self.lake.part(entries, "persons", dataset), "row_id", ids),
        }
        aliases = {tier: f"t{place}" for place, tier in enumerate(dict.fromkeys(tiers.values()))}
        for tier, alias in aliases.items():
            theirs = ["row_id", *(name for name in named if tiers[name] == tier)]
            tables[alias] = taken(self.lake.part(entries, tier, dataset), "row_id", ids, theirs)
        views = {name: self._register(table) for name, table in tables.items()}
        kept = [self._in_retention(dataset, clock, {n: aliases[tiers[n]] for n in clock.columns()})] if clock else []
        joins = [f"JOIN {views[alias]} AS {alias} ON {alias}.row_id = r.row_id" for alias in aliases.values()]
        live = current_rows_sql(views["rows"], current_deliveries(entries))
        given = [
            "r.row_id",
            f"{_as_of_sql(entries, 'r')} AS as_of",
            "r.record_key",
            "c.row_id IS NOT NULL AS is_current",
        ]
        given += [f"{aliases[tiers[name]]}.{quoted(name)}" for name in columns]
        given += ["v.slot", *(f"p.{name} AS {quoted(SAID + name)}" for name in PERSONS.names if name != "row_id")]
        self.session.define(f"held:{dataset.full_name}", held_sql(views, given, joins, live, kept))

    def places(self, dataset: Dataset, *, identifiable: bool) -> None:
        """Define 'places:<dataset>': row_id and areas; the address too where people are identified."""
        entries = self._entries(dataset)
        raw = self._raw(dataset, entries, "places")
        shown = [f"p.{name}" for name in ADDRESS_NAMES] if identifiable else []
        areas = [f"d.{quoted(a)} AS {quoted(a)}" for a in self.area_columns()]
        conditions = self._row_conditions(dataset, entries)
        if self._hides(dataset):
            conditions.append(f"p.row_id NOT IN ({self._protected_rows(dataset)})")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        self.session.define(
            f"places:{dataset.full_name}",
            f"""SELECT {", ".join(["p.row_id", *shown, *areas])}
                FROM {raw} AS p LEFT JOIN {self._directory()} AS d ON d.postcode = p.postcode{where}""",
        )

    def at_home(self, dataset: Dataset, columns: Sequence[str]) -> None:
        """Define 'home:<dataset>': rows about where the permit's people live now; row_id, as_of and the columns."""
        entries = self._entries(dataset)
        held = self._rows_sql(dataset, entries, columns, (), theirs=False)
        rows = at_home_sql(self._raw(dataset, entries, "places"), self._homes())
        shown = ", ".join(["h.row_id", "h.as_of", *(f"h.{quoted(name)}" for name in columns)])
        self.session.define(
            f"home:{dataset.full_name}", f"SELECT {shown} FROM ({held}) AS h WHERE h.row_id IN ({rows})"
        )

    def registered(self, dataset: Dataset) -> None:
        """Define 'registered:<dataset>': whom a dataset now has at the homes of the permit's people, and as of when."""
        entries = self._entries(dataset)
        people, records = self._raw(dataset, entries, "persons"), self._spine("person_record")
        rows = at_home_sql(people, self._homes(), "address_id, p.row_id, p.slot")
        conditions = [f"l.dataset = {literal(dataset.full_name)}", self._lawful("l.person_id")]
        if not self._sees_whereabouts():
            conditions.append(f"l.person_id NOT IN (SELECT person_id FROM {self._spine('protected')})")
        clock = clock_of(dataset, self.registry.retention_of(dataset))
        if clock is not None:
            conditions.append(f"l.row_id NOT IN ({self._rows_past_retention(dataset, entries, clock)})")
        current = current_rows_sql(self._raw(dataset, entries, "rows"), entries)
        self.session.define(
            f"registered:{dataset.full_name}",
            f"""SELECT DISTINCT {literal(dataset.full_name)} AS dataset, l.person_id, r.address_id, l.match_probability,
                       {_as_of_sql(entries, "l")} AS as_of
                FROM {records} AS l JOIN ({rows}) AS r ON r.row_id = l.row_id AND r.slot = l.slot
                JOIN ({current}) AS c ON c.row_id = l.row_id
                WHERE {" AND ".join(conditions)}""",
        )

    def _homes(self) -> str:
        """Write where the permit's people live now: nowhere for those whose whereabouts this purpose is not told."""
        subject = self._subject("r.person_id") if self.permit.subjects else "FALSE"
        lawful = self._lawful("r.person_id")
        return homes_sql(f"{subject} AND {lawful}", self._spine, hidden=not self._sees_whereabouts())

    def quarantine(self, dataset: Dataset) -> None:
        """Define 'quarantine:<dataset>': rows that were not accepted, with the delivery they came in."""
        entries = self.lake.catalogue.deliveries(dataset.full_name)
        tables = []
        for entry in entries:
            name = self._register(self.lake.part([entry], "quarantine", dataset))
            tables.append(f"SELECT {entry.number} AS number, {literal(entry.delivery)} AS delivery, * FROM {name}")
        self.session.define(f"quarantine:{dataset.full_name}", " UNION ALL ".join(tables) or _no_quarantine())

    def spine(self, table: str) -> None:
        """Define 'spine.<table>' as it is kept."""
        columns = SPINE[table].names
        conditions = [f"({self._near(table)})"] if self.permit.subjects else []
        if "person_id" in columns:
            conditions.append(self._lawful("person_id"))
        if "other_person_id" in columns:
            conditions.append(f"(other_person_id IS NULL OR {self._lawful('other_person_id')})")
        for column in ("dataset", "left_dataset", "right_dataset", "source"):
            if column in columns:
                conditions.append(self._given(column))
        if table == "review" and self.held_back:
            conditions += self._right.questions_without(self.held_back)
        if table in ("residence", "address") and not self._sees_whereabouts():
            protected = f"SELECT person_id FROM {self._spine('protected')}"
            homes = f"SELECT address_id FROM {self._spine('residence')} WHERE person_id IN ({protected})"
            conditions.append(f"address_id NOT IN ({homes})")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        shown = f"SELECT * FROM {self._as_given(table)}{where}"
        self.session.define(f"spine.{table}", shown, keep=bool(self.permit.subjects))

    def memory(self, table: str) -> None:
        """Define 'memory.<table>': what the last run of linkage left for the next."""
        self.session.register(f"memory.{table}", self.lake.memory_table(self._joined, table))

    def _as_given(self, table: str) -> str:
        """Let no count and no family tell of records that are not given; who is known by no others is not there."""
        name = self._spine(table)
        if self.registry.purpose[self.permit.purpose].joins_records:
            return name
        if table == "residence":
            return f"(SELECT * REPLACE (CAST(NULL AS BIGINT) AS source_count) FROM {name})"
        if table == "family_member":
            return f"""(SELECT m.* FROM {name} AS m SEMI JOIN (
                            SELECT k.person_id, o.family_id FROM {self._spine("kinship")} AS k
                            JOIN {name} AS o ON o.person_id = k.other_person_id WHERE {self._given("k.source")}
                        ) AS given ON given.person_id = m.person_id AND given.family_id = m.family_id)"""
        if table != "person":
            return name
        given = f"SELECT person_id, count(*) AS n FROM {self._spine('person_record')} WHERE {self._given('dataset')}"
        return f"""(SELECT p.* REPLACE (g.n AS record_count) FROM {name} AS p
                    JOIN ({given} GROUP BY person_id) AS g ON g.person_id = p.person_id)"""

    def _near(self, table: str) -> str:
        """Keep, for a permit about one person, that person, those who live or lived with them and their relations."""
        subjects = [literal(subject) for subject in self.permit.subjects]
        if not self._has_circle:
            self.session.define(CIRCLE, circle_sql(subjects, self._spine), keep=True)
            self._has_circle = True
        return near_sql(table, subjects, self._spine)

    def link(self) -> None:
        """Define 'spine.link': which row and slot is about whom, by the reference that the permit's form gives."""
        records = self._spine("person_record")
        refs = self._references("person")
        sure = "l.match_probability"
        if self.permit.form != "identifiable":  # to its last digit, a probability would be a reference by itself
            sure = f"floor({sure} * {PROBABILITY_STEPS}) / {PROBABILITY_STEPS} AS match_probability"
        # Millions of names of datasets are kept as numbers; those that are not given become NULL, and go.
        given = ", ".join(self._given_datasets())
        dataset = f"TRY_CAST(dataset AS ENUM ({given}))" if given else "CAST(NULL AS VARCHAR)"
        self.session.define(
            LINKS,
            f"""SELECT l.dataset, l.row_id, l.slot, r.ref AS person_ref, {sure}
                FROM (SELECT * REPLACE ({dataset} AS dataset) FROM {records}) AS l
                JOIN {refs} AS r ON r.id = l.person_id
                WHERE {self._subject("l.person_id")} AND {self._lawful("l.person_id")} AND l.dataset IS NOT NULL""",
            keep=True,
        )
        self.session.define("spine.link", f"SELECT * REPLACE (CAST(dataset AS VARCHAR) AS dataset) FROM {LINKS}")

    def resident(self) -> None:
        """Define 'spine.resident': everybody with a current address: reference, household, age, sex, areas."""
        areas = ", ".join(f"{self._area_shown(a)} AS {quoted(a)}" for a in self.area_columns())
        as_of = literal(self._spine_as_of().isoformat())
        self.session.define(
            "spine.resident",
            f"""SELECT r.ref AS person_ref, h.ref AS household_ref,
                       CAST(date_part('year', age(DATE {as_of}, p.date_of_birth)) AS INTEGER) AS age, p.sex,
                       {areas or "NULL AS area"}, DATE {as_of} AS as_of
                FROM {self._spine("person")} AS p
                JOIN {self._references("person")} AS r ON r.id = p.person_id
                JOIN {self._spine("residence")} AS s ON s.person_id = p.person_id AND s.is_current
                JOIN {self._spine("address")} AS a ON a.address_id = s.address_id
                LEFT JOIN {self._spine("household_member")} AS m ON m.person_id = p.person_id
                LEFT JOIN {self._references("household")} AS h ON h.id = m.household_id
                LEFT JOIN {self._directory()} AS d ON d.postcode = a.postcode
                WHERE {self._subject("p.person_id")} AND {self._lawful("p.person_id")}""",
            keep=True,
        )

    def _area_shown(self, area: str) -> str:
        if self._sees_whereabouts():
            return f"d.{quoted(area)}"
        protected = f"SELECT person_id FROM {self._spine('protected')}"
        return f"CASE WHEN p.person_id NOT IN ({protected}) THEN d.{quoted(area)} END"

    def area_columns(self) -> tuple[str, ...]:
        """Name the area columns that the registry's geographies give."""
        return tuple(geography.postcode_column for geography in self.registry.geography.values())

    # ── the parts ────────────────────────────────────────────────────────────────────────────────────────────

    def _kept(self, dataset: Dataset) -> list[DeliveryEntry]:
        return kept_deliveries(self.lake, self.registry, dataset, self.today)

    def _entries(self, dataset: Dataset) -> list[DeliveryEntry]:
        return current_deliveries(self._kept(dataset))

    def _raw(self, dataset: Dataset, entries: Sequence[DeliveryEntry], part: str) -> str:
        return self._right.part(dataset, entries, part)

    def _spine(self, table: str) -> str:
        return self._right.spine(table, joining=self.registry.purpose[self.permit.purpose].joins_records)

    @cached_property
    def _right(self) -> RightsViews:
        """How the rights in force bear on the parts that are read."""
        return RightsViews(self.registry, self.lake, self.session, self._joined, self.rights)

    @cached_property
    def held_back(self) -> list[str]:
        """Whom the permit's purpose may not see."""
        return [] if self.everybody else self.rights.held_back(self.registry, self.permit.purpose)

    @cached_property
    def _joined(self) -> SpineEntry | None:
        """The version of the spine that every view of this session stands on: never two of them side by side."""
        return self.lake.catalogue.spine()

    def _register(self, data: Viewable) -> str:
        return self._right.register(data)

    def _conditions(
        self,
        dataset: Dataset,
        entries: Sequence[DeliveryEntry],
        columns: Sequence[str],
        tiers: dict[str, str],
        aliases: dict[str, str],
        *,
        theirs: bool = True,
    ) -> list[str]:
        if dataset.open:
            return []
        found = self._about("t0.row_id", dataset, entries, theirs=theirs)
        clock = clock_of(dataset, self.registry.retention_of(dataset))
        if clock is not None:
            held_in = {name: tier_of(self.registry, dataset, dataset.columns[name]) for name in clock.columns()}
            if set(held_in.values()) <= set(aliases):
                found.append(self._in_retention(dataset, clock, {n: aliases[tier] for n, tier in held_in.items()}))
            else:
                found.append(f"t0.row_id NOT IN ({self._rows_past_retention(dataset, entries, clock)})")
        return found

    def _row_conditions(self, dataset: Dataset, entries: Sequence[DeliveryEntry], slot: str | None = None) -> list[str]:
        """Write what a row of 'persons:' or 'places:' (alias p) has to meet; with a slot, the person in it."""
        found = self._about("p.row_id", dataset, entries, slot)
        clock = clock_of(dataset, self.registry.retention_of(dataset))
        if clock is not None:
            found.append(f"p.row_id NOT IN ({self._rows_past_retention(dataset, entries, clock)})")
        return found

    def _about(
        self,
        row: str,
        dataset: Dataset,
        entries: Sequence[DeliveryEntry],
        slot: str | None = None,
        *,
        theirs: bool = True,
    ) -> list[str]:
        """Keep rows about the permit's people, and none about those who restricted or objected."""
        key, chosen = (row, "row_id") if slot is None else (f"({row}, {slot})", "row_id, slot")
        found = []
        if self.permit.subjects and theirs:
            found.append(f"{key} IN ({self._rows_about(dataset, self._subject('person_id'), chosen)})")
        if self.held_back:
            found += self._right.without(dataset, entries, self.held_back, row, slot)
        return found

    def _in_retention(self, dataset: Dataset, clock: Clock, alias_of: dict[str, str]) -> str:
        rule = self.registry.retention_of(dataset)
        return kept_sql(clock, rule, self.today, lambda name: f"{alias_of[name]}.{quoted(name)}")

    def _rows_past_retention(self, dataset: Dataset, entries: Sequence[DeliveryEntry], clock: Clock) -> str:
        held_in = {name: tier_of(self.registry, dataset, dataset.columns[name]) for name in clock.columns()}
        aliases = {tier: f"x{position}" for position, tier in enumerate(dict.fromkeys(held_in.values()))}
        first, *others = [f"{self._raw(dataset, entries, tier)} AS {alias}" for tier, alias in aliases.items()]
        joins = " ".join(f"JOIN {other} USING (row_id)" for other in others)
        kept = self._in_retention(dataset, clock, {name: aliases[tier] for name, tier in held_in.items()})
        return f"SELECT row_id FROM {first} {joins} WHERE NOT {kept}"

    def _unless_protected(self, dataset: Dataset, name: str) -> str:
        column = f"p.{quoted(name)}"
        if name not in (*ADDRESS_NAMES, "phone") or not self._hides(dataset):
            return column
        return f"CASE WHEN p.row_id NOT IN ({self._protected_rows(dataset)}) THEN {column} END AS {quoted(name)}"

    def _shown(self, dataset: Dataset, name: str, alias: str) -> str:
        column = f"{alias}.{quoted(name)}"
        category = self.registry.category[dataset.columns[name].category]
        if category.reveals_whereabouts and self._hides(dataset):
            protected = self._protected_rows(dataset)
            return f"CASE WHEN t0.row_id IN ({protected}) THEN NULL ELSE {column} END AS {quoted(name)}"
        return column

    def _hides(self, dataset: Dataset) -> bool:
        """Whether whereabouts of protected people are withheld: from every purpose that is not declared to see them."""
        return not dataset.open and not self._sees_whereabouts()

    def _sees_whereabouts(self) -> bool:
        return self.permit.form != "identifiable" or self.registry.purpose[self.permit.purpose].sees_whereabouts

    def _protected_rows(self, dataset: Dataset) -> str:
        return self._rows_about(dataset, f"person_id IN (SELECT person_id FROM {self._spine('protected')})")

    def _rows_about(self, dataset: Dataset, condition: str, columns: str = "row_id") -> str:
        records = self._spine("person_record")
        return f"SELECT {columns} FROM {records} WHERE dataset = {literal(dataset.full_name)} AND {condition}"

    def _subject(self, column: str) -> str:
        if not self.permit.subjects:
            return "TRUE"
        return f"{column} IN ({', '.join(literal(subject) for subject in self.permit.subjects)})"

    def _lawful(self, column: str) -> str:
        """Leave out those who restricted processing, or objected to this purpose (UK GDPR Art 18, 21)."""
        held = self.held_back
        return f"{column} NOT IN ({', '.join(literal(person) for person in held)})" if held else "TRUE"

    def _given(self, column: str) -> str:
        """Keep records of datasets that the permit gives: a link into a police file tells of it by itself."""
        given = self._given_datasets()
        return f"{column} IN ({', '.join(given)})" if given else "FALSE"

    def _given_datasets(self) -> list[str]:
        return [
            literal(dataset.full_name)
            for dataset in self.registry.datasets()
            if dataset_refusal(self.registry, self.permit, dataset, self.today) is None
        ]

    def _directory(self) -> str:
        """Give the postcode directory as (postcode, area columns); empty where none is declared or delivered."""
        areas = self.area_columns()
        declared = self.registry.postcode_directory
        if declared is not None:
            dataset = self.registry.dataset(declared.dataset)
            entries = current_deliveries(self.lake.catalogue.deliveries(dataset.full_name))
            if entries:
                columns = [name for name in areas if name in dataset.columns]
                tiers = {
                    str(tier_of(self.registry, dataset, dataset.columns[n])) for n in (declared.postcode, *columns)
                }
                base, *others = [self._raw(dataset, entries, tier) for tier in sorted(tiers)]
                joins = " ".join(f"JOIN {raw} USING (row_id)" for raw in others)
                shown = ", ".join(quoted(n) if n in columns else f"NULL AS {quoted(n)}" for n in areas)
                return f"(SELECT {quoted(declared.postcode)} AS postcode, {shown} FROM {base} {joins})"
        empty = ", ".join(f"CAST(NULL AS VARCHAR) AS {quoted(name)}" for name in areas)
        return f"(SELECT CAST(NULL AS VARCHAR) AS postcode{', ' if empty else ''}{empty} WHERE FALSE)"

    def _references(self, of: str) -> str:
        """Give (id, ref): the id itself for an identifiable permit, a pseudonym of the project otherwise.

        Numbers instead, where that is asked: they tell less than either, and are joined in half the time.
        """
        if of in self._referred:
            return self._referred[of]
        table = self.lake.spine_table(self._joined, of)
        ids = self.session.query(f"SELECT {of}_id AS id FROM {self._register(table)}").to_arrow().column("id")
        if self.numbered:
            refs = drawn_numbers(len(ids), REFERRED.index(of), len(REFERRED))
        else:
            refs = ids if self.permit.form == "identifiable" else person_pseudonyms(ids, self.pseudonym_key)
        self._referred[of] = self._register(sized_as_files(pa.table({"id": ids, "ref": refs})))
        return self._referred[of]

    def _spine_as_of(self) -> dt.date:
        personal = {d.full_name for d in self.registry.datasets() if not d.open and not d.anonymised}
        days = [entry.as_of for entry in self.lake.catalogue.deliveries() if entry.dataset in personal]
        return max(days, default=self.today)


def knows_person(lake: Lake, person_id: str) -> bool:
    """Say whether the spine has, or ever had, a person of this id; nothing else of them: who asks records it."""
    return is_published(lake, person_id) or any(
        _has_person(lake.spine_table(lake.catalogue.spine(), name), person_id) for name in _NAMING_PEOPLE
    )


_NAMING_PEOPLE = ("person", "person_event")


def _has_person(table: Viewable, person_id: str) -> bool:
    batches = table.to_batches() if isinstance(table, pa.Table) else table.to_batches(columns=["person_id"])
    return any(pc.is_in(batch.column("person_id"), pa.array([person_id])).true_count for batch in batches)


def _as_of_sql(entries: Sequence[DeliveryEntry], alias: str = "t0") -> str:
    days = {entry.as_of for entry in entries}
    if len(days) <= 1:
        return f"DATE {literal(next(iter(days)).isoformat())}" if days else "CAST(NULL AS DATE)"
    cases = " ".join(f"WHEN {entry.number} THEN DATE {literal(entry.as_of.isoformat())}" for entry in entries)
    return f"CASE ({alias}.row_id >> {ROW_ID_SHIFT}) {cases} END"


def _rank_sql(entries: Sequence[DeliveryEntry]) -> str:
    cases = " ".join(f"WHEN {entry.number} THEN {rank}" for rank, entry in enumerate(entries))
    return f"CASE (p.row_id >> {ROW_ID_SHIFT}) {cases} END" if cases else "0"


def _in_order(entries: Sequence[DeliveryEntry]) -> list[DeliveryEntry]:
    return sorted(entries, key=lambda entry: (entry.as_of, entry.sent_on or entry.as_of, entry.number))


def _no_quarantine() -> str:
    return (
        "SELECT CAST(NULL AS BIGINT) AS number, NULL AS delivery, CAST(NULL AS BIGINT) AS position, NULL AS file,"
        ' NULL AS "column", NULL AS code, NULL AS reason, CAST(NULL AS BLOB) AS raw WHERE FALSE'
    )
