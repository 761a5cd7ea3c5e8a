"""The proof of disposal: canaries go through intake and linkage, are disposed of, and no file holds a byte of them.

Encryption and compression are off, so that the same search finds them before; else it would prove nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.disposal.concerned import files_of, scanned
from almoner.kernel.errors import AccessRefused, Busy, NotFound, OnHold, UsageError, WorkspaceError
from almoner.store import encrypted_parquet, sealed_book
from almoner.wiring.erasing import erase
from almoner.wiring.holding import hold, holds, release_hold
from almoner.wiring.linking import link_records
from almoner.wiring.retention import approve, certified, falls_due, run_retention
from almoner.wiring.taking_in import take_in
from almoner.wiring.web_records import access_reviews_of, caseloads_of
from almoner.wiring.workspace import open_workspace
from tests.disposal_town import (
    CANARIES,
    NEWCOMER,
    SHARED,
    copy_of,
    deliver,
    holding,
    leave_traces,
    make_town,
    person_of,
    row,
)
from tests.workspace_builder import TinyWorkspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]
WHY = "Erasure was decided in this case"


def silent(_: str) -> None:
    """Take progress and say nothing."""


class Plain:
    """Stands for a codec, and leaves everything as it is."""

    def compress(self, content: bytes, *, asbytes: bool) -> bytes:
        """Give the content."""
        return content

    def decompress(self, content: bytes, size: int, *, asbytes: bool) -> bytes:
        """Give the content."""
        return content


@pytest.fixture(scope="module", autouse=True)
def uncompressed() -> Iterator[None]:
    """Turn compression off, so that what is looked for is found while it is there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encrypted_parquet, "COMPRESSION", "none")
        patch.setattr(sealed_book, "_CODEC", Plain())
        yield


