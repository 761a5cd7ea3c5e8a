"""Recipients and retention as practised: what is as it was said is no drift, and what is not is named."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from almoner.notice import DisposedUnder, HeldFacts, SharedOut, build_notice, find_drift, stated_section
from almoner.notice.drift_practice import RETENTION_SECTION
from almoner.registry import Registry
from tests.unit.notice.council import TODAY, Change


def kinds(registry: Registry, facts: HeldFacts) -> list[str]:
    return [each.kind for each in find_drift(registry, facts) if each.kind != "category_unused"]


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        (SharedOut("study", "university", TODAY, False), []),
        (SharedOut("study", "university", TODAY - dt.timedelta(days=1), False), ["destruction_overdue"]),
        (SharedOut("study", "university", TODAY - dt.timedelta(days=99), True), []),
    ],
)
def test_destruction_is_due_after_its_last_day_until_it_is_confirmed(
    registry: Registry, facts: HeldFacts, out: SharedOut, expected: list[str]
) -> None:
    assert kinds(registry, replace(facts, shared=(out,))) == expected


def test_a_recipient_who_was_given_something_and_is_not_named_is_an_error(registry: Registry, facts: HeldFacts) -> None:
    sold = replace(facts, recipients=frozenset({"broker"}), shared=(SharedOut("study", "broker", TODAY, False),))
    found = [each for each in find_drift(registry, sold) if each.kind == "recipient_not_named"]
    assert [(each.severity, "broker" in each.what) for each in found] == [("error", True)]


def test_disposal_as_declared_is_no_drift_and_another_action_is(registry: Registry, facts: HeldFacts) -> None:
    name, rule = next(iter(registry.retention.items()))
    assert kinds(registry, replace(facts, disposed=(DisposedUnder(name, rule.action),))) == []
    other = "review" if rule.action != "review" else "dispose"
    assert kinds(registry, replace(facts, disposed=(DisposedUnder(name, other),))) == ["disposed_otherwise"]


def test_a_rule_that_differs_from_what_the_built_notice_says_is_named(
    changed: Change, registry: Registry, facts: HeldFacts, tmp_path: Path
) -> None:
    build_notice(registry, tmp_path, as_of=TODAY)
    stated = stated_section(tmp_path, RETENTION_SECTION)
    assert stated and kinds(registry, replace(facts, stated_retention=stated)) == []
    name = registry.source["police"].retention
    longer = changed("retention", name, years=registry.retention[name].years + 1)
    found = [each for each in find_drift(longer, replace(facts, stated_retention=stated)) if each.severity == "error"]
    assert [each.kind for each in found] == ["retention_stated_otherwise"]
    assert "'Police'" in found[0].what


def test_no_notice_states_nothing(tmp_path: Path) -> None:
    assert stated_section(tmp_path, RETENTION_SECTION) is None
    (tmp_path / "notice.md").write_text("# A page of somebody else's\n")
    assert stated_section(tmp_path, RETENTION_SECTION) == ""
