"""Why: the slips that people and systems make when they write names, dates, numbers and addresses down.

Every slip is a pure function of the right value and of random bits, so that the same record shows the same
slip every month. Must never be used to make a value that a reader should refuse: planted faults are in
`faults`.
"""

from __future__ import annotations

import numpy as np

from almoner.demo.chance import Days, Ints, Text
from almoner.demo.names import NICKNAMES_OF, SPELLINGS_OF

PLACEHOLDER_DATES = tuple(np.datetime64(day) for day in ("1900-01-01", "1901-01-01", "1970-01-01"))
_NEAR = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "p": "o",
    "q": "w",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "qe",
    "x": "zc",
    "y": "tu",
    "z": "x",
}
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("ie", "y"),
    ("ee", "ea"),
    ("tt", "t"),
    ("ll", "l"),
    ("nn", "n"),
    ("ai", "ay"),
    ("mac", "mc"),
    ("kn", "n"),
    ("ough", "uff"),
    ("ew", "ue"),
)


def mistype(word: str, bits: int) -> str:
    """Swap, drop, double or replace one letter, or spell a sound another way."""
    if len(word) < 3:
        return word
    at = 1 + (bits >> 8) % (len(word) - 2)
    kind = bits % 5
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    if kind == 3:
        near = _NEAR.get(word[at].lower(), word[at])
        new = near[(bits >> 20) % len(near)]
        return word[:at] + (new.upper() if word[at].isupper() else new) + word[at + 1 :]
    return _mishear(word, bits)


def _mishear(word: str, bits: int) -> str:
    lower = word.lower()
    fitting = [pair for pair in _SOUNDS if pair[0] in lower]
    if not fitting:
        return word[:-1]
    old, new = fitting[(bits >> 20) % len(fitting)]
    changed = lower.replace(old, new, 1)
    return changed[:1].upper() + changed[1:] if word[:1].isupper() else changed


def spell_otherwise(name: str, bits: int) -> str:
    """Spell a name as another clerk would, or another language: Muhammad, Mohammed."""
    others = SPELLINGS_OF.get(name)
    return others[bits % len(others)] if others else name


def shorten(name: str, bits: int) -> str:
    """Give a short form of a forename, if it has one."""
    short = NICKNAMES_OF.get(name)
    return short[bits % len(short)] if short else name


def recombine(surname: str, bits: int) -> str:
    """Write a surname of two parts, or with an apostrophe, another way."""
    if "-" in surname:
        first, second = surname.split("-", 1)
        return (f"{first} {second}", second, first, f"{first}{second.lower()}")[bits % 4]
    if "'" in surname:
        return surname.replace("'", ("", " ", "’")[bits % 3])
    return surname


def change(values: Text, bits: np.ndarray, rows: np.ndarray, slip: object) -> Text:
    """Give a copy in which a slip has been made in the flagged rows; blanks stay blank."""
    out = values.copy()
    for row in np.flatnonzero(rows).tolist():
        if out[row]:
            out[row] = slip(out[row], int(bits[row]))  # type: ignore[operator]
    return out


def swap_day_and_month(days: Days) -> Days:
    """Exchange day and month where both dates exist, else leave the day."""
    month = days.astype("datetime64[M]")
    year = days.astype("datetime64[Y]")
    day_number = (days - month).astype(np.int64) + 1
    month_number = (month - year).astype(np.int64) + 1
    can = (day_number <= 12) & ~np.isnat(days)
    swapped = (year.astype("datetime64[M]") + np.where(can, day_number - 1, 0)).astype("datetime64[D]") + (
        month_number - 1
    )
    return np.where(can, swapped, days)


def misdate(days: Days, kind: Ints) -> Days:
    """Make one of four slips: day and month swapped, a day off, a year off, the first of the month."""
    out = np.where(kind == 0, swap_day_and_month(days), days)
    out = np.where(kind == 1, days + np.timedelta64(1, "D"), out)
    out = np.where(kind == 2, days - np.timedelta64(365, "D"), out)
    return np.where(kind == 3, days.astype("datetime64[M]").astype("datetime64[D]"), out)


def misnumber(number: str, bits: int) -> str:
    """Exchange two neighbouring digits that differ, so that a check digit shows it."""
    digits = [i for i in range(len(number) - 1) if number[i : i + 2].isdigit() and number[i] != number[i + 1]]
    if not digits:
        return number
    at = digits[bits % len(digits)]
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def respace_postcode(postcode: str, bits: int) -> str:
    """Write a postcode without its space, in small letters, with two spaces or with letters for digits."""
    kind = bits % 4
    if kind == 0:
        return postcode.replace(" ", "")
    if kind == 1:
        return postcode.lower()
    if kind == 2:
        return postcode.replace(" ", "  ")
    return postcode.replace("0", "O") if "0" in postcode else postcode + " "


def respace_phone(phone: str, bits: int) -> str:
    """Write a telephone number in another way."""
    kind = bits % 4
    if kind == 0:
        return f"{phone[:5]} {phone[5:]}"
    if kind == 1:
        return "+44" + phone[1:]
    if kind == 2:
        return f"({phone[:4]}) {phone[4:7]}-{phone[7:]}"
    return phone
