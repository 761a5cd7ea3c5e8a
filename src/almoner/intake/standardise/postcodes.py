"""Postcodes in one form: the fast twin of `kernel.identifiers.postcode`, which says why each rule is as it is.

It must give what the plain Python gives for every text; a generative test compares them.
"""

from __future__ import annotations

from almoner.intake.standardise.expressions import blank_to_null, cases, full_match, replaced
from almoner.kernel.identifiers import POSTCODE_DUMMIES, POSTCODE_INWARD_PATTERN, POSTCODE_OUTWARD_PATTERN

_FORM = f"{POSTCODE_OUTWARD_PATTERN} {POSTCODE_INWARD_PATTERN}"


def postcode(expr: str) -> str:
    """Give a postcode in capitals with one space, O, I and L read as digits where only a digit can stand; else NULL."""
    dummy = " OR ".join(f"{expr} = '{dummy}'" for dummy in POSTCODE_DUMMIES)
    return cases([(full_match(expr, _FORM), f"CASE WHEN NOT ({dummy}) THEN {expr} END")], blank_to_null(_mended(expr)))


def _mended(expr: str) -> str:
    """Write any text in the form of a postcode; an empty text when it is none."""
    compact = f"upper({replaced(expr, '[^A-Za-z0-9]+')})"
    parted = replaced(compact, "^(.*)(...)$", r"\1 \2", everywhere=False)
    for letter, digit in (("O", "0"), ("I", "1"), ("L", "1")):
        parted = f"replace({parted}, ' {letter}', ' {digit}')"
    parted = replaced(parted, "^0", "O", everywhere=False)
    for letter, digit in (("O", "0"), ("I", "1")):
        parted = replaced(parted, f"^([A-Z]{{1,2}}[0-9]){letter} ", rf"\1{digit} ", everywhere=False)
    whole = replaced(parted, f"^(?:{'|'.join(POSTCODE_DUMMIES)})$", everywhere=False)
    return f"regexp_extract({whole}, '^(?:{_FORM})$')"
