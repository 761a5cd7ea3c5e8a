"""The demonstration's registry speaks of the invented borough, and of no real place."""

from __future__ import annotations

import shutil
from pathlib import Path

from almoner.cli.demonstration import _name_the_borough
from almoner.demo.geography import BOROUGH, COUNCIL
from almoner.registry import check_registry, load_registry

STARTER = Path(__file__).parents[3] / "src" / "almoner" / "registry" / "starter"


def test_the_borough_stands_under_its_own_name(tmp_path: Path) -> None:
    registry = tmp_path / "registry"
    shutil.copytree(STARTER, registry)
    before = load_registry(registry)
    _name_the_borough(registry)
    assert check_registry(registry).faults == ()
    after = load_registry(registry)
    assert (after.controller.title, after.controller.place) == (COUNCIL, BOROUGH)
    written = "".join(file.read_text("utf-8") for file in registry.rglob("*.toml"))
    assert before.controller.place not in written
    assert before.controller.place.lower() not in written
    assert [each.full_name for each in after.datasets()] == [each.full_name for each in before.datasets()]
