"""With whom somebody lived and who is of their family, as the front line sees it: by the rules, and nothing more."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from almoner.cli.main import app
from almoner.kernel.errors import NotFound, UsageError
from almoner.kernel.tables import SPINE
from almoner.single_view.household import HouseholdOn
from almoner.single_view.person import PersonView
from almoner.store.lake import Lake
from almoner.wiring import workspace as wiring
from almoner.wiring.looking_up import look_up, look_up_household
from tests.spine_comparison import Rows, spine_of
from tests.workspace_builder import ACTORS, PROTECTED, RESIDENTS, SEALED, TinyWorkspace, nothing_kept, write_workspace

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
DAY = dt.date(2021, 6, 1)

CHILDREN = """[dataset.children]
title = "Children of tenants"
files = "children_{sent}.csv"
format = { csv = {} }
delivery = "snapshot"
key = ["child"]
retention = "long"
purposes = ["front_line", "requests", "matching"]
[dataset.children.people.child]
address_of = { dataset = "housing.tenancies", key = "tenancy", slot = "tenant" }
[dataset.children.columns]
child = { from = "Child", category = "record", required = true }
tenancy = { from = "Tenancy", category = "record", required = true }
other = { from = "Other", category = "record" }
forename = { from = "Forename", category = "name", identifies = "forename" }
surname = { from = "Surname", category = "name", identifies = "surname" }
born = { from = "Born", type = "date", category = "date_of_birth", identifies = "date_of_birth" }
[[dataset.children.facts]]
relationship = { person = "child", other = { dataset = "housing.tenancies", key = "tenancy" }, kind = "child", relation = "child" }
[[dataset.children.facts]]
relationship = { person = "child", other = { dataset = "housing.tenancies", key = "other" }, kind = "child", relation = "child", where = [{ column = "other", filled = true }] }

"""
ROWS = """Child,Tenancy,Other,Forename,Surname,Born
C1,T10,T15,Wilfred,Ashworth,2014-05-06
C2,T10,,Rosalind,Ashworth,2019-02-03
C3,T12,,Percival,Cartwright,2015-02-03
C4,T13,T16,Leonora,Dunkerley,2016-08-09
C5,T14,,Ignatius,Entwistle,1945-01-02
C6,T17,,Tristan,Hargreaves,2024-03-05
"""
"""C1 has parents at two addresses; C3 lives with somebody marked, C4 is the child of somebody sealed; C5 is too old."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace whose tenants have children, and whose tenancies date the address."""
    tiny = write_workspace(tmp_path_factory.mktemp("homes") / "workspace")
    tiny.change("sources/housing.toml", "[dataset.tenancies]\n", CHILDREN + "[dataset.tenancies]\n")
    tiny.change(
        "sources/housing.toml",
        "[dataset.tenancies.people.tenant]\n",
        '[dataset.tenancies.people.tenant]\nstarts_on = "starts"\n',
    )
    tiny.change("sources/housing.toml", 'suffix = "#JNT"\n', 'suffix = "#JNT"\nstarts_on = "starts"\n')
    tiny.deliver("children_20261001.csv", ROWS)
    tiny.take_in()
    for actor, role in ACTORS.items():
        tiny.open().records.grant_roles(actor, (role,), "test")
    return tiny


def person_of(tiny: TinyWorkspace, record: str, dataset: str = "housing.children") -> str:
    rows = spine_of(tiny)["person_record"]
    return next(str(r["person_id"]) for r in rows if (r["dataset"], r["record_id"]) == (dataset, record))


def household(tiny: TinyWorkspace, person_id: str, on: dt.date = DAY, purpose: str = "front_line") -> HouseholdOn:
    actor = "worker" if purpose == "front_line" else "officer"
    return look_up_household(tiny.open(actor), person_id, on, purpose, WHY, None)


def view(tiny: TinyWorkspace, person_id: str) -> PersonView:
    return look_up(tiny.open("worker"), person_id, "front_line", WHY, None)


def names(people: list[dict[str, Any]]) -> set[str]:
    return {str(each["forename"]) for each in people}


def spine_changed(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Rows, dict[str, Any]], Any]) -> None:
    """Let linkage have found otherwise: change the rows of a table of the spine as it is read."""
    nothing_kept(monkeypatch)
    real = Lake.spine_table

    def changed(self: Lake, entry: Any, table: str) -> Any:
        found = real(self, entry, table)
        if table != name:
            return found
        rows = (found if isinstance(found, pa.Table) else found.to_table()).to_pylist()
        return pa.Table.from_pylist(change(rows), SPINE[name])  # type: ignore[call-arg, arg-type]

    monkeypatch.setattr(Lake, "spine_table", changed)


