"""Declarations about what recipients may have: `[sharing.NAME]`, of whom, which fields, in which form, and how long."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from almoner.registry.datasets import Where
from almoner.registry.declared import Declared, Named, Words

SharedForm = Literal["identifiable", "pseudonymised", "anonymous"]
"""How a recipient sees people: by name; by a pseudonym that only they are given; as records without any reference."""

RESIDENT = "resident"
"""What a person's place in the population tells, in the place of a dataset: age, sex, and the declared areas."""
RESIDENT_FIELDS = ("age", "sex")
"""What of it is there beside the areas, which are called as the geographies call them."""


class Cohort(Declared):
    """Of whom: everybody whom rows of a dataset are about that meet every condition."""

    dataset: str
    person: str = Field(default="", description="Whom the rows name as this; none: whomever they name.")
    where: tuple[Where, ...] = ()
    ages: str | None = Field(
        default=None, pattern=r"^\d{1,3}-\d{1,3}$", description="Only people of these ages; whose age is unknown, not."
    )


class Sharing(Named):
    """What an agreement lets a recipient have. What is not listed is refused by name."""

    title: Words
    recipient: str
    agreement: str = Field(default="", description="Under which; none: the recipient's own.")
    purpose: str
    law: Words = Field(description="The power or the duty by which it is shared, or what protects whom.")
    form: SharedForm
    kind: Literal["routine", "emergency"] = Field(
        default="routine",
        description="emergency: about one person, at once, and reviewed by a second person afterwards.",
    )
    cohort: Cohort | None = Field(default=None, description="Of whom; an emergency is about the one who is named.")
    fields: dict[str, tuple[str, ...]] = Field(
        min_length=1, description="Dataset = columns; `resident` = age, sex and columns of areas."
    )
    people: dict[str, str] = Field(
        default={}, description="Dataset = as whom its rows have to name somebody, where a row names several."
    )
    age_bands: tuple[str, ...] = Field(default=(), description="Ages are given as these, such as '16-24'.")
    sensitive: tuple[str, ...] = Field(
        default=(), description="anonymous: fields that must not be learnt of anybody; all others are known elsewhere."
    )
    k: int | None = Field(
        default=None, ge=2, le=1000, description="anonymous: so many share what is known; none: as for releases."
    )
    project: str | None = Field(default=None, description="The project of the register, where the purpose needs one.")
    review_on: dt.date = Field(description="By this day somebody looks whether it is still needed.")
    keep_days: int = Field(ge=1, le=3660, description="The recipient keeps it so many days, then confirms destruction.")

    def shared_columns(self) -> dict[str, tuple[str, ...]]:
        """Give the datasets, without `resident`, and the columns of each that are shared."""
        return {name: columns for name, columns in self.fields.items() if name != RESIDENT}

    def read_columns(self) -> dict[str, tuple[str, ...]]:
        """Give the datasets and the columns of each that have to be read: those shared, and those of the cohort."""
        found = dict(self.shared_columns())
        if self.cohort is not None:
            asked = tuple(each.column for each in self.cohort.where)
            found[self.cohort.dataset] = tuple(dict.fromkeys((*found.get(self.cohort.dataset, ()), *asked)))
        return found
