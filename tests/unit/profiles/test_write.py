"""The drafts on disk: marked, whole or not there, and never at the cost of somebody's other files."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from almoner.kernel.errors import UsageError
from almoner.methods.cells import Cell, Marker
from almoner.profiles.build import build_profiles
from almoner.profiles.document import _json_cell, json_text
from almoner.profiles.figures import ProfileSet
from almoner.profiles.table import CSV_COLUMNS, csv_text
from almoner.profiles.write import DRAFTS, write_profiles
from tests.unit.profiles.borough import AS_OF, FakeGate, borough_rows
from tests.unit.profiles.declared import make_registry


@pytest.fixture(scope="module")
def profiles() -> ProfileSet:
    return build_profiles(FakeGate(borough_rows()).run, make_registry(), AS_OF)


def _table(profiles: ProfileSet) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(profiles))))


def test_the_table_is_tidy_and_marked(profiles: ProfileSet):
    rows = _table(profiles)
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 7 * (1 + 3 + 6 + 24)
    assert {row["status"] for row in rows} == {"UNRELEASED DRAFT"}
    assert len({(row["indicator"], row["geography"], row["area_code"]) for row in rows}) == len(rows)


def test_a_value_and_a_marker_never_stand_together(profiles: ProfileSet):
    rows = _table(profiles)
    for row in rows:
        assert (row["value"] == "") == (row["marker"] != "")
        if row["marker"]:
            assert row["lower_95"] == row["upper_95"] == ""
    assert {row["marker"] for row in rows} >= {"", "[c]", "[x]"}
    visits = [row for row in rows if row["indicator"] == "visits"]
    assert all(row["marker"] == "[x]" and "not received" in row["caveats"] for row in visits)


def test_the_document_says_everything_that_the_table_says(profiles: ProfileSet):
    document = json.loads(json_text(profiles))
    assert document["status"] == "UNRELEASED DRAFT" and document["as_of"] == "2026-04-30"
    assert set(document["markers"]) == {"[c]", "[x]", "[z]", "[low]"}
    figures = {
        (entry["name"], figure["geography"], figure["area_code"]): figure["value"]
        for entry in document["indicators"]
        for figure in entry["figures"]
    }
    for row in _table(profiles):
        found = figures[row["indicator"], row["geography"], row["area_code"]]
        assert found == (row["marker"] or float(row["value"]))
    assert "null" not in json_text(profiles).split('"figures"')[1].split('"lower_95"')[0]


def test_a_text_is_never_a_formula(profiles: ProfileSet):
    first = profiles.indicators[0]
    spiteful = replace(first, indicator=first.indicator.model_copy(update={"title": '=HYPERLINK("x")'}))
    rows = _table(replace(profiles, indicators=(spiteful,)))
    assert {row["title"] for row in rows} == {'\'=HYPERLINK("x")'}


def test_drafts_are_written_and_replaced_as_a_whole(profiles: ProfileSet, tmp_path: Path):
    out = tmp_path / "a" / "drafts"
    assert [path.name for path in write_profiles(profiles, out)] == list(DRAFTS)
    (out / "profiles.csv").write_text("older")
    write_profiles(profiles, out)
    assert (out / "profiles.csv").read_text(encoding="utf-8").startswith("geography,area_code")
    assert sorted(path.name for path in out.iterdir()) == sorted(DRAFTS)
    assert [path.name for path in out.parent.iterdir()] == ["drafts"], "nothing temporary is left behind"
    assert out.stat().st_mode & 0o077 == 0, "a draft is its maker's alone"


def test_other_files_are_never_replaced(profiles: ProfileSet, tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        write_profiles(profiles, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(UsageError):
        write_profiles(profiles, tmp_path / "thesis.txt")


def test_a_marker_in_a_document_is_text(profiles: ProfileSet):
    assert _json_cell(Cell.suppressed()) == "[c]"
    assert _json_cell(Cell(None, Marker.LOW)) == "[low]"
    assert _json_cell(Cell(0.0)) == 0.0
