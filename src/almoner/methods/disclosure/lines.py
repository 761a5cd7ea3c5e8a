"""Works out which sets on one line add up to which: the only place where sums between releases come from.

A line holds the figures that agree in everything but one dimension. There each figure is a set of atoms, and sets
that overlap, nest or tile one another give sums. Where two sets overlap in part, their common piece and their
remainders become unpublished figures of their own (blocks): ward ∩ new ward, year to date less the year to last month.
All sums that hold among the sets of a line follow from those given here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np

from almoner.methods.disclosure.sums import FloatArray, IndexArray


@dataclass(frozen=True)
class Split:
    """The sums on a line, over its sets in the order given, then the blocks.

    starts, places, signs: compressed rows; signs +1 for the total, −1 for a part.
    """

    blocks: tuple[int, ...]
    starts: IndexArray
    places: IndexArray
    signs: FloatArray


def split_line(masks: Sequence[int], families: Sequence[frozenset[str]], finer: Sequence[int] = ()) -> Split:
    """Give every sum among different sets, as few and as short as will do.

    In: masks: the sets, each different; families: the lists that each set belongs to; finer: other sets, which cut the
        blocks without lying on the line.
    """
    places = {mask: place for place, mask in enumerate(masks)}
    union = reduce(or_, masks, 0)
    smallest = blocks_of([*masks, *(mask & union for mask in finer if mask & union)])
    atoms = set(smallest)
    ascending = sorted(masks, key=int.bit_count)
    lists: dict[str, list[int]] = {}
    for mask, names in zip(masks, families, strict=True):
        for name in sorted(names):
            lists.setdefault(name, []).append(mask)
    rows: list[list[int]] = []
    for rank, total in enumerate(ascending):
        if total in atoms:
            continue
        rows += [
            [places[mask] for mask in (total, *parts)]
            for parts in _tilings(total, ascending[:rank], lists, smallest, places)
        ]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.intp)
    signs = np.full(starts[-1], -1.0)
    signs[starts[:-1]] = 1.0
    blocks = tuple(mask for mask in places if places[mask] >= len(masks))
    return Split(blocks, starts, np.array([place for row in rows for place in row], dtype=np.intp), signs)


def _tilings(
    total: int, smaller: Sequence[int], lists: dict[str, list[int]], smallest: Sequence[int], places: dict[int, int]
) -> list[list[int]]:
    """Give the ways to put a set together: from each list that tiles it, and the largest pieces first."""
    tilings = []
    for members in lists.values():
        parts, left = _cover(total, [mask for mask in members if mask != total])
        if not left and len(parts) > 1:
            tilings.append(parts)
    parts, left = _cover(total, reversed(smaller))
    if left and tilings:
        return tilings
    for block in smallest:
        if block & left:
            places.setdefault(block, len(places))
            parts.append(block)
    if parts not in tilings:
        tilings.append(parts)
    return tilings


def _cover(total: int, candidates: Iterable[int]) -> tuple[list[int], int]:
    """Fill a set with candidates that do not overlap; give them and what is left."""
    parts, left = [], total
    for mask in candidates:
        if not mask & ~left:
            parts.append(mask)
            left ^= mask
            if not left:
                break
    return parts, left


def blocks_of(masks: Sequence[int]) -> list[int]:
    """Cut the union of sets into the pieces that they tell apart."""
    union = 0
    for mask in masks:
        union |= mask
    blocks = [union]
    for mask in masks:
        cut = []
        for block in blocks:
            inside = block & mask
            if inside and inside != block:
                cut += [inside, block ^ inside]
            else:
                cut.append(block)
        blocks = cut
    return blocks
