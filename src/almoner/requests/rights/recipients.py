"""Those who hold a person's data because they were given it: they are told of what became of it (UK GDPR Art 19).

Who they are is known to whatever shares data; here is what is asked of it. Nothing here sends anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Received:
    """What one recipient was given of a person. known_as: by which the recipient finds them, as it was released."""

    recipient: str
    title: str
    release_id: str
    released_on: dt.date
    known_as: str = field(default="", repr=False)
    contents: tuple[str, ...] = ()
    """Datasets or columns, in words."""


class Recipients(Protocol):
    """Knows who was given a person's data."""

    def recipients_of(self, person_id: str) -> Sequence[Received]:
        """List what was given out of a person, oldest first."""


@dataclass(frozen=True)
class Letter:
    """A letter to a recipient. Its words are forgotten once it is out."""

    id: str
    right_id: str
    case_id: str
    recipient: str
    title: str
    text: str = field(repr=False)
    drafted_by: str
    drafted_at: dt.datetime
    sent_by: str | None = None
    sent_on: dt.date | None = None


class LetterBook(Protocol):
    """Keeps letters; `records` implements it."""

    def draft(self, letter: Letter) -> None:
        """Keep a letter."""

    def letters(self, right_id: str = "") -> list[Letter]:
        """List letters, of one right or all, oldest first."""

    def sent(self, letter_id: str, by: str, on: dt.date) -> None:
        """Note that a letter went out: its words are forgotten. Raises: NotFound where it waits not."""
