"""Why somebody looks: one of the reasons that the registry declares, and words of their own where it needs them."""

from __future__ import annotations

from almoner.web.pages import Visit

PURPOSE = "front_line"
"""The purpose of these pages."""
OTHER = "other"
LEAST_WORDS = 10
"""Characters of a reason of one's own. Source: governance.granting, LEAST_REASON."""


def offered(visit: Visit) -> tuple[str, ...]:
    """Give the reasons to choose from."""
    declared = visit.workspace.registry.purpose.get(PURPOSE)
    return declared.reasons if declared is not None else ()


def read_reason(visit: Visit) -> tuple[str, dict[str, str]]:
    """Read the reason that was chosen in a form. Out: the reason, and what is wrong, by field."""
    return reason_of(visit, visit.field("reason"), visit.field("words", 300))


def reason_of(visit: Visit, chosen: str, words: str) -> tuple[str, dict[str, str]]:
    """Make a reason of the number of the one that was chosen, or OTHER, and of words.

    Out: the reason, and what is wrong, by field.
    """
    choices = offered(visit)
    if chosen.isascii() and chosen.isdecimal() and int(chosen) < len(choices):
        reason = choices[int(chosen)]
        return (f"{reason}: {words}" if words else reason), {}
    if chosen == OTHER or not choices:
        if len(words) >= LEAST_WORDS:
            return words, {}
        return "", {"words": "Say why in a few words, at least 10 characters"}
    return "", {"reason": "Select why you need to look"}
