"""Each way in which notice and practice can come apart is planted, found, and found with a remedy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest

from almoner.kernel.errors import NoticeDrift
from almoner.notice import (
    BuiltPage,
    DisposedUnder,
    HeldFacts,
    KeptOn,
    SharedOut,
    Use,
    check_drift,
    find_drift,
)
from almoner.notice.drift_kinds import SEVERITY, Kind
from almoner.registry import Registry
from tests.unit.notice.council import TODAY, Change

Plant = Callable[[Change, HeldFacts], tuple[Registry, HeldFacts]]


def of_registry(*path: str, **new: Any) -> Plant:
    """Plant by changing what is declared."""
    return lambda changed, facts: (changed(*path, **new), facts)


def of_facts(**new: Any) -> Plant:
    """Plant by changing what has happened."""
    return lambda changed, facts: (changed(), replace(facts, **new))


def of_landed(dataset: str, **new: Any) -> Plant:
    """Plant by changing what has landed of one dataset."""

    def plant(changed: Change, facts: HeldFacts) -> tuple[Registry, HeldFacts]:
        landed = tuple(replace(each, **new) if each.dataset == dataset else each for each in facts.landed)
        return changed(), replace(facts, landed=landed)

    return plant


def without_landed(dataset: str) -> Plant:
    def plant(changed: Change, facts: HeldFacts) -> tuple[Registry, HeldFacts]:
        return changed(), replace(facts, landed=tuple(each for each in facts.landed if each.dataset != dataset))

    return plant


def without_column(dataset: str, column: str) -> Plant:
    """Plant by taking a column out of the declaration after it has landed."""

    def plant(changed: Change, facts: HeldFacts) -> tuple[Registry, HeldFacts]:
        source, name = dataset.split(".")
        return changed("source", source, "datasets", name, "columns", **{column: None}), facts

    return plant


def other_digest(changed: Change, facts: HeldFacts) -> tuple[Registry, HeldFacts]:
    landed = tuple(replace(each, columns=None, columns_digest="then") for each in facts.landed)
    return changed(), replace(
        facts, landed=landed, declared_digests={"police.incidents": "now", "education.roll": "then"}
    )


ROLL = ("source", "education", "datasets", "roll")
INCIDENTS = ("source", "police", "datasets", "incidents")
MONTH = dt.timedelta(days=30)

PLANTED: list[tuple[Kind, str, str, Plant]] = [
    ("held_not_declared", "error", "lake: police.incidents", of_registry("source", police=None)),
    (
        "held_not_declared",
        "error",
        "lake: education.roll, column allergy",
        without_column("education.roll", "allergy"),
    ),
    ("columns_changed", "warning", "lake: police.incidents", other_digest),
    (
        "never_received",
        "error",
        "registry: source.police, dataset.incidents",
        without_landed("police.incidents"),
    ),
    ("never_received", "warning", "registry: source.maps, dataset.wards", without_landed("maps.wards")),
    (
        "overdue",
        "warning",
        "registry: cadence of education.attendance",
        of_landed("education.attendance", last_delivery_on=TODAY - dt.timedelta(days=11)),
    ),
    (
        "agreement_missing",
        "error",
        "registry: agreement.police-2025",
        of_registry("agreement", **{"police-2025": None}),
    ),
    ("agreement_missing", "warning", "registry: agreement.licence", of_registry("agreement", licence=None)),
    (
        "agreement_not_begun",
        "error",
        "registry: agreement.police-2025",
        of_registry("agreement", "police-2025", signed_on=TODAY + MONTH),
    ),
    (
        "agreement_lapsed",
        "error",
        "registry: agreement.police-2025",
        of_registry("agreement", "police-2025", expires_on=TODAY - dt.timedelta(days=1)),
    ),
    (
        "agreement_lapsed",
        "error",
        "registry: agreement.university-2025",
        of_registry("agreement", "university-2025", expires_on=TODAY - MONTH),
    ),
    (
        "agreement_lapsed",
        "warning",
        "registry: agreement.licence",
        of_registry("agreement", "licence", expires_on=TODAY - MONTH),
    ),
    (
        "agreement_lapses_soon",
        "warning",
        "registry: agreement.police-2025",
        of_registry("agreement", "police-2025", expires_on=TODAY + dt.timedelta(days=60)),
    ),
    (
        "agreement_lapses_soon",
        "warning",
        "registry: agreement.police-2025",
        of_registry("agreement", "police-2025", expires_on=TODAY),
    ),
    (
        "purpose_without_basis",
        "error",
        "registry: purpose.research.lawful_basis",
        of_registry("purpose", "research", lawful_basis="whim"),
    ),
    (
        "no_condition",
        "error",
        "registry: purpose.front_line",
        of_registry("purpose", "front_line", special_category_condition=None),
    ),
    (
        "no_condition",
        "error",
        "registry: purpose.front_line",
        of_registry("purpose", "front_line", special_category_condition="criminal_duty"),
    ),
    (
        "no_condition",
        "error",
        "registry: purpose.front_line",
        of_registry("purpose", "front_line", special_category_condition="undeclared"),
    ),
    (
        "no_condition",
        "error",
        "registry: source.police, dataset.incidents",
        of_registry(*INCIDENTS, purposes=("front_line",)),
    ),
    (
        "no_condition",
        "error",
        "audit: purpose front_line, dataset police.incidents",
        of_facts(uses=(Use("front_line", "police.incidents"),)),
    ),
    (
        "no_condition",
        "error",
        "audit: purpose emergency, dataset education.roll",
        of_facts(uses=(Use("emergency", "education.roll", frozenset({"allergy"})),)),
    ),
    (
        "held_for_no_purpose",
        "warning",
        "registry: source.education, dataset.roll.purposes",
        of_registry(*ROLL, purposes=()),
    ),
    (
        "held_for_no_purpose",
        "warning",
        "registry: source.education, dataset.roll.purposes",
        of_registry(*ROLL, floor="sex_life"),
    ),
    (
        "recipient_not_named",
        "error",
        "releases and extracts: recipient broker",
        of_facts(recipients=frozenset({"broker", "university"})),
    ),
    (
        "shared_as_nothing",
        "error",
        "extracts: sharing gossip",
        of_facts(shared=(SharedOut("gossip", "university", TODAY, True),)),
    ),
    (
        "destruction_overdue",
        "warning",
        "extracts: recipient university",
        of_facts(shared=(SharedOut("study", "university", dt.date(2026, 5, 3), False),)),
    ),
    (
        "disposed_otherwise",
        "error",
        "disposals: rule for_ever",
        of_facts(disposed=(DisposedUnder("for_ever", "dispose"),)),
    ),
    (
        "kept_too_long",
        "error",
        "lake: education.roll",
        of_facts(kept_on=(KeptOn("education.roll", 2, dt.date(2026, 1, 1)),)),
    ),
    (
        "retention_stated_otherwise",
        "error",
        "notice.md: How long will we keep your information?",
        of_facts(stated_retention="| Service | Records | Kept for | Then | Why |"),
    ),
    ("purpose_not_declared", "error", "audit: purpose sale", of_facts(uses=(Use("sale"), Use("research")))),
    (
        "no_retention",
        "error",
        "registry: source.police.retention",
        of_registry("source", "police", retention="for_ever"),
    ),
    (
        "no_retention",
        "error",
        "registry: source.education, dataset.roll.retention",
        of_registry(*ROLL, retention="for_ever"),
    ),
    (
        "category_unused",
        "info",
        "registry: category.health",
        lambda changed, facts: (changed(*ROLL, "columns", "allergy", category="schools"), facts),
    ),
    ("notice_not_built", "warning", "notice.html", of_facts(built=())),
    (
        "notice_outdated",
        "error",
        "notice.html",
        of_facts(built=(BuiltPage("notice.html", "notice", "0" * 64),)),
    ),
    ("notice_outdated", "error", "notice.md", of_facts(built=(BuiltPage("notice.md", "notice", None),))),
]


def found_in(registry: Registry, facts: HeldFacts) -> set[tuple[str, str, str]]:
    return {(each.kind, each.severity, each.where) for each in find_drift(registry, facts)}


@pytest.fixture
def usual(registry: Registry, facts: HeldFacts) -> set[tuple[str, str, str]]:
    """What is found on a day when all is well: the two kinds of data that nothing holds."""
    return found_in(registry, facts)


def test_when_all_is_well_only_unused_kinds_are_told(
    usual: set[tuple[str, str, str]], registry: Registry, facts: HeldFacts
) -> None:
    assert usual == {
        ("category_unused", "info", "registry: category.beliefs"),
        ("category_unused", "info", "registry: category.sex_life"),
    }
    check_drift(find_drift(registry, facts))


@pytest.mark.parametrize(
    ("kind", "severity", "where", "plant"),
    PLANTED,
    ids=[f"{n}-{kind}" for n, (kind, *_) in enumerate(PLANTED)],
)
def test_each_drift_is_found_where_it_is_planted(
    changed: Change,
    facts: HeldFacts,
    usual: set[tuple[str, str, str]],
    kind: Kind,
    severity: str,
    where: str,
    plant: Plant,
) -> None:
    planted, happened = plant(changed, facts)
    new = [each for each in find_drift(planted, happened) if (each.kind, each.severity, each.where) not in usual]
    assert (kind, severity, where) in {(each.kind, each.severity, each.where) for each in new}
    assert all(each.what and each.where and each.why and each.todo for each in new)
    if severity == "error":
        with pytest.raises(NoticeDrift):
            check_drift(new)


SIDE_EFFECTS = {"no_condition", "held_for_no_purpose", "agreement_missing"}
"""Kinds whose planting makes another drift true as well."""


@pytest.mark.parametrize(
    ("kind", "where", "plant"),
    [(kind, where, plant) for kind, _, where, plant in PLANTED if kind not in SIDE_EFFECTS],
)
def test_a_drift_is_not_taken_for_another(
    changed: Change, facts: HeldFacts, usual: set[tuple[str, str, str]], kind: Kind, where: str, plant: Plant
) -> None:
    planted, happened = plant(changed, facts)
    new = found_in(planted, happened) - usual
    others = {each for each in new if each[0] != kind}
    # What is taken out of the declarations leaves its kinds of data held by nothing; that is told too.
    assert {other[0] for other in others} <= {"category_unused", "notice_not_built"}


def test_every_kind_is_planted() -> None:
    assert {kind for kind, *_ in PLANTED} == set(get_args(Kind)) == set(SEVERITY)
