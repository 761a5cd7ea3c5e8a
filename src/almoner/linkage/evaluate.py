"""Measures a partition of records against the truth, where there is one: pairs and B-cubed, and where errors
lie.

Pure counting over labels. Nothing here may decide a link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """How well found groups agree with true ones. Precision is 1 where nothing was joined."""

    precision: float
    recall: float
    f1: float
    true_pairs: int
    found_pairs: int
    right_pairs: int


def pairwise(found: Mapping[Hashable, Hashable], truth: Mapping[Hashable, Hashable]) -> Quality:
    """Compare pairs: of those joined, how many are true; of those true, how many were joined.

    In: record to group, and record to true person. Records without a truth are left out.
    """
    records = [record for record in found if record in truth]
    right = _pairs(Counter((found[record], truth[record]) for record in records))
    joined = _pairs(Counter(found[record] for record in records))
    true = _pairs(Counter(truth[record] for record in records))
    return _quality(right, joined, true)


def b_cubed(found: Mapping[Hashable, Hashable], truth: Mapping[Hashable, Hashable]) -> Quality:
    """Compare record by record: how much of each record's group is truly its person's, and the other way
    round.

    Unlike pairs, a person with many records counts no more than in proportion.
    Source: Bagga and Baldwin 1998.
    """
    records = [record for record in found if record in truth]
    both = Counter((found[record], truth[record]) for record in records)
    ours = Counter(found[record] for record in records)
    theirs = Counter(truth[record] for record in records)
    if not records:
        return _quality(0, 0, 0)
    precision = sum(n * n / ours[group] for (group, _), n in both.items()) / len(records)
    recall = sum(n * n / theirs[person] for (_, person), n in both.items()) / len(records)
    pairs = pairwise(found, truth)
    return Quality(precision, recall, _f1(precision, recall), pairs.true_pairs, pairs.found_pairs, pairs.right_pairs)


def _quality(right: int, joined: int, true: int) -> Quality:
    precision = right / joined if joined else 1.0
    recall = right / true if true else 1.0
    return Quality(precision, recall, _f1(precision, recall), true, joined, right)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(sizes: Counter[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())
