"""Ids of people as they may stand in a step of SQL."""

from __future__ import annotations


def plain_id(person_id: str) -> str:
    """Accept only the letters and digits that ids are made of."""
    return "".join(character for character in person_id if character.isalnum())
