"""The gate: the only door to person-level data.

`read`, `run` and `readable` decide by the registry, write the audit event, and only then open anything. A read that
can't be audited does not happen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pyarrow as pa

from almoner.governance.aggregation import check_aggregate
from almoner.governance.audit import AuditEvent, AuditLog
from almoner.governance.following import RightsShelf
from almoner.governance.held import kept_deliveries, newest
from almoner.governance.in_force import InForce, RightsBook
from almoner.governance.permissions import check_purpose, purposes_of
from almoner.governance.permit import Permit
from almoner.governance.policies import check_permit, dataset_refusal, readable_columns
from almoner.governance.ports import Records
from almoner.governance.pseudonyms import set_apart
from almoner.governance.reads import MEMORY_PREFIX, Reads, check_read
from almoner.governance.retention import clock_of
from almoner.governance.searching import (
    SEARCHED,
    Index,
    IndexShelf,
    Search,
    probe_of,
    searched_datasets,
    searching_purposes,
)
from almoner.governance.shared import check_not_looked_at, pseudonym_scope
from almoner.governance.showing import (
    Access,
    BookShelf,
    Piece,
    Shown,
    View,
    book_part,
    documents,
    kinds_of,
    names_any,
    read_document,
    showing_purposes,
)
from almoner.governance.views import ViewMaker
from almoner.kernel.errors import AccessRefused, AlmonerError, Busy, LakeError, NotReady
from almoner.kernel.steps import Step
from almoner.kernel.tables import PERSONS
from almoner.registry.datasets import Dataset
from almoner.registry.registry import Registry
from almoner.store.catalogue import SnapshotEntry
from almoner.store.engine import Engine, Session, quoted
from almoner.store.keys import KeyRing
from almoner.store.lake import Lake
from almoner.store.relation import Relation
from almoner.store.sealed_book import SealedBook
from almoner.store.serving import Publishing

__all__ = ["Access", "Desk", "Gate", "Piece", "Reads", "Relation", "Search", "Shown", "View"]

FOR_PEOPLE = ("read", "copy")
"""Actions whose rows people get; a run's rows go to a product."""