# ── the household of a day ───────────────────────────────────────────────────────────────────────────────────────────


def test_who_lived_together_on_a_day(tiny: TinyWorkspace) -> None:
    found = household(tiny, tiny.person(RESIDENTS[0]))
    assert (found.state, names(found.members)) == ("known", {"BRIAN", "WILFRED", "ROSALIND"})
    assert found.household_id is not None, "it still lives there"
    assert "ORCHARD LANE" in str(found.address) or "MILL ROAD" in str(found.address)


def test_nobody_is_there_before_it_began_or_before_they_were_born(tiny: TinyWorkspace) -> None:
    person = tiny.person(RESIDENTS[14])
    assert household(tiny, person, dt.date(2019, 12, 31)).state == "not known"
    assert names(household(tiny, person, dt.date(2024, 3, 4)).members) == {"PETER"}
    assert names(household(tiny, person, dt.date(2024, 3, 5)).members) == {"PETER", "TRISTAN"}


def test_a_day_to_come_is_refused(tiny: TinyWorkspace) -> None:
    with pytest.raises(UsageError):
        household(tiny, tiny.person(RESIDENTS[0]), dt.date(2090, 1, 1))


@pytest.mark.parametrize("number", [PROTECTED.number, PROTECTED.number + 1])
def test_of_the_protected_and_who_lives_with_them_nothing_is_said(tiny: TinyWorkspace, number: int) -> None:
    found = household(tiny, tiny.person(RESIDENTS[number]))
    assert found == HouseholdOn(found.person_id, DAY, "withheld")


def test_a_sealed_person_is_in_nobodys_household(tiny: TinyWorkspace) -> None:
    joint = tiny.person(RESIDENTS[SEALED.number + 1])
    assert names(household(tiny, joint).members) == {"LEONORA"}, "the child who lives there too"
    assert household(tiny, tiny.person(SEALED)).state == "withheld"
    assert SEALED.forename.upper() not in str([view(tiny, joint).household, view(tiny, joint).family])


