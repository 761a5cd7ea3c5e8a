"""What holds of the spine whatever came before: the order of the deliveries, and a source that is there no more.

The exceptions are stated in docs/explanation/linkage.md, and each has its test here.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from almoner.kernel.tables import SPINE
from almoner.linkage import Decision
from almoner.wiring.linking import link_records
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from tests.spine_comparison import partition, spine_of, without_ids
from tests.unit.linkage.borough import Borough
from tests.unit.linkage.mentions import AWAY, HOME, groups, mention, people, run, spine
from tests.workspace_builder import RESIDENTS, TinyWorkspace, write_workspace

pytestmark = pytest.mark.integration


def silent(_: str) -> None:
    """Take progress and say nothing."""


def joined(tiny: TinyWorkspace, *, retrain: bool = False, rebuild: bool = False) -> None:
    """Join the records of a workspace."""
    link_records(open_workspace(tiny.root)[0], silent, retrain=retrain, rebuild=rebuild)


def delivered(tiny: TinyWorkspace, order: Random | None, *, linking: bool = False) -> None:
    """Take in the inbox, four files at a time where they come in an order; `linking`: join each time."""
    files = sorted(tiny.inbox.iterdir())
    waiting = tiny.root / "waiting"
    waiting.mkdir()
    for file in files:
        shutil.move(file, waiting / file.name)
    at_once = len(files)
    if order is not None:
        order.shuffle(files)
        at_once = 4
    for start in range(0, len(files), at_once):
        for file in files[start : start + at_once]:
            shutil.move(waiting / file.name, tiny.inbox / file.name)
        taken = take_in(open_workspace(tiny.root)[0], [tiny.inbox], silent)
        assert not taken.refused
        if linking:
            joined(tiny)


# ── the order of the deliveries ──────────────────────────────────────────────────────────────────────────────────────


MOVER, NEIGHBOUR = RESIDENTS[3], RESIDENTS[12]
"""Somebody whom the second month's register has at somebody else's address."""


def a_town(root: Path) -> TinyWorkspace:
    """Write a workspace in which somebody moves between the months."""
    tiny = write_workspace(root)
    register = tiny.inbox / "register_20261001.csv"
    text = register.read_text("cp1252")
    row = next(line for line in text.splitlines() if line.startswith(f"E{MOVER.number};"))
    moved = row
    for name, value in MOVER.place().items():
        moved = moved.replace(value, NEIGHBOUR.place()[name])
    assert moved != row
    register.write_text(text.replace(row, moved), "cp1252")
    return tiny


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that took in everything in the order of the months, and then joined it."""
    tiny = a_town(tmp_path_factory.mktemp("ordered") / "workspace")
    delivered(tiny, None)
    joined(tiny)
    return tiny


@pytest.mark.parametrize("seed", [1, 2])
def test_deliveries_in_any_order_give_the_same_spine(in_order: TinyWorkspace, tmp_path: Path, seed: int) -> None:
    """Not the people alone: residences, households, relationships, protection; everything but ids."""
    tiny = a_town(tmp_path / "workspace")
    delivered(tiny, Random(seed))
    joined(tiny)
    ours, theirs = without_ids(spine_of(tiny)), without_ids(spine_of(in_order))
    for table in SPINE:
        if table != "person_event":
            assert ours[table] == theirs[table], table
    assert theirs["relationship"] and theirs["protected"]


def test_who_moved_lives_at_the_new_address(in_order: TinyWorkspace) -> None:
    """Else the order of the deliveries would have nothing to spoil."""
    spine_ = spine_of(in_order)
    record = f"E{MOVER.number}"
    (mover,) = {row["person_id"] for row in spine_["person_record"] if row["record_id"] == record}
    (home,) = [row["address_id"] for row in spine_["residence"] if row["person_id"] == mover and row["is_current"]]
    (address,) = [row for row in spine_["address"] if row["address_id"] == home]
    assert address["uprn"] == NEIGHBOUR.place()["uprn"]


def test_joining_in_between_leaves_the_same_people(in_order: TinyWorkspace, tmp_path: Path) -> None:
    """What was joined before may stay joined (kept_margin) and the first model may serve on: a rebuild forgets both."""
    tiny = a_town(tmp_path / "workspace")
    delivered(tiny, Random(3), linking=True)
    joined(tiny, retrain=True, rebuild=True)
    ours, theirs = without_ids(spine_of(tiny)), without_ids(spine_of(in_order))
    for table in ("person", "address", "residence", "household", "household_member", "relationship", "protected"):
        assert ours[table] == theirs[table], table
    assert partition(spine_of(tiny)) == partition(spine_of(in_order))


@pytest.mark.parametrize("seed", [1, 2])
def test_mentions_in_any_order_and_under_any_row_number_give_the_same_people(seed: int) -> None:
    """A row's number says in which order the deliveries came; what counts is the version."""
    rows = Borough(300, seed=40 + seed).rows
    versioned = [row | {"version": place} for place, row in enumerate(rows)]
    found = run(versioned)
    order = list(range(len(rows)))
    Random(seed).shuffle(order)
    shuffled = [versioned[place] | {"row_id": 10_000 + number} for number, place in enumerate(order)]
    again = run(shuffled)
    assert groups(again) == groups(found)
    for table in ("person", "residence", "household", "household_member", "person_event"):
        assert getattr(again, table).equals(getattr(found, table)), table


