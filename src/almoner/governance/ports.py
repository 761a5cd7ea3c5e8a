"""What governance asks of the records. `records` implements it; nothing here knows how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from almoner.governance.permit import Permit


@dataclass(frozen=True)
class EmergencyCase:
    """A use of break-glass: open until a second person has reviewed it."""

    id: str
    permit_id: str
    actor: str
    opened_at: dt.datetime
    reviewed_by: str | None = None
    reviewed_at: dt.datetime | None = None
    outcome: str | None = None


Verdict = Literal["same", "different", "unsure"]
RecordKey = tuple[str, str]
"""(dataset, record_id)."""


@dataclass(frozen=True)
class Answer:
    """What one person answered about two records: who, when and why.

    act: what they did; a merge of two people answers about several pairs at once. pair: the two records under a keyed
    digest. kind: an 'answer' is weighed with others' answers; a 'ruling' (merge, un-merge) stands until the next one.
    """

    act: str
    pair: str
    left: RecordKey
    right: RecordKey
    verdict: Verdict
    kind: Literal["answer", "ruling"]
    actor: str
    reason: str
    made_at: dt.datetime


class Answers(Protocol):
    """People's answers about records. None is ever changed or taken away."""

    def pair_of(self, one: RecordKey, other: RecordKey) -> str:
        """Give the keyed digest under which two records are known, in whatever order."""

    def keep(self, answers: Sequence[Answer]) -> None:
        """Keep answers: all of them or, in a crash, none."""

    def answers(self) -> list[Answer]:
        """List every answer, oldest first."""


@dataclass(frozen=True)
class SampledPair:
    """Two records drawn at random for review, as they stood when they were drawn.

    draw: the sample's name. probability: by which its stratum was chosen. linked: whether the two were one person.
    inclusion: the probability with which it was drawn.
    """

    draw: str
    pair: str
    left: RecordKey
    right: RecordKey
    probability: float
    linked: bool
    inclusion: float
    drawn_at: dt.datetime


class Samples(Protocol):
    """Random samples of pairs for review. None is ever changed; the latest counts."""

    def keep(self, pairs: Sequence[SampledPair]) -> None:
        """Keep a sample: all of it or, in a crash, nothing."""

    def latest(self) -> list[SampledPair]:
        """Give the sample drawn last, in an order that says nothing of the pairs."""


class Records(Protocol):
    """People's roles, permits and emergency cases."""

    def roles_of(self, actor: str) -> frozenset[str]:
        """Name the roles that an actor holds now."""

    def grant_roles(self, actor: str, roles: Sequence[str], by: str) -> None:
        """Give roles: all of them or, in a crash, none."""

    def revoke_role(self, actor: str, role: str) -> bool:
        """Take a role away; say whether it was held."""

    def roles_given_by(self, actor: str, by: str) -> frozenset[str]:
        """Name the roles that somebody, or something, gave an actor."""

    def role_holders(self) -> list[tuple[str, str]]:
        """List (actor, role)."""

    def save_permit(self, permit: Permit) -> None:
        """Keep a permit, new or changed."""

    def permit(self, permit_id: str) -> Permit | None:
        """Find a permit."""

    def permits(self, actor: str | None = None) -> list[Permit]:
        """List permits, newest first."""

    def permits_open(self, at: dt.datetime, actor: str | None, purpose: str | None, most: int) -> list[Permit]:
        """List permits in force and those that await a grant, newest first; of one actor or purpose where named."""

    def open_case(self, case: EmergencyCase) -> None:
        """Open an emergency case."""

    def close_case(self, case: EmergencyCase) -> None:
        """Close an emergency case with its review."""

    def cases(self) -> list[EmergencyCase]:
        """List emergency cases, open ones first."""
