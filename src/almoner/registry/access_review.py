"""From when on access to people's records is unusual: plain numbers, which a council sets and staff may know."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator

from almoner.registry.declared import Declared


class AccessReviewRules(Declared):
    """What whoever reviews access is shown first: `[access_review]`. 0 lets a rule rest."""

    days: int = Field(default=30, ge=1, le=366, description="How far back a review looks.")
    records_in_an_hour: int = Field(
        default=15, ge=0, description="So many different people's records opened within an hour, or more."
    )
    hours_from: dt.time = Field(default=dt.time(7), description="When work begins.")
    hours_to: dt.time = Field(default=dt.time(20), description="When work ends.")
    weekends: bool = Field(default=False, description="Is it usual to work at weekends?")
    out_of_hours: int = Field(default=3, ge=0, description="So many records opened outside these hours, or more.")
    same_record: int = Field(default=8, ge=0, description="One person's record opened so often, or more …")
    same_record_days: int = Field(default=7, ge=1, le=366, description="… within so many days, not on the caseload.")
    break_glass: int = Field(default=3, ge=0, description="Emergency access used so often, or more.")
    searches_without_opening: int = Field(
        default=10, ge=0, description="So many searches on one day after which no record was opened, or more."
    )
    colleagues_caseload: int = Field(
        default=5,
        ge=0,
        description="So many people's records opened who are on colleagues' caseloads and never theirs.",
    )

    @model_validator(mode="after")
    def _work_begins_before_it_ends(self) -> AccessReviewRules:
        if self.hours_from >= self.hours_to:
            raise ValueError("hours_from must be before hours_to: when work begins and when it ends on a day")
        return self
