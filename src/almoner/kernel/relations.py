"""The product's own words for what one person is to another, and which word says the same from the other end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Relation = Literal[
    "parent", "birth_mother", "birth_father", "step_parent", "child", "step_child",
    "carer", "cared_for", "dependant", "supporter", "partner", "sibling",
]  # fmt: skip
"""What somebody is to somebody. A foster carer or guardian is a carer; whom a claim names as dependent, a dependant."""


@dataclass(frozen=True)
class Meaning:
    """What a word means: the same as `word` said from this end, or from the other."""

    word: Relation
    from_other_end: bool
    inverse: Relation


CANONICAL: dict[Relation, Meaning] = {
    "parent": Meaning("parent", False, "child"),
    "birth_mother": Meaning("birth_mother", False, "child"),
    "birth_father": Meaning("birth_father", False, "child"),
    "step_parent": Meaning("step_parent", False, "step_child"),
    "child": Meaning("parent", True, "parent"),
    "step_child": Meaning("step_parent", True, "step_parent"),
    "carer": Meaning("carer", False, "cared_for"),
    "cared_for": Meaning("carer", True, "carer"),
    "dependant": Meaning("dependant", False, "supporter"),
    "supporter": Meaning("dependant", True, "dependant"),
    "partner": Meaning("partner", False, "partner"),
    "sibling": Meaning("sibling", False, "sibling"),
}
"""Each word in the one way in which statements are compared."""

PARENTS: tuple[Relation, ...] = ("parent", "birth_mother", "birth_father")
"""Of these a child has two at the most."""

Conflict = Literal[
    "oneself", "both_ways", "age", "two_kinds", "several_birth_parents", "too_many_parents", "several_partners"
]
"""Why a statement contradicts: see docs/explanation/homes-and-families.md."""
