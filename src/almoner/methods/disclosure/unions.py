"""Finds what known figures on one line give away together that no two of them do.

Three areas that overlap in turn (A with B, B with C, C with D) give A with D, which is none of them and no piece of
any. Whoever adds and subtracts known figures can reach each set that is a combination of theirs: those that hold a few
people have to be watched like any small piece, before anybody asks about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from almoner.methods.disclosure.entanglement import Entanglement
from almoner.methods.disclosure.grid import Line
from almoner.methods.disclosure.ledger import Cells, Space
from almoner.methods.disclosure.lines import blocks_of
from almoner.methods.disclosure.primary import SmallNumberRule
from almoner.methods.disclosure.sums import TOLERANCE, FloatArray, propagate

Place = tuple[int, ...]

MOST_TOGETHER = 12
"""Of so many combinations that hang together all subsets are tried (4,096), of more those of up to `_FEW`."""

_FEW = 3
_NOTHING = 1e-7


@dataclass(frozen=True)
class Union:
    """A set that figures determine: how many it holds, and the sets that it is made of."""

    number: float
    made_of: tuple[Place, ...]


def small_unions(tied: Entanglement, cells: Cells, rule: SmallNumberRule) -> dict[Place, Union]:
    """Give the sets of few people that known figures of one line determine, and that nobody has stated.

    Looked at are the lines of whatever is tied, with every published figure on them, be it tied to anything or not.
    """
    low, high = propagate(tied.sums, tied.low, tied.high)
    lines: dict[Line, dict[Place, float]] = defaultdict(dict)
    for place, least, most in zip(tied.places, low.tolist(), high.tolist(), strict=True):
        for dimension in range(len(cells.space.nodes)):
            on_line = lines[dimension, cells.space.key_of(place, dimension)]
            if most - least <= TOLERANCE:
                on_line[place] = least
    known = cells.high - cells.low <= TOLERANCE
    found: dict[Place, Union] = {}
    for (dimension, key), figures in lines.items():
        members = cells.on_line(dimension, key)
        members = members[known[members]]
        if len(members) + len(figures) > 2:
            stated = zip(map(tuple, cells.located[members].tolist()), cells.low[members].tolist(), strict=True)
            found |= _small_on_line({**dict(stated), **figures}, dimension, cells.space, rule)
    return found


def _small_on_line(
    figures: Mapping[Place, float], dimension: int, space: Space, rule: SmallNumberRule
) -> dict[Place, Union]:
    """Give the small sets on one line. In: figures: the known counts."""
    nodes = space.nodes[dimension]
    ordered = sorted(figures, key=lambda place: nodes.masks[place[dimension]])
    masks, shares = determined(tuple(nodes.masks[place[dimension]] for place in ordered))
    totals = shares @ np.array([figures[place] for place in ordered])
    begin, end = ordered[0][:dimension], ordered[0][dimension + 1 :]
    return {
        (*begin, nodes.of_mask(mask), *end): Union(
            float(total), tuple(place for place, part in zip(ordered, share, strict=True) if part)
        )
        for mask, share, total in zip(masks, shares, totals, strict=True)
        if 1 - TOLERANCE < total < rule.largest_small + TOLERANCE
    }


@lru_cache(maxsize=8192)
def determined(masks: tuple[int, ...]) -> tuple[tuple[int, ...], FloatArray]:
    """Give the further sets that are combinations of some sets.

    In: the sets, each different. Out: the sets; sets × those given: how often each is added (less than 0: taken away).
        Of sets that come apart into others of them, mostly only the parts are given.
    """
    blocks = blocks_of(masks)
    inside = np.array([[bool(mask & block) for block in blocks] for mask in masks], dtype=np.float64)
    reduced, shares = _reduced(inside)
    tried = [reduced[:0]], [shares[:0]]
    for rows in _hanging_together(reduced):
        chosen = _choices(len(rows))
        sums = chosen @ reduced[rows]
        whole = np.all((np.abs(sums) < _NOTHING) | (np.abs(sums - 1) < _NOTHING), axis=1)
        tried[0].append(sums[whole])
        tried[1].append(chosen[whole] @ shares[rows])
    given, found, how = set(masks), [], []
    for row, share in zip(np.concatenate(tried[0]), np.concatenate(tried[1]), strict=True):
        mask = sum(blocks[place] for place in np.flatnonzero(row > 0.5))
        if mask not in given:
            found.append(mask)
            how.append(share)
    return tuple(found), np.array(how).reshape(len(found), len(masks))


def _reduced(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bring rows into reduced echelon form. Out: the rows that are left; what each is of those given."""
    count, columns = rows.shape
    both = np.hstack([rows, np.eye(count)])
    done = 0
    for column in range(columns):
        if done == count:
            break
        pivot = done + int(np.argmax(np.abs(both[done:, column])))
        if abs(both[pivot, column]) < _NOTHING:
            continue
        both[[done, pivot]] = both[[pivot, done]]
        both[done] /= both[done, column]
        others = np.arange(count) != done
        both[others] -= np.outer(both[others, column], both[done])
        done += 1
    return both[:done, :columns], both[:done, columns:]


def _hanging_together(reduced: FloatArray) -> list[list[int]]:
    """Group rows that share a column: a set that is made of rows of two groups comes apart into two."""
    group = np.arange(len(reduced))
    for column in np.flatnonzero((np.abs(reduced) > _NOTHING).sum(axis=0) > 1):
        sharing = np.flatnonzero(np.abs(reduced[:, column]) > _NOTHING)
        group[np.isin(group, group[sharing])] = group[sharing].min()
    return [np.flatnonzero(group == number).tolist() for number in np.unique(group)]


@lru_cache(maxsize=64)
def _choices(count: int) -> FloatArray:
    """Give the ways to choose some of a number of rows, of many rows only a few at a time."""
    most = count if count <= MOST_TOGETHER else _FEW
    chosen = [rows for size in range(1, most + 1) for rows in combinations(range(count), size)]
    result = np.zeros((len(chosen), count))
    for number, rows in enumerate(chosen):
        result[number, list(rows)] = 1.0
    return result
