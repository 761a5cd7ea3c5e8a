"""An address taken from another dataset's record: what `check` says where it can't be."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.registry import check_registry
from tests.workspace_builder import write_workspace

DEPENDANTS = """[dataset.dependants]
title = "Dependants of tenants"
files = "dependants_{sent}.csv"
format = { csv = {} }
key = ["dependant"]
retention = "long"
purposes = ["matching"]
[dataset.dependants.people.dependant]
address_of = { dataset = "housing.tenancies", key = "tenancy" }
[dataset.dependants.columns]
dependant = { from = "Dependant", category = "record", required = true }
tenancy = { from = "Tenancy", category = "record", required = true }
surname = { from = "Surname", category = "name", identifies = "surname" }

"""


def told(tmp_path: Path, old: str, new: str) -> list[str]:
    """Check the registry with dependants in it, declared in another way."""
    tiny = write_workspace(tmp_path / "workspace")
    assert old in DEPENDANTS
    tiny.change("sources/housing.toml", "[dataset.tenancies]\n", DEPENDANTS.replace(old, new) + "[dataset.tenancies]\n")
    return [fault.what for fault in check_registry(tiny.root / "registry").faults]


def test_a_sound_one_has_no_fault(tmp_path: Path) -> None:
    assert told(tmp_path, "tenancies", "tenancies") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('key = "tenancy"', 'key = "tennancy"', "column 'tennancy' is not declared"),
        ('"housing.tenancies"', '"housing.tenacies"', "dataset 'housing.tenacies' is not declared"),
        ('"housing.tenancies"', '"council.staff"', "dataset 'council.staff' has no address"),
        ('key = "tenancy" }', 'key = "tenancy", slot = "child" }', "person slot 'child' is not declared"),
        ("surname = {", 'postcode = { from = "P", category = "address", identifies = "postcode" }\nsurname = {',
         "the row has an address of its own"),
    ],
)  # fmt: skip
def test_a_fault_is_told(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert told(tmp_path, old, new) == [fault]
