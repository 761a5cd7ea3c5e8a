"""The national identifiers, written out plainly: this is the reference that the SQL of
`intake.standardise.identifiers_sql` and `intake.standardise.postcodes` is judged against.

Each function takes what a source recorded and gives the canonical form, or None when form or check digit is wrong.
It must never repair a number so that another person's comes out: only spacing, letter case and lost zeros are
forgiven, and in postcodes the letter O for the digit 0 (I and L for 1) where only a digit can stand.
"""

from __future__ import annotations

import re
import string

SPACING = " -\t\r\n\u00a0"
"""What may stand between the digits of a number, the no-break space of web pages included."""

# Only A to Z are changed to capitals: other scripts have small letters whose capital is a plain one (ı, ſ).
# For the same reason every pattern says [0-9], never \d, which in Python takes the digits of any script.
_COMPACT = str.maketrans(string.ascii_lowercase, string.ascii_uppercase, SPACING)
_TEN_DIGITS = re.compile(r"[0-9]{10}")

NINO_PATTERN = (
    "(?:[ACEHJLMOPRSWXY][ABCEGHJ-NPRSTW-Z]|B[ABCEHJ-NPRSTW-Z]|G[ACEGHJ-NPRSTW-Z]|K[ABCEGHJ-MPRSTW-Z]"
    "|N[ABCEGHJLMNPRSW-Z]|T[ABCEGHJ-MPRSTW-Z]|Z[ABCEGHJ-NPRSTW-Y])[0-9]{6}[A-D]?"
)
"""No D, F, I, Q, U, V; no O as second letter; never BG, GB, KN, NK, NT, TN, ZZ; suffix A to D, or left off.
Source: HMRC National Insurance Manual NIM39110."""

NINO_DUMMIES = ("AA000000", "AB123456")
"""Printed as examples in guidance and on forms, so typed into fields that demand a number."""

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""Check letters by remainder modulo 23. Source: Department for Education, Unique pupil numbers guide, annex A."""

POSTCODE_OUTWARD_PATTERN = "[A-PR-UWYZ](?:[0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9]{1,2}|[A-HK-Y][0-9][ABEHMNPRV-Y])"
POSTCODE_INWARD_PATTERN = "[0-9][ABD-HJLNP-UW-Z]{2}"
"""Source: BS 7666-2; Cabinet Office, Government Data Standards Catalogue, postcode. GIR 0AA is not a place. No area
begins with ZZ, so the NHS's pseudo postcodes (ZZ99 3VZ: no fixed abode) do not fit and count as missing."""

POSTCODE_DUMMIES = ("A1 1AA", "AA1 1AA", "AA11 1AA")
"""Well formed, never allocated: typed into fields that demand a postcode."""


def nhs_number(text: str | None) -> str | None:
    """Give the ten digits of an NHS number.

    Numbers of one repeated digit pass the check but are never issued. Source: NHS Data Dictionary, NHS NUMBER.
    """
    digits = (text or "").translate(_COMPACT)
    if not _TEN_DIGITS.fullmatch(digits) or digits == digits[0] * 10:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True))
    return digits if total % 11 == 0 else None


def nino(text: str | None) -> str | None:
    """Give a National Insurance number: eight characters, or nine with its suffix."""
    compact = (text or "").translate(_COMPACT)
    if not re.fullmatch(NINO_PATTERN, compact) or compact.startswith(NINO_DUMMIES):
        return None
    return compact


def upn(text: str | None) -> str | None:
    """Give a unique pupil number; a temporary one ends in a letter.

    Source: Department for Education, Unique pupil numbers guide, annex A: weights 2 to 13, modulus 23.
    """
    compact = (text or "").translate(_COMPACT)
    if not re.fullmatch(f"[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]", compact):
        return None
    last = compact[12]
    values = [int(digit) for digit in compact[1:12]]
    values.append(int(last) if last.isdigit() else UPN_LETTERS.index(last))
    total = sum(value * weight for value, weight in zip(values, range(2, 14), strict=True))
    return compact if UPN_LETTERS[total % 23] == compact[0] else None


def uln(text: str | None) -> str | None:
    """Give a unique learner number: ten digits, the last of which is 10 less the weighted sum's remainder.

    Source: Education and Skills Funding Agency, Learning Records Service, ULN check digit.
    """
    digits = (text or "").translate(_COMPACT)
    if not _TEN_DIGITS.fullmatch(digits) or digits[0] == "0":
        return None
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return digits if 10 - total % 11 == int(digits[9]) else None


def uprn(text: str | None) -> str | None:
    """Give a unique property reference number without leading zeros.

    A spreadsheet's '.0' is dropped. Source: GeoPlace, UPRN: an integer of at most 12 digits, no check digit.
    """
    found = re.fullmatch(r"0*([1-9][0-9]{0,11})(\.0)?", (text or "").translate(_COMPACT))
    return found.group(1) if found else None


def postcode(text: str | None) -> str | None:
    """Give a postcode in upper case with one space; O, I and L are read as digits where only a digit can stand."""
    compact = re.sub(r"[^A-Za-z0-9]", "", text or "").upper()
    outward, inward = compact[:-3], compact[-3:]
    inward = inward[:1].translate(_DIGIT_FOR_LETTER) + inward[1:]
    if outward[:1] == "0":
        outward = "O" + outward[1:]
    if re.fullmatch(r"[A-Z]{1,2}[0-9][OI]", outward):
        outward = outward[:-1] + outward[-1].translate(_DIGIT_FOR_LETTER)
    if not re.fullmatch(POSTCODE_OUTWARD_PATTERN, outward) or not re.fullmatch(POSTCODE_INWARD_PATTERN, inward):
        return None
    whole = f"{outward} {inward}"
    return None if whole in POSTCODE_DUMMIES else whole


_DIGIT_FOR_LETTER = str.maketrans("OIL", "011")
