"""Two names for the same people are found before their figures pass each other by."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.registry import check_registry
from tests.workspace_builder import write_workspace

PLAIN = 'title = "x"\ncounts = "x"\n'


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (f"[population.a]\n{PLAIN}", "names both a dataset and a fact, or neither"),
        (f'[population.a]\n{PLAIN}dataset = "housing.tenancies"\nfact = "event"', "names both"),
        (f'[population.a]\n{PLAIN}dataset = "housing.tenancy"', "dataset 'housing.tenancy' is not declared"),
        (f'[population.residents]\n{PLAIN}dataset = "housing.tenancies"', "profiles call their own population"),
        (f'[population.newplans]\n{PLAIN}dataset = "housing.tenancies"', "written otherwise"),
        (
            f'[population.a]\n{PLAIN}fact = "event"\n[population.b]\n{PLAIN}fact = "event"',
            "'a' counts the same fact",
        ),
    ],
)
def test_a_population_that_would_evade_the_ledger_is_a_fault(tmp_path: Path, declared: str, told: str) -> None:
    root = write_workspace(tmp_path / "workspace").root
    assert not check_registry(root / "registry").faults
    (root / "registry" / "who.toml").write_text(declared)
    (fault,) = check_registry(root / "registry").faults
    assert told in fault.what and fault.file.endswith("who.toml") and fault.todo
