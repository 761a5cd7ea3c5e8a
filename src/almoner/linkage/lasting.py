"""Which earlier id goes to which group: the one that most of it had, each id and each group once."""

from __future__ import annotations

import polars as pl


def greatest_overlap(overlap: pl.DataFrame) -> pl.DataFrame:
    """Give ids to groups, the greatest overlap first.

    In: group, id, shared (how many of the group had that id) and place (which group comes first where as many did);
    each group and id together once. Out: group, id: each of them once at the most.
    """
    left = overlap.sort(["shared", "place", "id"], descending=[True, False, False])
    given: list[pl.DataFrame] = []
    while left.height:
        taken = left.filter(pl.col("group").is_first_distinct() & pl.col("id").is_first_distinct())
        given.append(taken.select("group", "id"))
        left = left.join(taken, on="group", how="anti", maintain_order="left").join(
            taken, on="id", how="anti", maintain_order="left"
        )
    return pl.concat(given) if given else overlap.select("group", "id")
