"""Why records are one person's, or are not: reads what they say through the gate, and what linkage weighs.

What the records say is for the screen of whoever joins records, under a permit and in the audit log; nothing here
writes it anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almoner.governance.permit import Permit
from almoner.governance.ports import RecordKey
from almoner.kernel.errors import AccessRefused, NotFound, UsageError
from almoner.kernel.steps import Step
from almoner.linkage.explain import PairExplained, explain_pairs
from almoner.linkage.questions import Question
from almoner.linkage.shapes import Decision
from almoner.wiring.link_inputs import link_settings, linkable
from almoner.wiring.mentions import read_mentions
from almoner.wiring.remembered import model_of_spine
from almoner.wiring.reviewing import (
    PURPOSE,
    answered_meanwhile,
    answers_of,
    decisions_shown,
    identities,
    parse_record,
    question_id,
    questions_for,
)
from almoner.wiring.workspace import Workspace

MOST_RECORDS = 150
"""Of a person with more records than this, not every pair is weighed."""


@dataclass(frozen=True)
class SideBySide:
    """Two records, what they say, and why they weigh what they weigh."""

    left: dict[str, Any]
    right: dict[str, Any]
    pair: PairExplained
    left_person: str | None
    right_person: str | None

    @property
    def joined(self) -> bool:
        """Whether the two are one person now."""
        return self.left_person is not None and self.left_person == self.right_person


@dataclass(frozen=True)
class PersonExplained:
    """Why a person's records are one person's: how each came in, and the links that hold them together.

    records: rows of the spine. links: the strongest links by which all records hang together, the weakest first.
    """

    person_id: str
    records: list[dict[str, Any]]
    links: list[PairExplained]


def explain_records(workspace: Workspace, one: str, other: str, reason: str) -> SideBySide:
    """Explain two records, named SOURCE/DATASET/RECORD.

    Raises: AccessRefused where one is sealed, NotFound, UsageError.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    left, right = parse_record(one), parse_record(other)
    if left == right:
        raise UsageError("That is one record, twice.", todo="Name two records.")
    return _side_by_side(workspace, permit, [(left, right)], "explain")[0]


def explain_questions(workspace: Workspace, count: int, reason: str) -> list[tuple[Question, SideBySide]]:
    """Give the questions that the actor should answer first, with both records side by side.

    Raises: AccessRefused, NotFound where nothing was joined yet.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    first = questions_for(workspace, permit)[:count]
    shown = _side_by_side(workspace, permit, [(each.left, each.right) for each in first], "review.next", blind=True)
    return list(zip(first, shown, strict=True))


def explain_question(workspace: Workspace, name: str, reason: str) -> tuple[Question, SideBySide]:
    """Give one question that waits for the actor, by its name, with both records side by side.

    Raises: AccessRefused, Busy where it waits no more, NotFound.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    wanted = next((each for each in questions_for(workspace, permit) if question_id(each.pair) == name), None)
    if wanted is None:
        if any(question_id(each.pair) == name for each in answers_of(workspace).answers()):
            raise answered_meanwhile()
        raise NotFound("There is no such question.", todo="Take the next question.")
    shown = _side_by_side(workspace, permit, [(wanted.left, wanted.right)], "review.next", blind=True)
    return wanted, shown[0]


def explain_person(workspace: Workspace, person_id: str, reason: str) -> PersonExplained:
    """Explain a person: how each record came in, and by which links they hang together.

    Raises: AccessRefused where the identity is sealed, NotFound.
    """
    workspace.require("link")
    permit = workspace.permits.standing(workspace.actor, PURPOSE, reason)
    people = _people(workspace, permit)
    mine = people.filter(pc.equal(people["person_id"], person_id))
    if not mine.num_rows:
        raise NotFound("There is no such person.", todo="Look them up: almoner find NAME.")
    rows = mine.sort_by([("dataset", "ascending"), ("record_id", "ascending")]).to_pylist()
    records = [(row["dataset"], row["record_id"]) for row in rows]
    _refuse_sealed(workspace, identities(workspace, permit, records))
    workspace.note("explain", purpose=PURPOSE, subjects=[person_id], records=len(rows))
    chosen = records[:MOST_RECORDS]
    pairs = [(left, right) for place, left in enumerate(chosen) for right in chosen[place + 1 :]]
    links = _explained(workspace, permit, people, pairs, decisions_shown(workspace))
    return PersonExplained(person_id, rows, _holding(links))


