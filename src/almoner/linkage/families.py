"""Forms families: parents, and who stands in for them, with their dependent children, also across households.

A family hangs together by what sources state and nothing contradicts, never by a shared address or surname. The dead
and the sealed are in none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from almoner.kernel.relations import PARENTS
from almoner.linkage.identity import IdMaker
from almoner.linkage.lasting import greatest_overlap
from almoner.linkage.settled import components
from almoner.linkage.shapes import spine_table

GROWN_UP = 18
DEPENDENT_UNTIL = 20
"""Years of age up to which whom a source names as a dependant may be one: a qualifying young person.
Source: Child Benefit (General) Regulations 2006, regulation 3."""

MOST_MEMBERS = 20
"""More people than this who hang together are no family but a fault: wrongly joined records, or wrong statements."""

_PARENTAL = [*PARENTS, "step_parent"]


@dataclass(frozen=True)
class Families:
    """The families, and how many groups were too large to be one."""

    family: pa.Table
    family_member: pa.Table
    too_large: int


def form_families(
    kinship: pa.Table,
    person: pa.Table,
    dead: pa.Table,
    previous: Mapping[str, pa.Table],
    seed: int,
    today: date,
) -> Families:
    """Form families from the relations that hold.

    In: kinship and person of the spine; dead (person_id); previous: the tables family and family_member of the last
    run, empty if there was none; today: on which ages are counted. For some people only: everybody with whom these
    hang together, and everybody who was in a family with one of them.
    """
    kin = pl.DataFrame(pl.from_arrow(kinship))
    gone = pl.DataFrame(pl.from_arrow(dead)).select("person_id").unique()
    kin = kin.join(gone, on="person_id", how="anti").join(
        gone, left_on="other_person_id", right_on="person_id", how="anti"
    )
    children = _dependent(kin, pl.DataFrame(pl.from_arrow(person)), today)
    grouped = _groups(_ties(kin, children))
    sizes = grouped.group_by("group").len()
    too_large = sizes.filter(pl.col("len") > MOST_MEMBERS)
    grouped = grouped.join(too_large, on="group", how="anti")
    members = pl.concat([_roles(grouped, kin, children), _carers(grouped, kin)])
    named = _with_ids(members, previous, seed)
    families = named.select("family_id").unique().with_columns(as_of=pl.lit(today, pl.Date)).sort("family_id")
    return Families(
        spine_table("family", families.to_arrow()),
        spine_table("family_member", named.sort("family_id", "person_id").to_arrow()),
        too_large.height,
    )


def _dependent(kin: pl.DataFrame, person: pl.DataFrame, today: date) -> pl.DataFrame:
    """Give the dependent children: under 18; under 20, or of unknown age, if a source names them as a dependant."""
    named = kin.filter(pl.col("relation") == "dependant").select("person_id").unique()
    born = pl.col("date_of_birth")
    of_age = pl.lit(today, pl.Date).dt.offset_by(f"-{GROWN_UP}y")
    limit = pl.lit(today, pl.Date).dt.offset_by(f"-{DEPENDENT_UNTIL}y")
    stated = pl.col("person_id").is_in(named["person_id"].implode())
    return person.filter((born > of_age) | (stated & (born.is_null() | (born > limit)))).select("person_id")


def _ties(kin: pl.DataFrame, children: pl.DataFrame) -> pl.DataFrame:
    """Give the pairs by which a family hangs together: parent and dependent child, partners, dependent siblings."""
    to_child = kin.filter(pl.col("relation").is_in([*_PARENTAL, "supporter"])).join(
        children, left_on="other_person_id", right_on="person_id", how="semi"
    )
    partners = kin.filter(pl.col("relation") == "partner")
    siblings = (
        kin.filter(pl.col("relation") == "sibling")
        .join(children, on="person_id", how="semi")
        .join(children, left_on="other_person_id", right_on="person_id", how="semi")
    )
    return pl.concat([to_child, partners, siblings]).select("person_id", "other_person_id").unique()


def _groups(ties: pl.DataFrame) -> pl.DataFrame:
    """Give the group of each person who is tied to somebody. Out: person_id, group."""
    people = pl.concat([ties["person_id"], ties["other_person_id"]]).unique().sort()
    number = pl.DataFrame({"person_id": people, "number": np.arange(len(people))})
    ends = ties.join(number, on="person_id").join(
        number, left_on="other_person_id", right_on="person_id", suffix="_other"
    )
    label = components(len(people), ends["number"].to_numpy(), ends["number_other"].to_numpy())
    return pl.DataFrame({"person_id": people, "group": label}, schema={"person_id": pl.String, "group": pl.Int64})


def _roles(grouped: pl.DataFrame, kin: pl.DataFrame, children: pl.DataFrame) -> pl.DataFrame:
    raising = kin.filter(pl.col("relation").is_in([*_PARENTAL, "supporter"])).join(
        children, left_on="other_person_id", right_on="person_id", how="semi"
    )["person_id"]
    raised = kin.filter(pl.col("relation").is_in(["child", "step_child", "dependant", "sibling"]))["person_id"]
    is_child = pl.col("person_id").is_in(children["person_id"].implode())
    return grouped.with_columns(
        role=pl.when(is_child & pl.col("person_id").is_in(raised.implode()))
        .then(pl.lit("child"))
        .when(pl.col("person_id").is_in(raising.implode()))
        .then(pl.lit("parent"))
        .otherwise(pl.lit("partner"))
    )


def _carers(grouped: pl.DataFrame, kin: pl.DataFrame) -> pl.DataFrame:
    """Give the carers of members: of the family, but no tie between the families for which they care."""
    caring = kin.filter(pl.col("relation") == "carer").join(
        grouped.rename({"person_id": "other_person_id"}), on="other_person_id"
    )
    others = caring.select("person_id", "group").unique().join(grouped, on=["person_id", "group"], how="anti")
    return others.with_columns(role=pl.lit("carer"))


def _with_ids(members: pl.DataFrame, previous: Mapping[str, pa.Table], seed: int) -> pl.DataFrame:
    """Give each family the id that most of its members had, else a new one."""
    before = pl.DataFrame(pl.from_arrow(previous["family_member"])).select("person_id", pl.col("family_id").alias("id"))
    members = members.sort("group", "person_id")
    first = members.group_by("group", maintain_order=True).agg(pl.col("person_id").first().alias("first"))
    shared = (
        members.join(before, on="person_id")
        .group_by("group", "id")
        .agg(pl.len().alias("shared"))
        .with_columns(place=pl.col("group"))
    )
    kept = first.join(greatest_overlap(shared), on="group", how="left").sort("group")
    maker = IdMaker(seed, previous["family"]["family_id"].to_pylist())
    ids = [known or maker.make("F", str(subject)) for known, subject in zip(kept["id"], kept["first"], strict=True)]
    named = kept.select("group", pl.Series("family_id", ids, dtype=pl.String))
    return members.join(named, on="group").select("family_id", "person_id", "role")
