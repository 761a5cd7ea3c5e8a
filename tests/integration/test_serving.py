"""What searches and records read: the snapshot shows what the views show, never more, and whoever reads one finishes on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.governance import showing
from almoner.governance.gate import Gate
from almoner.governance.permit import Permit
from almoner.governance.showing import BookShelf
from almoner.kernel.errors import AccessRefused, AlmonerError, NotFound, NotReady
from almoner.single_view.changes import standings
from almoner.single_view.finding import Wanted, find_people
from almoner.single_view.household import HouseholdOn, household_on
from almoner.single_view.person import PersonView, person_of
from almoner.single_view.reading import PersonShowing, read_published, read_views
from almoner.wiring.looking_up import look_up, look_up_household, newest_deliveries
from almoner.wiring.serving import make_snapshot, snapshot_state
from almoner.wiring.slow_reads import SlowReads
from almoner.wiring.workspace import Workspace, utc_now
from tests.workspace_builder import PROTECTED, RESIDENTS, TinyWorkspace, finished_workspace, moved_day

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
TENANT, PARTNER = RESIDENTS[0], RESIDENTS[1]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("serving") / "workspace")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[TinyWorkspace]:
    """Give a workspace of the test's own, in a process that has opened nothing of it."""
    yield finished_workspace(tmp_path / "workspace")


def permit_about(workspace: Workspace, person: str, purpose: str = "front_line") -> Permit:
    return workspace.permits.standing(workspace.actor, purpose, WHY, subjects=(person,))


def published(workspace: Workspace, permit: Permit, person: str) -> PersonView | None:
    """Show a person from the snapshot alone."""
    about = read_published(workspace.registry, workspace.gate, permit, [person])
    return about and person_of(workspace.registry, workspace.gate, permit, about, person)


def viewed(workspace: Workspace, permit: Permit, person: str) -> PersonView:
    """Show a person from the views alone."""
    about = read_views(workspace.registry, workspace.gate, permit, [person], newest_deliveries(workspace))
    return person_of(workspace.registry, workspace.gate, permit, about, person)


def homes(workspace: Workspace, permit: Permit, person: str, on: dt.date, *, live: bool) -> HouseholdOn:
    """Show a household from the snapshot, or from the views."""
    parts = (workspace.registry, workspace.gate, permit, [person])
    about = read_views(*parts, {}) if live else read_published(*parts, places=True)
    assert about is not None
    return household_on(workspace.registry, about, person, on)


def everybody(tiny: TinyWorkspace) -> list[str]:
    steward = tiny.open("steward")
    entry = steward.lake.catalogue.spine()
    return sorted(
        {each for name in ("person", "person_event")
         for each in steward.lake.spine_table(entry, name).to_table().column("person_id").to_pylist()}
    )  # fmt: skip


def files(tiny: TinyWorkspace) -> list[Path]:
    return sorted(path for path in (tiny.root / "lake" / "serving").rglob("*.*") if path.is_file())


def answer(call: object) -> object:
    try:
        return call()  # type: ignore[operator]
    except AlmonerError as error:
        return type(error), error.message


# ── the same as the views ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("actor", "purpose"), [("worker", "front_line"), ("officer", "requests")])
def test_the_snapshot_shows_of_everybody_what_the_views_show(shared: TinyWorkspace, actor: str, purpose: str) -> None:
    workspace, shown = shared.open(actor), 0
    for person in everybody(shared):
        permit = permit_about(workspace, person, purpose)
        seen = answer(lambda: published(workspace, permit, person))  # noqa: B023
        assert seen == answer(lambda: viewed(workspace, permit, person)), person  # noqa: B023
        shown += not isinstance(seen, tuple)
        for on in (dt.date(2026, 9, 1), dt.date(2024, 1, 1)):
            there = answer(lambda: homes(workspace, permit, person, on, live=False))  # noqa: B023
            assert there == answer(lambda: homes(workspace, permit, person, on, live=True)), person  # noqa: B023
    assert shown > 5


def test_a_protected_person_is_withheld_in_the_snapshot_too(shared: TinyWorkspace) -> None:
    worker, person = shared.open("worker"), shared.person(PROTECTED)
    seen = published(worker, permit_about(worker, person), person)
    assert seen is not None and seen.withheld and seen.identity["address"] is None and seen.household == []


