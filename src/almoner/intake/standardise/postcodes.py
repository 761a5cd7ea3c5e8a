"""Postcodes in one form."""

from __future__ import annotations

from almoner.intake.standardise.expressions import bind, cases, full_match, literal, one_of, replaced
from almoner.kernel.identifiers import POSTCODE_DUMMIES, POSTCODE_INWARD_PATTERN, POSTCODE_OUTWARD_PATTERN, PSEUDO_OUTWARD


def postcode(expr: str) -> str:
    """Give a postcode in capitals with one space, O, I and L read as digits where only a digit can stand; else NULL."""
    quick = full_match(expr, f"{POSTCODE_OUTWARD_PATTERN} {POSTCODE_INWARD_PATTERN}")
    spoilt = f"{expr} LIKE {literal(PSEUDO_OUTWARD + '%')} OR {one_of(expr, POSTCODE_DUMMIES)}"
    compact = replaced(f"upper({expr})", "[^A-Z0-9]+", "")
    return cases([(f"{quick} AND NOT ({spoilt})", expr)], bind(compact, "c", _mended))


def _mended(c: str) -> str:
    inward = f"(translate(substr({c}, length({c}) - 2, 1), 'OIL', '011') || right({c}, 2))"
    outward = f"left({c}, length({c}) - 3)"
    whole = f"({outward} || ' ' || {inward})"
    good = full_match(whole, f"{POSTCODE_OUTWARD_PATTERN} {POSTCODE_INWARD_PATTERN}")
    dummy = f"{outward} = {literal(PSEUDO_OUTWARD)} OR {one_of(whole, POSTCODE_DUMMIES)}"
    return f"CASE WHEN length({c}) > 4 AND {good} AND NOT ({dummy}) THEN {whole} END"
