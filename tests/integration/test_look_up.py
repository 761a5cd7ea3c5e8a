"""The look-up goes through the gate: who may not be found isn't, whatever is asked, and every search is written down."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.governance import searching
from almoner.kernel.errors import AccessRefused
from almoner.single_view.finding import Candidate, Wanted, find_people
from almoner.single_view.searching import PeopleSearch
from almoner.wiring.linking import link_records
from almoner.wiring.looking_up import look_for
from tests.integration.test_front_line_view import records_changed, weighed
from tests.workspace_builder import (
    PROTECTED,
    RESIDENTS,
    ROOT,
    SEALED,
    TinyWorkspace,
    finished_workspace,
    identifier,
    nothing_kept,
)

pytestmark = pytest.mark.integration
WHY = "A reason that explains enough"
TENANT = RESIDENTS[0]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that no test changes, but for its audit log and permits."""
    return finished_workspace(tmp_path_factory.mktemp("search") / "workspace")


@pytest.fixture
def own(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace to change."""
    return finished_workspace(tmp_path / "workspace")


def found(
    tiny: TinyWorkspace, wanted: Wanted | str, actor: str = "worker", purpose: str = "front_line"
) -> list[Candidate]:
    """Look somebody up."""
    return look_for(tiny.open(actor), Wanted(wanted) if isinstance(wanted, str) else wanted, purpose, WHY)


def ids(tiny: TinyWorkspace, wanted: Wanted | str, actor: str = "worker", purpose: str = "front_line") -> list[str]:
    """Look somebody up; give the ids."""
    return [each.person_id for each in found(tiny, wanted, actor, purpose)]


# ── who is found ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("Alice Ashworth"), Wanted("alise asworth"), Wanted("Ashworth, A 1950"), Wanted("ashworth alice 05/01/50"),
        Wanted(number=identifier("nino", 0)), Wanted(record="housing/tenancies/T10"), Wanted(record="housing/tenancies/t10"),
        Wanted("Alice", address="10 Mill Road"), Wanted("Alice 10 mill rd, Didsbury"), Wanted("", TENANT.born, "M20 2AB"),
    ],
)  # fmt: skip
def test_a_person_is_found_by_whatever_is_known(shared: TinyWorkspace, wanted: Wanted) -> None:
    assert ids(shared, wanted) == [shared.person(TENANT)]


def test_a_number_is_found_only_where_its_dataset_is_given(shared: TinyWorkspace) -> None:
    """The NHS number stands in the health trust's referrals, which the front line does not see."""
    number = Wanted(number=identifier("nhs_number", RESIDENTS[8].number))
    assert ids(shared, number) == []
    assert ids(shared, number, "officer", "requests") == [shared.person(RESIDENTS[8])]
    record = Wanted(record="elections/register/E0")
    assert ids(shared, record) == []
    assert ids(shared, record, "officer", "requests") == [shared.person(TENANT)]


# ── who is not ───────────────────────────────────────────────────────────────────────────────────────────────────


def whole_name(resident: object) -> str:
    """Give forename and surname."""
    return f"{resident.forename} {resident.surname}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("actor", "purpose"), [("worker", "front_line"), ("officer", "requests")])
def test_a_sealed_person_is_found_by_nothing(shared: TinyWorkspace, actor: str, purpose: str) -> None:
    sealed, home = shared.person(SEALED), SEALED.place()
    for wanted in (
        Wanted(whole_name(SEALED), SEALED.born),
        Wanted(number=identifier("nino", SEALED.number)),
        Wanted(record=f"housing/tenancies/T{SEALED.house}"),
        Wanted(sealed),
        Wanted(SEALED.forename, address=home["address"]),
        Wanted(address=home["address"], postcode=home["postcode"]),
    ):
        assert sealed not in ids(shared, wanted, actor, purpose)


def test_a_protected_person_is_not_found_by_their_address(shared: TinyWorkspace) -> None:
    home = PROTECTED.place()
    assert found(shared, Wanted(address=home["address"], postcode=home["postcode"])) == []
    assert found(shared, Wanted(number=home["uprn"])) == []
    assert shared.person(PROTECTED) in ids(shared, Wanted(address=home["address"]), "officer", "requests"), (
        "who may see whereabouts may look by them"
    )


def test_the_right_address_of_a_protected_person_is_worth_no_more_than_a_wrong_one(shared: TinyWorkspace) -> None:
    home, other = PROTECTED.place(), TENANT.place()
    answers = [
        found(shared, Wanted(whole_name(PROTECTED), address=each["address"], postcode=each["postcode"]))
        for each in (home, other)
    ]
    assert answers[0] == answers[1]
    assert answers[0][0].withheld
    assert answers[0][0].address is None


def test_nobody_is_found_by_what_an_uncertain_record_says(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the tenancy names the tenant to the front line: where it may be another's, nobody is found by it."""
    wanted = [
        Wanted(whole_name(TENANT)),
        Wanted(record="housing/tenancies/T10"),
        Wanted(address=TENANT.place()["address"]),
    ]
    person = shared.person(TENANT)
    assert all(person in ids(shared, each) for each in wanted)
    records_changed(monkeypatch, weighed(0.94))
    assert not any(person in ids(shared, each) for each in wanted)


def test_who_objects_is_not_found_from_that_moment(own: TinyWorkspace) -> None:
    person = own.person(TENANT)
    assert ids(own, whole_name(TENANT)) == [person]
    own.restrict(person, "front_line")
    assert ids(own, whole_name(TENANT)) == []
    assert ids(own, whole_name(TENANT), "officer", "requests") == [person]


def test_a_permit_about_somebody_finds_nobody_else(shared: TinyWorkspace) -> None:
    worker, person = shared.open("worker"), shared.person(TENANT)
    permit = worker.permits.standing("worker", "front_line", WHY, subjects=(person,))
    assert [each.person_id for each in find_people(worker.gate, permit, Wanted("Ashworth"))] == [person]
    assert find_people(worker.gate, permit, Wanted("Barlow")) == []


# ── the log ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_that_many_answer_is_refused_and_written_down(
    shared: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("almoner.single_view.finding.MOST_CANDIDATES", 1)
    before = len(shared.events())
    with pytest.raises(AccessRefused, match="More than 1 people answer"):
        found(shared, "Ashworth")
    assert [event.outcome for event in shared.events(before) if event.action == "find"] == ["allowed", "refused"]


def test_the_log_of_a_search_holds_nothing_of_what_was_typed(shared: TinyWorkspace) -> None:
    before = len(shared.events())
    found(shared, Wanted("Alice Ashworth", TENANT.born, number=identifier("nino", 0)))
    leaves = b" ".join(event.to_leaf() for event in shared.events(before)).upper()
    assert b"FIND" in leaves
    for value in (b"ASHWORTH", b"1950-01-05", identifier("nino", 0).encode(), shared.person(TENANT).encode()):
        assert value not in leaves


# ── the index ────────────────────────────────────────────────────────────────────────────────────────────────────


def kept(tiny: TinyWorkspace) -> list[Path]:
    """List the files of the indexes."""
    return sorted((tiny.root / "lake" / "serving").rglob("search-*"))


def moved(tiny: TinyWorkspace) -> str:
    """Let the first tenant bear another surname from the next delivery on. Out: the surname."""
    newest = sorted(tiny.inbox.glob("tenancies_*.csv"))[-1].read_text(encoding="utf-8")
    tiny.deliver("tenancies_20261115.csv", newest.replace("Alice,Ashworth", "Alice,Quillfeather"))
    return "Quillfeather"


def test_a_link_makes_people_findable_and_sweeps_the_old_index(own: TinyWorkspace) -> None:
    before = kept(own)
    assert {file.name.split("-")[1] for file in before} == {"front_line", "requests"}
    surname = moved(own)
    assert found(own, f"Alice {surname}") == []
    own.take_in()
    assert ids(own, f"Alice {surname}") == [own.person(TENANT)]
    after = kept(own)
    assert len(after) == len(before)
    assert not set(after) & set(before)


def test_what_a_crash_left_of_an_index_goes_with_the_next_link(own: TinyWorkspace) -> None:
    remains = kept(own)[0].with_name("search-front_line-0000000000000000.parquet")
    remains.write_bytes(b"half an index")
    own.take_in()  # nothing new: the people stay as they are
    assert not remains.exists()


def test_an_index_is_encrypted_and_private(own: TinyWorkspace) -> None:
    for file in kept(own):
        content = file.read_bytes()
        assert b"ASHWORTH" not in content
        assert content.endswith(b"PARE"), "a Parquet file whose footer is encrypted too"
        assert file.parent.stat().st_mode & 0o077 == 0


def test_another_process_joins_and_this_one_finds(own: TinyWorkspace) -> None:
    worker = own.open("worker")
    permit = worker.permits.standing("worker", "front_line", WHY)
    surname = moved(own)
    assert find_people(worker.gate, permit, Wanted(f"Alice {surname}")) == []
    code = "import sys; from pathlib import Path; from tests.workspace_builder import TinyWorkspace;"
    code += "TinyWorkspace(Path(sys.argv[1])).take_in()"
    paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", code, str(own.root)], check=True, env=paths, cwd=ROOT, timeout=300)
    assert [each.matched for each in find_people(worker.gate, permit, Wanted(f"Alice {surname}"))] == [
        "forename same, surname same"
    ]


def test_an_index_that_is_kept_is_opened_not_made(own: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_open", type(searching._open)())
    monkeypatch.setattr(PeopleSearch, "make", never)
    assert ids(own, "Alice Ashworth") == [own.person(TENANT)]


def never(*_: object) -> None:
    raise AssertionError("the index was made again")


def test_a_lost_index_is_made_again_by_whoever_looks(own: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_open", type(searching._open)())
    for file in kept(own):
        file.unlink()
    before = len(own.events())
    assert ids(own, "Alice Ashworth") == [own.person(TENANT)]
    told = [event.action for event in own.events(before) if event.action in ("find", "index")]
    assert told == ["find", "index"]
    assert [file.name.split("-")[1] for file in kept(own)] == ["front_line"]


def test_another_registry_needs_another_index(own: TinyWorkspace) -> None:
    assert ids(own, "Alice Ashworth") == [own.person(TENANT)]
    own.change("agreements.toml", "expires_on = 2090-12-31", "expires_on = 2026-01-01")
    assert ids(own, "Alice Ashworth") == [], "the agreement under which tenancies were shown has lapsed"


def test_nobody_is_found_before_anybody_was_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = finished_workspace(tmp_path / "workspace")
    own.open()
    from almoner.records.models import Spine

    nothing_kept(monkeypatch)
    Spine.objects.all().delete()
    assert found(own, "Alice Ashworth") == []


def test_what_fails_after_a_link_is_told(own: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(searching, "_open", type(searching._open)())
    monkeypatch.setattr("almoner.governance.gate.searching_purposes", refuse)
    moved(own)
    link_records(own.open("steward"), told.append)
    assert any("can't be looked for yet" in each for each in told)


def refuse(_registry: object) -> Iterator[str]:
    raise AccessRefused("Not now.")
