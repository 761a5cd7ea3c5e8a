"""The random sample by which links are judged: drawn through the gate, asked blind, answered like any other question.

A sample is of pairs of records: those that are one person's now, and those of two people of whom it was asked whether
they are one. Its answers are decisions like others; how the pairs stood when they were drawn is kept with them, sealed.
Must never show whoever is asked whether a pair was joined, nor how likely it is.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from almoner.governance.permit import Permit
from almoner.governance.ports import RecordKey, SampledPair, Samples
from almoner.kernel.errors import NotFound
from almoner.kernel.steps import Step
from almoner.linkage.identity import CROCKFORD
from almoner.linkage.quality_reviews import EDGES, SAMPLED, ReviewQuality, quality_of_sample
from almoner.linkage.quality_sample import Drawn, Quota, Stratum, draw, quotas
from almoner.wiring.reviewing import (
    OPEN_STATES,
    PEOPLE,
    PURPOSE,
    answers_of,
    by_pair,
    identities,
    people_of,
    settled_pairs,
)
from almoner.wiring.workspace import Workspace, utc_now

READS = ("spine.person_record", "spine.review")
NAME_LENGTH = 10


@dataclass(frozen=True)
class SampleDrawn:
    """What came of a draw: its name, its pairs by stratum, and whether it had been drawn before."""

    name: str
    pairs: int
    strata: tuple[Quota, ...]
    drawn_before: bool


@dataclass(frozen=True)
class BlindQuestion:
    """Two sampled records and what they say, and nothing else of them."""

    pair: str
    left: RecordKey
    right: RecordKey
    said: tuple[dict[str, Any], dict[str, Any]]


def samples_of(workspace: Workspace) -> Samples:
    """Open the samples of a workspace with its key."""
    _ = workspace.records  # makes the records ready
    from almoner.records.samples import OrmSamples

    return OrmSamples(workspace.ring.derived("review.sample.records"))


# ── the draw ─────────────────────────────────────────────────────────────────────────────────────────────────────


def draw_sample(workspace: Workspace, size: int, reason: str) -> SampleDrawn:
    """Draw a sample of the last run's pairs; the same one whenever it is asked for again.

    Raises: AccessRefused; NotFound where nothing was joined, or there is no pair.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    spine = workspace.lake.catalogue.spine()
    if spine is None:
        raise NotFound("The records were never joined.", todo="Run: almoner link")
    lot = hmac.new(workspace.ring.derived("review.sample.lot"), str(spine.number).encode(), "sha256")
    strata = tuple(quotas(_sizes(workspace, permit), size))
    if not strata:
        raise NotFound("There is no pair of records to draw from.", why="Nobody has two records, and nothing is asked.")
    name = _name(lot.hexdigest(), size)
    keeper = samples_of(workspace)
    latest = keeper.latest()
    if latest and latest[0].draw == name:
        return SampleDrawn(name, len(latest), strata, drawn_before=True)
    rows = _candidates(workspace, permit, strata, lot.hexdigest())
    drawn = draw(strata, [((row["band"], row["linked"]), row["lot"]) for row in rows])
    workspace.note("review.sample", purpose=PURPOSE, sample=name, pairs=len(drawn), size=size)
    keeper.keep(_sampled(workspace, name, rows, drawn))
    return SampleDrawn(name, len(drawn), strata, drawn_before=False)


def _name(lot: str, size: int) -> str:
    """Name a draw by what decides it: the run and the size, under the workspace's key."""
    number = int(hmac.new(bytes.fromhex(lot), str(size).encode(), "sha256").hexdigest()[:16], 16)
    return "S" + "".join(CROCKFORD[number >> (5 * place) & 31] for place in range(NAME_LENGTH))


def _sampled(
    workspace: Workspace, name: str, rows: Sequence[Mapping[str, Any]], drawn: Sequence[Drawn]
) -> list[SampledPair]:
    pair_of, now, found = answers_of(workspace).pair_of, utc_now(), []
    for each in drawn:
        row = rows[each.place]
        ends = (row["left_dataset"], row["left_record_id"]), (row["right_dataset"], row["right_record_id"])
        left, right = sorted(ends)  # else their order would tell from which part of the frame they are
        found.append(
            SampledPair(name, pair_of(left, right), left, right, row["probability"], row["linked"], each.inclusion, now)
        )
    return found


_BAND = "CASE " + " ".join(
    f"WHEN probability >= {edge} THEN {band}" for band, edge in reversed(list(enumerate(EDGES[:-1])))
)
_FRAME = f"""
    WITH who AS (
        SELECT dataset, record_id, person_id, coalesce(match_probability, 1.0) AS probability FROM {PEOPLE}
    ), asked AS (
        SELECT least(a.person_id, b.person_id) AS one, greatest(a.person_id, b.person_id) AS other,
               max(r.match_probability) AS probability
        FROM "spine.review" r
        JOIN who a ON a.dataset = r.left_dataset AND a.record_id = r.left_record_id
        JOIN who b ON b.dataset = r.right_dataset AND b.record_id = r.right_record_id
        WHERE a.person_id <> b.person_id
        GROUP BY 1, 2
    ), pairs AS (
        SELECT a.dataset AS left_dataset, a.record_id AS left_record_id,
               b.dataset AS right_dataset, b.record_id AS right_record_id,
               least(a.probability, b.probability) AS probability, true AS linked
        FROM who a JOIN who b ON a.person_id = b.person_id
             AND (a.dataset < b.dataset OR (a.dataset = b.dataset AND a.record_id < b.record_id))
        UNION ALL
        SELECT a.dataset, a.record_id, b.dataset, b.record_id, q.probability, false
        FROM asked q JOIN who a ON a.person_id = q.one JOIN who b ON b.person_id = q.other
    ), frame AS (SELECT *, {_BAND} ELSE 0 END AS band FROM pairs)
"""
"""Every pair that may be drawn. A pair of one person is as sure as the less sure of its two records; the records of two
people of whom it was asked are as likely the same person's as the question says."""


