"""The list of forename variants: what it says is one name, and what it must not say."""

from __future__ import annotations

import re

import pytest

from almoner.linkage.variants import roots_of, roots_table, variant_groups


def alike(one: str, other: str) -> bool:
    return bool(set(roots_of(one)) & set(roots_of(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MOHAMMED", "MUHAMMAD"),
        ("MO", "MOHAMMAD"),
        ("FATIMA", "FATEMA"),
        ("AISHA", "AYESHA"),
        ("YUSUF", "YOUSEF"),
        ("BILL", "WILLIAM"),
        ("PEGGY", "MARGARET"),
        ("KATE", "CATHERINE"),
        ("LILLIE ROSE", "LILLY"),
        ("SIOBHAN", "SHIVAUN"),
        ("KUBA", "JAKUB"),
        ("FADUMO", "FATUMA"),
        ("NETTIE", "NATALIE"),
    ],
)
def test_one_name(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("JOHN", "JEAN"),
        ("WILLIAM", "LIAM"),
        ("HASSAN", "HUSSAIN"),
        ("AHMED", "MOHAMMED"),
        ("MARY", "MARGARET"),
        ("ROSE", "RUBY"),
    ],
)
def test_two_names(one: str, other: str) -> None:
    assert not alike(one, other)


def test_a_name_outside_the_list_stands_for_itself() -> None:
    assert roots_of("XANTHIPPE") == ["XANTHIPPE"]


def test_an_ambiguous_short_form_keeps_both_meanings_apart() -> None:
    assert alike("ALEX", "ALEXANDER") and alike("ALEX", "ALEXANDRA")
    assert not alike("ALEXANDER", "ALEXANDRA")


def test_every_name_is_written_as_standardised_names_are() -> None:
    assert all(re.fullmatch("[A-Z]+", name) for name in variant_groups())
    assert len(variant_groups()) > 2000


def test_the_table_has_each_forename_once() -> None:
    assert roots_table(["BOB", "ANN", "BOB"])["forename"].to_pylist() == ["ANN", "BOB"]
