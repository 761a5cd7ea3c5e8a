"""Finds in a text what nobody should send us: numbers by which people or their money are known, addresses, dates.

It would rather refuse too much than keep something. It only says what kind it found: must never keep, log or give back
any of the text.

Sources: National Insurance Manual NIM39110 (prefixes); NHS Data Dictionary (NHS number); ISO/IEC 7812-1 (card numbers);
Ofcom, National Telephone Numbering Plan; Royal Mail, Programmers' Guide (postcode areas).
"""

from __future__ import annotations

import re
import unicodedata

NINO = "a National Insurance number"
NUMBER = "a long number, such as an NHS, bank, card, phone or reference number"
EMAIL = "an e-mail address"
DATE = "a full date, such as a date of birth"
POSTCODE = "a postcode"

LEAST_DIGITS = 6
"""A sort code has six digits; so has nothing that one needs to tell us what is wrong with a page."""
_GAP = r"[^0-9A-Z]{0,3}"
_LETTER_GAP = r"[ ._/\\-]{0,3}"
_NINO = re.compile(
    rf"(?<![A-Z0-9])[A-CEGHJ-PR-TW-Z]{_LETTER_GAP}[A-CEGHJ-NPR-TW-Z](?:{_LETTER_GAP}[0-9]){{6}}(?![0-9])"
)
_DIGITS = re.compile(r"(?<![0-9])\+?[0-9](?:[ .,_/\\()\-–—]{0,3}[0-9]){5,}")
_YEARS = re.compile(r"(?:19|20)[0-9]{2} ?[-/–—] ?(?:(?:19|20)?[0-9]{2})\Z")
_MONEY = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{2})?\Z")
_EMAIL = re.compile(
    r"[A-Z0-9._%+-]+ {0,2}(?:@|\(AT\)|\[AT\]) {0,2}[A-Z0-9-]+(?: {0,2}(?:\.|\(DOT\)|\[DOT\]| DOT ) {0,2}[A-Z]|\b)"
)
_MONTH = "JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|SEPT?(?:EMBER)?|OCT(?:OBER)?|" \
    "NOV(?:EMBER)?|DEC(?:EMBER)?"  # fmt: skip
_DAY = r"[0-3]?[0-9] ?(?:ST|ND|RD|TH)?"
_DATES = (
    re.compile(
        rf"(?<![0-9]){_DAY}(?: OF)?[ ,./-]*(?:{_MONTH})[ ,./-]*(?:(?:18|19|20)[0-9]{{2}}|'?[0-9]{{2}})(?![0-9])"
    ),
    re.compile(rf"(?:{_MONTH})[ ,./-]*{_DAY}[ ,./-]+(?:(?:18|19|20)[0-9]{{2}}|'?[0-9]{{2}})(?![0-9])"),
    re.compile(r"(?<![0-9])[0-3]?[0-9] ?[./\\–—-] ?[01]?[0-9] ?[./\\–—-] ?(?:(?:18|19|20)[0-9]{2}|[0-9]{2})(?![0-9])"),
    re.compile(r"(?<![0-9])(?:18|19|20)[0-9]{2} ?[./\\–—-] ?[01]?[0-9] ?[./\\–—-] ?[0-3]?[0-9](?![0-9])"),
)
_AREAS = [
    "AB",
    "AL",
    "B",
    "BA",
    "BB",
    "BD",
    "BH",
    "BL",
    "BN",
    "BR",
    "BS",
    "BT",
    "CA",
    "CB",
    "CF",
    "CH",
    "CM",
    "CO",
    "CR",
    "CT",
    "CV",
    "CW",
    "DA",
    "DD",
    "DE",
    "DG",
    "DH",
    "DL",
    "DN",
    "DT",
    "DY",
    "E",
    "EC",
    "EH",
    "EN",
    "EX",
    "FK",
    "FY",
    "G",
    "GIR",
    "GL",
    "GU",
    "GY",
    "HA",
    "HD",
    "HG",
    "HP",
    "HR",
    "HS",
    "HU",
    "HX",
    "IG",
    "IM",
    "IP",
    "IV",
    "JE",
    "KA",
    "KT",
    "KW",
    "KY",
    "L",
    "LA",
    "LD",
    "LE",
    "LL",
    "LN",
    "LS",
    "LU",
    "M",
    "ME",
    "MK",
    "ML",
    "N",
    "NE",
    "NG",
    "NN",
    "NP",
    "NR",
    "NW",
    "OL",
    "OX",
    "PA",
    "PE",
    "PH",
    "PL",
    "PO",
    "PR",
    "RG",
    "RH",
    "RM",
    "S",
    "SA",
    "SE",
    "SG",
    "SK",
    "SL",
    "SM",
    "SN",
    "SO",
    "SP",
    "SR",
    "SS",
    "ST",
    "SW",
    "SY",
    "TA",
    "TD",
    "TF",
    "TN",
    "TQ",
    "TR",
    "TS",
    "TW",
    "UB",
    "W",
    "WA",
    "WC",
    "WD",
    "WF",
    "WN",
    "WR",
    "WS",
    "WV",
    "YO",
    "ZE",
]
_POSTCODE = re.compile(
    rf"(?<![A-Z0-9])(?:{'|'.join(sorted(_AREAS, key=len, reverse=True))}){_LETTER_GAP}[0-9O]{_LETTER_GAP}[0-9A-Z]?"
    rf"{_LETTER_GAP}[0-9O]{_LETTER_GAP}[ABD-HJLNP-UW-Z]{_LETTER_GAP}[ABD-HJLNP-UW-Z](?![A-Z0-9])"
)


def refused_kinds(text: str) -> tuple[str, ...]:
    """Name the kinds of values that a text holds and must not, whatever their spelling."""
    plain = _plain(text)
    found = []
    if _EMAIL.search(plain):
        found.append(EMAIL)
    if _NINO.search(plain):
        found.append(NINO)
    if any(pattern.search(plain) for pattern in _DATES):
        found.append(DATE)
    if _POSTCODE.search(plain):
        found.append(POSTCODE)
    if any(_is_number(match.group()) for match in _DIGITS.finditer(plain)):
        found.append(NUMBER)
    return tuple(found)


def _is_number(written: str) -> bool:
    """Whether digits are a number of somebody's: not two years, and not an amount written with commas."""
    return not (_YEARS.match(written) or _MONEY.match(written))


def _plain(text: str) -> str:
    """Write a text plainly: full-width letters and digits as ours, any digit as 0 to 9, nothing that can't be seen."""
    folded = unicodedata.normalize("NFKC", text)
    seen = (c for c in folded if unicodedata.category(c) not in ("Cf", "Mn", "Cc") or c in "\n\t")
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in seen)
    dashes = ("-" if unicodedata.category(c) == "Pd" else " " if c.isspace() else c for c in digits)
    return re.sub(r" {4,}", "   ", "".join(dashes)).upper()
