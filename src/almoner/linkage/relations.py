"""Resolves declared relationships to people, and finds whose whereabouts must be withheld."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from almoner.linkage.shapes import spine_table


@dataclass(frozen=True)
class DeclaredRelation:
    """One declared relationship of a dataset and the rows that state it.

    rows: row_id, record_key, and `detail` and `other_key` where declared. `suffix`, `other_suffix`: of the person
    slots; `other_dataset`: where the other end is another dataset's record.
    """

    dataset: str
    kind: str
    suffix: str
    rows: pa.Table
    other_suffix: str | None = None
    other_dataset: str | None = None


def relationships(relations: Iterable[DeclaredRelation], person_record: pa.Table) -> pa.Table:
    """Give the spine's relationship table: person is the `kind` of other_person, and which dataset says so."""
    people = pl.DataFrame(pl.from_arrow(person_record)).select("dataset", "record_id", "person_id")
    found = [_resolve(relation, people) for relation in relations]
    if not found:
        return spine_table("relationship", {"person_id": [], "other_person_id": [], "kind": [], "source": []})
    every = pl.concat(found).filter(pl.col("person_id") != pl.col("other_person_id")).unique(maintain_order=False)
    return spine_table("relationship", every.sort(every.columns).to_arrow())


def _resolve(relation: DeclaredRelation, people: pl.DataFrame) -> pl.DataFrame:
    rows = pl.DataFrame(pl.from_arrow(relation.rows))
    one = people.filter(pl.col("dataset") == relation.dataset).select("record_id", "person_id")
    if relation.other_dataset is None:
        other_id = pl.col("record_key") + (relation.other_suffix or "")
        others = one
    else:
        other_id = pl.col("other_key")
        others = people.filter(pl.col("dataset") == relation.other_dataset).select("record_id", "person_id")
    kind = pl.col("detail").fill_null(relation.kind) if "detail" in rows.columns else pl.lit(relation.kind)
    return (
        rows.with_columns(
            (pl.col("record_key") + relation.suffix).alias("_one"),
            other_id.alias("_other"),
            kind.alias("kind"),
        )
        .join(one, left_on="_one", right_on="record_id")
        .join(others, left_on="_other", right_on="record_id", suffix="_other")
        .select(
            "person_id",
            pl.col("person_id_other").alias("other_person_id"),
            pl.col("kind").cast(pl.String),
            pl.lit(relation.dataset).alias("source"),
        )
    )


def protected_people(mentions: pa.Table, person_record: pa.Table, household_member: pa.Table) -> pa.Table:
    """Give those whose whereabouts are withheld: marked people, and who lives with them (their address reveals it)."""
    people = pl.DataFrame(pl.from_arrow(person_record)).select("dataset", "record_id", "person_id")
    marked = pl.DataFrame(pl.from_arrow(mentions.select(["dataset", "record_id", "safety", "sealed", "is_live"])))
    flagged = marked.filter(pl.col("is_live")).join(people, on=["dataset", "record_id"])
    safe = flagged.filter(pl.col("safety")).select("person_id").unique()
    sealed = flagged.filter(pl.col("sealed")).select("person_id").unique()
    members = pl.DataFrame(pl.from_arrow(household_member))
    homes = members.join(safe, on="person_id").select("household_id").unique()
    near = members.join(homes, on="household_id").select("person_id").unique().join(safe, on="person_id", how="anti")
    every = pl.concat(
        [
            safe.with_columns(because=pl.lit("marker")),
            near.with_columns(because=pl.lit("household")),
            sealed.with_columns(because=pl.lit("sealed")),
        ]
    )
    return spine_table("protected", every.sort("person_id", "because").to_arrow())


def without_the_dead(residence: pa.Table, mentions: pa.Table, person_record: pa.Table) -> pa.Table:
    """End the current residence of people whom a record says are dead."""
    people = pl.DataFrame(pl.from_arrow(person_record)).select("dataset", "record_id", "person_id")
    stated = pl.DataFrame(pl.from_arrow(mentions.select(["dataset", "record_id", "dead_on"])))
    deaths = (
        stated.filter(pl.col("dead_on").is_not_null())
        .join(people, on=["dataset", "record_id"])
        .group_by("person_id")
        .agg(pl.col("dead_on").min())
    )
    homes = pl.DataFrame(pl.from_arrow(residence)).join(deaths, on="person_id", how="left")
    dead = pl.col("dead_on").is_not_null()
    ended = homes.with_columns(
        is_current=pl.when(dead).then(False).otherwise(pl.col("is_current")),
        ends_on=pl.when(dead & pl.col("ends_on").is_null()).then(pl.col("dead_on")).otherwise(pl.col("ends_on")),
    ).drop("dead_on")
    return spine_table("residence", ended.to_arrow())
