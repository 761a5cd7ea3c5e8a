"""Which decisions stand: settles what several people answered about two records, and what contradicts what.

The newest stands. A merge and a later un-merge of one of its records can't both hold; linkage is given only what
holds together. Nothing here reads or keeps anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from almoner.linkage.shapes import Decision, RecordKey

Verdict = Literal["same", "different", "unsure"]
State = Literal["open", "second", "disputed", "unsure", "decided"]
"""open: nobody has answered. second: another person shall answer as well. disputed: two disagree, a third decides.
unsure: two could not tell. decided: settled."""

ENOUGH_UNSURE = 2
"""So many people who can't tell are enough: nobody else is asked."""


@dataclass(frozen=True)
class Said:
    """One person's answer about a pair, or a ruling that ends what was answered before."""

    actor: str
    verdict: Verdict
    at: datetime
    ruling: bool = False


@dataclass(frozen=True)
class Settled:
    """What the answers about a pair come to: the state, what stands (None: nothing), since when, who answered."""

    state: State
    verdict: Literal["same", "different"] | None
    at: datetime | None
    by: frozenset[str]


def settle(said: Sequence[Said], second_wanted: bool) -> Settled:
    """Settle the answers about one pair, oldest first.

    A ruling stands until the next one, whatever was answered. Of each person the last answer counts. A first answer
    stands until a second disagrees; then nothing stands until a third person has answered.
    """
    ruling = next((each for each in reversed(said) if each.ruling), None)
    if ruling is not None and ruling.verdict != "unsure":
        return Settled("decided", ruling.verdict, ruling.at, frozenset((ruling.actor,)))
    return _weighed(said, second_wanted)


def _weighed(said: Sequence[Said], second_wanted: bool) -> Settled:
    last = {each.actor: each for each in said}
    by = frozenset(last)
    opinions = [each for each in last.values() if each.verdict != "unsure"]
    at = max((each.at for each in opinions), default=None)
    same = sum(each.verdict == "same" for each in opinions)
    different = len(opinions) - same
    if not opinions:
        state: State = "open" if not last else "second" if len(last) < ENOUGH_UNSURE else "unsure"
        return Settled(state, None, None, by)
    if same == different:
        return Settled("disputed", None, at, by)
    stands: Literal["same", "different"] = "same" if same > different else "different"
    return Settled("second" if second_wanted and len(last) == 1 else "decided", stands, at, by)


@dataclass(frozen=True)
class Standing:
    """The decisions that hold together, and how many were set aside by newer ones."""

    decisions: tuple[Decision, ...]
    superseded: int


def standing(settled: Sequence[tuple[datetime, Decision]]) -> Standing:
    """Keep of the decisions those that hold together: of two that contradict each other, at first or second hand, the
    newer. In: (when, decision), in any order."""
    groups = _Groups()
    kept = []
    order = sorted(settled, key=lambda each: (each[0], each[1].left, each[1].right), reverse=True)
    for _, decision in order:
        if groups.take(decision):
            kept.append(decision)
    return Standing(tuple(sorted(kept, key=lambda each: (each.left, each.right))), len(order) - len(kept))


class _Groups:
    """Records that are decided to be one, and which of these groups are decided to be apart."""

    def __init__(self) -> None:
        self._parent: dict[RecordKey, RecordKey] = {}
        self._apart: dict[RecordKey, set[RecordKey]] = {}

    def take(self, decision: Decision) -> bool:
        """Take a decision unless it contradicts those taken; say whether it was taken."""
        one, other = self._root(decision.left), self._root(decision.right)
        if decision.verdict == "different":
            if one == other:
                return False
            self._apart.setdefault(one, set()).add(other)
            self._apart.setdefault(other, set()).add(one)
            return True
        if other in self._apart.get(one, ()):
            return False
        if one != other:
            self._join(one, other)
        return True

    def _root(self, record: RecordKey) -> RecordKey:
        while (parent := self._parent.get(record, record)) != record:
            self._parent[record] = self._parent.get(parent, parent)
            record = parent
        return record

    def _join(self, one: RecordKey, other: RecordKey) -> None:
        self._parent[other] = one
        for enemy in self._apart.pop(other, set()):
            self._apart[enemy].discard(other)
            self._apart[enemy].add(one)
            self._apart.setdefault(one, set()).add(enemy)
