"""The acts by which people decide who is one and who is not: an answer about two records, a merge, an un-merge.

Each act is in the audit log, with its reason, before it is kept. An act that contradicts a verified number is kept and
says so. Must never let anybody settle a dispute that they are part of, or touch a sealed identity.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from almoner.governance.audit import AuditEvent
from almoner.governance.permit import Permit
from almoner.governance.ports import Answer, RecordKey, Verdict
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.linkage.identity import CROCKFORD
from almoner.wiring.reviewing import (
    OPEN_STATES,
    PEOPLE,
    PURPOSE,
    QUESTION_LENGTH,
    SURE,
    answered_meanwhile,
    answers_of,
    asked_questions,
    by_pair,
    identities,
    outcome_of,
    parse_record,
    people_of,
    question_id,
    run_read,
    settled_pairs,
)
from almoner.wiring.sampling import samples_of
from almoner.wiring.workspace import Workspace, utc_now

MOST_PAIRS = 1000
"""More pairs than this are not kept for one act."""


@dataclass(frozen=True)
class Decided:
    """What came of an answer: the pairs it is about, what now stands, and what the person should know."""

    act: str
    verdict: str
    pairs: int
    state: str
    warnings: tuple[str, ...]


def decide(
    workspace: Workspace, names: tuple[str, ...], verdict: Verdict, reason: str, *, only_waiting: bool = False
) -> Decided:
    """Keep the actor's answer about a question of the queue, or about two records.

    In: only_waiting: keep it only where the question still waits for the actor, who answers what they were shown.
    Raises: AccessRefused, Busy where it waits no more, NotFound where there is no such question or record, UsageError.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    keeper = answers_of(workspace)
    left, right = _named(workspace, permit, names)
    people = people_of(workspace, permit, [left, right])
    if len(people) < len({left, right}) or left == right:
        raise NotFound(
            "There is no such pair of records.", todo="Write them as SOURCE/DATASET/RECORD: see links export."
        )
    pair = keeper.pair_of(left, right)
    before = [each for each in keeper.answers() if each.pair == pair]
    if any(each.kind == "ruling" for each in before):
        raise UsageError(
            "Somebody has merged, un-merged or kept apart the people of these records.",
            why="That stands until somebody does the contrary.",
            todo="Use: almoner review merge, unmerge or apart.",
        )
    settled = outcome_of(workspace, pair, before)
    if only_waiting and (settled.state not in OPEN_STATES or workspace.actor in settled.by):
        workspace.note("review.late", outcome="refused", purpose=PURPOSE)
        raise answered_meanwhile()
    _refuse_sealed(workspace, permit, [left, right])
    warnings = _warnings(workspace, permit, verdict, *_sides(workspace, permit, verdict, left, right, people))
    act = _keep(workspace, permit, "answer", verdict, [(left, right)], reason, {p for p, _ in people.values()})
    outcome = outcome_of(workspace, pair, [each for each in keeper.answers() if each.pair == pair])
    # Whether a first answer awaits a second is not told: who knows which are checked takes care over those alone.
    shown = "disputed" if outcome.state == "disputed" else "kept"
    return Decided(act, verdict, 1, shown, warnings)


def _sides(
    workspace: Workspace,
    permit: Permit,
    verdict: Verdict,
    left: RecordKey,
    right: RecordKey,
    people: Mapping[RecordKey, tuple[str, int]],
) -> tuple[list[RecordKey], list[RecordKey]]:
    """Give the records that a verdict brings together, or parts: all of two people's, or just the two."""
    one, other = people[left][0], people[right][0]
    if verdict != "same" or one == other:
        return [left], [right]
    records = _records_of(workspace, permit, [one, other])
    return records[one], records[other]


def merge(workspace: Workspace, one: str, other: str, reason: str) -> Decided:
    """Rule that two people are one. Raises: AccessRefused, NotFound, UsageError."""
    return _rule_on_people(workspace, one, other, "same", reason)


def keep_apart(workspace: Workspace, one: str, other: str, reason: str) -> Decided:
    """Rule that two people are not the same, however alike. Raises: AccessRefused, NotFound, UsageError."""
    return _rule_on_people(workspace, one, other, "different", reason)


