"""The national identifiers in SQL: the fast twins of `kernel.identifiers`."""

from __future__ import annotations

from almoner.intake.standardise.expressions import bind, full_match, literal, one_of, replaced
from almoner.kernel.identifiers import NINO_DUMMIES, NINO_PATTERN, NINO_UNALLOCATED_PREFIXES, UPN_LETTERS


def _compact(expr: str) -> str:
    return f"upper(replace(replace({expr}, ' ', ''), '-', ''))"


def _weighted(value: str, start: int, weights: range) -> str:
    return " + ".join(f"(ascii(substr({value}, {start + i}, 1)) - 48) * {w}" for i, w in enumerate(weights))


def nhs_number(expr: str) -> str:
    """Give the ten digits of an NHS number whose check digit is right, else NULL."""
    def body(v: str) -> str:
        good = f"{full_match(v, '[0-9]{10}')} AND {v} <> repeat(left({v}, 1), 10)"
        return f"CASE WHEN {good} AND ({_weighted(v, 1, range(10, 0, -1))}) % 11 = 0 THEN {v} END"

    return bind(_compact(expr), "v", body)


def nino(expr: str) -> str:
    """Give a National Insurance number of the allowed form, else NULL."""
    def body(v: str) -> str:
        bad = f"{one_of(f'left({v}, 2)', NINO_UNALLOCATED_PREFIXES)} OR {one_of(f'left({v}, 8)', NINO_DUMMIES)}"
        return f"CASE WHEN {full_match(v, NINO_PATTERN)} AND NOT ({bad}) THEN {v} END"

    return bind(_compact(expr), "v", body)


def upn(expr: str) -> str:
    """Give a unique pupil number whose check letter is right, else NULL."""
    def body(v: str) -> str:
        last = f"CASE WHEN right({v}, 1) BETWEEN '0' AND '9' THEN ascii(right({v}, 1)) - 48 ELSE instr({literal(UPN_LETTERS)}, right({v}, 1)) - 1 END"
        total = f"({_weighted(v, 2, range(2, 13))} + ({last}) * 13)"
        good = full_match(v, f"[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]")
        return f"CASE WHEN {good} AND substr({literal(UPN_LETTERS)}, CAST({total} % 23 AS INTEGER) + 1, 1) = left({v}, 1) THEN {v} END"

    return bind(_compact(expr), "v", body)


def uln(expr: str) -> str:
    """Give a unique learner number whose check digit is right, else NULL."""
    def body(v: str) -> str:
        total = f"({_weighted(v, 1, range(10, 1, -1))})"
        return f"CASE WHEN {full_match(v, '[1-9][0-9]{9}')} AND 10 - {total} % 11 = ascii(right({v}, 1)) - 48 THEN {v} END"

    return bind(_compact(expr), "v", body)


def uprn(expr: str) -> str:
    """Give a unique property reference number without leading zeros, else NULL."""
    bare = replaced(replaced(_compact(expr), "\\.0$", ""), "^0+", "")
    return bind(bare, "v", lambda v: f"CASE WHEN {full_match(v, '[1-9][0-9]{0,11}')} THEN {v} END")
