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
    counted: bool = False,
    areas: bool = True,
) -> tuple[list[Step], Reads]:
    """Replace 'fact.<kind>' among the reads by the datasets it is made from, and put its step first.

    In: counted: people go by numbers, and each reader scans what it needs of the facts; else they are laid out once for
        many readers. areas: whoever does not ask where somebody lives does not read it.
    """
    access = gate.columns_for(permit)
    made: list[Step] = []
    merged: dict[str, set[str]] = {name: set(columns) for name, columns in reads.items() if not name.startswith(FACT)}
    for kind in KINDS:
        if FACT + kind in reads:
            reference = "BIGINT" if counted else "VARCHAR"
            query = fact_query(registry, kind, access, reference=reference, areas=areas)
            made.append(replace(query.step, keep=not counted))
            for name, columns in query.reads.items():
                merged.setdefault(name, set()).update(columns)
    wanted: Mapping[str, Sequence[str]] = {name: tuple(sorted(columns)) for name, columns in merged.items()}
    return [*made, *steps], wanted


def run_with_facts(
    registry: Registry, gate: Gate, permit: Permit, *, counted: bool = False, areas: bool = True
) -> FactReader:
    """Give a product its way to read: facts by name, everything through the gate under one permit.

    In: counted: for a product that counts people, reads each kind of fact once or twice and gives out no reference:
        people go by numbers of this desk, and facts are not laid out. areas: with the areas of places.
    """

    desk = gate.desk(permit, numbered=counted)

    def run(steps: Sequence[Step], reads: Reads) -> Relation:
        return desk.run(*expand(registry, gate, permit, steps, reads, counted=counted, areas=areas))

    return run