def test_one_read_of_the_snapshot_is_one_event_that_names_what_it_was_made_from(shared: TinyWorkspace) -> None:
    worker, person = shared.open("worker"), shared.person(TENANT)
    permit, before = permit_about(worker, person), len(shared.events())
    assert published(worker, permit, person) is not None
    (event,) = shared.events(before)
    assert (event.action, event.outcome, event.permit_id) == ("run", "allowed", permit.id)
    assert {"spine.person", "housing.tenancies"} <= {*event.datasets}
    assert "trust.patients" not in event.datasets and len(event.subject_digests) == 1


def test_several_people_are_read_at_once_and_written_down_once(shared: TinyWorkspace) -> None:
    worker = shared.open("worker")
    people = [shared.person(each) for each in RESIDENTS[:3]]
    permit = worker.permits.standing("worker", "front_line", WHY, subjects=people)
    before = len(shared.events())
    from_snapshot = read_published(worker.registry, worker.gate, permit, people)
    assert [len(event.subject_digests) for event in shared.events(before)] == [3]
    live = read_views(worker.registry, worker.gate, permit, people, newest_deliveries(worker))
    assert from_snapshot is not None and standings(from_snapshot) == standings(live) and len(standings(live)) > 1


def test_nothing_of_anybody_stands_in_clear_in_a_snapshot(shared: TinyWorkspace) -> None:
    content = b"".join(file.read_bytes() for file in files(shared))
    for value in (TENANT.surname, TENANT.forename, shared.person(TENANT), TENANT.place()["postcode"]):
        assert value.encode() not in content and value.upper().encode() not in content


# ── whom the gate lets through ───────────────────────────────────────────────────────────────────────────────────


def test_a_permit_about_somebody_else_opens_nothing(shared: TinyWorkspace) -> None:
    tenant, partner, worker = shared.person(TENANT), shared.person(PARTNER), shared.open("worker")
    permit, before = permit_about(worker, tenant), len(shared.events())
    with pytest.raises(AccessRefused):
        worker.gate.show(permit, PersonShowing(worker.registry), [partner])
    assert [event.outcome for event in shared.events(before)] == ["refused"]


def test_whoever_restricted_since_is_shown_to_nobody_and_named_by_nobody(own: TinyWorkspace) -> None:
    tenant, partner = own.person(TENANT), own.person(PARTNER)
    worker = own.open("worker")
    assert partner in {each["person_id"] for each in look_up(worker, tenant, "front_line", WHY, None).household}
    own.restrict(partner)
    permit = permit_about(worker, tenant)
    assert published(worker, permit, tenant) is None, "the snapshot names them"
    seen = look_up(worker, tenant, "front_line", WHY, None)
    assert partner not in str(seen)
    assert answer(lambda: look_up(worker, partner, "front_line", WHY, None)) == answer(
        lambda: viewed(worker, permit_about(worker, partner), partner)
    )
    other = own.person(RESIDENTS[4])
    assert published(worker, permit_about(worker, other), other) is not None


def test_another_registry_and_another_day_need_another_snapshot(own: TinyWorkspace) -> None:
    worker, person = own.open("worker"), own.person(TENANT)
    permit = permit_about(worker, person)
    tomorrow = Gate(
        worker.registry, worker.lake, worker.engine, worker.records, worker.audit, worker.ring, moved_day(1),
        worker.rights,
    )  # fmt: skip
    assert worker.gate.show(permit, PersonShowing(worker.registry), [person]) is not None
    assert tomorrow.show(permit, PersonShowing(worker.registry), [person]) is None
    own.change("agreements.toml", "expires_on = 2090-12-31", "expires_on = 2026-01-01")
    anew = own.open("worker")
    assert anew.gate.show(permit_about(anew, person), PersonShowing(anew.registry), [person]) is None
    with pytest.raises(NotFound):  # the agreement under which tenancies were shown has lapsed
        look_up(anew, person, "front_line", WHY, None)


# ── swapped in, lost, damaged ────────────────────────────────────────────────────────────────────────────────────


