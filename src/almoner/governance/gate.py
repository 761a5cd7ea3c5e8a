"""The gate: the only door to person-level data.

`read`, `run` and `readable` decide by the registry, write the audit event, and only then open anything. A read that
can't be audited does not happen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from almoner.governance.aggregation import check_aggregate
from almoner.governance.audit import AuditEvent, AuditLog
from almoner.governance.following import RightsShelf
from almoner.governance.held import kept_deliveries
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
from almoner.governance.views import ViewMaker
from almoner.kernel.errors import AccessRefused, AlmonerError, Busy
from almoner.kernel.steps import Step
from almoner.kernel.tables import PERSONS
from almoner.registry.registry import Registry
from almoner.store.engine import Engine, Session, quoted
from almoner.store.keys import KeyRing
from almoner.store.lake import Lake
from almoner.store.relation import Relation

__all__ = ["Desk", "Gate", "Reads", "Relation", "Search"]

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
    ) -> None:
        self._registry = registry
        self._lake = lake
        self._engine = engine
        self._records = records
        self._audit = audit
        self._ring = ring
        self._clock = clock
        self._rights = RightsShelf(lake, rights)

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
            hidden = self._rights.now().held_back(self._registry, permit.purpose)
            index = self._index(permit, search)
            found = index.answer(asked, limit=limit, hidden=hidden, only=permit.subjects)
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

    def prepare_search(self, permit: Permit, search: Search) -> dict[str, int]:
        """Make the indexes by which people are looked for, for whoever joins records; nothing of them is given out.

        Out: for each purpose that looks for people, how many can be found.
        Raises: AccessRefused where the permit's purpose does not join records.
        """
        try:
            self._check(permit, {"spine.person_record": ()}, searching=False)
            if not self._registry.purpose[permit.purpose].joins_records:
                raise AccessRefused("Whoever joins records makes them findable.", todo="Use the purpose that joins.")
        except AlmonerError:
            self._record(permit, "refused", "index", {"spine.person_record": ()}, None)
            raise
        self._record(permit, "allowed", "index", {"spine.person_record": ()}, None)
        found = {}
        for purpose in searching_purposes(self._registry):
            probe = probe_of(self._registry, purpose, permit)
            found[purpose] = self._index(probe, search, by=permit).people
        IndexShelf(self._registry, self._lake, search).tidy()
        return found

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
        given = ((d.full_name, readable_columns(self._registry, permit, d, today)) for d in self._registry.datasets())
        return {name: columns for name, columns in given if columns}

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

    def rights(self) -> InForce:
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
            self._check(permit, reads, searching=searching)
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

    def _index(self, permit: Permit, search: Search, by: Permit | None = None) -> Index:
        """Give the index of a permit's purpose; where none is good today, make it from the views of that purpose."""
        corrected = self._rights.now().corrected(identity=True)
        today, shelf = self._clock().date(), IndexShelf(self._registry, self._lake, search, corrected)
        if (index := shelf.find(permit, today)) is not None:
            return index
        probe = probe_of(self._registry, permit.purpose, permit)
        datasets = searched_datasets(self._registry, self._lake, probe, today)
        reads = search.reads(datasets)
        for name, columns in reads.items():
            check_read(self._registry, probe, name, tuple(columns), today)
        self._record(by or permit, "allowed", "index", reads, permit.purpose)
        number = shelf.spine_number()
        desk = Desk(self, probe, everybody=True)  # who is held back today is hidden by each answer
        desk.lay_out(reads)
        tables = {name: desk.session.run(steps).to_arrow() for name, steps in search.steps(datasets).items()}
        desk.session.close()
        return shelf.keep(permit, today, number, search.make(tables))

    def _check(self, permit: Permit, reads: Reads, *, searching: bool) -> None:
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
        check_permit(self._registry, permit, now, searching=searching)
        for name, columns in reads.items():
            check_read(self._registry, permit, name, tuple(columns), now.date())

    def view_maker(self, permit: Permit, *, numbered: bool, everybody: bool = False) -> ViewMaker:
        """Make a session of its own for a permit; for the desk only."""
        session, key = self._engine.session(), self._key("pseudonym", permit)
        today, rights = self._clock().date(), self._rights.now()
        return ViewMaker(self._registry, self._lake, permit, session, today, rights, key, numbered, everybody)

    def _key(self, of: str, permit: Permit) -> bytes:
        return self._ring.derived(f"{of}:{permit.project or permit.id}")

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
            detail={"step": step} if step else {},
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
        then, now = self._maker.rights, self._gate.rights()
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
        elif kind == "persons":
            maker.persons(maker.registry.dataset(rest))
        elif kind == "places":
            maker.places(maker.registry.dataset(rest), identifiable=self.permit.form == "identifiable")
        elif kind == "quarantine":
            maker.quarantine(maker.registry.dataset(rest))
        elif kind == "home":
            maker.at_home(maker.registry.dataset(rest), columns)
        elif kind == "registered":
            maker.registered(maker.registry.dataset(rest))
        elif kind == "corrections":
            maker.corrections(maker.registry.dataset(rest), columns)
        elif kind == "quality":
            maker.quality(maker.registry.dataset(rest), columns)


def _implied(name: str) -> list[str]:
    return list(PERSONS.names) if name.startswith("persons:") else []
