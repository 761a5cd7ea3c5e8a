"""What the life cycle asks of the records and of the place where files lie. `records` and `shelf` implement it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from almoner.methods.disclosure.released import ReleaseTable
from almoner.release.codes import Members
from almoner.release.draft import Draft
from almoner.release.states import Action, State


@dataclass(frozen=True)
class Release:
    """A release in whatever state. Its content is kept apart, encrypted.

    editors: everybody who has written in it, the author first. files: name → SHA-256 of what was published.
    """

    id: str
    title: str
    state: State
    purpose: str
    recipient: str
    agreement: str
    author: str
    editors: tuple[str, ...]
    digest: str
    version: int = 1
    project: str | None = None
    cells: int = 0
    approved_by: str | None = None
    approved_digest: str | None = None
    released_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None
    files: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Step:
    """One thing that happened to a release."""

    action: Action
    state: State
    actor: str
    at: dt.datetime
    digest: str
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """A question that was answered: its cells stand in the ledger like those of a release. digest: of what was said."""

    id: str
    actor: str
    at: dt.datetime
    cells: int
    digest: str


@dataclass(frozen=True)
class Mention:
    """That a release or an answer says something of a population. What it says is not here."""

    name: str
    title: str
    at: dt.datetime | None
    cells: int
    answered_to: str = ""


class ReleaseBook(Protocol):
    """Releases, their content and the ledger of every cell ever released. Nothing of the ledger is ever taken out."""

    def keep(self, release: Release, step: Step, draft: Draft | None = None) -> None:
        """Keep a release, what happened to it, and its content where that is new: all or, in a crash, nothing.

        Raises: Busy where it was changed since it was read.
        """

    def destroy(self, release: Release, step: Step) -> None:
        """Keep that there was a release and what happened to it, and destroy what it held."""

    def enter(self, release: Release, step: Step, tables: Sequence[ReleaseTable]) -> None:
        """Keep a release as published together with its cells in the ledger: all or, in a crash, nothing."""

    def answer(self, answer: Answer, tables: Sequence[ReleaseTable], given: str) -> None:
        """Keep an answer, and what was shown of it, with its cells in the ledger: all or, in a crash, nothing."""

    def answers(self, actor: str | None = None) -> list[Answer]:
        """List the answers, newest first; somebody's own where they are named."""

    def given(self, answer_id: str) -> str:
        """Give what was shown of an answer. Raises: KeyMissing; NotFound where that was never kept."""

    def mentions(self, populations: Sequence[str]) -> list[Mention]:
        """Say which releases and answers speak of some populations, the newest first. Holds no figure."""

    def was_answered(self, answer_id: str) -> bool:
        """Say whether a question was answered under this name."""

    def find(self, release_id: str) -> Release | None:
        """Find a release."""

    def releases(self) -> list[Release]:
        """List the releases, newest first."""

    def draft_of(self, release_id: str) -> Draft:
        """Give the content of a release. Raises: KeyMissing where it can't be opened; NotFound if it was destroyed."""

    def digest(self, content: str) -> str:
        """Give the digest of secret content: the same for the same, and worth nothing to whoever lacks the key."""

    def steps(self, release_id: str) -> list[Step]:
        """List what happened to a release, oldest first."""

    def ledger(self, populations: Sequence[str]) -> list[ReleaseTable]:
        """Give every table ever released, or given as an answer, of some populations, the earliest first."""

    def populations(self) -> list[str]:
        """Name the populations of which figures were ever released."""

    def members(self) -> Members:
        """Give what the codes are made of: dimension → code → parts."""

    def keep_members(self, members: Members) -> None:
        """Keep what codes are made of; a code that is not named stays as it was."""

    def alone(self) -> AbstractContextManager[None]:
        """Hold the releases: nobody else changes one meanwhile. Raises: Busy."""
