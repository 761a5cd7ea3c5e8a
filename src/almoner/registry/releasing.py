"""Declarations about what leaves: the rules for small numbers, under what the public is served, and breakdowns."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from almoner.registry.declared import Declared, Name, Named, Words

PUBLIC = "public"
"""The recipient who is everybody."""


class ReleaseRules(Declared):
    """How figures are protected before they leave, and under which agreement the public receives them."""

    largest_small: int = Field(default=4, ge=1, le=100, description="Counts from 1 to this are withheld.")
    rounding_base: int = Field(default=5, ge=1, le=100, description="Counts are rounded to the nearest multiple.")
    protection_width: int = Field(
        default=4, ge=1, le=100, description="How wide the range must stay to which anybody can narrow a withheld one."
    )
    dominance_n: int = Field(default=2, ge=1, le=10, description="A sum is withheld if so many of its contributors …")
    dominance_k: float = Field(default=85.0, gt=0, le=100, description="… make up more than so many per cent of it.")
    percent_p: float = Field(
        default=10.0,
        gt=0,
        le=100,
        description="A sum is withheld if one contributor could tell another to within so many per cent.",
    )
    k_anonymity: int = Field(
        default=5,
        ge=2,
        le=1000,
        description="Records of an extract that must share every combination of what is known of people elsewhere.",
    )
    l_diversity: int = Field(
        default=2, ge=1, le=100, description="Different values that those who share it must have of what is sensitive."
    )
    public_microdata: bool = Field(default=False, description="May extracts of records go to the recipient 'public'?")
    publication_agreement: str = Field(
        default="", description="The agreement that permits releases to the recipient 'public'; none: no such release."
    )
    draft_days: int = Field(
        default=90, ge=1, le=3650, description="A draft that nobody has touched for so many days may be discarded."
    )
    licence: str = Field(default="Open Government Licence v3.0", description="Under which the public may use figures.")
    contact: str = Field(default="", description="Where questions about figures go: an address that people read.")


class Breakdown(Named):
    """A way to cut figures, such as ethnicity: lists of codes, each with what it is made of."""

    title: Words
    lists: dict[Name, dict[str, tuple[Words, ...]]] = Field(
        description="List → code → its smallest parts. Codes of two lists that share parts overlap."
    )


class CountedPopulation(Named):
    """Who or what the figures of a plan count. Those of one population are compared with one another, of two never."""

    title: Words
    counts: Words = Field(description="What one of them is: a pupil on the roll, a tenancy, a payment.")
    dataset: str = Field(default="", description="Whose records they are; else a fact.")
    fact: Literal["", "residents", "households", "event", "involvement", "attribute"] = Field(
        default="", description="The fact that profiles count as well, so that a plan is compared with them."
    )
    amount: str = Field(default="", description="What of theirs is added up, with its unit; then only sums are stated.")
    time: Literal["period", "moment"] = Field(
        default="period",
        description="Do they happen within periods, which add up, or are they counted as at a moment? A fact says it.",
    )
