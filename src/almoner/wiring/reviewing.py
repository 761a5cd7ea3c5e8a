"""The review of uncertain links: what to ask next, what was answered, what therefore stands.

Every read goes through the gate under the purpose 'matching'; every answer is in the audit log, with its reason,
before it is kept. Who gives a second answer never sees the first.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from almoner.governance.permit import Permit
from almoner.governance.ports import Answer, Answers, RecordKey
from almoner.intake.standardise.expressions import literal
from almoner.kernel.errors import Busy, NotFound, UsageError
from almoner.kernel.steps import Step
from almoner.linkage.deciding import Said, Settled, Standing, settle, standing
from almoner.linkage.identity import CROCKFORD
from almoner.linkage.questions import Question, in_order
from almoner.linkage.shapes import Decision, LinkSettings
from almoner.wiring.workspace import Workspace

PURPOSE = "matching"
OPEN_STATES = ("open", "second", "disputed")
QUESTION_LENGTH = 10
PEOPLE = '"spine.person_record"'


def answers_of(workspace: Workspace) -> Answers:
    """Open the answers of a workspace with its keys."""
    _ = workspace.records  # makes the records ready
    from almoner.records.answers import OrmAnswers

    return OrmAnswers(workspace.ring.derived("review.records"), workspace.ring.derived("review.pair"))


def standing_decisions(workspace: Workspace) -> Standing:
    """Give the decisions that hold together, for linkage."""
    answered = by_pair(answers_of(workspace).answers())
    settled = settled_pairs(workspace, answered)
    found = []
    for pair, outcome in settled.items():
        if outcome.verdict is not None and outcome.at is not None:
            left, right = sorted((answered[pair][0].left, answered[pair][0].right))
            found.append((outcome.at, Decision(left, right, outcome.verdict)))
    return standing(found)


def decisions_shown(workspace: Workspace) -> list[Decision]:
    """Give the decisions that stand, but for those that the actor may yet be asked about, blind."""
    keeper = answers_of(workspace)
    blind = {
        pair
        for pair, outcome in settled_pairs(workspace, by_pair(keeper.answers())).items()
        if outcome.state in OPEN_STATES and workspace.actor not in outcome.by
    }
    stands = standing_decisions(workspace).decisions
    return [each for each in stands if keeper.pair_of(each.left, each.right) not in blind]


def decisions_digest(workspace: Workspace, decisions: Sequence[Decision]) -> str:
    """Give a digest of decisions that names no record: another one means that people must be joined again."""
    pair_of = answers_of(workspace).pair_of
    lines = sorted(f"{pair_of(each.left, each.right)}|{each.verdict}" for each in decisions)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def question_id(pair: str) -> str:
    """Give the short name by which people call a pair: it says nothing of the records."""
    number = int(pair[:16], 16)
    return "Q" + "".join(CROCKFORD[number >> (5 * place) & 31] for place in range(QUESTION_LENGTH))


def answered_meanwhile() -> Busy:
    """Say that a question waits for this reviewer no more: it does not say what was answered, nor by whom."""
    return Busy(
        "This question does not wait for you any more.",
        why="You or a colleague have answered it meanwhile, or it was settled in another way.",
        todo="Take the next question.",
    )


# ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────


def questions_for(workspace: Workspace, permit: Permit) -> list[Question]:
    """List what the actor may be asked, the most valuable first: what nobody has settled, and the actor not answered.

    A pair that awaits a second answer stands among the others, and nothing tells it from them.
    """
    keeper = answers_of(workspace)
    answered = by_pair(keeper.answers())
    settled = settled_pairs(workspace, answered)
    asked = {
        question.pair: question for question in in_order(asked_questions(workspace, permit, keeper))
        if question.pair not in settled or settled[question.pair].state in OPEN_STATES
    }  # fmt: skip
    waiting = [
        (pair, answered[pair][0])
        for pair, outcome in settled.items()
        if outcome.state in OPEN_STATES and pair not in asked
    ]
    asked |= {question.pair: question for question in _no_longer_asked(workspace, permit, waiting)}
    mine = {pair for pair, outcome in settled.items() if workspace.actor in outcome.by}
    return in_order(question for pair, question in asked.items() if pair not in mine)


def waiting_questions(workspace: Workspace, reason: str) -> list[Question]:
    """List what waits for the actor, the most valuable first. Raises: AccessRefused."""
    workspace.require("link")
    return questions_for(workspace, workspace.permits.standing(workspace.actor, PURPOSE, reason))


def asked_questions(workspace: Workspace, permit: Permit, keeper: Answers) -> Iterable[Question]:
    """Give what linkage itself asks: pairs it left apart, and records that it joined on thin evidence."""
    for row in run_read(workspace, permit, "questions", _QUESTIONS, ("spine.review", "spine.person_record")):
        left, right = (row["left_dataset"], row["left_record_id"]), (row["right_dataset"], row["right_record_id"])
        yield Question(
            keeper.pair_of(left, right), left, right, row["kind"], row["reason"], row["match_weight"],
            row["match_probability"], row["left_person"], row["right_person"], row["left_n"], row["right_n"],
        )  # fmt: skip


def _no_longer_asked(workspace: Workspace, permit: Permit, waiting: Sequence[tuple[str, Answer]]) -> Iterable[Question]:
    """Give the pairs that await a second or third answer, though a first one has settled them for linkage."""
    if not waiting:
        return
    people = people_of(workspace, permit, [record for _, each in waiting for record in (each.left, each.right)])
    for pair, answer in waiting:
        if answer.left in people and answer.right in people:
            (one, left_n), (other, right_n) = people[answer.left], people[answer.right]
            yield Question(pair, answer.left, answer.right, "apart", "uncertain", 0.0, 0.5, one, other, left_n, right_n)


SURE = LinkSettings().link_probability
_QUESTIONS = f"""
    WITH who AS (
        SELECT dataset, record_id, person_id, match_weight, match_probability, evidence, decided_by,
               count(*) OVER (PARTITION BY person_id) AS n
        FROM {PEOPLE}
    ), thin AS (
        SELECT w.dataset AS left_dataset, w.record_id AS left_record_id,
               o.dataset AS right_dataset, o.record_id AS right_record_id,
               w.match_weight, w.match_probability, 'thin: ' || w.evidence AS reason, 'joined' AS kind,
               w.person_id AS left_person, w.person_id AS right_person, 1 AS left_n, w.n - 1 AS right_n
        FROM who w JOIN who o ON o.person_id = w.person_id
             AND (o.dataset, o.record_id) IS DISTINCT FROM (w.dataset, w.record_id)
        WHERE w.decided_by = 'model' AND w.match_probability < {SURE}
        QUALIFY row_number() OVER (
            PARTITION BY w.dataset, w.record_id
            ORDER BY o.match_probability DESC NULLS LAST, o.dataset, o.record_id
        ) = 1
    )
    SELECT r.*, 'apart' AS kind, a.person_id AS left_person, b.person_id AS right_person,
           a.n AS left_n, b.n AS right_n
    FROM "spine.review" r
    JOIN who a ON a.dataset = r.left_dataset AND a.record_id = r.left_record_id
    JOIN who b ON b.dataset = r.right_dataset AND b.record_id = r.right_record_id
    UNION ALL BY NAME
    SELECT * FROM thin
