"""A sealed identity is tied to no former one: not by a join, an address, a household, an event or its own earlier rows."""

from __future__ import annotations

from typing import Any

import pytest

from almoner.linkage import Decision, LinkOutcome
from almoner.linkage.relations import protected_people
from tests.unit.linkage.mentions import AWAY, HOME, groups, mention, people, run, spine, table

NUMBERS = {"nhs_number": "9990000018", "nino": "CE412000C", "phone": "+447700900001", "email": "ada@example.org"}
FORMER = [
    mention("h.p/1", "ADA TALWICK", "1980-05-06", **HOME, **NUMBERS),
    mention("r.t/1", "ADA TALWICK", "1980-05-06", **HOME, **NUMBERS),
]
MOTHER = mention("h.p/2", "RUBY TALWICK", "1955-01-31", **HOME)


def sealed(record: str, **fields: Any) -> dict[str, Any]:
    """Give a sealed mention in which every identifier is the former one's."""
    return mention(record, "ADA TALWICK", "1980-05-06", **{**HOME, **NUMBERS, "sealed": True, **fields})


def untied(outcome: LinkOutcome, record: str) -> None:
    """Check that nothing in the spine ties the record's person to anybody."""
    person = people(outcome)[record]
    assert sum(who == person for who in people(outcome).values()) == 1
    for name in ("residence", "household_member"):
        assert person not in getattr(outcome, name)["person_id"].to_pylist(), name
    for event in outcome.person_event.to_pylist():
        if person in (event["person_id"], event["other_person_id"]):
            assert (event["kind"], event["other_person_id"]) == ("created", None)
    for row in outcome.review.to_pylist():
        named = {f"{row[f'{side}_dataset']}/{row[f'{side}_record_id']}" for side in ("left", "right")}
        assert record not in named
    (told,) = (row for row in outcome.person_record.to_pylist() if row["person_id"] == person)
    assert (told["match_probability"], told["evidence"], told["decided_by"]) == (None, "", "alone")


def test_it_is_joined_to_nobody_though_every_identifier_agrees() -> None:
    outcome = run([*FORMER, MOTHER, sealed("c.s/1"), sealed("c.s/2")])
    untied(outcome, "c.s/1")
    untied(outcome, "c.s/2")
    assert frozenset({"h.p/1", "r.t/1"}) in groups(outcome)


def test_nobodys_decision_joins_it() -> None:
    decision = Decision(("c.s", "1"), ("h.p", "1"), "same")
    untied(run([*FORMER, sealed("c.s/1")], decisions=[decision]), "c.s/1")


def test_a_record_that_becomes_sealed_leaves_everything_it_was_part_of() -> None:
    open_ = sealed("c.s/1", sealed=False, row_id=10)
    first = run([*FORMER, MOTHER, open_])
    assert len({people(first)[r] for r in ("h.p/1", "c.s/1")}) == 1
    then = run([*FORMER, MOTHER, open_, sealed("c.s/1", row_id=20, **AWAY)], previous=spine(first))
    untied(then, "c.s/1")
    assert people(then)["c.s/1"] not in people(first).values()
    assert people(then)["h.p/1"] == people(first)["h.p/1"]


def test_what_it_said_before_the_seal_joins_others_no_more() -> None:
    """Its earlier, open version must not hold two records together that nothing else holds together."""
    one = mention("h.p/1", "IDRIS PENFORD", "1951-11-29", **HOME)
    caller = mention("q.c/1", "IDRIS PENFORD", phone="+447700900001", **AWAY)
    bridge = mention("c.e/1", "IDRIS PENFORD", "1951-11-29", phone="+447700900001", row_id=10, **HOME)
    whole = run([one, caller, bridge])
    assert len(groups(whole)) == 1
    after = run([one, caller, bridge, bridge | {"row_id": 20, "sealed": True}], model_json=whole.model_json)
    never = run([one, caller], model_json=whole.model_json)
    assert groups(after) - {frozenset({"c.e/1"})} == groups(never)
    untied(after, "c.e/1")


def test_an_id_that_an_event_ties_to_another_is_given_up() -> None:
    """It had split off somebody before it was sealed: under that id it would be found."""
    apart = mention("c.s/1", "ADA TALWICK", "1980-05-06", row_id=10, **HOME, **NUMBERS)
    first = run([*FORMER, apart])
    split = run([*FORMER, apart | {"row_id": 20, **OTHER}], previous=spine(first))
    was = people(split)["c.s/1"]
    assert any(event["person_id"] == was and event["other_person_id"] for event in split.person_event.to_pylist())
    then = run([*FORMER, apart | {"row_id": 30, "sealed": True, **OTHER}], previous=spine(split))
    assert people(then)["c.s/1"] != was
    untied(then, "c.s/1")


OTHER = {
    "forename": "NOAH", "surname": "SEDLEY", "nhs_number": "9990000026", "nino": None, "phone": None, "email": None, **AWAY,
}  # fmt: skip


@pytest.mark.parametrize(("is_live", "lifted", "found"), [(True, False, 1), (False, False, 1), (True, True, 0)])
def test_the_seal_holds_as_long_as_the_record_is_held(is_live: bool, lifted: bool, found: int) -> None:
    rows = [sealed("c.s/1", row_id=10), sealed("c.s/1", row_id=20, is_live=is_live, sealed=not lifted)]
    outcome = run(rows)
    protected = protected_people(table(rows), outcome.person_record, outcome.household_member)
    assert protected["because"].to_pylist() == ["sealed"] * found
