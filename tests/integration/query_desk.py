"""Somebody who asks questions of the small invented borough, and a book in memory that keeps what was answered."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from almoner.counting.levels import DrawnArea
from almoner.governance.audit import AuditEvent
from almoner.methods.disclosure.released import ReleaseTable
from almoner.profiles.queries import Query, count_query
from almoner.registry.registry import Registry
from almoner.release.answering import AnswerDesk, Answered
from almoner.release.codes import AREA, Members
from almoner.release.draft import Draft
from almoner.release.ports import Answer
from almoner.wiring.querying import tables_of
from almoner.wiring.release_areas import read_members, with_custom_areas
from tests.unit.profiles.borough import AS_OF, FakeGate, Row


@dataclass
class MemoryBook:
    """What the ledger holds."""

    tables: list[ReleaseTable] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    kept: dict[str, dict[str, frozenset[str]]] = field(default_factory=lambda: {AREA: {}})

    def digest(self, content: str) -> str:
        """Digest as the records do, without a key."""
        return hashlib.sha256(content.encode()).hexdigest()

    def answer(self, answer: Answer, tables: Sequence[ReleaseTable], given: str) -> None:
        self.answers.append(answer)
        self.given.append(given)
        self.tables += tables

    def ledger(self, populations: Sequence[str]) -> list[ReleaseTable]:
        return [table for table in self.tables if table.population in populations]

    def members(self) -> Members:
        return self.kept

    def keep_members(self, members: Mapping[str, Mapping[str, frozenset[str]]]) -> None:
        for dimension, codes in members.items():
            self.kept.setdefault(dimension, {}).update(codes)

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield


@dataclass
class Log:
    """What was written into the audit log."""

    events: list[AuditEvent] = field(default_factory=list)

    def append(self, event: AuditEvent, *, subjects: Sequence[str] = (), reason: str | None = None) -> None:
        self.events.append(event)


@dataclass
class Asker:
    """Asks, and remembers everything that was answered."""

    registry: Registry
    rows: dict[str, list[Row]]
    book: Any = field(default_factory=MemoryBook)
    log: Any = field(default_factory=Log)
    answered: list[Answered] = field(default_factory=list)
    _gate: FakeGate | None = None

    def ask(self, *indicators: str, drawn: Sequence[DrawnArea] = (), **more: Any) -> Answered:
        """Ask, and keep the answer."""
        if self._gate is None or self._gate.rows["spine.resident"] is not self.rows["spine.resident"]:
            self._gate = FakeGate(dict(self.rows), desk=True)
        run = self._gate.run
        _, counted = count_query(run, self.registry, AS_OF, Query(indicators, drawn=tuple(drawn), **more))
        members = with_custom_areas(
            read_members(run, self.registry), {area.lasting_code: area.parts() for area in drawn}
        )
        draft = Draft("Answer", "", "research", "", AS_OF.isoformat(), tables_of(counted, drawn))
        desk = AnswerDesk(self.registry, self.book, self.log, lambda: dt.datetime.now(dt.UTC), "asker")
        self.answered.append(desk.answer(draft, members, "a question that has to be answered"))
        return self.answered[-1]