def unmerge(workspace: Workspace, person: str, named: Sequence[str], reason: str) -> Decided:
    """Rule that some records are not this person's. Raises: AccessRefused, NotFound, UsageError."""
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    theirs = _records_of(workspace, permit, [person])[person]
    out = [parse_record(text) for text in dict.fromkeys(named)]
    missing = [record for record in out if record not in theirs]
    if missing or not out:
        raise NotFound(
            f"{len(missing)} of the records are not this person's." if out else "No record is named.",
            todo=f"See them: almoner explain {person} --reason …",
        )
    rest = [record for record in theirs if record not in set(out)]
    if not rest:
        raise UsageError("These are all the records of this person.", todo="Name those that are somebody else's.")
    pairs = _across(out, rest)
    _refuse_own_dispute(workspace, pairs)
    warnings = _warnings(workspace, permit, "different", out, rest)
    act = _keep(workspace, permit, "ruling", "different", pairs, reason, {person}, action="review.unmerge")
    return Decided(act, "different", len(pairs), "kept", warnings)


def _rule_on_people(
    workspace: Workspace, one: str, other: str, verdict: Literal["same", "different"], reason: str
) -> Decided:
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    if one == other:
        raise UsageError("That is one person id, twice.", todo="Name two people.")
    records = _records_of(workspace, permit, [one, other])
    every = [(left, right) for left in records[one] for right in records[other]]
    _refuse_own_dispute(workspace, every)
    _refuse_sealed(workspace, permit, [*records[one], *records[other]])
    warnings = _warnings(workspace, permit, verdict, records[one], records[other])
    pairs = _across(records[one], records[other])
    if verdict == "same":
        sure = _records_of(workspace, permit, [one, other], sure_only=True)
        pairs = _crossed(sure.get(one) or records[one], sure.get(other) or records[other])
    action = "review.merge" if verdict == "same" else "review.apart"
    act = _keep(workspace, permit, "ruling", verdict, pairs, reason, {one, other}, action=action)
    return Decided(act, verdict, len(pairs), "kept", warnings)


def _across(ours: Sequence[RecordKey], theirs: Sequence[RecordKey]) -> list[tuple[RecordKey, RecordKey]]:
    """Pair each record of one side with each of the other; of two large sides, each with the other's first."""
    if len(ours) * len(theirs) <= MOST_PAIRS:
        return [(one, other) for one in ours for other in theirs]
    return _crossed(ours, theirs)


def _crossed(ours: Sequence[RecordKey], theirs: Sequence[RecordKey]) -> list[tuple[RecordKey, RecordKey]]:
    """Pair each record of one side with the other's first: all hang together, and should one of them be deleted at its
    source, those of the other side still do."""
    return [*((one, theirs[0]) for one in ours), *((ours[0], other) for other in theirs[1:])]


def _keep(
    workspace: Workspace,
    permit: Permit,
    kind: Literal["answer", "ruling"],
    verdict: Verdict,
    pairs: Sequence[tuple[RecordKey, RecordKey]],
    reason: str,
    people: Iterable[str],
    *,
    action: str = "review.decide",
) -> str:
    """Write the audit event, then keep the answers. Out: the act's name."""
    keeper = answers_of(workspace)
    now = utc_now()
    act = "D" + "".join(secrets.choice(CROCKFORD) for _ in range(QUESTION_LENGTH))
    event = AuditEvent(
        at=now,
        actor=workspace.actor,
        action=action,
        outcome="allowed",
        purpose=PURPOSE,
        permit_id=permit.id,
        form=permit.form,
        scope=permit.scope,
        detail={"act": act, "verdict": verdict, "pairs": len(pairs)},
    )
    workspace.audit.append(event, subjects=tuple(sorted(people)), reason=reason)
    keeper.keep(
        [
            Answer(act, keeper.pair_of(left, right), left, right, verdict, kind, workspace.actor, reason.strip(), now)
            for left, right in pairs
        ]
    )
    return act


