"""Reads facts through the gate: puts the steps that make them before the product's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from almoner.facts.steps import KINDS, fact_query
from almoner.governance.gate import Access, Gate, Reads, Relation
from almoner.governance.permit import Permit
from almoner.kernel.steps import Step
from almoner.registry.registry import Registry

FACT = "fact."


class FactReader(Protocol):
    """What a product needs: run steps over facts and what else it names."""

    def __call__(self, steps: Sequence[Step], reads: Reads) -> Relation:
        """Run the steps; give the last one's result."""


def expand(
    registry: Registry,
    gate: Access,
    permit: Permit,
    steps: Sequence[Step],
    reads: Reads,
    *,
    kept: bool = True,
    areas: bool = True,
) -> tuple[list[Step], Reads]:
    """Replace 'fact.<kind>' among the reads by the datasets it is made from, and put its step first.

    In: kept: lay the facts out once for many readers; else each reader scans what it needs of them. areas: whoever does
    not ask where somebody lives does not read it.
    """
    access = gate.columns_for(permit)
    made: list[Step] = []
    merged: dict[str, set[str]] = {name: set(columns) for name, columns in reads.items() if not name.startswith(FACT)}
    for kind in KINDS:
        if FACT + kind in reads:
            query = fact_query(registry, kind, access, areas=areas)
            made.append(query.step if kept else replace(query.step, keep=False))
            for name, columns in query.reads.items():
                merged.setdefault(name, set()).update(columns)
    wanted: Mapping[str, Sequence[str]] = {name: tuple(sorted(columns)) for name, columns in merged.items()}
    return [*made, *steps], wanted


def run_with_facts(
    registry: Registry, gate: Gate, permit: Permit, *, kept: bool = True, areas: bool = True
) -> FactReader:
    """Give a product its way to read: facts by name, everything through the gate under one permit.

    In: kept: lay the facts out once; a product that reads each of them once or twice is quicker without.
    areas: with the areas of places.
    """

    desk = gate.desk(permit)

    def run(steps: Sequence[Step], reads: Reads) -> Relation:
        return desk.run(*expand(registry, gate, permit, steps, reads, kept=kept, areas=areas))

    return run
