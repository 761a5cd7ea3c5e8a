"""What is refused because the ledger would no longer mean what it says: codes that changed, names that are written
otherwise; and reasons that explain nothing. Knows no count."""

from __future__ import annotations

from collections.abc import Sequence

from almoner.kernel.errors import ReleaseRefused, UsageError
from almoner.release.codes import Members
from almoner.release.draft import Draft

LEAST_REASON, MOST_REASON = 10, 500
"""Characters."""


def refuse_redefined(kept: Members, declared: Members) -> None:
    """Refuse codes that now are made of something else than when figures with them went out.

    Raises: ReleaseRefused.
    """
    for name, codes in declared.items():
        for code, parts in codes.items():
            if kept.get(name, {}).get(code, parts) != parts:
                raise ReleaseRefused(
                    f"The code '{code}' of '{name}' was made of other parts when figures with it were published.",
                    where=f"registry [breakdown.{name}]",
                    why="What is out would be compared as if it were about others than it is.",
                    todo="Put the parts back as they were, and give the new list or code a name of its own.",
                )


def refuse_other_spelling(draft: Draft, released: Sequence[str]) -> None:
    """Refuse a population that is out under another spelling: the two would not be compared.

    Raises: ReleaseRefused.
    """
    known = {_spelt(name): name for name in released}
    for population in sorted({column.population for table in draft.tables for column in table.counts()}):
        name = known.get(_spelt(population), population)
        if name != population and population not in released:
            raise ReleaseRefused(
                f"The population '{population}' is out already, written '{name}'.",
                where=f"draft '{draft.title}'",
                why="Figures of two populations are not compared, so one could give the other away.",
                todo="Write it as it was; if these are other people, give them a name that says so.",
            )


def _spelt(population: str) -> str:
    return "".join(character for character in population.casefold() if character.isalnum())


def explained(reason: str) -> str:
    """Give a reason without blanks around it. Raises: UsageError where it explains nothing, or is too long."""
    if len(reason.strip()) < LEAST_REASON:
        raise UsageError(
            "The reason is too short to explain anything.", todo=f"Write at least {LEAST_REASON} characters."
        )
    if len(reason.strip()) > MOST_REASON:
        raise UsageError("The reason is too long to be kept.", todo=f"Write at most {MOST_REASON} characters.")
    return reason.strip()
