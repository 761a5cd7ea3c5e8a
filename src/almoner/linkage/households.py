"""With whom people live: households from current residences.

A place with more people than a household has, or that the settings name, is communal: its people are listed
but are nobody's household. Who has no current residence (the sealed, the dead) is in no household: neither may be
inferred.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl
import pyarrow as pa

from almoner.linkage.identity import IdMaker
from almoner.linkage.shapes import LinkSettings, PreviousSpine, spine_table
from almoner.linkage.steps import read_table

PRIVATE, COMMUNAL = "private", "communal"


def form_households(
    engine: duckdb.DuckDBPyConnection,
    previous: PreviousSpine,
    settings: LinkSettings,
    maker: IdMaker,
    today: date | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Form households: the people who now live at one address. Out: household and household_member.

    A household keeps its id while anybody of it still lives there. A communal establishment is none: it has no members,
    so that nobody is shown as living with strangers. In: tables lives_at, place_id, place; today, by default the day of
    the latest delivery. For some addresses only: lives_at may be restricted to these, if everybody who lives there is
    in it and today is given.
    """
    as_of = today or engine.execute("SELECT max(as_of) FROM mention").fetchall()[0][0]
    living = _polars(read_table(engine, "SELECT address_id, person_id FROM lives_at"))
    uprns = _polars(read_table(engine, "SELECT address_id, uprn FROM place_id JOIN place USING (place)"))
    named = uprns.filter(pl.col("uprn").is_in(sorted(settings.communal_addresses)))["address_id"]
    homes = (
        living.group_by("address_id")
        .agg(pl.len().alias("people"), pl.col("person_id").min().alias("first"))
        .join(_kept_ids(living, previous), on="address_id", how="left")
        .with_columns(
            communal=(pl.col("people") > settings.communal_above) | pl.col("address_id").is_in(named.implode()),
            as_of=pl.lit(as_of, pl.Date),
        )
        .sort("address_id")
    )
    subjects = zip(homes["address_id"], homes["first"], homes["kept"], strict=True)
    ids = [kept or maker.make("H", f"{address}|{first}") for address, first, kept in subjects]
    homes = homes.with_columns(
        household_id=pl.Series(ids, dtype=pl.String),
        kind=pl.when("communal").then(pl.lit(COMMUNAL)).otherwise(pl.lit(PRIVATE)),
    )
    private = homes.filter(~pl.col("communal")).select("address_id", "household_id")
    members = living.join(private, on="address_id").sort("address_id", "person_id")
    return spine_table("household", homes.to_arrow()), spine_table("household_member", members.to_arrow())


def _kept_ids(living: pl.DataFrame, previous: PreviousSpine) -> pl.DataFrame:
    """Give each address the household there before of which most people still live there, if anybody does.

    One that had no members, an establishment, keeps its id while anybody at all lives there.
    """
    before = _polars(previous.household).select("household_id", "address_id")
    members = _polars(previous.household_member)
    empty = before.join(members, on="household_id", how="anti").with_columns(shared=pl.lit(1, pl.UInt32))
    stayed = (
        before.join(members, on="household_id")
        .join(living, on=["address_id", "person_id"])
        .group_by("household_id", "address_id")
        .agg(pl.len().cast(pl.UInt32).alias("shared"))
    )
    best = pl.concat([empty, stayed]).sort("shared", "household_id", descending=True)
    return best.unique("address_id", keep="first", maintain_order=True).select(
        "address_id", pl.col("household_id").alias("kept")
    )


def _polars(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
