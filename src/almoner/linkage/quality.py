"""Estimates how good a run's links are without anybody telling it the truth: precision and recall, with intervals.

From the numbers that both records of a pair hold, in two ways. *As linked*: how the run treats pairs whose numbers
agree or differ. Linkage used those numbers, so this is far too kind to the rest; it counts only for the pairs that it
is about. *Held out*: how a part of the records is joined when every number is blanked (quality_holdout), which stands
for the pairs that share no kind of number, each class of evidence in proportion to what was really joined.

Where people decided a random sample of pairs, quality_reviews estimates the same. No number leaves without its
interval, and nothing about anybody leaves at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from almoner.linkage.quality_holdout import try_without_numbers
from almoner.linkage.quality_intervals import Estimate, harmonic_mean, mean, proportion
from almoner.linkage.quality_pairs import (
    CLASSES,
    Key,
    Tally,
    lay_out_records,
    numbered_pairs,
    people_tried,
    tried_pairs,
    unnumbered_pairs,
)
from almoner.linkage.shapes import Decision, LinkOutcome, LinkSettings
from almoner.linkage.steps import open_engine

FEWEST_PEOPLE = 30
"""A class that is tried on fewer people borrows the result of all weak classes together, or of all classes."""

STRONG = frozenset({"own number", "birthday"})
"""The classes of which nearly all pairs are found; the others are weak."""

WHOLE = "all"

NOBODY_TRIED = pa.table(
    {
        name: pa.array([], pa.string() if name in ("dataset", "slot") else pa.int64())
        for name in ("dataset", "row_id", "slot", "right_pairs", "wrong_pairs", "missed_pairs")
    }
)


@dataclass(frozen=True)
class Quality:
    """Precision and recall of pairs in one group; None where nothing can tell.

    by: 'all', 'source', 'age', 'sex' or 'ethnic group'. below: which of the two lies wholly below that of everybody.
    """

    by: str
    name: str
    precision: Estimate | None
    recall: Estimate | None
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class NumberQuality:
    """What the numbers tell of one run.

    combined: all pairs, the best that can be said. as_linked: pairs that share a kind of number. held_out: the pairs of
    the part that was linked without numbers. classes: the same by what the two records give to go by.
    """

    as_of: dt.date | None
    combined: Quality
    as_linked: Quality
    held_out: Quality
    classes: tuple[Quality, ...] = ()
    groups: tuple[Quality, ...] = ()
    vouched_pairs: int = 0
    tried_mentions: int = 0


@dataclass(frozen=True)
class _Counts:
    linked: Mapping[Key, Tally]
    tried: Mapping[Key, Tally]
    unnumbered: Mapping[Key, int]


def measure_by_numbers(
    mentions: pa.Table,
    outcome: LinkOutcome,
    *,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    seed: int,
) -> NumberQuality:
    """Estimate precision and recall of a run from the numbers that both records of a pair hold.

    In: what the run was given, and what it gave. Out: estimates over all, by source, age and sex.
    Raises: ResourceExhausted when memory runs out.
    """
    with open_engine(settings) as engine:
        lay_out_records(engine, mentions, outcome.person_record, outcome.person)
        linked, unnumbered = numbered_pairs(engine), unnumbered_pairs(engine)
        size = try_without_numbers(engine, mentions, decisions, settings, outcome.model_json, seed)
        tried = tried_pairs(engine) if size else {}
    counts = _Counts(linked, tried, unnumbered)
    as_of = pc.max(mentions["as_of"]).as_py() if "as_of" in mentions.column_names else None
    combined = _combined(counts, WHOLE)
    names = sorted({who for who, _ in (*linked, *tried, *unnumbered)} - {WHOLE})
    return NumberQuality(
        as_of=as_of,
        combined=combined,
        as_linked=_one(linked.get((WHOLE, "")), WHOLE, WHOLE),
        held_out=_one(_sum(tried, WHOLE), WHOLE, WHOLE),
        classes=tuple(_one(tried.get((WHOLE, name)), "class", name) for name in CLASSES),
        groups=tuple(marked(_combined(counts, name), combined) for name in names),
        vouched_pairs=sum(_true(tally) for (who, _), tally in linked.items() if who == WHOLE) // 2,
        tried_mentions=size,
    )


def try_people(
    mentions: pa.Table,
    person_record: pa.Table,
    person: pa.Table,
    model_json: str,
    *,
    decisions: Sequence[Decision],
    settings: LinkSettings,
    seed: int,
    datasets: Collection[str],
) -> pa.Table:
    """Repeat the trial of a run, and give how each tested person fared.

    In: what the run was given, and the spine and model that it gave. Out: as `quality_pairs.people_tried`.
    """
    with open_engine(settings) as engine:
        lay_out_records(engine, mentions, person_record, person)
        if not try_without_numbers(engine, mentions, decisions, settings, model_json, seed):
            return NOBODY_TRIED
        return people_tried(engine, datasets)


def of_tally(tally: Tally, by: str, name: str) -> Quality:
    """Give precision and recall of pairs that were counted; None where there is nothing to divide by."""
    return _one(tally, by, name)


def marked(group: Quality, everybody: Quality) -> Quality:
    """Note in which respect a group's whole interval lies below the estimate for everybody."""
    low = []
    for name in ("precision", "recall"):
        ours, theirs = getattr(group, name), getattr(everybody, name)
        if ours is not None and theirs is not None and ours.high < theirs.value:
            low.append(name)
    return Quality(group.by, group.name, group.precision, group.recall, tuple(low))


