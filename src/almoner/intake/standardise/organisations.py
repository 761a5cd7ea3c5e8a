"""Organisations and unknown occupiers where a person's name is expected."""

from __future__ import annotations

from almoner.intake.standardise.expressions import matches

_WORDS = r"\b(LTD|LIMITED|PLC|LLP|COUNCIL|TRUST|ASSOCIATION|HOMES|PROPERTIES|COMPANY|OWNER|OCCUPIER|EXECUTORS?|HOUSING|ESTATES?|INVESTMENTS|HOLDINGS|LETTINGS|C\.?I\.?C)\b"


def is_organisation(expr: str) -> str:
    """Say whether a name is no person's."""
    return matches(f"upper({expr})", _WORDS)
