"""A workspace for tests of disposal: the made-up town, and a person whose values stand nowhere else, in every kind of
file. Encryption and compression are off, so that a search for bytes finds what is there."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

from almoner.disposal.concerned import files_of, scanned
from almoner.wiring.workspace import Workspace
from tests.workspace_builder import ACTORS, TinyWorkspace, identifier, write_workspace

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
"""What is written of the person, under the supplier's column names."""
CANARIES = ("zqxanthippe", "zqvandermolen", VALUES["NINO"].lower(), "7700955123", "zqpassage", "zqpractice", "zqnote")
HEADER = (
    "Tenancy,Forename,Surname,Born,Sex,NINO,Phone,Email,JointForename,JointSurname,JointBorn,Address,Postcode,UPRN,"
    "Safety,Sealed,Rent,Practice,Starts,Note"
)
NOBODY = ("", "", "")


def row(tenancy: str, joint: tuple[str, str, str] = NOBODY, starts: str = "2021-04-05", **changed: str) -> str:
    """Write a tenancy of the person."""
    told = {**VALUES, **changed}
    cells = [tenancy, told["Forename"], told["Surname"], "1961-02-03", told.get("Sex", "F"), told["NINO"]]
    cells += [told["Phone"], told["Email"], *joint, told["Address"], "M20 1AB", "100299999", "N", "N", "99.50"]
    return ",".join([*cells, told["Practice"], starts, told["Note"]])


SHARED = row("T902", ("Alice", "Ashworth", "1950-01-05"), Address="5 Mill Road", Practice="P9", Note="none")
"""A row that names somebody else as well: what is said of the home and of the tenancy is the other's too."""
NEWCOMER = "T910,Newly,Come,1970-01-01,F,,,,,,,1 Mill Road,M20 1AB,,N,N,1,P,2022-01-01,none"


def usual_rows(month: int = 1) -> list[str]:
    """Write the made-up town's own tenancies."""
    from tests.workspace_builder import declared, ordinary_rows, rendered

    dataset = declared().dataset("housing.tenancies")
    return rendered(dataset, ordinary_rows("housing.tenancies", month)).decode().splitlines()[1:]


def deliver(tiny: TinyWorkspace, day: str, *rows: str) -> Path:
    """Deliver the town's tenancies with more rows."""
    return tiny.deliver(f"tenancies_{day}.csv", "\n".join([HEADER, *usual_rows(), *rows]) + "\n")


def make_town(root: Path) -> TinyWorkspace:
    """Make the workspace: four deliveries about the person, one row in quarantine, all joined."""
    tiny = write_workspace(root)
    settings = tiny.root / "almoner.toml"
    settings.write_text(settings.read_text() + '\n[lake]\nencryption = "storage"\n')
    deliver(tiny, "20261015", row("T900"), row("T901", Note="Zqnote earlier"))
    deliver(tiny, "20261101", row("T900"), SHARED, row("T903", Sex="x"))
    bad = row("T904").replace("1961-02-03", "not a day")
    deliver(tiny, "20261102", bad, f"{row('T905')},one too many")
    deliver(tiny, "20261103", row("T900"), SHARED)
    tiny.take_in()
    records = tiny.open().records
    for actor, role in ACTORS.items():
        records.grant_roles(actor, (role,), "test")
    tiny.open().close()
    return tiny


def copy_of(tiny: TinyWorkspace, root: Path) -> TinyWorkspace:
    """Copy a workspace."""
    shutil.copytree(tiny.root, root)
    return TinyWorkspace(root)


def holding(tiny: TinyWorkspace, words: Sequence[str] = CANARIES) -> dict[str, list[str]]:
    """Search every file below a workspace for words, as bytes, whatever the file is. Out: file → words."""
    found = {}
    for path in sorted(path for path in tiny.root.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        wide = content.replace(b"\x00", b"")
        lower = [word.lower() for word in words]
        if here := [word for word in lower if word.encode() in content or word.encode() in wide]:
            found[path.relative_to(tiny.root).as_posix()] = here
    return found


def person_of(workspace: Workspace, record: str) -> str:
    """Give the person of a tenancy."""
    spine = workspace.lake.catalogue.spine()
    assert spine is not None
    for table in scanned(workspace.lake, files_of(spine, "person_record"), ("record_id", "person_id")):
        told = dict(zip(table.column("record_id").to_pylist(), table.column("person_id").to_pylist(), strict=True))
        if record in told:
            return str(told[record])
    raise AssertionError(record)


def leave_traces(tiny: TinyWorkspace, person: str) -> None:
    """Use what is held of a person: a permit, an analyst's workspace, a reported mistake, a caseload, a review, figures."""
    worker = tiny.open("worker")
    worker.permits.standing("worker", "front_line", "Zqnote: a visit to Zqxanthippe", subjects=(person,))
    analyst = tiny.open("analyst")
    permit = analyst.permits.standing("analyst", "research", "Looking at rents for the project", project="alpha")
    analyst.analysts.open(permit)
    from almoner.records.access_reviews import AccessReview
    from almoner.records.web_reports import Mistake
    from almoner.wiring.quality_report import write_quality_report
    from almoner.wiring.web_records import access_reviews_of, caseloads_of, reports_of

    now = dt.datetime.now(dt.UTC)
    told = ("wrong name", "housing.tenancies", person, "Zqxanthippe is misspelt", "reported", "worker", now)
    reports_of(worker).report(Mistake("", *told))
    caseloads_of(worker).add("worker", person, "Zqnote: follows Zqxanthippe", {}, now)
    review = AccessReview("worker", person, now, now, "fine", "Zqxanthippe was visited", "officer", now)
    access_reviews_of(worker).keep(review)
    steward = tiny.open("steward")
    write_quality_report(steward, tiny.root / "review", source=None, examples=False, reason="", today=None)
    tiny.open().close()
