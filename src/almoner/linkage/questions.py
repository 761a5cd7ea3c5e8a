"""Which question a person should answer first: the one whose answer can be expected to change the most.

A question's value is the chance that its answer changes who is who, times the records that would then be somebody
else's. The records' own words are never seen here, only how likely the pair is and how many records hang on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from almoner.linkage.shapes import RecordKey

QuestionKind = Literal["apart", "joined"]

TORN = 0.5
"""The most that a weight says of a pair that a rival or a verified number speaks against: it might as well not be."""

UNSETTLED = "uncertain"
"""The reason of a pair that was refused for want of certainty alone."""


@dataclass(frozen=True)
class Question:
    """Two records of which it is uncertain whether they are one person's.

    kind: 'apart' they are two people now, 'joined' one, on thin evidence. reason: why linkage could not tell, in the
    words of the review table. left_records, right_records: how many records each of the two brings with it. pair: the
    keyed digest of the two.
    """

    pair: str
    left: RecordKey
    right: RecordKey
    kind: QuestionKind
    reason: str
    weight: float
    probability: float
    left_person: str
    right_person: str
    left_records: int = 1
    right_records: int = 1

    @property
    def value(self) -> float:
        """The records that an answer can be expected to move."""
        moved = min(self.left_records, self.right_records)
        return chance_of_change(self.kind, self.reason, self.probability) * moved

    @property
    def contradicted(self) -> str | None:
        """Name the fact or rival that speaks against the pair, if one does."""
        against = self.reason.partition(":")[0]
        return against if self.kind == "apart" and against != UNSETTLED else None


def chance_of_change(kind: QuestionKind, reason: str, probability: float) -> float:
    """Give the chance that an answer changes who is who: that those apart are one, or those joined are two."""
    if kind == "joined":
        return 1.0 - probability
    against = reason.partition(":")[0]
    return probability if against == UNSETTLED else min(probability, TORN)


def in_order(questions: Iterable[Question]) -> list[Question]:
    """Put questions in order, the most valuable first; each pair of records once."""
    first: dict[str, Question] = {}
    for question in questions:
        known = first.get(question.pair)
        if known is None or question.value > known.value:
            first[question.pair] = question
    return sorted(first.values(), key=lambda each: (-each.value, -each.weight, each.pair))
