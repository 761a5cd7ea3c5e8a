"""What suppliers get wrong: a clear refusal or quarantine, exact counts, and nothing half-landed.

Each delivery comes beside a good one of another dataset, which lands whatever happens to its neighbour.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from almoner.kernel.errors import AlmonerError, DeliveryRefused, ResourceExhausted
from almoner.store.catalogue import DeliveryEntry
from almoner.wiring.taking_in import TakenIn, take_in
from almoner.wiring.workspace import Workspace, open_workspace
from tests.workspace_builder import TinyWorkspace, declared, identifier, ordinary_rows, rendered, write_workspace

pytestmark = pytest.mark.integration
HOUSING, SURVEY = declared().dataset("housing.tenancies"), declared().dataset("survey.answers")
GOOD = rendered(HOUSING, ordinary_rows("housing.tenancies", 0)).decode()
HEADER, *LINES = GOOD.splitlines()
NEIGHBOUR = "register_20260901.csv"
SHEET = """
[source]
title = "Sheets"
organisation = "council"
owner = "Head of sheets"
agreement = "survey"
retention = "long"
[dataset.rows]
title = "Rows of a workbook"
files = "rows_{sent}.xlsx"
format = { xlsx = { sheet = "Rows" } }
delivery = "snapshot"
key = ["number"]
purposes = ["research"]
[dataset.rows.columns]
number = { from = "Number", category = "record", required = true }
value = { from = "Value", category = "financial" }
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a workspace with one good delivery in its inbox."""
    tiny = write_workspace(tmp_path_factory.mktemp("bad") / "workspace")
    for path in tiny.inbox.iterdir():
        if path.name != NEIGHBOUR:
            path.unlink()
    tiny.add("sources/sheets.toml", SHEET)
    open_workspace(tiny.root)
    return tiny.root


@pytest.fixture
def tiny(written: Path, tmp_path: Path) -> TinyWorkspace:
    """Give a copy of it."""
    shutil.copytree(written, tmp_path / "workspace")
    return TinyWorkspace(tmp_path / "workspace")


def take(tiny: TinyWorkspace) -> tuple[Workspace, TakenIn]:
    """Take in the inbox."""
    workspace, _ = open_workspace(tiny.root)
    return workspace, take_in(workspace, [tiny.inbox], lambda _: None)


def landed(workspace: Workspace, dataset: str = "housing.tenancies") -> list[DeliveryEntry]:
    """List what landed of a dataset."""
    return workspace.lake.catalogue.deliveries(dataset)


def nothing_half_done(workspace: Workspace) -> None:
    """Check that the lake holds what the catalogue names, whole, and that the neighbour landed."""
    lake = workspace.lake
    files = {path.relative_to(lake.folder).as_posix() for path in lake.folder.rglob("*") if path.is_file()}
    assert files == lake.catalogue.known_paths()
    for entry in lake.catalogue.deliveries():
        dataset = workspace.registry.dataset(entry.dataset)
        assert entry.rows_in == entry.accepted + entry.quarantined
        for file in entry.files:
            rows = lake.part([entry], file.part, dataset).to_table().num_rows
            assert rows == file.rows
            if file.part in ("rows", "general", "identity", "special", "criminal"):
                assert rows == entry.accepted, file.part
            if file.part == "quarantine":
                assert rows == entry.quarantined
    assert [entry.accepted for entry in landed(workspace, "elections.register")] == [14]


# ── refused whole ────────────────────────────────────────────────────────────────────────────────────────────────

REFUSED: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "empty"),
    "only line ends": (b"\n\n\n", "empty"),
    "another delimiter": (GOOD.replace(",", ";").encode(), "semicolon"),
    "a renamed column": (GOOD.replace("Surname", "Sirname", 1).encode(), "Sirname"),
    "a missing column": ("\n".join(line.rsplit(",", 1)[0] for line in [HEADER, *LINES]).encode(), "Note"),
    "a column too many": ("\n".join([HEADER + ",Shoe size", *(line + ",42" for line in LINES)]).encode(), "Shoe size"),
    "a column twice": (GOOD.replace("Rent", "Note", 1).encode(), "more than once"),
    "no header": ("\n".join(LINES).encode(), "header"),
    "another encoding": (GOOD.encode("utf-16"), ""),
    "a workbook": (b"PK\x03\x04" + bytes(200), ""),
    "zeros": (bytes(5000), ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_not_what_was_declared_is_refused_whole(tiny: TinyWorkspace, name: str) -> None:
    content, told = REFUSED[name]
    tiny.deliver("tenancies_20260901.csv", content)
    workspace, taken = take(tiny)
    (refusal,) = taken.refused
    assert isinstance(refusal.error, DeliveryRefused)
    assert told.lower() in " ".join(refusal.error.lines()).lower()
    assert refusal.error.where == "tenancies_20260901.csv"
    assert landed(workspace) == []
    nothing_half_done(workspace)


def test_the_mended_file_lands_afterwards(tiny: TinyWorkspace) -> None:
    tiny.deliver("tenancies_20260901.csv", REFUSED["a renamed column"][0])
    take(tiny)
    tiny.deliver("tenancies_20260901.csv", GOOD)
    workspace, taken = take(tiny)
    assert not taken.refused
    assert [entry.accepted for entry in landed(workspace)] == [8]
    nothing_half_done(workspace)


def test_a_file_without_rows_lands_as_none_or_is_refused(tiny: TinyWorkspace) -> None:
    tiny.deliver("tenancies_20260901.csv", HEADER + "\n")
    workspace, taken = take(tiny)
    if taken.refused:
        assert isinstance(taken.refused[0].error, DeliveryRefused)
    else:
        assert [(entry.rows_in, entry.accepted, entry.quarantined) for entry in landed(workspace)] == [(0, 0, 0)]
    nothing_half_done(workspace)


# ── quarantined ──────────────────────────────────────────────────────────────────────────────────────────────────


def changed(line: str, **values: str) -> str:
    """Change columns of a row."""
    fields = line.split(",")
    for column, value in values.items():
        fields[HEADER.split(",").index(column)] = value
    return ",".join(fields)


ADDRESS = '"10 Mill Road, Didsbury"'
PLAIN = [line.replace(", Didsbury", "").replace('"', "") for line in LINES]
"""Rows without quotes, so that a field can be changed by its place."""

QUARANTINED: dict[str, tuple[list[str], dict[str, int]]] = {
    "the 31st of February": ([changed(PLAIN[0], Born="31/02/1980"), changed(PLAIN[1], Born="1980-02-31"), PLAIN[2]], {"not_a_date": 2}),
    "a date of another form": ([changed(PLAIN[0], Starts="01/02/2020"), PLAIN[1]], {"not_a_date": 1}),
    "words for a number": ([changed(PLAIN[0], Rent="lots"), PLAIN[1]], {"not_decimal": 1}),
    "an unknown code": ([changed(PLAIN[0], Sex="Q"), PLAIN[1]], {"unknown_code": 1}),
    "no key": ([changed(PLAIN[0], Tenancy=""), changed(PLAIN[1], Tenancy="  "), PLAIN[2]], {"key_missing": 2}),
    "a field too many and too few": ([PLAIN[0] + ",x", PLAIN[1].rsplit(",", 2)[0], PLAIN[2]], {"field_count": 2}),
    "two rows with one key that differ": ([PLAIN[0], changed(PLAIN[0], Rent="1.00"), PLAIN[1]], {"duplicate_key": 2}),
    "three rows with one key, two alike": ([PLAIN[0], PLAIN[0], changed(PLAIN[0], Rent="1.00"), PLAIN[1]], {"duplicate_key": 3}),
    "the same row thrice": ([PLAIN[0], PLAIN[0], PLAIN[1], PLAIN[0]], {"duplicate_row": 2}),
    "nothing but bad rows": ([changed(line, Born="31/02/1980") for line in PLAIN], {"not_a_date": 8}),
    "all at once": (
        [*PLAIN[:3], PLAIN[0], changed(PLAIN[1], Note="other"), changed(PLAIN[3], Rent="x"), PLAIN[4] + ",x", PLAIN[5]],
        {"duplicate_row": 1, "duplicate_key": 2, "not_decimal": 1, "field_count": 1},
    ),
    "a quote that is never closed": ([PLAIN[0], changed(PLAIN[1], Note='"open'), PLAIN[2]], {}),
    "a file cut short": ([*PLAIN[:2], PLAIN[2][: len(PLAIN[2]) // 2]], {"field_count": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", QUARANTINED)
def test_rows_that_can_not_be_accepted_are_counted_and_kept(tiny: TinyWorkspace, name: str) -> None:
    rows, expected = QUARANTINED[name]
    tiny.deliver("tenancies_20260901.csv", "\n".join([HEADER, *rows]))
    workspace, taken = take(tiny)
    assert not taken.refused
    (entry,) = landed(workspace)
    found = {key.removeprefix("quarantined:"): n for key, n in entry.quality.items() if key.startswith("quarantined:")}
    assert sum(found.values()) == entry.quarantined
    if expected:
        assert found == expected
        assert (entry.rows_in, entry.quarantined) == (len(rows), sum(expected.values()))
    else:
        assert entry.quarantined >= 1
    nothing_half_done(workspace)
    check_bytes(workspace, entry, rows)


def check_bytes(workspace: Workspace, entry: DeliveryEntry, rows: list[str]) -> None:
    """Check that each quarantined row has its own bytes, place and reason, and that the others were accepted."""
    kept = workspace.lake.part([entry], "quarantine", HOUSING).to_table().to_pylist()
    assert len({row["position"] for row in kept}) == len(kept)
    for row in kept:
        assert row["file"] == "tenancies_20260901.csv"
        assert row["reason"]
        if entry.rows_in == len(rows):
            assert row["raw"].decode() == rows[row["position"] - 1]
    accepted = workspace.lake.part([entry], "rows", HOUSING).to_table().column("row_id").to_pylist()
    positions = {row_id & 0xFFFFFFFF for row_id in accepted} | {row["position"] for row in kept}
    assert positions == set(range(1, entry.rows_in + 1))


def test_bytes_that_are_not_text_are_kept_as_they_came(tiny: TinyWorkspace) -> None:
    bad = PLAIN[1].encode().replace(b"none", b"n\xff\xfene")
    tiny.deliver("tenancies_20260901.csv", b"\n".join([HEADER.encode(), PLAIN[0].encode(), bad, PLAIN[2].encode()]))
    workspace, taken = take(tiny)
    assert not taken.refused
    (entry,) = landed(workspace)
    assert (entry.rows_in, entry.accepted, entry.quarantined) == (3, 2, 1)
    (kept,) = workspace.lake.part([entry], "quarantine", HOUSING).to_table().to_pylist()
    assert kept["raw"] == bad
    nothing_half_done(workspace)


def test_line_ends_and_delimiters_in_quotes_belong_to_their_field(tiny: TinyWorkspace) -> None:
    rows = [changed(PLAIN[0], Note='"one\ntwo, three ""four"""'), PLAIN[1]]
    tiny.deliver("tenancies_20260901.csv", "\r\n".join([HEADER, *rows]) + "\r\n")
    workspace, taken = take(tiny)
    assert not taken.refused
    (entry,) = landed(workspace)
    assert (entry.rows_in, entry.accepted) == (2, 2)
    notes = workspace.lake.part([entry], "general", HOUSING).to_table().column("note").to_pylist()
    assert sorted(notes) == ["none", 'one\ntwo, three "four"']


