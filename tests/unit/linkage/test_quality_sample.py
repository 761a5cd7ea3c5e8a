"""The draw: how many of each stratum, which ones, and with which probability."""

from __future__ import annotations

import datetime as dt
from hashlib import md5
from random import Random

import pyarrow as pa
import pytest

from almoner.linkage.quality_reviews import EDGES, SAMPLED, quality_of_sample
from almoner.linkage.quality_sample import LEAST, Drawn, Stratum, allocated, draw, quotas

SIZES: dict[Stratum, int] = {(6, True): 50_000, (4, True): 800, (2, True): 30, (1, False): 900, (3, False): 3}


def lots(sizes: dict[Stratum, int], key: str) -> list[tuple[Stratum, str]]:
    """Give every pair of the strata with its lot."""
    return [(s, md5(f"{key}{s}{n}".encode()).hexdigest()) for s, pairs in sizes.items() for n in range(pairs)]


def drawn(sizes: dict[Stratum, int], size: int, key: str) -> list[tuple[Stratum, str, float]]:
    """Draw as the product does: only pairs below the cutoff are put in order."""
    quota = quotas(sizes, size)
    cutoff = {each.stratum: each.cutoff for each in quota}
    candidates = [(stratum, lot) for stratum, lot in lots(sizes, key) if lot < cutoff[stratum]]
    return [(*candidates[each.place], each.inclusion) for each in draw(quota, candidates)]


@pytest.mark.parametrize("size", [20, 100, 200, 1000, 60_000])
def test_a_sample_has_its_size_and_a_few_of_every_stratum(size: int) -> None:
    found = allocated(SIZES, size)
    assert sum(found.values()) == min(size, sum(SIZES.values()))
    for stratum, pairs in SIZES.items():
        assert min(pairs, LEAST, size // len(SIZES)) <= found[stratum] <= pairs


def test_doubtful_pairs_are_drawn_more_often_than_sure_ones() -> None:
    found = allocated({(6, True): 1000, (1, False): 1000}, 100)
    assert found[1, False] > 3 * found[6, True] > 0


def test_no_pairs_no_sample() -> None:
    assert quotas({}, 100) == [] and quotas({(6, True): 0}, 100) == []


@pytest.mark.parametrize("size", [20, 200])
def test_each_pair_is_drawn_with_the_probability_that_it_says(size: int) -> None:
    sample = drawn(SIZES, size, "a")
    assert len(sample) == size
    for stratum, wanted in allocated(SIZES, size).items():
        of_it = [inclusion for each, _, inclusion in sample if each == stratum]
        assert of_it == [pytest.approx(wanted / SIZES[stratum])] * wanted
    assert sum(1 / inclusion for *_, inclusion in sample) == pytest.approx(sum(SIZES.values()))


def test_the_same_lots_give_the_same_sample_and_others_another() -> None:
    assert drawn(SIZES, 100, "a") == drawn(SIZES, 100, "a")
    ours, theirs = ({lot for _, lot, _ in drawn(SIZES, 100, key)} for key in "ab")
    assert not ours & theirs
    smaller, larger = ({lot for s, lot, _ in drawn({(6, True): 50_000}, size, "a")} for size in (50, 100))
    assert smaller < larger, "a larger sample of one run holds the smaller: what was answered still counts"


def test_a_cutoff_changes_nothing_about_what_is_drawn() -> None:
    quota, every = quotas(SIZES, 200), lots(SIZES, "c")
    without: list[Drawn] = draw(quota, every)
    assert [every[each.place][1] for each in without] == [lot for _, lot, _ in drawn(SIZES, 200, "c")]


def test_the_whole_from_draw_to_interval_covers_the_truth() -> None:
    sizes: dict[Stratum, int] = {(6, True): 4000, (4, True): 300, (1, False): 400}
    share, random = {(6, True): 0.99, (4, True): 0.9, (1, False): 0.3}, Random(5)
    same = {lot: random.random() < share[stratum] for stratum, lot in lots(sizes, "")}
    right = sum(same[lot] for stratum, lot in lots(sizes, "") if stratum[1])
    truth = (right / 4300, right / sum(same.values()))
    plain, hits = lots(sizes, ""), [0, 0]
    for trial in range(60):
        random.shuffle(plain)
        again = [(stratum, f"{place:032x}", lot) for place, (stratum, lot) in enumerate(plain)]
        quota = quotas(sizes, 200)
        chosen = draw(quota, [(stratum, lot) for stratum, lot, _ in again])
        rows = [
            {
                "probability": EDGES[again[each.place][0][0]], "linked": again[each.place][0][1],
                "inclusion": each.inclusion, "verdict": "same" if same[again[each.place][2]] else "different",
            }
            for each in chosen
        ]  # fmt: skip
        found = quality_of_sample(pa.Table.from_pylist(rows, SAMPLED), dt.date(2026, 1, 1 + trial % 28))
        assert found.precision is not None and found.recall is not None
        for place, estimate in enumerate((found.precision, found.recall)):
            hits[place] += estimate.low <= truth[place] <= estimate.high
    assert min(hits) >= 54, "a 95% interval covers nine times in ten at the least over 60 samples"
