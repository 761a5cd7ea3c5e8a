"""A tiny but complete workspace for tests: its own registry, two months of deliveries, canaries in every column.

Seven small datasets: one of the general tier with two people in a row, safety and sealed markers; one with the floor
of health, delivered as a delta; one with the floor of criminal history; a register that research may not see; staff;
an anonymised survey; a postcode directory. Every personal column also holds a canary: a value that stands nowhere
else, so that wherever it is found, that column leaked. Nothing here imitates the product: it writes files as a
supplier would.
"""

from __future__ import annotations

import atexit
import csv
import datetime as dt
import functools
import hashlib
import io
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from almoner.governance import searching
from almoner.governance.audit import AuditEvent
from almoner.governance.following import anchors_of
from almoner.governance.gate import Gate
from almoner.governance.granting import PermitOffice
from almoner.governance.in_force import RightInForce
from almoner.kernel.steps import Step
from almoner.registry import Registry, load_registry
from almoner.registry.datasets import Column, Dataset
from almoner.wiring.linking import link_records
from almoner.wiring.settings import read_settings
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import Workspace, open_workspace
from tests.workspace_registry import FILES, SETTINGS

ROOT = Path(__file__).resolve().parents[1]
MONTHS = (dt.date(2026, 9, 1), dt.date(2026, 10, 1))
BAD_ROWS = ("bad_value", "broken", "first_of_two", "second_of_two")
"""What is in quarantine of each personal dataset: a value of the wrong kind, a record that can't be read, a key twice."""
ACTORS = {
    "worker": "front_line",
    "analyst": "analyst",
    "steward": "linkage_steward",
    "officer": "governance",
    "second_officer": "governance",
    "auditor": "auditor",
    "requests": "requests_officer",
    "checker": "output_checker",
    "second_checker": "output_checker",
}
Row = Mapping[str, str]
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Canary:
    """A value that stands in one column of one row and nowhere else."""

    dataset: str
    column: str
    tier: str
    row: str
    text: str

    def forms(self) -> tuple[str, ...]:
        """Give the spellings in which it may turn up, in lower case."""
        text = self.text.lower()
        found = {text, text.replace(" ", "")}
        try:
            day = dt.date.fromisoformat(self.text)
        except ValueError:
            pass
        else:
            found |= {day.strftime(form) for form in ("%d/%m/%Y", "%d.%m.%Y")}
        if text.startswith("07"):
            found.add(text.replace(" ", "")[1:])  # as +44…
        if text.isdigit():
            found.add(f"{int(text):,}")
        return tuple(sorted(found))


