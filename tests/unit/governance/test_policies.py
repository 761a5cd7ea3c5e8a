"""The rules about data, read as tables: purpose × dataset, purpose × column, and each reason for a refusal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from almoner.governance.permit import Permit
from almoner.governance.policies import (
    FORM_RANK,
    category_refusal,
    check_columns,
    check_permit,
    column_refusal,
    dataset_refusal,
    identity_refusal,
    readable_columns,
)
from almoner.governance.retention import keep_until
from almoner.kernel.errors import AccessRefused
from almoner.registry import Registry
from almoner.registry.governing import Category, Purpose, Retention
from tests.workspace_builder import declared

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
TODAY = NOW.date()


def permit(of: str, /, **changes: Any) -> Permit:
    """Make a permit in force for a purpose."""
    known = declared().purpose[of]
    fields: dict[str, Any] = {
        "id": "K1", "actor": "a", "purpose": of, "form": known.form, "scope": known.scope, "reason": "because",
        "starts_at": NOW - dt.timedelta(hours=1), "expires_at": NOW + dt.timedelta(hours=1), "state": "granted",
        "project": "alpha" if of == "research" else None, "subjects": ("P1",) if known.scope == "one_person" else (),
    }  # fmt: skip
    return Permit(**{**fields, **changes})


def with_part(registry: Registry, table: str, name: str, **changes: Any) -> Registry:
    """Change one declaration of a registry."""
    entries = dict(getattr(registry, table))
    entries[name] = entries[name].model_copy(update=changes)
    return registry.model_copy(update={table: entries})


def with_dataset(registry: Registry, full_name: str, **changes: Any) -> Registry:
    """Change one dataset of a registry."""
    source, name = full_name.split(".")
    datasets = dict(registry.source[source].datasets)
    datasets[name] = datasets[name].model_copy(update=changes)
    return with_part(registry, "source", source, datasets=datasets)


# ── purpose × dataset ────────────────────────────────────────────────────────────────────────────────────────────

NOT_FOR = "is not permitted for purpose"
DATASETS = (
    "housing.tenancies",
    "elections.register",
    "health.referrals",
    "police.incidents",
    "council.staff",
    "open_data.postcodes",
)
MATRIX: dict[str, tuple[str, ...]] = {
    #               tenancies  register   referrals  incidents  staff      postcodes
    "research":     ("given",  NOT_FOR,   "given",   "given",   NOT_FOR,   "given"),
    "front_line":   ("given",  NOT_FOR,   NOT_FOR,   NOT_FOR,   "own staff", "given"),
    "monitoring":   ("given",  NOT_FOR,   "given",   "given",   NOT_FOR,   "given"),
    "planning":     ("given",  NOT_FOR,   NOT_FOR,   NOT_FOR,   NOT_FOR,   "given"),
    "requests":     ("given",  "given",   "given",   "given",   "given",   "given"),
    "emergency":    ("given",  NOT_FOR,   "given",   "given",   NOT_FOR,   "given"),
    "statutory":    ("given",  NOT_FOR,   NOT_FOR,   NOT_FOR,   NOT_FOR,   "given"),
    "matching":     ("given",  "given",   "given",   "given",   NOT_FOR,   "given"),
    "data_quality": (NOT_FOR,  NOT_FOR,   NOT_FOR,   NOT_FOR,   NOT_FOR,   "given"),
}  # fmt: skip


@pytest.mark.parametrize(("purpose", "dataset"), [(p, d) for p in MATRIX for d in DATASETS])
def test_purpose_and_dataset(purpose: str, dataset: str) -> None:
    expected = MATRIX[purpose][DATASETS.index(dataset)]
    refusal = dataset_refusal(declared(), permit(purpose), declared().dataset(dataset), TODAY)
    assert refusal is None if expected == "given" else expected in (refusal or "")


def test_the_table_has_every_purpose() -> None:
    assert set(MATRIX) == set(declared().purpose)


# ── purpose × column ─────────────────────────────────────────────────────────────────────────────────────────────

COLUMNS: dict[tuple[str, str], str] = {
    ("research", "housing.tenancies"): "rent practice starts note",
    ("monitoring", "housing.tenancies"): "rent practice starts note",
    ("planning", "housing.tenancies"): "rent starts note",
    ("research", "health.referrals"): "referred team summary action",
    ("research", "police.incidents"): "offence happened",
    ("matching", "health.referrals"): "referral forename surname born sex nhs_number postcode action",
    ("matching", "elections.register"): "elector name address postcode uprn votes",
    ("statutory", "housing.tenancies"): (
        "tenancy forename surname born joint_forename joint_surname joint_born address postcode uprn"
        " safety sealed rent starts note"
    ),
    ("emergency", "police.incidents"): "incident forename surname born address postcode uprn offence happened",
    ("planning", "health.referrals"): "",
    ("research", "elections.register"): "",
    ("research", "survey.answers"): "health",
    ("planning", "open_data.postcodes"): "postcode ward_code",
}


@pytest.mark.parametrize(("purpose", "dataset"), COLUMNS)
def test_purpose_and_columns(purpose: str, dataset: str) -> None:
    given = readable_columns(declared(), permit(purpose), declared().dataset(dataset), TODAY)
    assert set(given) == set(COLUMNS[purpose, dataset].split())


def test_a_column_that_is_not_readable_is_refused_by_name() -> None:
    registry, dataset = declared(), declared().dataset("housing.tenancies")
    for name in dataset.columns:
        readable = name in readable_columns(registry, permit("planning"), dataset, TODAY)
        if readable:
            check_columns(registry, permit("planning"), dataset, (name,), TODAY)
            continue
        with pytest.raises(AccessRefused) as refusal:
            check_columns(registry, permit("planning"), dataset, ("rent", name), TODAY)
        assert "Head of housing" in refusal.value.todo
    with pytest.raises(AccessRefused, match="no column ghost"):
        check_columns(registry, permit("planning"), dataset, ("ghost",), TODAY)


def test_a_less_identifying_permit_of_an_identifiable_purpose_sees_no_identity() -> None:
    column = declared().dataset("housing.tenancies").columns["surname"]
    assert column_refusal(declared(), permit("statutory"), column) is None
    for form in ("pseudonymised", "aggregate"):
        assert "identifies" in (column_refusal(declared(), permit("statutory", form=form), column) or "")


# ── why a dataset is refused ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"expires_on": TODAY}, None),
        ({"expires_on": TODAY - dt.timedelta(days=1)}, "lapsed"),
        ({"signed_on": TODAY}, None),
        ({"signed_on": TODAY + dt.timedelta(days=1)}, "starts on"),
        ({"purposes": ("research",)}, "does not permit 'planning'"),
    ],
)
def test_the_agreement_must_be_in_force_for_the_purpose(changes: dict[str, Any], told: str | None) -> None:
    registry = with_part(declared(), "agreement", "housing", **changes)
    refusal = dataset_refusal(registry, permit("planning"), registry.dataset("housing.tenancies"), TODAY)
    assert refusal is None if told is None else told in (refusal or "") and "Head of housing" in (refusal or "")


def test_no_agreement_no_data() -> None:
    registry = with_part(declared(), "source", "housing", agreement="gone")
    refusal = dataset_refusal(registry, permit("planning"), registry.dataset("housing.tenancies"), TODAY)
    assert "no agreement" in (refusal or "")


def test_the_default_is_no() -> None:
    registry = with_dataset(declared(), "housing.tenancies", purposes=())
    dataset = registry.dataset("housing.tenancies")
    assert all(dataset_refusal(registry, permit(purpose), dataset, TODAY) for purpose in registry.purpose)


@pytest.mark.parametrize(
    ("purpose", "floor", "given"),
    [
        ("planning", "health", False),
        ("planning", "criminal_history", False),
        ("planning", "employment", False),  # not even an ordinary category that the purpose does not list
        ("planning", "financial", True),
        ("research", "health", True),
        ("matching", "health", True),  # it joins records and sees nothing else of them
        ("statutory", "health", False),
    ],
)
def test_a_floor_bars_the_dataset_as_a_whole(purpose: str, floor: str, given: bool) -> None:
    registry = with_dataset(declared(), "housing.tenancies", floor=floor)
    refusal = dataset_refusal(registry, permit(purpose), registry.dataset("housing.tenancies"), TODAY)
    assert (refusal is None) is given
    assert given or "is itself" in (refusal or "")


def test_a_project_may_name_its_datasets() -> None:
    registry, dataset = declared(), declared().dataset("police.incidents")
    assert dataset_refusal(registry, permit("research", project="alpha"), dataset, TODAY) is None
    assert "does not name" in (dataset_refusal(registry, permit("research", project="beta"), dataset, TODAY) or "")


# ── categories ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "listed", "special", "criminal", "given"),
    [
        ("ordinary", True, False, False, True),
        ("ordinary", False, True, True, False),
        ("special", True, True, False, True),
        ("special", True, False, True, False),
        ("special", False, True, True, False),
        ("criminal", True, False, True, True),
        ("criminal", True, True, False, False),
        ("not_personal", False, False, False, True),
    ],
)
def test_a_category_needs_listing_and_its_condition(
    kind: Any, listed: bool, special: bool, criminal: bool, given: bool
) -> None:
    category = Category(name="c", title="c", kind=kind, tier="general")
    purpose = Purpose(
        name="p", title="p", notice="p", lawful_basis="b", categories=("c",) if listed else (),
        special_category_condition="s" if special else None, criminal_offence_condition="o" if criminal else None,
    )  # fmt: skip
    assert (category_refusal(category, purpose) is None) is given


@pytest.mark.parametrize(
    ("purpose", "kinds", "given"),
    [
        ("matching", {"surname", "uprn", "nhs_number"}, True),
        ("statutory", {"surname", "date_of_birth"}, True),
        ("statutory", {"nhs_number"}, False),
        ("front_line", {"surname", "address", "phone"}, True),
        ("research", {"sex"}, False),
        ("monitoring", set(), False),
        ("data_quality", {"surname"}, False),
    ],
)
def test_standardised_identity_follows_the_columns_it_is_made_of(purpose: str, kinds: set[str], given: bool) -> None:
    assert (identity_refusal(declared(), permit(purpose), frozenset(kinds)) is None) is given


# ── the permit itself ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("purpose", "changes", "told"),
    [
        ("research", {}, None),
        ("research", {"state": "requested"}, "not in force"),
        ("research", {"state": "revoked"}, "not in force"),
        ("research", {"expires_at": NOW}, "not in force"),
        ("research", {"starts_at": NOW + dt.timedelta(seconds=1)}, "not in force"),
        ("research", {"form": "identifiable"}, "pseudonymised form"),
        ("research", {"form": "aggregate"}, None),
        ("monitoring", {"form": "pseudonymised"}, "aggregate form"),
        ("research", {"project": None}, "needs a project"),
        ("research", {"project": "gamma"}, "needs a project"),
        ("front_line", {"subjects": ()}, "one person"),
        ("front_line", {}, None),
        ("planning", {"purpose": "curiosity"}, "not declared"),
    ],
)
def test_a_permit_is_checked_before_anything_is_read(purpose: str, changes: dict[str, Any], told: str | None) -> None:
    asked = permit(purpose, **changes)
    if told is None:
        assert check_permit(declared(), asked, NOW).name == purpose
        return
    with pytest.raises(AccessRefused, match=told):
        check_permit(declared(), asked, NOW)


def test_a_permit_may_name_nobody_only_while_searching() -> None:
    assert check_permit(declared(), permit("front_line", subjects=()), NOW, searching=True).name == "front_line"


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({"starts_on": TODAY}, True),
        ({"starts_on": TODAY + dt.timedelta(days=1)}, False),
        ({"ends_on": TODAY}, True),
        ({"ends_on": TODAY - dt.timedelta(days=1)}, False),
        ({"purpose": "planning"}, False),
    ],
)
def test_a_project_has_its_days_and_its_purpose(changes: dict[str, Any], given: bool) -> None:
    registry = with_part(declared(), "project", "alpha", **changes)
    if given:
        check_permit(registry, permit("research"), NOW)
    else:
        with pytest.raises(AccessRefused, match=r"project|Project"):
            check_permit(registry, permit("research"), NOW)


def test_forms_are_ranked_by_what_they_show() -> None:
    assert sorted(FORM_RANK, key=FORM_RANK.__getitem__) == ["aggregate", "pseudonymised", "identifiable"]


# ── retention ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "years", "months", "until"),
    [
        ("2024-03-31", 1, 0, "2025-03-31"),
        ("2024-02-29", 1, 0, "2025-02-28"),
        ("2024-02-29", 4, 0, "2028-02-29"),
        ("2024-11-30", 0, 3, "2025-02-28"),
        ("2024-01-31", 0, 1, "2024-02-29"),
        ("2024-03-31", 0, 1, "2024-04-30"),
        ("2024-12-15", 0, 11, "2025-11-15"),
        ("2024-12-15", 0, 0, "2024-12-15"),
    ],
)
def test_a_record_is_kept_to_the_same_day_or_the_months_last(day: str, years: int, months: int, until: str) -> None:
    rule = Retention(name="r", title="r", years=years, months=months, authority="a")
    assert keep_until(dt.date.fromisoformat(day), rule) == dt.date.fromisoformat(until)
