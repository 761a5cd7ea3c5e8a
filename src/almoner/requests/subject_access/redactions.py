"""What is left out by default: everything about somebody else, wherever it stands. A reviewer lifts, or adds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from almoner.requests.subject_access.finding import Finder, Hit
from almoner.requests.subject_access.held import Gathered, HeldField, Place, Redaction, RedactionKind
from almoner.requests.subject_access.patterns import folded
from almoner.requests.subject_access.people import Others, Subject

WHOLE = {
    "other": ("person", "It is about somebody else in the same record"),
    "staff": ("staff", "A member of staff: the role is given; the name only after review"),
    "whereabouts": (
        "whereabouts",
        "Where they live or are reached must not be revealed; check that it reaches nobody else",
    ),
}
"""Kinds of fields that are left out as a whole, by the kind of redaction, and why."""


def find_redactions(gathered: Gathered, subject: Subject, others: Others, *, protected: bool) -> list[Redaction]:
    """Find what is left out by default, one redaction for each thing, numbered as they come.

    In: protected: where the person lives must not be revealed, so that this is left out everywhere too.
    """
    finder = Finder(*(_hiding(subject, others) if protected else (subject, others)))
    known: dict[tuple[str, bool], list[Hit]] = {}
    found: dict[tuple[RedactionKind, str], tuple[str, str, list[Place]]] = {}
    for at, _, field in gathered.texts():
        for hit in _hits(finder, field, known, protected=protected):
            words = field.text[hit.start : hit.end]
            kept = found.setdefault((hit.kind, folded(words)), (words, hit.because, []))
            kept[2].append(Place(at, hit.start, hit.end))
    return [
        Redaction(str(number), kind, words, because, tuple(places))
        for number, ((kind, _), (words, because, places)) in enumerate(found.items(), start=1)
    ]


def _hits(
    finder: Finder, field: HeldField, known: dict[tuple[str, bool], list[Hit]], *, protected: bool
) -> Iterable[Hit]:
    if field.kind in WHOLE and (field.kind != "whereabouts" or protected):
        kind, because = WHOLE[field.kind]
        return [Hit(0, len(field.text), kind, because)]  # type: ignore[arg-type]
    if field.kind not in ("text", "professional"):
        return ()
    key = (field.text, field.kind == "professional")
    if key not in known:
        known[key] = finder.find(field.text, professional=key[1])
    return known[key]


def _hiding(subject: Subject, others: Others) -> tuple[Subject, Others]:
    """Take where the person lives for something that is not theirs to be told: it is found like another's address."""
    hidden = replace(subject, homes=set(), postcodes=set(), phones=set(), emails=set())
    found = replace(others, homes=others.homes | subject.homes, postcodes=others.postcodes | subject.postcodes)
    return hidden, found


def occurrences(gathered: Gathered, words: str) -> Iterator[Place]:
    """Find words wherever they stand, in capitals or not."""
    for at, _, field in gathered.texts():
        for match in re.finditer(re.escape(words), field.text, re.IGNORECASE):
            yield Place(at, *match.span())


def context(text: str, place: Place, around: int = 60) -> tuple[str, str, str]:
    """Give what stands before, in and after a place of a text."""
    before, after = text[max(0, place.start - around) : place.start], text[place.end : place.end + around]
    return (
        ("…" if place.start > around else "") + before,
        text[place.start : place.end],
        after + ("…" if place.end + around < len(text) else ""),
    )
