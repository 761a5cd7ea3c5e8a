"""Companies, landlords, executors and unknown occupiers where a person's name is expected.

It must leave people be: whoever has a title is a person, though he be called Homes or Trust.
"""

from __future__ import annotations

from almoner.intake.standardise.expressions import matches
from almoner.intake.standardise.name_words import TITLES

ALWAYS = (
    "LTD", "LIMITED", "PLC", "LLP", "CIC", "C I C", "CIO", "COUNCIL", "CORPORATION", "COMPANY", "ASSOCIATION",
    "SOCIETY", "PROPERTIES", "HOLDINGS", "INVESTMENTS", "DEVELOPMENTS", "LETTINGS", "HOUSING", "PARTNERSHIP",
    "SERVICES", "FOUNDATION", "TRUSTEES?", "UNIVERSITY", "COLLEGE", "DIOCESE", "NHS", "SECRETARY OF STATE",
    "PERSONAL REPRESENTATIVES?", "EXECUTORS?", "EXORS?", "THE ESTATE OF", "ESTATE OF THE LATE",
    "THE (?:OWNERS?|LANDLORD|TENANTS?|RESIDENTS?)", "OWNER ?/ ?OCCUPIERS?", "OCCUPIERS?",
)  # fmt: skip
"""Words that no person's name holds."""

WITHOUT_A_TITLE = (
    "TRUST", "HOMES", "ESTATES?", "SCHOOL", "HOSPITAL", "HOSTEL", "CHARITY", "CHURCH OF", "BANK OF", "GROUP",
)  # fmt: skip
"""Words that some people are called, but few enough for a name without a title."""

_PERSON = rf"(?i)^\s*(?:{'|'.join(TITLES)})\b"


def is_organisation(expr: str) -> str:
    """Say whether a name is no single person's."""
    either = matches(expr, _words(ALWAYS + WITHOUT_A_TITLE))
    return f"({either} AND ({matches(expr, _words(ALWAYS))} OR NOT {matches(expr, _PERSON)}))"


def _words(words: tuple[str, ...]) -> str:
    return rf"(?i)\b(?:{'|'.join(words)})\b"
