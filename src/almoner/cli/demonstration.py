"""The demonstration: the whole flow on a synthetic borough, in one go, as its user would run it."""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from almoner.demo import generate
from almoner.demo.geography import BOROUGH, COUNCIL
from almoner.kernel.errors import UsageError
from almoner.registry import load_registry
from almoner.wiring.linking import link_records
from almoner.wiring.measuring import report_measures
from almoner.wiring.noticing import notice_drift, write_notice
from almoner.wiring.profiling import profile_neighbourhoods
from almoner.wiring.quality_report import write_quality_report
from almoner.wiring.settings import FILE
from almoner.wiring.starting import STARTER_SETTINGS, make_workspace
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace

MARK = "demonstration"
"""A file that says: this directory was made by the demonstration, and may be made anew."""

SETTINGS = (
    STARTER_SETTINGS
    + """
[first_user]
roles = ["analyst", "front_line", "linkage_steward", "governance"]

[web]
debug = true                   # on this machine only
local_sign_in = true           # choose who you are: for a demonstration, and refused elsewhere
"""
)

STAFF = {
    "frankie.frontline": "front_line",
    "flora.frontline": "front_line",
    "gita.governance": "governance",
    "gus.governance": "governance",
    "ada.analyst": "analyst",
    "mina.manager": "manager",
    "olu.outputs": "output_checker",
    "stella.steward": "linkage_steward",
}
"""Invented people of the council, as whom somebody signs in to the web application of the demonstration."""

COUNCIL_FILE = f"""# Who the controller is: the council of the synthetic borough. Neither exists.

[controller]
title = "{COUNCIL}"
service = "Performance, Research and Intelligence"
address = "Town Hall, {BOROUGH}"
website = "https://{BOROUGH.lower()}.example"
general_notice = "https://{BOROUGH.lower()}.example/privacy"
retention_schedule = "https://{BOROUGH.lower()}.example/retention"
rights = "https://{BOROUGH.lower()}.example/data-rights"
place = "{BOROUGH}"

[data_protection_officer]
title = "Data Protection Officer"
email = "data.protection@{BOROUGH.lower()}.example"
address = "Data Protection Officer, {COUNCIL}, Town Hall, {BOROUGH}"
"""


@dataclass(frozen=True)
class Demonstration:
    """What the demonstration made."""

    directory: Path
    people: int
    rows_in: int
    accepted: int
    quarantined: int
    deliveries: int
    metrics: dict[str, Any]
    events: int
    drift_errors: int
    seconds: float
    somebody: str
    """An invented resident, to try the search with."""

    def document(self) -> dict[str, Any]:
        """Give it for --json."""
        return {**vars(self), "directory": str(self.directory)}

    def text(self) -> str:
        """Give it for people, with the pages to open."""
        root = self.directory
        return "\n".join(
            [
                "",
                f"The demonstration is ready in {root} ({self.seconds:.0f} s).",
                f"  {self.deliveries} deliveries: {self.rows_in:,} rows in = {self.accepted:,} accepted"
                f" + {self.quarantined:,} in quarantine",
                f"  {self.metrics['records']:,} records joined into {self.metrics['persons']:,} people"
                f" in {self.metrics['households']:,} households (the borough has {self.people:,} people)",
                f"  {self.events:,} events in the audit log, which verifies",
                f"  the notice agrees with what is held: {'yes' if not self.drift_errors else 'NO'}",
                "Serve the web application with 'make serve', or open in a browser:",
                f"  {root / 'profiles' / 'profiles.html'}    neighbourhood profiles (unreleased drafts)",
                f"  {root / 'scorecard' / 'scorecard.html'}    measures of performance (internal)",
                f"  {root / 'data-quality' / 'data-quality.html'}    the review of data quality",
                f"  {root / 'notice' / 'notice.html'}    the public notice",
                f"  {root / 'notice' / 'processing-record.html'}    the record of processing activities",
                "Try at the terminal:",
                f"  export ALMONER_WORKSPACE={root} PATH=$PWD/.venv/bin:$PATH",
                f'  almoner find "{self.somebody}" --reason "A duty call about this family"',
                "  almoner quarantine list",
                "  almoner audit show",
            ]
        )


def build_demonstration(directory: Path, people: int, seed: int, progress: Callable[[str], None]) -> Demonstration:
    """Make the workspace anew and run intake, linkage, profiles, notice and checks on it.

    Raises: UsageError where the directory holds something that the demonstration did not make.
    """
    started = time.monotonic()
    if directory.exists() and any(directory.iterdir()) and not (directory / f".{MARK}").is_file():
        raise UsageError(
            "The directory holds something else.",
            where=str(directory),
            todo="Give a new directory for the demonstration.",
        )
    shutil.rmtree(directory, ignore_errors=True)
    make_workspace(directory, SETTINGS)
    (directory / f".{MARK}").write_text(f"made by 'almoner demo build'; {FILE} and all else here may be made anew\n")
    shutil.rmtree(directory / "inbox")
    _name_the_borough(directory / "registry")
    progress(f"A synthetic borough of {people:,} people")
    generate(people, seed, directory / "borough")
    (directory / "borough" / "inbox").rename(directory / "inbox")
    (directory / "borough" / "open-data").rename(directory / "open-data")
    (directory / "borough" / "truth").rename(directory / "truth")
    shutil.rmtree(directory / "borough")
    workspace, _ = open_workspace(directory)
    for actor, role in STAFF.items():
        workspace.note("role.grant", role=role, to=actor, because="the demonstration's staff")
        workspace.records.grant_roles(actor, (role,), "demonstration")
    taken = take_in(workspace, [directory / "inbox"], progress)
    if taken.refused:
        raise taken.refused[0].error
    metrics = link_records(workspace, progress)
    profile_neighbourhoods(
        workspace, directory / "profiles", None, "Profiles of the synthetic borough's neighbourhoods"
    )
    report_measures(workspace, (), directory / "scorecard", "Scorecard of the synthetic borough", equality=True)
    write_quality_report(workspace, directory / "data-quality", source=None, examples=False, reason="", today=None)
    write_notice(workspace, None)
    drift = notice_drift(workspace)
    report = workspace.audit.verify()
    report.require_intact()
    return Demonstration(
        directory=directory,
        people=people,
        rows_in=sum(d["rows_in"] for d in taken.deliveries),
        accepted=sum(d["accepted"] for d in taken.deliveries),
        quarantined=sum(d["quarantined"] for d in taken.deliveries),
        deliveries=len(taken.deliveries),
        metrics=metrics,
        events=report.size,
        drift_errors=sum(each.severity == "error" for each in drift),
        seconds=time.monotonic() - started,
        somebody=_somebody(directory / "truth" / "persons.csv"),
    )


def _name_the_borough(registry: Path) -> None:
    """Let the starter's declarations speak of the borough: invented figures must not stand under a real council's name.

    Partners that are named after the real place are renamed with it.
    """
    named = load_registry(registry).controller
    for file in sorted(registry.rglob("*.toml")):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(named.title, COUNCIL).replace(named.place, BOROUGH), encoding="utf-8")
    (registry / "council.toml").write_text(COUNCIL_FILE, encoding="utf-8")


def _somebody(persons: Path) -> str:
    with persons.open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    return f"{first['forename']} {first['surname']}"