def _holding(pairs: Sequence[PairExplained]) -> list[PairExplained]:
    """Keep the strongest links by which all hang together (a greatest spanning tree), the weakest first."""
    leader: dict[RecordKey, RecordKey] = {}

    def root(record: RecordKey) -> RecordKey:
        while leader.get(record, record) != record:
            record = leader[record]
        return record

    kept = []
    order = sorted(
        pairs, key=lambda each: (each.decided != "same", not each.by_rule, -each.total, each.left, each.right)
    )
    for each in order:
        one, other = root(each.left), root(each.right)
        if one != other:
            leader[other] = one
            kept.append(each)
    return kept[::-1]


def _side_by_side(
    workspace: Workspace,
    permit: Permit,
    pairs: Sequence[tuple[RecordKey, RecordKey]],
    action: str,
    *,
    blind: bool = False,
) -> list[SideBySide]:
    if not pairs:
        return []
    named = [record for pair in pairs for record in pair]
    known = {dataset.full_name for dataset in linkable(workspace)}
    said = identities(workspace, permit, named) if {dataset for dataset, _ in named} <= known else {}
    if set(named) - set(said):
        raise NotFound("There is no such record.", todo="Write it as SOURCE/DATASET/RECORD: see links export.")
    _refuse_sealed(workspace, said)
    people = _people(workspace, permit)
    given = zip(
        people["dataset"].to_pylist(), people["record_id"].to_pylist(), people["person_id"].to_pylist(), strict=True
    )
    wanted = set(named)
    person = {(dataset, record): who for dataset, record, who in given if (dataset, record) in wanted}
    workspace.note(action, purpose=PURPOSE, subjects=sorted(set(person.values())), pairs=len(pairs))
    decisions = () if blind else decisions_shown(workspace)  # a decision would tell what others answered
    explained = _explained(workspace, permit, people, pairs, decisions)
    return [
        SideBySide(said[left], said[right], each, person.get(left), person.get(right))
        for (left, right), each in zip(pairs, explained, strict=True)
    ]


def _explained(
    workspace: Workspace,
    permit: Permit,
    people: pa.Table,
    pairs: Sequence[tuple[RecordKey, RecordKey]],
    decisions: Sequence[Decision],
) -> list[PairExplained]:
    model = model_of_spine(workspace, permit)
    if model is None:
        raise NotFound("There is no linkage model.", todo="Run: almoner link --retrain")
    if not pairs:
        return []
    return explain_pairs(
        read_mentions(workspace, permit, linkable(workspace)),
        people.select(["dataset", "record_id", "person_id", "date_of_birth"]),
        pairs,
        decisions=decisions,
        model_json=model,
        settings=link_settings(workspace),
    )


def _people(workspace: Workspace, permit: Permit) -> pa.Table:
    """Read whose each record is, how it came in, and when that person was born."""
    if workspace.lake.catalogue.spine() is None:
        raise NotFound("The records were never joined.", todo="Run: almoner link")
    step = Step(
        "whose",
        "Whose each record is",
        """SELECT r.dataset, r.record_id, r.person_id, r.match_weight, r.match_probability, r.evidence, r.decided_by,
                  p.date_of_birth
           FROM "spine.person_record" r JOIN "spine.person" p USING (person_id)""",
        (),
    )
    return workspace.gate.run(permit, [step], {"spine.person_record": (), "spine.person": ()}).to_arrow()


def _refuse_sealed(workspace: Workspace, said: dict[RecordKey, dict[str, Any]]) -> None:
    """Never show a sealed identity beside another. Raises: AccessRefused."""
    if any(row["sealed"] for row in said.values()):
        workspace.note("refused.explain", outcome="refused", purpose=PURPOSE)
        raise AccessRefused(
            "One of these records is never compared with another.",
            why="Its identity is sealed.",
            todo="Whoever keeps the source decides about it.",
        )