def test_a_mended_registry_readmits_what_it_can(tiny: TinyWorkspace) -> None:
    from almoner.wiring.quarantine import readmit_rows

    rows, _ = QUARANTINED["an unknown code"]
    tiny.deliver("tenancies_20260901.csv", "\n".join([HEADER, *rows, PLAIN[2] + ",x"]))
    take(tiny)
    tiny.change("council.toml", 'values = { F = "F", M = "M" }', 'values = { F = "F", M = "M", Q = "F" }')
    workspace, _ = open_workspace(tiny.root)
    (done,) = readmit_rows(workspace, "housing.tenancies", None, None, "The supplier's new code is declared now")
    assert (done["readmitted"], done["still_quarantined"]) == (1, 1)
    (entry,) = landed(workspace)
    assert (entry.rows_in, entry.accepted, entry.quarantined) == (3, 2, 1)
    nothing_half_done(workspace)


def test_what_was_sent_before_a_correction_may_be_sent_again(tiny: TinyWorkspace) -> None:
    for content in ([PLAIN[0]], PLAIN[:2], [PLAIN[0]]):
        tiny.deliver("tenancies_20260901.csv", "\n".join([HEADER, *content]))
        workspace, _ = take(tiny)
        assert [entry.accepted for entry in landed(workspace)] == [len(content)]
    assert landed(workspace)[0].version == 3


