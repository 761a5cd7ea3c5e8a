"""What `registry/linkage.toml` says is what a link does; what it says wrongly is told by `almoner check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from almoner.kernel.errors import AlmonerError, RegistryError
from almoner.registry import check_registry
from almoner.wiring.linking import link_records
from almoner.wiring.workspace import open_workspace
from tests.workspace_builder import TinyWorkspace, write_workspace

pytestmark = pytest.mark.integration


@pytest.fixture
def tiny(tmp_path: Path) -> TinyWorkspace:
    """Give a workspace that has taken in its inbox."""
    tiny = write_workspace(tmp_path / "workspace")
    tiny.take_in()
    return tiny


def linked(tiny: TinyWorkspace) -> dict[str, Any]:
    """Link as the first user of a demonstration."""
    return link_records(open_workspace(tiny.root)[0], lambda _: None)


def spine(tiny: TinyWorkspace, table: str) -> list[dict[str, Any]]:
    """Link, and read a table of the spine."""
    linked(tiny)
    lake = tiny.open().lake
    return list(lake.spine_table(lake.catalogue.spine(), table).to_table().to_pylist())


def test_whom_an_establishment_holds_is_declared(tiny: TinyWorkspace) -> None:
    assert {each["kind"] for each in spine(tiny, "household")} == {"private"}
    uprn = next(each["uprn"] for each in spine(tiny, "address") if each["uprn"])
    tiny.add("linkage.toml", f'[linkage]\ncommunal_uprns = ["{uprn}"]\n')
    home = {each["address_id"]: each["kind"] for each in spine(tiny, "household")}
    assert [home.get(each["address_id"]) for each in spine(tiny, "address") if each["uprn"] == uprn] == ["communal"]


def test_the_declared_model_is_used_and_another_one_is_refused(tiny: TinyWorkspace) -> None:
    before = linked(tiny)
    learnt = next(tiny.root.glob("linkage_model.json"))
    (tiny.root / "registry" / "model.json").write_bytes(learnt.read_bytes())
    tiny.add("linkage.toml", '[linkage]\nmodel = "model.json"\n')
    after = linked(tiny)
    assert after["persons"] == before["persons"]
    (tiny.root / "registry" / "model.json").write_text('{"format": 0}', encoding="utf-8")
    tiny.add("linkage.toml", '[linkage]\nmodel = "model.json"\nblock_limit = 99\n')
    with pytest.raises(AlmonerError, match="model"):
        linked(tiny)
    tiny.add("linkage.toml", '[linkage]\nmodel = "nowhere.json"\n')
    with pytest.raises(RegistryError, match="is not there"):
        linked(tiny)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("link_probability = 1.5", "less than 1"),
        ("review_probability = 0.97", "review_probability"),
        ("communal_above = 0", "greater than or equal to 2"),
        ("comunal_above = 5", "comunal_above"),
    ],
)
def test_what_can_not_be_is_told_with_its_line(tiny: TinyWorkspace, line: str, told: str) -> None:
    tiny.add("linkage.toml", f"[linkage]\n{line}\n")
    faults = check_registry(tiny.root / "registry").faults
    assert [fault for fault in faults if "linkage.toml" in fault.file and told in fault.text()], [
        fault.text() for fault in faults
    ]
