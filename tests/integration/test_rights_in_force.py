"""Decisions on rights change what the gate gives from the next read on, in every product, and for data still to come."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from almoner.kernel.errors import AccessRefused, Busy, NotFound, OnHold, RequestRefused, UsageError
from almoner.wiring.looking_up import look_up
from tests.integration.request_desk import APPROVER, OFFICER
from tests.rights_desk import WHY, RightsDesk, rows, tenancies
from tests.workspace_builder import RESIDENTS, TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration
ONE, TWO = RESIDENTS[0], RESIDENTS[1]
TENANCY = f"T{ONE.house}"
ABOUT_ONE = "housing.tenancies"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RightsDesk:
    """Give a workspace for one test."""
    return RightsDesk(finished_workspace(tmp_path / "workspace"), monkeypatch, tmp_path)


def rents(tiny: TinyWorkspace) -> int:
    return len(rows(tiny, "analyst", "research", ABOUT_ONE, "rent", project="alpha"))


def residents(tiny: TinyWorkspace, purpose: str = "research", **about: Any) -> int:
    return len(rows(tiny, "analyst", purpose, "spine.resident", **about))


# ── objections and restrictions ──────────────────────────────────────────────────────────────────────────────────────


def test_an_objection_takes_the_person_out_of_the_purposes_objected_to_and_no_other(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    before, others = residents(tiny, project="alpha"), residents(tiny, "planning")
    made = desk.carries_out("object", person, "--purpose", "research")
    assert residents(tiny, project="alpha") == before - 1
    assert residents(tiny, "planning") == others
    assert look_up(tiny.open("worker"), person, "front_line", WHY, None) is not None
    desk.does(APPROVER, "rights", "lift", made["right"], "--reason", WHY)
    assert residents(tiny, project="alpha") == before


def test_a_restriction_leaves_storage_and_what_the_law_leaves(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    planning = residents(tiny, "planning")
    desk.carries_out("restrict", person, "--consented", "planning")
    with pytest.raises(NotFound):
        look_up(tiny.open("worker"), person, "front_line", WHY, None)
    assert look_up(tiny.open("requests"), person, "requests", WHY, None) is not None
    assert ONE.forename.upper() not in {
        row["forename"] for row in rows(tiny, "worker", "front_line", "spine.person", subjects=[tiny.person(TWO)])
    }
    assert residents(tiny, "planning") == planning


def test_whoever_is_restricted_is_not_in_a_delivery_that_was_not_joined_yet(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    before = rents(tiny)
    desk.carries_out("restrict", person)
    assert rents(tiny) == before - 1
    tenancies(tiny, "20261101")
    from almoner.wiring.taking_in import take_in

    assert not take_in(tiny.open("steward"), [tiny.inbox], lambda _: None).refused
    delivered = len(RESIDENTS) // 2
    assert rents(tiny) == delivered - 1, "their record came again under its key"
    newcomer = b"T990,Never,Seen,1999-01-01,F,,,,,,,1 Mill Road,M20 1AB,,N,N,1,P,2022-01-01,none\n"
    path = next(tiny.inbox.glob("tenancies_20261101.csv"))
    (tiny.inbox / "tenancies_20261102.csv").write_bytes(path.read_bytes() + newcomer)
    assert not take_in(tiny.open("steward"), [tiny.inbox], lambda _: None).refused
    assert rents(tiny) == delivered - 1, "nobody knows yet whose the new record is"
    desk.takes_in()
    assert rents(tiny) == delivered, "the newcomer is somebody else"


def test_a_right_follows_the_persons_records_through_a_merge_and_back(desk: RightsDesk) -> None:
    from almoner.wiring.deciding import merge, unmerge

    other = RESIDENTS[2]
    tiny, (one, two) = desk.tiny, (desk.tiny.person(ONE), desk.tiny.person(other))
    theirs = [f"{a.dataset.replace('.', '/')}/{a.record_id}" for a in records(tiny, two)]
    everybody = residents(tiny, project="alpha")
    desk.carries_out("object", two, "--purpose", "research")
    assert residents(tiny, project="alpha") == everybody - 1
    merge(tiny.open("steward"), one, two, WHY)
    desk.takes_in()
    assert residents(tiny, project="alpha") == everybody - 2, "who is merged has the records of whoever objected"
    [merged] = {one, two} & {row["person_id"] for row in rows(tiny, "steward", "matching", "spine.person")}
    unmerge(tiny.open("steward"), merged, theirs, WHY)
    desk.takes_in()
    assert residents(tiny, project="alpha") == everybody - 1, "who never objected is seen again"


def records(tiny: TinyWorkspace, person: str) -> tuple[Any, ...]:
    from almoner.governance.following import anchors_of

    workspace = tiny.open()
    return anchors_of(workspace.registry, workspace.lake, person)


def test_the_same_right_twice_is_refused(desk: RightsDesk) -> None:
    person = desk.tiny.person(ONE)
    desk.carries_out("object", person, "--purpose", "research")
    case = desk.granted("objection", person)
    again = desk.refused(APPROVER, "rights", "object", case, "--purpose", "research", "--reason", WHY)
    assert isinstance(again, UsageError) and "in force already" in again.message


def test_nobody_can_object_to_what_the_law_requires(desk: RightsDesk) -> None:
    case = desk.granted("objection", desk.tiny.person(ONE))
    refused = desk.refused(APPROVER, "rights", "object", case, "--purpose", "emergency", "--reason", WHY)
    assert isinstance(refused, RequestRefused) and "Art 21(1)" in refused.message and "6(1)(d)" in refused.message
    unknown = desk.refused(APPROVER, "rights", "object", case, "--purpose", "nonsense", "--reason", WHY)
    assert isinstance(unknown, UsageError)
    desk.tiny.change(
        "purposes.toml", "[purpose.research]", '[purpose.research]\ncompelling_grounds = "A public inquiry"'
    )
    grounds = desk.refused(APPROVER, "rights", "object", case, "--purpose", "research", "--reason", WHY)
    assert "A public inquiry" in grounds.message


def test_only_what_a_case_granted_is_carried_out(desk: RightsDesk) -> None:
    person = desk.tiny.person(ONE)
    undecided = desk.right("objection", "--person", person)
    assert isinstance(desk.refused(APPROVER, "rights", "object", undecided, "--reason", WHY), RequestRefused)
    other = desk.granted("portability", person)
    assert isinstance(desk.refused(APPROVER, "rights", "restrict", other, "--reason", WHY), RequestRefused)
    meanwhile = desk.does(APPROVER, "rights", "restrict", undecided, "--reason", WHY)
    assert meanwhile["kind"] == "restriction", "while an objection is looked at, use is restricted (Art 18(1)(d))"
    granted = desk.granted("objection", person)
    assert isinstance(desk.refused("analyst", "rights", "object", granted, "--reason", WHY), AccessRefused)
    assert isinstance(desk.refused(APPROVER, "rights", "object", "OBJ-000000000", "--reason", WHY), NotFound)


def test_a_person_who_is_not_held_or_is_not_named(desk: RightsDesk) -> None:
    nobody = desk.granted("objection", "")
    assert isinstance(desk.refused(APPROVER, "rights", "object", nobody, "--reason", WHY), UsageError)
    unheld = desk.refused(APPROVER, "rights", "object", nobody, "--person", "P000000000000", "--reason", WHY)
    assert isinstance(unheld, NotFound)
    case = desk.granted("objection", desk.tiny.person(ONE))
    other = desk.refused(APPROVER, "rights", "object", case, "--person", desk.tiny.person(TWO), "--reason", WHY)
    assert isinstance(other, UsageError) and "somebody else" in other.message


def test_an_analysts_copy_is_made_anew_when_a_right_comes_in_force(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    analyst = tiny.open("analyst")
    permit = analyst.permits.standing("analyst", "research", WHY, project="alpha")
    made = analyst.analysts.open(permit)

    def counted() -> int:
        sql = 'SELECT count(*) AS n FROM "spine.resident"'
        table = tiny.open("analyst").analysts.sql(made.id, "analyst", sql, memory="500MB", threads=1)
        return int(table.column("n")[0].as_py())

    before = counted()
    files = {path.name for path in (tiny.root / "workspaces" / permit.id).glob("*.parquet")}
    desk.carries_out("object", person, "--purpose", "research")
    assert counted() == before - 1
    now = {path.name for path in (tiny.root / "workspaces" / permit.id).glob("*.parquet")}
    assert len(now) == len(files) and not now & files, "the old copies are gone"
    desk.carries_out("object", tiny.person(TWO), "--purpose", "planning")
    assert counted() == before - 1
    assert {path.name for path in (tiny.root / "workspaces" / permit.id).glob("*.parquet")} == now, "not its purpose"


def test_who_read_before_a_right_came_in_force_is_told_to_do_it_again(desk: RightsDesk) -> None:
    from almoner.kernel.steps import Step

    workspace = desk.tiny.open("analyst")
    permit = workspace.permits.standing("analyst", "research", WHY, project="alpha")
    open_desk = workspace.gate.desk(permit)
    step = Step("all", "", 'SELECT count(*) AS n FROM "spine.resident"', ())
    assert open_desk.run([step], {"spine.resident": ()}).rows()[0]["n"] > 0
    desk.tiny.restrict(desk.tiny.person(ONE), "research")
    with pytest.raises(Busy):
        open_desk.run([step], {"spine.resident": ()})


# ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────


def rent(tiny: TinyWorkspace) -> float:
    found = rows(tiny, "requests", "requests", ABOUT_ONE, "tenancy", "rent", subjects=[tiny.person(ONE)])
    return float(next(row["rent"] for row in found if row["tenancy"] == TENANCY))


def test_a_correction_stands_while_the_source_repeats_itself_and_is_settled_when_it_agrees(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    assert rent(tiny) == 100.5
    right = desk.corrects(person, TENANCY, "rent", "90.25")["right"]
    assert rent(tiny) == 90.25 and desk.states()[right] == "in force"
    tenancies(tiny, "20261101")
    desk.takes_in()
    assert rent(tiny) == 90.25 and desk.states()[right] == "in force", "the next delivery repeats the old value"
    tenancies(tiny, "20261102", **{TENANCY: {"rent": "95"}})
    desk.takes_in()
    assert rent(tiny) == 95 and desk.states()[right] == "to review", "a third value: somebody has to look"
    tenancies(tiny, "20261103", **{TENANCY: {"rent": "90.25"}})
    desk.takes_in()
    assert rent(tiny) == 90.25 and desk.states()[right] == "settled"
    tenancies(tiny, "20261104")
    desk.takes_in()
    assert rent(tiny) == 90.25 and desk.states()[right] == "in force", "it falls back: the correction holds again"
    path = tenancies(tiny, "20261105")
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith(TENANCY)))
    desk.takes_in()
    assert desk.states()[right] == "gone"


def test_a_corrected_name_is_shown_at_once_found_and_joined_by(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    made = desk.corrects(person, TENANCY, "surname", "Zqcorrected")
    assert made["link"] is True

    def shown() -> dict[str, Any]:
        return next(
            row
            for row in rows(tiny, "worker", "front_line", "spine.person", subjects=[person])
            if row["person_id"] == person
        )

    assert shown()["surname"] == "ZQCORRECTED", "before records are joined anew"
    from almoner.single_view.finding import Wanted
    from almoner.wiring.looking_up import look_for

    found = look_for(tiny.open("worker"), Wanted(f"{ONE.forename} Zqcorrected"), "front_line", WHY)
    assert [each.person_id for each in found] == [person]
    desk.takes_in()
    assert tiny.person(ONE) == person and shown()["surname"] == "ZQCORRECTED"
    names = rows(tiny, "steward", "matching", "persons:housing.tenancies")
    mine = {row["surname"] for row in names if row["record_id"] == TENANCY}
    assert mine == {"ZQCORRECTED"}, "in every version that is held"


def test_a_corrected_address_is_shown_to_nobody_until_records_are_joined_anew(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)

    def homes() -> set[str]:
        return {row["address_id"] for row in rows(tiny, "worker", "front_line", "spine.residence", subjects=[person])}

    mates = residents(tiny, "planning")
    assert homes()
    desk.corrects(person, TENANCY, "uprn", "100299123")
    assert not homes() and residents(tiny, "planning") == mates - 2, "both who live there, as the record says"
    desk.takes_in()
    assert homes() and residents(tiny, "planning") == mates


def test_a_corrected_day_of_birth_changes_the_age(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    desk.corrects(person, TENANCY, "born", "1990-01-01")
    [mine] = [
        r for r in rows(tiny, "requests", "requests", "spine.person", subjects=[person]) if r["person_id"] == person
    ]
    assert str(mine["date_of_birth"]) == "1990-01-01"


@pytest.mark.parametrize(
    ("record", "column", "value", "said"),
    [
        (TENANCY, "nonsense", "1", "no column"),
        (TENANCY, "rent", "a lot", "no decimal"),
        (TENANCY, "born", "31/02/1990", "no day"),
        (TENANCY, "sex", "neither", "code"),
        (TENANCY, "tenancy", "T11", "key"),
        (TENANCY, "rent", "100.50", "says so already"),
        ("T999", "rent", "1", "not one of the person's"),
    ],
)
def test_a_correction_that_can_not_be(desk: RightsDesk, record: str, column: str, value: str, said: str) -> None:
    case = desk.granted("rectification", desk.tiny.person(ONE))
    words = desk.correction(record, column, value)
    refused = desk.refused(APPROVER, "rights", "correct", case, "--reason", WHY, *words)
    text = f"{refused.message} {refused.why}"
    assert said in text and (value == "1" or value not in text), text
    assert desk.states() == {}


def test_the_same_correction_twice_is_refused_and_lifting_gives_the_old_value_back(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    right = desk.corrects(person, TENANCY, "rent", "90.25")["right"]
    case = desk.granted("rectification", person)
    words = desk.correction(TENANCY, "rent", "91")
    again = desk.refused(APPROVER, "rights", "correct", case, "--reason", WHY, *words)
    assert isinstance(again, UsageError) and right in (again.where or "")
    desk.does(APPROVER, "rights", "lift", right, "--reason", WHY)
    assert rent(tiny) == 100.5
    assert isinstance(desk.refused(APPROVER, "rights", "lift", right, "--reason", WHY), NotFound)


def test_the_source_is_told_what_it_has_to_correct(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    desk.corrects(person, TENANCY, "rent", "90.25")
    desk.corrects(person, TENANCY, "note", "=1+1")
    out = desk.folder / "report.csv"
    desk.does(APPROVER, "rights", "report", "housing", "--out", str(out))
    told = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert sorted((row["record"], row["column"], row["it_says"], row["right_is"]) for row in told) == [
        (TENANCY, "note", "none", "'=1+1"),
        (TENANCY, "rent", "100.5", "90.25"),
    ]
    actions = [event.action for event in tiny.events()]
    assert "rights.report" in actions and "rights.correction" in actions
    assert isinstance(desk.refused(APPROVER, "rights", "report", "nobody", "--out", str(out)), NotFound)
    assert isinstance(desk.refused(APPROVER, "rights", "report", "housing", "--out", str(out)), UsageError)
    assert isinstance(desk.refused("worker", "rights", "report", "housing", "--out", str(out)), AccessRefused)


# ── erasure ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_granted_erasure_is_carried_out_unless_a_hold_is_on(desk: RightsDesk) -> None:
    tiny, person = desk.tiny, desk.tiny.person(ONE)
    desk.carries_out("object", person, "--purpose", "research")
    case = desk.granted("erasure", person)
    held = desk.does(APPROVER, "retention", "hold", "--person", person, "--reason", WHY)
    refused = desk.refused(APPROVER, "rights", "erase", case, "--reason", WHY)
    assert isinstance(refused, OnHold)
    desk.does(APPROVER, "retention", "release-hold", held["hold"], "--reason", WHY)
    with tiny.open("steward").lake.catalogue.lease("intake"):
        assert isinstance(desk.refused(APPROVER, "rights", "erase", case, "--reason", WHY), Busy)
    desk.does(APPROVER, "rights", "erase", case, "--reason", WHY)
    assert not any(ONE.forename.upper() == row["forename"] for row in rows(tiny, "steward", "matching", "spine.person"))
    assert tiny.open().rights.rights(lifted=True) == [], "nor does a right of theirs stay"
    assert isinstance(desk.refused(OFFICER, "rights", "erase", case, "--reason", WHY), AccessRefused)