class Gate:
    """The door. Everything that reads records holds one."""

    def __init__(
        self,
        registry: Registry,
        lake: Lake,
        engine: Engine,
        records: Records,
        audit: AuditLog,
        ring: KeyRing,
        clock: Callable[[], dt.datetime],
        rights: RightsBook,
        *,
        hurried: bool = False,
    ) -> None:
        """Open the gate. In: hurried = nobody waits here for what takes minutes, as behind a page."""
        self._hurried = hurried
        self._given: dict[tuple[Any, ...], dict[str, tuple[str, ...]]] = {}
        self._registry = registry
        self._lake = lake
        self._engine = engine
        self._records = records
        self._audit = audit
        self._ring = ring
        self._clock = clock
        self._rights = RightsShelf(lake, rights)
        self._anew: tuple[tuple[Any, ...], Index] | None = None

    def read(self, permit: Permit, dataset: str, columns: Sequence[str]) -> Relation:
        """Read columns of a dataset's current rows.

        Out: row_id (a project's own number where people are not identified), as_of, record_key where they are, and
        the columns. Raises: AccessRefused, AuditError.
        """
        sql = f"SELECT * FROM {quoted(dataset)}"
        return self._pass(permit, "read", {dataset: columns}, lambda session: session.query(sql, dataset))

    def run(
        self,
        permit: Permit,
        steps: Sequence[Step],
        reads: Reads,
        *,
        desk: Desk | None = None,
        given: Mapping[str, pa.Table] | None = None,
    ) -> Relation:
        """Run steps of the product over what the permit gives; give the result of the last.

        In: given: tables of the caller's own that the steps name. Raises: AccessRefused, AuditError, CalculationError.
        """

        def work(session: Session) -> Relation:
            for name, table in (given or {}).items():
                session.register(name, table)
            return session.run(steps)

        return self._pass(permit, "run", reads, work, step=steps[-1].name, desk=desk, steps=steps)

    def find(self, permit: Permit, search: Search, asked: object, *, limit: int) -> Relation:
        """Look for one person before anybody is named: a few candidates, never a list.

        In: search = how the product's index is made; asked = what it is asked.
        Raises: AccessRefused where the purpose is not about one person, or more than `limit` answer alike.
        """
        purpose = self._registry.purpose.get(permit.purpose)
        if purpose is None or purpose.scope != "one_person":
            self._record(permit, "refused", "find", SEARCHED, "candidates")
            raise AccessRefused("Only a purpose about one person may look for a person.", todo="Use such a purpose.")
        try:
            self._check(permit, SEARCHED, searching=True)
        except AlmonerError:
            self._record(permit, "refused", "find", SEARCHED, "candidates")
            raise
        sequence = self._record(permit, "allowed", "find", SEARCHED, "candidates")
        try:
            found = self._found(permit, search, asked, limit)
        except AlmonerError:
            self._record(permit, "failed", "find", SEARCHED, "candidates")
            raise
        if found.num_rows > limit:
            self._record(permit, "refused", "find", SEARCHED, "candidates")
            raise AccessRefused(
                f"More than {limit} people answer to this.",
                why="A search finds a person; it never gives a list to browse.",
                todo="Say more: full name and date of birth, or name and postcode.",
            )
        return Relation(found.schema, iter(found.to_batches()), sequence)

    def _found(self, permit: Permit, search: Search, asked: object, limit: int) -> pa.Table:
        """Ask the index; whose names were corrected since it was made, one of their own."""
        rights, entry = self._rights.now(), self._lake.catalogue.snapshot()
        hidden = rights.held_back(self._registry, permit.purpose)
        changed = rights.changed_since(entry.told.get("corrected", {}) if entry else {}, identity=True)
        index = self._index(permit, search)
        found = index.answer(asked, limit=limit, hidden=[*hidden, *changed], only=permit.subjects)
        wanted = sorted(changed & {*permit.subjects} if permit.subjects else changed)
        if not wanted:
            return found
        key = (permit.purpose, self._clock().date(), rights.version, search.version, *wanted)
        if self._anew is None or self._anew[0] != key:
            self._anew = key, self._made_index(permit, search, by=permit, only=wanted)
        more = self._anew[1].answer(asked, limit=limit, hidden=hidden, only=wanted)
        return pa.concat_tables([found, more]) if more.num_rows else found

    def show(self, permit: Permit, view: View, people: Sequence[str], *, places: bool = False) -> Shown | None:
        """Show people from the snapshot, if it has documents that are good for this permit today.

        In: places: their addresses' documents too. Out: None where the views themselves are to be read.
        Raises: AccessRefused, AuditError.
        """
        entry = self._lake.catalogue.snapshot()
        file = entry.part(book_part(self._registry, permit, self._clock().date(), view)) if entry is not None else None
        if entry is None or file is None:
            return None
        reads: Reads = dict.fromkeys(entry.told.get("reads", {}).get(permit.purpose, ()), ())
        try:
            self._check(permit, {}, searching=False)
            if not {*people} <= {*permit.subjects}:
                raise AccessRefused("This permit is about somebody else.", todo="Ask for one about this person.")
        except AlmonerError:
            self._record(permit, "refused", "run", reads, "snapshot")
            raise
        self._record(permit, "allowed", "run", reads, "snapshot")
        shelf = BookShelf(self._lake)
        try:
            book = shelf.book(file)
            return self._shown(permit, view, entry, book, people, places=places) if book is not None else None
        except LakeError:
            shelf.put_aside(file)
            self._record(permit, "failed", "run", reads, "snapshot")
            return None

    def _shown(
        self, permit: Permit, view: View, entry: SnapshotEntry, book: SealedBook, people: Sequence[str], *, places: bool
    ) -> Shown | None:
        found = {person: book.get(person) for person in people}
        if None in found.values():
            spine, absent = self._lake.catalogue.spine(), {person for person in found if found[person] is None}
            if absent & {*book.told["held"]} or spine is None or spine.number != entry.spine:
                return None  # they were held back when it was made, or may be of a later version
        whole = {person: document or b"{}" for person, document in found.items()}  # none: nothing seen is about them
        kinds = book.told["kinds"]
        pieces = {person: read_document(document, kinds["person"]) for person, document in whole.items()}
        homes = {row["address_id"] for each in pieces.values() for row in each[view.places]} if places else set()
        at = {home: book.get(home) or b"{}" for home in homes}
        rights = self._rights.now()
        held = {*rights.held_back(self._registry, permit.purpose)} - {*book.told["held"]}
        held |= rights.changed_since(book.told["corrected"])
        if held and (held & {*people} or any(names_any(each, held) for each in (*whole.values(), *at.values()))):
            return None  # somebody whom it names has restricted or objected since, or was corrected
        latest = {name: dt.date.fromisoformat(day) for name, day in book.told["latest"].items()}
        return Shown(pieces, {home: read_document(each, kinds["place"]) for home, each in at.items()}, latest)

    def publish(self, permit: Permit, search: Search, view: View) -> dict[str, int]:
        """Make the snapshot that the single view reads, and swap it in; nothing of it is given out.

        Out: for each purpose that looks for people or shows them, how many.
        Raises: AccessRefused where the permit's purpose neither joins records nor looks for people; Busy.
        """
        try:
            self._check(permit, {"spine.person_record": ()}, searching=True)
            joins = self._registry.purpose[permit.purpose].joins_records
            if not joins and permit.purpose not in showing_purposes(self._registry):
                raise AccessRefused("Whoever joins records makes them findable.", todo="Use the purpose that joins.")
        except AlmonerError:
            self._record(permit, "refused", "publish", {"spine.person_record": ()}, None)
            raise
        self._record(permit, "allowed", "publish", {"spine.person_record": ()}, None)
        with self._lake.catalogue.lease("serving"):
            return self._published(permit, search, view) or self._publish(permit, search, view)

    def _published(self, permit: Permit, search: Search, view: View) -> dict[str, int]:
        """Say what is published, where all of it is good and whole; nothing where it has to be made."""
        entry, today = self._lake.catalogue.snapshot(), self._clock().date()
        shelf = IndexShelf(self._registry, self._lake, search)
        self._lake.sweep("serving")
        if entry is None or entry.spine != shelf.spine_number():
            return {}
        searched = [probe_of(self._registry, each, permit) for each in searching_purposes(self._registry)]
        shown = [probe_of(self._registry, each, permit) for each in entry.told.get("reads", {})]
        files = [entry.part(shelf.part(probe, today)) for probe in searched]
        files += [entry.part(book_part(self._registry, probe, today, view)) for probe in shown]
        good = entry.told.get("reads") and all(file is not None and self._lake.is_whole(file) for file in files)
        return dict(entry.told["people"]) if good and not BookShelf(self._lake).damaged(entry) else {}

    def _publish(self, permit: Permit, search: Search, view: View) -> dict[str, int]:
        today, shelf = self._clock().date(), IndexShelf(self._registry, self._lake, search)
        publishing = Publishing(self._lake, shelf.spine_number())
        found, read = dict[str, int](), dict[str, list[str]]()
        corrected = self._rights.now().corrected_people()
        try:
            for purpose in searching_purposes(self._registry):
                probe = probe_of(self._registry, purpose, permit)
                index = self._made_index(probe, search, by=permit)
                publishing.index(shelf.part(probe, today), index.arrays())
                found[purpose] = index.people
            for purpose in showing_purposes(self._registry):
                probe = probe_of(self._registry, purpose, permit)
                with suppress(AccessRefused):  # a purpose that is not given all that a page shows has no documents
                    read[purpose] = self._write_view(probe, view, publishing, permit)
                    found.setdefault(purpose, 0)
            told = {"reads": read, "people": found, "day": today.isoformat(), "corrected": corrected}
            publishing.publish(told)
        except BaseException:
            publishing.abandon()
            raise
        return found

    def _write_view(self, probe: Permit, view: View, publishing: Publishing, by: Permit) -> list[str]:
        """Write a purpose's documents from its own views. Out: what they were made from."""
        today = self._clock().date()
        steps, reads = view.needs(self, probe)
        for name, columns in reads.items():
            check_read(self._registry, probe, name, tuple(columns), today)
        self._record(by, "allowed", "publish", reads, probe.purpose)
        rights, desk = self._rights.now(), Desk(self, probe)
        desk.lay_out(reads)
        part, pieces = book_part(self._registry, probe, today, view), view.pieces()
        by_kind = {"person": [p for p in pieces if not p.of_place], "place": [p for p in pieces if p.of_place]}
        book = publishing.book(part)
        try:
            made = Step("made", "What the documents are made from", "SELECT 1 AS one", ("one",))
            desk.session.run([*steps, made]).count()
            people = int(desk.session.query('SELECT count(*) AS n FROM "spine.person"').rows()[0]["n"])
            for listed in by_kind.values():
                for name, document in documents(desk.session, listed, people):
                    book.add(name, document)
            told = {
                "kinds": {kind: kinds_of(desk.session, listed) for kind, listed in by_kind.items()},
                "held": rights.held_back(self._registry, probe.purpose),
                "corrected": rights.corrected_people(),
                "latest": {name: day.isoformat() for name, day in newest(self._lake.catalogue.deliveries()).items()},
            }
            publishing.keep(part, book, told)
        except BaseException:
            book.abandon()
            raise
        finally:
            desk.session.close()
        return sorted(reads)

    def copy(self, permit: Permit, step: Step, reads: Reads) -> pa.Table:
        """Take a copy of one view for a workspace: never for a permit that may see only counts."""
        return self._pass(permit, "copy", reads, lambda s: s.query(step.sql, step.name), step=step.name).to_arrow()

    def readable(self, actor: str) -> list[tuple[str, str]]:
        """List (dataset, purpose) that an actor's roles could open today, agreements and floors considered."""
        now = self._clock()
        found = []
        for name in sorted(purposes_of(self._registry, self._records, actor) & set(self._registry.purpose)):
            purpose = self._registry.purpose[name]
            probe = Permit(
                "probe", actor, name, purpose.form, purpose.scope, "", starts_at=now, expires_at=now, state="granted"
            )
            for dataset in self._registry.datasets():
                if dataset_refusal(self._registry, probe, dataset, now.date()) is None:
                    found.append((dataset.full_name, name))
        return found

    def columns_for(self, permit: Permit) -> dict[str, tuple[str, ...]]:
        """Give, for each dataset that a permit gives, the columns it gives. Reads no data."""
        today = self._clock().date()
        key = (permit.purpose, permit.form, permit.scope, permit.project, permit.sharing, bool(permit.subjects), today)
        if key not in self._given:
            every = (
                (d.full_name, readable_columns(self._registry, permit, d, today)) for d in self._registry.datasets()
            )
            self._given = {**self._given, key: {name: columns for name, columns in every if columns}}
        return dict(self._given[key])

    def held(self, dataset: str) -> tuple[str, ...]:
        """Name what is held of a dataset today, so that whoever read it can tell whether it may have changed.

        Out: its deliveries in retention, its corrections, and the day where retention looks at each row.
        """
        today, declared = self._clock().date(), self._registry.dataset(dataset)
        named = [
            f"{e.number}:{e.digest}:{e.accepted}" for e in kept_deliveries(self._lake, self._registry, declared, today)
        ]
        if corrected := self._rights.now().corrected([dataset]):
            named.append(f"corrected:{corrected}")
        by_row = clock_of(declared, self._registry.retention_of(declared)) is not None
        return (*named, today.isoformat()) if by_row else tuple(named)

    def rights_now(self) -> InForce:
        """Give the rights in force, with whom they hold for now; for the desk only."""
        return self._rights.now()

    def rights_seen(self, permit: Permit) -> str:
        """Name what people's rights leave of what a permit gives, so that whoever copied it can tell a change."""
        now = self._rights.now()
        told = [*now.held_back(self._registry, permit.purpose), now.corrected()]
        return hashlib.sha256("|".join(told).encode()).hexdigest()

    def desk(self, permit: Permit, *, numbered: bool = False) -> Desk:
        """Give a place where several runs under one permit share what they read; each run is decided and audited.

        In: numbered: `person_ref` and `household_ref` are numbers drawn for this desk alone, for those who only count.
        """
        return Desk(self, permit, numbered=numbered)

    def check_in_force(self, permit: Permit) -> None:
        """Refuse unless a permit still gives what it gave: recorded, in force, its holder still in the role.

        Raises: AccessRefused.
        """
        self._check(permit, {}, searching=True)

    # ── the passage ──────────────────────────────────────────────────────────────────────────────────────────

    def _pass(
        self,
        permit: Permit,
        action: str,
        reads: Reads,
        work: Callable[[Session], Relation],
        step: str | None = None,
        *,
        searching: bool = False,
        desk: Desk | None = None,
        steps: Sequence[Step] = (),
    ) -> Relation:
        try:
            self._check(permit, reads, searching=searching, extracting=action == "run")
            if permit.form == "aggregate":
                check_aggregate(steps)
        except AlmonerError:
            self._record(permit, "refused", action, reads, step)
            raise
        shared = desk is not None
        desk = desk or Desk(self, permit)
        if desk.permit != permit:
            self._record(permit, "refused", action, reads, step)
            raise AccessRefused("A desk serves the permit that it was opened under.", todo="Open a desk of its own.")
        # What earlier runs laid out can be read by this one too, so the event names it.
        sequence = self._record(permit, "allowed", action, {**desk.laid, **reads}, step)
        try:
            desk.lay_out(reads)
            relation = work(desk.session)
            if permit.form == "pseudonymised":
                relation = set_apart(relation, self._key("row", permit), shuffled=action in FOR_PEOPLE)
            if shared:  # the session serves the next run: take the rows out of it
                table = relation.to_arrow()
                relation = Relation(table.schema, iter(table.to_batches()))
        except AlmonerError:
            self._record(permit, "failed", action, reads, step)
            raise
        relation.event = sequence
        return relation

    def _index(self, permit: Permit, search: Search) -> Index:
        """Give the index of a permit's purpose; where none is good today, make it from the views of that purpose.

        Raises: NotReady where nobody waits for that.
        """
        today, shelf = self._clock().date(), IndexShelf(self._registry, self._lake, search)
        if (index := shelf.find(permit, today)) is not None:
            return index
        if self._hurried:
            raise NotReady(
                "People can't be looked for at this moment.",
                why="What searches read is made anew: after records were joined, and once a day.",
                todo="Try again in a few minutes.",
            )
        number = shelf.spine_number()
        return shelf.keep(permit, today, number, self._made_index(permit, search, by=permit))

    def _made_index(self, permit: Permit, search: Search, by: Permit, only: Sequence[str] = ()) -> Index:
        today = self._clock().date()
        probe = replace(probe_of(self._registry, permit.purpose, permit), subjects=tuple(only))
        datasets = searched_datasets(self._registry, self._lake, probe, today)
        reads = search.reads(datasets)
        for name, columns in reads.items():
            check_read(self._registry, probe, name, tuple(columns), today)
        self._record(by, "allowed", "index", reads, permit.purpose)
        desk = Desk(self, probe, everybody=True)  # who is held back today is hidden by each answer
        desk.lay_out(reads)
        tables = {name: desk.session.run(steps).to_arrow() for name, steps in search.steps(datasets).items()}
        desk.session.close()
        return search.make(tables)

    def _check(self, permit: Permit, reads: Reads, *, searching: bool, extracting: bool = False) -> None:
        now = self._clock()
        kept = self._records.permit(permit.id)
        if kept != permit:
            raise AccessRefused(
                f"Permit {permit.id} is not in the records as it was shown.",
                why="A permit is what the records say, not what somebody holds.",
                todo="Ask for a permit: 'almoner permit request'.",
            )
        if not permit.break_glass:
            check_purpose(self._registry, self._records, permit.actor, permit.purpose)
        if not extracting:
            check_not_looked_at(permit)
        check_permit(self._registry, permit, now, searching=searching)
        for name, columns in reads.items():
            check_read(self._registry, permit, name, tuple(columns), now.date())

    def view_maker(self, permit: Permit, *, numbered: bool, everybody: bool = False) -> ViewMaker:
        """Make a session of its own for a permit; for the desk only."""
        session, key = self._engine.session(), self._key("pseudonym", permit)
        today, rights = self._clock().date(), self._rights.now()
        return ViewMaker(self._registry, self._lake, permit, session, today, rights, key, numbered, everybody)

    def _key(self, of: str, permit: Permit) -> bytes:
        return self._ring.derived(f"{of}:{pseudonym_scope(self._registry, permit)}")

    def _record(self, permit: Permit, outcome: str, action: str, reads: Reads, step: str | None) -> int:
        shown = {name: list(columns) or _implied(name) for name, columns in reads.items()}
        event = AuditEvent(
            at=self._clock(),
            actor=permit.actor,
            action=action,
            outcome=outcome,  # type: ignore[arg-type]
            purpose=permit.purpose,
            permit_id=permit.id,
            datasets=tuple(reads),
            columns=shown,
            form=permit.form,
            scope=permit.scope,
            reason_code=permit.reason_code,
            detail={**({"step": step} if step else {}), **({"sharing": permit.sharing} if permit.sharing else {})},
        )
        return self._audit.append(event, subjects=permit.subjects, reason=permit.reason or None).sequence


