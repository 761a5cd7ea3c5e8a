"""Figures about the same records are one population, however they are cut; figures about people are not added up."""

from __future__ import annotations

import datetime as dt

import numpy as np

from almoner.counting.spans import Span
from almoner.methods.disclosure.check import check
from almoner.methods.disclosure.ledger import Ledger
from almoner.methods.disclosure.released import state
from almoner.profiles.populations import population_of
from almoner.registry.measures import Count
from almoner.release.codes import Codebook

YEAR = Span("2025", dt.date(2025, 1, 1), dt.date(2025, 12, 31))


def _events(*names: str, count: str = "rows") -> Count:
    return Count.model_validate({"fact": "event", "names": names, "count": count})


def test_records_of_several_kinds_less_those_of_one_are_looked_at():
    both, one = population_of(_events("fire", "flood"), YEAR), population_of(_events("fire"), YEAR)
    assert both.name == one.name
    space = Codebook({}).space([])
    assert space.dimensions == {}
    tables = [
        state(name, each.name, {dimension: [code] for dimension, code in each.codes.items()}, np.array([number]))
        for name, each, number in (("R1", both, 57.0), ("R2", one, 55.0))
    ]
    ledger = Ledger(Codebook({}).space(tables)).with_tables(tables[:1])
    found = check(ledger, tables[1:])
    assert not found.passes, "two floods are known to whoever subtracts"
    assert found.findings[0].releases == ("R1",)


def test_people_with_events_of_several_kinds_are_not_the_sum_of_those_of_each():
    both = population_of(_events("fire", "flood", count="persons"), YEAR)
    one = population_of(_events("fire", count="persons"), YEAR)
    assert both.name != one.name, "somebody may have had both"
    assert "moment" in one.codes, "and somebody may be counted in two periods"
