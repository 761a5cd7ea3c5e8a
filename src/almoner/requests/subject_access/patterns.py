"""What a person's number, telephone, e-mail address or name after a title looks like in a text that anybody wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from almoner.kernel.identifiers import POSTCODE_INWARD_PATTERN, POSTCODE_OUTWARD_PATTERN, nhs_number, nino, upn

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NINO = re.compile(r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]?\b", re.IGNORECASE)
_TEN_DIGITS = re.compile(r"(?<![\d+])\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
_UPN = re.compile(r"\b[A-Z]\d{11}[A-Z0-9]\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w+])(?:\+44[ -]?(?:\(0\)[ -]?)?|0)(?:\d[ -]?){8,9}\d(?!\d)")
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_POSTCODE = re.compile(rf"\b{POSTCODE_OUTWARD_PATTERN} ?{POSTCODE_INWARD_PATTERN}\b", re.IGNORECASE)
_DAY = re.compile(r"\b(?:(\d{1,2})[/. -](\d{1,2})[/. -](\d{4}|\d{2})|(\d{4})-(\d{2})-(\d{2}))\b")
_DAY_IN_WORDS = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (\d{4})\b", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MALE, FEMALE, EITHER = ("mr", "master", "sir"), ("mrs", "miss", "ms", "lady"), ("mx", "dr", "prof", "rev", "cllr")
"""Titles that go before a name, by whom they can mean."""
ALWAYS_TITLES = ("mr", "mrs", "ms")
"""Titles that are no other word, so that a name follows even in small letters."""
_TITLED = re.compile(
    rf"\b({'|'.join((*MALE, *FEMALE, *EITHER))})\.?\s+((?:[A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*\.?\s*){{1,3}})",
    re.IGNORECASE,
)
_STREET = re.compile(r"\b(\d{1,4}[a-z]?)[ ,]+([^\W\d_]+(?:['’ -][^\W\d_]+){0,3})", re.IGNORECASE)

STREETS = frozenset({
    "road", "rd", "street", "st", "lane", "ln", "avenue", "ave", "close", "cl", "drive", "dr", "court", "ct", "place",
    "crescent", "grove", "terrace", "gardens", "walk", "row", "bank", "square", "mews", "hill", "park", "green",
})  # fmt: skip
"""What a street may be called, after its own name."""


@dataclass(frozen=True)
class Found:
    """Something found in a text: what kind, where, and its value in one spelling."""

    kind: str
    start: int
    end: int
    value: str


def folded(text: str) -> str:
    """Give a word as it is compared: no accents, no apostrophes, lower case."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(each for each in plain if each.isalnum()).casefold()


def words_in(text: str) -> list[tuple[str, int, int]]:
    """List the words of a text in one spelling, with their places. Parts of a double name are words of their own."""
    return [(folded(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]


def compact(text: str) -> str:
    """Give a number in one spelling."""
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def phone(text: str) -> str:
    """Give a telephone number in one spelling, by its last ten digits."""
    return re.sub(r"\D", "", text)[-10:]


def numbers_in(text: str) -> Iterator[Found]:
    """Find numbers, telephones, e-mail addresses and postcodes, each only if its form is right."""
    for match in _EMAIL.finditer(text):
        yield Found("e-mail address", *match.span(), match[0].rstrip(".").lower())
    for pattern, kind, check in (
        (_NINO, "National Insurance number", nino),
        (_TEN_DIGITS, "NHS number", nhs_number),
        (_UPN, "Unique Pupil Number", upn),
    ):
        for match in pattern.finditer(text):
            if check(match[0]):
                yield Found(kind, *match.span(), compact(match[0]))
    for match in _PHONE.finditer(text):
        yield Found("telephone number", *match.span(), phone(match[0]))
    for match in _POSTCODE.finditer(text):
        yield Found("postcode", *match.span(), compact(match[0]))


def days_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Find dates, as yyyy-mm-dd; of a year in two digits both centuries."""
    for match in _DAY.finditer(text):
        day, month, year = (match[6], match[5], match[4]) if match[4] else (match[1], match[2], match[3])
        for whole in [year] if len(year) == 4 else ["19" + year, "20" + year]:
            yield f"{whole}-{int(month):02d}-{int(day):02d}", *match.span()
    for match in _DAY_IN_WORDS.finditer(text):
        month = _MONTHS.index(match[2].lower()) + 1
        yield f"{match[3]}-{month:02d}-{int(match[1]):02d}", *match.span()


def titled_in(text: str) -> Iterator[tuple[str, int, int, list[str]]]:
    """Find names that follow a title: the title, where title and name stand, and the words of the name."""
    for match in _TITLED.finditer(text):
        names: list[tuple[str, int, int]] = []
        for word, start, end in words_in(match[2]):
            small = not match[2][start].isupper()
            if small and (names or match[1].lower() not in ALWAYS_TITLES):
                break
            names.append((word, start, end))
            if small:
                break
        if names:
            yield match[1].lower(), match.start(), match.start(2) + names[-1][2], [word for word, *_ in names]


def streets_in(text: str) -> Iterator[tuple[str, list[str], int, int, list[int]]]:
    """Find what may be a house in a street: its number, the words after it, where it stands, where each word ends."""
    for match in _STREET.finditer(text):
        words = words_in(match[2])
        ends = [match.start(2) + end for *_, end in words]
        yield match[1].lower(), [word for word, *_ in words], match.start(), match.end(), ends
