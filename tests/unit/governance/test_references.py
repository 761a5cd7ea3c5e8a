"""What is no name and still points: references of sources, and markers of those who must not be found."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import almoner.registry
from almoner.governance.permit import Permit
from almoner.governance.policies import check_columns, readable_columns
from almoner.governance.references import marker_columns, reference_columns
from almoner.kernel.errors import AccessRefused
from almoner.registry import Registry, load_registry
from almoner.registry.datasets import Dataset
from almoner.registry.governing import Form

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
STARTER = load_registry(Path(almoner.registry.__file__).parent / "starter")
NAMELESS = [name for name, purpose in STARTER.purpose.items() if purpose.form != "identifiable"]
PERSONAL = [dataset.full_name for dataset in STARTER.datasets() if not dataset.open]


def given(registry: Registry, dataset: Dataset, purpose: str, form: Form | None = None) -> set[str]:
    """Name the columns that a permit for a purpose gives."""
    declared = registry.purpose[purpose]
    project = next((each.name for each in registry.project.values() if each.purpose == purpose), None)
    permit = Permit(
        "K", "a", purpose, form or declared.form, declared.scope, "", NOW, NOW + dt.timedelta(days=1), "granted",
        project=project,
    )  # fmt: skip
    return set(readable_columns(registry, permit, dataset, NOW.date()))


@pytest.mark.parametrize("purpose", NAMELESS)
@pytest.mark.parametrize("name", PERSONAL)
def test_nothing_that_points_is_given_without_names(name: str, purpose: str) -> None:
    dataset = STARTER.dataset(name)
    shown = given(STARTER, dataset, purpose)
    assert len(dataset.key) > 1 or not shown & set(dataset.key), "the key of a record"
    for slot in dataset.people.values():
        for marker in (slot.safety, slot.sealed):
            assert marker is None or marker.column not in shown, "a marker of protection"


@pytest.mark.parametrize(
    ("name", "references"),
    [
        ("council_housing.tenancies", {"tenancy"}),
        ("revenue_and_benefits.claim_members", {"claim", "member"}),
        ("police.outcomes", {"outcome", "incident"}),  # incident is the key of the source's other dataset
        ("housing_associations.brackwater_tenants", {"tenancy", "tenant"}),
        ("nhs_gp.conditions", {"patient"}),  # the condition, though in the key, is what the row says
        ("education.attendance", {"pupil"}),  # so is the month
        ("open_data.postcode_directory", set()),
    ],
)
def test_references_follow_from_the_declaration(name: str, references: set[str]) -> None:
    assert reference_columns(STARTER, STARTER.dataset(name)) == references


def test_what_a_row_says_is_still_given() -> None:
    assert "condition" in given(STARTER, STARTER.dataset("nhs_gp.conditions"), "research")
    assert "month" in given(STARTER, STARTER.dataset("education.attendance"), "research")
    assert {"postcode"} <= given(STARTER, STARTER.dataset("open_data.postcode_directory"), "research")


def test_with_names_references_and_markers_are_given() -> None:
    dataset = STARTER.dataset("children_and_families.case_people")
    assert marker_columns(dataset) == {"not_to_be_disclosed", "sealed"}
    assert marker_columns(dataset) <= given(STARTER, dataset, "statutory")
    assert not marker_columns(dataset) & given(STARTER, dataset, "statutory", "pseudonymised")


def test_the_refusal_says_which_and_why() -> None:
    permit = Permit("K", "a", "planning", "pseudonymised", "all", "", NOW, NOW + dt.timedelta(days=1), "granted")
    for column, why in (("tenancy", "own reference"), ("marker", "must not be found")):
        with pytest.raises(AccessRefused, match=f"'{column}'.*{why}"):
            check_columns(STARTER, permit, STARTER.dataset("council_housing.tenancies"), (column,), NOW.date())