"""


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def statistics(workspace: Workspace, reason: str) -> dict[str, Any]:
    """Count questions, answers and decisions. Raises: AccessRefused."""
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    keeper = answers_of(workspace)
    every = keeper.answers()
    answered = by_pair(every)
    settled = settled_pairs(workspace, answered)
    stands = standing_decisions(workspace)
    held = people_of(workspace, permit, [record for each in stands.decisions for record in (each.left, each.right)])
    idle = sum(each.left not in held or each.right not in held for each in stands.decisions)
    waiting = [q for q in in_order(asked_questions(workspace, permit, keeper)) if q.pair not in settled]
    states = Counter(outcome.state for outcome in settled.values())
    agreed, twice = _agreement(answered)
    return {
        "questions": len(waiting),
        "questions_apart": sum(question.kind == "apart" for question in waiting),
        "questions_joined": sum(question.kind == "joined" for question in waiting),
        "records_to_move": round(sum(question.value for question in waiting), 1),
        "answers": len(every),
        "reviewers": len({each.actor for each in every}),
        "awaiting_second": states["second"],
        "disputed": states["disputed"],
        "unsure": states["unsure"],
        "standing_same": sum(each.verdict == "same" for each in stands.decisions),
        "standing_different": sum(each.verdict == "different" for each in stands.decisions),
        "superseded": stands.superseded,
        "without_records": idle,
        "answered_twice": twice,
        "agreed": agreed,
    }


def history(workspace: Workspace, reason: str) -> list[dict[str, Any]]:
    """List what was decided: by whom, when, why. What awaits a second answer is left out, so that it stays blind.

    Raises: AccessRefused.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    workspace.gate.check_in_force(permit)
    workspace.note("review.history", purpose=PURPOSE)
    answered = by_pair(answers_of(workspace).answers())
    settled = settled_pairs(workspace, answered)
    acts: dict[str, dict[str, Any]] = {}
    for pair, answers in answered.items():
        if settled[pair].state in ("second", "disputed"):
            continue
        for each in answers:
            known = acts.setdefault(
                each.act,
                {
                    "act": each.act, "question": question_id(pair), "at": each.made_at, "actor": each.actor,
                    "kind": each.kind, "verdict": each.verdict, "pairs": 0, "reason": each.reason,
                },
            )  # fmt: skip
            known["pairs"] += 1
    return sorted(acts.values(), key=lambda row: (row["at"], row["act"]), reverse=True)


