"""What casework asks of the records. `records.requests` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from almoner.requests.casework.cases import Case, Content, Disclosure, Mark, Step


class CaseBook(Protocol):
    """Cases, each with a key of its own under which all that somebody wrote is sealed."""

    def begin(self, case: Case, content: Content, step: Step) -> None:
        """Keep a new case with its content and its first step: all or, in a crash, nothing that can be seen."""

    def keep(self, case: Case, step: Step) -> None:
        """Keep a case and what happened to it. Raises: Busy where it was changed since it was read."""

    def dispose(self, case: Case, step: Step) -> None:
        """Keep a case without its content, and destroy its key."""

    def find(self, case_id: str) -> Case | None:
        """Find a case."""

    def cases(self, kinds: Sequence[str] | None = None) -> list[Case]:
        """List the cases, the one that is due first at the top; those without a due date last."""

    def content(self, case_id: str) -> Content:
        """Open what a case is about. Raises: NotFound where it was disposed of; KeyMissing."""

    def marks(self, case_id: str) -> list[Mark]:
        """List what happened to a case, without a word of it."""

    def all_marks(self, kinds: Sequence[str]) -> dict[str, list[Mark]]:
        """List what happened to every case of some kinds."""

    def steps(self, case_id: str) -> list[Step]:
        """Open what happened to a case, with what was written."""

    def publish(self, entry: Disclosure) -> None:
        """Keep an entry of the disclosure log."""

    def withdraw(self, entry: Disclosure) -> None:
        """Take an entry back: that there was one stays, its words go."""

    def log(self) -> list[Disclosure]:
        """List the disclosure log, the newest first."""
