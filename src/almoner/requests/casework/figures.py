"""Tells whether an answer states figures, and whether a text seems to name somebody. Says what, never whom.

A figure about people may leave through a release or a checked answer only; typed into a letter it could undo what was
protected elsewhere. This finds numbers, not meaning: dates, years, sections of laws, money and references are
left aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from almoner.kernel import identifiers
from almoner.requests.casework.cases import Requester

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_ASIDE = re.compile(
    rf"""
    \b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS})(?:\s+\d{{4}})?   # 3 March 2026
    | \b(?:{_MONTHS})\s+\d{{4}}
    | \b\d{{4}}-\d{{2}}-\d{{2}}\b | \b(?:19|20)\d{{2}}(?:[-–/]\d{{2,4}})?\b          # dates, years, 2025-26
    | £\s?[\d,]+(?:\.\d+)?(?:\s?(?:million|billion|m|bn|k))?\b                       # money
    | \b(?:s|ss|section|sections|reg|regulation|regulations|Art|Article|para|paragraph|Schedule|Sch|Part|Act|question|
        page|annex|appendix|form|version)\.?\s*\d+[A-Z]*(?:\(\w+\))*                       # what laws and papers count
    | \b[A-Z]{{3}}-[0-9A-Z]+\b | \bR[0-9A-Z]{{11}}\b                                  # references of cases and releases
    | \bhttps?://\S+ | \S+@\S+
    | ^\s*\d{{1,2}}[.)]\s                                                             # numbers of a list
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty|fifty|hundred|thousand"
_FIGURE = re.compile(rf"\d|\b(?:{_WORDS})\b", re.IGNORECASE)
_NAMING = {
    "an e-mail address": re.compile(r"\S+@\S+\.\S+"),
    "a telephone number": re.compile(r"(?:\+44|\b0)(?:[ \-]?\d){9,10}\b"),
    "a National Insurance number": re.compile(r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE),
}
_LEAST_NAME = 3
"""Shorter parts of a name are words of everyday."""


def states_figures(text: str) -> bool:
    """Say whether a text states a figure."""
    return _FIGURE.search(_ASIDE.sub(" ", text)) is not None


def naming(text: str, requester: Requester) -> list[str]:
    """Say by what a text seems to name somebody; nothing if it seems to name nobody."""
    return list(dict.fromkeys(_found(text, requester)))


def _found(text: str, requester: Requester) -> Iterator[str]:
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text)}
    named = {word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", requester.name)}
    if {word for word in named if len(word) >= _LEAST_NAME} & words:
        yield "the requester’s name"
    if any(len(line) > _LEAST_NAME and line.casefold() in text.casefold() for line in requester.address):
        yield "the requester’s address"
    yield from (what for what, pattern in _NAMING.items() if pattern.search(text))
    tokens = re.findall(r"\b[A-Z0-9]{2,4} [0-9][A-Z]{2}\b|\b\d{3} ?\d{3} ?\d{4}\b", text, re.IGNORECASE)
    if any(identifiers.postcode(token) for token in tokens):
        yield "a postcode"
    if any(identifiers.nhs_number(token) for token in tokens):
        yield "an NHS number"
