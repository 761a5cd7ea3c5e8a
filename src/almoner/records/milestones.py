"""What has happened once and for all in a workspace: a log that was begun may be missing, but never begun again."""

from __future__ import annotations

from almoner.records.models import Counter


def has_happened(name: str) -> bool:
    """Say whether a milestone was reached."""
    return Counter.objects.filter(name=name, value__gt=0).exists()


def note_that(name: str) -> None:
    """Note that a milestone was reached."""
    Counter.objects.update_or_create(name=name, defaults={"value": 1})
