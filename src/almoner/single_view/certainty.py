"""How sure a match must be for the front line to see it: a false join shown as fact does harm. Weak ones are counted.

A link without a probability was not weighed: the record stands alone, or the same number of the same person's joined
it, or somebody decided. It is as sure as a link can be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from almoner.governance.gate import Piece
from almoner.registry.registry import Registry

LEAST_PROBABILITY = 0.95
"""The match probability from which the front line sees a record. Source: the design: "an uncertain link never reaches
a front-line view"."""


@dataclass(frozen=True)
class Held:
    """How many records of a dataset are surely theirs, and how many may be."""

    sure: int
    uncertain: int


def surely() -> str:
    """Write the condition under which a fact, or a link, is shown."""
    return f"(match_probability IS NULL OR match_probability >= {LEAST_PROBABILITY})"


def held_piece() -> Piece:
    """Give how a person's records are counted by dataset: those that are surely theirs, and the others."""
    return Piece(
        "held_in",
        "Datasets with a record of them, and how sure the match is",
        f"""SELECT person_ref AS about, dataset, count(*) FILTER (WHERE {surely()}) AS sure,
                   count(*) FILTER (WHERE NOT {surely()}) AS uncertain
            FROM "spine.link" GROUP BY person_ref, dataset""",
        ("dataset", "sure", "uncertain"),
        {"spine.link": ()},
    )


def held_records(rows: Sequence[Mapping[str, Any]]) -> dict[str, Held]:
    """Count a person's records by dataset. In: rows of the piece."""
    return {row["dataset"]: Held(row["sure"], row["uncertain"]) for row in rows}


def left_out(registry: Registry, held: dict[str, Held]) -> list[str]:
    """Say in a sentence for each dataset what is not shown."""
    found = []
    for name, count in sorted(held.items()):
        if count.uncertain:
            many, verb = ("record", "is") if count.uncertain == 1 else ("records", "are")
            dataset = registry.dataset(name)
            where = f"{registry.source_of(dataset).title}, {dataset.title}"
            found.append(f"{count.uncertain} {many} with uncertain match {verb} not shown ({where})")
    return found
