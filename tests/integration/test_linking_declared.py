"""What the registry declares about people of a row is what linkage does: whose address they have, who is related."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.wiring.linking import link_records
from almoner.wiring.taking_in import take_in
from almoner.wiring.workspace import open_workspace
from tests.workspace_builder import TinyWorkspace, write_workspace

pytestmark = pytest.mark.integration

DEPENDANTS = """[dataset.dependants]
title = "Dependants of tenants"
files = "dependants_{sent}.csv"
format = { csv = {} }
delivery = "snapshot"
key = ["dependant"]
retention = "long"
purposes = ["research", "matching"]
[dataset.dependants.people.dependant]
address_of = { dataset = "housing.tenancies", key = "tenancy" }
[dataset.dependants.columns]
dependant = { from = "Dependant", category = "record", required = true }
tenancy = { from = "Tenancy", category = "record", required = true }
forename = { from = "Forename", category = "name", identifies = "forename" }
surname = { from = "Surname", category = "name", identifies = "surname" }
born = { from = "Born", type = "date", category = "date_of_birth", identifies = "date_of_birth" }
kind = { from = "Kind", category = "record" }
[[dataset.dependants.facts]]
relationship = { person = "dependant", other = { dataset = "housing.tenancies", key = "tenancy" }, kind = "child", where = [{ column = "kind", in = ["child"] }, { column = "tenancy", filled = true }, { column = "kind", not_in = ["lodger"] }] }

"""
ROWS = """Dependant,Tenancy,Forename,Surname,Born,Kind
D1,T10,Wilfred,Ashworth,2014-05-06,child
D2,T11,Rosalind,Quint,1999-02-03,lodger
D3,T99,Nobody,Elsewhere,2011-02-03,child
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Give a workspace that has taken in dependants who have no address but their tenancy's."""
    tiny = write_workspace(tmp_path_factory.mktemp("declared") / "workspace")
    tiny.change("sources/housing.toml", "[dataset.tenancies]\n", DEPENDANTS + "[dataset.tenancies]\n")
    tiny.deliver("2026-10/dependants_20261031.csv", ROWS)
    tiny.take_in()
    return tiny


def spine(tiny: TinyWorkspace, table: str) -> list[dict[str, object]]:
    """Read a table of the spine."""
    lake = tiny.open().lake
    return list(lake.spine_table(lake.catalogue.spine(), table).to_table().to_pylist())


def person_of(tiny: TinyWorkspace, dataset: str, record: str) -> object:
    """Give the person of a record."""
    return next(
        row["person_id"]
        for row in spine(tiny, "person_record")
        if (row["dataset"], row["record_id"]) == (dataset, record)
    )


def test_dependants_live_where_the_record_they_name_has_its_address(tiny: TinyWorkspace) -> None:
    homes = {row["person_id"]: row["address_id"] for row in spine(tiny, "residence") if row["is_current"]}
    for dependant, tenancy in (("D1", "T10"), ("D2", "T11")):
        home = homes[person_of(tiny, "housing.tenancies", tenancy)]
        assert homes[person_of(tiny, "housing.dependants", dependant)] == home
    assert person_of(tiny, "housing.dependants", "D3") not in homes


def test_a_relationship_is_told_of_the_rows_that_meet_its_conditions_alone(tiny: TinyWorkspace) -> None:
    told = [row for row in spine(tiny, "relationship") if row["source"] == "housing.dependants"]
    child, parent = person_of(tiny, "housing.dependants", "D1"), person_of(tiny, "housing.tenancies", "T10")
    assert [(row["person_id"], row["other_person_id"], row["kind"]) for row in told] == [(child, parent, "child")]


def test_linking_again_finds_the_same(tiny: TinyWorkspace) -> None:
    before = spine(tiny, "person_record")
    tiny.add("remark.toml", "# The registry changed, and says the same.\n")
    workspace, _ = open_workspace(tiny.root)
    take_in(workspace, [tiny.inbox], lambda _: None)
    link_records(workspace, lambda _: None)
    assert spine(tiny, "person_record") == before


def test_the_demonstration_registries_say_where_dependants_live() -> None:
    from almoner.registry import load_registry

    root = Path(__file__).resolve().parents[2]
    for folder, dataset, slot in (
        ("examples/manchester/registry", "revenue_and_benefits.benefit_dependants", "dependant"),
        ("src/almoner/registry/starter", "revenue_and_benefits.claim_members", "member"),
    ):
        stated = load_registry(root / folder).dataset(dataset).people[slot].address_of
        assert stated is not None
        assert (stated.dataset, stated.key) == ("revenue_and_benefits.benefit_claims", "claim")
