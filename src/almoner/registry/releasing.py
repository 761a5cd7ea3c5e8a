"""Declarations about what leaves: the rules for small numbers, under what the public is served, and breakdowns."""

from __future__ import annotations

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