def test_the_newest_version_counts_though_an_older_one_came_later() -> None:
    new = mention("h.p/1", "ADAM TALWICK", "1980-05-06", version=2, row_id=1, **AWAY)
    old = mention("h.p/1", "ADAM TALWICK", "1980-05-06", version=1, row_id=2, **HOME)
    (record,) = run([old, new]).person_record.to_pylist()
    assert record["row_id"] == 1


def test_which_id_is_kept_depends_on_the_order() -> None:
    """Exception: the people are the same, but whose id the merged person bears is decided by who was there first."""
    one = [
        mention("h.p/1", "IDRIS PENFORD", "1951-11-29", **HOME),
        mention("r.t/1", "IDRIS PENFORD", "1951-11-29", **HOME),
    ]
    other = [mention("c.e/1", "NOAH SEDLEY", "2001-02-28", **AWAY)]
    first, second = run(one), run(other)
    then, reversed_ = run([*one, *other], previous=spine(first)), run([*one, *other], previous=spine(second))
    assert groups(then) == groups(reversed_)
    assert people(then)["h.p/1"] == people(first)["h.p/1"]
    assert people(reversed_)["c.e/1"] == people(second)["c.e/1"]


# ── a source that is there no more ───────────────────────────────────────────────────────────────────────────────────


def without_police(tiny: TinyWorkspace) -> None:
    """End the source's leave to be matched: none of its records is linked any more."""
    listed = '["research", "monitoring", "requests", "emergency", "matching"]\n[dataset.incidents.people'
    tiny.change("sources/police.toml", listed, listed.replace(', "matching"', ""))


def test_a_source_that_is_withdrawn_leaves_no_trace(tmp_path: Path) -> None:
    """Its records were joined to people, gave addresses and residences, and perhaps joined others."""
    tiny, never = (write_workspace(tmp_path / name) for name in ("was", "never"))
    for file in never.inbox.glob("incidents_*"):
        file.unlink()
    for each in (tiny, never):
        delivered(each, None)
    joined(tiny)
    before = spine_of(tiny)
    assert [row for row in before["person_record"] if row["dataset"].startswith("police")]
    without_police(tiny)
    joined(tiny, retrain=True)
    joined(never)
    after, other = spine_of(tiny), spine_of(never)
    ours, theirs = without_ids(after), without_ids(other)
    for table in ours:
        assert ours[table] == theirs[table], table
    known = {row["person_id"] for row in after["person"]}
    gone = {row["person_id"] for row in before["person"]} - known
    assert gone, "somebody was known from that source only"
    assert gone <= {row["person_id"] for row in after["person_event"]}, "of whom the id alone is remembered"
    assert set(SPINE["person_event"].names) == {"kind", "person_id", "other_person_id", "at"}, "no personal value"


@pytest.mark.parametrize("source", ["police", "health"])
def test_no_table_holds_what_a_deleted_source_told(source: str) -> None:
    """At the level of linkage, with the model given: all is as if the source had never been."""
    rows = Borough(400, seed=60).rows
    kept = [row for row in rows if row["source"] != source]
    assert len(kept) < len(rows)
    whole = run(rows)
    settings = {"model_json": whole.model_json}
    after, never = run(kept, previous=spine(whole), **settings), run(kept, **settings)
    assert groups(after) == groups(never)
    for table in ("address", "household_member"):
        assert getattr(after, table).num_rows == getattr(never, table).num_rows, table
    for table, left_out in (("person", "person_id"), ("residence", "person_id address_id")):
        names = [name for name in SPINE[table].names if name not in left_out.split()]
        said = [sorted(map(repr, getattr(each, table).select(names).to_pylist())) for each in (after, never)]
        assert said[0] == said[1], table


def test_what_a_deleted_record_had_joined_is_judged_afresh() -> None:
    """A pair below the threshold that was joined before stays joined: but not where a record that joined it is gone."""
    phone = {"phone": "+447700900001"}
    caller = mention("q.c/1", "IDRIS PENFORD", "1951-11-28", **phone, **AWAY)
    rows = [mention("h.p/1", "IDRIS PENFORD", "1951-11-29", **HOME), caller]
    bridges = [
        mention("c.e/1", "IDRIS PENFORD", "1951-11-28", **phone, **HOME),
        mention("c.e/2", "IDRIS PENFORD", "1951-11-29", **phone, **HOME),
    ]
    whole = run([*rows, *bridges])
    assert len(groups(whole)) == 1
    settings = {"model_json": whole.model_json, "kept_margin": 50.0}
    after = run(rows, previous=spine(whole), **settings)
    assert groups(after) == groups(run(rows, **settings)) == {frozenset({"h.p/1"}), frozenset({"q.c/1"})}
    there = run(rows, model_json=whole.model_json, decisions=[Decision(("h.p", "1"), ("q.c", "1"), "same")])
    assert len(groups(run(rows, previous=spine(there), **settings))) == 1, "a pair that lost nobody stays"
