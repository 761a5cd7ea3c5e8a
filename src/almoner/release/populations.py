"""Who or what plans may count: declared in the registry, for a free name would pass the ledger by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from almoner.kernel.errors import UsageError

Time = Literal["period", "moment"]


@dataclass(frozen=True)
class Population:
    """A population that plans may name.

    ledger: what the ledger calls it; time: how its figures have theirs; dataset: whose records they are, if of one;
    amount: what of theirs is added up: then it has sums only.
    """

    ledger: str
    time: Time
    dataset: str = ""
    amount: str = ""


Populations = Mapping[str, Population]


def chosen(
    name: str, known: Populations, where: str, *, time: Time, datasets: tuple[str, ...], sums: bool = False
) -> Population:
    """Find the population that a plan names.

    Raises: UsageError where it is not declared, or declared for other figures.
    """
    found = known.get(name)
    if found is None:
        raise UsageError(
            f"No population '{name}' is declared.", where=where,
            why="Figures of one population are compared with one another: a name that anybody may invent evades that.",
            todo=f"Use one of: {', '.join(sorted(known)) or 'none yet'}; or declare [population.{name}] in registry/.",
        )  # fmt: skip
    if found.time != time:
        raise UsageError(
            f"'{name}' is counted by {found.time}, not by {time}.", where=where,
            why="The two are not compared with one another.", todo=f'Write time = {{ kind = "{found.time}", … }}.',
        )  # fmt: skip
    if found.dataset and found.dataset not in datasets:
        raise UsageError(
            f"'{name}' are records of '{found.dataset}', which the plan does not name.", where=where,
            why="The agreements of every dataset that figures are made of have to permit them.",
            todo="Add it to the plan's datasets.",
        )  # fmt: skip
    if bool(found.amount) is not sums:
        kind = "sums" if found.amount else "counts"
        raise UsageError(
            f"'{name}' is declared for {kind}.", where=where, why="Counts and sums are compared in different ways.",
            todo="Name a population that says what is added up (amount), or one that does not.",
        )  # fmt: skip
    return found
