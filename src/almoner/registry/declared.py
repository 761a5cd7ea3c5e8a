"""The base of every declaration: strict, frozen, and knowing its own name."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that other declarations refer to: lower case, digits, underscores."""

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""Text that people read."""


class Declared(BaseModel):
    """A declaration in the registry. Unknown keys are faults, so that a misspelling can't pass unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Named(Declared):
    """A declaration that others refer to; `name` is its key in the TOML table, filled in on loading."""

    name: str = Field(default="", exclude=True, json_schema_extra={"readOnly": True})