@dataclass(frozen=True)
class TinyWorkspace:
    """A workspace in a directory of its own."""

    root: Path

    @property
    def inbox(self) -> Path:
        """The folder of its deliveries."""
        return self.root / "inbox"

    def registry(self) -> Registry:
        """Load the registry as it now stands."""
        return load_registry(self.root / "registry")

    def open(self, actor: str = "steward") -> Workspace:
        """Open it as somebody; the records that Django serves are then those of this workspace."""
        workspace = Workspace(self.root, read_settings(self.root), actor)
        _ = workspace.records
        return workspace

    def person(self, resident: Resident) -> str:
        """Give the person id of a tenant or joint tenant."""
        return _person_id(self, f"T{resident.house}" + ("#JNT" if resident.number % 2 else ""))

    def events(self, after: int = 0) -> list[AuditEvent]:
        """Give the events of the audit log after a number of them, oldest first."""
        return [each.event for each in self.open().audit.events() if each.sequence > after]

    def restrict(self, person_id: str, *purposes: str) -> None:
        """Record a restriction of processing, or an objection to some purposes."""
        workspace = self.open()
        now = dt.datetime.now(dt.UTC)
        records = anchors_of(workspace.registry, workspace.lake, person_id)
        right = RightInForce(
            f"R{secrets.token_hex(5)}", "objection" if purposes else "restriction", person_id, "CASE", "test", now,
            "for a test", purposes, records,
        )  # fmt: skip
        workspace.rights.keep(right)

    def lift_all(self) -> None:
        """Lift every right in force."""
        book = self.open().rights
        for right in book.rights():
            book.lift(right.id, "test", dt.datetime.now(dt.UTC), "the test is over")

    def take_in(self) -> None:
        """Take in the inbox and join the records, as the operating-system user."""
        workspace, _ = open_workspace(self.root)
        taken = take_in(workspace, [self.inbox], _silent)
        assert not taken.refused, [refusal.error.lines() for refusal in taken.refused]
        link_records(workspace, _silent)

    def change(self, file: str, old: str, new: str) -> None:
        """Change a file of the registry; fail if there is nothing to change."""
        path = self.root / "registry" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add(self, file: str, text: str) -> None:
        """Add a file to the registry."""
        (self.root / "registry" / file).write_text(text, encoding="utf-8")

    def deliver(self, name: str, content: bytes | str) -> Path:
        """Put a file into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on it, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-c", "from almoner.cli.main import app_entry; app_entry()", *arguments],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT / "src"),
                "ALMONER_WORKSPACE": str(self.root),
                **environment,
            },
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@functools.cache
def _person_id(tiny: TinyWorkspace, record_id: str) -> str:
    workspace = tiny.open()
    permit = workspace.permits.standing("steward", "matching", "Finding somebody for a test")
    sql = f"""SELECT person_id FROM "spine.person_record"
              WHERE dataset = 'housing.tenancies' AND record_id = '{record_id}'"""
    found = workspace.gate.run(permit, [Step("who", "", sql, ())], {"spine.person_record": ()}).one()
    assert found is not None
    return str(found["person_id"])


def _silent(_: str) -> None:
    """Take progress and say nothing."""


def at(workspace: Workspace, clock: Clock) -> tuple[Gate, PermitOffice]:
    """Give a gate and a permit office of a workspace that live by another clock."""
    parts = (workspace.registry, workspace.records, workspace.audit, clock)
    gate = Gate(
        workspace.registry, workspace.lake, workspace.engine, workspace.records, workspace.audit, workspace.ring,
        clock, workspace.rights,
    )  # fmt: skip
    return gate, PermitOffice(*parts)


def moved_day(days: int) -> Clock:
    """Give a clock that is some days ahead."""
    return lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=days)


def write_workspace(root: Path) -> TinyWorkspace:
    """Write registry, settings and inbox into a new directory. Nothing is taken in."""
    for name, text in {"almoner.toml": SETTINGS, **{f"registry/{n}": t for n, t in FILES.items()}}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    tiny = TinyWorkspace(root)
    registry = tiny.registry()
    for dataset in registry.datasets():
        for name, content in deliveries(registry, dataset):
            tiny.deliver(name, content)
    return tiny


@functools.cache
def declared() -> Registry:
    """Give the tiny registry itself, for tests that need no workspace."""
    with tempfile.TemporaryDirectory() as folder:
        return write_workspace(Path(folder)).registry()


def whole(view: str) -> list[Step]:
    """Give the step that reads a view as it is."""
    return [Step("whole", "All of a view", f'SELECT * FROM "{view}"', ())]


@functools.cache
def _finished() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="almoner-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    tiny = write_workspace(folder / "finished")
    tiny.take_in()
    records = tiny.open().records
    for actor, role in ACTORS.items():
        records.grant_roles(actor, (role,), "test")
    return tiny.root


def finished_workspace(root: Path) -> TinyWorkspace:
    """Copy a workspace with both months taken in and joined, and with people in their roles, to a new directory."""
    shutil.copytree(_finished(), root)
    return TinyWorkspace(root)


def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no snapshot be at hand, and none be left behind: each search makes its index, each record reads the views."""
    from almoner.records.catalogue import OrmCatalogue

    monkeypatch.setattr(searching, "_open", OrderedDict())
    monkeypatch.setattr(OrmCatalogue, "snapshot", lambda _self: None)
    monkeypatch.setattr(searching.IndexShelf, "keep", lambda _self, _permit, _today, _spine, index: index)


# ── what the suppliers send ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Resident:
    """Somebody in the made-up town."""

    forename: str
    surname: str
    born: dt.date
    sex: str
    house: int
    number: int

    def place(self) -> dict[str, str]:
        """Give where they live."""
        street = ("Orchard Lane", "Mill Road", "Quarry Bank")[self.house % 3]
        return {
            "address": f"{self.house} {street}, Didsbury",
            "postcode": f"M20 {self.house % 3 + 1}AB",
            "uprn": str(100_200_000 + self.house),
        }


