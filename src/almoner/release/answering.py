"""Answers questions out of hours, so to speak: without a second person, so under the same check and nothing looser.

An answer is protected against everything that was released and everything that was answered before, whoever asked, and
goes into the ledger before anybody sees it. What has to be withheld is withheld; only what can't be answered at all is
refused, in the same words whatever the reason.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.partitions import WHOLE
from almoner.methods.disclosure.released import ReleaseTable
from almoner.methods.disclosure.repair import suppress
from almoner.registry.registry import Registry
from almoner.release.codes import Codebook, Members, breakdowns
from almoner.release.draft import Draft
from almoner.release.judging import Judgement, judge
from almoner.release.kept_answers import GivenAnswer
from almoner.release.office import ID_CHARACTERS, ID_LENGTH
from almoner.release.ports import Answer, ReleaseBook
from almoner.release.primary import without_small_counts
from almoner.release.publication import protection_words, shown_tables
from almoner.release.stating import Statement, repaired, rule_of, state_draft

_MOST_MENDS = 8


@dataclass(frozen=True)
class Answered:
    """An answer as it may be shown."""

    id: str
    draft: Draft
    cells: int
    given: GivenAnswer


class AnswerDesk:
    """Answers the questions of one actor. Rights are checked by whoever calls."""

    def __init__(
        self, registry: Registry, book: ReleaseBook, audit: AuditLog, clock: Callable[[], dt.datetime], actor: str
    ) -> None:
        self._registry, self._book, self._audit = registry, book, audit
        self._clock, self._actor = clock, actor
        self._rule = rule_of(registry.release)

    def answer(self, draft: Draft, members: Members, reason: str, asked: str = "") -> Answered:
        """Protect an answer, enter it in the ledger, and give it.

        In: members: what the areas of the answer are made of. asked: the question, to be kept with the answer.
        Raises: ReleaseRefused where nothing of it can be said; Busy.
        """
        draft = without_small_counts(draft, self._rule)
        name = "Q" + "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))
        with self._book.alone():
            self._book.keep_members(members)
            try:
                protected, statement = self._protected(name, draft)
            except ReleaseRefused:
                self._note(name, draft, "refused", reason)
                raise
            self._note(name, protected, "allowed", reason)
            made = Answer(name, self._actor, self._clock(), len(statement), self._book.digest(protected.text()))
            given = self._given(protected, asked)
            self._book.answer(made, statement.tables, given.text())
        return Answered(name, protected, len(statement), given)

    def _given(self, protected: Draft, asked: str) -> GivenAnswer:
        rules = self._registry.release
        tables = shown_tables(protected, rules.rounding_base)
        return GivenAnswer(protected.as_of, protected.project or "", protection_words(rules, protected), asked, tables)

    def _protected(self, name: str, draft: Draft) -> tuple[Draft, Statement]:
        """Withhold until the check is passed: once everything small is withheld, rounded figures say a little more."""
        codebook = Codebook({**self._book.members(), **breakdowns(self._registry)})
        for _ in range(_MOST_MENDS):
            statement = state_draft(draft, name, self._rule)
            earlier = self._book.ledger([table.population for table in statement.tables])
            if any(_contradicts(table, earlier) for table in statement.tables):
                raise _refused()
            judgement = judge(earlier, statement, codebook, self._rule)
            if judgement.passes:
                return draft, statement
            mended = [self._mended(table, earlier, judgement, codebook) for table in statement.tables]
            draft = repaired(draft, statement, mended)
        raise _refused()

    def _mended(
        self, table: ReleaseTable, earlier: list[ReleaseTable], judgement: Judgement, codebook: Codebook
    ) -> ReleaseTable:
        verdict = judgement.verdicts[table.population]
        if verdict.passes:
            return table
        before = [each for each in earlier if each.population == table.population]
        ledger = Ledger(codebook.space([*before, table])).with_tables(before)
        found = suppress(ledger, (table,), self._rule, verdict)
        if not found:
            raise _refused()
        return found[0]

    def _note(self, name: str, draft: Draft, outcome: str, reason: str) -> None:
        detail = {
            "answer": name,
            "digest": self._book.digest(draft.text()),
            "tables": ", ".join(each.name for each in draft.tables),
        }
        event = AuditEvent(
            at=self._clock(), actor=self._actor, action="query.answer", outcome=outcome,  # type: ignore[arg-type]
            purpose=draft.purpose, detail=detail,
        )  # fmt: skip
        self._audit.append(event, reason=reason)


def _contradicts(table: ReleaseTable, earlier: list[ReleaseTable]) -> bool:
    """Say whether a cell was told otherwise before: counted anew, the same days and areas must not be told twice."""
    told: dict[frozenset[tuple[str, str]], tuple[float, float]] = {}
    for each in earlier:
        if each.population == table.population:
            for key, low, high in _cells(each):
                before = told.get(key, (low, high))
                told[key] = (max(before[0], low), min(before[1], high))
    return any(key in told and (low > told[key][1] or high < told[key][0]) for key, low, high in _cells(table))


def _cells(table: ReleaseTable) -> Iterator[tuple[frozenset[tuple[str, str]], float, float]]:
    for row in range(len(table)):
        codes = frozenset((name, column[row]) for name, column in table.codes.items() if column[row] != WHOLE)
        yield codes, float(table.low[row]), float(table.high[row])


def _refused() -> ReleaseRefused:
    return ReleaseRefused(
        "This can't be answered.",
        why="Together with what is out already it might tell of people, or the records have changed since figures of"
        " the same days were given.",
        todo="Ask something coarser: larger areas, longer periods, or no breakdown; or ask for it as a release.",
    )
