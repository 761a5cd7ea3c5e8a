"""What is known of an extract and of what was disclosed of whom. Holds no value of anybody's record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

Plain = str | int | bool | None
"""What may stand in plain beside a step: counts, days, names of declarations."""


@dataclass(frozen=True)
class Share:
    """An extract in whatever state. fields: dataset → columns, as asked for, within what was agreed."""

    id: str
    sharing: str
    recipient: str
    agreement: str
    purpose: str
    project: str | None
    form: str
    kind: str
    fields: Mapping[str, tuple[str, ...]]
    ages: str | None
    state: str
    version: int
    requested_by: str
    requested_at: dt.datetime
    people: int = 0
    rows: int = 0
    smallest_class: int | None = None
    digest: str = ""
    """A keyed digest of exactly what was checked; nothing of it can be learnt from it."""
    approved_by: str | None = None
    approved_at: dt.datetime | None = None
    sent_by: str | None = None
    sent_at: dt.datetime | None = None
    file_digest: str = ""
    """SHA-256 of the encrypted file that was sent."""
    destroy_by: dt.date | None = None
    confirmed_by: str | None = None
    confirmed_at: dt.datetime | None = None
    review_by: dt.date | None = None
    """By when a second person has to have looked at an emergency."""
    reviewed_by: str | None = None
    reviewed_at: dt.datetime | None = None
    finding: str = ""

    @property
    def awaits_review(self) -> bool:
        """Say whether it went out in an emergency and nobody has reviewed it."""
        return self.review_by is not None and self.reviewed_at is None


@dataclass(frozen=True)
class Words:
    """What somebody wrote about an extract, and whom an emergency is about: under the extract's own key."""

    reason: str = field(repr=False)
    subject: str = field(default="", repr=False)


@dataclass(frozen=True)
class Step:
    """What happened to an extract. words: sealed; gone once what it was about was disposed of."""

    number: int
    action: str
    state: str
    actor: str
    at: dt.datetime
    facts: Mapping[str, Plain] = field(default_factory=dict)
    words: str = field(default="", repr=False)


@dataclass(frozen=True)
class Disclosure:
    """That data of a person went to a recipient: what, when, why, under what; whether they still have it."""

    share: str
    recipient: str
    recipient_title: str
    sharing: str
    purpose: str
    agreement: str
    form: str
    emergency: bool
    fields: Mapping[str, tuple[str, ...]]
    sent_at: dt.datetime
    destroy_by: dt.date | None
    destroyed_on: dt.date | None
    surely: bool = True
    """Whether it was theirs: not certain, where their records stood under somebody else's id, and were parted since."""

    @property
    def still_held(self) -> bool:
        """Say whether the recipient has not confirmed its destruction."""
        return self.destroyed_on is None