def test_a_changed_declaration_lands_the_delivery_anew(tiny: TinyWorkspace) -> None:
    rows, _ = QUARANTINED["an unknown code"]
    tiny.deliver("tenancies_20260901.csv", "\n".join([HEADER, *rows]))
    workspace, _ = take(tiny)
    before = landed(workspace)[0]
    tiny.change("sources/housing.toml", 'title = "Tenancies"', 'title = "Tenancies of the council"')
    workspace, taken = take(tiny)
    assert {each["status"] for each in taken.deliveries} == {"unchanged"}, "a title decides nothing"
    tiny.change("council.toml", 'values = { F = "F", M = "M" }', 'values = { F = "F", M = "M", Q = "F" }')
    workspace, taken = take(tiny)
    again = {each["dataset"]: each["status"] for each in taken.deliveries}
    assert again["tenancies"] == "declared anew"
    (entry,) = landed(workspace)
    assert (before.accepted, entry.accepted, entry.quarantined, entry.version) == (1, 2, 0, 2)
    nothing_half_done(workspace)
    _, taken = take(tiny)
    assert {each["status"] for each in taken.deliveries} == {"unchanged"}


# ── workbooks ────────────────────────────────────────────────────────────────────────────────────────────────────


def workbook(rows: list[list[str]], **entries: bytes) -> bytes:
    """Write a workbook, with more entries in its archive."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Rows")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


WORKBOOKS: dict[str, tuple[bytes, str]] = {
    "a zip bomb": (workbook([["Number", "Value"], ["1", "a"]], **{"xl/bomb.bin": bytes(50_000_000)}), "zip bomb"),
    "macros": (workbook([["Number", "Value"]], **{"xl/vbaProject.bin": b"x"}), "macros"),
    "cut short": (workbook([["Number", "Value"], ["1", "a"]])[:-400], "damaged"),
    "no workbook at all": (b"Number,Value\n1,a\n", "not an Excel workbook"),
    "an empty file": (b"", "empty"),
    "a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
    "a renamed column": (workbook([["Number", "Worth"], ["1", "a"]]), "Worth"),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_that_is_not_safe_or_not_right_is_refused(tiny: TinyWorkspace, name: str) -> None:
    content, told = WORKBOOKS[name]
    tiny.deliver("rows_20260901.xlsx", content)
    workspace, taken = take(tiny)
    (refusal,) = taken.refused
    assert isinstance(refusal.error, DeliveryRefused)
    assert told.lower() in " ".join(refusal.error.lines()).lower()
    assert landed(workspace, "sheets.rows") == []
    nothing_half_done(workspace)


def test_a_sound_workbook_lands_and_one_without_rows_is_told(tiny: TinyWorkspace) -> None:
    tiny.deliver("rows_20260901.xlsx", workbook([["Number", "Value"], ["1", "a"], ["2", "b"]]))
    tiny.deliver("rows_20261001.xlsx", workbook([["Number", "Value"]]))
    workspace, taken = take(tiny)
    counts = [(entry.rows_in, entry.accepted) for entry in landed(workspace, "sheets.rows")]
    assert counts[0] == (2, 2)
    assert counts[1:] in ([(0, 0)], [])
    assert len(taken.refused) == 2 - len(counts)
    nothing_half_done(workspace)


# ── the anonymised route ─────────────────────────────────────────────────────────────────────────────────────────

NHS = [identifier("nhs_number", number) for number in range(40, 44)]
TELLING: dict[str, list[str]] = {
    "NHS numbers": NHS,
    "NHS numbers with spaces": [f"{n[:3]} {n[3:6]} {n[6:]}" for n in NHS],
    "a lone NHS number": [NHS[0]],
    "an NHS number within words": [f"seen as {NHS[0]} in June"],
    "National Insurance numbers": ["CE412317C", "CE 41 26 34 C"],
    "a postcode": ["lives at M20 1AB"],
    "an e-mail address": ["ask someone@example.org"],
    "a telephone number": ["07700 900123"],
    "dates of birth": ["1980-02-29"],
    "dates of birth as written": ["29/02/1980"],
    "pupil numbers": ["A123456789012"],
}


@pytest.mark.parametrize("name", TELLING)
def test_no_identifier_comes_in_by_the_anonymised_route(tiny: TinyWorkspace, name: str) -> None:
    answers = [*TELLING[name], "good", "fair", "poor"]
    tiny.deliver(
        "answers_20260901.csv", rendered(SURVEY, [{"respondent": str(n), "health": a} for n, a in enumerate(answers)])
    )
    workspace, taken = take(tiny)
    assert len(taken.refused) == 1, "it was taken in"
    told = " ".join(taken.refused[0].error.lines())
    assert "anonymised" in told
    assert not [value for value in TELLING[name] if value in told]
    assert landed(workspace, "survey.answers") == []
    nothing_half_done(workspace)


def test_an_identifying_column_does_not_come_in_either(tiny: TinyWorkspace) -> None:
    tiny.change("sources/survey.toml", 'from = "Health"', 'from = "Surname"')
    tiny.deliver("answers_20260901.csv", "Respondent,Surname\n1,Ashworth\n")
    workspace, taken = take(tiny)
    assert [type(refusal.error) for refusal in taken.refused] == [DeliveryRefused]
    assert landed(workspace, "survey.answers") == []


def test_answers_that_tell_nobody_come_in(tiny: TinyWorkspace) -> None:
    rows = ordinary_rows("survey.answers", 0)
    tiny.deliver("answers_20260901.csv", rendered(SURVEY, rows))
    workspace, taken = take(tiny)
    assert not taken.refused
    assert [entry.accepted for entry in landed(workspace, "survey.answers")] == [len(rows)]


# ── a full disk ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fails_at", range(1, 8))
def test_a_disk_that_fills_up_undoes_what_was_under_way(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """The n-th write of the second delivery fails; the first is there, and everything after freeing space."""
    take(tiny)
    tiny.deliver("tenancies_20260901.csv", "\n".join([HEADER, *PLAIN, PLAIN[0]]))
    writes = 0
    real = pq.ParquetWriter.write_table

    def full(self: pq.ParquetWriter, table: pa.Table, **options: Any) -> None:
        nonlocal writes
        writes += 1
        if writes == fails_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, table, **options)

    with monkeypatch.context() as patch:
        patch.setattr(pq.ParquetWriter, "write_table", full)
        workspace, taken = take(tiny)
        assert writes >= fails_at, "fewer writes than thought: nothing was tried"
        assert [type(refusal.error) for refusal in taken.refused] == [ResourceExhausted]
        assert landed(workspace) == []
        nothing_half_done(workspace)
    workspace, taken = take(tiny)
    assert not taken.refused
    assert [(entry.accepted, entry.quarantined) for entry in landed(workspace)] == [(8, 1)]
    nothing_half_done(workspace)


@pytest.fixture
def small_disk(tiny: TinyWorkspace) -> Iterator[Path]:
    """Put a disk of 200 kB under the lake."""
    lake = tiny.root / "lake"
    lake.mkdir(exist_ok=True)
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(lake)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a small disk")
    yield lake
    subprocess.run(["umount", "-l", str(lake)], check=True)  # a writer that failed may still hold its file


def test_a_disk_that_is_really_full(tiny: TinyWorkspace, small_disk: Path) -> None:
    rows = [changed(PLAIN[0], Tenancy=f"T{n}", Note=os.urandom(300).hex()) for n in range(2000)]
    tiny.deliver("tenancies_20260901.csv", "\n".join([HEADER, *rows]))
    workspace, taken = take(tiny)
    assert [type(refusal.error) for refusal in taken.refused] == [ResourceExhausted]
    assert landed(workspace) == []
    nothing_half_done(workspace)


def test_an_inbox_that_can_not_be_read_is_told(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.deliver("tenancies_20260901.csv", GOOD)
    real = Path.open

    def failing(self: Path, *given: Any, **named: Any) -> Any:
        if self.name.startswith("tenancies"):
            raise OSError(errno.EIO, "Input/output error")
        return real(self, *given, **named)

    monkeypatch.setattr(Path, "open", failing)
    workspace, taken = take(tiny)
    assert len(taken.refused) == 1
    assert isinstance(taken.refused[0].error, AlmonerError)
    assert landed(workspace) == []
    nothing_half_done(workspace)
