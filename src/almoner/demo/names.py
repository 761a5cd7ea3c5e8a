"""Why: draws names as a mixed borough bears them: few common ones, many rare ones, by tradition, sex and
generation.

Must never decide who somebody is: it only names people whom `households` has made.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from almoner.demo.chance import Flags, Ints, Text, choices
from almoner.demo.name_lists import CULTURES
from almoner.demo.name_variants import NICKNAMES, SPELLINGS

OLDER_BORN_BEFORE = 1982
_TAIL_SHARE = 0.45
_FLATTENING = 4.0
"""The use of the name at rank r is proportional to 1 / (r + this): skewed, without one name for everybody."""

NICKNAMES_OF: dict[str, list[str]] = {name: short.split() for name, short in NICKNAMES.items()}
SPELLINGS_OF: dict[str, list[str]] = {
    name: [other for other in line.split() if other != name] for line in SPELLINGS for name in line.split()
}


def draw_cultures(rng: np.random.Generator, count: int) -> Ints:
    """Draw naming traditions by their share in the borough."""
    shares = np.array([culture.share for culture in CULTURES])
    return rng.choice(len(CULTURES), size=count, p=shares / shares.sum())


def draw_forenames(rng: np.random.Generator, culture: Ints, female: Flags, born_year: Ints) -> Text:
    """Draw a forename for each person."""
    older = born_year < OLDER_BORN_BEFORE
    out = np.empty(len(culture), dtype=object)
    for number, tradition in enumerate(CULTURES):
        for sex in (False, True):
            for age in (False, True):
                chosen = np.flatnonzero((culture == number) & (female == sex) & (older == age))
                names = tradition.female if sex else tradition.male
                if age:
                    names = (tradition.older_female if sex else tradition.older_male) or names
                out[chosen] = _draw(rng, names, len(chosen))
    return out


def draw_surnames(rng: np.random.Generator, culture: Ints) -> Text:
    """Draw a family surname for each row, in its masculine form."""
    out = np.empty(len(culture), dtype=object)
    for number, tradition in enumerate(CULTURES):
        chosen = np.flatnonzero(culture == number)
        out[chosen] = _draw(rng, tradition.surnames, len(chosen))
        if tradition.stems:
            rare = chosen[rng.random(len(chosen)) < _TAIL_SHARE]
            stems, ends = (_draw_evenly(rng, part, len(rare)) for part in (tradition.stems, tradition.ends))
            out[rare] = stems + ends
    return out


def draw_women_surnames(rng: np.random.Generator, culture: Ints, surname: Text, share: float) -> Text:
    """Replace, for a share of the women of some traditions, the family surname by one that women bear."""
    out = surname.copy()
    for number, tradition in enumerate(CULTURES):
        if tradition.female_surnames:
            chosen = np.flatnonzero(culture == number)
            chosen = chosen[rng.random(len(chosen)) < share]
            out[chosen] = _draw(rng, tradition.female_surnames, len(chosen))
    return out


def feminine(surname: Text, female: Flags) -> Text:
    """Give Polish surnames in -ski and -cki their feminine form where a woman bears them."""
    return choices(
        [
            name[:-1] + "a" if is_female and name.endswith(("ski", "cki")) else name
            for name, is_female in zip(surname, female, strict=True)
        ]
    )


def fold(text: str) -> str:
    """Write letters without their marks, as a system does that knows only English ones."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_NO_PARTS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def traits(name: str) -> Text:
    """Give one property of every tradition, indexable by tradition number."""
    return choices([getattr(culture, name) for culture in CULTURES])


def number_of(name: str) -> int:
    """Give the number of a tradition."""
    return next(i for i, culture in enumerate(CULTURES) if culture.name == name)


_NO_PARTS = str.maketrans("łŁđĐøØß", "lLdDoOs")


@cache
def _weights(count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    use = 1.0 / (np.arange(count) + _FLATTENING)
    return np.asarray(np.cumsum(use / use.sum()))


def _draw(rng: np.random.Generator, names: str, count: int) -> Text:
    listed = choices(names.split())
    index = np.searchsorted(_weights(len(listed)), rng.random(count), side="right")
    return listed[np.minimum(index, len(listed) - 1)]


def _draw_evenly(rng: np.random.Generator, names: str, count: int) -> Text:
    listed = choices(names.split())
    return listed[rng.integers(0, len(listed), count)]
