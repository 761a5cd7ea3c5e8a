"""Where a drift begins and ends: last days, cadences, columns that are not held, pages of another day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from almoner.kernel.errors import NoticeDrift
from almoner.notice import (
    Drift,
    HeldFacts,
    LandedDataset,
    Use,
    build_notice,
    built_pages,
    check_drift,
    find_drift,
)
from almoner.registry import Registry
from tests.unit.notice.council import TODAY, Change

ROLL = ("source", "education", "datasets", "roll")
INCIDENTS = ("source", "police", "datasets", "incidents")


def with_landed(facts: HeldFacts, dataset: str, **new: Any) -> HeldFacts:
    """Change what has landed of a dataset."""
    landed = tuple(replace(each, **new) if each.dataset == dataset else each for each in facts.landed)
    return replace(facts, landed=landed)


def kinds(registry: Registry, facts: HeldFacts) -> list[str]:
    return [each.kind for each in find_drift(registry, facts) if each.kind != "category_unused"]


def test_an_agreement_counts_on_its_last_day_and_is_told_of_from_sixty_days_before(
    changed: Change, facts: HeldFacts
) -> None:
    def ending(days: int) -> list[str]:
        return kinds(changed("agreement", "police-2025", expires_on=TODAY + dt.timedelta(days=days)), facts)

    assert [ending(days) for days in (-1, 0, 60, 61)] == [
        ["agreement_lapsed"],
        ["agreement_lapses_soon"],
        ["agreement_lapses_soon"],
        [],
    ]


@pytest.mark.parametrize(
    ("cadence", "days", "late"),
    [("daily", 3, False), ("daily", 4, True), ("weekly", 11, True), ("monthly", 45, False),
     ("monthly", 46, True), ("quarterly", 110, False), ("yearly", 401, True), ("once", 9999, False)],
)  # fmt: skip
def test_each_cadence_allows_for_its_own_days_and_what_comes_once_is_never_overdue(
    changed: Change, facts: HeldFacts, cadence: str, days: int, late: bool
) -> None:
    registry = changed(*INCIDENTS, cadence=cadence)
    happened = with_landed(facts, "police.incidents", last_delivery_on=TODAY - dt.timedelta(days=days))
    assert kinds(registry, happened) == (["overdue"] if late else [])


def test_what_is_late_is_told_once_for_each_cadence(changed: Change, facts: HeldFacts) -> None:
    registry = changed(*INCIDENTS, cadence="monthly")
    long_ago = {"police.incidents": 50, "education.roll": 60, "education.attendance": 60}
    happened = facts
    for dataset, days in long_ago.items():
        happened = with_landed(happened, dataset, last_delivery_on=TODAY - dt.timedelta(days=days))
    weekly, monthly = [each for each in find_drift(registry, happened) if each.kind == "overdue"]
    assert weekly.what == "What comes every week is late: 'education.attendance' (last came on 5 March 2026)."
    assert monthly.what == (
        "What comes every month is late: 'education.roll' (last came on 5 March 2026);"
        " 'police.incidents' (last came on 15 March 2026)."
    )
    assert monthly.where == "registry: cadence of education.roll, police.incidents"
    assert monthly.todo.startswith("Ask Director of Education, Chief Superintendent, or")
    same_day = with_landed(happened, "police.incidents", last_delivery_on=TODAY - dt.timedelta(days=60))
    told = [each.what for each in find_drift(registry, same_day) if each.kind == "overdue"]
    assert told[1].endswith("'education.roll', 'police.incidents' (last came on 5 March 2026).")


def test_a_source_that_declares_no_dataset_was_never_received(changed: Change, facts: HeldFacts) -> None:
    registry = changed("source", "police", datasets={})
    happened = replace(facts, landed=tuple(each for each in facts.landed if each.dataset != "police.incidents"))
    assert kinds(registry, happened) == ["never_received"]


def test_an_agreement_that_nobody_uses_may_lapse(changed: Change, facts: HeldFacts, registry: Registry) -> None:
    old = registry.agreement["police-2025"].model_copy(update={"name": "old", "expires_on": dt.date(2026, 4, 1)})
    assert kinds(changed("agreement", old=old), facts) == []


def test_columns_declared_since_are_no_drift(changed: Change, facts: HeldFacts) -> None:
    happened = with_landed(facts, "education.roll", columns=frozenset({"ref"}))
    assert kinds(changed(), happened) == []


def test_a_special_column_that_is_not_held_needs_no_purpose(changed: Change, facts: HeldFacts) -> None:
    registry = changed(*ROLL, "columns", "allergy", category="sex_life")
    assert kinds(registry, facts) == ["held_for_no_purpose"]
    happened = with_landed(facts, "education.roll", columns=frozenset({"ref", "school"}))
    assert kinds(registry, happened) == []


def test_pages_built_from_this_registry_are_up_to_date_whatever_the_day(
    registry: Registry, changed: Change, facts: HeldFacts, tmp_path: Path
) -> None:
    build_notice(registry, tmp_path, as_of=dt.date(2025, 1, 1))
    built = replace(facts, built=built_pages(tmp_path))
    assert kinds(registry, built) == []
    assert kinds(registry.model_copy(update={"digest": "only a comment changed"}), built) == []
    said_otherwise = kinds(changed("purpose", "research", notice="We study what we like."), built)
    assert said_otherwise == ["notice_outdated"] * 4


def test_a_record_alone_is_no_notice(registry: Registry, facts: HeldFacts, tmp_path: Path) -> None:
    build_notice(registry, tmp_path, as_of=TODAY)
    (tmp_path / "notice.html").unlink()
    (tmp_path / "notice.md").unlink()
    assert kinds(registry, replace(facts, built=built_pages(tmp_path))) == ["notice_not_built"]


def test_a_registry_that_can_not_be_stated_makes_every_page_outdated(
    registry: Registry, changed: Change, facts: HeldFacts, tmp_path: Path
) -> None:
    build_notice(registry, tmp_path, as_of=TODAY)
    (tmp_path / "notice.md").write_text("A page without a digest.")
    planted = changed("purpose", "research", lawful_basis="whim")
    found = kinds(planted, replace(facts, built=built_pages(tmp_path)))
    assert sorted(found) == ["notice_outdated"] * 4 + ["purpose_without_basis"]


def test_a_use_of_what_is_not_declared_is_told_once(changed: Change, facts: HeldFacts) -> None:
    uses = (Use("sale"), Use("sale", "education.roll"), Use("research", "gone.away", frozenset({"x"})))
    assert kinds(changed(), replace(facts, uses=uses)) == ["purpose_not_declared"]


def test_a_recipient_who_is_named_is_no_drift(registry: Registry, facts: HeldFacts) -> None:
    assert kinds(registry, replace(facts, recipients=frozenset({"university"}))) == []


def test_one_purpose_with_a_condition_is_enough_to_hold(changed: Change, facts: HeldFacts) -> None:
    assert kinds(changed(*ROLL, purposes=("research", "emergency")), facts) == []
    assert kinds(changed(*ROLL, purposes=("emergency",)), facts) == ["no_condition", "held_for_no_purpose"]


def test_nothing_has_landed_yet(registry: Registry) -> None:
    found = find_drift(registry, HeldFacts(today=TODAY))
    assert [each.severity for each in found] == ["error"] * 3 + ["warning"] + ["info"] * 2


def test_the_gravest_comes_first_and_the_failure_counts_errors_only(changed: Change, facts: HeldFacts) -> None:
    happened = replace(facts, landed=(*facts.landed, LandedDataset("gone.away", TODAY)), uses=(Use("sale"),), built=())
    found = find_drift(changed(), happened)
    assert [each.severity for each in found] == ["error", "error", "warning", "info", "info"]
    with pytest.raises(NoticeDrift, match=r"in 2 place\(s\)") as failed:
        check_drift(found)
    assert failed.value.exit_code == 10
    assert failed.value.where == found[0].where


def test_a_drift_can_be_shown_and_sent() -> None:
    one = Drift("overdue", "warning", "It is late.", "here", "because", "ask")
    assert one.lines() == ["warning: It is late.", "  where: here", "  why: because", "  do: ask"]
    assert one.as_dict() == {
        "kind": "overdue",
        "severity": "warning",
        "what": "It is late.",
        "where": "here",
        "why": "because",
        "do": "ask",
    }