def test_an_uncertain_or_disputed_residence_makes_no_household(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, brian = tiny.person(RESIDENTS[0]), tiny.person(RESIDENTS[1])
    for change in ({"match_probability": 0.9}, {"standing": "disputed", "is_current": False}):
        with monkeypatch.context() as patch:
            spine_changed(
                patch, "residence", lambda rows, c=change: [r | (c if r["person_id"] == brian else {}) for r in rows]
            )  # type: ignore[misc]
            assert names(household(tiny, alice).members) == {"WILFRED", "ROSALIND"}
            assert household(tiny, brian).state == "not known"
            assert "BRIAN" not in names(view(tiny, alice).household)


def test_who_lived_there_at_another_time_did_not_live_with_them(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A former resident is shown on the days on which they lived there, and on no others; the dead until they died."""
    alice, brian = tiny.person(RESIDENTS[0]), tiny.person(RESIDENTS[1])
    past = {"is_current": False, "standing": "former", "ends_on": dt.date(2021, 6, 1)}
    spine_changed(monkeypatch, "residence", lambda rows: [r | (past if r["person_id"] == brian else {}) for r in rows])  # type: ignore[misc]
    assert "BRIAN" in names(household(tiny, alice).members)
    assert "BRIAN" not in names(household(tiny, alice, dt.date(2021, 6, 2)).members)
    assert "ALICE" in names(household(tiny, brian).members)
    assert household(tiny, brian, dt.date(2021, 6, 2)).state == "not known"


def test_an_establishment_shows_nobody(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    spine_changed(monkeypatch, "household", lambda rows: [r | {"kind": "communal"} for r in rows])  # type: ignore[misc]
    found = household(tiny, tiny.person(RESIDENTS[0]))
    assert (found.state, found.members) == ("communal", [])


def test_who_restricted_the_use_of_their_records_is_not_shown(tiny: TinyWorkspace) -> None:
    child = person_of(tiny, "C2")
    alice = tiny.person(RESIDENTS[0])
    tiny.restrict(child)
    try:
        assert names(household(tiny, alice).members) == {"BRIAN", "WILFRED"}
        seen = view(tiny, alice)
        assert "ROSALIND" not in names(seen.family) | names(seen.relations) | names(seen.household)
        with pytest.raises(NotFound):
            household(tiny, child)
    finally:
        tiny.lift_all()


def test_the_command_gives_the_household_of_a_day(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "operating_system_user", lambda: "worker")
    arguments = [
        "household",
        tiny.person(RESIDENTS[0]),
        "--on",
        "2021-06-01",
        "--reason",
        WHY,
        "--workspace",
        str(tiny.root),
    ]
    output = CliRunner().invoke(app, arguments, standalone_mode=False).output
    assert "BRIAN" in output and "on 2021-06-01" in output
    document = json.loads(CliRunner().invoke(app, [*arguments, "--json"], standalone_mode=False).output)
    assert names(document["members"]) == {"BRIAN", "WILFRED", "ROSALIND"}
    assert tiny.events()[-1].purpose == "front_line"


# ── families ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_family_is_shown_across_households(tiny: TinyWorkspace) -> None:
    alice, kate = tiny.person(RESIDENTS[0]), tiny.person(RESIDENTS[10])
    family = {each["person_id"]: each for each in view(tiny, alice).family}
    wilfred, rosalind = person_of(tiny, "C1"), person_of(tiny, "C2")
    assert {who: (each["relation"], each["same_home"]) for who, each in family.items()} == {
        wilfred: ("child", True), rosalind: ("child", True), kate: ("parent of their child", False)
    }  # fmt: skip
    assert {each["source"] for each in family.values()} == {"housing.children"}
    assert {each["relation"] for each in view(tiny, wilfred).family} == {"parent", "sibling"}


def test_a_family_tells_nothing_of_datasets_that_are_not_given(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = tiny.person(RESIDENTS[0])
    for table in ("kinship", "relationship"):
        spine_changed(monkeypatch, table, lambda rows: [r | {"source": "police.incidents"} for r in rows])  # type: ignore[misc]
    seen = view(tiny, alice)
    assert (seen.family, seen.relations) == ([], [])


def test_a_statement_of_an_uncertain_record_is_counted_and_not_shown(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = tiny.person(RESIDENTS[0])
    for table in ("kinship", "relationship"):
        spine_changed(monkeypatch, table, lambda rows: [r | {"match_probability": 0.9} for r in rows])  # type: ignore[misc]
    seen = view(tiny, alice)
    assert (seen.family, seen.relations) == ([], [])
    assert "3 statements of a relationship with uncertain match are not shown" in seen.left_out


def test_the_protected_are_shown_in_no_family_and_the_sealed_have_none(tiny: TinyWorkspace) -> None:
    spine = spine_of(tiny)
    sealed = tiny.person(SEALED)
    for table in ("residence", "household_member", "relationship", "kinship", "family_member"):
        told = {row.get(name) for row in spine[table] for name in ("person_id", "other_person_id")}
        assert sealed not in told, table
    assert all(
        sealed not in (row["person_id"], row["other_person_id"])
        for row in spine["person_event"]
        if row["other_person_id"]
    )
    george = person_of(tiny, "T16", "housing.tenancies")
    assert SEALED.forename.upper() not in names(view(tiny, george).family)
    percival = person_of(tiny, "C3")
    assert PROTECTED.forename.upper() not in names(view(tiny, percival).family)


def test_what_contradicts_is_counted_and_not_shown(tiny: TinyWorkspace) -> None:
    erica = person_of(tiny, "T14", "housing.tenancies")
    seen = view(tiny, erica)
    assert (names(seen.family), names(seen.relations)) == (set(), {"JAMES"}), "the joint tenant alone"
    assert seen.left_out == ["1 statement of a relationship that is contradicted is not shown"]
    metrics = tiny.open().lake.catalogue.spine().metrics  # type: ignore[union-attr]
    assert (metrics["relationship_conflicts"], metrics["families"]) == (1, 4)


def test_an_old_id_leads_to_the_person_whose_records_it_had(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = tiny.person(RESIDENTS[0])
    at = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    gone = {"kind": "merged", "person_id": "P0000000000GN", "other_person_id": alice, "at": at}
    moved = {"kind": "moved", "person_id": alice, "other_person_id": "P0000000000NW", "at": at}
    spine_changed(monkeypatch, "person_event", lambda rows: [*rows, gone, moved])  # type: ignore[operator, misc]
    with pytest.raises(NotFound) as refused:
        view(tiny, "P0000000000GN")
    assert alice in " ".join(refused.value.lines())
    assert view(tiny, alice).history == [
        {"kind": "moved", "other_person_id": "P0000000000NW", "happened_on": at.date()}
    ]  # fmt: skip


def test_a_family_keeps_its_id_when_records_are_joined_again(tiny: TinyWorkspace, tmp_path: Path) -> None:
    from almoner.wiring.linking import link_records

    before = spine_of(tiny)["family_member"]
    link_records(wiring.open_workspace(tiny.root)[0], lambda _: None, rebuild=True)
    assert before and spine_of(tiny)["family_member"] == before
