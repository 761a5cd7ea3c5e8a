"""Joining what changed, against joining everybody: the same people, the same ids, and nothing kept of what is gone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import pyarrow as pa

from almoner.linkage import Decision, LinkOutcome, LinkSettings, link
from almoner.linkage.increment import Fresh, update
from almoner.linkage.memory import ALIVE_MENTIONS, ALIVE_NODES, MEMORY, MemoryTables
from tests.unit.linkage.mentions import AWAY, HOME, groups, mention, people, spine, table

Rows = list[dict[str, Any]]

SETTINGS = LinkSettings(remember=True)


@dataclass
class Lasting:
    """A spine with its memory, brought up to date again and again."""

    outcome: LinkOutcome
    memory: MemoryTables

    @classmethod
    def of(cls, rows: Rows, decisions: Sequence[Decision] = ()) -> Lasting:
        first = link(numbered(rows), previous=None, decisions=decisions, settings=SETTINGS, seed=1)
        return cls(first, MemoryTables(first.remembered))

    def then(self, rows: Rows, decisions: Sequence[Decision] = (), whole: bool = True) -> LinkOutcome:
        """Bring it up to date with what is held now; whole: with all of it, else with these records alone."""
        named = frozenset(row["dataset"] for row in [*rows, *self.outcome.person_record.to_pylist()]) if whole else ()
        found = update(
            Fresh(numbered(rows), frozenset(named)),
            memory=self.memory,
            previous=spine(self.outcome),
            decisions=decisions,
            settings=SETTINGS,
            seed=1,
        )
        assert found is not None
        self.outcome, self.memory = found, self.memory.after(found.remembered)
        return found


def numbered(rows: Rows) -> pa.Table:
    """Give mentions as a table, each with a row of its own that stays its own."""
    return table([{"row_id": crc32(f"{row['dataset']}/{row['record_id']}".encode())} | row for row in rows])


def whole(rows: Rows, decisions: Sequence[Decision] = ()) -> LinkOutcome:
    """Join everybody at once."""
    return link(numbered(rows), previous=None, decisions=decisions, settings=LinkSettings(), seed=1)


def town() -> Rows:
    """Give forty people of two services: enough that one more is no flood."""
    names = ("AMINA", "BORIS", "CLARA", "DEVON", "ELSIE", "FAROUK", "GRETA", "HAMISH")
    rows = []
    for place in range(40):
        home = {"uprn": f"99100000{place:04}", "house_number": str(place), "street": "OAK ROAD", "postcode": "M1 1AA"}
        name = f"{names[place % 8]} {['TALWICK', 'PENROSE', 'OAKLEY', 'MARSTON', 'LINDELL'][place // 8]}"
        born = f"19{50 + place}-0{1 + place % 9}-1{place % 9}"
        rows += [mention(f"one.a/{place}", name, born, **home), mention(f"two.b/{place}", name, born, **home)]
    return rows


NEW = mention("one.a/new", "ZAINAB HOLLINS", "1984-03-07", **HOME)
SAME = mention("two.b/new", "ZAINAB HOLLINS", "1984-03-07", **HOME)


def test_a_new_record_joins_whom_it_is_and_nobody_else_changes() -> None:
    lasting = Lasting.of([*town(), NEW])
    before = people(lasting.outcome)
    after = people(lasting.then([SAME], whole=False))
    assert after["two.b/new"] == before["one.a/new"]
    assert {record: person for record, person in after.items() if record != "two.b/new"} == before


def test_a_record_that_now_says_something_else_is_one_record_though_others_are_not_named() -> None:
    """All versions of a record that is named come; the one that was known is not a second record."""
    moved = NEW | {"row_id": 2**41, "version": 1, **AWAY}
    lasting = Lasting.of([*town(), NEW | {"version": 0}])
    before = people(lasting.outcome)
    after = lasting.then([NEW | {"version": 0}, moved], whole=False)
    assert people(after) == before
    assert after.metrics["records"] == after.person_record.num_rows == len(before)
    assert after.person_record.group_by(["dataset", "record_id"]).aggregate([]).num_rows == len(before)


def test_what_was_only_sent_again_keeps_everything_and_points_to_its_new_row() -> None:
    lasting = Lasting.of(town())
    before = lasting.outcome
    again = [row | {"row_id": 10_000 + place} for place, row in enumerate(town())]
    after = lasting.then(again)
    assert people(after) == people(before)
    assert after.person.equals(before.person)
    assert after.address.equals(before.address)
    assert sorted(after.person_record["row_id"].to_pylist()) == sorted(row["row_id"] for row in again)
    assert after.metrics["candidate_pairs"] == 0
    assert json.loads(after.remembered["about"]["about"][0].as_py())["changed"] == 0


def test_a_corrected_record_leaves_the_person_that_it_was_joined_to() -> None:
    rows = [*town(), NEW, SAME]
    lasting = Lasting.of(rows)
    wrong = mention("two.b/new", "PETER GANTRY", "1951-11-30", **AWAY)
    after = lasting.then([*town(), NEW, wrong])
    assert groups(after) == groups(whole([*town(), NEW, wrong]))
    assert people(after)["two.b/new"] != people(after)["one.a/new"]
    assert after.metrics["splits"] == 1


def test_a_record_that_held_two_others_together_lets_go_of_them_when_it_goes() -> None:
    number = {"nhs_number": "9434765919"}
    one = mention("one.a/x", "ZAINAB HOLLINS", None, **HOME, **number)
    bridge = mention("two.b/x", "ZAINAB HOLLINS", "1984-03-07", **HOME, **number)
    other = mention("three.c/x", "ZAINAB HOLLINS", "1984-03-07", **AWAY)
    rows = [*town(), one, bridge, other]
    lasting = Lasting.of(rows)
    assert {"one.a/x", "two.b/x", "three.c/x"} in groups(lasting.outcome)
    left = [*town(), one, other]
    after = lasting.then(left)
    assert groups(after) == groups(whole(left))
    assert {"one.a/x", "three.c/x"} not in groups(after)


def test_nothing_is_remembered_of_a_record_that_is_gone() -> None:
    lasting = Lasting.of([*town(), NEW, mention("two.b/away", "PETER GANTRY", "1951-11-30", **AWAY)])
    after = lasting.then(town())
    assert groups(after) == groups(whole(town()))
    text = str({name: getattr(after, name).to_pylist() for name in ("person", "person_record", "address", "review")})
    held = str({name: lasting.memory.ask(f'SELECT * FROM "memory.{name}"').to_pylist() for name in MEMORY})
    for said in ("HOLLINS", "GANTRY", "ELM GROVE", "PETER"):
        assert said not in text
        assert said not in held


def test_an_unmerge_is_carried_out_and_taken_back() -> None:
    lasting = Lasting.of([*town(), NEW, SAME])
    apart = Decision(("one.a", "new"), ("two.b", "new"), "different")
    parted = people(lasting.then([], [apart], whole=False))
    assert parted["one.a/new"] != parted["two.b/new"]
    joined = people(lasting.then([], [], whole=False))
    assert joined["one.a/new"] == joined["two.b/new"]


def test_a_sealed_record_is_nobody_s_and_nobody_came_from_it() -> None:
    lasting = Lasting.of([*town(), NEW, SAME])
    sealed = SAME | {"sealed": True, "record_id": "sealed"}
    after = lasting.then([*town(), NEW, sealed])
    assert people(after)["two.b/sealed"] != people(after)["one.a/new"]
    assert people(after)["one.a/new"] == people(lasting.outcome)["one.a/new"]
    again = people(lasting.then([*town(), NEW, sealed | {"row_id": 77}]))
    assert again == people(after)


def test_a_twin_who_comes_later_stays_apart() -> None:
    child = mention("one.a/child", "ZAINAB HOLLINS", "2014-03-07", **HOME)
    twin = mention("two.b/twin", "ZARA HOLLINS", "2014-03-07", **HOME)
    lasting = Lasting.of([*town(), child])
    after = lasting.then([twin], whole=False)
    assert groups(after) == groups(whole([*town(), child, twin]))
    assert {"two.b/twin"} in groups(after)


def test_who_moved_along_is_seen_though_their_old_home_was_not_told_of_again() -> None:
    """A name at two addresses is one person where somebody else, known by birthday, was at both."""
    known = mention("one.a/mate", "OLUWASEUN BRIGHTWATER", "1961-04-09", **HOME)
    bare = mention("two.b/bare", "ZAINAB HOLLINS", None, **HOME)
    early = [*town(), known, bare]
    then = [
        mention("three.c/mate", "OLUWASEUN BRIGHTWATER", "1961-04-09", **AWAY),
        mention("three.c/bare", "ZAINAB HOLLINS", None, **AWAY),
    ]
    lasting = Lasting.of(early)
    after = lasting.then(then, whole=False)
    assert groups(after) == groups(whole([*early, *then]))
    assert {"two.b/bare", "three.c/bare"} in groups(after)


def test_an_address_that_is_told_to_be_another_brings_its_people_together() -> None:
    bare = {"house_number": "12", "street": "OAK ROAD", "postcode": "M1 1AB"}
    one = mention("one.a/y", "Z HOLLINS", None, **bare, forename_is_initial=True)
    other = mention("two.b/y", "ZAINAB HOLLINS", None, **bare, uprn="990000000777")
    lasting = Lasting.of([*town(), one])
    after = lasting.then([other], whole=False)
    assert groups(after) == groups(whole([*town(), one, other]))
    assert after.address.num_rows == whole([*town(), one, other]).address.num_rows


def test_a_household_is_formed_anew_where_somebody_came_or_left() -> None:
    lasting = Lasting.of([*town(), NEW])
    after = lasting.then([mention("two.b/mate", "OLU ADEYEMI", "1990-09-09", **HOME)], whole=False)
    homes = {row["household_id"] for row in after.household_member.to_pylist()}
    members = [row["person_id"] for row in after.household_member.to_pylist()]
    assert len(members) == len(set(members)) == after.metrics["persons"]
    assert after.metrics["households"] == len(homes) == 41


def test_numbers_are_never_used_twice_and_the_dead_do_not_stand() -> None:
    lasting = Lasting.of([*town(), NEW])
    for step in range(3):
        lasting.then([SAME | {"record_id": f"more{step}"}], whole=False)
    for name, alive in (("mention", ALIVE_MENTIONS), ("node", ALIVE_NODES)):
        every = lasting.memory.ask(f'SELECT {name} FROM "memory.{name}"')[name].to_pylist()
        standing = lasting.memory.ask(f"SELECT {name} FROM {alive}")[name].to_pylist()
        assert len(every) == len(set(every))
        assert set(standing) < set(every)
    assert lasting.memory.ask(f"SELECT count(*) AS n FROM {ALIVE_MENTIONS}")["n"][0].as_py() == 84


def test_a_flood_of_changes_asks_for_a_whole_run() -> None:
    lasting = Lasting.of(town()[:4])
    found = update(
        Fresh(numbered(town()), frozenset({"one.a", "two.b"})),
        memory=lasting.memory,
        previous=spine(lasting.outcome),
        decisions=(),
        settings=SETTINGS,
        seed=1,
    )
    assert found is None


def test_a_memory_of_another_version_or_other_limits_asks_for_a_whole_run() -> None:
    lasting = Lasting.of(town())
    about = pa.table({"about": ['{"format": "another"}']})
    other = MemoryTables({**lasting.outcome.remembered, "about": about})
    for memory, settings in ((other, SETTINGS), (lasting.memory, LinkSettings(block_limit=7))):
        fresh = Fresh(numbered([NEW]), frozenset())
        previous = spine(lasting.outcome)
        assert update(fresh, memory=memory, previous=previous, decisions=(), settings=settings, seed=1) is None