def _combined(counts: _Counts, who: str) -> Quality:
    """Put together what vouches for itself and what the trial stands for, in proportion to what was joined.

    precision = right ÷ joined; recall = right ÷ (right ÷ share found), summed over the classes.
    """
    by, _, name = who.partition(":")
    linked = counts.linked.get((who, ""))
    weak = _sum({key: tally for key, tally in counts.tried.items() if key[1] not in STRONG}, who)
    pooled = _sum(counts.tried, who)
    joined: list[tuple[float, Estimate]] = []
    found: list[tuple[float, Estimate]] = []
    if linked is not None:
        direct = _one(linked, by, name)
        if direct.precision is not None:
            joined.append((linked.right + linked.wrong, direct.precision))
        if direct.recall is not None and linked.right:
            found.append((linked.right, direct.recall))
    for of_class in CLASSES:
        pairs = counts.unnumbered.get((who, of_class), 0)
        tally = counts.tried.get((who, of_class))
        candidates = (tally, pooled) if of_class in STRONG else (tally, weak, pooled)
        tried = _one(next((each for each in candidates if _enough(each)), pooled), by, name)
        if not pairs:
            continue
        if tried.precision is None or tried.recall is None or tried.recall.value == 0:
            return Quality(by, name or who, None, None)
        joined.append((pairs, tried.precision))
        found.append((pairs * tried.precision.value, tried.recall))
    precision = mean(joined) if joined else None
    recall = harmonic_mean(found) if sum(weight for weight, _ in found) > 0 else None
    return Quality(by, name or who, precision, recall)


def _one(tally: Tally | None, by: str, name: str) -> Quality:
    if tally is None:
        return Quality(by, name, None, None)
    joined, true = tally.right + tally.wrong, _true(tally)
    return Quality(
        by,
        name,
        proportion(tally.right, joined, tally.joined_people) if joined else None,
        proportion(tally.right, true, tally.true_people) if true else None,
    )


def _enough(tally: Tally | None) -> bool:
    return tally is not None and tally.true_people >= FEWEST_PEOPLE and tally.right > 0


def _true(tally: Tally) -> int:
    return tally.right + tally.missed


def _sum(tallies: Mapping[Key, Tally], who: str) -> Tally | None:
    """Add up a group's classes. Somebody with pairs of two classes counts once, as near as can be told."""
    ours = [tally for (group, _), tally in tallies.items() if group == who]
    if not ours:
        return None
    return Tally(
        sum(t.right for t in ours),
        sum(t.wrong for t in ours),
        sum(t.missed for t in ours),
        max(t.joined_people for t in ours),
        max(t.true_people for t in ours),
    )
