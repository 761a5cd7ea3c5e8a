"""What is held of one person, as it was gathered: sealed with their case, reviewed, and given to them as a pack.

Every text that may go out has an address, `section/number/field`, by which redactions name it. It must never be kept
anywhere but under the case's own key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FieldKind = Literal["own", "other", "text", "professional", "plain", "staff", "whereabouts"]
"""own: identifies the person; other: identifies somebody else; text: words in which others may be named; professional:
names those who work with them; plain: codes, numbers, dates; staff: an officer's name; whereabouts: where they live."""

RedactionKind = Literal["person", "address", "identifier", "pattern", "staff", "whereabouts", "added"]

BETWEEN = "; "
"""What stands between the datasets of a look."""


@dataclass(frozen=True)
class HeldField:
    """One thing that a record says. text: as it is held; meaning: in plain words, '' where that is the same."""

    name: str
    title: str
    text: str
    meaning: str = ""
    kind: FieldKind = "plain"
    harm: str = ""


@dataclass(frozen=True)
class HeldEntry:
    """One record, look, link, disclosure or case. about: the dataset, or ''. harm: the test that holds it back.

    held_on: the days of the deliveries in which it stood so. keep_until: by the schedule; '' where no day is known.
    """

    section: str
    about: str
    title: str
    fields: tuple[HeldField, ...]
    held_on: tuple[str, ...] = ()
    current: bool = True
    keep_until: str = ""
    harm: str = ""


@dataclass(frozen=True)
class AboutDataset:
    """What has to be said of a dataset: where it comes from, why it is used, how long it is kept, what it leads to."""

    title: str
    source: str
    organisation: str
    purposes: tuple[str, ...]
    bases: tuple[str, ...]
    retention: str
    may_go_to: tuple[str, ...] = ()
    logic: tuple[str, ...] = ()
    coverage: str = ""


@dataclass(frozen=True)
class Place:
    """Where something is redacted: characters `start` to `end` of the text at an address."""

    at: str
    start: int
    end: int


@dataclass(frozen=True)
class Redaction:
    """One thing that is left out wherever it stands. words: what it is; because: whose or why; for the file alone."""

    id: str
    kind: RedactionKind
    words: str
    because: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Gathered:
    """Everything, at one instant. followed: former ids of the person. notes: for the file, never for the requester."""

    person_id: str
    gathered_at: str
    gathered_by: str
    name: str
    born: str
    followed: tuple[str, ...]
    entries: tuple[HeldEntry, ...]
    datasets: Mapping[str, AboutDataset]
    redactions: tuple[Redaction, ...] = ()
    notes: tuple[str, ...] = ()
    protected: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[str, HeldEntry, HeldField]]:
        """Give every text with its address."""
        for number, entry in enumerate(self.entries):
            for each in entry.fields:
                yield f"{entry.section}/{number}/{each.name}", entry, each

    def entry_at(self, at: str) -> tuple[int, HeldEntry]:
        """Give the entry of an address."""
        number = int(at.split("/")[1])
        return number, self.entries[number]

    def document(self) -> dict[str, Any]:
        """Give it as a document that can be sealed."""
        entries = [{**vars(each), "fields": [vars(one) for one in each.fields]} for each in self.entries]
        redactions = [{**vars(each), "places": [vars(one) for one in each.places]} for each in self.redactions]
        datasets = {name: vars(each) for name, each in self.datasets.items()}
        return {**vars(self), "entries": entries, "redactions": redactions, "datasets": datasets}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Gathered:
        """Read it back."""
        return cls(
            **{
                **document,
                "followed": tuple(document["followed"]),
                "notes": tuple(document["notes"]),
                "entries": tuple(_entry(each) for each in document["entries"]),
                "datasets": {name: _about(each) for name, each in document["datasets"].items()},
                "redactions": tuple(_redaction(each) for each in document["redactions"]),
            }
        )


def _entry(document: Mapping[str, Any]) -> HeldEntry:
    fields = tuple(HeldField(**each) for each in document["fields"])
    return HeldEntry(**{**document, "fields": fields, "held_on": tuple(document["held_on"])})


def _about(document: Mapping[str, Any]) -> AboutDataset:
    told: dict[str, Any] = {name: tuple(v) if isinstance(v, list | tuple) else v for name, v in document.items()}
    return AboutDataset(**told)


def _redaction(document: Mapping[str, Any]) -> Redaction:
    return Redaction(**{**document, "places": tuple(Place(**each) for each in document["places"])})
