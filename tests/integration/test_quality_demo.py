"""The review on the synthetic borough, whose truth says where faults were planted: as many are reported, and where."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from almoner.cli.demonstration import COUNCIL_FILE, SETTINGS
from almoner.demo import generate
from almoner.demo.faults import QUARANTINED
from almoner.wiring.quality import quality_history
from almoner.wiring.quality_report import write_quality_report
from almoner.wiring.starting import make_workspace
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]

TODAY = dt.datetime(2026, 5, 8, 9, tzinfo=dt.UTC)
SOURCE = "education"
Place = tuple[str, int]
"""File and record."""


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a workspace that has taken in a small borough's deliveries."""
    folder = tmp_path_factory.mktemp("borough")
    generate(600, 11, folder / "demo")  # in a smaller one a planted contradiction may lack a second value
    make_workspace(folder / "w")
    (folder / "w" / "almoner.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "w" / "registry" / "council.toml").write_text(COUNCIL_FILE, encoding="utf-8")
    workspace, _ = open_workspace(folder / "w")
    take_in(workspace, [folder / "demo" / "inbox"], lambda _: None)
    return folder


def planted(folder: Path) -> list[Place]:
    """Read where the faults are that keep a record out."""
    with (folder / "demo" / "truth" / "planted_faults.csv").open(encoding="utf-8", newline="") as file:
        return [(row["file"], int(row["position"])) for row in csv.DictReader(file) if row["expected"] == QUARANTINED]


def test_as_many_rows_are_reported_as_were_planted(borough: Path) -> None:
    workspace, _ = open_workspace(borough / "w")
    kept = [each for each in quality_history(workspace, None) if each.measure == "delivery"]
    by_source: Counter[tuple[str, str]] = Counter()
    for each in kept:
        by_source[each.dataset.partition(".")[0], f"{each.as_of:%Y-%m}"] += each.missed
    truth = Counter((file.split("/")[1], file.split("/")[0]) for file, _ in planted(borough))
    assert truth.total() > 50
    assert {key: count for key, count in by_source.items() if count} == dict(truth)


def test_the_supplier_is_told_of_exactly_the_planted_rows(
    borough: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in ("workspace", "taking_in", "quality", "quality_report"):
        monkeypatch.setattr(f"almoner.wiring.{module}.utc_now", lambda: TODAY)
    workspace, _ = open_workspace(borough / "w")
    write_quality_report(
        workspace, tmp_path / "out", source=SOURCE, examples=True, reason="Judged by the truth", today=TODAY.date()
    )
    records = tmp_path / "out" / "records-to-correct" / "records.csv"
    with records.open(encoding="utf-8", newline="") as file:
        told = [row for row in csv.DictReader(file) if row["why_it_matters"].startswith("The row could not be taken")]
    found = sorted((row["file"], int(row["row"])) for row in told)
    assert found == sorted(place for place in planted(borough) if place[0].startswith(f"2026-04/{SOURCE}/"))
    assert found
