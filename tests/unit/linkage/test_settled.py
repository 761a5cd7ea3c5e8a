"""Settling plain groups at once gives what taking every edge by itself gives, and groups are found whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from almoner.linkage import Decision, LinkOutcome, LinkSettings, clusters, link
from almoner.linkage.comparisons import COMPARISONS
from almoner.linkage.model import models_to_json, untrained_models
from almoner.linkage.settled import components
from tests.unit.linkage.borough import Borough

TABLES = ("person_record", "person", "residence", "household_member", "review")


def test_components_are_labelled_by_their_smallest_node() -> None:
    left, right = np.array([9, 4, 7, 2, 8]), np.array([4, 7, 2, 2, 0])
    assert components(10, left, right).tolist() == [0, 1, 2, 3, 2, 5, 6, 2, 0, 2]


def test_a_long_chain_is_one_component() -> None:
    order = np.random.default_rng(1).permutation(5000)
    assert set(components(5000, order[:-1], order[1:]).tolist()) == {0}


@pytest.fixture(scope="module")
def borough() -> Borough:
    return Borough(900, seed=11)


@pytest.mark.parametrize("decided", [False, True])
def test_at_once_or_one_by_one_is_the_same(borough: Borough, decided: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = borough.rows
    keys = [(row["dataset"], row["record_id"]) for row in rows]
    decisions = [Decision(keys[3], keys[700], "same"), Decision(keys[0], keys[1], "different")] if decided else []
    at_once = _linked(borough, decisions)
    monkeypatch.setattr(clusters, "settle", _doubt_all(clusters.settle))
    firm_at_once = _linked(borough, decisions)
    monkeypatch.setattr(clusters, "settle_firm", _settle_none(clusters.settle_firm))
    one_by_one = _linked(borough, decisions)
    for name in TABLES:
        assert getattr(at_once, name).equals(getattr(one_by_one, name)), name
        assert getattr(firm_at_once, name).equals(getattr(one_by_one, name)), name


def _doubt_all(settle: Any) -> Any:
    def doubting(*given: Any) -> Any:
        label, doubtful = settle(*given)
        assert not doubtful.all(), "nothing was settled at once: the test shows nothing"
        return label, np.ones_like(doubtful)

    return doubting


def _settle_none(settle_firm: Any) -> Any:
    def settling(*given: Any) -> Any:
        label = settle_firm(*given)
        each = np.arange(len(label))
        assert (label != each).any(), "nothing was settled by firm evidence: the test shows nothing"
        return each

    return settling


def _linked(borough: Borough, decisions: list[Decision]) -> LinkOutcome:
    model = models_to_json(untrained_models(COMPARISONS))
    settings = LinkSettings(model_json=model, ages=_no_ages())
    return link(borough.table(), previous=None, decisions=decisions, settings=settings, seed=1)


def _no_ages() -> Any:
    """Ages are found from settled groups only, so the two ways would find others: take none."""
    from almoner.linkage.shapes import Ages

    return Ages()