_FORENAMES = [
    "Alice",
    "Brian",
    "Chloe",
    "David",
    "Erica",
    "Frank",
    "Grace",
    "Henry",
    "Irene",
    "James",
    "Karen",
    "Louis",
    "Maria",
    "Nigel",
    "Olive",
    "Peter",
]
_SURNAMES = ["Ashworth", "Barlow", "Cartwright", "Dunkerley", "Entwistle", "Fairhurst", "Grimshaw", "Hargreaves"]
RESIDENTS = tuple(
    Resident(name, _SURNAMES[i // 2], dt.date(1950 + 3 * i, i % 12 + 1, 5 + i), "FM"[i % 2], 10 + i // 2, i)
    for i, name in enumerate(_FORENAMES)
)
"""Eight couples, each at an address of its own."""
PROTECTED, SEALED = RESIDENTS[4], RESIDENTS[6]
"""Whose whereabouts may not be shown, and who may not be found."""


def identifier(kind: str, number: int) -> str:
    """Make a number that passes its check."""
    if kind == "nino":
        return f"CE{(412_000 + 317 * number) % 1_000_000:06d}C"
    if kind == "nhs_number":
        while True:
            nine = f"{943_000_000 + 1_117 * number:09d}"
            digit = 11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11
            if digit != 10:
                return nine + str(digit % 11)
            number += 5_000
    raise AssertionError(kind)


def ordinary_rows(dataset: str, month: int) -> list[dict[str, str]]:
    """Give the rows of a delivery that are about the made-up town."""
    return list(_ORDINARY[dataset](month))


def _tenancies(month: int) -> Iterator[dict[str, str]]:
    for one, two in zip(RESIDENTS[::2], RESIDENTS[1::2], strict=True):
        yield {
            "tenancy": f"T{one.house}", **_person(one), "nino": identifier("nino", one.number), **one.place(),
            **{f"joint_{name}": value for name, value in _person(two).items() if name != "sex"},
            "safety": "Y" if one is PROTECTED else "N", "sealed": "Y" if one is SEALED else "N",
            "rent": f"{100 + one.number}.50", "practice": f"P8{one.house}", "starts": f"2020-0{month + 1}-01",
            "note": "none",
        }  # fmt: skip


def _register(month: int) -> Iterator[dict[str, str]]:
    for one in RESIDENTS[: 16 if month else 14]:
        yield {"elector": f"E{one.number}", "name": f"{one.surname}, {one.forename}", **one.place()}


def _referrals(month: int) -> Iterator[dict[str, str]]:
    for one in RESIDENTS[:10] if not month else RESIDENTS[8:12]:
        known = month and one.number < 10
        yield {
            "referral": f"R{one.number}", **_person(one), "nhs_number": identifier("nhs_number", one.number),
            "postcode": one.place()["postcode"], "referred": f"2026-0{month + 6}-11", "team": "A01" if known else "A02",
            "summary": "a summary", "action": "D" if one.number == 9 and month else "U" if known else "I",
        }  # fmt: skip


def _incidents(month: int) -> Iterator[dict[str, str]]:
    for one in RESIDENTS[month * 2 : month * 2 + 6]:
        yield {
            "incident": f"I{month}{one.number}", "forename": one.forename, "surname": one.surname,
            "born": one.born.isoformat(), **one.place(), "offence": "BUR", "happened": f"2026-0{month + 7}-03",
        }  # fmt: skip


def _staff(month: int) -> Iterator[dict[str, str]]:
    yield from ({"employee": f"S{one.number}", **_person(one), "salary": "31000"} for one in RESIDENTS[:3])


def _answers(month: int) -> Iterator[dict[str, str]]:
    yield from ({"respondent": f"{month}{n}", "health": ("good", "fair")[n % 2]} for n in range(12))


def _postcodes(month: int) -> Iterator[dict[str, str]]:
    yield from ({"postcode": f"M20 {n}AB", "ward_code": f"E0500{1 + n // 2}"} for n in range(1, 5))


def _person(one: Resident) -> dict[str, str]:
    return {"forename": one.forename, "surname": one.surname, "born": one.born.isoformat(), "sex": one.sex}


_ORDINARY: dict[str, Callable[[int], Iterator[dict[str, str]]]] = {
    "housing.tenancies": _tenancies,
    "elections.register": _register,
    "health.referrals": _referrals,
    "police.incidents": _incidents,
    "council.staff": _staff,
    "survey.answers": _answers,
    "open_data.postcodes": _postcodes,
}


# ── canaries ─────────────────────────────────────────────────────────────────────────────────────────────────────


def canaries(registry: Registry) -> list[Canary]:
    """List every canary that is planted, in accepted rows and in quarantine."""
    return [
        Canary(dataset.full_name, name, registry.category[column.category].tier, row, text)
        for dataset in registry.datasets()
        if not dataset.open
        for row in ("accepted", *BAD_ROWS)
        for name, column in dataset.columns.items()
        if (text := canary_text(dataset, column, row)) is not None
    ]


def canary_text(dataset: Dataset, column: Column, row: str) -> str | None:
    """Give the canary of a column, of the kind that the column takes; None where only fixed values are taken."""
    feed = dataset.feeds[0]
    if feed.action is not None and feed.action.column == column.name and row != "bad_value":
        return None
    if row == "bad_value" and (column.type != "text" or column.codes) and column.name not in dataset.key:
        return _letters(dataset, column, row)
    if column.codes or column.type == "boolean":
        return None
    if row == "second_of_two" and column.name in dataset.key:
        row = "first_of_two"
    return _valid(dataset, column, row)


def _valid(dataset: Dataset, column: Column, row: str) -> str:
    number = int(hashlib.sha256(f"{dataset.full_name}.{column.name}.{row}".encode()).hexdigest(), 16) % 9973
    letters = _letters(dataset, column, row)
    if column.type == "date":
        start = dt.date(1919, 1, 1) if column.identifies else dt.date(2007, 1, 1)  # within every retention rule
        return (start + dt.timedelta(days=number % 4000)).isoformat()
    if column.type in ("integer", "decimal"):
        return str(8_600_000_000 + 137 * number)
    kind = column.identifies
    if kind in ("nino", "nhs_number"):
        return identifier(kind, 1000 + number)
    values = {
        "postcode": f"ZE{number % 90 + 10} {number // 90 % 10}ZQ",
        "uprn": str(90_900_000_000 + 13 * number),
        "phone": f"07700 9{number:05d}",
        "email": f"{letters.lower()}@example.org",
        "address": f"{number} {letters} Street",
        "full_name": f"{letters}, {_letters(dataset, column, row + ' given')}",
    }
    return values.get(kind or "", letters)


def _letters(dataset: Dataset, column: Column, row: str) -> str:
    digest = hashlib.sha256(f"{dataset.full_name}.{column.name}.{row}".encode()).digest()
    return "Zq" + "".join(chr(ord("a") + byte % 26) for byte in digest[:10])


def leaks(text: str | bytes, planted: Sequence[Canary]) -> list[str]:
    """Name the columns whose canary stands in a text."""
    lower = (text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text).lower()
    return sorted({f"{c.dataset}.{c.column} ({c.row})" for c in planted if any(form in lower for form in c.forms())})


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def deliveries(registry: Registry, dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    """Write a dataset's files, one a month: name and content."""
    for month, sent in enumerate(MONTHS):
        rows = ordinary_rows(dataset.full_name, month)
        broken = b""
        if month == len(MONTHS) - 1 and not dataset.open:
            rows += [_planted(dataset, row) for row in ("accepted", *BAD_ROWS) if row != "broken"]
            broken = _broken(dataset, _planted(dataset, "broken"))
        name = dataset.feeds[0].files.replace("{sent}", sent.strftime("%Y%m%d"))
        if month == 0 or "{sent}" in dataset.feeds[0].files:
            yield name, rendered(dataset, rows) + broken


def _planted(dataset: Dataset, row: str) -> dict[str, str]:
    values = {}
    for name, column in dataset.columns.items():
        text = canary_text(dataset, column, row)
        action = dataset.feeds[0].action
        fixed = "I" if action is not None and action.column == name else "N" if column.codes == "yes_no" else ""
        values[name] = fixed if text is None else text
    return values


def rendered(dataset: Dataset, rows: Sequence[Row]) -> bytes:
    """Write rows as the dataset's format declares them."""
    names = {name: column.source_name for name, column in dataset.columns.items()}
    if dataset.format.jsonl is not None:
        objects = ({names[key]: value for key, value in row.items()} for row in rows)
        return "".join(json.dumps(each) + "\n" for each in objects).encode()
    assert dataset.format.csv is not None
    out = io.StringIO()
    writer = csv.writer(out, delimiter=dataset.format.csv.delimiter, lineterminator="\n")
    writer.writerow(names.values())
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return out.getvalue().encode(dataset.format.csv.encoding)


def _broken(dataset: Dataset, row: Row) -> bytes:
    """Write a record that can't be read: a field too many, or JSON that breaks off."""
    if dataset.format.jsonl is not None:
        return json.dumps(row).encode()[:-1] + b"\n"
    assert dataset.format.csv is not None
    return (dataset.format.csv.delimiter.join([*row.values(), "one too many"]) + "\n").encode()


def expected_counts(registry: Registry, dataset: str, month: int) -> tuple[int, int, int]:
    """Give rows in, accepted, quarantined of a delivery, counted from what was written."""
    rows = len(ordinary_rows(dataset, month))
    if month < len(MONTHS) - 1 or registry.dataset(dataset).open:
        return rows, rows, 0
    bad = bad_rows(registry.dataset(dataset))
    return rows + 5, rows + 5 - bad, bad


def bad_rows(dataset: Dataset) -> int:
    """Count the planted rows that can't be accepted: a text column takes any value, so not every kind is bad."""
    takes_any = all(
        canary_text(dataset, c, "bad_value") == _valid(dataset, c, "bad_value") for c in dataset.columns.values()
    )
    return 3 if takes_any else 4
