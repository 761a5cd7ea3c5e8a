"""Finds statements of relationship that can't be true, or can't all be: each is marked with what is wrong with it.

It only marks. It must never choose between two statements that contradict each other, unless more sources settle it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from almoner.kernel.relations import CANONICAL, PARENTS

YOUNGEST_PARENT = 12
"""Years by which a parent is older than their child at the least."""
YOUNGEST_PARTNER = 16
"""Years of age below which nobody is a partner (the age of consent)."""

_KEY = ["one", "other", "word"]


def conflicts(statements: pl.DataFrame, person: pl.DataFrame, residence: pl.DataFrame, today: date | None) -> pl.Series:
    """Give the conflict of each statement, or NULL.

    In: statements (person_id, other_person_id, relation, source); the spine's person and residence; today, on which
    ages are counted.
    Out: in the order of the statements. Earlier rules count first: what one has marked is no evidence for the next.
    """
    said = _canonical(statements)
    found = pl.DataFrame(schema={**dict.fromkeys(_KEY, pl.String), "conflict": pl.String})
    rules: tuple[tuple[str, Callable[[pl.DataFrame], pl.DataFrame]], ...] = (
        ("oneself", lambda held: held.filter(pl.col("one") == pl.col("other"))),
        ("both_ways", _both_ways),
        ("age", lambda held: _impossible_age(held, person, today)),
        ("two_kinds", _two_kinds),
        ("several_birth_parents", _several_birth_parents),
        ("too_many_parents", _too_many_parents),
        ("several_partners", lambda held: _several_partners(held, residence)),
    )
    for name, rule in rules:
        held = said.join(found, on=_KEY, how="anti")
        wrong = rule(held).select(_KEY).unique().with_columns(conflict=pl.lit(name))
        found = pl.concat([found, wrong])
    marked = said.join(found, on=_KEY, how="left", maintain_order="left").sort("place")
    unnamed = pl.when(statements["person_id"] == statements["other_person_id"]).then(pl.lit("oneself"))
    return marked["conflict"].fill_null(pl.select(unnamed).to_series())


def _canonical(statements: pl.DataFrame) -> pl.DataFrame:
    """Say each statement in the one way in which they are compared: one is the word of other."""
    turned = pl.col("relation").replace_strict(
        list(CANONICAL), [each.from_other_end for each in CANONICAL.values()], default=False
    )
    word = pl.col("relation").replace_strict(
        list(CANONICAL), [each.word for each in CANONICAL.values()], default=None, return_dtype=pl.String
    )
    ends = pl.col("person_id"), pl.col("other_person_id")
    symmetric = word.is_in(["partner", "sibling"])
    swap = pl.when(symmetric).then(ends[0] > ends[1]).otherwise(turned)
    return statements.with_row_index("place").select(
        "place",
        pl.when(swap).then(ends[1]).otherwise(ends[0]).alias("one"),
        pl.when(swap).then(ends[0]).otherwise(ends[1]).alias("other"),
        word.fill_null("").alias("word"),
        "source",
    )


def _group(word: pl.Expr) -> pl.Expr:
    """Birth, legal and step parents are one kind."""
    return pl.when(word.is_in([*PARENTS, "step_parent"])).then(pl.lit("parent")).otherwise(word)


def _both_ways(held: pl.DataFrame) -> pl.DataFrame:
    kind = held.with_columns(kind=_group(pl.col("word"))).filter(pl.col("kind").is_in(["parent", "dependant"]))
    back = kind.select(pl.col("other").alias("one"), pl.col("one").alias("other"), "kind").unique()
    return kind.join(back, on=["one", "other", "kind"], how="semi")


def _impossible_age(held: pl.DataFrame, person: pl.DataFrame, today: date | None) -> pl.DataFrame:
    born = person.select("person_id", "date_of_birth")
    both = held.join(born, left_on="one", right_on="person_id", how="left").join(
        born, left_on="other", right_on="person_id", how="left", suffix="_other"
    )
    one, other = pl.col("date_of_birth"), pl.col("date_of_birth_other")
    too_young = pl.col("word").is_in(PARENTS) & (one.dt.offset_by(f"{YOUNGEST_PARENT}y") > other)
    latest = pl.lit(today, pl.Date).dt.offset_by(f"-{YOUNGEST_PARTNER}y")
    a_child = (pl.col("word") == "partner") & pl.max_horizontal(one, other).gt(latest)
    return both.filter(too_young | a_child)


def _two_kinds(held: pl.DataFrame) -> pl.DataFrame:
    kinds = held.with_columns(kind=_group(pl.col("word"))).filter(
        pl.col("kind").is_in(["parent", "partner", "sibling"])
    )
    pair = kinds.with_columns(least=pl.min_horizontal("one", "other"), most=pl.max_horizontal("one", "other"))
    return pair.filter(pl.col("kind").n_unique().over("least", "most") > 1)


def _several_birth_parents(held: pl.DataFrame) -> pl.DataFrame:
    birth = held.filter(pl.col("word").is_in(["birth_mother", "birth_father"]))
    return birth.filter(pl.col("one").n_unique().over("other", "word") > 1)


def _too_many_parents(held: pl.DataFrame) -> pl.DataFrame:
    """Of more than two parents, the two whom more sources name than any other; of none, where that settles nothing."""
    parents = held.filter(pl.col("word").is_in(PARENTS))
    named = parents.group_by("other", "one").agg(pl.col("source").n_unique().alias("sources"))
    ranked = named.filter(pl.len().over("other") > 2).sort("other", "sources", "one", descending=[False, True, False])
    third = ranked.group_by("other", maintain_order=True).agg(pl.col("sources").get(2).alias("third"))
    wrong = ranked.join(third, on="other").with_columns(
        settled=(pl.col("sources") > pl.col("third")).sum().over("other") == 2
    )
    wrong = wrong.filter(~pl.col("settled") | (pl.col("sources") <= pl.col("third")))
    return parents.join(wrong, on=["one", "other"], how="semi")


def _several_partners(held: pl.DataFrame, residence: pl.DataFrame) -> pl.DataFrame:
    """Of several partners of somebody, the one who lives with them; of none, where nobody or more than one does."""
    partners = held.filter(pl.col("word") == "partner")
    ends = pl.concat(
        [partners.select("one", "other"), partners.select(pl.col("other").alias("one"), pl.col("one").alias("other"))]
    )
    several = ends.unique().filter(pl.len().over("one") > 1)
    home = residence.filter(pl.col("is_current")).select("person_id", "address_id")
    together = several.join(home, left_on="one", right_on="person_id").join(
        home, left_on=["other", "address_id"], right_on=["person_id", "address_id"], how="semi"
    )
    sole = together.filter(pl.len().over("one") == 1).select("one", "other")
    wrong = several.join(sole, on=["one", "other"], how="anti")
    back = wrong.select(pl.col("other").alias("one"), pl.col("one").alias("other"))
    return partners.join(pl.concat([wrong, back]), on=["one", "other"], how="semi")
