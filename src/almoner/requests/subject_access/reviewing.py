"""What a reviewer has decided since everything was gathered, and what the person is given then.

Nothing is kept here: it is read from the steps of the case, so each decision stands in its log with its reason. What is
lifted by mistake can be redacted again. Must never give a text with something in it that is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from almoner.requests.casework.cases import Step
from almoner.requests.subject_access.held import BETWEEN, Gathered, HeldEntry, HeldField, Place, Redaction
from almoner.requests.subject_access.redactions import occurrences

REMOVED = "[removed]"
OPINION_DAYS = 183
"""An older opinion does not count. Source: DPA 2018 Schedule 3, "the relevant period": six months."""
TESTS = {
    "health": ("Health data", "DPA 2018 Schedule 3 Part 2"),
    "social_work": ("Social work data", "DPA 2018 Schedule 3 Part 3"),
    "education": ("Education data", "DPA 2018 Schedule 3 Part 4"),
}
"""The tests of serious harm: what they are about, and their law."""
DECISIONS = ("lift", "redact", "opinion")


@dataclass(frozen=True)
class Opinion:
    """What a professional has said of a service's data: whether giving it would do serious harm."""

    service: str
    harm: bool
    on: dt.date
    words: str
    noted_by: str


@dataclass(frozen=True)
class Decision:
    """One decision of a reviewer, as the log of the case has it. about: the redaction, or 'added'."""

    number: int
    what: str
    about: str
    by: str
    at: dt.datetime
    reason: str


@dataclass(frozen=True)
class Withheld:
    """Something that the person is not given, and why: for the file."""

    about: str
    title: str
    times: int
    because: str
    is_of_theirs: bool = True


@dataclass
class Review:
    """What was gathered, with every decision since."""

    gathered: Gathered
    redactions: list[Redaction] = field(default_factory=list)
    lifted: set[str] = field(default_factory=set)
    """Redactions by id, and single places as 'id.number'."""
    opinions: dict[str, Opinion] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)

    def services_held(self) -> dict[str, str]:
        """Name the services whose data is held for the test of serious harm: source or dataset, and which test."""
        found: dict[str, str] = {}
        for entry in self.gathered.entries:
            if entry.section != "record":
                continue
            tests = {entry.harm} | {each.harm for each in entry.fields}
            for test in sorted(tests - {""}):
                found.setdefault(service_of(entry.about, test), test)
        return found

    def missing(self) -> list[str]:
        """Name the services on which no professional's opinion is recorded yet."""
        return [name for name in self.services_held() if name not in self.opinions]

    def is_held(self, entry: HeldEntry, harm: str) -> bool:
        """Say whether something is held back: no opinion is there, or one that says that it does harm."""
        if not harm:
            return False
        opinion = self.opinions.get(service_of(entry.about, harm))
        return opinion is None or opinion.harm

    def in_force(self, redaction: Redaction) -> list[tuple[int, Place]]:
        """Give the places at which a redaction holds, with their numbers."""
        if redaction.id in self.lifted:
            return []
        numbered = enumerate(redaction.places, start=1)
        return [(number, place) for number, place in numbered if f"{redaction.id}.{number}" not in self.lifted]

    def given(self) -> list[HeldEntry]:
        """Give the entries as the person is to have them: nothing that is held, and no character that is removed."""
        removed: dict[str, list[Place]] = {}
        for redaction in self.redactions:
            for _, place in self.in_force(redaction):
                removed.setdefault(place.at, []).append(place)
        found, named = [], self._datasets_given()
        for number, entry in enumerate(self.gathered.entries):
            if self.is_held(entry, entry.harm):
                continue
            if entry.section == "look":
                entry = _naming(entry, named)
            fields = tuple(
                self._shown(each, removed.get(f"{entry.section}/{number}/{each.name}", []))
                for each in entry.fields
                if not self.is_held(entry, each.harm)
            )
            found.append(replace(entry, fields=fields))
        return found

    def _datasets_given(self) -> set[str]:
        """Name the datasets of which they are given something: a look names no other, or what is held would be told."""
        records = [each for each in self.gathered.entries if each.section == "record"]
        about = {each.about for each in records if not self.is_held(each, each.harm)}
        return {self.gathered.datasets[name].title for name in about}

    def _shown(self, each: HeldField, places: Sequence[Place]) -> HeldField:
        if not places:
            return each
        return replace(each, text=without(each.text, places), meaning="")

    def withheld(self) -> list[Withheld]:
        """List what the person is not given, with reasons: for the file, never for them."""
        found = []
        for service, test in self.services_held().items():
            opinion = self.opinions.get(service)
            if opinion is None or opinion.harm:
                title, law = TESTS[test]
                why = "it would do serious harm" if opinion else "no professional's opinion is recorded"
                found.append(Withheld(service, title, self._times(service), f"{why} ({law})"))
        for redaction in self.redactions:
            if times := len(self.in_force(redaction)):
                why = f"{redaction.because} ({LAWS[redaction.kind]})"
                found.append(Withheld(redaction.id, redaction.words, times, why, redaction.kind != "staff"))
        return found

    def leaves_out(self) -> bool:
        """Say whether anything of the person's own data is left out: an officer's name is not."""
        return any(each.is_of_theirs for each in self.withheld())

    def _times(self, service: str) -> int:
        return sum(
            any(
                service_of(entry.about, harm) == service
                for harm in {entry.harm, *(f.harm for f in entry.fields)} - {""}
            )
            for entry in self.gathered.entries
            if entry.section == "record"
        )


