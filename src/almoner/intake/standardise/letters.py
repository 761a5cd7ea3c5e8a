"""Folds every Latin letter to A to Z, and repairs UTF-8 that was read as Windows text on its way here.

It must never guess at a letter that is gone: '?' and the replacement character are dropped, not filled in.
"""

from __future__ import annotations

import unicodedata

from almoner.intake.standardise.expressions import cases, is_plain, matches, replaced

UNDECOMPOSED = {
    "Ł": "L", "Ø": "O", "Æ": "AE", "Œ": "OE", "Đ": "D", "Ð": "D", "Þ": "TH", "Ħ": "H", "Ŧ": "T", "Ŋ": "N",
    "Ə": "E", "ẞ": "SS", "ß": "SS", "ı": "I", "ĸ": "K", "Ɖ": "D", "Ɛ": "E", "Ɔ": "O", "Ɓ": "B", "Ɗ": "D", "Ƙ": "K",
}  # fmt: skip
"""Capitals that Unicode does not decompose into a letter and a mark, so that strip_accents leaves them. The last
six are of Ewe, Twi and Hausa names. Small letters stand here where their capital differs between engines."""

_MISREAD_LEADS = range(0xC3, 0xC6)
"""First bytes of UTF-8 for À to ſ: Latin-1 letters and Latin Extended-A."""


def _misread_pairs() -> dict[str, list[str]]:
    """Give, by folded letter, the two characters that each accented letter turns into when read as cp1252."""
    pairs: dict[str, list[str]] = {}
    for lead in _MISREAD_LEADS:
        for trail in range(0x80, 0xC0):
            letter = bytes([lead, trail]).decode("utf-8")
            folded = fold_letter(letter)
            if folded:
                pairs.setdefault(folded, []).extend(_as_windows_text(lead, trail))
    return pairs


def _as_windows_text(lead: int, trail: int) -> list[str]:
    """Give both ways in which programs show a byte that cp1252 leaves undefined, else the one."""
    both = (bytes([lead, trail]).decode(encoding, "ignore") for encoding in ("cp1252", "latin-1"))
    return [text for text in dict.fromkeys(both) if len(text) == 2]


def fold_letter(letter: str) -> str:
    """Give A to Z for a letter, or nothing when it is no Latin letter."""
    capital = letter.upper()
    if folded := UNDECOMPOSED.get(letter) or UNDECOMPOSED.get(capital):
        return folded
    plain = unicodedata.normalize("NFKD", capital)[0]
    return plain if plain.isascii() and plain.isalpha() else ""


MISREAD_PAIRS = _misread_pairs()
"""'O' → ['Ã³', 'Ã²', …]. No name has Ã, Ä or Å followed by such a sign, so the repair is unambiguous."""


LETTERS = "A-Za-zÀ-ÂÆ-ÖØ-öø-þĀ-ſ"
"""A class of Latin letters that never begin a misread pair, so that they can be folded straight away."""


def repaired(expr: str) -> str:
    """Undo UTF-8 read as cp1252: 'InÃªs' becomes 'InEs', fit for folding only."""
    mended = replaced(expr, "â€[™˜]", "'")
    for folded, pairs in sorted(MISREAD_PAIRS.items()):
        mended = replaced(mended, "|".join(pairs), folded)
    return mended


def folded_capitals(expr: str) -> str:
    """Fold to capitals: A to Z for every Latin letter, other characters as they are."""
    misread = matches(expr, "[ÃÄÅ][^A-Za-z]|â€")
    return cases([(is_plain(expr), f"upper({expr})"), (misread, folded(repaired(expr)))], folded(expr))


def folded(expr: str) -> str:
    """Fold Latin letters to A to Z."""
    one_for_one = {letter: by for letter, by in UNDECOMPOSED.items() if len(by) == 1}
    # Byte FF pads damaged files; in Windows text it reads as ÿ, which next to no name here has.
    expr = f"replace({expr}, 'ÿ', '')"
    plain = f"translate(strip_accents(upper({expr})), '{''.join(one_for_one)}', '{''.join(one_for_one.values())}')"
    for letter, by in UNDECOMPOSED.items():
        if letter not in one_for_one:
            plain = f"replace({plain}, '{letter}', '{by}')"
    return plain