class Desk:
    """One permit's own session. It holds the views of what was read so far, and no others."""

    def __init__(self, gate: Gate, permit: Permit, *, numbered: bool = False, everybody: bool = False) -> None:
        self._gate = gate
        self.permit = permit
        self._maker = gate.view_maker(permit, numbered=numbered, everybody=everybody)
        self._laid: dict[str, frozenset[str]] = {}

    @property
    def laid(self) -> dict[str, tuple[str, ...]]:
        """Name what has been laid out."""
        return {name: tuple(sorted(columns)) for name, columns in self._laid.items()}

    @property
    def session(self) -> Session:
        """The session; for the gate only."""
        return self._maker.session

    def run(self, steps: Sequence[Step], reads: Reads, given: Mapping[str, pa.Table] | None = None) -> Relation:
        """Run steps as `Gate.run` does."""
        return self._gate.run(self.permit, steps, reads, desk=self, given=given)

    def lay_out(self, reads: Reads) -> None:
        """Define the views that are not there yet; a dataset's view is made again where more columns are read.

        Raises: Busy where a right has come in force, or was lifted, that what is laid out does not show.
        """
        self._check_rights(reads)
        for name, columns in reads.items():
            before = self._laid.get(name)
            wanted = frozenset(columns) | (before or frozenset())
            if before is None or wanted != before:
                self._define(name, tuple(sorted(wanted)))
                self._laid[name] = wanted

    def _check_rights(self, reads: Reads) -> None:
        then, now = self._maker.rights, self._gate.rights_now()
        if then.version == now.version:
            return
        names = {name.partition(":")[2] or name for name in {*self._laid, *reads}}
        held = self._maker.everybody or self._maker.held_back == now.held_back(
            self._maker.registry, self.permit.purpose
        )
        if not held or then.corrected(names) != now.corrected(names):
            raise Busy(
                "Somebody's right has come in force, or was lifted, since this began.",
                why="What was read before does not go together with what may be read now.",
                todo="Do it again.",
            )

    def _define(self, name: str, columns: tuple[str, ...]) -> None:
        maker, (kind, _, rest) = self._maker, name.partition(":")
        if name == "spine.link":
            maker.link()
        elif name == "spine.resident":
            maker.resident()
        elif name.startswith("spine."):
            maker.spine(name.removeprefix("spine."))
        elif name.startswith(MEMORY_PREFIX):
            maker.memory(name.removeprefix(MEMORY_PREFIX))
        elif not rest:
            maker.dataset(maker.registry.dataset(name), columns)
        else:
            self._define_of(kind, maker.registry.dataset(rest), columns)

    def _define_of(self, kind: str, dataset: Dataset, columns: tuple[str, ...]) -> None:
        """Define a view of one kind over a dataset."""
        maker = self._maker
        if kind == "places":
            maker.places(dataset, identifiable=self.permit.form == "identifiable")
        elif kind in _PLAIN:
            _PLAIN[kind](maker, dataset)
        elif kind in _BY_COLUMNS:
            _BY_COLUMNS[kind](maker, dataset, columns)


_PLAIN: dict[str, Callable[[ViewMaker, Dataset], None]] = {
    "persons": ViewMaker.persons, "quarantine": ViewMaker.quarantine, "registered": ViewMaker.registered,
}  # fmt: skip
_BY_COLUMNS: dict[str, Callable[[ViewMaker, Dataset, tuple[str, ...]], None]] = {
    "home": ViewMaker.at_home, "held": ViewMaker.held, "corrections": ViewMaker.corrections,
    "quality": ViewMaker.quality,
}  # fmt: skip


def _implied(name: str) -> list[str]:
    return list(PERSONS.names) if name.startswith("persons:") else []