LAWS: Mapping[str, str] = {
    "person": "DPA 2018 Schedule 2 paragraph 16",
    "address": "DPA 2018 Schedule 2 paragraph 16",
    "identifier": "DPA 2018 Schedule 2 paragraph 16",
    "pattern": "DPA 2018 Schedule 2 paragraph 16",
    "staff": "DPA 2018 Schedule 2 paragraph 16",
    "whereabouts": "UK GDPR Art 15(4): safety",
    "added": "as the reviewer has stated",
}
"""By what law a kind of redaction is made. An exemption of the case states it for the decision."""


def _naming(entry: HeldEntry, titles: set[str]) -> HeldEntry:
    """Give a look that names only these datasets."""
    found: list[HeldField] = []
    for each in entry.fields:
        if each.name != "datasets":
            found.append(each)
        elif kept := [title for title in each.text.split(BETWEEN) if title in titles]:
            found.append(replace(each, text=BETWEEN.join(kept)))
    return replace(entry, fields=tuple(found))


def service_of(dataset: str, test: str) -> str:
    """Name the service whose professional is asked: the source, and the test."""
    return f"{dataset.partition('.')[0]}:{test}"


def without(text: str, places: Sequence[Place]) -> str:
    """Give a text without what stands at some places."""
    found: list[str] = []
    after = 0
    for place in sorted(places, key=lambda each: (each.start, each.end)):
        if place.end <= after:
            continue
        if place.start > after or not found:
            found.append(text[after : place.start])
            found.append(REMOVED)
        after = place.end
    return "".join([*found, text[after:]])


def review_of(gathered: Gathered, steps: Sequence[Step]) -> Review:
    """Read from the steps of a case what was decided since everything was gathered."""
    review = Review(gathered, list(gathered.redactions))
    for step in steps:
        if step.mark.action == "gather":
            review = Review(gathered, list(gathered.redactions), opinions=review.opinions)
        elif step.mark.action in DECISIONS:
            _decided(review, step)
    return review


def _decided(review: Review, step: Step) -> None:
    facts, words, mark = step.mark.facts, step.words, step.mark
    about = str(facts.get("redaction") or facts.get("service") or "")
    if mark.action == "lift":
        review.lifted.add(about)
    elif mark.action == "opinion":
        day = dt.date.fromisoformat(str(facts["given_on"]))
        review.opinions[about] = Opinion(about, bool(facts["harm"]), day, words.get("opinion", ""), mark.actor)
    elif about:
        review.lifted.discard(about)
        review.lifted -= {each for each in review.lifted if each.startswith(about + ".")}
    else:
        about = f"A{mark.number}"
        places = tuple(occurrences(review.gathered, words["text"])) if words.get("text") else ()
        at = str(facts.get("at") or "")
        if at:
            places = tuple(Place(each, 0, len(f.text)) for each, _, f in review.gathered.texts() if is_at(each, at))
        because = f"Added by {mark.actor}: {words['reason']}"
        shown = words.get("text") or "All of it"
        review.redactions.append(Redaction(about, "added", shown, because, places))
    review.decisions.append(
        Decision(mark.number, mark.action, about, mark.actor, mark.at, words.get("reason") or words.get("opinion", ""))
    )


def is_at(address: str, wanted: str) -> bool:
    """Say whether an address is the one that is meant, or of a field of the entry that is meant."""
    return address == wanted or address.startswith(wanted + "/")
