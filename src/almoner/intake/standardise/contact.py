"""Telephone numbers and e-mail addresses in one form.

It must never keep a number that forms are filled with when somebody has none: it would join strangers.
"""

from __future__ import annotations

from almoner.intake.standardise.expressions import blank_to_null, cases, full_match, literal, replaced

_UK_MOBILE = "07[0-9]{9}"
_DUMMY = (
    "^[+](?:[0-9]*(?:0{7}|1{7}|2{7}|3{7}|4{7}|5{7}|6{7}|7{7}|8{7}|9{7})|44(?:7123456789|1234567890|7000000[0-9]*))$"
)
"""Seven times the same digit at the end, or counting up from one."""

_E164 = "[+](?:44[1-9][0-9]{8,9}|(?:[1-35-9][0-9]|4[0-35-9])[0-9]{5,13})"
"""Source: ITU-T E.164 (15 digits at most); Ofcom, National Telephone Numbering Plan (9 or 10 digits after 44)."""

EMAIL_FORM = "[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:[.][a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
"""Source: HTML Standard, valid e-mail address, with at least one dot in the domain."""

NO_MAILBOX = ("none", "noemail", "no-email", "no.email", "unknown", "refused", "notgiven", "n/a", "na", "nil", "test")
"""What stands before the @ when somebody has no e-mail address."""


def phone(expr: str) -> str:
    """Give a number in E.164: UK numbers in any spelling, others when they begin with + or 00; else NULL."""
    # Two different last digits rule out the commonest dummies at once.
    sound = f"right({expr}, 1) <> substr({expr}, 10, 1) AND {expr} <> '07123456789' AND left({expr}, 5) <> '07000'"
    digits = replaced(f"replace({expr}, '(0)', '')", "[^0-9+]+")
    for pattern, by in (
        (r"^\+?00", "+"),
        (r"^\+?44\+?0*([1-9])", r"+44\1"),
        (r"^0([1-9])", r"+44\1"),
        (r"^(7[0-9]{9})$", r"+44\1"),  # a spreadsheet dropped the zero
    ):
        digits = replaced(digits, pattern, by, everywhere=False)
    known = replaced(digits, _DUMMY, everywhere=False)
    other = blank_to_null(f"regexp_extract({known}, {literal('^(?:' + _E164 + ')$')})")
    return cases([(f"{sound} AND {full_match(expr, _UK_MOBILE)}", f"'+44' || substr({expr}, 2)")], other)


def email(expr: str) -> str:
    """Give an e-mail address in small letters, NULL for what is none."""
    mailbox = f"^(?:{'|'.join(NO_MAILBOX)})@.*$"
    text = replaced(f"lower(trim({expr}))", mailbox, everywhere=False)
    return blank_to_null(f"regexp_extract({text}, {literal('^(?:' + EMAIL_FORM + ')$')})")
