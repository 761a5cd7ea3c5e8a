"""Who is what to whom: relationships and families of the people that a run has found; and who must be protected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from almoner.linkage import LinkOutcome
from almoner.linkage.families import form_families
from almoner.linkage.relations import DeclaredRelation, kinship, protected_people, relationships, the_dead

FAMILY = ("family", "family_member")


@dataclass(frozen=True)
class Related:
    """The tables of the spine that tell of relationships, and the numbers of the run."""

    tables: dict[str, pa.Table]
    metrics: dict[str, int]


def relate(
    stated: Iterable[DeclaredRelation],
    mentions: pa.Table,
    outcome: LinkOutcome,
    previous: Mapping[str, pa.Table],
    seed: int,
    today: date,
) -> Related:
    """Resolve what sources state, mark what contradicts, and form families; a family keeps its id while it lasts.

    In: mentions: those at least that bear a marker, a seal or a death; previous: the tables of FAMILY as the last run
    left them; today: the day of the latest delivery.
    """
    protected = protected_people(mentions, outcome.person_record, outcome.household_member)
    said = relationships(stated, outcome.person_record, outcome.person, outcome.residence, protected, today)
    held = kinship(said)
    dead = the_dead(mentions, outcome.person_record)
    families = form_families(held, outcome.person, dead, previous, seed, today)
    tables = {
        "protected": protected,
        "relationship": said,
        "kinship": held,
        "family": families.family,
        "family_member": families.family_member,
    }
    metrics = {
        "relationships": said.num_rows,
        "relationship_conflicts": said.num_rows - said["conflict"].null_count,
        "families": families.family.num_rows,
        "families_too_large": families.too_large,
    }
    return Related(tables, metrics)
