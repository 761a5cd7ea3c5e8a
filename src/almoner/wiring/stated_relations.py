"""Reads the rows in which sources say how two people are related, through the gate.

A relationship whose condition can't be read is not told: it must never be told of rows that the condition leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from almoner.facts.conditions import where_sql
from almoner.governance.permit import Permit
from almoner.intake.identity_plan import slots_of
from almoner.kernel.steps import Step
from almoner.linkage.relations import DeclaredRelation
from almoner.registry.datasets import Dataset
from almoner.wiring.workspace import Workspace


def stated_relations(workspace: Workspace, permit: Permit, datasets: Sequence[Dataset]) -> Iterator[DeclaredRelation]:
    """Read, for each declared relationship, the rows that state it."""
    given = workspace.gate.columns_for(permit)
    for dataset in datasets:
        suffixes = {slot.name: slot.suffix for slot in slots_of(dataset)}
        seen = frozenset(given.get(dataset.full_name, ()))
        for fact in dataset.facts:
            stated = fact.relationship
            if stated is None or stated.person not in suffixes:
                continue
            columns = {"detail": stated.detail, "other_key": stated.other.key}
            used = {alias: name for alias, name in columns.items() if name and name in seen}
            conditions = {condition.column for condition in stated.where}
            if (stated.other.key and "other_key" not in used) or not conditions <= seen:
                continue
            shown = [f'CAST("{name}" AS VARCHAR) AS {alias}' for alias, name in used.items()]
            selected = ", ".join(["row_id", "record_key", *shown])
            step = Step(
                "relation_rows",
                "Rows that state a relationship",
                f'SELECT {selected} FROM "{dataset.full_name}" AS d{where_sql(stated.where)}',
                ("row_id", "record_key", *used),
            )
            reads = {dataset.full_name: tuple(sorted({*used.values(), *conditions}))}
            yield DeclaredRelation(
                dataset.full_name, stated.kind, suffixes[stated.person],
                workspace.gate.run(permit, [step], reads).to_arrow(),
                suffixes.get(stated.other.slot or ""), stated.other.dataset, stated.relation, stated.relations,
            )  # fmt: skip
