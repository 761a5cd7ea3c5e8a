"""What a council may set of linkage. The model itself follows from what the columns identify."""

from __future__ import annotations

from pydantic import Field, model_validator

from almoner.registry.declared import Declared


class Linkage(Declared):
    """How sure joins must be, what is communal, and which trained model serves: `[linkage]`."""

    link_probability: float = Field(
        default=0.95, gt=0.5, lt=1, description="At or above this match probability two records may be joined."
    )
    review_probability: float = Field(
        default=0.10, gt=0, lt=1, description="From here up to the link, a pair is shown to a person."
    )
    communal_above: int = Field(
        default=12, ge=2, description="More people than this at one address are no household but an establishment."
    )
    communal_uprns: tuple[str, ...] = Field(
        default=(), description="Addresses of homes, hostels and the like: no household, however few live there."
    )
    block_limit: int = Field(
        default=100, ge=2, description="The most records that one value may bring together to be compared."
    )
    address_limit: int = Field(default=60, ge=2, description="The most records of one address that are compared.")
    model: str = Field(
        default="",
        description="A file in the registry folder, such as a workspace's linkage_model.json; else it is learnt.",
    )

    @model_validator(mode="after")
    def _review_comes_before_the_link(self) -> Linkage:
        if self.review_probability >= self.link_probability:
            raise ValueError("review_probability must be below link_probability: what is joined is not asked about")
        return self
