"""What is to be stated, worked out from the registry."""

from __future__ import annotations

from typing import Any

import pytest

from almoner.kernel.errors import RegistryError
from almoner.notice.content import article_6, notice_content
from almoner.registry import Registry
from tests.unit.notice.council import Change


def test_a_kind_is_held_only_if_a_column_or_a_floor_is_of_it(registry: Registry) -> None:
    held = {kind.category.name: kind.held for kind in notice_content(registry).kinds}
    assert held == {
        "name": "held",
        "schools": "held",
        "health": "held",
        "beliefs": "permitted",
        "sex_life": "declared",
        "criminal_history": "held",
        "place": "held",
    }


def test_a_floor_alone_makes_a_kind_held(changed: Change) -> None:
    only_floor = changed("source", "education", "datasets", "attendance", floor="beliefs")
    kinds = {kind.category.name: kind for kind in notice_content(only_floor).kinds}
    assert kinds["beliefs"].datasets == ("education.attendance",)


def test_only_bases_and_conditions_in_use_are_stated(registry: Registry) -> None:
    content = notice_content(registry)
    assert [basis.name for basis in content.bases()] == ["public_task", "vital_interests"]
    assert content.articles() == {"e", "d"}
    assert [condition.name for condition in content.conditions("special")] == ["public_interest"]
    assert [condition.name for condition in content.conditions("criminal")] == ["criminal_duty"]


def test_retention_is_by_source_and_rule_and_leaves_out_published_data(registry: Registry) -> None:
    found = [
        (line.shown, line.rule.name, [dataset.name for dataset in line.datasets], line.whole_source)
        for line in notice_content(registry).retention
    ]
    assert found == [
        ("Education", "pupils", ["roll"], False),
        ("Education", "attendance", ["attendance"], False),
        ("Police", "incidents", ["incidents"], True),
    ]


def test_a_source_that_sends_nothing_still_has_its_rule(changed: Change) -> None:
    content = notice_content(changed("source", "police", datasets={}))
    assert [(line.shown, line.rule.name) for line in content.retention][-1] == ("Police", "incidents")


@pytest.mark.parametrize(
    ("path", "new", "where"),
    [
        (("purpose", "research"), {"lawful_basis": "whim"}, "purpose.research"),
        (("purpose", "research"), {"special_category_condition": "whim"}, "purpose.research"),
        (("source", "police"), {"agreement": "none-2025"}, "source.police"),
        (("source", "police"), {"retention": "for_ever"}, "source.police"),
        (("recipient", "university"), {"agreement": "none-2025"}, "recipient.university"),
        (("recipient", "university"), {"purposes": ("sale",)}, "recipient.university"),
        (("recipient", "university"), {"may_receive": ("dreams",)}, "recipient.university"),
    ],
)
def test_what_refers_to_nothing_can_not_be_stated(
    changed: Change, path: tuple[str, ...], new: dict[str, Any], where: str
) -> None:
    with pytest.raises(RegistryError) as refused:
        notice_content(changed(*path, **new))
    assert refused.value.where == where


@pytest.mark.parametrize(
    ("article", "letter"),
    [
        ("Art 6(1)(e) UK GDPR; section 8(c) DPA 2018", "e"),
        ("UK GDPR Article 6 (1) (c)", "c"),
        ("Art 9(2)(g)", None),
    ],
)
def test_the_letter_of_a_basis_is_read_from_its_article(registry: Registry, article: str, letter: str | None) -> None:
    basis = registry.lawful_basis["public_task"].model_copy(update={"article": article})
    assert article_6(basis) == letter
