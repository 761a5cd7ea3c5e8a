"""Draws a stratified random sample of pairs: how many of each stratum, which ones, each with its chance of being drawn.

Pure arithmetic over numbers of pairs: who is in them is for others. It must never choose by anything but the lot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, sqrt

from almoner.linkage.quality_reviews import EDGES

Stratum = tuple[int, bool]
"""The number of a band of match probability, and whether the two records are one person's now."""

LEAST = 5
"""So many pairs of each stratum at the least, where it has them: nothing is told of a stratum nobody looked at."""

DOUBT = 0.01
"""No band is taken to be surer than this: the model's own certainty is what the sample is to test."""

LOT_DIGITS = 8
"""Hexadecimal digits of a lot that the cutoff looks at."""


@dataclass(frozen=True)
class Quota:
    """What is drawn of a stratum: so many of its pairs, from those whose lot lies below the cutoff."""

    stratum: Stratum
    pairs: int
    wanted: int
    cutoff: str


@dataclass(frozen=True)
class Drawn:
    """A pair that was drawn: its place among those that were given, and the probability with which it was drawn."""

    place: int
    inclusion: float


def quotas(sizes: Mapping[Stratum, int], size: int) -> list[Quota]:
    """Say how many pairs of each stratum to draw, and below which lot they are surely found.

    In: the pairs of each stratum; how many to draw in all. The cutoff leaves at least as many as are wanted but for one
    chance in millions, so that only few pairs of many have to be put in order.
    """
    found = []
    for stratum, wanted in sorted(allocated(sizes, size).items()):
        pairs = sizes[stratum]
        share = (wanted + 6 * sqrt(wanted) + 20) / pairs
        cutoff = f"{floor(share * 16**LOT_DIGITS):0{LOT_DIGITS}x}" if share < 1 else "g"  # 'g': after every digit
        found.append(Quota(stratum, pairs, wanted, cutoff))
    return found


def allocated(sizes: Mapping[Stratum, int], size: int) -> dict[Stratum, int]:
    """Share a sample out: first a few of each stratum, the rest by how many pairs it has and how doubtful they are.

    In: the pairs of each stratum; how many to draw in all, which is exceeded only to draw one of each.
    Source: Neyman 1934, with the model's own probability for the unknown share.
    """
    open_ = {stratum: pairs for stratum, pairs in sizes.items() if pairs > 0}
    least = max(1, min(LEAST, size // max(len(open_), 1)))
    taken = {stratum: min(pairs, least) for stratum, pairs in open_.items()}
    spare = min(size, sum(open_.values())) - sum(taken.values())
    while spare > 0:
        weights = {s: pairs * _deviation(s[0]) for s, pairs in open_.items() if pairs > taken[s]}
        whole = sum(weights.values())
        before = spare
        for stratum, weight in weights.items():
            more = min(open_[stratum] - taken[stratum], floor(before * weight / whole))
            taken[stratum] += more
            spare -= more
        if spare == before:  # too few for a whole one each: the neediest have them
            for stratum in sorted(weights, key=lambda s: (-weights[s] / (taken[s] + 1), s))[:spare]:
                taken[stratum] += 1
                spare -= 1
    return taken


def draw(quota: Sequence[Quota], candidates: Sequence[tuple[Stratum, str]]) -> list[Drawn]:
    """Draw of each stratum the pairs with the lowest lots.

    In: quotas; (stratum, lot) of each pair whose lot lies below its stratum's cutoff. Out: in the order of the lots.
    """
    found: list[tuple[str, Drawn]] = []
    for each in quota:
        lots = sorted((lot, place) for place, (stratum, lot) in enumerate(candidates) if stratum == each.stratum)
        chosen = lots[: each.wanted]
        found += [(lot, Drawn(place, len(chosen) / each.pairs)) for lot, place in chosen]
    return [drawn for _, drawn in sorted(found, key=lambda pair: (pair[0], pair[1].place))]


def _deviation(band: int) -> float:
    middle = (EDGES[band] + EDGES[band + 1]) / 2
    share = min(max(middle, DOUBT), 1 - DOUBT)
    return sqrt(share * (1 - share))