def test_a_reader_who_holds_the_old_one_finishes_on_it(own: TinyWorkspace) -> None:
    steward, person = own.open("steward"), own.person(TENANT)
    entry = steward.lake.catalogue.snapshot()
    assert entry is not None
    file = next(each for each in entry.files if each.part.startswith("view:front_line"))
    book, before = BookShelf(steward.lake).book(file), files(own)
    assert book is not None
    from almoner.records.models import Spine

    Spine.objects.update(number=entry.spine + 1000)  # as a link leaves it
    make_snapshot(steward, lambda _: None, purpose="matching")
    assert not {*before} & {*files(own)} and len(before) == len(files(own))
    assert book.get(person) is not None, "whose file is gone"
    assert look_up(own.open("worker"), person, "front_line", WHY, None).identity["person_id"] == person
    assert snapshot_state(steward) == ""


def test_what_is_good_is_not_made_again(own: TinyWorkspace) -> None:
    before = files(own)
    make_snapshot(own.open("steward"), lambda _: None, purpose="matching")
    assert files(own) == before


def test_a_snapshot_that_fails_leaves_the_one_before(own: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before, steward = files(own), own.open("steward")
    from almoner.records.models import Spine

    Spine.objects.update(number=5000)
    monkeypatch.setattr("almoner.store.sealed_book.BookWriter.close", _full)
    with pytest.raises(AlmonerError):
        make_snapshot(steward, lambda _: None, purpose="matching")
    assert files(own) == before
    assert "before the last time" in snapshot_state(steward)
    worker, person = own.open("worker"), own.person(TENANT)
    assert published(worker, permit_about(worker, person), person) is not None


def _full(*_: object) -> int:
    raise AlmonerError("The disk is full.")


@pytest.mark.parametrize("harm", ["removed", "cut", "altered"])
def test_a_lost_or_damaged_snapshot_is_read_around_and_told(own: TinyWorkspace, harm: str) -> None:
    worker, person = own.open("worker"), own.person(TENANT)
    whole = look_up(worker, person, "front_line", WHY, None)
    home = look_up_household(worker, person, dt.date(2026, 9, 1), "front_line", WHY, None)
    showing._open.clear()
    for file in files(own):
        if harm == "removed":
            file.unlink()
        else:
            content = file.read_bytes()
            file.write_bytes(content[: len(content) // 2] if harm == "cut" else bytes(255 - byte for byte in content))
    lacking: list[str] = []
    worker.on_lack = lambda _, purpose: lacking.append(purpose)
    assert look_up(worker, person, "front_line", WHY, None) == whole
    assert look_up_household(worker, person, dt.date(2026, 9, 1), "front_line", WHY, None) == home
    assert lacking == ["front_line", "front_line"]
    assert "damaged" in snapshot_state(worker)
    make_snapshot(own.open("steward"), lambda _: None, purpose="matching")
    assert snapshot_state(worker) == ""
    assert look_up(worker, person, "front_line", WHY, None) == whole and len(lacking) == 2


# ── behind pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_behind_pages_nobody_waits_for_an_index(own: TinyWorkspace) -> None:
    from almoner.records.models import ServingSnapshot

    hurried = own.open("worker")
    hurried.hurried = True
    permit = hurried.permits.standing("worker", "front_line", WHY)
    ServingSnapshot.objects.all().delete()
    with pytest.raises(NotReady):
        find_people(hurried.gate, permit, Wanted("Alice Ashworth"))
    assert ServingSnapshot.objects.count() == 0
    patient = own.open("worker")
    assert find_people(patient.gate, permit, Wanted("Alice Ashworth"))


def test_behind_pages_one_at_a_time_reads_the_slow_way() -> None:
    reads = SlowReads(1)
    with reads.one(), pytest.raises(NotReady), reads.one():
        pass
    with reads.one():
        pass
    everybody = SlowReads()
    with everybody.one(), everybody.one():
        pass


def test_who_may_look_may_let_the_snapshot_be_made(own: TinyWorkspace) -> None:
    from almoner.records.models import ServingSnapshot

    worker = own.open("worker")
    ServingSnapshot.objects.all().delete()
    told = make_snapshot(worker, lambda _: None, purpose="emergency")
    assert any("'front_line'" in line for line in told)
    assert snapshot_state(worker) == "" and utc_now().date().isoformat() in str(worker.lake.catalogue.snapshot())
