"""What subject access asks of others: to whom data went, who looked, and where what was gathered is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Disclosure:
    """Data about the person that went to somebody outside: to whom, when, for what, and which."""

    recipient: str
    on: dt.date
    purpose: str
    what: str
    reference: str = ""


class Disclosures(Protocol):
    """To whom data about a person went, as sharing has logged it for each person."""

    def disclosures_of(self, person_id: str) -> Sequence[Disclosure]:
        """List what went out about a person, the oldest first, also under ids that they had before."""


@dataclass(frozen=True)
class Look:
    """Somebody who looked, or was refused: by role; the name is for the reviewer to give or not."""

    first_at: dt.datetime
    times: int
    actor: str
    roles: tuple[str, ...]
    did: str
    outcome: str
    purpose: str
    reason: str
    datasets: tuple[str, ...]


@dataclass(frozen=True)
class Matter:
    """Something else that is held of the person: an earlier request, a restriction, a contested fact."""

    title: str
    on: dt.date
    fields: tuple[tuple[str, str], ...]


class GatheredBook(Protocol):
    """What was gathered for cases, sealed under the key of each."""

    def keep(self, case_id: str, person_id: str, document: bytes) -> None:
        """Keep what was gathered about a person for a case, in the place of what was gathered before."""

    def open(self, case_id: str) -> bytes | None:
        """Open what was gathered for a case; None where nothing was, or it was disposed of."""
