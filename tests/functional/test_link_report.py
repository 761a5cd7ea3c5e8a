"""Quality on every run and its two documents, from the command line: what is said, to whom, and what never is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from almoner.cli.main import app
from almoner.demo import generate
from almoner.kernel.errors import AccessRefused, NotFound
from almoner.linkage.quality_document import NOT_MEASURED
from almoner.wiring import workspace as wiring
from almoner.wiring.linking import link_records
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from tests.workspace_builder import ROOT, TinyWorkspace, canaries, finished_workspace, leaks, write_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]

FILES = {f"{name}.{kind}" for name in ("linkage-quality", "transparency-record") for kind in ("html", "md", "json")}
WHY = ("--reason", "A test of the linkage quality report")


def call(root: Path, monkeypatch: pytest.MonkeyPatch, actor: str, *words: str) -> Any:
    """Run a command in this process as somebody."""
    monkeypatch.setattr(wiring, "operating_system_user", lambda: actor)
    monkeypatch.setenv("ALMONER_WORKSPACE", str(root))
    TinyWorkspace(root).open(actor)
    return CliRunner().invoke(app, list(words), standalone_mode=False)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    return finished_workspace(tmp_path / "workspace")


def test_who_holds_too_few_numbers_is_not_measured_and_told_so(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    linked = json.loads(call(tiny.root, monkeypatch, "steward", "link", "--json").stdout)
    assert linked["quality"]["method"] == NOT_MEASURED
    assert (linked["quality"]["precision"], linked["quality"]["recall"], linked["quality"]["n"]) == (None, None, 0)
    made = call(tiny.root, monkeypatch, "steward", "link", "report", "--out", str(tmp_path / "out"), "--json")
    assert {Path(path).name for path in json.loads(made.stdout)["files"]} == FILES
    said = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert "could not be measured" in said
    assert leaks(said, canaries(tiny.registry())) == []


def test_the_report_needs_the_right_and_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = finished_workspace(tmp_path / "workspace")
    refused = call(tiny.root, monkeypatch, "auditor", "link", "report", "--out", str(tmp_path / "out"))
    assert isinstance(refused.exception, AccessRefused)
    unequal = call(tiny.root, monkeypatch, "steward", "link", "report", "--equality", "--out", str(tmp_path / "out"))
    assert isinstance(unequal.exception, AccessRefused), "no purpose of equality monitoring is declared"
    assert not (tmp_path / "out").exists()
    fresh = write_workspace(tmp_path / "fresh")
    fresh.open().records.grant_roles("steward", ("linkage_steward",), "test")
    early = call(fresh.root, monkeypatch, "steward", "link", "report", "--out", str(tmp_path / "out"))
    assert isinstance(early.exception, NotFound)


def test_an_export_says_how_sure_each_link_is_and_who_decided(
    tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "links.parquet"
    assert call(tiny.root, monkeypatch, "steward", "links", "export", str(file), *WHY).exception is None
    assert file.stat().st_mode & 0o077 == 0, "whose record is whose is for who asked"
    table = pq.read_table(file)
    assert table.column_names == ["source", "dataset", "record_id", "person_id", "probability", "decided_by"]
    rows = table.to_pylist()
    assert {row["decided_by"] for row in rows} <= {"model", "rule", "decision", "alone"}
    assert all(0 <= row["probability"] <= 1 for row in rows if row["probability"] is not None)
    assert any(row["probability"] for row in rows if row["decided_by"] == "model")


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic borough of 700 people under the starter registry, taken in and joined by a steward."""
    folder = tmp_path_factory.mktemp("quality")
    root = folder / "workspace"
    made = CliRunner().invoke(app, ["init", str(root)], standalone_mode=False)
    assert made.exception is None, made.exception
    generate(700, 29, folder / "city")
    workspace, _ = open_workspace(root)
    workspace.records.grant_roles("steward", ("linkage_steward",), "test")
    workspace.records.grant_roles("monitor", ("linkage_steward", "analyst"), "test")
    steward = TinyWorkspace(root).open("steward")
    take_in(steward, [folder / "city" / "inbox"], lambda _: None)
    link_records(steward, lambda _: None)
    return root


def test_a_run_tells_its_quality_with_intervals(borough: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quality = json.loads(call(borough, monkeypatch, "steward", "link", "--json").stdout)["quality"]
    for name in ("precision", "recall"):
        found = quality[name]
        assert 0.5 < found["low"] <= found["value"] <= found["high"] <= 1 and found["n"] > 50
    assert quality["method"] != NOT_MEASURED and quality["as_of"] and quality["confidence"] == 0.95
    text = call(borough, monkeypatch, "steward", "link").stdout
    assert re.search(r"precision +\d+\.\d% +\d+\.\d% to \d+\.\d%", text) and quality["as_of"] in text


def test_the_report_is_about_groups_and_nobody(borough: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = call(borough, monkeypatch, "steward", "link", "report", "--out", str(tmp_path))
    assert made.exception is None, made.exception
    document = json.loads((tmp_path / "linkage-quality.json").read_text())
    assert document["ethnic_groups"] is None
    assert {each["by"] for each in document["quality"]["groups"]} == {"source", "age", "sex"}
    said = "".join(path.read_text() for path in tmp_path.iterdir())
    assert not re.search(r"\bP[0-9A-HJKMNP-TV-Z]{12}\b", said), "a person id"
    assert not re.search(r"\b9\d{9}\b|\b[A-Z]{2}\d{6}[A-D]\b", said), "a number of somebody"


def test_ethnic_groups_come_through_the_gate_as_counts(
    borough: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ("link", "report", "--equality", "--out", str(tmp_path), *WHY)
    assert isinstance(call(borough, monkeypatch, "steward", *words).exception, AccessRefused)
    before = len(TinyWorkspace(borough).events())
    made = call(borough, monkeypatch, "monitor", *words)
    assert made.exception is None, made.exception
    reads = [each for each in TinyWorkspace(borough).events(before) if each.action == "run"]
    by_purpose = {each.purpose: each for each in reads}
    assert by_purpose["equality"].form == "aggregate"
    named = {c for each in reads if each.purpose == "matching" for c in each.columns.values() for column in c}
    assert "ethnicity" not in named, "ethnicity went where records are joined"
    groups = json.loads((tmp_path / "linkage-quality.json").read_text())["ethnic_groups"]
    assert "White" in {each["name"] for each in groups}
    shown = [each["recall"] for each in groups if isinstance(each["recall"], dict)]
    assert shown and all(each["n"] >= 5 and each["n"] % 5 == 0 for each in shown)
    assert str(ROOT) not in (tmp_path / "linkage-quality.json").read_text()
