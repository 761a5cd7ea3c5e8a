"""Why: makes numbers that are valid in form, check digit included, and that nobody holds: NHS numbers from
the 999 test range, pupil and establishment numbers of an authority that doesn't exist.

Must never produce a number twice for two people.
"""

from __future__ import annotations

import numpy as np

from almoner.demo.chance import Ints, Text, choices
from almoner.kernel.errors import UsageError

_NHS_WEIGHTS = np.arange(10, 1, -1)
_UPN_WEIGHTS = np.arange(2, 14)
_UPN_LETTERS = np.array(list("ABCDEFGHJKLMNPQRTUVWXYZ"))
_NINO_FIRST = "ABCEGHJKLMNOPRSTWXYZ"
_NINO_SECOND = "ABCEGHJKLMNPRSTWXYZ"
_NINO_BARRED = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
AUTHORITY = 397
"""The invented authority's number in pupil and establishment numbers."""
_UPRN_BASE = 992_000_000_000
_UPRN_STEP = 387_420_489  # odd and no multiple of 5: walks through all nine-digit numbers without a repeat


def _digits(numbers: Ints, width: int) -> Ints:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return np.asarray((numbers[:, None] // powers) % 10)


def nhs_numbers(rng: np.random.Generator, count: int) -> Text:
    """Make distinct NHS numbers of the test range (modulus 11).

    Raises: UsageError when the range, which holds about 900,000, is used up.
    """
    drawn = rng.permutation(1_000_000)[: int(count * 1.15) + 100]  # ten in eleven have a check digit
    stems = 999_000_000 + drawn
    check = 11 - (_digits(stems, 9) * _NHS_WEIGHTS).sum(axis=1) % 11
    check[check == 11] = 0
    valid = check < 10
    if int(valid.sum()) < count:
        raise UsageError("There are not enough test NHS numbers.", todo="Ask for at most 500,000 people.")
    return as_text(stems[valid][:count] * 10 + check[valid][:count])


def ninos(rng: np.random.Generator, count: int) -> Text:
    """Make distinct National Insurance numbers with permitted prefixes and suffixes A to D."""
    prefixes = [a + b for a in _NINO_FIRST for b in _NINO_SECOND if a + b not in _NINO_BARRED]
    number = rng.permutation(1_000_000)[np.arange(count) % 1_000_000]
    prefix = np.array(prefixes)[rng.integers(0, len(prefixes), count)]
    suffix = np.array(list("ABCD"))[rng.integers(0, 4, count)]
    return choices([f"{p}{n:06d}{s}" for p, n, s in zip(prefix, number, suffix, strict=True)])


def upns(establishment: Ints, year: Ints, serial: Ints) -> Text:
    """Make pupil numbers: check letter, authority, establishment, two-digit year, serial (modulus 23)."""
    body = ((AUTHORITY * 10_000 + establishment) * 100 + year % 100) * 1_000 + serial
    letter = _UPN_LETTERS[(_digits(body, 12) * _UPN_WEIGHTS).sum(axis=1) % 23]
    return choices([f"{c}{n:012d}" for c, n in zip(letter, body, strict=True)])


def ulns(rng: np.random.Generator, count: int) -> Text:
    """Make distinct unique learner numbers (modulus 11, remainder 0 not issued)."""
    stems = 100_000_000 + (int(rng.integers(0, 10**8)) + np.arange(2 * count + 20) * 63_018_037) % 900_000_000
    remainder = (_digits(stems, 9) * np.arange(10, 1, -1)).sum(axis=1) % 11
    good = remainder > 0
    return as_text((stems * 10 + 10 - remainder)[good][:count])


def uprns(first: int, count: int) -> Text:
    """Make distinct 12-digit property numbers, starting from the first-th."""
    return as_text(_UPRN_BASE + ((first + 1 + np.arange(count, dtype=np.int64)) * _UPRN_STEP) % 1_000_000_000)


def as_text(numbers: Ints) -> Text:
    """Turn whole numbers into strings."""
    return choices(numbers.astype(str).tolist())
