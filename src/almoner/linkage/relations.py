"""Resolves declared relationships to people, finds those that contradict, and whose whereabouts must be withheld.

A statement that contradicts another, or what is known of the two, is kept and marked: it must never be used for
anything but finding the fault. A sealed person has no relationship here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl
import pyarrow as pa

from almoner.kernel.relations import CANONICAL
from almoner.kernel.tables import SPINE
from almoner.linkage.relation_conflicts import conflicts
from almoner.linkage.shapes import spine_table


@dataclass(frozen=True)
class DeclaredRelation:
    """One declared relationship of a dataset and the rows that state it.

    rows: row_id, record_key, and `detail` and `other_key` where declared. `suffix`, `other_suffix`: of the person
    slots; `other_dataset`: where the other end is another dataset's record. `relation`: what it is in the product's
    own words; `relations`: the same for each code of the detail.
    """

    dataset: str
    kind: str
    suffix: str
    rows: pa.Table
    other_suffix: str | None = None
    other_dataset: str | None = None
    relation: str | None = None
    relations: Mapping[str, str] = field(default_factory=dict)


def relationships(
    relations: Iterable[DeclaredRelation],
    person_record: pa.Table,
    person: pa.Table,
    residence: pa.Table,
    protected: pa.Table,
    today: date | None,
) -> pa.Table:
    """Give the spine's relationship table: person is the `kind` of other_person, and which dataset says so.

    In: the spine's tables; today, on which ages are counted. For some people only: all statements that name one of
    them, all that name whoever these name, and the people and residences of all of these. Out: with the conflict of
    each statement that contradicts; as sure as the less sure of its two records.
    """
    people = _polars(person_record).select("dataset", "record_id", "person_id", _SURELY.fill_null(1.0))
    found = [_resolve(relation, people) for relation in relations]
    if not found:
        return spine_table("relationship", {name: [] for name in SPINE["relationship"].names})
    sealed = _polars(protected).filter(pl.col("because") == "sealed").select("person_id")
    every = (
        pl.concat(found)
        .group_by(_SAID)
        .agg(_SURELY.max())
        .join(sealed, on="person_id", how="anti")
        .join(sealed, left_on="other_person_id", right_on="person_id", how="anti")
        .sort(_SAID, nulls_last=True)
    )
    marked = every.with_columns(_weighed(), conflict=conflicts(every, _polars(person), _polars(residence), today))
    return spine_table("relationship", marked.to_arrow())


_SAID = ["person_id", "other_person_id", "kind", "relation", "source"]
_SURELY = pl.col("match_probability")


def _weighed() -> pl.Expr:
    """Write what is certain as not weighed."""
    return pl.when(_SURELY < 1).then(_SURELY).alias("match_probability")


def _resolve(relation: DeclaredRelation, people: pl.DataFrame) -> pl.DataFrame:
    rows = _polars(relation.rows)
    one = people.filter(pl.col("dataset") == relation.dataset).drop("dataset")
    if relation.other_dataset is None:
        other_id = pl.col("record_key") + (relation.other_suffix or "")
        others = one
    else:
        other_id = pl.col("other_key")
        others = people.filter(pl.col("dataset") == relation.other_dataset).drop("dataset")
    kind, meant = pl.lit(relation.kind), pl.lit(relation.relation, pl.String)
    if "detail" in rows.columns:
        kind = pl.col("detail").cast(pl.String).fill_null(relation.kind)
        if relation.relations:
            known = list(relation.relations.items())
            meant = (
                pl.col("detail")
                .cast(pl.String)
                .replace_strict([k for k, _ in known], [v for _, v in known], default=meant, return_dtype=pl.String)
            )
    elif relation.relations:
        meant = pl.lit(None, pl.String)
    return (
        rows.with_columns(
            (pl.col("record_key") + relation.suffix).alias("_one"),
            other_id.alias("_other"),
            kind.alias("kind"),
            meant.alias("relation"),
        )
        .join(one, left_on="_one", right_on="record_id")
        .join(others, left_on="_other", right_on="record_id", suffix="_other")
        .select(
            "person_id",
            pl.col("person_id_other").alias("other_person_id"),
            pl.col("kind").cast(pl.String),
            "relation",
            pl.lit(relation.dataset).alias("source"),
            pl.min_horizontal("match_probability", "match_probability_other").alias("match_probability"),
        )
    )


def kinship(relationship: pa.Table) -> pa.Table:
    """Give the relations that hold, in both directions: a parent's child is a child's parent, said once.

    In: the relationship table. Out: person_id, other_person_id, relation, source, match_probability: person is the
    relation of other.
    What contradicts is left out, and what the product has no word for.
    """
    held = _polars(relationship).filter(pl.col("conflict").is_null() & pl.col("relation").is_not_null())
    inverse = held.select(
        pl.col("other_person_id").alias("person_id"),
        pl.col("person_id").alias("other_person_id"),
        pl.col("relation").replace_strict(list(CANONICAL), [each.inverse for each in CANONICAL.values()]),
        "source",
        _SURELY.fill_null(1.0),
    )
    both = pl.concat([held.with_columns(_SURELY.fill_null(1.0)).select(inverse.columns), inverse])
    each = both.group_by(inverse.columns[:-1]).agg(_SURELY.max()).with_columns(_weighed())
    return spine_table("kinship", each.sort(inverse.columns[:-1]).to_arrow())


def protected_people(mentions: pa.Table, person_record: pa.Table, household_member: pa.Table) -> pa.Table:
    """Give those whose whereabouts are withheld: marked people, and who lives with them (their address reveals it).

    A seal lasts as long as the record that bears it, live or not; a safety marker as long as the record is live.
    """
    people = _polars(person_record).select("dataset", "record_id", "row_id", "person_id")
    marked = _polars(mentions.select(["dataset", "record_id", "row_id", "safety", "sealed", "is_live"]))
    flagged = marked.join(people, on=["dataset", "record_id"])
    safe = flagged.filter(pl.col("is_live") & pl.col("safety")).select("person_id").unique()
    newest = pl.col("row_id") == pl.col("row_id_right")
    sealed = flagged.filter(newest & pl.col("sealed")).select("person_id").unique()
    members = _polars(household_member)
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


def the_dead(mentions: pa.Table, person_record: pa.Table) -> pa.Table:
    """Give those whom the newest version of a record says to be dead. Out: person_id."""
    people = person_record.select(["dataset", "record_id", "row_id", "person_id"])
    stated = _polars(mentions.select(["dataset", "record_id", "row_id", "dead_on"])).filter(
        pl.col("dead_on").is_not_null()
    )
    dead = stated.join(_polars(people), on=["dataset", "record_id", "row_id"]).select("person_id").unique()
    return dead.sort("person_id").to_arrow()


def _polars(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
