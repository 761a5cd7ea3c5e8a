"""The proof of disposal: canaries go through intake and linkage, are disposed of, and no file holds a byte of them.

Encryption and compression are off, so that the same search finds them before; else it would prove nothing.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from almoner.store import encrypted_parquet
from almoner.wiring.erasing import erase
from almoner.wiring.linking import link_records
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import Workspace, open_workspace
from tests.workspace_builder import ACTORS, TinyWorkspace, identifier, write_workspace

pytestmark = [pytest.mark.integration]
WHY = "Erasure was decided in this case"
VALUES = {
    "Forename": "Zqxanthippe",
    "Surname": "Zqvandermolen",
    "NINO": identifier("nino", 4242),
    "Phone": "07700 955123",
    "Email": "zqxanthippe@example.org",
    "Address": "77 Zqpassage Street",
    "Practice": "Zqpractice",
    "Note": "Zqnote about her",
}
"""What is written of the person who is erased, under the supplier's column names."""
CANARIES = ("zqxanthippe", "zqvandermolen", VALUES["NINO"].lower(), "7700955123", "zqpassage", "zqpractice", "zqnote")
HEADER = (
    "Tenancy,Forename,Surname,Born,Sex,NINO,Phone,Email,JointForename,JointSurname,JointBorn,Address,Postcode,UPRN,"
    "Safety,Sealed,Rent,Practice,Starts,Note"
)


def row(tenancy: str, joint: tuple[str, str, str] = ("", "", ""), **changed: str) -> str:
    """Write a tenancy of the person who is erased."""
    told = {**VALUES, **changed}
    cells = [tenancy, told["Forename"], told["Surname"], "1961-02-03", "F", told["NINO"], told["Phone"], told["Email"]]
    cells += [*joint, told["Address"], "M20 1AB", "100299999", "N", "N", "99.50", told["Practice"], "2021-04-05"]
    return ",".join([*cells, told["Note"]])


def deliver(tiny: TinyWorkspace, day: str, *rows: str) -> None:
    """Deliver the made-up town's tenancies of October with more rows."""
    usual = next(tiny.inbox.glob("tenancies_20261001.csv")) if list(tiny.inbox.glob("tenancies_20261001.csv")) else None
    lines = usual.read_text().splitlines()[1:9] if usual else KEPT_LINES
    tiny.deliver(f"tenancies_{day}.csv", "\n".join([HEADER, *lines, *rows]) + "\n")


KEPT_LINES: list[str] = []


def holding(tiny: TinyWorkspace, words: tuple[str, ...] = CANARIES) -> dict[str, list[str]]:
    """Search every file below the workspace for words, as bytes, whatever the file is. Out: file → words."""
    found = {}
    for path in sorted(path for path in tiny.root.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        wide = content.replace(b"\x00", b"")
        if here := [word for word in words if word.encode() in content or word.encode() in wide]:
            found[path.relative_to(tiny.root).as_posix()] = here
    return found


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TinyWorkspace]:
    """Give a workspace whose files can be searched, taken in and joined, with the person in every kind of file."""
    monkeypatch.setattr(encrypted_parquet, "COMPRESSION", "none")
    tiny = write_workspace(tmp_path / "workspace")
    settings = tiny.root / "almoner.toml"
    settings.write_text(settings.read_text() + '\n[lake]\nencryption = "storage"\n')
    KEPT_LINES[:] = next(tiny.inbox.glob("tenancies_20261001.csv")).read_text().splitlines()[1:9]
    deliver(tiny, "20261015", row("T900"), row("T901", Note="Zqnote earlier"))
    deliver(tiny, "20261101", row("T900"), row("T902", joint=("Alice", "Ashworth", "1950-01-05")), row("T903", Sex="x"))
    bad = row("T904").replace("1961-02-03", "not a day")
    tiny.deliver("tenancies_20261102.csv", "\n".join([HEADER, *KEPT_LINES, row("T900"), bad, f"{row('T905')},one too many"]) + "\n")
    tiny.take_in()
    records = tiny.open().records
    for actor, role in ACTORS.items():
        records.grant_roles(actor, (role,), "test")
    yield tiny


def person_of(workspace: Workspace, record: str) -> str:
    """Give the person of a tenancy."""
    from almoner.disposal.concerned import files_of, scanned

    spine = workspace.lake.catalogue.spine()
    assert spine is not None
    for table in scanned(workspace.lake, files_of(spine, "person_record"), ("record_id", "person_id")):
        for record_id, person in zip(table.column("record_id").to_pylist(), table.column("person_id").to_pylist(), strict=True):
            if record_id == record:
                return str(person)
    raise AssertionError(record)


def use(tiny: TinyWorkspace, person: str) -> None:
    """Leave traces of a person: a permit with a reason, a workspace, a report, a decision."""
    worker = tiny.open("worker")
    worker.permits.standing("worker", "front_line", "Zqnote: a visit to Zqxanthippe", subjects=(person,))
    analyst = tiny.open("analyst")
    permit = analyst.permits.standing("analyst", "research", "Looking at rents for the project", project="alpha")
    analyst.analysts.open(permit)
    from almoner.wiring.web_records import reports_of

    reports_of(worker).report("wrong name", "housing.tenancies", person, "Zqxanthippe is misspelt", "worker", dt.datetime.now(dt.UTC))


def test_after_an_erasure_no_byte_is_left(bare: TinyWorkspace) -> None:
    person = person_of(bare.open(), "T900")
    use(bare, person)
    bare.open().close()
    before = holding(bare)
    for place in ("lake/deliveries", "lake/spine", "lake/search", "inbox", "workspaces", "records.sqlite", "audit.sqlite"):
        assert any(name.startswith(place) for name in before), f"the search finds nothing in {place}"
    assert {word for words in before.values() for word in words} == set(CANARIES)
    done = erase(bare.open("officer"), person, WHY, "R-1")
    assert done.state == "done"
    assert holding(bare, CANARIES) == {}
    assert holding(bare, (person,)) == {}
    link_records(bare.open("steward"), lambda _: None)
    assert holding(bare, CANARIES) == {}
    assert holding(bare, (person,)) == {}


def test_what_was_erased_is_kept_out_when_it_is_sent_again(bare: TinyWorkspace) -> None:
    workspace = bare.open("officer")
    erase(workspace, person_of(workspace, "T900"), WHY, "R-1")
    bad = row("T900").replace("1961-02-03", "not a day")
    deliver(bare, "20261201", row("T900"), row("T902", joint=("Alice", "Ashworth", "1950-01-05")), "T910,Newly,Come,1970-01-01,F,,,,,,,1 Mill Road,M20 1AB,,N,N,1,P,2022-01-01,none")
    deliver(bare, "20261202", bad)
    opened, _ = open_workspace(bare.root)
    taken = take_in(opened, [bare.inbox], lambda _: None)
    assert not taken.refused
    entry = opened.lake.catalogue.deliveries("housing.tenancies")[-2]
    assert (entry.rows_in, entry.accepted, entry.quarantined, entry.disposed) == (11, 10, 0, 1)
    link_records(opened, lambda _: None)
    assert holding(bare, tuple(word for word in CANARIES if word not in ("zqpassage", "zqpractice", "zqnote"))) == {}
    assert person_of(opened, "T902#JNT") and person_of(opened, "T910")