def _refuse_own_dispute(workspace: Workspace, pairs: Iterable[tuple[RecordKey, RecordKey]]) -> None:
    """Refuse to rule in a dispute to whoever is part of it. Raises: AccessRefused."""
    answered = by_pair(answers_of(workspace).answers())
    disputed = {
        frozenset((answered[pair][0].left, answered[pair][0].right))
        for pair, outcome in settled_pairs(workspace, answered).items()
        if outcome.state == "disputed" and workspace.actor in outcome.by
    }
    if disputed and any(frozenset(pair) in disputed for pair in pairs):
        workspace.note("refused.review", outcome="refused", purpose=PURPOSE)
        raise AccessRefused(
            "You and a colleague disagree about these records.",
            why="A third person decides where two disagree.",
            todo="Ask somebody else who joins records.",
        )


def _refuse_sealed(workspace: Workspace, permit: Permit, records: Sequence[RecordKey]) -> None:
    if any(row["sealed"] for row in identities(workspace, permit, records).values()):
        workspace.note("refused.review", outcome="refused", purpose=PURPOSE)
        raise AccessRefused(
            "One of these records is never joined to another.",
            why="Its identity is sealed.",
            todo="Whoever keeps the source decides about it.",
        )


_VERIFIED = {"nhs_number": "NHS number", "nino": "National Insurance number", "upn": "pupil number"}


def _warnings(
    workspace: Workspace, permit: Permit, verdict: Verdict, left: Sequence[RecordKey], right: Sequence[RecordKey]
) -> tuple[str, ...]:
    """Say where a verdict contradicts a verified number. It stands all the same: numbers are mistyped too."""
    if verdict == "unsure":
        return ()
    said = identities(workspace, permit, [*left, *right])
    found = []
    for column, title in _VERIFIED.items():
        ours, theirs = ({said[r][column] for r in side if r in said} - {None} for side in (left, right))
        if not ours or not theirs:
            continue
        if verdict == "same" and not ours & theirs:
            found.append(
                f"The two bear different verified numbers ({title}). The decision stands, and overrides them; to keep "
                "all records of both people together, use: almoner review merge."
            )
        if verdict == "different" and ours & theirs:
            found.append(f"The two bear the same verified number ({title}). The decision stands, and keeps them apart.")
    return tuple(found)


def _named(workspace: Workspace, permit: Permit, names: tuple[str, ...]) -> tuple[RecordKey, RecordKey]:
    if len(names) == 2:
        left, right = sorted(parse_record(name) for name in names)
        return left, right
    if len(names) != 1:
        raise UsageError("Name a question, or two records.", todo="almoner review decide QUESTION same --reason '…'")
    keeper = answers_of(workspace)
    for question in asked_questions(workspace, permit, keeper):
        if question_id(question.pair) == names[0]:
            return question.left, question.right
    for answer in keeper.answers():
        if question_id(answer.pair) == names[0]:
            return answer.left, answer.right
    for drawn in samples_of(workspace).latest():
        if question_id(drawn.pair) == names[0]:
            return drawn.left, drawn.right
    raise NotFound("There is no such question.", todo="See: almoner review next")


def _records_of(
    workspace: Workspace, permit: Permit, people: Sequence[str], *, sure_only: bool = False
) -> dict[str, list[RecordKey]]:
    """Give the records of people, in their fixed order; if asked, without those that came in on thin evidence: who
    merges two people does not vouch for these. Raises: NotFound."""
    given = ", ".join(f"'{person}'" for person in people if person.isalnum()) or "''"
    sure = f" AND coalesce(match_probability, 1) >= {SURE}" if sure_only else ""
    sql = f"SELECT dataset, record_id, person_id FROM {PEOPLE} WHERE person_id IN ({given}){sure} ORDER BY 1, 2"
    found: dict[str, list[RecordKey]] = defaultdict(list)
    for row in run_read(workspace, permit, "records_of_people", sql, ["spine.person_record"]):
        found[row["person_id"]].append((row["dataset"], row["record_id"]))
    if set(found) != set(people) and not sure_only:
        raise NotFound("There is no such person.", todo="Look them up: almoner find NAME.")
    return dict(found)
