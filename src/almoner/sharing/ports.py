"""What sharing asks of the records: extracts, and for each person in them that they were. `records` implements it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from almoner.sharing.extracts import Share, Step, Words


class ShareBook(Protocol):
    """Extracts, what happened to them, and the disclosures."""

    def begin(self, share: Share, words: Words, step: Step, people: Iterable[str] = ()) -> None:
        """Keep a new extract, its key first. In: people: whom what was sent holds, as that recipient knows them."""

    def keep(self, share: Share, step: Step, people: Iterable[str] = ()) -> None:
        """Keep an extract, what happened to it and whom it holds, whole or not at all.

        Raises: Busy where somebody else has changed it.
        """

    def find(self, share_id: str) -> Share | None:
        """Find an extract."""

    def shares(self) -> list[Share]:
        """List extracts, the newest first."""

    def words(self, share_id: str) -> Words:
        """Open what was written when it was asked for. Raises: KeyMissing where that was destroyed."""

    def steps(self, share_id: str) -> list[Step]:
        """Open what happened to an extract, the oldest first."""

    def disclosed(self, persons: Sequence[tuple[str, bool]]) -> list[tuple[Share, bool]]:
        """List the extracts that held a person, the newest first, each with whether it surely held these records.

        In: the ids under which the person is or was known, each with whether it was surely the same person's.
        """