def _agreement(answered: Mapping[str, Sequence[Answer]]) -> tuple[int, int]:
    """Count the pairs that two people answered for sure, and those in which the first two agree."""
    agreed = twice = 0
    for answers in answered.values():
        first: dict[str, str] = {}
        for each in answers:
            if each.kind == "answer" and each.verdict != "unsure":
                first.setdefault(each.actor, each.verdict)
        verdicts = list(first.values())[:2]
        twice += len(verdicts) == 2
        agreed += len(verdicts) == 2 and verdicts[0] == verdicts[1]
    return agreed, twice


# ── the parts ────────────────────────────────────────────────────────────────────────────────────────────────────


def parse_record(text: str) -> RecordKey:
    """Read SOURCE/DATASET/RECORD, as `links export` names a record. Raises: UsageError."""
    parts = text.split("/", 2)
    if len(parts) == 3 and all(parts):
        return f"{parts[0]}.{parts[1]}", parts[2]
    raise UsageError("A record is written SOURCE/DATASET/RECORD.", todo="Take the three columns of 'links export'.")


def record_text(record: RecordKey) -> str:
    """Write a record as SOURCE/DATASET/RECORD."""
    return f"{record[0].replace('.', '/', 1)}/{record[1]}"


def identities(workspace: Workspace, permit: Permit, records: Sequence[RecordKey]) -> dict[RecordKey, dict[str, Any]]:
    """Read what these records now say of who somebody is: for the eyes of whoever joins records."""
    wanted = _wanted(records)
    datasets = sorted({dataset for dataset, _ in records})
    parts = " UNION ALL ".join(f"""SELECT '{name}' AS dataset, * FROM "persons:{name}" """ for name in datasets)
    sql = f"""SELECT p.* FROM ({parts}) p JOIN {wanted} w USING (dataset, record_id)
              QUALIFY row_number() OVER (PARTITION BY dataset, record_id ORDER BY version DESC, row_id DESC) = 1"""
    rows = run_read(workspace, permit, "side_by_side", sql, [f"persons:{name}" for name in datasets])
    return {(row["dataset"], row["record_id"]): row for row in rows}


def people_of(workspace: Workspace, permit: Permit, records: Sequence[RecordKey]) -> dict[RecordKey, tuple[str, int]]:
    """Give whose each record is, and how many records that person has; records that are no more are left out."""
    if not records:
        return {}
    sql = f"""WITH who AS (SELECT dataset, record_id, person_id, count(*) OVER (PARTITION BY person_id) AS n
                           FROM {PEOPLE})
              SELECT who.* FROM who SEMI JOIN {_wanted(records)} w USING (dataset, record_id)"""
    rows = run_read(workspace, permit, "people_of_records", sql, ["spine.person_record"])
    return {(row["dataset"], row["record_id"]): (row["person_id"], row["n"]) for row in rows}


def _wanted(records: Sequence[RecordKey]) -> str:
    rows = ", ".join(f"({literal(dataset)}, {literal(record)})" for dataset, record in sorted(set(records)))
    return f"(SELECT * FROM (VALUES {rows}) AS wanted(dataset, record_id))"


def run_read(workspace: Workspace, permit: Permit, name: str, sql: str, reads: Sequence[str]) -> list[dict[str, Any]]:
    """Run one SELECT over whole views through the gate. Raises: NotFound where nothing was ever joined."""
    if workspace.lake.catalogue.spine() is None:
        raise NotFound("The records were never joined.", todo="Run: almoner link")
    relation = workspace.gate.run(permit, [Step(name, "", sql, ())], dict.fromkeys(reads, ()))
    return relation.rows()


def by_pair(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Group answers by the pair of records that they are about, in their order."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        found[answer.pair].append(answer)
    return dict(found)


def settled_pairs(workspace: Workspace, answered: Mapping[str, Sequence[Answer]]) -> dict[str, Settled]:
    """Say of each pair that was answered what became of it. In: the answers of each pair."""
    return {pair: outcome_of(workspace, pair, answers) for pair, answers in answered.items()}


def outcome_of(workspace: Workspace, pair: str, answers: Sequence[Answer]) -> Settled:
    """Say what became of a pair: what its answers come to together, and whether another is awaited."""
    said = [Said(each.actor, each.verdict, each.made_at, each.kind == "ruling") for each in answers]
    return settle(said, second_wanted=_second_wanted(workspace, pair))


def _second_wanted(workspace: Workspace, pair: str) -> bool:
    """Whether a pair is among those that two people answer: by its keyed digest, so that nobody can tell which."""
    return int(pair[-8:], 16) < workspace.settings.review.second_share * 16**8