def _sizes(workspace: Workspace, permit: Permit) -> dict[Stratum, int]:
    sql = f"{_FRAME} SELECT band, linked, count(*) AS n FROM frame GROUP BY band, linked"
    rows = workspace.gate.run(permit, [Step("sizes_of_strata", "", sql, ())], dict.fromkeys(READS, ())).rows()
    return {(row["band"], row["linked"]): row["n"] for row in rows}


def _candidates(workspace: Workspace, permit: Permit, strata: Sequence[Quota], lot: str) -> list[dict[str, Any]]:
    """Read the pairs with low lots: a keyed digest, so that nobody without the key can foretell what is drawn."""
    sql = f"""{_FRAME}, lots AS (
        SELECT *, md5('{lot}' || '|' || left_dataset || '|' || left_record_id || '|' || right_dataset || '|'
                      || right_record_id) AS lot
        FROM frame
    ) SELECT lots.* FROM lots JOIN quota q ON q.band = lots.band AND q.linked = lots.linked WHERE lots.lot < q.cutoff"""
    quota = pa.table(
        {
            "band": pa.array([each.stratum[0] for each in strata], pa.int32()),
            "linked": pa.array([each.stratum[1] for each in strata], pa.bool_()),
            "cutoff": pa.array([each.cutoff for each in strata], pa.string()),
        }
    )
    step = Step("sample_of_pairs", "", sql, ())
    return workspace.gate.run(permit, [step], dict.fromkeys(READS, ()), given={"quota": quota}).rows()


# ── the questions ────────────────────────────────────────────────────────────────────────────────────────────────


def blind_questions(workspace: Workspace, count: int, reason: str) -> tuple[int, list[BlindQuestion]]:
    """Give the next sampled pairs that the actor is asked about, and how many wait in all; audited.

    A pair whose record is gone, or sealed by now, is not asked. Raises: AccessRefused; NotFound where none was drawn.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    sample = samples_of(workspace).latest()
    workspace.gate.check_in_force(permit)
    if not sample:
        raise NotFound("No sample was drawn.", todo="Run: almoner review sample")
    answered = by_pair(answers_of(workspace).answers())
    settled = settled_pairs(workspace, answered)
    waiting = [
        each for each in sample
        if each.pair not in settled
        or (settled[each.pair].state in OPEN_STATES and workspace.actor not in settled[each.pair].by)
    ]  # fmt: skip
    if not waiting:
        return 0, []
    people = people_of(workspace, permit, _records_of(waiting))
    held = [each for each in waiting if {each.left, each.right} <= people.keys()]
    shown: list[SampledPair] = []
    said: dict[RecordKey, dict[str, Any]] = {}
    looked_at = 0
    while len(shown) < count and looked_at < len(held):  # nobody's identity is read who is not going to be shown
        lot = held[looked_at : looked_at + count - len(shown)]
        looked_at += len(lot)
        rows = identities(workspace, permit, _records_of(lot))
        said |= {record: row for record, row in rows.items() if not row["sealed"]}
        shown += [each for each in lot if {each.left, each.right} <= said.keys()]
    subjects = {people[record][0] for each in shown for record in (each.left, each.right)}
    workspace.note("review.next", purpose=PURPOSE, subjects=sorted(subjects), pairs=len(shown))
    return len(shown) + len(held) - looked_at, [
        BlindQuestion(each.pair, each.left, each.right, (said[each.left], said[each.right])) for each in shown
    ]


def _records_of(pairs: Sequence[SampledPair]) -> list[RecordKey]:
    return [record for each in pairs for record in (each.left, each.right)]


# ── what it tells ────────────────────────────────────────────────────────────────────────────────────────────────


def reviewed_quality(workspace: Workspace) -> ReviewQuality | None:
    """Estimate precision and recall from what stands about the latest sample; None where none was drawn."""
    sample = samples_of(workspace).latest()
    if not sample:
        return None
    answered = by_pair(answers_of(workspace).answers())
    wanted = {each.pair for each in sample} & answered.keys()
    settled = settled_pairs(workspace, {pair: answered[pair] for pair in wanted})
    rows = [
        {
            "probability": each.probability, "linked": each.linked, "inclusion": each.inclusion,
            "verdict": settled[each.pair].verdict if each.pair in settled else None,
        }
        for each in sample
    ]  # fmt: skip
    return quality_of_sample(pa.Table.from_pylist(rows, SAMPLED), sample[0].drawn_at.date())
