"""Ids that last: who keeps one, who is merged, split, retired, and what a sealed record must not tell."""

from __future__ import annotations

import re

from almoner.linkage.identity import Event, IdMaker, assign_people
from tests.unit.linkage.mentions import AWAY, HOME, mention, people, run, spine

A, B, C, D = ("s.d", "1"), ("s.d", "2"), ("s.d", "3"), ("s.d", "4")
NONE: frozenset[int] = frozenset()


def maker() -> IdMaker:
    return IdMaker(1, {"P1", "P2"})


def test_ids_have_the_agreed_form_and_are_never_used_twice() -> None:
    one = IdMaker(1, ()).make("P", "x")
    assert re.fullmatch("P[0-9A-HJKMNP-TV-Z]{12}", one)
    assert IdMaker(1, ()).make("P", "x") == one
    assert IdMaker(1, {one}).make("P", "x") != one
    assert IdMaker(2, ()).make("P", "x") != one


def test_a_new_group_is_created() -> None:
    found = assign_people([A, B], [0, 0], NONE, {}, maker())
    assert found.events == [Event("created", found.person_of[0])]


def test_the_group_that_holds_most_keeps_the_id_and_the_rest_splits_off() -> None:
    before = {A: "P1", B: "P1", C: "P1"}
    found = assign_people([A, B, C], [0, 0, 2], NONE, before, maker())
    assert found.person_of[0] == "P1"
    assert found.events == [Event("split", found.person_of[2], "P1")]


def test_a_merge_leaves_a_redirect_to_the_larger() -> None:
    before = {A: "P1", B: "P2", C: "P2"}
    found = assign_people([A, B, C], [0, 0, 0], NONE, before, maker())
    assert found.person_of == {0: "P2"}
    assert found.events == [Event("merged", "P1", "P2")]


def test_a_person_without_records_is_retired() -> None:
    found = assign_people([A], [0], NONE, {A: "P1", B: "P2"}, maker())
    assert found.events == [Event("retired", "P2")]


def test_the_rest_of_a_person_keeps_the_id_when_a_record_moves_to_another() -> None:
    before = {A: "P1", B: "P1", C: "P2", D: "P2"}
    found = assign_people([A, B, C, D], [0, 1, 1, 1], NONE, before, maker())
    assert found.person_of == {0: "P1", 1: "P2"}
    assert found.events == [Event("moved", "P1", "P2")], "a note on P1 may be about the record that is P2's now"


def test_what_a_merge_or_a_split_does_not_tell_is_told_as_a_move() -> None:
    before = {A: "P1", B: "P1", C: "P1", D: "P2"}
    gone = assign_people([A, B, C, D], [0, 0, 1, 1], NONE, {A: "P1", B: "P1", C: "P2", D: "P2"}, maker())
    assert gone.events == []
    found = assign_people([A, B, C, D], [0, 1, 2, 2], NONE, before, maker())
    new = found.person_of[1]
    assert found.person_of[2] == "P2"
    assert found.events == [Event("moved", "P1", "P2"), Event("split", new, "P1")]


def test_a_record_that_becomes_sealed_does_not_move() -> None:
    before = {A: "P1", B: "P1", C: "P2"}
    found = assign_people([A, B, C], [0, -2, 1], frozenset({-2}), before, maker())
    assert {event.kind for event in found.events} == {"created"}


def test_a_record_that_becomes_sealed_gets_an_id_that_came_from_nobody() -> None:
    before = {A: "P1", B: "P1"}
    found = assign_people([A, B], [0, -2], frozenset({-2}), before, maker())
    assert found.person_of[0] == "P1"
    assert found.events == [Event("created", found.person_of[-2])]


def test_a_sealed_record_that_always_was_alone_keeps_its_id() -> None:
    found = assign_people([A], [-1], frozenset({-1}), {A: "P1"}, maker())
    assert found.person_of == {-1: "P1"}


ZAINAB = [
    mention("h.p/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
    mention("r.t/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
]
OTHERS = [
    mention("h.p/2", "IDRIS PENFORD", "1951-11-29", **AWAY),
    mention("r.t/2", "IDRIS PENFORD", "1951-11-29", **AWAY),
]


def test_a_second_run_changes_nothing() -> None:
    first = run(ZAINAB + OTHERS)
    second = run(ZAINAB + OTHERS, previous=spine(first))
    for name in ("person_record", "person", "person_event", "address", "household", "household_member"):
        assert getattr(second, name).equals(getattr(first, name)), name


def test_a_new_record_touches_only_its_own_person() -> None:
    first = run(ZAINAB + OTHERS)
    third = mention("c.e/9", "ZAINAB TALWICK", "1980-05-06", **AWAY)
    second = run([*ZAINAB, *OTHERS, third], previous=spine(first))
    before, after = people(first), people(second)
    assert {record: after[record] for record in before} == before
    assert after["c.e/9"] == before["h.p/1"]
    assert second.metrics["merges"] == second.metrics["splits"] == 0


def test_a_corrected_record_undoes_what_it_had_joined() -> None:
    bridge = mention("c.e/1", "IDRIS PENFORD", "1951-11-29", phone="+447700900001", **AWAY)
    caller = mention("q.c/1", "IDRIS PENFORD", phone="+447700900001", **HOME)
    first = run([*OTHERS, bridge, caller])
    assert len(set(people(first).values())) == 1
    corrected = mention("c.e/1", "NOAH SEDLEY", "2001-02-28", **AWAY)
    second = run([*OTHERS, corrected, caller], previous=spine(first))
    after = people(second)
    assert after["h.p/2"] == after["r.t/2"] == people(first)["h.p/2"]
    assert len(set(after.values())) == 3
    kinds = second.person_event["kind"].to_pylist()
    assert kinds.count("split") == 2


def test_ids_that_were_retired_are_not_given_again() -> None:
    first = run(ZAINAB)
    second = run(OTHERS, previous=spine(first))
    third = run(ZAINAB, previous=spine(second))
    gone = set(people(first).values())
    assert gone.isdisjoint(people(third).values())
    assert gone <= set(third.person_event["person_id"].to_pylist())
