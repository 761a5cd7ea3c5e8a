"""Finds what in a text is about somebody else. What is the person's own is never found.

It would rather find too much: a reviewer lifts what is nobody's. Pure: it is told who is who and reads one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from almoner.requests.subject_access.held import RedactionKind
from almoner.requests.subject_access.patterns import (
    FEMALE,
    MALE,
    STREETS,
    compact,
    days_in,
    numbers_in,
    phone,
    streets_in,
    titled_in,
    words_in,
)
from almoner.requests.subject_access.people import Others, Subject

_REFERENCE = re.compile(r"\b[A-Za-z]*[-/]?\d[\dA-Za-z/-]{2,}\b")


@dataclass(frozen=True)
class Hit:
    """What is found: characters `start` to `end`, of which kind, and why in words."""

    start: int
    end: int
    kind: RedactionKind
    because: str


class Finder:
    """Finds what is somebody else's. In: subject, whose data it is; others, near them or in the same rows."""

    def __init__(self, subject: Subject, others: Others) -> None:
        self._subject = subject
        self._all = others
        self._only = others.without(subject)

    def find(self, text: str, *, professional: bool = False) -> list[Hit]:
        """Find everything, in the order of the text, nothing twice.

        In: professional: the text names whoever works with the person, so a name alone or a title says nothing.
        """
        hits = [*self._whole_names(text)]
        if not professional:
            hits += [*self._single_names(text), *self._titled(text)]
        hits += [*self._numbers(text), *self._days(text), *self._streets(text), *self._references(text)]
        return merged(hits)

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _whole_names(self, text: str) -> Iterator[Hit]:
        """Find forename and surname, or surname and forename, or an initial and a surname, of somebody else."""
        words = words_in(text)
        for (one, start, first_end), (other, second, end) in pairwise(words):
            if text[first_end:second].strip(" ,.-'’\n\t"):
                continue
            for surname, forename in ((other, one), (one, other)):
                bearers = self._all.pairs.get(surname)
                if not bearers:
                    continue
                mine = surname in self._subject.surnames
                if forename in bearers and not (mine and forename in self._subject.forenames):
                    yield Hit(start, end, "person", "The name of somebody near them, or in the same record")
                elif len(forename) == 1 and any(name.startswith(forename) for name in bearers):
                    own = mine and any(name.startswith(forename) for name in self._subject.forenames)
                    if not own:
                        yield Hit(start, end, "person", "Initial and surname of somebody near them")

    def _single_names(self, text: str) -> Iterator[Hit]:
        for word, start, end in words_in(text):
            if not text[start].isupper():
                continue
            if word in self._only.surnames:
                yield Hit(start, end, "person", "The surname of somebody near them, or in the same record")
            elif word in self._only.forenames:
                yield Hit(start, end, "person", "The forename of somebody near them, or in the same record")

    def _titled(self, text: str) -> Iterator[Hit]:
        for title, start, end, names in titled_in(text):
            if not set(names) <= self._subject.names or self._is_another(title):
                yield Hit(start, end, "pattern", "A name after a title")

    def _is_another(self, title: str) -> bool:
        """Say whether a title can't be the person's, so that who bears it is a namesake."""
        sexes = self._subject.sexes
        return (sexes == {"F"} and title in MALE) or (sexes == {"M"} and title in FEMALE)

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _numbers(self, text: str) -> Iterator[Hit]:
        mine = self._subject
        own = {"telephone number": mine.phones, "e-mail address": mine.emails, "postcode": mine.postcodes}
        for found in numbers_in(text):
            theirs = own.get(found.kind, mine.numbers)
            same = found.value in theirs or phone(found.value) in mine.phones or compact(found.value) in mine.numbers
            if not same:
                kind: RedactionKind = "address" if found.kind == "postcode" else "pattern"
                article = "An" if found.kind[0] in "Ne" and found.kind != "National Insurance number" else "A"
                yield Hit(found.start, found.end, kind, f"{article} {found.kind} that is not theirs")

    def _days(self, text: str) -> Iterator[Hit]:
        for day, start, end in days_in(text):
            if day in self._only.births:
                yield Hit(start, end, "person", "The date of birth of somebody near them, or in the same record")

    def _streets(self, text: str) -> Iterator[Hit]:
        for number, words, start, _, ends in streets_in(text):
            if not words or (number, words[0]) in self._subject.homes:
                continue
            kind_of_street = next((place for place, word in enumerate(words[1:], 1) if word in STREETS), None)
            if (number, words[0]) in self._only.homes:
                end = ends[kind_of_street or min(1, len(ends) - 1)]
                yield Hit(start, end, "address", "Where somebody near them lives or lived")
            elif kind_of_street is not None:
                yield Hit(start, ends[kind_of_street], "pattern", "An address that is not theirs")

    def _references(self, text: str) -> Iterator[Hit]:
        for match in _REFERENCE.finditer(text):
            if compact(match[0]) in self._only.numbers:
                yield Hit(*match.span(), "identifier", "A number of somebody else’s")


def merged(hits: list[Hit]) -> list[Hit]:
    """Join hits that overlap or touch: the first of them says why."""
    found: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (each.start, -each.end)):
        last = found[-1] if found else None
        if last is not None and hit.start <= last.end:
            found[-1] = Hit(last.start, max(last.end, hit.end), last.kind, last.because)
        else:
            found.append(hit)
    return found
