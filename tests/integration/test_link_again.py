"""Joining again: the model of the last run is used again, unless it no longer fits or somebody asks for a new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from almoner.linkage import run
from almoner.wiring.kept_model import KeptModel
from almoner.wiring.linking import link_records
from tests.workspace_builder import TinyWorkspace, finished_workspace

pytestmark = pytest.mark.integration


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace that has been joined once."""
    return finished_workspace(tmp_path / "workspace")


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the trainings."""
    times: list[int] = []
    train = run.train

    def counted(*arguments: Any) -> Any:
        times.append(1)
        return train(*arguments)

    monkeypatch.setattr(run, "train", counted)
    return times


def people_of(tiny: TinyWorkspace) -> dict[str, str]:
    """Give the person of each record."""
    lake = tiny.open().lake
    rows = lake.spine_table(lake.catalogue.spine(), "person_record").to_table().to_pylist()
    return {f"{row['dataset']}/{row['record_id']}": row["person_id"] for row in rows}


def link_again(tiny: TinyWorkspace, **options: bool) -> None:
    """Join as the steward, who may."""
    workspace = tiny.open()
    link_records(workspace, lambda _: None, **options)


def test_a_second_run_uses_the_model_of_the_first(tiny: TinyWorkspace, trained: list[int]) -> None:
    before, model = people_of(tiny), (tiny.root / "linkage_model.json").read_bytes()
    tiny.add("remark.toml", "# The registry changed, and says the same.\n")
    link_again(tiny)
    assert trained == []
    assert people_of(tiny) == before
    assert (tiny.root / "linkage_model.json").read_bytes() == model


def test_somebody_may_ask_for_a_new_model_though_nothing_changed(tiny: TinyWorkspace, trained: list[int]) -> None:
    link_again(tiny)
    assert trained == []
    link_again(tiny, retrain=True)
    assert trained == [1]


def test_a_model_learnt_from_far_fewer_mentions_is_learnt_anew(tmp_path: Path) -> None:
    kept = KeptModel(tmp_path)
    assert kept.for_records(100) is None
    kept.keep("{}", 100)
    assert kept.for_records(200) == kept.for_records(50) == "{}"
    assert kept.for_records(201) is None
    assert kept.for_records(49) is None


def test_a_damaged_model_file_stops_nobody(tiny: TinyWorkspace, trained: list[int]) -> None:
    (tiny.root / "linkage_model.json").write_text("{")
    tiny.add("remark.toml", "# The registry changed, and says the same.\n")
    link_again(tiny)
    assert trained == [1]
    assert json.loads((tiny.root / "linkage_model.json").read_text())["mentions"] > 0