@pytest.fixture(scope="module")
def made(uncompressed: None, tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Make the town once."""
    return make_town(tmp_path_factory.mktemp("town") / "made")


@pytest.fixture
def town(made: TinyWorkspace, tmp_path: Path) -> TinyWorkspace:
    """Give a town of one's own."""
    return copy_of(made, tmp_path / "workspace")


def test_after_an_erasure_no_byte_is_left(town: TinyWorkspace) -> None:
    person = person_of(town.open(), "T900")
    leave_traces(town, person)
    before = holding(town)
    officer = town.open("officer")
    assert caseloads_of(officer).find("worker", person) and access_reviews_of(officer).of_record(person)
    assert officer.lake.catalogue.built("quality")
    places = ("lake/deliveries", "lake/spine", "lake/serving", "inbox", "workspaces", "records.sqlite", "audit.sqlite")
    for place in places:
        assert any(name.startswith(place) for name in before), f"the search finds nothing in {place}"
    assert {word for words in before.values() for word in words} == set(CANARIES)
    done = erase(town.open("officer"), person, WHY, "R-1")
    assert done.state == "done"
    assert holding(town) == {}
    assert holding(town, [person]) == {}
    after = town.open("officer")
    assert caseloads_of(after).find("worker", person) is None
    assert access_reviews_of(after).of_record(person) == []
    assert after.lake.catalogue.built("quality") is None, "figures that counted somebody who is gone are built anew"
    told = json.dumps(certified(town.open("officer"), done.id)).lower()
    assert [word for word in (*CANARIES, person.lower()) if word in told] == []
    link_records(town.open("steward"), silent)
    town.open().close()
    assert holding(town) == {}
    assert holding(town, [person]) == {}
    assert town.open("auditor").audit.verify().intact


def test_others_keep_what_is_theirs(town: TinyWorkspace) -> None:
    workspace = town.open("officer")
    alice, neighbour = person_of(workspace, "T902#JNT"), person_of(workspace, "T11")
    erase(workspace, person_of(workspace, "T900"), WHY, "R-1")
    link_records(town.open("steward"), silent)
    after = town.open("officer")
    assert (person_of(after, "T902#JNT"), person_of(after, "T11")) == (alice, neighbour)
    assert holding(town, ["5 mill road"])


@pytest.mark.parametrize("erased", ["T920", "T920#JNT"])
def test_whoever_stays_keeps_their_home_after_a_further_delivery(town: TinyWorkspace, erased: str) -> None:
    couple = row("T920", ("Bella", "Ashworth", "1950-01-05"), Address="9 Hill Street").replace("100299999", "")
    for day in ("20261104", "20261105"):  # the second time it is only seen again
        deliver(town, day, couple)
        town.take_in()
    erase(town.open("officer"), person_of(town.open(), erased), WHY, "R-1")
    link_records(town.open("steward"), silent)
    workspace = town.open()
    spine = workspace.lake.catalogue.spine()
    assert spine is not None
    known = {each for table in scanned(workspace.lake, files_of(spine, "address"), ("address_id",))
             for each in table.column("address_id").to_pylist()}  # fmt: skip
    homes = {person: home for table in scanned(workspace.lake, files_of(spine, "residence"), ("person_id", "address_id"))
             for person, home in zip(*(column.to_pylist() for column in table.columns), strict=True)}  # fmt: skip
    assert set(homes.values()) <= known
    assert person_of(workspace, "T920#JNT" if erased == "T920" else "T920") in homes


def test_what_was_erased_is_kept_out_when_it_is_sent_again(town: TinyWorkspace) -> None:
    workspace = town.open("officer")
    erase(workspace, person_of(workspace, "T900"), WHY, "R-1")
    bad = row("T900").replace("1961-02-03", "not a day")
    deliver(town, "20261201", row("T900"), SHARED, NEWCOMER)
    deliver(town, "20261202", bad, f"{row('T905')},one too many")
    opened, _ = open_workspace(town.root)
    assert not take_in(opened, [town.inbox], silent).refused
    first, second = opened.lake.catalogue.deliveries("housing.tenancies")[-2:]
    assert (first.rows_in, first.accepted, first.quarantined, first.disposed) == (11, 10, 0, 1)
    assert (second.rows_in, second.accepted, second.quarantined, second.disposed) == (10, 8, 0, 2)
    link_records(opened, silent)
    opened.close()
    assert holding(town) == {}
    deliver(town, "20261203", SHARED, NEWCOMER)
    take_in(opened, [town.inbox], silent)
    link_records(opened, silent)
    assert person_of(opened, "T902#JNT") and person_of(opened, "T910")


def test_a_hold_outranks_erasure_until_it_is_released(town: TinyWorkspace) -> None:
    officer = town.open("officer")
    person = person_of(officer, "T900")
    for kind, target in (("person", person), ("dataset", "housing.tenancies"), ("rule", "from_start")):
        held = hold(officer, kind, target, "A claim is before the court", None)  # type: ignore[arg-type]
        with pytest.raises(OnHold) as refused:
            erase(officer, person, WHY, "R-1")
        assert held.id in refused.value.where and "court" not in " ".join(refused.value.lines())
        release_hold(officer, held.id, "The claim was settled")
    assert all(each.released_by == "officer" for each in holds(officer))
    assert holding(town)
    erase(officer, person, WHY, "R-1")
    assert holding(town) == {}


def test_an_erasure_during_an_intake_is_refused_and_changes_nothing(town: TinyWorkspace) -> None:
    officer = town.open("officer")
    person, before = person_of(officer, "T900"), holding(town)
    for writer in ("intake", "link"):
        with officer.lake.catalogue.lease(writer), pytest.raises(Busy):
            erase(officer, person, WHY, "R-1")
    assert {name: words for name, words in holding(town).items() if "lake" in name} == {
        name: words for name, words in before.items() if "lake" in name
    }


def test_bad_input_is_refused(town: TinyWorkspace) -> None:
    officer = town.open("officer")
    with pytest.raises(NotFound):
        erase(officer, "P000000000000", WHY, "R-1")
    with pytest.raises(UsageError):
        erase(officer, person_of(officer, "T900"), "no", "R-1")
    with pytest.raises(NotFound):
        hold(officer, "person", "P000000000000", "A claim is before the court", None)
    with pytest.raises(NotFound):
        release_hold(officer, "L000", "The claim was settled")
    with pytest.raises(AccessRefused):
        erase(town.open("worker"), person_of(officer, "T900"), WHY, "R-1")


# ── the schedule ─────────────────────────────────────────────────────────────────────────────────────────────────


def past(town: TinyWorkspace, action: str = "dispose") -> None:
    """Let the schedule end tenancies five years after they began: the person's alone began long enough ago."""
    town.change("council.toml", "years = 20\n", f'years = 5\naction = "{action}"\n')
    old = row("T906", starts="2015-01-01", Address="78 Zqpassage Street")
    deliver(town, "20261104", old)
    opened, _ = open_workspace(town.root)
    take_in(opened, [town.inbox], silent)


def test_the_schedule_disposes_of_every_version_of_what_is_past(town: TinyWorkspace) -> None:
    past(town)
    officer = town.open("officer")
    (due,) = [each for each in falls_due(officer) if each.rule == "from_start"]
    (tenancies,) = due.datasets
    assert "T906" in tenancies.keys and due.rows > 0
    (done,) = [each for each in run_retention(officer, silent) if each.subject == "from_start"]
    assert done.state == "done"
    assert [each for each in falls_due(officer) if each.work()] == []
    link_records(town.open("steward"), silent)
    with pytest.raises(AssertionError):
        person_of(town.open(), "T906")


def test_what_is_held_stays(town: TinyWorkspace) -> None:
    past(town)
    link_records(town.open("steward"), silent)
    officer = town.open("officer")
    hold(officer, "dataset", "housing.tenancies", "A claim is before the court", None)
    (due,) = [each for each in falls_due(officer) if each.rule == "from_start"]
    assert due.rows == 0 and due.datasets[0].held
    assert run_retention(officer, silent) == []


def test_a_review_waits_for_a_second_person(town: TinyWorkspace) -> None:
    past(town, "review")
    officer = town.open("officer")
    (waiting,) = run_retention(officer, silent)
    assert waiting.state == "awaiting"
    assert run_retention(officer, silent) == []
    with pytest.raises(AccessRefused):
        approve(officer, waiting.id, "They may go")
    second = town.open("second_officer")
    approve(second, waiting.id, "They may go")
    held = hold(second, "rule", "from_start", "A claim is before the court", None)
    (done,) = run_retention(second, silent)
    assert (done.state, done.approved_by) == ("done", "second_officer")
    assert [each for each in falls_due(second) if each.datasets[0].held], "a hold placed after the approval counts"
    release_hold(second, held.id, "The claim was settled")


def test_what_is_made_anonymous_keeps_codes_and_amounts_alone(town: TinyWorkspace) -> None:
    past(town, "anonymise")
    officer = town.open("officer")
    run_retention(officer, silent)
    link_records(town.open("steward"), silent)
    entry = officer.lake.catalogue.deliveries("housing.tenancies")[-1]
    dataset = officer.registry.dataset("housing.tenancies")
    general = officer.lake.part([entry], "general", dataset).to_table().to_pylist()  # type: ignore[union-attr]
    (made,) = [each for each in general if each["starts"] and each["starts"].isoformat() == "2015-01-01"]
    assert (made["rent"], made["safety"], made["note"], made["practice"], made["tenancy"]) == (
        99.5,
        "N",
        None,
        None,
        None,
    )
    rows = officer.lake.part([entry], "rows", dataset).to_table()  # type: ignore[union-attr]
    assert any(key.startswith("anonymous-") for key in rows.column("record_key").to_pylist())
    assert "78 zqpassage" not in str(holding(town, ["78 zqpassage"]))


# ── killed, and put back ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("at", [1, 3, 5, 7, 9, 11, 12])
def test_killed_at_any_step_it_finishes_on_the_next_run(town: TinyWorkspace, at: int) -> None:
    person = person_of(town.open(), "T900")
    leave_traces(town, person)
    child = os.fork()
    if child == 0:
        _erase_until(town, person, at)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "it was done before the kill"
    officer = town.open("officer")
    (done,) = run_retention(officer, silent)
    assert done.state == "done"
    officer.close()
    assert holding(town) == {}
    assert holding(town, [person]) == {}
    link_records(town.open("steward"), silent)
    town.open().close()
    assert holding(town) == {}


def _erase_until(town: TinyWorkspace, person: str, at: int) -> None:
    """Be the child: erase, and be killed when a step was carried out and is not noted yet."""
    officer = town.open("officer")
    from almoner.records.disposals import OrmDisposals

    noted = 0
    note = OrmDisposals.note

    def killed(self: OrmDisposals, *given: object) -> None:
        nonlocal noted
        noted += 1
        if noted == at:
            os.kill(os.getpid(), signal.SIGKILL)
        note(self, *given)  # type: ignore[arg-type]

    OrmDisposals.note = killed  # type: ignore[method-assign, assignment]
    try:
        erase(officer, person, WHY, "R-1")
    finally:
        os._exit(0)


def test_a_backup_that_is_put_back_is_cleared_before_anybody_reads(town: TinyWorkspace, tmp_path: Path) -> None:
    (town.root / "almoner.toml").write_text(
        (town.root / "almoner.toml").read_text() + f'\n[retention]\nledger = "{tmp_path / "ledger"}"\n'
    )
    backup = tmp_path / "backup"
    town.open().close()
    shutil.copytree(town.root, backup)
    officer = town.open("officer")
    person = person_of(officer, "T900")
    erase(officer, person, WHY, "R-1")
    officer.close()
    shutil.rmtree(town.root)
    shutil.copytree(backup, town.root)
    assert holding(town)
    with pytest.raises(WorkspaceError):
        _ = town.open("worker").gate
    with pytest.raises(WorkspaceError):
        take_in(open_workspace(town.root)[0], [town.inbox], silent)
    (again,) = run_retention(town.open("officer"), silent)
    assert (again.kind, again.state) == ("replay", "done")
    town.open().close()
    assert holding(town) == {}
    assert town.open("worker").gate is not None
