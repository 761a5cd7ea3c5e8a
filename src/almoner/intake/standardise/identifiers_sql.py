"""The national identifiers in SQL: the fast twins of `kernel.identifiers`, which says why each rule is as it is.

It must give what the plain Python gives for every text; a generative test compares them.
"""

from __future__ import annotations

import string

from almoner.intake.standardise.expressions import cases, full_match, literal
from almoner.intake.standardise.staging import Staged, Workings
from almoner.kernel.identifiers import NINO_DUMMIES, NINO_PATTERN, SPACING, UPN_LETTERS

_TEN_DIGITS = "[0-9]{10}"
_UPN = f"[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]"


def nhs_number(expr: str) -> Staged:
    """Give the ten digits of an NHS number whose check digit is right, else NULL."""
    work = Workings(f"nhs_number {expr}")
    text, number = _as_number(work, expr, _TEN_DIGITS)
    # One repeated digit passes the check, but is never issued.
    right = f"{_weighted(number, 10, range(10, 0, -1))} % 11 = 0 AND {number} % 1111111111 <> 0"
    return work.staged({"nhs_number": f"CASE WHEN {right} THEN {text} END"})


def nino(expr: str) -> str:
    """Give a National Insurance number of the allowed form, else NULL."""
    dummies = " OR ".join(f"starts_with({{0}}, {literal(dummy)})" for dummy in NINO_DUMMIES)
    compact = _compact(expr)
    return cases(
        [
            (full_match(expr, NINO_PATTERN), f"CASE WHEN NOT ({dummies.format(expr)}) THEN {expr} END"),
            (full_match(compact, NINO_PATTERN), f"CASE WHEN NOT ({dummies.format(compact)}) THEN {compact} END"),
        ],
        "NULL",
    )


def upn(expr: str) -> Staged:
    """Give a unique pupil number whose check letter is right, else NULL."""
    work = Workings(f"upn {expr}")
    text, number = _as_number(work, expr, _UPN, "substr({0}, 2, 11)")
    letters = literal(UPN_LETTERS)
    last = f"right({text}, 1)"
    value = cases([(f"{last} > '9'", f"instr({letters}, {last}) - 1")], f"ascii({last}) - 48")
    total = f"({_weighted(number, 11, range(2, 13))} + {value} * 13)"
    right = f"substr({letters}, CAST({total} % 23 AS INTEGER) + 1, 1) = left({text}, 1)"
    return work.staged({"upn": f"CASE WHEN {right} THEN {text} END"})


def uln(expr: str) -> Staged:
    """Give a unique learner number whose check digit is right, else NULL."""
    work = Workings(f"uln {expr}")
    text, number = _as_number(work, expr, _TEN_DIGITS)
    right = f"10 - {_weighted(number, 10, range(10, 1, -1))} % 11 = {number} % 10"
    return work.staged({"uln": f"CASE WHEN {number} >= 1000000000 AND {right} THEN {text} END"})


def uprn(expr: str) -> str:
    """Give a unique property reference number without leading zeros, else NULL."""
    form = "0*[1-9][0-9]{0,11}(?:[.]0)?"
    compact = _compact(expr)
    digits = f"regexp_extract({compact}, '^0*([1-9][0-9]{{0,11}})', 1)"
    return cases([(full_match(expr, "[1-9][0-9]{0,11}"), expr), (full_match(compact, form), digits)], "NULL")


def _compact(expr: str) -> str:
    """Drop spacing, and make capitals of a to z and of no other letter."""
    kept, dropped = string.ascii_lowercase, "".join(f" || chr({ord(char)})" for char in SPACING)
    return f"translate({expr}, {literal(kept)}{dropped}, {literal(kept.upper())})"


def _as_number(work: Workings, expr: str, form: str, digits: str = "{0}") -> tuple[str, str]:
    """Give the text that has a form, NULL for any other, and its digits as a number."""
    compact = _compact(expr)
    text = work.column("text", cases([(full_match(expr, form), expr), (full_match(compact, form), compact)], "NULL"))
    return text, work.column("number", f"CAST({digits.format(text)} AS DOUBLE)")


def _weighted(number: str, digits: int, weights: range) -> str:
    """Sum the leading digits of a number of so many digits, each times its weight.

    The digit at 10^e is q(e) - 10 q(e+1), where q(e) is the number divided by 10^e: so each q is needed once, times its
    weight less ten times the next smaller one's. Doubles hold whole numbers of 15 digits exactly, and divide faster.
    """
    by_power = {digits - 1 - place: weight for place, weight in enumerate(weights)}
    factors = {power: by_power.get(power, 0) - 10 * by_power.get(power - 1, 0) for power in range(digits)}
    terms = (f"floor({number} / {10**power}) * {factor}" for power, factor in factors.items() if factor)
    return f"({' + '.join(terms)})"
