"""Telephone numbers and e-mail addresses in one form."""

from __future__ import annotations

from almoner.intake.standardise.expressions import bind, full_match, replaced


def phone(expr: str) -> str:
    """Give a UK number in E.164, else NULL."""
    digits = replaced(replaced(expr, "[^0-9+]+", ""), "^(\\+44|0044)0?", "0")
    return bind(digits, "v", lambda v: f"CASE WHEN {full_match(v, '0[1-9][0-9]{8,9}')} AND {v} NOT LIKE '07000000%' THEN '+44' || substr({v}, 2) END")


def email(expr: str) -> str:
    """Give an e-mail address in small letters, else NULL."""
    return bind(f"lower(trim({expr}))", "v", lambda v: f"CASE WHEN {full_match(v, '[^@ ]+@[^@ ]+[.][a-z]{2,}')} THEN {v} END")
