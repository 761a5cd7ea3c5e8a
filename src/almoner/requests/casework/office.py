"""Carries a case through its life: who may do what, in which state, what has to be said, what the requester is sent.

Every change is in the audit log before it holds, and so is every refusal. Times come from the clock that is given.
Must never put a word that somebody wrote anywhere but under the case's own key, and never a name into an event.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from almoner.governance.audit import AuditEvent, AuditLog
from almoner.kernel.errors import AccessRefused, AlmonerError, Busy, NotFound, RequestRefused, UsageError
from almoner.kernel.periods import today
from almoner.registry.registry import Registry
from almoner.release.ports import ReleaseBook
from almoner.requests.casework.cases import Case, Content, Mark, Plain, Step
from almoner.requests.casework.corresponding import Occasion, write
from almoner.requests.casework.machine import START, Transition, machine
from almoner.requests.casework.ports import CaseBook
from almoner.requests.casework.timetable import Due, due_of
from almoner.requests.letters.wording import Letter

PURPOSE = "requests"
ID_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 9
LONGEST_WORDS = 100_000
"""A request or an answer that is longer belongs into a file."""


@dataclass(frozen=True)
class Doing:
    """What somebody does to a case.

    on: the day on which it happened, else today. facts: in plain, nothing personal. words: sealed. changes: of the
    case. letter: facts of the letter that goes with it; None where none does. to: another state than the machine's.
    expected: the version that they looked at.
    """

    action: str
    on: dt.date | None = None
    facts: Mapping[str, Plain] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    letter: Mapping[str, str] | None = None
    letter_name: str = ""
    to: str = ""
    expected: int | None = None


@dataclass(frozen=True)
class Done:
    """What came of it. letter: its number, by which it is fetched; None where there is none."""

    case: Case
    due: Due
    letter: int | None = None


class CaseOffice:
    """The cases of a workspace, as one actor may handle them. In: rights: those that the actor's roles give."""

    def __init__(
        self, registry: Registry, book: CaseBook, releases: ReleaseBook, audit: AuditLog,
        clock: Callable[[], dt.datetime], actor: str, rights: Collection[str],
    ) -> None:  # fmt: skip
        self.registry, self.book, self.releases = registry, book, releases
        self.actor, self.rules = actor, registry.requests
        self._audit, self._clock, self._rights = audit, clock, rights

    def now(self) -> dt.datetime:
        """Give the present instant."""
        return self._clock()

    def today(self) -> dt.date:
        """Give the day in London."""
        return today(self._clock())

    # ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, kind: str, content: Content, received_on: dt.date | None = None) -> Done:
        """Open a case.

        Raises: UsageError for a kind that there is not, a day to come, or nothing asked; AccessRefused.
        """
        if kind not in machine().kind:
            raise UsageError(f"There is no kind of case '{kind}'.", todo=f"Use one of: {', '.join(machine().kind)}.")
        transition = machine().find("open")
        on = received_on or self.today()
        self._not_to_come(on)
        check_words({"request": content.words, "name": content.requester.name})
        name = "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))
        case = Case(
            f"{machine().kind[kind].prefix}-{name}", kind, transition.to, on, self.now(), self.actor, version=1,
            assigned_to=self.actor,
        )  # fmt: skip
        self._require(case, transition, content.subject)
        mark = self._mark(1, "open", case.state, on, {"kind": kind})
        due = due_of(case, [mark], self.rules)
        case = replace(case, due_on=due.on)
        self._note(case, "open", content.subject)
        self.book.begin(case, content, Step(mark))
        return Done(case, due)

    # ── whatever happens then ────────────────────────────────────────────────────────────────────────────────────

    def take(self, case_id: str, doing: Doing) -> Done:
        """Do something to a case, if its state, the actor's rights and the second person allow it.

        Raises: RequestRefused, AccessRefused, UsageError; Busy where it was changed meanwhile.
        """
        case = self.find(case_id)
        marks = self.book.marks(case_id)
        try:
            transition, state = machine().follow(case.id, case.kind, case.state, doing.action)
            self._require(case, transition)
            self._second_person(case, transition, marks)
            self._as_looked_at(case, doing.expected)
            on = self._day_of(case, doing, marks)
            check_words(doing.words)
            return self._taken(case, marks, transition, doing.to or state, on, doing)
        except AccessRefused:
            raise
        except AlmonerError:
            self._note(case, doing.action, outcome="refused")
            raise

    def _taken(
        self, case: Case, marks: list[Mark], transition: Transition, state: str, on: dt.date, doing: Doing
    ) -> Done:
        mark = self._mark(len(marks) + 1, doing.action, state, on, doing.facts)
        changed = replace(case, **{"state": state, "version": case.version + 1, **doing.changes})
        due = due_of(changed, [*marks, mark], self.rules)
        changed = replace(changed, due_on=due.on)
        content = self.book.content(case.id) if case.state != "disposed" else None
        letter: Letter | None = None
        if transition.letter and doing.letter is not None and content is not None:
            told = Occasion(changed, content, due, on)
            letter = write(doing.letter_name or transition.letter, told, self.registry, {**doing.words, **doing.letter})
        self._note(changed, doing.action, content.subject if content else "")
        step = Step(mark, doing.words, letter.document() if letter else None)
        if doing.action == "dispose":
            self.book.dispose(changed, step)
        else:
            self.book.keep(changed, step)
        return Done(changed, due, mark.number if letter else None)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def find(self, case_id: str) -> Case:
        """Find a case. Raises: NotFound."""
        found = self.book.find(case_id)
        if found is None:
            raise NotFound("There is no such case.", todo="'almoner foi list' and 'almoner rights list' show them.")
        return found

    def due(self, case: Case) -> Due:
        """Say when the next thing about a case is due, and why then."""
        return due_of(case, self.book.marks(case.id), self.rules)

    def as_due_now(self, cases: Sequence[Case], marks: Mapping[str, Sequence[Mark]]) -> list[Case]:
        """Give cases with their due dates by the bank holidays of today: one may have been proclaimed since."""
        fresh = [replace(each, due_on=due_of(each, marks.get(each.id, ()), self.rules).on) for each in cases]
        return sorted(fresh, key=lambda each: (each.due_on is None, each.due_on or each.received_on, each.id))

    def look(self, case_id: str) -> tuple[Case, Content | None, list[Step]]:
        """Open a case with all that was written; the log says who looked."""
        case = self.find(case_id)
        content = None if case.state == "disposed" else self.book.content(case_id)
        self._note(case, "show", content.subject if content else "")
        return case, content, self.book.steps(case_id)

    # ── what has to be true ──────────────────────────────────────────────────────────────────────────────────────

    def _require(self, case: Case, transition: Transition, subject: str = "") -> None:
        if transition.right in self._rights:
            return
        self._note(case, transition.action, subject, outcome="refused")
        giving = sorted(name for name, role in self.registry.role.items() if transition.right in role.rights)
        raise AccessRefused(
            f"'{self.actor}' has no role with the right '{transition.right}'.",
            where=f"case {case.id}",
            why=f"'{transition.action}' is done by whoever holds it.",
            todo=f"Ask for one of the roles: {', '.join(giving) or 'none declares it'} ('almoner role grant').",
        )

    def _second_person(self, case: Case, transition: Transition, marks: list[Mark]) -> None:
        own = {mark.action for mark in marks if mark.actor == self.actor}
        wanting = {"second": {"exempt", "estimate", "decide"}, "fresh": {"decide", "approve"}, "anybody": set[str]()}
        if own & wanting[transition.who]:
            raise RequestRefused(
                f"You have had a part in this case ({', '.join(sorted(own & wanting[transition.who]))}).",
                where=f"case {case.id}",
                why="What is refused or given out is looked at by a second person; a review by somebody fresh to it.",
                todo=f"Ask somebody else with the right '{transition.right}'.",
            )

    def _as_looked_at(self, case: Case, expected: int | None) -> None:
        if expected is not None and expected != case.version:
            raise Busy(
                "The case was changed since you looked at it.",
                where=f"case {case.id}",
                todo="Look at it, and try again.",
            )

    def _day_of(self, case: Case, doing: Doing, marks: list[Mark]) -> dt.date:
        on = doing.on or self.today()
        self._not_to_come(on)
        earlier = [each.on for each in marks if each.action not in ("assign", "estimate", "exempt")]
        if on < max([case.received_on, *earlier[-1:]]):
            raise UsageError(
                "This can't have happened then: it would lie before what happened last.",
                where=f"case {case.id}",
                todo="Check the day that was typed.",
            )
        return on

    def _not_to_come(self, on: dt.date) -> None:
        if on > self.today():
            raise UsageError(
                "This day is still to come.", why="Clocks run from what has happened.", todo="Check the day."
            )

    # ── writing down ─────────────────────────────────────────────────────────────────────────────────────────────

    def _mark(self, number: int, action: str, state: str, on: dt.date, facts: Mapping[str, Plain]) -> Mark:
        return Mark(number, action, state, self.actor, self.now(), on, dict(facts))

    def _note(self, case: Case, action: str, subject: str = "", *, outcome: str = "allowed") -> None:
        self.note(f"request.{action}", outcome, subject, case=case.id, kind=case.kind, state=case.state or START)

    def note(self, action: str, outcome: str = "allowed", subject: str = "", **detail: Plain) -> None:
        """Write an event about a case or about all."""
        event = AuditEvent(
            at=self.now(), actor=self.actor, action=action, outcome=outcome, purpose=PURPOSE, detail=detail,  # type: ignore[arg-type]
        )  # fmt: skip
        self._audit.append(event, subjects=[subject] if subject else ())


def check_words(words: Mapping[str, str]) -> None:
    """Refuse words that are too long to be kept, or that hold what no person types. Raises: UsageError."""
    for name, text in words.items():
        if len(text) > LONGEST_WORDS or any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
            raise UsageError(
                f"The text of '{name}' can't be kept.",
                why=f"It has more than {LONGEST_WORDS:,} characters, or some that no letter can show.",
                todo="Shorten it, or attach a release.",
            )


def explained(words: str, what: str, least: int = 3) -> str:
    """Give a text, if it says something. Raises: UsageError."""
    if len(words.split()) < least:
        raise UsageError(
            f"Say {what}, in at least {least} words.", why="Who reads the case later has to understand it."
        )
    return words.strip()
