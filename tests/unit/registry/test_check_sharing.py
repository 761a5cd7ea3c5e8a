"""Faults in what is declared to be shared: each is found where it was planted, with a reason and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from almoner.registry import check_registry
from tests.sharing_desk import share_in
from tests.workspace_builder import TinyWorkspace, write_workspace

PLANTED = [
    ('recipient = "charity"\npurpose = "statutory"', 'recipient = "broker"\npurpose = "statutory"', "recipient 'broker' is not declared"),
    ('purpose = "statutory"\nlaw', 'purpose = "gossip"\nlaw', "purpose 'gossip' is not declared"),
    ('purpose = "statutory"\nlaw', 'purpose = "monitoring"\nlaw', "recipient 'charity' is not declared for 'monitoring'"),
    ('purpose = "statutory"\nlaw', 'agreement = "none"\npurpose = "statutory"\nlaw', "agreement 'none' is not declared"),
    ('purpose = "statutory"\nlaw', 'agreement = "sharing-university"\npurpose = "statutory"\nlaw', "agreement 'sharing-university' does not permit"),
    ('["forename", "surname", "joint_surname"', '["forename", "shoe_size", "joint_surname"', "column 'shoe_size' is not declared"),
    ('["forename", "surname", "joint_surname"', '["forename", "nino", "joint_surname"', "'nino' is 'identifiers', which recipient"),
    ('"housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]', '"housing.tenancies" = ["surname"] }\n\n[sharing.rents_studied]', "'surname' identifies people, and the form is pseudonymised"),
    ('"housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]', '"health.referrals" = ["team"] }\n\n[sharing.rents_studied]', "'health.referrals' does not serve purpose 'planning'"),
    ('"housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]', '"housing.nothing" = ["rent"] }\n\n[sharing.rents_studied]', "dataset 'housing.nothing' is not declared"),
    ('resident = ["age", "ward_code"]', 'resident = ["shoe_size"]', "field of a resident 'shoe_size' is not declared"),
    ('resident = ["age", "ward_code"]', 'resident = ["sex"]', "'sex' is of a kind that recipient 'charity' may not receive"),
    ('person = "tenant", where', 'person = "lodger", where', "person slot 'lodger' is not declared"),
    ('column = "rent", filled', 'column = "shoe_size", filled', "column 'shoe_size' is not declared"),
    ('column = "rent", filled', 'column = "practice", filled', "who is in it is told to be 'gp_clinic'"),
    ('cohort = { dataset = "housing.tenancies", person', 'cohort = { dataset = "survey.answers", person', "is about nobody"),
    ('ages = "18-120"', 'ages = "grown"', "pattern"),
    ('keep_days = 10\nfields', 'keep_days = 10\ncohort = { dataset = "housing.tenancies" }\nfields', "an emergency has none"),
    ('form = "identifiable"\nkind = "emergency"', 'form = "pseudonymised"\nkind = "emergency"', "nobody helps whom they can't identify"),
    ('purpose = "emergency"\nlaw', 'purpose = "planning"\nlaw', "rests on"),
    ('project = "alpha"', 'project = "omega"', "names no project of purpose 'research'"),
    ('sensitive = ["practice"]', 'sensitive = ["surname"]', "field 'surname' is not declared"),
    ('sensitive = ["practice"]', 'sensitive = ["practice", "rent", "age", "sex"]', "names every field"),
    ('title = "Rents for the charity"', 'title = "Rents for the charity"\nk = 4', "is not anonymous"),
    ('form = "pseudonymised"\nkey', 'form = "aggregate"\nkey', "gets the aggregate form at the most"),
    ('keep_days = 30\ncohort = { dataset = "housing.tenancies" }\nfields = { "housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]',
     'keep_days = 30\nfields = { "housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]', "is missing"),
    ('keep_days = 30\ncohort = { dataset = "housing.tenancies" }\nfields = { "housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]',
     'keep_days = 0\ncohort = { dataset = "housing.tenancies" }\nfields = { "housing.tenancies" = ["rent"] }\n\n[sharing.rents_studied]', "greater than or equal to 1"),
    ('keep_days = 10\nfields', 'keep_days = 10\npeople = { "housing.tenancies" = "lodger" }\nfields', "person slot 'lodger' is not declared"),
]  # fmt: skip
"""What stands there, what is planted in its place, and what is said of it."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyWorkspace:
    """Write a registry in which something is shared."""
    made = write_workspace(tmp_path_factory.mktemp("sharing") / "workspace")
    share_in(made)
    return made


def test_what_is_sound_has_no_fault(tiny: TinyWorkspace) -> None:
    assert [fault.text() for fault in check_registry(tiny.root / "registry").faults] == []


@pytest.mark.parametrize(("old", "new", "said"), PLANTED, ids=[said for _, _, said in PLANTED])
def test_each_fault_is_found(tiny: TinyWorkspace, old: str, new: str, said: str) -> None:
    file: Path = tiny.root / "registry" / "sharing.toml"
    before = file.read_text("utf-8")
    assert old in before
    try:
        file.write_text(before.replace(old, new, 1), "utf-8")
        faults = check_registry(tiny.root / "registry").faults
    finally:
        file.write_text(before, "utf-8")
    found = [each for each in faults if said in each.what]
    assert found, [each.what for each in faults]
    assert all(each.file.endswith("sharing.toml") and each.line > 1 and each.why and each.todo for each in found)


@pytest.mark.parametrize("spoilt", ["age1nothing", "AGE-SECRET-KEY-1", None])
def test_a_key_that_is_none_is_found(tiny: TinyWorkspace, spoilt: str | None) -> None:
    file = tiny.root / "registry" / "sharing.toml"
    before = file.read_text("utf-8")
    start = before.index('key = "age1') + len('key = "')
    key = before[start : before.index('"', start)]
    wrong = spoilt if spoilt is not None else key[:-1] + ("q" if key[-1] != "q" else "p")
    try:
        file.write_text(before.replace(key, wrong), "utf-8")
        faults = check_registry(tiny.root / "registry").faults
    finally:
        file.write_text(before, "utf-8")
    assert any("key" in each.where for each in faults), [each.text() for each in faults]
