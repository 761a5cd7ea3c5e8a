"""Finds a person by name, date of birth, address or number: a few candidates, never a list to browse."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.single_view.searching import PeopleSearch
from almoner.single_view.wanted import Wanted, read_wanted

__all__ = ["MOST_CANDIDATES", "Candidate", "Wanted", "find_people"]

MOST_CANDIDATES = 10
"""More than these is a list to browse."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant: just enough to choose by."""

    person_id: str
    forename: str | None
    surname: str | None
    date_of_birth: dt.date | None
    sex: str | None
    postcode: str | None
    address: str | None
    withheld: bool
    likeness: float
    """How much of what was asked is theirs: 1 where all of it is."""
    matched: str
    """What was the same, close or different, in words without values."""


def find_people(gate: Gate, permit: Permit, wanted: Wanted) -> list[Candidate]:
    """Look for a person; the likeliest first.

    Raises: UsageError where too little is given, AccessRefused where too many answer.
    """
    rows = gate.find(permit, PeopleSearch(), read_wanted(wanted), limit=MOST_CANDIDATES).rows()
    return [Candidate(**row) for row in rows]
